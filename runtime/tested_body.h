// SPDX-License-Identifier: Apache-2.0
// The bodies that have no compact form (compact_body.h), most of them once more in a form in which each test is answered once and a clause is a set of tests, any
// of which makes it hold. load_tested.cc makes them from the checked table; nothing of them is in its bytes, so that what is proved of the bytes is what `decode`
// reads. decide.cc decides by them where every value is there and in range.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/rule_table_format.h"

namespace ringfence {

/// Where numbers are that are in no slot: 0, and the source's balance after the move, which floors are judged on.
inline constexpr std::uint8_t kNumberZero = kSlotsMax, kNumberSourceAfter = kSlotsMax + 1;
inline constexpr std::size_t kNumbersMax = kSlotsMax + 2, kTestsMax = 64;

/// constant + number(plus) - number(minus) - number(minus_too) >= 0; or, with a node, what that says.
struct BodyTest {
  Int128 constant = 0;
  std::uint8_t plus = kNumberZero, minus = kNumberZero, minus_too = kNumberZero;
  std::uint32_t node = 0xFFFF'FFFFu;   ///< kNone: there is none
};

struct TestedStatement { std::uint32_t statement, first_clause, clause_count; };

struct TestedBody {
  Mask supplied = 0, known = 0;      ///< a bit for each slot that the caller gives, and for each that the transfer itself says, but for `amount`
  std::uint32_t first_test = 0, test_count = 0, first_statement = 0;
  std::uint8_t amount = kNumberZero; ///< the slot that is the amount; kNumberZero: there is none
  /// Where of the tests `asked` just those hold that are `allowing`, the first allow is what all statements come to, but for the money: every condition of it, of
  /// floors and of limits has a test that holds, and one of every deny has none. No bit of `asked`, and one of `allowing`: it can't be told so.
  Mask asked = 0, allowing = 1;
};

struct TestedBodies {
  std::vector<std::uint32_t> of_body;         ///< one for each body: into bodies, or kNone
  std::vector<TestedBody> bodies;
  std::vector<BodyTest> tests;
  std::vector<TestedStatement> statements;    ///< of each body, in its order
  std::vector<Mask> clauses;                  ///< of each statement: a bit for each test of its body
};

}  // namespace ringfence
