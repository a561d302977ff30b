// SPDX-License-Identifier: Apache-2.0
// Guards and slots as Z3 terms: shared by the search's question (solve_feasible.cc) and by making a trace concrete
// (solve_trace.cc). Only the files named solve* know Z3. The certificate has an encoding of its own, in text.
#pragma once

#include <vector>

#include <z3++.h>

#include "verify/coin_state.h"

namespace ringfence::z3_encoding {

/// From `kFirstDayMs`, or the last ones of a calendar that ends before so many have passed.
inline constexpr std::size_t kDaysAsked = 520;

z3::expr number(z3::context&, Int128);
/// The number that an integer term is in the model.
Int128 value_in(const z3::model&, const z3::expr&);

/// One integer term per slot, made by name.
std::vector<z3::expr> fresh_values(z3::context&, const std::vector<Slot>&, const std::string& prefix);

/// 6.9: of `now`.
z3::expr second_of_day(const z3::expr& now);

/// The last instant of a mode with this deadline that was entered then, where `applies`. Of a calendar only `kDaysAsked` business days are asked about.
z3::expr due(z3::solver&, const Vocabulary&, const Deadline&, const z3::expr& entered, const z3::expr& applies);

/// True exactly when all clauses hold for the values.
z3::expr holds(z3::context&, const Guarded&, const std::vector<z3::expr>& values);

/// What every value of its kind satisfies: declared ranges, possible modes, approvals by real persons, one time.
void constrain_ranges(z3::solver&, const Arena&, const std::vector<Slot>&, const std::vector<Mask>& modes_possible,
                      const std::vector<z3::expr>& values, const std::string& prefix);

/// How many persons there are of each of person_kinds(slots): one term each, in that order.
std::vector<z3::expr> person_counts(z3::context&, const std::vector<Slot>&, const std::string& prefix);

}  // namespace ringfence::z3_encoding
