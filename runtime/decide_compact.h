// SPDX-License-Identifier: Apache-2.0
// Decides by a compact body: language reference, 8.3 to 8.7, where every value is there and in range. What half of all transfers may answer either way
// is selected and not branched upon.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "runtime/compact_body.h"
#include "runtime/decide_numbers.h"

namespace ringfence {

namespace compact {

/// 0 to 2^96 - 1: what a balance may be, and the default range of an amount.
inline bool is_in_range(Int128 number) noexcept { return static_cast<UInt128>(number) >> 96 == 0; }

inline std::uint32_t test_bit(const CompactTest& test, const Int128 (&operands)[kCompactOperands]) noexcept {
  const Int128 constant = Int128{test.high} * (Int128{1} << 64) + Int128{test.low};
  return constant + operands[test.plus] - operands[test.minus] - operands[test.minus_too] >= 0;
}

/// Of each byte of `clauses` that has none of the bits: the top bit.
inline std::uint64_t failing_clauses(std::uint64_t clauses, std::uint32_t bits) noexcept {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101u, kLow = 0x7F * kEach;
  const std::uint64_t common = clauses & bits * kEach;
  return ~(((common & kLow) + kLow) | common) & ~kLow;
}

/// `values` as many as the body has slots; for the body of no row, which has none, one that will do.
inline const Value* first_value(const CompactBody& body, std::span<const Value> values) noexcept {
  static constexpr Value kAny{0, 0, true};
  const Value* const given[] = {values.data(), &kAny};
  return given[body.slot_count == 0];
}

/// Whether there are values for all slots, and the balances and the amount are usable.
inline bool is_usable(const CompactBody& body, Int128 amount, std::span<const Value> values) noexcept {
  if (values.size() < body.slot_count) [[unlikely]] return false;
  const Value* const first = first_value(body, values);
  const Value& source = first[body.source];
  const Value& destination = first[body.destination];
  return source.present && destination.present && is_in_range(source.number | destination.number | amount);
}

/// A bit for each test that holds: kTestTrue and the bounds. Of an amount in range; one of more than 64 bits is above every bound.
inline std::uint32_t answer_bounds(const CompactBody& body, Int128 amount) noexcept {
  const auto low = static_cast<std::uint64_t>(amount), high = static_cast<std::uint64_t>(amount >> 64);
  const std::uint64_t clamped = low | (std::uint64_t{0} - static_cast<std::uint64_t>(high != 0));
  return 1u << kTestTrue | static_cast<std::uint32_t>(clamped >= body.least[0]) << kTestLeast | static_cast<std::uint32_t>(clamped >= body.least[1]) << (kTestLeast + 1) |
         static_cast<std::uint32_t>(clamped <= body.most[0]) << kTestMost | static_cast<std::uint32_t>(clamped <= body.most[1]) << (kTestMost + 1);
}

/// Those and the answers of `tests`; 0 where one of the `others` is missing or out of range. Approvals are counted where it matters how many there are.
inline std::uint32_t answer_more(const CompactBody& body, const Transfer& transfer, std::span<const Value> values) noexcept {
  std::uint32_t answers = answer_bounds(body, transfer.amount);
  Int128 operands[kCompactOperands];
  for (std::size_t i = 0; body.others >> i != 0; ++i) {
    if ((body.others >> i & 1) != 0 && !(values[i].present && is_in_range(values[i].number))) return 0;
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kCompactSlots; ++i) operands[i] = values[std::min<std::size_t>(i, body.slot_count - 1u)].number;
  operands[kOperandAmount] = transfer.amount;
  operands[kOperandApprovals] = operands[kOperandZero] = 0;
#pragma GCC unroll 3
  for (std::size_t i = 0; i < kCompactTests; ++i) answers |= test_bit(body.tests[i], operands) << (kTestFirst + i);
  const std::uint32_t never = answers & ~std::uint32_t{body.approval_tests}, always = answers | body.approval_tests;
  if (failing_clauses(body.clauses, never) == failing_clauses(body.clauses, always)) [[likely]] return answers;
  operands[kOperandApprovals] = count_approvals(transfer.authority, body.approval_roles);
  answers = never;
  for (std::size_t i = 0; i < kCompactTests; ++i) answers |= test_bit(body.tests[i], operands) << (kTestFirst + i);
  return answers;
}

/// What decides, by what is wrong: bit 0 a deny rule holds, 1 the allow rule does not, 2 no funds, 3 no room. The first in this order (section 8).
struct Outcome { Reason reason; std::uint8_t statement; bool has_no_clause; };   ///< statement: 0 the allow, 1 the deny, 2 none
inline constexpr std::array<Outcome, 16> kOutcomes = [] {
  std::array<Outcome, 16> outcomes{};
  for (unsigned wrong = 0; wrong < 16; ++wrong) {
    if ((wrong & 1) != 0) outcomes[wrong] = {Reason::DenyRule, 1, true};
    else if ((wrong & 2) != 0) outcomes[wrong] = {Reason::Condition, 0, false};
    else if ((wrong & 4) != 0) outcomes[wrong] = {Reason::Funds, 2, true};
    else if ((wrong & 8) != 0) outcomes[wrong] = {Reason::Overflow, 2, true};
    else outcomes[wrong] = {Reason::Allowed, 0, true};
  }
  return outcomes;
}();

/// By the clauses that fail, and the balances that are there.
inline Decision judge(const CompactBody& body, Index row, std::uint64_t failing, Int128 amount, std::span<const Value> values) noexcept {
  const Value* const first = first_value(body, values);
  const auto allow_failing = static_cast<std::uint32_t>(failing), deny_failing = static_cast<std::uint32_t>(failing >> 32);
  const bool has_funds = (first[body.source].number >= amount) | body.from_external, has_room = is_in_range(first[body.destination].number + amount) | body.to_external;
  const Outcome outcome = kOutcomes[static_cast<unsigned>(deny_failing == 0) | static_cast<unsigned>(allow_failing != 0) << 1 | static_cast<unsigned>(!has_funds) << 2 |
                                    static_cast<unsigned>(!has_room) << 3];
  const Index statements[] = {body.statements[0], body.statements[1], kNone};
  const Index clause = static_cast<Index>(std::countr_zero(allow_failing | std::uint32_t{1} << 31) / 8) | (Index{0} - outcome.has_no_clause);
  return {outcome.reason, statements[outcome.statement], clause, kNone, row};
}

}  // namespace compact
}  // namespace ringfence
