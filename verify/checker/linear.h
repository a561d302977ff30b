// SPDX-License-Identifier: Apache-2.0
// Linear inequalities over integers: whether they can't all hold. Fourier-Motzkin elimination with exact 128-bit numbers, each inequality
// rounded to integers; what it calls impossible is. What it can't tell, for size or overflow, it calls possible, and says so.
#pragma once

#include <optional>
#include <vector>

#include "table.h"

namespace checker {

/// sum(coefficients[i] * variable i) + constant >= 0.
struct Inequality { std::vector<Wide> coefficients; Wide constant = 0; };

enum class Solvable { No, Maybe, GaveUp };
/// All inequalities have as many coefficients. When the answer is Maybe: integers that satisfy all of them, one for each coefficient; nothing where
/// none were found.
Solvable solve(std::vector<Inequality>, std::optional<std::vector<Wide>>& integers);

}  // namespace checker
