// SPDX-License-Identifier: Apache-2.0
// The clauses that may follow a statement: language reference, 4.5 to 4.7. Internal to `check`.
#pragma once

#include "compiler/check_guards.h"

namespace ringfence::checking {

/// What a decision quotes; `cite`, `because` or `notify` a second time is an error.
RuleText words_of(State&, const ClausesAst&, SourceRange statement);

/// Which clauses a statement may have, and what it is called.
/// `moving`: it lets money move, so `passing title`, `entering` and `then` may stand there.
struct Permitted { const char* what; bool moving, when, required, unless; };
/// Reports every clause that the statement may not have, with what to write instead.
void refuse_clauses(State&, const ClausesAst&, const Permitted&);

/// `when` and `requires`, in written order.
void add_clauses(State&, Scope&, const ClausesAst&, std::vector<Condition>&);
/// `entering`, which is one of `conditions`, or `then`; at most one of them. The mode that it names is resolved where the conditions are.
std::optional<TypedBrings> brings_of(State&, Scope&, const ClausesAst&, const std::vector<Condition>& conditions);
/// `unless`, at most once.
void add_unless(State&, Scope&, const ClausesAst&, std::vector<Condition>&);

}  // namespace ringfence::checking
