// SPDX-License-Identifier: Apache-2.0
// What the form and the relation of a transfer ask of its ids (language reference, 8.1 and 8.2), all of them at once: which are zero, and which keys that source
// and destination have at the same position have other ids. With the instructions that every x86-64 has; elsewhere, one by one.
#pragma once

#include <array>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "runtime/transfer.h"

namespace ringfence {

/// The entities that a bucket is keyed by, in the order of its ids; kNoKey behind them.
using Keys = std::array<std::uint16_t, kKeysMax>;
inline constexpr std::uint16_t kNoKey = 0xFFFF;
static_assert(kKeysMax == 4 && kEntitiesMax <= kNoKey);

namespace one_by_one {

/// Of the 32-bit halves of the source's ids, then of the destination's: a bit for each that is zero.
inline std::uint32_t zero_ids(const Ids& from, const Ids& to) noexcept {
  std::uint32_t zero = 0;
  for (std::size_t half = 0; half < 4 * kKeysMax; ++half) {
    const std::uint64_t id = half < 2 * kKeysMax ? from[half / 2] : to[half / 2 - kKeysMax];
    zero |= std::uint32_t{static_cast<std::uint32_t>(id >> 32 * (half % 2)) == 0} << half;
  }
  return zero;
}

/// A bit for each position at which both have the same key, or none, and the ids differ.
inline std::uint32_t differing_ids(const Keys& from_keys, const Ids& from, const Keys& to_keys, const Ids& to) noexcept {
  std::uint32_t differing = 0;
  for (std::size_t i = 0; i < kKeysMax; ++i) differing |= std::uint32_t{from_keys[i] == to_keys[i] && from[i] != to[i]} << i;
  return differing;
}

}  // namespace one_by_one

#ifdef __SSE2__

namespace sse2 {

inline __m128i two_ids(const Ids& ids, std::size_t first) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(ids.data() + first)); }

inline std::uint32_t zero_ids(const Ids& from, const Ids& to) noexcept {
  const __m128i zero = _mm_setzero_si128();
  const __m128i from_zero = _mm_packs_epi32(_mm_cmpeq_epi32(two_ids(from, 0), zero), _mm_cmpeq_epi32(two_ids(from, 2), zero));
  const __m128i to_zero = _mm_packs_epi32(_mm_cmpeq_epi32(two_ids(to, 0), zero), _mm_cmpeq_epi32(two_ids(to, 2), zero));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(from_zero, to_zero)));
}

inline std::uint32_t differing_ids(const Keys& from_keys, const Ids& from, const Keys& to_keys, const Ids& to) noexcept {
  const __m128 first = _mm_castsi128_ps(_mm_cmpeq_epi32(two_ids(from, 0), two_ids(to, 0))), last = _mm_castsi128_ps(_mm_cmpeq_epi32(two_ids(from, 2), two_ids(to, 2)));
  const __m128 equal = _mm_and_ps(_mm_shuffle_ps(first, last, _MM_SHUFFLE(2, 0, 2, 0)), _mm_shuffle_ps(first, last, _MM_SHUFFLE(3, 1, 3, 1)));
  const auto keys_of = [](const Keys& keys) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(keys.data())); };
  const __m128i shared = _mm_cmpeq_epi16(keys_of(from_keys), keys_of(to_keys));
  return static_cast<std::uint32_t>(_mm_movemask_ps(_mm_andnot_ps(equal, _mm_castsi128_ps(_mm_unpacklo_epi16(shared, shared)))));
}

}  // namespace sse2

using sse2::differing_ids;
using sse2::zero_ids;

#else

using one_by_one::differing_ids;
using one_by_one::zero_ids;

#endif

}  // namespace ringfence
