// SPDX-License-Identifier: Apache-2.0
// Guards: comparisons, flags, modes, approvals, evidence and time of day. Language reference, 6.1, 6.2 and 6.5 to 6.9; conditions as
// 4.6 splits them.
#include "compiler/check_guards.h"

#include <fmt/core.h>

namespace ringfence::checking {
namespace {

constexpr std::size_t kDepthMax = 256;

std::optional<Guard> typed(State& state, Scope& scope, const GuardAst& ast, std::size_t depth);

std::optional<Guard> typed_parts(State& state, Scope& scope, const GuardAst& ast, GuardKind kind, std::size_t depth) {
  Guard guard;
  guard.kind = kind;
  bool good = true;
  for (const GuardAst& part : ast.parts) {
    auto made = typed(state, scope, part, depth + 1);
    good = good && made;
    if (made) guard.parts.push_back(std::move(*made));
  }
  return good ? std::optional(std::move(guard)) : std::nullopt;
}

std::optional<Guard> typed_compare(State& state, Scope& scope, const GuardAst& ast) {
  auto left = measure(state, scope, ast.left);
  auto right = measure(state, scope, ast.right);
  if (!left || !right || !agree(state, left->unit, right->unit, ast.range)) return std::nullopt;
  Guard guard;
  guard.kind = GuardKind::Compare;
  guard.left = std::move(left->sum);
  guard.right = std::move(right->sum);
  guard.comparator = ast.comparator;
  return guard;
}

std::optional<Guard> typed_flag(State& state, Scope& scope, const GuardAst& ast) {
  const auto fact = state.find(Kind::Fact, ast.flag);
  if (!fact) return std::nullopt;
  if (state.policy.vocabulary.facts[*fact].type != FactType::Flag) {
    state.error("E0319", ast.range, fmt::format("`{}` is a value, not a condition", ast.flag.text), fmt::format("compare it, as in `{} > 0`, or declare it as a `flag`", ast.flag.text));
    return std::nullopt;
  }
  const auto reference = fact_reference(state, scope, *fact, ast.reference, ast.range);
  if (!reference) return std::nullopt;
  Guard guard;
  guard.kind = GuardKind::Flag;
  guard.reference = *reference;
  Quantity quantity;
  quantity.kind = QuantityKind::Fact;
  quantity.reference = *reference;
  scope.mentions.push_back({false, quantity, ast.range});
  return guard;
}

std::optional<Guard> typed_mode(State& state, Scope& scope, const GuardAst& ast) {
  const auto reference = find_machine(state, scope, ast);
  if (!reference) return std::nullopt;
  const std::vector<std::string>& modes = state.policy.vocabulary.machines[reference->target].modes;
  Guard guard;
  guard.kind = GuardKind::ModeIs;
  guard.reference = *reference;
  for (const NameAst& name : ast.names.names) {
    for (std::size_t i = 0; i < modes.size(); ++i)
      if (modes[i] == name.text) guard.modes |= Mask{1} << i;
  }
  scope.mentions.push_back({true, Quantity{QuantityKind::Amount, *reference, kNone, false}, ast.range});
  if (!ast.negated) return guard;
  Guard negated;
  negated.kind = GuardKind::Not;
  negated.parts.push_back(std::move(guard));
  return negated;
}

std::optional<Guard> typed_approval(State& state, const GuardAst& ast) {
  Guard guard;
  guard.kind = GuardKind::Approved;
  guard.count = 1;
  guard.roles = state.find_mask(Kind::Role, ast.names);
  if (ast.count) {
    const auto count = parse_number(ast.count->text);
    if (!count || count->denominator != 1 || count->numerator < 1 || count->numerator > static_cast<Int128>(kApprovalsMax)) {
      state.error("E0318", ast.count->range, fmt::format("1 to {} approvals can be asked for", kApprovalsMax), "write how many different persons must approve");
      return std::nullopt;
    }
    guard.count = static_cast<std::uint32_t>(count->numerator);
  }
  return guard.roles != 0 ? std::optional(guard) : std::nullopt;
}

std::optional<Guard> typed_evidence(State& state, const NamesAst& names) {
  Guard guard;
  guard.kind = GuardKind::HasEvidence;
  guard.evidence = state.find_mask(Kind::Evidence, names);
  return guard.evidence != 0 ? std::optional(guard) : std::nullopt;
}

std::optional<std::uint32_t> second_of_day(State& state, const TextAst& time) {
  const auto second = parse_time_of_day(time.text);
  if (!second) state.error("E0322", time.range, fmt::format("`{}` is not a time of day", time.text), "write `00:00` to `23:59`, in UTC");
  return second;
}

std::optional<Guard> typed_time(State& state, const GuardAst& ast) {
  const auto start = second_of_day(state, ast.start), end = second_of_day(state, ast.end);
  if (!start || !end) return std::nullopt;
  if (*start == *end) {
    state.error("E0322", ast.range, "this time holds no moment: it ends when it starts", "write two different times, or leave the condition out");
    return std::nullopt;
  }
  Guard guard;
  guard.kind = GuardKind::TimeBetween;
  guard.start_second = *start;
  guard.end_second = *end;
  return guard;
}

/// 3.8: an invariant is about a state; who approved and what the time is belong to a transfer.
bool speaks_of_state(State& state, const GuardAst& ast) {
  if (ast.kind != GuardAst::Kind::Approved && ast.kind != GuardAst::Kind::Evidence && ast.kind != GuardAst::Kind::Time) return true;
  state.error("E0328", ast.range, "an invariant speaks of balances, totals, facts and modes: approvals, evidence and time belong to a transfer",
              "supply it as a fact, or write a rule with `when`");
  return false;
}

/// `guard` with its place and words, when there is one.
std::optional<Guard> as_atom(const State& state, std::optional<Guard> guard, SourceRange range, std::string text) {
  if (guard) {
    guard->line = state.line_of(range.begin);
    guard->text = std::move(text);
  }
  return guard;
}

std::optional<Guard> typed_atom(State& state, Scope& scope, const GuardAst& ast) {
  switch (ast.kind) {
    case GuardAst::Kind::Compare: return typed_compare(state, scope, ast);
    case GuardAst::Kind::Flag: return typed_flag(state, scope, ast);
    case GuardAst::Kind::Mode: return typed_mode(state, scope, ast);
    case GuardAst::Kind::Approved: return typed_approval(state, ast);
    case GuardAst::Kind::Evidence: return typed_evidence(state, ast.names);
    case GuardAst::Kind::Time: return typed_time(state, ast);
    case GuardAst::Kind::And: case GuardAst::Kind::Or: case GuardAst::Kind::Not: break;
  }
  return std::nullopt;
}

std::optional<Guard> typed(State& state, Scope& scope, const GuardAst& ast, std::size_t depth) {
  if (depth > kDepthMax) {
    state.error("E0326", ast.range, fmt::format("this condition is too long: more than {} parts inside each other", kDepthMax), "split it over several `when`");
    return std::nullopt;
  }
  if (scope.kind == Scope::Kind::Invariant && !speaks_of_state(state, ast)) return std::nullopt;
  switch (ast.kind) {
    case GuardAst::Kind::And: return typed_parts(state, scope, ast, GuardKind::All, depth);
    case GuardAst::Kind::Or: return typed_parts(state, scope, ast, GuardKind::AnyOf, depth);
    case GuardAst::Kind::Not: return typed_parts(state, scope, ast, GuardKind::Not, depth);
    default: return as_atom(state, typed_atom(state, scope, ast), ast.range, state.folded(ast.range));
  }
}

bool add_conjuncts(State& state, Scope& scope, const GuardAst& ast, std::vector<Condition>& out, std::size_t depth) {
  if (ast.kind == GuardAst::Kind::And && depth <= kDepthMax) {
    bool good = true;
    for (const GuardAst& part : ast.parts) good = add_conjuncts(state, scope, part, out, depth + 1) && good;
    return good;
  }
  auto guard = typed(state, scope, ast, depth);
  if (!guard) return false;
  out.push_back({std::move(*guard), state.folded(ast.range), ast.range});
  return true;
}

/// Calls `visit` with every site of the statement and words for it, until it gives true.
template <class Visit>
void each_site(const State& state, const Scope& scope, Visit visit) {
  const Vocabulary& v = state.policy.vocabulary;
  const Index asset = scope.assets.empty() ? kNone : scope.assets.front();
  if (scope.kind == Scope::Kind::Transition) {
    visit(transition_site(scope.subject), [&] { return "for a mode of " + subject_name(v, scope.subject); });
  } else if (scope.kind == Scope::Kind::Invariant) {
    visit(transition_site(scope.subject), [&] { return std::string("in an invariant"); });
  } else if (scope.kind == Scope::Kind::Floor) {
    visit(floor_site(v, scope.bucket, asset), [&] { return "for a floor of " + v.buckets[scope.bucket].name; });
  } else {
    for (const Pair& pair : *scope.pairs) {
      // Where all ids that may differ do differ, least is known: what has a meaning there has one under every relation.
      Relation relation = 0;
      for (std::size_t i = 0; i < pair.matches.size(); ++i)
        if (pair.matches[i] != Match::Same) relation = static_cast<Relation>(relation | 1u << i);
      const auto words = [&] { return fmt::format("in {} -> {}", v.buckets[pair.from].name, v.buckets[pair.to].name); };
      if (visit(move_site(v, pair.from, pair.to, relation, asset), words)) return;
    }
  }
}

Resolved resolved(const Vocabulary& v, const Site& site, const Scope::Mention& mention) {
  return mention.is_mode ? resolve_mode(v, site, mention.quantity.reference) : resolve(v, site, mention.quantity);
}

bool needs_no_site(const Vocabulary& v, const Scope::Mention& mention) {
  if (mention.is_mode) return v.machines[mention.quantity.reference.target].subject.keys.empty();
  return mention.quantity.kind == QuantityKind::Fact && v.facts[mention.quantity.reference.target].subject.keys.empty();
}

}  // namespace

std::optional<Guard> type_guard(State& state, Scope& scope, const GuardAst& ast) { return typed(state, scope, ast, 0); }

bool add_conditions(State& state, Scope& scope, const GuardAst& ast, std::vector<Condition>& out) { return add_conjuncts(state, scope, ast, out, 0); }

bool add_required(State& state, const GuardAst& ast, std::vector<Condition>& out) {
  bool good = true;
  for (const NameAst& name : ast.names.names) {
    const std::string text = "requires evidence " + name.text;
    auto guard = as_atom(state, typed_evidence(state, NamesAst{false, {name}, name.range}), name.range, text);
    good = good && guard;
    if (guard) out.push_back({std::move(*guard), text, ast.range});
  }
  return good;
}

bool resolve_mentions(State& state, const Scope& scope) {
  const Vocabulary& v = state.policy.vocabulary;
  std::vector<const Scope::Mention*> open;
  for (const Scope::Mention& mention : scope.mentions)
    if (!needs_no_site(v, mention)) open.push_back(&mention);
  const std::size_t asked = open.size();
  std::size_t failed = 0;
  if (asked == 0) return true;
  each_site(state, scope, [&](const Site& site, const auto& words) {
    for (auto at = open.begin(); at != open.end();) {
      const Resolved result = resolved(v, site, **at);
      const auto* error = std::get_if<ResolveError>(&result);
      if (error == nullptr) { ++at; continue; }
      state.error("E0305", (*at)->range, fmt::format("{}, {}", words(), message(v, *error)), help(v, *error));
      ++failed;
      at = open.erase(at);
    }
    return open.empty();
  });
  return failed == 0;
}

std::string unresolved_mode(const State& state, const Scope& scope, const Reference& reference) {
  const Vocabulary& v = state.policy.vocabulary;
  std::string why;
  if (v.machines[reference.target].subject.keys.empty()) return why;
  each_site(state, scope, [&](const Site& site, const auto& words) {
    const Resolved result = resolve_mode(v, site, reference);
    const auto* error = std::get_if<ResolveError>(&result);
    if (error != nullptr) why = fmt::format("{}, {}", words(), message(v, *error));
    return error != nullptr;
  });
  return why;
}

}  // namespace ringfence::checking
