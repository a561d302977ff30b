// SPDX-License-Identifier: Apache-2.0
// Which machine `mode ... is m` speaks of (language reference, 6.6), and the transitions and deadlines of every machine (2.11, 2.12).
#include <fmt/core.h>

#include <algorithm>
#include <bit>

#include "compiler/check_clauses.h"
#include "compiler/check_guards.h"

namespace ringfence::checking {
namespace {

bool has_modes(const ModeMachine& machine, const NamesAst& names) {
  return std::all_of(names.names.begin(), names.names.end(),
                     [&](const NameAst& name) { return std::find(machine.modes.begin(), machine.modes.end(), name.text) != machine.modes.end(); });
}

/// The machines that have all of these modes; an unknown mode is reported once.
std::vector<Index> machines_with_all(State& state, const NamesAst& names, bool& reported) {
  std::vector<Index> out;
  for (const NameAst& name : names.names) {
    if (state.spoiled_modes.contains(name.text)) reported = true;
    if (reported || state.machines_with.contains(name.text)) continue;
    std::vector<std::string> known;
    for (const auto& [mode, machines] : state.machines_with) known.push_back(mode);
    std::string help = did_you_mean(name.text, known);
    if (help.empty()) help = fmt::format("declare it, as in `mode of Client: normal, {}`", name.text);
    state.error("E0204", name.range, fmt::format("there is no mode `{}`", name.text), std::move(help));
    reported = true;
  }
  if (reported) return out;
  for (const Index machine : state.machines_with.at(names.names.front().text))
    if (has_modes(state.policy.vocabulary.machines[machine], names)) out.push_back(machine);
  if (!out.empty()) return out;
  state.error("E0317", names.range, "these modes are not of one machine", "write a condition for each machine, with `or`");
  reported = true;
  return out;
}

/// Reports a mode that the machine does not have. True when all are there.
bool modes_of(State& state, const ModeMachine& machine, const NamesAst& names) {
  bool good = true;
  for (const NameAst& name : names.names) {
    if (std::find(machine.modes.begin(), machine.modes.end(), name.text) != machine.modes.end()) continue;
    std::string help = did_you_mean(name.text, machine.modes);
    if (help.empty()) help = "its modes are declared in `mode of " + subject_name(state.policy.vocabulary, machine.subject) + "`";
    state.error("E0204", name.range, fmt::format("`{}` has no mode `{}`", subject_name(state.policy.vocabulary, machine.subject), name.text), std::move(help));
    good = false;
  }
  return good;
}

std::optional<Reference> named_machine(State& state, const Scope& scope, const GuardAst& ast) {
  const Vocabulary& v = state.policy.vocabulary;
  const auto subject = find_subject(state, ast.reference, "a mode");
  if (!subject) return std::nullopt;
  const auto found = state.machine_of.find(subject_name(v, *subject));
  if (found == state.machine_of.end()) {
    state.error("E0317", ast.reference.range, fmt::format("`{}` has no modes", subject_name(v, *subject)), fmt::format("declare them: `mode of {}: normal, ...`", subject_name(v, *subject)));
    return std::nullopt;
  }
  if (found->second == kNone || !modes_of(state, v.machines[found->second], ast.names)) return std::nullopt;
  Reference reference;
  reference.target = found->second;
  reference.side = counted_side(scope, *subject, Side::Either);
  return reference;
}

/// `mode of from`: the subject is that bucket, its owner, or an entity that keys it, on every pair.
bool is_of_endpoint(const Vocabulary& v, const Scope& scope, const Subject& subject, Side side) {
  return std::all_of(scope.pairs->begin(), scope.pairs->end(), [&](const Pair& pair) {
    const Index end = side == Side::From ? pair.from : pair.to;
    if (subject.kind == SubjectKind::Bucket) return subject.index == end;
    const Bucket& bucket = v.buckets[end];
    return subject.kind == SubjectKind::Entity && (bucket.owner == subject.index || key_position(bucket.keys, subject.index) != kNone);
  });
}

std::string listed_subjects(const Vocabulary& v, const std::vector<Reference>& references) {
  std::string out;
  for (const Reference& reference : references) out += (out.empty() ? "`mode of " : " or `mode of ") + subject_name(v, v.machines[reference.target].subject) + " is ...`";
  return out;
}

/// The one candidate that has a meaning wherever the statement is read.
std::optional<Reference> only_machine(State& state, const Scope& scope, const GuardAst& ast, Side side) {
  const Vocabulary& v = state.policy.vocabulary;
  bool reported = false;
  const std::vector<Index> candidates = machines_with_all(state, ast.names, reported);
  std::vector<Reference> known;
  std::string why;
  for (const Index candidate : candidates) {
    const Subject& subject = v.machines[candidate].subject;
    if (side != Side::Either && !is_of_endpoint(v, scope, subject, side)) continue;
    Reference reference;
    reference.target = candidate;
    reference.side = counted_side(scope, subject, side);
    const std::string unresolved = unresolved_mode(state, scope, reference);
    if (unresolved.empty()) known.push_back(reference);
    else if (why.empty()) why = unresolved;
    if (known.size() == 2) break;
  }
  if (known.size() == 1) return known.front();
  if (reported || (scope.pairs != nullptr && scope.pairs->empty())) return std::nullopt;   // its patterns were reported
  if (known.size() > 1)
    state.error("E0317", ast.range, fmt::format("more than one machine has the mode `{}`", ast.names.names.front().text), fmt::format("write {}", listed_subjects(v, known)));
  else if (!why.empty())
    state.error("E0305", ast.range, why, "write the side, as in `mode of from is ...` or `mode of to is ...`, or test a mode whose subject every move of this statement knows");
  else
    state.error("E0317", ast.range, fmt::format("no machine with the mode `{}` is of that side of every move of this statement", ast.names.names.front().text),
                "name the entity or the bucket, as in `mode of Client is ...`");
  return std::nullopt;
}

void check_step(State& state, const TransitionAst& ast, Index index) {
  const ModeMachine machine = state.policy.vocabulary.machines[index];
  TypedTransition out;
  out.machine = index;
  out.where = ast.range;
  bool good = modes_of(state, machine, NamesAst{false, {ast.to}, ast.to.range});
  if (ast.from) good = modes_of(state, machine, NamesAst{false, {*ast.from}, ast.from->range}) && good;
  if (good) {
    const auto at = [&](const std::string& mode) { return static_cast<Index>(std::find(machine.modes.begin(), machine.modes.end(), mode) - machine.modes.begin()); };
    out.to_mode = at(ast.to.text);
    for (Index i = 0; i < machine.modes.size(); ++i)
      if (ast.from ? machine.modes[i] == ast.from->text : i != out.to_mode) out.from_modes |= Mask{1} << i;
    if (ast.from && ast.from->text == ast.to.text) state.error("E0216", ast.to.range, fmt::format("this leads from `{}` to itself", ast.to.text), "name another mode, or remove the transition");
    else if (out.from_modes == 0) state.error("E0216", ast.to.range, fmt::format("`{}` is the only mode, so nothing leads to it", ast.to.text), "declare another mode");
  }
  out.roles = state.find_mask(Kind::Role, ast.roles);
  out.words = words_of(state, ast.clauses, ast.range);
  refuse_clauses(state, ast.clauses, {.what = "a transition", .moving = false, .when = true, .required = true, .unless = false});
  Scope scope;
  scope.kind = Scope::Kind::Transition;
  scope.subject = machine.subject;
  add_clauses(state, scope, ast.clauses, out.conditions);
  resolve_mentions(state, scope);
  if (good) state.policy.transitions.push_back(std::move(out));
}

/// The deadline that the machine has on this mode already; nothing where it has none.
const TypedTransition* deadline_on(const State& state, Index machine, Index mode) {
  for (const TypedTransition& one : state.policy.transitions)
    if (one.deadline && one.machine == machine && one.from_modes == Mask{1} << mode) return &one;
  return nullptr;
}

std::optional<Deadline> deadline_of(State& state, const DurationAst& within) {
  const auto duration_ms = duration_of(state, within);
  return duration_ms ? std::optional(Deadline{*duration_ms, kNone, 0}) : std::nullopt;
}

/// Whether deadlines lead from `mode` on to `wanted`. They have led round in no circle so far.
bool falls_into(const State& state, Index machine, Index mode, Index wanted) {
  while (mode != wanted) {
    const TypedTransition* deadline = deadline_on(state, machine, mode);
    if (deadline == nullptr) return false;
    mode = deadline->to_mode;
  }
  return true;
}

/// Reports why this mode may not have this deadline. True when it may.
bool is_deadline_possible(State& state, const DeadlineAst& ast, const ModeMachine& machine, Index index, Index mode, Index otherwise) {
  if (mode == 0)
    state.error("E0222", ast.mode.range, fmt::format("`{}` is the first mode, which nobody enters, so nothing counts from there", ast.mode.text),
                "give the deadline to a mode that a transition leads to");
  else if (deadline_on(state, index, mode) != nullptr)
    state.error("E0222", ast.range, fmt::format("`{}` has a deadline already", ast.mode.text), "a mode has one deadline; write the one that counts");
  else if (falls_into(state, index, otherwise, mode))
    state.error("E0222", ast.otherwise.range, fmt::format("deadlines lead from `{}` back to `{}`", machine.modes[otherwise], ast.mode.text),
                "let a deadline lead to a mode from which none leads back");
  else return true;
  return false;
}

void check_step(State& state, const DeadlineAst& ast, Index index) {
  const ModeMachine machine = state.policy.vocabulary.machines[index];
  TypedTransition out;
  out.machine = index;
  out.where = ast.range;
  const bool known = modes_of(state, machine, NamesAst{false, {ast.mode, ast.otherwise}, ast.mode.range});
  const auto deadline = std::visit([&](const auto& when) { return deadline_of(state, when); }, ast.when);
  out.words = words_of(state, ast.clauses, ast.range);
  refuse_clauses(state, ast.clauses, {.what = "a deadline", .moving = false, .when = false, .required = false, .unless = false});
  if (!known || !deadline) return;
  const auto at = [&](const std::string& mode) { return static_cast<Index>(std::find(machine.modes.begin(), machine.modes.end(), mode) - machine.modes.begin()); };
  const Index mode = at(ast.mode.text);
  out.from_modes = Mask{1} << mode;
  out.to_mode = at(ast.otherwise.text);
  out.deadline = deadline;
  if (is_deadline_possible(state, ast, machine, index, mode, out.to_mode)) state.policy.transitions.push_back(std::move(out));
}

}  // namespace

std::optional<Reference> find_machine(State& state, Scope& scope, const GuardAst& ast) {
  if (ast.names.names.empty()) return std::nullopt;
  switch (ast.reference.kind) {
    case ReferenceAst::Kind::System: case ReferenceAst::Kind::Pattern: return named_machine(state, scope, ast);
    case ReferenceAst::Kind::None: return only_machine(state, scope, ast, Side::Either);
    case ReferenceAst::Kind::From: case ReferenceAst::Kind::To: break;
  }
  if (scope.pairs != nullptr) return only_machine(state, scope, ast, ast.reference.kind == ReferenceAst::Kind::From ? Side::From : Side::To);
  state.error("E0305", ast.reference.range, "there is only one side here, so `from` and `to` have no meaning", "write `mode is ...`, or name the subject");
  return std::nullopt;
}

void check_transitions(State& state) {
  std::size_t declaration = 0;
  for (const StatementNode& node : state.ast.statements) {
    const auto* decl = std::get_if<ModeDecl>(&node.statement);
    if (decl == nullptr) continue;
    const Index machine = state.machine_of_declaration[declaration++];
    if (machine == kNone) continue;
    for (const ModeStepAst& step : decl->steps) std::visit([&](const auto& one) { check_step(state, one, machine); }, step);
  }
}

void check_brought_modes(State& state) {
  const Vocabulary& v = state.policy.vocabulary;
  for (const TypedRule& rule : state.policy.rules) {
    if (!rule.brings) continue;
    const ModeMachine& machine = v.machines[rule.brings->reference.target];
    Mask missing = rule.roles;
    for (const TypedTransition& transition : state.policy.transitions)
      if (transition.machine == rule.brings->reference.target && transition.to_mode == rule.brings->mode) missing &= ~transition.roles;
    if (missing == 0) continue;
    state.error("E0329", rule.brings->where,
                fmt::format("no transition of {} leads to `{}` by `{}`, whom this rule lets move", subject_name(v, machine.subject), machine.modes[rule.brings->mode],
                            v.roles[static_cast<Index>(std::countr_zero(missing))].name),
                "who brings the change with a transfer must be able to make it: add the role to a transition");
  }
}

}  // namespace ringfence::checking
