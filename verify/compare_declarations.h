// SPDX-License-Identifier: Apache-2.0
// What a table repeats of its policy rather than decides by: declarations, fences, the list of statements with their words, limits, the
// digest of the source. Compared as they are; each function gives the first difference.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/typed_policy.h"
#include "verify/equivalence.h"

namespace ringfence::equivalence {

/// The statements that the policy's table must list: rules, floors, limits, transitions, each in text order.
std::vector<Statement> statements_of(const TypedPolicy&);

/// What slots, rows and statements are numbered by: before anything else. `compared` counts what was looked at.
std::optional<TableDifference> compare_declarations(const TypedPolicy&, const Moves& table, std::size_t& compared);
/// What decisions quote, and the digest.
std::optional<TableDifference> compare_words(const TypedPolicy&, const Moves& table, std::size_t& compared);

TableDifference difference_of_words(std::string place, const std::string& by_policy, const std::string& by_table);

}  // namespace ringfence::equivalence
