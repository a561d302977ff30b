// SPDX-License-Identifier: Apache-2.0
// The checksum of a rule table: XXH64 with seed 0 (rule_table_format.h names the specification), fed in pieces so that the
// checksum field itself can count as zero without a copy of the table.
#include <array>
#include <cstring>

#include "runtime/rule_table_format.h"

namespace ringfence::format {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87u, kPrime2 = 0xC2B2AE3D27D4EB4Fu, kPrime3 = 0x165667B19E3779F9u,
                        kPrime4 = 0x85EBCA77C2B2AE63u, kPrime5 = 0x27D4EB2F165667C5u;
constexpr std::size_t kStripeBytes = 32;
static_assert(offsetof(Header, checksum) + sizeof(Header::checksum) <= kStripeBytes, "the first stripe is the one to copy");

template <class Word>
std::uint64_t read(const std::byte* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint64_t round(std::uint64_t accumulator, std::uint64_t word) noexcept {
  return std::rotl(accumulator + word * kPrime2, 31) * kPrime1;
}

using Lanes = std::array<std::uint64_t, 4>;
constexpr Lanes kLanesStart = {kPrime1 + kPrime2, kPrime2, 0, std::uint64_t{0} - kPrime1};

void take_stripes(Lanes& lanes, const std::byte* at, std::size_t stripe_count) noexcept {
  Lanes now = lanes;
  for (; stripe_count != 0; --stripe_count) {
    for (std::size_t lane = 0; lane < 4; ++lane, at += 8) now[lane] = round(now[lane], read<std::uint64_t>(at));
  }
  lanes = now;
}

std::uint64_t merge(const Lanes& lanes) noexcept {
  std::uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

/// The bytes after the last whole stripe, and the final mix.
std::uint64_t finish(std::uint64_t hash, const std::byte* at, const std::byte* end) noexcept {
  for (; end - at >= 8; at += 8) hash = std::rotl(hash ^ round(0, read<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
  if (end - at >= 4) {
    hash = std::rotl(hash ^ (read<std::uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at != end; ++at) hash = std::rotl(hash ^ (read<std::uint8_t>(at) * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace

std::uint64_t xxh64(const std::byte* bytes, std::size_t count) noexcept {
  std::uint64_t hash = kPrime5;
  const std::size_t stripe_count = count / kStripeBytes;
  if (stripe_count != 0) {
    Lanes lanes = kLanesStart;
    take_stripes(lanes, bytes, stripe_count);
    hash = merge(lanes);
  }
  return finish(hash + count, bytes + stripe_count * kStripeBytes, bytes + count);
}

std::uint64_t table_checksum(const std::byte* bytes, std::size_t count) noexcept {
  std::array<std::byte, kStripeBytes> start;
  std::memcpy(start.data(), bytes, start.size());
  std::memset(start.data() + offsetof(Header, checksum), 0, sizeof(Header::checksum));
  Lanes lanes = kLanesStart;
  take_stripes(lanes, start.data(), 1);
  const std::size_t stripe_count = count / kStripeBytes;
  take_stripes(lanes, bytes + kStripeBytes, stripe_count - 1);
  return finish(merge(lanes) + count, bytes + stripe_count * kStripeBytes, bytes + count);
}

}  // namespace ringfence::format
