// SPDX-License-Identifier: Apache-2.0
// Decides by a tested body (tested_body.h): all of its tests are answered, each once, and then a clause holds when one of its tests does. What mostly comes of
// that, that the first allow allows, is told by the answers at once.
#pragma once

#include <bit>
#include <span>

#include "runtime/decide_numbers.h"

namespace ringfence {

/// The statements of a body in their order, by the answers of all tests; those of floors were asked of the balance after the move.
struct ByTests {
  const TestedStatement* statements;
  const Mask* clauses;
  Mask answers;
  Index statement(std::uint32_t i) const noexcept { return statements[i].statement; }
  Index first_failing(std::uint32_t i) const noexcept {
    for (Index clause = 0; clause < statements[i].clause_count; ++clause) {
      if ((clauses[statements[i].first_clause + clause] & answers) == 0) return clause;
    }
    return kNone;
  }
};

/// Whether every value is there and in range. Fills in `numbers`.
inline bool read_usable(const TestedBody& tested, const SlotRange* ranges, std::span<const SlotView> slots, std::span<const Value> values, const Transfer& transfer,
                 Numbers& numbers) noexcept {
  if (values.size() < slots.size()) return false;
  numbers[tested.amount] = transfer.amount;
  numbers[kNumberZero] = 0;   // also where no slot is the amount
  for (Mask rest = tested.known; rest != 0; rest &= rest - 1) {
    const auto slot = static_cast<std::size_t>(std::countr_zero(rest));
    if (!has_number(slots[slot], transfer.authority)) return false;
    numbers[slot] = known_number(slots[slot], transfer.amount, transfer.authority);
  }
  for (Mask rest = tested.supplied; rest != 0; rest &= rest - 1) {
    const auto slot = static_cast<std::size_t>(std::countr_zero(rest));
    if (judge_value(values[slot], ranges[slot], transfer.authority.time_ms) != Reason::Allowed) [[unlikely]] return false;
    numbers[slot] = values[slot].number;
  }
  return true;
}

inline Mask answer_tests(const format::Sections& sections, std::span<const BodyTest> tests, const Numbers& numbers) noexcept {
  Mask answers = 0;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const BodyTest& test = tests[i];
    const Int128 sum = test.constant + numbers[test.plus] - numbers[test.minus] - numbers[test.minus_too];
    const bool holds = test.node == kNone ? sum >= 0 : test_holds(sections, sections.nodes[test.node], numbers);
    answers |= Mask{holds} << i;
  }
  return answers;
}

}  // namespace ringfence
