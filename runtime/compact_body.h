// SPDX-License-Identifier: Apache-2.0
// The bodies that most rows have, once more in a form that is decided with hardly a branch: one allow and at most one deny rule, whose conditions are
// bounds on the amount, and a few comparisons of sums of at most three values. load_compact.cc makes them from the checked table; nothing of them is in its
// bytes, so that what is proved of the bytes is what `decode` reads. decide_compact.h decides by them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "runtime/rule_table_format.h"

namespace ringfence {

/// constant + operand(plus) - operand(minus) - operand(minus_too) >= 0, with a constant of 96 bits and sign.
struct CompactTest {
  std::uint64_t low;
  std::int32_t high;
  std::uint8_t plus, minus, minus_too, reserved;
};

inline constexpr std::size_t kCompactSlots = 4, kCompactTests = 3, kCompactClauses = 4;
/// What a test may name: a supplied value by its slot, and these.
enum CompactOperand : std::uint8_t { kOperandAmount = kCompactSlots, kOperandApprovals, kOperandZero, kCompactOperands };

/// Tests by their bit in a clause: 0 to 3 are bounds on the amount, those from 4 on are `tests`, 7 always holds.
inline constexpr std::size_t kBoundsMax = 4;
inline constexpr std::uint8_t kTestFirst = kBoundsMax, kTestTrue = 7;

/// What the conditions of a body come to: they allow, but for the money; the deny rule holds; the condition of the allow that is the first to fail; what
/// the bounds do not tell. The body of no row has no rule.
enum CompactVerdict : std::uint8_t { kVerdictAllow, kVerdictDeny, kVerdictCondition, kVerdictNoRule = kVerdictCondition + kCompactClauses, kVerdictMore, kVerdicts };
/// Next to a verdict: what is wrong with the money.
inline constexpr std::uint8_t kNoFunds = 1, kNoRoom = 2, kMoneyStates = 4;

inline constexpr Index kCompactOfNone = 0;   ///< of compact bodies: that of no row

/// One cache line, and a second for what has more than bounds on the amount. What the bounds say changes only where the amount exceeds a threshold: it is said
/// for each rank, which is how many it exceeds.
struct alignas(128) CompactBody {
  std::array<std::uint64_t, kBoundsMax> thresholds;           ///< below 2^63, in their order, then such as none exceeds
  std::array<std::uint8_t, kBoundsMax + 1> verdict_by_rank;   ///< times kMoneyStates
  std::array<std::uint8_t, kBoundsMax + 1> bounds_by_rank;    ///< a bit for each that holds
  std::uint8_t source, destination;  ///< where their balances are among the values, in bytes; an external has the other's
  std::uint8_t money;                ///< kNoFunds, kNoRoom: what can be wrong. An external has all funds, and room for any amount
  std::uint8_t slot_count;
  std::array<Index, 2> statements;   ///< the allow, the deny
  std::uint8_t others;               ///< a bit for each other slot whose value the caller gives
  std::uint8_t more_tests;           ///< a bit for each of `tests` that is there
  std::uint8_t approval_tests;       ///< of those, the ones that name approvals
  alignas(64) std::uint64_t clauses; ///< a byte each: tests any of which makes it hold. Bytes 0 to 3 are the allow's, 4 to 7 the deny's
  std::uint64_t approval_roles;      ///< of the one slot of approvals, 0: none
  std::array<CompactTest, kCompactTests> tests;
};
static_assert(sizeof(CompactTest) == 16 && sizeof(CompactBody) == 128 && offsetof(CompactBody, clauses) == 64);

/// Of each byte of `clauses` that has none of the bits: the top bit.
constexpr std::uint64_t failing_clauses(std::uint64_t clauses, std::uint32_t bits) noexcept {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101u, kLow = 0x7F * kEach;
  const std::uint64_t common = clauses & bits * kEach;
  return ~(((common & kLow) + kLow) | common) & ~kLow;
}

/// What these answers to the tests come to.
constexpr CompactVerdict verdict_of(const CompactBody& body, std::uint32_t answers) noexcept {
  const std::uint64_t failing = failing_clauses(body.clauses, answers);
  if (failing >> 32 == 0) return kVerdictDeny;
  return static_cast<std::uint32_t>(failing) == 0 ? kVerdictAllow : static_cast<CompactVerdict>(kVerdictCondition + std::countr_zero(failing) / 8);
}

}  // namespace ringfence
