// SPDX-License-Identifier: Apache-2.0
// What the gate applies step by step and takes back unless all of it is kept: the legs of a batch (language reference, 10.4), and the changes of mode that come
// with transfers (10.5). Limit windows forget only once nothing can be taken back. A change comes before the first leg or after the last, and is decided as if it
// were submitted there: so whatever is done here could be done by changes and transfers that are submitted one after the other, which is what the proof speaks of.
#include <algorithm>

#include "runtime/gate_state.h"

namespace ringfence {

/// What has been applied so far.
class Gate::State::Batch {
 public:
  Batch(State& state, std::size_t legs) : state_(state), time_before_(state.last_applied_ms) { applied_.reserve(legs); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { take_back(); }
  struct Leg { Transfer transfer; Needs needed; };
  /// As it is located. Where it throws, it was not applied. Windows forget nothing yet, so that it can be taken back.
  void apply(const Asked& leg) {
    const std::int64_t time_ms = leg.transfer.authority.time_ms;
    state_.located.make_room();   // from here on nothing needs memory: there is room for the leg too
    state_.located.add(time_ms, leg.transfer.amount);
    state_.last_applied_ms = time_ms;
    applied_.push_back({leg.transfer, leg.needed});
  }
  const std::vector<Leg>& applied() const noexcept { return applied_; }
  /// All that the leg needs is there since it was applied.
  Located& locate(const Leg& leg) noexcept {
    state_.located.aim(state_.places, leg.needed, leg.transfer.from, leg.transfer.to);
    state_.located.find();
    return state_.located;
  }
  void take_back() noexcept {
    for (auto leg = applied_.rbegin(); leg != applied_.rend(); ++leg) locate(*leg).take_back(leg->transfer.amount);
    applied_.clear();
    state_.last_applied_ms = time_before_;
  }
  void keep() {
    for (const Leg& leg : applied_) locate(leg).forget_before(leg.transfer.authority.time_ms);
    applied_.clear();
    time_before_ = state_.last_applied_ms;
  }

 private:
  State& state_;
  std::optional<std::int64_t> time_before_;
  std::vector<Leg> applied_;
};

/// Changes of mode that were made, each as if it had been submitted.
class Gate::State::ModeChanges {
 public:
  explicit ModeChanges(State& state) : state_(state) {}
  ModeChanges(const ModeChanges&) = delete;
  ModeChanges& operator=(const ModeChanges&) = delete;
  ~ModeChanges() {
    for (auto change = made_.rbegin(); change != made_.rend(); ++change) state_.cell(change->held) = change->before;
  }
  /// False, and nothing is changed, where it is not allowed.
  bool make(const ModeChange& change) {
    const std::vector<Value> values_of_denial = state_.denial_values;   // those of the transfer
    const Decision decision = state_.decide_mode_change(change);
    state_.denial_values = values_of_denial;
    if (!decision.allowed()) return false;
    const Held held = state_.hold({SlotKind::Mode, change.subject.target}, change.subject.ids);
    made_.push_back({held, state_.cell(held), {change.subject, change.to_mode, decision.statement}});
    state_.cell(held) = cell_of({change.to_mode, change.authority.time_ms});
    return true;
  }
  void keep() {
    for (const Made& made : made_) state_.modes_brought.push_back(made.change);
    made_.clear();
  }
  /// They will be taken back: what was denied was decided on them.
  void note_taken_back() {
    state_.modes_taken_back.clear();
    for (const Made& made : made_) state_.modes_taken_back.push_back(made.change);
  }

 private:
  struct Made { Held held; Cell before; ModeChanged change; };
  State& state_;
  std::vector<Made> made_;
};

// ---- the changes of mode that come with a transfer

/// 10.5: the first, in text order, of the modes that its rules enter and its subject is not in, to which a transition is allowed.
bool Gate::State::enter_mode(const Asked& now, std::int64_t time_ms, ModeChanges& changes) {
  if (now.needed.row == kNone) return false;
  for (const RuleTable::BroughtMode& brought : table.brought_modes(now.needed.row)) {
    if (brought.when != Brought::Before) continue;
    const Value mode = fetch_slot(now.needed.slots[brought.slot], now.transfer.from, now.transfer.to, time_ms);
    if (!mode.present || mode.number == brought.mode) continue;
    ModeChange change = brought_change(table, now.transfer, now.needed, brought);
    change.authority.time_ms = time_ms;
    if (changes.make(change)) return true;
  }
  return false;
}

/// 10.5: what the rule that decided has come after it, where a transition is allowed.
void Gate::State::follow_mode(const Asked& now, const Decision& decision, std::int64_t time_ms, ModeChanges& changes) {
  for (const RuleTable::BroughtMode& brought : table.brought_modes(now.needed.row)) {
    if (brought.when != Brought::After || brought.statement != decision.statement) continue;
    ModeChange change = brought_change(table, now.transfer, now.needed, brought);
    change.authority.time_ms = time_ms;
    changes.make(change);
  }
}

GateAnswer Gate::State::answer_bringing(const GateTransfer& submitted, const Asked& now, Decision decision) {
  const std::int64_t time_ms = now.transfer.authority.time_ms;
  ModeChanges changes(*this);
  Batch batch(*this, 1);
  const bool enters = !decision.allowed() && decision.move != kNone && enter_mode(now, time_ms, changes);
  located.aim(places, now.needed, now.transfer.from, now.transfer.to);
  located.find();
  if (enters) {
    denial_values.clear();
    decision = decide_transfer(now, located, Floors::Check, time_ms);
    keep_denial_values(now.needed, decision);
    if (!decision.allowed()) changes.note_taken_back();
  }
  make_room(submitted);   // from here on, only what can be taken back may throw
  modes_brought.reserve(modes_brought.size() + 2);
  if (decision.allowed()) {
    batch.apply(now);
    follow_mode(now, decision, time_ms, changes);
    batch.keep();
    changes.keep();
  }
  record(now.id, submitted, {&decision, 1});
  return {Outcome::Decided, decision};
}

bool Gate::State::enter_modes(Legs legs, ModeChanges& changes) {
  bool entered = false;
  for (const GateTransfer& leg : legs) entered = enter_mode(Asked(*this, leg), legs.front().transfer.authority.time_ms, changes) || entered;
  return entered;
}

void Gate::State::follow_modes(Legs legs, const std::vector<Decision>& decisions, ModeChanges& changes) {
  for (std::size_t i = 0; i < legs.size(); ++i)
    if (!table.brought_modes(decisions[i].move).empty()) follow_mode(Asked(*this, legs[i]), decisions[i], legs.back().transfer.authority.time_ms, changes);
}

// ---- batches

std::vector<Decision> Gate::State::deny_batch(std::size_t leg_count, std::size_t position, const Decision& decision) const {
  std::vector<Decision> decisions(leg_count, denial(Reason::Batch, Needs{}));
  decisions[position] = decision;
  return decisions;
}

/// Applies the legs as far as they are allowed.
std::vector<Decision> Gate::State::decide_batch(Legs legs, Batch& batch) {
  const std::int64_t modes_ms = legs.empty() ? 0 : legs.front().transfer.authority.time_ms;
  std::vector<Decision> decisions;
  decisions.reserve(legs.size());
  for (const GateTransfer& leg : legs) {
    const Asked now(*this, leg);
    located.aim(places, now.needed, now.transfer.from, now.transfer.to);
    located.find();
    const Decision decision = decide_transfer(now, located, Floors::Defer, modes_ms);
    if (!decision.allowed()) {
      keep_denial_values(now.needed, decision);
      return deny_batch(legs.size(), decisions.size(), decision);
    }
    batch.apply(now);
    decisions.push_back(decision);
  }
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const auto& [transfer, needed] = batch.applied()[i];
    const Decision decision = decide_floors(table, transfer, needed, batch.locate(batch.applied()[i]).fetch(table, needed, {transfer.authority.time_ms, modes_ms}, values));
    if (decision.allowed()) continue;
    keep_denial_values(needed, decision);
    return deny_batch(legs.size(), i, decision);
  }
  return decisions;
}

/// 10.5: as the state stands; if it is denied, once more with the modes that its legs enter.
std::vector<Decision> Gate::State::decide_and_apply_batch(Legs legs) {
  if (legs.size() > kBatchMax) return deny_batch(legs.size(), kBatchMax, denial(Reason::Malformed, Needs{}));
  const auto is_allowed = [](const std::vector<Decision>& decisions) { return std::all_of(decisions.begin(), decisions.end(), [](const Decision& each) { return each.allowed(); }); };
  ModeChanges changes(*this);
  Batch batch(*this, legs.size());
  std::vector<Decision> decisions = decide_batch(legs, batch);
  if (!is_allowed(decisions)) {
    batch.take_back();
    if (brought_modes == BroughtModes::Apart || !enter_modes(legs, changes)) return decisions;
    denial_values.clear();
    decisions = decide_batch(legs, batch);
    if (!is_allowed(decisions)) return changes.note_taken_back(), decisions;
  }
  modes_brought.reserve(2 * legs.size());
  if (brought_modes == BroughtModes::Made) follow_modes(legs, decisions, changes);
  batch.keep();
  changes.keep();
  return decisions;
}

}  // namespace ringfence
