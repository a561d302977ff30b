// SPDX-License-Identifier: Apache-2.0
// The bodies that most rows have, once more in a form that is decided with hardly a branch: one allow and at most one deny rule, whose conditions are
// bounds on the amount, and a few comparisons of sums of at most three values. load_compact.cc makes them from the checked table; nothing of them is in its
// bytes, so that what is proved of the bytes is what `decode` reads. decide_compact.h decides by them.
#pragma once

#include <array>
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
inline constexpr std::uint8_t kTestLeast = 0, kTestMost = 2, kTestFirst = 4, kTestTrue = 7;

/// One cache line, and a second for what has more than bounds on the amount.
struct alignas(128) CompactBody {
  std::array<std::uint64_t, 2> least, most;   ///< tests 0 and 1: amount >= least; tests 2 and 3: amount <= most. Below 2^63
  std::uint64_t clauses;             ///< a byte each: tests any of which makes it hold. Bytes 0 to 3 are the allow's, 4 to 7 the deny's
  std::array<Index, 2> statements;   ///< the allow, the deny
  std::uint8_t source, destination;  ///< slots of their balances; an external has the other's
  bool from_external, to_external;   ///< has all funds; has room for any amount
  std::uint8_t slot_count;
  std::uint8_t others;               ///< a bit for each other slot whose value the caller gives
  std::uint8_t more_tests;           ///< a bit for each of `tests` that is there
  std::uint8_t approval_tests;       ///< of those, the ones that name approvals
  std::uint64_t approval_roles;      ///< of the one slot of approvals, 0: none
  std::array<CompactTest, kCompactTests> tests;
};
static_assert(sizeof(CompactTest) == 16 && sizeof(CompactBody) == 128 && offsetof(CompactBody, tests) == 64);

}  // namespace ringfence
