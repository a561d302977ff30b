// SPDX-License-Identifier: Apache-2.0
// See gate.h; gate_state.h has what is kept. A submission is looked up by id, decided on what `fetch` gives, applied when allowed, and recorded with its answer. A
// batch applies its legs one by one and takes them back in reverse when one is denied; limit windows forget only once that is past.
#include "runtime/gate.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "runtime/gate_content.h"
#include "runtime/gate_state.h"
#include "runtime/policy_names.h"

namespace ringfence {
namespace {

bool within_amounts(Int128 value) { return value >= -kAmountMax && value <= kAmountMax; }

/// Reasons that `needs` finds before the gate looks at the time.
bool is_about_form(Reason reason) {
  return reason == Reason::UnknownName || reason == Reason::Malformed || reason == Reason::AmountOutOfRange ||
         reason == Reason::SameInstance;
}

bool has_keys(const Instance& instance, std::size_t key_count) {
  if (instance.id_count != key_count) return false;
  return std::all_of(instance.ids.begin() + instance.id_count, instance.ids.end(), [](std::uint64_t id) { return id == 0; });
}

/// With the places beyond its ids set to 0: what a balance or mode is keyed by.
Instance without_unused_ids(Instance instance) {
  for (std::size_t i = instance.id_count; i < kKeysMax; ++i) instance.ids[i] = 0;
  return instance;
}

Transfer transfer_of(const GateTransfer& submitted) {
  Transfer transfer = submitted.transfer;
  transfer.from = without_unused_ids(transfer.from);
  transfer.to = without_unused_ids(transfer.to);
  transfer.authority.approvals = submitted.approvals;
  return transfer;
}

Decision denial(Reason reason, const Needs& needed) {
  Decision decision;
  decision.reason = reason;
  decision.move = needed.row;
  return decision;
}

PlaceKey window_key(const RuleTable::Counted& counted, const Transfer& transfer) {
  return subject_key(slot_ids({SlotKind::Used, counted.limit, kNone, 0, counted.keys}, transfer.from, transfer.to));
}

std::uint8_t summed_keys(const SlotView& slot) {
  std::uint8_t summed = 0;
  for (std::size_t i = 0; i < slot.keys.size() && i < kKeysMax; ++i)
    if (slot.keys[i] == kKeySummed) summed = static_cast<std::uint8_t>(summed | 1u << i);
  return summed;
}

}  // namespace

// ---- values

void Gate::State::locate(const Needs& needed, const Instance& from, const Instance& to) {
  places.clear();
  for (const SlotView& slot : needed.slots) {
    const Index asset = slot.kind == SlotKind::Used ? kNone : slot.asset;   // a limit has one asset, by whatever number
    const HashedKey& place = places.emplace_back(PlaceKey{slot_ids(slot, from, to), asset});
    switch (slot.kind) {
      case SlotKind::Balance: balances.prefetch(slot.target, place); break;
      case SlotKind::Fact: facts[slot.target].prefetch(place); break;
      case SlotKind::Mode: modes[slot.target].prefetch(place); break;
      case SlotKind::Used: windows[slot.target].prefetch(place); break;
      default: break;
    }
  }
}

Value Gate::State::fetch_slot(const SlotView& slot, const HashedKey& place, At at) {
  switch (slot.kind) {
    case SlotKind::Balance: return Value{balances.balance(slot.target, place), 0, true};
    case SlotKind::BucketTotal: return Value{balances.bucket_total(slot.target, summed_keys(slot), place), 0, true};
    case SlotKind::AccountTotal: return Value{balances.account_total(slot.target, place), 0, true};
    case SlotKind::Fact: {
      const Observation* found = facts[slot.target].find(place);
      return found == nullptr ? Value{} : Value{found->number, found->observed_ms, true};
    }
    case SlotKind::Mode: {
      const KeptMode* found = modes[slot.target].find(place);
      const std::optional<KeptMode> now = mode_in_force(table, slot.target, found == nullptr ? KeptMode{} : *found, at.modes_ms);
      return now ? Value{now->mode, 0, true} : Value{};
    }
    case SlotKind::Used: {
      const GateWindow* found = windows[slot.target].find(place);
      if (found == nullptr) return Value{0, 0, true};
      const std::optional<Int128> used = found->used(at.time_ms);
      return used ? Value{*used, 0, true} : Value{};
    }
    case SlotKind::Amount:
    case SlotKind::TimeOfDay:
    case SlotKind::Now:
    case SlotKind::Approvals:
    case SlotKind::Evidence: break;   // decide knows these from the transfer
  }
  return Value{};
}

void Gate::State::fetch(const Needs& needed, At at, std::vector<Value>& out) {
  out.resize(needed.slots.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = fetch_slot(needed.slots[i], places[i], at);
}

void Gate::State::keep_denial_values(const Needs& needed, const Decision& decision) {
  if (!decision.allowed() && needed.row != kNone) denial_values = values;
}

KeptMode Gate::State::mode_of(Index machine, const Ids& ids) const {
  const KeptMode* found = modes[machine].find(subject_key(ids));
  return found == nullptr ? KeptMode{} : *found;
}

// ---- decisions

std::optional<Reason> Gate::State::refusal_by_time(std::int64_t time_ms) const {
  if (last_applied_ms && time_ms < *last_applied_ms) return Reason::TimeWentBack;
  return std::nullopt;
}

Decision Gate::State::decide_transfer(const Transfer& transfer, const Needs& needed, Floors floors, std::int64_t modes_ms) {
  if (is_about_form(needed.reason)) return denial(needed.reason, needed);
  if (const auto refused = refusal_by_time(transfer.authority.time_ms)) return denial(*refused, Needs{});
  if (needed.reason != Reason::Allowed) return denial(needed.reason, needed);
  fetch(needed, {transfer.authority.time_ms, modes_ms}, values);
  const Decision decision = decide(table, transfer, needed, values, floors);
  keep_denial_values(needed, decision);
  return decision;
}

Decision Gate::State::decide_mode_change(const ModeChange& change) {
  const bool known = change.subject.target < table.machine_count();
  const std::int64_t time_ms = change.authority.time_ms;
  const std::optional<KeptMode> now = known ? mode_in_force(table, change.subject.target, mode_of(change.subject.target, change.subject.ids), time_ms) : KeptMode{};
  const Index mode_now = now ? now->mode : Index{0};
  std::optional<Decision> first_refusal;
  Needs candidate = next_transition(table, change, mode_now, kNone);
  if (is_about_form(candidate.reason)) return denial(candidate.reason, candidate);
  if (const auto refused = refusal_by_time(time_ms)) return denial(*refused, Needs{});
  if (!now) return denial(Reason::ValueMissing, Needs{});
  while (candidate.row != kNone) {
    locate(candidate, change.subject, change.subject);
    fetch(candidate, {time_ms, time_ms}, values);
    const Decision decision = decide_transition(table, change, candidate, values);
    if (decision.allowed()) return decision;
    if (!first_refusal) {
      first_refusal = decision;
      keep_denial_values(candidate, decision);
    }
    candidate = next_transition(table, change, mode_now, candidate.row);
  }
  return first_refusal.value_or(denial(Reason::NoTransition, Needs{}));
}

// ---- applying

void Gate::State::apply(const Transfer& transfer, Index row) {
  const std::span<const RuleTable::Counted> limits = table.counted(row);
  balances.make_room(transfer.from.target);
  balances.make_room(transfer.to.target);
  counting.clear();
  for (const RuleTable::Counted& counted : limits) windows[counted.limit].make_room(limits.size());
  for (const RuleTable::Counted& counted : limits) {
    const PlaceKey key = window_key(counted, transfer);
    counting.push_back(&windows[counted.limit].add(key, GateWindow(table.limit(counted.limit).window_ms)));
    counting.back()->make_room();
  }
  // from here on nothing needs memory
  balances.add(transfer.from.target, PlaceKey{transfer.from.ids, transfer.asset}, -transfer.amount);
  balances.add(transfer.to.target, PlaceKey{transfer.to.ids, transfer.asset}, transfer.amount);
  for (GateWindow* window : counting) window->add(transfer.authority.time_ms, transfer.amount);
  last_applied_ms = transfer.authority.time_ms;
}

void Gate::State::forget(const Transfer& transfer, Index row) {
  for (const RuleTable::Counted& counted : table.counted(row)) windows[counted.limit].find(window_key(counted, transfer))->forget_before(transfer.authority.time_ms);
}

/// All of it has been changed before, so that no memory is needed.
void Gate::State::take_back(const Transfer& transfer, Index row) {
  for (const RuleTable::Counted& counted : table.counted(row)) windows[counted.limit].find(window_key(counted, transfer))->undo(transfer.amount);
  balances.add(transfer.to.target, PlaceKey{transfer.to.ids, transfer.asset}, -transfer.amount);
  balances.add(transfer.from.target, PlaceKey{transfer.from.ids, transfer.asset}, transfer.amount);
}

std::vector<Decision> Gate::State::deny_batch(std::size_t leg_count, std::size_t position, const Decision& decision) const {
  std::vector<Decision> decisions(leg_count, denial(Reason::Batch, Needs{}));
  decisions[position] = decision;
  return decisions;
}

/// What a batch has applied so far, taken back unless it is kept.
class Gate::State::Batch {
 public:
  Batch(State& state, std::size_t legs) : state_(state), time_before_(state.last_applied_ms) { applied_.reserve(legs); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    if (is_kept_) return;
    for (auto leg = applied_.rbegin(); leg != applied_.rend(); ++leg) state_.take_back(leg->transfer, leg->needed.row);
    state_.last_applied_ms = time_before_;
  }
  struct Leg { Transfer transfer; Needs needed; };
  void apply(const Transfer& transfer, const Needs& needed) {
    state_.apply(transfer, needed.row);
    applied_.push_back({transfer, needed});
  }
  const std::vector<Leg>& applied() const noexcept { return applied_; }
  void keep() {
    for (const auto& [transfer, needed] : applied_) state_.forget(transfer, needed.row);
    is_kept_ = true;
  }

 private:
  State& state_;
  const std::optional<std::int64_t> time_before_;
  std::vector<Leg> applied_;
  bool is_kept_ = false;
};

std::vector<Decision> Gate::State::decide_and_apply_batch(std::span<const GateTransfer> legs) {
  if (legs.size() > kBatchMax) return deny_batch(legs.size(), kBatchMax, denial(Reason::Malformed, Needs{}));
  Batch batch(*this, legs.size());
  const std::int64_t modes_ms = legs.empty() ? 0 : legs.front().transfer.authority.time_ms;
  std::vector<Decision> decisions;
  decisions.reserve(legs.size());
  for (const GateTransfer& leg : legs) {
    const Transfer transfer = transfer_of(leg);
    const Needs needed = needs(table, transfer);
    locate(needed, transfer.from, transfer.to);
    const Decision decision = decide_transfer(transfer, needed, Floors::Defer, modes_ms);
    if (!decision.allowed()) return deny_batch(legs.size(), decisions.size(), decision);
    batch.apply(transfer, needed);
    decisions.push_back(decision);
  }
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const auto& [transfer, needed] = batch.applied()[i];
    locate(needed, transfer.from, transfer.to);
    fetch(needed, {transfer.authority.time_ms, modes_ms}, values);
    const Decision decision = decide_floors(table, transfer, needed, values);
    if (decision.allowed()) continue;
    keep_denial_values(needed, decision);
    return deny_batch(legs.size(), i, decision);
  }
  batch.keep();
  return decisions;
}

// ---- ids

/// What became of an id that was used before. The content of what is submitted under it now is at hand, in the numbers of the present policy; what an earlier
/// policy answered is compared in that one's, and a statement of a policy that is gone is not named.
template <class Submitted>
std::optional<Gate::State::Before> Gate::State::before(const SeenIds::Id& id, const Submitted& submitted) const {
  if (seen.contains(id)) {
    auto found = seen.find(id);
    return Before{found->content == content, std::move(found->answers)};
  }
  for (const EarlierPolicy& policy : earlier) {
    auto found = policy.seen.find(policy.seen.hashed(id.text));
    if (!found) continue;
    std::string content_then;
    put_content(content_then, in_numbers_of(*policy.table, table, submitted));
    for (Decision& answer : found->answers) answer = denial(answer.reason, Needs{});
    return Before{found->content == content_then, std::move(found->answers)};
  }
  return std::nullopt;
}

/// What is answered to an id that was used before, for a single submission.
template <class Submitted>
std::optional<GateAnswer> Gate::State::answered_before(const SeenIds::Id& id, const Submitted& submitted) const {
  const auto found = before(id, submitted);
  if (!found) return std::nullopt;
  return found->same_content ? GateAnswer{Outcome::Repeated, found->answers.front()} : GateAnswer{Outcome::IdReused, {}};
}

bool Gate::State::is_seen(std::string_view id) const {
  if (seen.contains(seen.hashed(id))) return true;
  return std::any_of(earlier.begin(), earlier.end(), [&](const EarlierPolicy& policy) { return policy.seen.contains(policy.seen.hashed(id)); });
}

/// Whether a leg's id is used already: by something before, by the batch itself, or by another leg.
bool Gate::State::any_leg_seen(const std::string& id, std::span<const GateTransfer> legs) const {
  std::vector<std::string_view> ids{id};
  for (const GateTransfer& leg : legs) {
    if (leg.id.empty()) continue;
    if (is_seen(leg.id)) return true;
    ids.push_back(leg.id);
  }
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

/// Of each leg, the content that its own id is used up with.
std::vector<std::string> Gate::State::make_room_for_batch(const std::string& id, std::span<const GateTransfer> legs) {
  std::vector<std::string> contents(legs.size());
  std::size_t ids = 1, bytes = id.size() + content.size(), answers = legs.size();
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (legs[i].id.empty()) continue;
    put_content_of_leg(contents[i], id, i);
    ++ids, ++answers, bytes += legs[i].id.size() + contents[i].size();
  }
  seen.make_room(ids, bytes, answers);
  return contents;
}

// ---- the public face

Gate::Gate(const RuleTable& table) : state_(std::make_unique<State>(table)) {}
Gate::~Gate() = default;
Gate::Gate(Gate&&) noexcept = default;

bool Gate::open_balance(const Instance& bucket, Index asset, Int128 balance) {
  const RuleTable& table = state_->table;
  if (state_->last_applied_ms || bucket.target >= table.bucket_count() || asset >= table.asset_count()) return false;
  const BucketView view = table.bucket(bucket.target);
  if (view.external || !has_keys(bucket, view.keys.size()) || !within_amounts(balance)) return false;
  if (balance < 0 && !view.may_overdraw) return false;
  const HashedKey key(PlaceKey{bucket.ids, asset});
  state_->balances.make_room(bucket.target);
  state_->balances.add(bucket.target, key, balance - state_->balances.balance(bucket.target, key));
  return true;
}

bool Gate::open_mode(const Instance& machine, Index mode, std::optional<std::int64_t> entered_ms) {
  const RuleTable& table = state_->table;
  const KeptMode kept{mode, entered_ms};
  if (state_->last_applied_ms || machine.target >= table.machine_count()) return false;
  const MachineView view = table.machine(machine.target);
  if (!has_keys(machine, view.keys.size()) || mode >= view.mode_count) return false;
  if (!entered_ms && !mode_in_force(table, machine.target, kept, 0)) return false;
  state_->modes[machine.target].add(subject_key(machine.ids), kept) = kept;
  return true;
}

bool Gate::set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms) {
  const RuleTable& table = state_->table;
  if (subject.target >= table.fact_count() || !within_amounts(number)) return false;
  if (!has_keys(subject, table.fact(subject.target).keys.size())) return false;
  state_->facts[subject.target].add(subject_key(subject.ids), {}) = Observation{number, observed_ms};
  return true;
}

GateAnswer Gate::submit(const GateTransfer& submitted) {
  state_->denial_values.clear();
  const SeenIds::Id id = state_->seen.hashed(submitted.id);
  const Transfer transfer = transfer_of(submitted);
  const Needs needed = needs(state_->table, transfer);
  state_->locate(needed, transfer.from, transfer.to);
  state_->content.clear();
  put_content(state_->content, submitted);
  if (const auto before = state_->answered_before(id, submitted)) return *before;
  const Decision decision = state_->decide_transfer(transfer, needed, Floors::Check, transfer.authority.time_ms);
  state_->make_room(submitted.id, 1);   // from here on, only what can be taken back may throw
  if (decision.allowed()) {
    state_->apply(transfer, needed.row);
    for (GateWindow* window : state_->counting) window->forget_before(transfer.authority.time_ms);
  }
  state_->seen.add(id, state_->content, {&decision, 1});
  return {Outcome::Decided, decision};
}

GateAnswer Gate::submit(const GateModeChange& submitted) {
  state_->denial_values.clear();
  const SeenIds::Id id = state_->seen.hashed(submitted.id);
  state_->content.clear();
  put_content(state_->content, submitted);
  if (const auto before = state_->answered_before(id, submitted)) return *before;
  ModeChange change = submitted.change;
  change.subject = without_unused_ids(change.subject);
  change.authority.approvals = submitted.approvals;
  const Decision decision = state_->decide_mode_change(change);
  state_->make_room(submitted.id, 1);
  if (decision.allowed()) {
    const KeptMode kept{change.to_mode, change.authority.time_ms};
    state_->modes[change.subject.target].add(subject_key(change.subject.ids), kept) = kept;
    state_->last_applied_ms = change.authority.time_ms;
  }
  state_->seen.add(id, state_->content, {&decision, 1});
  return {Outcome::Decided, decision};
}

std::vector<GateAnswer> Gate::submit_batch(const std::string& id, std::span<const GateTransfer> legs) {
  state_->denial_values.clear();
  state_->content.clear();
  put_content(state_->content, legs);
  const std::vector<GateAnswer> reused(legs.size(), GateAnswer{Outcome::IdReused, {}});
  if (const auto before = state_->before(state_->seen.hashed(id), legs)) {
    if (!before->same_content) return reused;
    std::vector<GateAnswer> answers;
    for (const Decision& decision : before->answers) answers.push_back({Outcome::Repeated, decision});
    return answers;
  }
  if (state_->any_leg_seen(id, legs)) return reused;
  std::vector<GateAnswer> answers(legs.size());
  const std::vector<std::string> contents = state_->make_room_for_batch(id, legs);   // nothing after the batch may throw
  const std::vector<Decision> decisions = state_->decide_and_apply_batch(legs);
  state_->seen.add(state_->seen.hashed(id), state_->content, decisions);
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (!legs[i].id.empty()) state_->seen.add(state_->seen.hashed(legs[i].id), contents[i], {&decisions[i], 1});
    answers[i] = {Outcome::Decided, decisions[i]};
  }
  return answers;
}

std::span<const Value> Gate::values_of_denial() const noexcept { return state_->denial_values; }

Int128 Gate::balance(const Instance& bucket, Index asset) const {
  if (bucket.target >= state_->table.bucket_count()) return 0;
  return state_->balances.balance(bucket.target, PlaceKey{bucket.ids, asset});
}

Index Gate::mode(const Instance& machine) const {
  return mode(machine, state_->last_applied_ms.value_or(std::numeric_limits<std::int64_t>::min()));
}

Index Gate::mode(const Instance& machine, std::int64_t time_ms) const {
  const std::optional<KeptMode> now = mode_in_force(state_->table, machine.target, kept_mode(machine), time_ms);
  return now ? now->mode : kNone;
}

KeptMode Gate::kept_mode(const Instance& machine) const {
  return machine.target < state_->table.machine_count() ? state_->mode_of(machine.target, machine.ids) : KeptMode{};
}

Int128 Gate::account_total(Index account, const Ids& ids, Index asset) const {
  if (account >= state_->table.account_count()) return 0;
  return state_->balances.account_total(account, PlaceKey{ids, asset});
}

std::vector<Value> Gate::fetch(const Needs& needed, const Instance& from, const Instance& to, std::int64_t time_ms) const {
  std::vector<Value> values;
  state_->locate(needed, from, to);
  state_->fetch(needed, {time_ms, time_ms}, values);
  return values;
}

std::vector<Gate::Holding> Gate::holdings() const { return state_->balances.holdings(); }

}  // namespace ringfence
