// SPDX-License-Identifier: Apache-2.0
// The model of a run between two members (solve_two_members.h) as a trace: names, amounts, facts, approvals, evidence and times.
#include <algorithm>

#include <fmt/format.h>

#include "verify/persons.h"
#include "verify/solve_encode.h"
#include "verify/solve_two_members.h"
#include "verify/times.h"
#include "verify/trace_times.h"

namespace ringfence {
namespace {

using z3_encoding::holds;

Int128 value_in(const z3::model& model, const z3::expr& term) {
  const std::string digits = model.eval(term, true).to_string();
  Int128 value = 0;
  for (const char c : digits)
    if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
  return digits.find('-') == std::string::npos ? value : -value;
}

}  // namespace

std::string TwoMembers::member(Index entity, std::uint8_t which) const {
  std::string name = v_.entities[entity].name;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return fmt::format("{}{}", name, which + 1);
}
NamedInstance TwoMembers::instance(Index target, const std::vector<Index>& keys, const SmallIds& ids) const {
  NamedInstance named{target, {}};
  for (std::size_t i = 0; i < keys.size(); ++i) named.ids.push_back(member(keys[i], ids[i]));
  return named;
}

Trace TwoMembers::trace() {
  const z3::model model = solver_.get_model();
  Trace trace;
  for (const auto& [holding, opening] : balances_[0]) {
    const auto& [bucket, ids, asset] = holding;
    const Int128 balance = value_in(model, opening);
    if (balance != 0) trace.opening.push_back({instance(bucket, v_.buckets[bucket].keys, ids), asset, balance});
  }
  std::vector<StepTiming> timings;
  for (std::size_t step = 0; step < steps_; ++step) {
    trace.steps.push_back(trace_step(model, step));
    timings.push_back(timing_of(slots_of(choices_[static_cast<std::size_t>(value_in(model, choice_at(step)))])));
  }
  if (!reads_now_) keep_deadlines(moves_, timings, trace);
  return trace;
}

TraceStep TwoMembers::trace_step(const z3::model& model, std::size_t step) {
  const Choice& choice = choices_[static_cast<std::size_t>(value_in(model, choice_at(step)))];
  TraceStep made;
  made.is_transfer = choice.move != kNone;
  Mask roles = 0;
  if (made.is_transfer) {
    const Move& move = moves_.moves[choice.move];
    roles = move.roles;
    made.statement = rule_in(model, move, choice, step);
    made.transfer = {move.purpose, move.asset, value_in(model, named("amount", step, 1, kAmountMax)), instance(move.from, v_.buckets[move.from].keys, choice.from),
                     instance(move.to, v_.buckets[move.to].keys, choice.to)};
  } else {
    const Transition& transition = moves_.transitions[choice.transition];
    roles = transition.roles;
    made.statement = transition.guard.statement;
    made.is_by_clock = transition.deadline.has_value();
    made.subject = instance(transition.machine, v_.machines[transition.machine].subject.keys, choice.from);
    made.to_mode = transition.to_mode;
  }
  for (Index role = 0; role < kRolesMax && made.role == kNone; ++role)
    if (roles >> role & 1) made.role = role;
  if (!made.is_by_clock) made.person = "initiator";
  made.linked = step >= batch_from_ && step + 1 < steps_;
  made.time_ms = reads_now_ ? static_cast<std::int64_t>(value_in(model, now(moment(step)))) : kFirstDayMs + static_cast<std::int64_t>(moment(step)) * days_apart(moves_) * kDayMs;
  supply(model, slots_of(choice), choice.from, choice.to, step, made);
  supply(model, invariant_.slots, {}, {}, step, made);
  for (const TraceFact& fact : std::vector<TraceFact>(std::move(made.facts)))
    if (std::none_of(made.facts.begin(), made.facts.end(), [&](const TraceFact& known) { return known.subject == fact.subject; })) made.facts.push_back(fact);
  return made;
}

Index TwoMembers::rule_in(const z3::model& model, const Move& move, const Choice& choice, std::size_t step) {
  for (const Guarded& allow : move.allows)
    if (model.eval(holds(context_, allow, values_of(move.slots, choice.from, choice.to, step, step)), true).is_true()) return allow.statement;
  return move.allows.front().statement;
}

void TwoMembers::supply(const z3::model& model, const std::vector<Slot>& slots, const SmallIds& from, const SmallIds& to, std::size_t step, TraceStep& made) {
  bool approved = false;
  for (const Slot& slot : slots) {
    if (slot.kind == SlotKind::Approvals) approved = true;
    if (slot.kind != SlotKind::TimeOfDay && slot.kind != SlotKind::Evidence && slot.kind != SlotKind::Fact) continue;
    const Int128 known = value_in(model, value(slot, from, to, step, step));
    if (slot.kind == SlotKind::TimeOfDay && !reads_now_) made.time_ms += static_cast<std::int64_t>(known) * 1000;
    if (slot.kind == SlotKind::Evidence && known == 1) made.evidence |= Mask{1} << slot.target;
    if (slot.kind != SlotKind::Fact) continue;
    SmallIds ids{};
    for (std::size_t i = 0; i < slot.keys.size(); ++i) ids[i] = slot.keys[i].from == KeySource::From::Source ? from[slot.keys[i].position] : to[slot.keys[i].position];
    made.facts.push_back({instance(slot.target, v_.facts[slot.target].subject.keys, ids), known});
  }
  if (!approved) return;
  const auto kinds = person_kinds(approval_slots_);
  const auto counts = z3_encoding::person_counts(context_, approval_slots_, approval_prefix(step));
  for (std::size_t kind = 0; kind < kinds.size(); ++kind)
    for (Int128 count = value_in(model, counts[kind]); count > 0; --count) made.approvals.push_back({fmt::format("approver{}", made.approvals.size() + 1), kinds[kind].roles});
}

}  // namespace ringfence
