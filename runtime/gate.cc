// SPDX-License-Identifier: Apache-2.0
// See gate.h; gate_state.h has what is kept. A submission is looked up by id, decided on what `fetch` gives, applied when allowed, and recorded with its answer.
// What is applied in several steps is in gate_batch.cc.
#include "runtime/gate.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

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

/// With the places beyond its ids set to 0: what a balance or mode is keyed by. Two ids at a time, as they are read and written elsewhere.
Instance without_unused_ids(const Instance& instance) {
  using Two [[gnu::vector_size(16)]] = std::uint64_t;
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  alignas(16) static constexpr Ids kUsed[kKeysMax + 1] = {{}, {kAll}, {kAll, kAll}, {kAll, kAll, kAll}, {kAll, kAll, kAll, kAll}};
  const Ids& used = kUsed[std::min<std::size_t>(instance.id_count, kKeysMax)];
  Instance result{instance.target, instance.id_count, {}};
  for (std::size_t i = 0; i < kKeysMax; i += 2) {
    Two ids, mask;
    std::memcpy(&ids, &instance.ids[i], sizeof ids);
    std::memcpy(&mask, &used[i], sizeof mask);
    ids &= mask;
    std::memcpy(&result.ids[i], &ids, sizeof ids);
  }
  return result;
}

Transfer transfer_of(const GateTransfer& submitted) {
  const Transfer& asked = submitted.transfer;
  return {asked.purpose, without_unused_ids(asked.from), without_unused_ids(asked.to), asked.asset, asked.amount,
          {asked.authority.person, asked.authority.role, submitted.approvals, asked.authority.evidence, asked.authority.time_ms}};
}

}  // namespace

// ---- values

Value Gate::State::fetch_slot(const SlotView& slot, const Instance& from, const Instance& to, std::int64_t time_ms) {
  if (!is_supplied(slot.kind)) return Value{};   // decide knows these from the transfer
  const HashedIds ids(slot_ids(slot, from, to));
  const Place place = places.add(kept_by(slot));
  GateRecords& store = places.stores[place.store];
  const Index number = store.find(ids);
  if (slot.kind == SlotKind::Used) return used_value(store.window(number, place.at), time_ms);
  const Cell& cell = store.cell(number, place.at);
  return slot.kind == SlotKind::Mode ? mode_value(table, slot.target, cell, time_ms) : Value{cell.number, cell.time_ms, cell.present};
}

void Gate::State::keep_denial_values(const Needs& needed, const Decision& decision) {
  if (!decision.allowed() && decision.move != kNone) denial_values.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(needed.slots.size()));
}

Cell Gate::State::kept(const Kept& kept, const Ids& ids) const noexcept {
  const Place place = places.find(kept);
  if (place.store == kNone) return {0, 0, kept.kind != SlotKind::Fact, false};
  const GateRecords& store = places.stores[place.store];
  return store.cell(store.find(HashedIds(ids)), place.at);
}

Gate::State::Held Gate::State::hold(const Kept& kept, const Ids& ids) {
  const Place place = places.add(kept);
  if (kept.kind == SlotKind::Balance) places.make_room_for_totals(place);
  places.stores[place.store].make_room(1);
  return {place, places.stores[place.store].add(HashedIds(ids))};
}

// ---- decisions

std::optional<Reason> Gate::State::refusal_by_time(std::int64_t time_ms) const {
  if (last_applied_ms && time_ms < *last_applied_ms) return Reason::TimeWentBack;
  return std::nullopt;
}

Gate::State::Asked::Asked(const State& state, const GateTransfer& submitted) noexcept
    : id(state.seen.hashed(submitted.id)), transfer(transfer_of(submitted)), needed(needs(state.table, transfer)) {}

Decision Gate::State::decide_transfer(const Asked& now, const Located& found, Floors floors, std::int64_t modes_ms) {
  const std::int64_t time_ms = now.transfer.authority.time_ms;
  if (is_about_form(now.needed.reason)) return denial(now.needed.reason, now.needed);
  if (const auto refused = refusal_by_time(time_ms)) return denial(*refused, Needs{});
  if (now.needed.reason != Reason::Allowed) return denial(now.needed.reason, now.needed);
  return decide(table, now.transfer, now.needed, found.fetch(table, now.needed, {time_ms, modes_ms}, values), floors);
}

Decision Gate::State::decide_mode_change(const ModeChange& change) {
  const bool known = change.subject.target < table.machine_count();
  const std::int64_t time_ms = change.authority.time_ms;
  const std::optional<KeptMode> now = known ? mode_in_force(table, change.subject.target, kept_mode_of(kept({SlotKind::Mode, change.subject.target}, change.subject.ids)), time_ms) : KeptMode{};
  const Index mode_now = now ? now->mode : Index{0};
  std::optional<Decision> first_refusal;
  Needs candidate = next_transition(table, change, mode_now, kNone);
  if (is_about_form(candidate.reason)) return denial(candidate.reason, candidate);
  if (const auto refused = refusal_by_time(time_ms)) return denial(*refused, Needs{});
  if (!now) return denial(Reason::ValueMissing, Needs{});
  while (candidate.row != kNone) {
    located.aim(places, candidate, change.subject, change.subject);
    located.find();
    const Decision decision = decide_transition(table, change, candidate, located.fetch(table, candidate, {time_ms, time_ms}, values));
    if (decision.allowed()) return decision;
    if (!first_refusal) {
      first_refusal = decision;
      keep_denial_values(candidate, decision);
    }
    candidate = next_transition(table, change, mode_now, candidate.row);
  }
  return first_refusal.value_or(denial(Reason::NoTransition, Needs{}));
}

// ---- ids

/// What became of an id that was used before. What is submitted under it now is in the numbers of the present policy; what an earlier policy
/// answered is compared in that one's, and a statement of a policy that is gone is not named.
template <class Submitted>
std::optional<Gate::State::Before> Gate::State::before(const SeenIds::Id& id, const Submitted& submitted) const {
  if (seen.contains(id)) {
    auto found = seen.find(id);
    return Before{found->content == content_of(submitted), std::move(found->answers)};
  }
  for (const EarlierPolicy& policy : earlier) {
    auto found = policy.seen.find(policy.seen.hashed(id.text));
    if (!found) continue;
    for (Decision& answer : found->answers) answer = denial(answer.reason, Needs{});
    return Before{found->content == content_of(in_numbers_of(*policy.table, table, submitted)), std::move(found->answers)};
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

void Gate::State::make_room_for_batch(const std::string& id, Legs legs) {
  std::size_t ids = 1, bytes = id.size() + content_bytes_max(legs), answers = legs.size();
  for (std::size_t i = 0; i < legs.size(); ++i)
    if (!legs[i].id.empty()) ++ids, ++answers, bytes += legs[i].id.size() + content_bytes_max(LegOfBatch{id, i});
  seen.make_room(ids, bytes, answers);
}

// ---- the public face

Gate::Gate(const RuleTable& table, BroughtModes brought) : state_(std::make_unique<State>(table, brought)) {}
Gate::~Gate() = default;
Gate::Gate(Gate&&) noexcept = default;

bool Gate::open_balance(const Instance& bucket, Index asset, Int128 balance) {
  const RuleTable& table = state_->table;
  if (state_->last_applied_ms || bucket.target >= table.bucket_count() || asset >= table.asset_count()) return false;
  const BucketView view = table.bucket(bucket.target);
  if (view.external || !has_keys(bucket, view.keys.size()) || !within_amounts(balance)) return false;
  if (balance < 0 && !view.may_overdraw) return false;
  const State::Held held = state_->hold({SlotKind::Balance, bucket.target, asset}, bucket.ids);
  state_->places.change(held.place, held.record, balance - state_->cell(held).number);
  return true;
}

bool Gate::open_mode(const Instance& machine, Index mode, std::optional<std::int64_t> entered_ms) {
  const RuleTable& table = state_->table;
  const KeptMode kept{mode, entered_ms};
  if (state_->last_applied_ms || machine.target >= table.machine_count()) return false;
  const MachineView view = table.machine(machine.target);
  if (!has_keys(machine, view.keys.size()) || mode >= view.mode_count) return false;
  if (!entered_ms && !mode_in_force(table, machine.target, kept, 0)) return false;
  state_->cell(state_->hold({SlotKind::Mode, machine.target}, machine.ids)) = cell_of(kept);
  return true;
}

bool Gate::set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms) {
  const RuleTable& table = state_->table;
  if (subject.target >= table.fact_count() || !within_amounts(number)) return false;
  if (!has_keys(subject, table.fact(subject.target).keys.size())) return false;
  state_->cell(state_->hold({SlotKind::Fact, subject.target}, subject.ids)) = {number, observed_ms, true, false};
  return true;
}

/// To decide changes nothing, nor does it to write what will be known of the id: so both are done while what is known of it is on its way from memory, and thrown
/// away where the id was used before.
GateAnswer Gate::State::answer(const GateTransfer& submitted, const Asked& now, Located& found) {
  const std::int64_t time_ms = now.transfer.authority.time_ms;
  found.find();
  const GateAnswer answer{Outcome::Decided, decide_transfer(now, found, Floors::Check, time_ms)};
  make_room(submitted);
  const SeenIds::Written written = write(now.id, submitted, {&answer.decision, 1});
  if (seen.contains(now.id) || !earlier.empty()) [[unlikely]]
    if (const auto before = answered_before(now.id, submitted)) return *before;
  keep_denial_values(now.needed, answer.decision);
  if (brought_modes == BroughtModes::Made && found.brings_modes()) [[unlikely]] return answer_bringing(submitted, now, answer.decision);
  if (answer.decision.allowed()) {
    found.make_room();   // from here on nothing needs memory
    found.add_for_good(time_ms, now.transfer.amount);
    last_applied_ms = time_ms;
  }
  seen.add(now.id, written);
  return answer;
}

void Gate::reserve(std::size_t transfers, std::size_t subjects) {
  constexpr std::size_t kBytes = 104;   // 96 as gate.h has it, and some for what is left over at the end of a block
  if (transfers > std::numeric_limits<std::size_t>::max() / kBytes || subjects > kNone) throw std::bad_alloc();
  state_->seen.reserve(transfers, transfers * kBytes);
  state_->places.reserve(subjects);
  state_->denial_values.reserve(state_->values.size());
}

GateAnswer Gate::submit(const GateTransfer& submitted) {
  state_->begin();
  const State::Asked now(*state_, submitted);
  state_->located.aim(state_->places, now.needed, now.transfer.from, now.transfer.to);
  return state_->answer(submitted, now, state_->located);
}

/// Those that are looked at together wait for memory together.
void Gate::State::submit_together(std::span<const GateTransfer* const> submitted, GateAnswer* answers) {
  struct Room { alignas(Asked) std::byte bytes[sizeof(Asked)]; };
  std::array<Room, kTogether> room;
  std::array<const Asked*, kTogether> asked;
  for (std::size_t i = 0; i < submitted.size(); ++i) {
    asked[i] = new (room[i].bytes) Asked(*this, *submitted[i]);
    together[i].aim(places, asked[i]->needed, asked[i]->transfer.from, asked[i]->transfer.to);
  }
  for (std::size_t i = 0; i < submitted.size(); ++i) {
    together[i].find();
    together[i].prefetch();
  }
  for (std::size_t i = 0; i < submitted.size(); ++i) new (&answers[i]) GateAnswer(answer(*submitted[i], *asked[i], together[i]));   // there, and not copied to there
}

std::size_t Gate::submit_many(std::span<const GateTransfer* const> submitted, std::span<GateAnswer> answers) {
  const std::size_t count = std::min(submitted.size(), answers.size());
  state_->begin();
  for (std::size_t first = 0; first < count; first += State::kTogether) state_->submit_together(submitted.subspan(first, std::min(State::kTogether, count - first)), &answers[first]);
  return count;
}

std::size_t Gate::submit_many(std::span<const GateTransfer> submitted, std::span<GateAnswer> answers) {
  const std::size_t count = std::min(submitted.size(), answers.size());
  state_->begin();
  std::array<const GateTransfer*, State::kTogether> some;
  for (std::size_t first = 0; first < count; first += some.size()) {
    const std::size_t few = std::min(some.size(), count - first);
    for (std::size_t i = 0; i < few; ++i) some[i] = &submitted[first + i];
    state_->submit_together(std::span(some).first(few), &answers[first]);
  }
  return count;
}

GateAnswer Gate::submit(const GateModeChange& submitted) {
  state_->begin();
  const SeenIds::Id id = state_->seen.hashed(submitted.id);
  if (const auto before = state_->answered_before(id, submitted)) return *before;
  ModeChange change = submitted.change;
  change.subject = without_unused_ids(change.subject);
  change.authority.approvals = submitted.approvals;
  const Decision decision = state_->decide_mode_change(change);
  state_->make_room(submitted);
  if (decision.allowed()) {
    const KeptMode kept{change.to_mode, change.authority.time_ms};
    state_->cell(state_->hold({SlotKind::Mode, change.subject.target}, change.subject.ids)) = cell_of(kept);
    state_->last_applied_ms = change.authority.time_ms;
  }
  state_->record(id, submitted, {&decision, 1});
  return {Outcome::Decided, decision};
}

std::vector<GateAnswer> Gate::submit_batch(const std::string& id, std::span<const GateTransfer> legs) {
  state_->begin();
  const std::vector<GateAnswer> reused(legs.size(), GateAnswer{Outcome::IdReused, {}});
  if (const auto before = state_->before(state_->seen.hashed(id), legs)) {
    if (!before->same_content) return reused;
    std::vector<GateAnswer> answers;
    for (const Decision& decision : before->answers) answers.push_back({Outcome::Repeated, decision});
    return answers;
  }
  if (state_->any_leg_seen(id, legs)) return reused;
  std::vector<GateAnswer> answers(legs.size());
  state_->make_room_for_batch(id, legs);   // nothing after the batch may throw
  const std::vector<Decision> decisions = state_->decide_and_apply_batch(legs);
  state_->record(state_->seen.hashed(id), legs, decisions);
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (!legs[i].id.empty()) state_->record(state_->seen.hashed(legs[i].id), LegOfBatch{id, i}, {&decisions[i], 1});
    answers[i] = {Outcome::Decided, decisions[i]};
  }
  return answers;
}

std::span<const Value> Gate::values_of_denial() const noexcept { return state_->denial_values; }

std::span<const ModeChanged> Gate::modes_brought() const noexcept { return state_->modes_brought; }

std::span<const ModeChanged> Gate::modes_taken_back() const noexcept { return state_->modes_taken_back; }

Int128 Gate::balance(const Instance& bucket, Index asset) const {
  return state_->kept({SlotKind::Balance, bucket.target, asset}, bucket.ids).number;
}

Index Gate::mode(const Instance& machine) const {
  return mode(machine, state_->last_applied_ms.value_or(std::numeric_limits<std::int64_t>::min()));
}

Index Gate::mode(const Instance& machine, std::int64_t time_ms) const {
  const std::optional<KeptMode> now = mode_in_force(state_->table, machine.target, kept_mode(machine), time_ms);
  return now ? now->mode : kNone;
}

KeptMode Gate::kept_mode(const Instance& machine) const {
  return machine.target < state_->table.machine_count() ? kept_mode_of(state_->kept({SlotKind::Mode, machine.target}, machine.ids)) : KeptMode{};
}

Int128 Gate::account_total(Index account, const Ids& ids, Index asset) const {
  if (account >= state_->table.account_count()) return 0;
  state_->places.add({SlotKind::AccountTotal, account, asset});
  return state_->kept({SlotKind::AccountTotal, account, asset}, ids).number;
}

std::vector<Value> Gate::fetch(const Needs& needed, const Instance& from, const Instance& to, std::int64_t time_ms) const {
  std::vector<Value> values;
  for (const SlotView& slot : needed.slots) values.push_back(state_->fetch_slot(slot, from, to, time_ms));
  return values;
}

std::vector<Gate::Holding> Gate::holdings() const {
  std::vector<Holding> result;
  state_->places.for_each(SlotKind::Balance, [&](const Kept& kept, const Place& place) {
    const GateRecords& store = state_->places.stores[place.store];
    const auto id_count = static_cast<std::uint8_t>(state_->table.bucket(kept.target).keys.size());
    for (Index record = 1; record < store.count(); ++record)
      if (const Int128 balance = store.cell(record, place.at).number; balance != 0) result.push_back({{kept.target, id_count, store.ids(record)}, kept.asset, balance});
  });
  std::sort(result.begin(), result.end(), [](const Holding& left, const Holding& right) {
    return std::tie(left.bucket.target, left.bucket.ids, left.asset) < std::tie(right.bucket.target, right.bucket.ids, right.asset);
  });
  return result;
}

std::vector<Instance> Gate::subjects() const {
  std::vector<Instance> result;
  state_->places.for_each(SlotKind::Mode, [&](const Kept& kept, const Place& place) {
    const GateRecords& store = state_->places.stores[place.store];
    const auto id_count = static_cast<std::uint8_t>(state_->table.machine(kept.target).keys.size());
    for (Index record = 1; record < store.count(); ++record) result.push_back({kept.target, id_count, store.ids(record)});
  });
  return result;
}

}  // namespace ringfence
