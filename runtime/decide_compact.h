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

/// `values` as many as the body has slots; for the body of no row, which has none, one that will do.
inline const Value* first_value(const CompactBody& body, std::span<const Value> values) noexcept {
  static constexpr Value kAny{0, 0, true};
  return body.slot_count == 0 ? &kAny : values.data();
}

inline const Value& value_at(const Value* first, std::uint8_t offset) noexcept {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const std::byte*>(first) + offset);
}

inline std::uint64_t low_of(const Int128& number) noexcept { return static_cast<std::uint64_t>(number); }
inline std::uint64_t high_of(const Int128& number) noexcept { return static_cast<std::uint64_t>(number >> 64); }

/// Whether there are values for all slots, and the balances are usable.
inline bool is_usable(const CompactBody& body, std::span<const Value> values) noexcept {
  if (values.size() < body.slot_count) [[unlikely]] return false;
  const Value* const first = first_value(body, values);
  const Value& source = value_at(first, body.source);
  const Value& destination = value_at(first, body.destination);
  return (source.present & destination.present) != 0 && (high_of(source.number) | high_of(destination.number)) >> 32 == 0;
}

/// How many of the thresholds an amount exceeds that is in range; one of more than 64 bits exceeds each that is one.
inline std::size_t rank_of(const CompactBody& body, const Int128& amount) noexcept {
  const std::uint64_t clamped = low_of(amount) | (std::uint64_t{0} - std::uint64_t{high_of(amount) != 0});
  std::size_t rank = 0;
#pragma GCC unroll 4
  for (const std::uint64_t threshold : body.thresholds) rank += threshold < clamped;
  return rank;
}

/// A bit for each test that holds, also those that always do; 0 where one of the `others` is missing or out of range. Approvals are counted where it matters
/// how many there are.
inline std::uint32_t answer_all(const CompactBody& body, const Transfer& transfer, std::span<const Value> values) noexcept {
  std::uint32_t answers = 1u << kTestTrue | body.bounds_by_rank[rank_of(body, transfer.amount)];
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

/// A decision without what it is about. The statement: the allow, the deny or none.
struct Outcome { Reason reason; std::uint8_t statement; std::int8_t no_statement, clause; };   ///< -1: none
/// By the verdict and what is wrong with the money. The first in the order of section 8.
inline constexpr std::array<Outcome, kVerdicts * kMoneyStates> kOutcomes = [] {
  std::array<Outcome, kVerdicts * kMoneyStates> outcomes{};
  for (std::uint8_t money = 0; money < kMoneyStates; ++money) {
    const auto at = [&](unsigned verdict) -> Outcome& { return outcomes[verdict * kMoneyStates + money]; };
    if ((money & kNoFunds) != 0) at(kVerdictAllow) = {Reason::Funds, 0, -1, -1};
    else if ((money & kNoRoom) != 0) at(kVerdictAllow) = {Reason::Overflow, 0, -1, -1};
    else at(kVerdictAllow) = {Reason::Allowed, 0, 0, -1};
    at(kVerdictDeny) = {Reason::DenyRule, 1, 0, -1};
    for (std::int8_t clause = 0; clause < std::int8_t{kCompactClauses}; ++clause) at(kVerdictCondition + static_cast<unsigned>(clause)) = {Reason::Condition, 0, 0, clause};
    at(kVerdictNoRule) = {Reason::NoRule, 0, -1, -1};
  }
  return outcomes;
}();

/// By a verdict (times kMoneyStates), and the balances that are there.
inline Decision judge(const CompactBody& body, Index row, std::uint32_t verdict, const Int128& amount, std::span<const Value> values) noexcept {
  const Value* const first = first_value(body, values);
  const Int128& source = value_at(first, body.source).number;
  const Int128& destination = value_at(first, body.destination).number;
  // Both are below 2^96: what is borrowed or carried shows in the halves.
  const std::uint64_t left = high_of(source) - high_of(amount) - std::uint64_t{low_of(source) < low_of(amount)};
  const std::uint64_t low = low_of(destination) + low_of(amount), held = high_of(destination) + high_of(amount) + std::uint64_t{low < low_of(amount)};
  static_assert(kNoFunds == 1 && kNoRoom == 2);
  const auto wrong = static_cast<std::uint32_t>(left >> 63 | held >> 32 << 1);
  const Outcome& outcome = kOutcomes[verdict | (wrong & body.money)];
  return {outcome.reason, body.statements[outcome.statement] | static_cast<Index>(outcome.no_statement), static_cast<Index>(outcome.clause), kNone, row};
}

}  // namespace compact

/// What is decided by more than the bounds on the amount, of a row with a compact body, values for all of its slots and usable balances.
Decision decide_more(const RuleTable&, const Transfer&, Index row, std::span<const Value> values, Floors) noexcept;

}  // namespace ringfence
