// SPDX-License-Identifier: Apache-2.0
// A decision as bytes, as a gate remembers it with an id: in one word where that has the bits, as for nearly every table, and field by field otherwise. Holds:
// what is read is what was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtime/decision.h"

namespace ringfence {

template <class Word>
inline std::byte* put_word(std::byte* at, Word word) noexcept {
  std::memcpy(at, &word, sizeof word);
  return at + sizeof word;
}
template <class Word, class Byte>
inline Word get_word(const Byte* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Bits of the fields in one word; what may be kNone has one added to it.
struct AnswerBits {
  static constexpr unsigned kReason = 8, kStatement = 20, kClause = 6, kSlot = 7, kMove = 22;
  static constexpr std::uint64_t kIsLong = std::uint64_t{1} << 63;
  static_assert(kReason + kStatement + kClause + kSlot + kMove == 63);
};
inline constexpr std::size_t kAnswerBytesMax = sizeof(std::uint64_t) + 4 * sizeof(Index);

std::byte* put_long_answer(std::byte* at, const Decision&) noexcept;
/// To where there is room for kAnswerBytesMax. Returns the end of what was written.
inline std::byte* put_answer(std::byte* at, const Decision& answer) noexcept {
  const std::uint64_t statement = answer.statement + 1, clause = answer.clause + 1, slot = answer.slot + 1, move = answer.move + 1;
  if ((statement >> AnswerBits::kStatement | clause >> AnswerBits::kClause | slot >> AnswerBits::kSlot | move >> AnswerBits::kMove) != 0) [[unlikely]]
    return put_long_answer(at, answer);
  const std::uint64_t packed = ((move << AnswerBits::kSlot | slot) << AnswerBits::kClause | clause) << AnswerBits::kStatement | statement;
  return put_word(at, packed << AnswerBits::kReason | static_cast<std::uint64_t>(answer.reason));
}
/// Returns the end of what was read.
const std::byte* get_answer(const std::byte* at, Decision&) noexcept;

}  // namespace ringfence
