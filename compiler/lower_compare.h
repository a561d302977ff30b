// SPDX-License-Identifier: Apache-2.0
// Comparisons as integer tests: language reference, section 7. A sum of fractions of slots goes in; a test whose coefficients are
// integers comes out, proved not to leave +-(2^127-1) for any values that the slots may have, in any order of addition.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "compiler/lower_formula.h"
#include "compiler/moves.h"

namespace ringfence {

/// What stands in the way of lowering a statement; the caller knows the place in the text.
struct Problem { std::string code, message, help; };

/// numerator / denominator * slot; a constant where slot is kNone. The denominator is above 0.
struct Part { Index slot = kNone; Int128 numerator = 0; std::int64_t denominator = 1; };

enum class Against : std::uint8_t { AtLeastZero, AboveZero, Zero };

/// sum(parts) >= 0, > 0 or = 0, as a leaf over `slots`, or as a constant where no slot is left. `holds` false: its negation.
std::variant<Formula, Problem> compare(const Vocabulary&, const std::vector<Slot>& slots, const std::vector<Part>& parts, Against, bool holds);

/// The largest magnitude that the slot's value may have (7.2); for a mode, the last position.
Int128 bound_of(const Vocabulary&, const Slot&);

}  // namespace ringfence
