// SPDX-License-Identifier: Apache-2.0
// A guard on one move, between its typed tree and its program: tests joined by and / or, with `not` already pushed down to the
// tests and constants already folded away. `lay_out` turns it into the jump program of moves.h.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/moves.h"

namespace ringfence {

struct Formula {
  enum class Kind : std::uint8_t { Constant, Leaf, All, AnyOf } kind = Kind::Constant;
  bool value = true;            ///< Constant: its truth. Leaf: whether the test must hold (true) or fail (false)
  Test test;                    ///< Leaf
  std::vector<Formula> parts;   ///< All, AnyOf: two or more, none a Constant
};

Formula constant(bool value);
Formula leaf(Test test, bool holds);
/// Conjunction and disjunction; constants among the parts are folded, so that a Constant is only ever the whole formula.
Formula all_of(std::vector<Formula> parts);
Formula any_of(std::vector<Formula> parts);

/// Short-circuit program: parts are tested in their order, every jump goes forward, every node can be reached. True is the empty
/// program; false is one node whose test, -1 >= 0, fails.
std::vector<Node> lay_out(const Formula&);

}  // namespace ringfence
