// SPDX-License-Identifier: Apache-2.0
// See gate_answer.h.
#include "runtime/gate_answer.h"

#include <initializer_list>

namespace ringfence {

std::byte* put_long_answer(std::byte* at, const Decision& answer) noexcept {
  at = put_word(at, AnswerBits::kIsLong | static_cast<std::uint64_t>(answer.reason));
  for (const Index field : {answer.statement, answer.clause, answer.slot, answer.move}) at = put_word(at, field);
  return at;
}

const std::byte* get_answer(const std::byte* at, Decision& answer) noexcept {
  auto packed = get_word<std::uint64_t>(at);
  at += sizeof packed;
  const auto take = [&](unsigned bits) {
    const std::uint64_t field = packed & ((std::uint64_t{1} << bits) - 1);
    packed >>= bits;
    return static_cast<Index>(field);
  };
  const bool is_long = (packed & AnswerBits::kIsLong) != 0;
  answer.reason = static_cast<Reason>(take(AnswerBits::kReason));
  if (is_long) {
    for (Index* const field : {&answer.statement, &answer.clause, &answer.slot, &answer.move}) *field = get_word<Index>(at), at += sizeof(Index);
    return at;
  }
  answer.statement = take(AnswerBits::kStatement) - 1;
  answer.clause = take(AnswerBits::kClause) - 1;
  answer.slot = take(AnswerBits::kSlot) - 1;
  answer.move = take(AnswerBits::kMove) - 1;
  return at;
}

}  // namespace ringfence
