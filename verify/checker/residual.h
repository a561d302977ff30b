// SPDX-License-Identifier: Apache-2.0
// What is left of a certificate's `inv` where all is known but the balances: a condition of linear inequalities over them, joined by `and` and
// `or`. In: a function and its arguments, some of them variables. Out: a condition that holds exactly where the function does.
#pragma once

#include <memory>

#include "linear.h"
#include "smt.h"

namespace checker {

struct Formula;
using Condition = std::shared_ptr<const Formula>;   ///< never null; the two truths are one object each

/// sum of balances >= 0; or all, or any, of the parts.
struct Formula {
  enum class Kind { AtLeastZero, All, Any };
  Kind kind = Kind::All;
  Inequality inequality;                ///< its variables are those of the arguments
  std::vector<Condition> parts;
};

const Condition& always();
const Condition& never();
Condition negation(const Condition&);

/// An argument of a function: a number, or a variable.
struct Argument { bool is_variable = false; Wide number = 0; Index variable = 0; };
/// Throws TooLarge where the function is not linear over the variables, or computes beyond 128 bits; Unusable where a number stands for a truth.
Condition residual(const Definitions&, Index function, const std::vector<Argument>&, Index variable_count);

}  // namespace checker
