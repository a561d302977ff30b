// SPDX-License-Identifier: Apache-2.0
// The passes from text to rule table, each a free function from one artefact to the next. What must have happened before is the
// argument's type. None keeps state; each may be called from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ast.h"
#include "compiler/diagnostic.h"
#include "compiler/moves.h"
#include "compiler/typed_policy.h"
#include "runtime/limits.h"

namespace ringfence {

/// What a file that a policy names says (language reference, 2.13); nothing when it can't be read. Without a reader none can.
using FileReader = std::function<std::optional<std::string>(const std::string& name)>;

template <class Artefact>
struct Passed {
  std::optional<Artefact> artefact;   ///< empty when `diagnostics` has an error
  Diagnostics diagnostics;
};

/// Text to syntax tree. Any bytes at all are fine: what is not a policy gives diagnostics. Linear in the text.
Passed<PolicyAst> parse(std::string_view source, const Limits& = {});
/// Names, units, linearity, ranges, relations: language reference, sections 2 to 7 and 11. `source` is the text that was parsed.
Passed<TypedPolicy> check(const PolicyAst&, std::string_view source, const Limits& = {}, const FileReader& = {});
/// Patterns expanded, references resolved, guards scaled to integers and laid out as programs. Overflow and size are diagnosed here.
Passed<Moves> lower(const TypedPolicy&, const Limits& = {});
/// The rule table's bytes: runtime/rule_table.md. Deterministic.
std::vector<std::byte> emit(const Moves&);

/// parse, check, lower, emit, stopping at the first pass that finds an error.
struct Compiled { TypedPolicy policy; Moves moves; std::vector<std::byte> table; };
Passed<Compiled> compile(std::string_view source, const Limits& = {}, const FileReader& = {});

}  // namespace ringfence
