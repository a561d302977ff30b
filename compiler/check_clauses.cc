// SPDX-License-Identifier: Apache-2.0
// Clauses: what a statement may carry, each at most once where once is meant, and the conditions they make.
#include "compiler/check_clauses.h"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

namespace ringfence::checking {
namespace {

/// For what has no conditions at all: a deadline.
constexpr const char* kWhatever = "it passes whatever else is true; write the condition on a transition out of the mode";

}  // namespace

RuleText words_of(State& state, const ClausesAst& clauses, SourceRange statement) {
  RuleText words;
  words.line = state.line_of(statement.begin);
  words.text = state.first_line(statement);
  const auto twice = [&](SourceRange range, const char* word, const char* help) { state.error("E0309", range, fmt::format("`{}` stands here twice", word), help); };
  if (!clauses.cite.empty()) words.cite = clauses.cite.front().text;
  if (clauses.cite.size() > 1) twice(clauses.cite[1].range, "cite", "join the two texts");
  if (!clauses.because.empty()) words.because = clauses.because.front().text;
  if (clauses.because.size() > 1) twice(clauses.because[1].range, "because", "join the two texts");
  for (const NamesAst& names : clauses.notify) words.notify |= state.find_mask(Kind::Role, names);
  if (clauses.notify.size() > 1) twice(clauses.notify[1].range, "notify", "write the roles in one list");
  return words;
}

void refuse_clauses(State& state, const ClausesAst& clauses, const Permitted& permitted) {
  if (clauses.passing_title && !permitted.moving)
    state.error("E0308", clauses.passing_title_range, fmt::format("{} moves nothing, so it passes no title", permitted.what), "`passing title` belongs to the allow rule of the move");
  if (!clauses.brings.empty() && !permitted.moving)
    state.error("E0308", clauses.brings.front().range, fmt::format("{} moves nothing, so it brings no change of mode", permitted.what), "`entering` and `then` belong to the allow rule of the move");
  for (const auto& condition : clauses.conditions) {
    if (condition.entering) continue;
    if (condition.requires_evidence ? permitted.required : permitted.when) continue;
    const char* help = !permitted.when && !permitted.unless ? kWhatever : !permitted.unless ? "write `when not evidence ...` for what is denied without it" : condition.requires_evidence ? "write a rule that requires it" : "write what lifts it, as `unless ...`";
    state.error("E0310", condition.guard.range, fmt::format("{} has no `{}`", permitted.what, condition.requires_evidence ? "requires" : "when"), help);
  }
  if (permitted.unless) return;
  for (const GuardAst& guard : clauses.unless)
    state.error("E0310", guard.range, fmt::format("{} has no `unless`", permitted.what), permitted.when ? "write `when not (...)`" : kWhatever);
}

void add_clauses(State& state, Scope& scope, const ClausesAst& clauses, std::vector<Condition>& out) {
  for (const auto& condition : clauses.conditions) {
    if (condition.requires_evidence) add_required(state, condition.guard, out);
    else add_conditions(state, scope, condition.guard, out);
  }
}

std::optional<TypedBrings> brings_of(State& state, Scope& scope, const ClausesAst& clauses, const std::vector<Condition>& conditions) {
  if (clauses.brings.empty()) return std::nullopt;
  if (clauses.brings.size() > 1) state.error("E0309", clauses.brings[1].range, "a rule brings one change of mode", "write a rule for each, or make the other change by itself");
  const ClausesAst::BringsAst& written = clauses.brings.front();
  const auto brings = [&](const Guard& mode) { return TypedBrings{written.before, mode.reference, static_cast<Index>(std::countr_zero(mode.modes)), written.range}; };
  if (written.before) {   // read already, as a condition
    const auto is_same = [&](const Condition& condition) { return condition.where.begin == written.range.begin; };
    const auto found = std::find_if(conditions.begin(), conditions.end(), is_same);
    return found == conditions.end() ? std::nullopt : std::optional(brings(found->guard));
  }
  GuardAst in_mode;
  in_mode.kind = GuardAst::Kind::Mode;
  in_mode.reference = written.reference;
  in_mode.names = {false, {written.mode}, written.mode.range};
  in_mode.range = written.range;
  const std::optional<Guard> guard = type_guard(state, scope, in_mode);
  return guard ? std::optional(brings(*guard)) : std::nullopt;
}

void add_unless(State& state, Scope& scope, const ClausesAst& clauses, std::vector<Condition>& out) {
  if (clauses.unless.size() > 1) state.error("E0309", clauses.unless[1].range, "`unless` stands here twice", "join the two with `or`: either lifts it");
  if (!clauses.unless.empty()) add_conditions(state, scope, clauses.unless.front(), out);
}

}  // namespace ringfence::checking
