// SPDX-License-Identifier: Apache-2.0
// See solve_two_members.h.
#include "verify/solve_two_members.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "verify/explore.h"
#include "verify/persons.h"
#include "verify/solve_encode.h"
#include "verify/times.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

constexpr std::uint8_t kMembers = 2;

/// All ways to give members to `count` keys.
std::vector<TwoMembers::SmallIds> all_ids(std::size_t count) {
  std::vector<TwoMembers::SmallIds> all;
  for (unsigned bits = 0; bits < 1u << count; ++bits) {
    TwoMembers::SmallIds ids{};
    for (std::size_t i = 0; i < count; ++i) ids[i] = static_cast<std::uint8_t>(bits >> i & 1);
    all.push_back(ids);
  }
  return all;
}
static_assert(kMembers == 2);

Coin titled_to_itself(const TwoMembers::Holding& holding) {
  const auto& [bucket, ids, asset] = holding;
  return {asset, {bucket, ids}, {bucket, ids}};
}

}  // namespace

TwoMembers::TwoMembers(z3::solver& solver, const Arena& arena, const Invariant& invariant)
    : solver_(solver), context_(solver.ctx()), arena_(arena), moves_(arena.moves), v_(moves_.vocabulary), invariant_(invariant) {
  for (const Invariant& one : moves_.invariants) depends_.add(moves_, one.slots);
  depends_.grow(moves_);
  for (const Move& move : moves_.moves) reads_now_ = reads_now_ || reads(move.slots, SlotKind::Now);
  for (const Transition& transition : moves_.transitions) reads_now_ = reads_now_ || reads(transition.slots, SlotKind::Now);
}

// ---- the steps that there are

std::size_t TwoMembers::list_choices() {
  for (Index i = 0; i < moves_.moves.size(); ++i) {
    const Move& move = moves_.moves[i];
    if (!depends_.buckets.contains(move.from) && !depends_.buckets.contains(move.to)) continue;
    for (const SmallIds& from : all_ids(arena_.bucket(move.from).keys.size()))
      for (const SmallIds& to : all_ids(arena_.bucket(move.to).keys.size()))
        if (fits(move, from, to)) choices_.push_back({i, kNone, from, to});
  }
  for (Index i = 0; i < moves_.transitions.size(); ++i) {
    const Index machine = moves_.transitions[i].machine;
    if (!depends_.machines.contains(machine)) continue;
    for (const SmallIds& ids : all_ids(v_.machines[machine].subject.keys.size())) choices_.push_back({kNone, i, ids, {}});
  }
  return choices_.size();
}

bool TwoMembers::fits(const Move& move, const SmallIds& from, const SmallIds& to) const {
  const std::vector<Index> shared = shared_keys(arena_.bucket(move.from), arena_.bucket(move.to));
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const bool differs = from[key_position(arena_.bucket(move.from).keys, shared[i])] != to[key_position(arena_.bucket(move.to).keys, shared[i])];
    if (differs != ((move.relation >> i & 1) != 0)) return false;
  }
  return true;
}

const std::vector<Slot>& TwoMembers::slots_of(const Choice& choice) const { return choice.move != kNone ? moves_.moves[choice.move].slots : moves_.transitions[choice.transition].slots; }

// ---- the start

void TwoMembers::open() {
  std::map<Holding, z3::expr> balances;
  for (Index bucket = 0; bucket < v_.buckets.size(); ++bucket) {
    if (v_.buckets[bucket].external) continue;
    for (Index asset = 0; asset < v_.assets.size(); ++asset) {
      if (!depends_.buckets.contains(bucket) && floored_rows(moves_, bucket, asset).empty()) continue;
      for (const SmallIds& ids : all_ids(v_.buckets[bucket].keys.size())) {
        const z3::expr opening = context_.int_const(fmt::format("open{}", balances.size()).c_str());
        solver_.add(opening >= 0 && opening <= number(context_, kAmountMax));
        balances.emplace(Holding{bucket, ids, asset}, opening);
      }
    }
  }
  balances_.push_back(std::move(balances));
  std::map<Subjects, z3::expr> modes;
  for (const Index machine : depends_.machines)
    for (const SmallIds& ids : all_ids(v_.machines[machine].subject.keys.size())) modes.emplace(Subjects{machine, ids}, context_.int_val(0));
  entered_.emplace_back();
  if (reads_now_)
    for (const auto& [subject, mode] : modes) entered_[0].emplace(subject, number(context_, kInstantMin));   // of the first mode, which no deadline ends
  modes_.push_back(std::move(modes));
  clean_start();
}

/// Floors, invariants and custody fences hold, under the facts of the first step.
void TwoMembers::clean_start() {
  for (const Invariant& one : moves_.invariants)
    for (const SmallIds& ids : all_ids(one.keys.size())) solver_.add(claim_holds(one, ids, 0, 0));
  for (const auto& [one, opening] : balances_[0]) {
    for (const auto& [two, other] : balances_[0])
      if (one < two && !clean(arena_, {titled_to_itself(one), titled_to_itself(two)})) solver_.add(opening == 0 || other == 0);
    const auto& [bucket, ids, asset] = one;
    for (const Index row : floored_rows(moves_, bucket, asset)) {
      const Move& move = moves_.moves[row];
      auto values = values_of(move.slots, ids, {}, 0, 0);
      for (const Guarded& floor : move.floors) solver_.add(holds(context_, floor, values));
      break;
    }
  }
}

// ---- values in one state, under the facts of one step

std::vector<z3::expr> TwoMembers::values_of(const std::vector<Slot>& slots, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step) {
  std::vector<z3::expr> values;
  for (const Slot& slot : slots) values.push_back(value(slot, from, to, state, step));
  return values;
}

/// The legs of a batch are at one time, under the same facts.
std::size_t TwoMembers::moment(std::size_t step) const { return std::min(step, batch_from_); }

z3::expr TwoMembers::value(const Slot& slot, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step) {
  SmallIds ids{};
  for (std::size_t i = 0; i < slot.keys.size(); ++i) {
    const KeySource& key = slot.keys[i];
    if (key.from != KeySource::From::Summed) ids[i] = key.from == KeySource::From::Source ? from[key.position] : to[key.position];
  }
  switch (slot.kind) {
    case SlotKind::Amount: return named("amount", step, 1, kAmountMax);
    case SlotKind::TimeOfDay: return reads_now_ ? z3_encoding::second_of_day(now(moment(step))) : named("time", moment(step), 0, 86'399);
    case SlotKind::Now: return now(moment(step));
    case SlotKind::Evidence: return named(fmt::format("evidence{}_", slot.target), step, 0, 1);
    case SlotKind::Approvals: return approvals(slot, step);
    case SlotKind::Fact: {
      const Fact& fact = v_.facts[slot.target];
      std::string name = fmt::format("fact{}_", slot.target);
      for (std::size_t i = 0; i < slot.keys.size(); ++i) name += fmt::format("{}_", ids[i]);
      return named(name, moment(step), fact.min, fact.max);
    }
    case SlotKind::Mode: {
      const auto known = modes_[state].find({slot.target, ids});
      return known == modes_[state].end() ? context_.int_val(0) : known->second;   // only a floor of the start asks for another
    }
    case SlotKind::Used: return context_.int_val(0);   // steps are further apart than any window is long
    case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: break;
  }
  return total(slot, ids, state);
}

/// Time never goes back; what windows there are, are over.
void TwoMembers::pass_time(std::size_t step) {
  if (!reads_now_ || moment(step) != step) return;
  const z3::expr since = step == 0 ? number(context_, kInstantMin) : now(step - 1) + number(context_, moves_.limits.empty() ? 0 : days_apart(moves_) * kDayMs);
  ranges_.push_back(now(step) >= since);
}

/// A mode with a deadline is left by the clock once that has passed, and until then by nothing but a change; who leaves it by the clock left it at the deadline.
void TwoMembers::keep_time(std::size_t step) {
  auto entered = entered_[step];
  for (std::size_t i = 0; i < choices_.size() && reads_now_; ++i) {
    if (choices_[i].move != kNone) continue;
    const Transition& transition = moves_.transitions[choices_[i].transition];
    const Subjects subject{transition.machine, choices_[i].from};
    const z3::expr is_this = choice_at(step) == static_cast<int>(i), time = now(moment(step));
    z3::expr left = time;
    if (transition.deadline) {
      const z3::expr is_in_it = modes_[step].at(subject) == std::countr_zero(transition.from_modes);
      left = z3_encoding::due(solver_, v_, *transition.deadline, entered_[step].at(subject), is_in_it);
      solver_.add(z3::implies(is_this, time > left) && z3::implies(is_in_it && !is_this, time <= left));
    }
    entered.at(subject) = z3::ite(is_this, left, entered.at(subject));
  }
  entered_.push_back(std::move(entered));
}

z3::expr TwoMembers::named(const std::string& name, std::size_t step, Int128 low, Int128 high) {
  const std::string full = fmt::format("{}at{}", name, step);
  const z3::expr term = context_.int_const(full.c_str());
  if (bounded_.insert(full).second) ranges_.push_back(term >= number(context_, low) && term <= number(context_, high));
  return term;
}

z3::expr TwoMembers::total(const Slot& slot, const SmallIds& ids, std::size_t state) {
  z3::expr sum = context_.int_val(0);
  const bool account = slot.kind == SlotKind::AccountTotal;
  const std::vector<Index>& keys = account ? v_.accounts[slot.target].keys : v_.buckets[slot.target].keys;
  for (const auto& [holding, balance] : balances_[state]) {
    const auto& [bucket, place, asset] = holding;
    if (asset != slot.asset || (account ? v_.buckets[bucket].account : bucket) != slot.target) continue;
    bool counted = true;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (slot.keys[i].from != KeySource::From::Summed && place[key_position(v_.buckets[bucket].keys, keys[i])] != ids[i]) counted = false;
    if (counted) sum = sum + balance;
  }
  return sum;
}

/// Approvals of one step are by the same persons, whichever rule counts them.
z3::expr TwoMembers::approvals(const Slot& slot, std::size_t step) {
  if (approval_slots_.empty()) {
    for (const Choice& choice : choices_)
      for (const Slot& one : slots_of(choice))
        if (one.kind == SlotKind::Approvals && std::find(approval_slots_.begin(), approval_slots_.end(), one) == approval_slots_.end()) approval_slots_.push_back(one);
  }
  const auto found = std::find(approval_slots_.begin(), approval_slots_.end(), slot);
  if (found == approval_slots_.end() || person_kinds(approval_slots_).empty()) return context_.int_val(0);   // fewer approvals only make fewer runs
  const auto [known, is_new] = approval_values_.try_emplace(step);
  if (is_new) {
    const std::string prefix = approval_prefix(step);
    known->second = z3_encoding::fresh_values(context_, approval_slots_, prefix);
    z3_encoding::constrain_ranges(solver_, arena_, approval_slots_, {}, known->second, prefix);
  }
  return known->second[static_cast<std::size_t>(found - approval_slots_.begin())];
}
std::string TwoMembers::approval_prefix(std::size_t step) { return fmt::format("p{}_", step); }

z3::expr TwoMembers::claim_holds(const Invariant& invariant, const SmallIds& ids, std::size_t state, std::size_t step) {
  return holds(context_, invariant.claim, values_of(invariant.slots, ids, {}, state, step));
}

// ---- one step

void TwoMembers::add_step() {
  const std::size_t step = steps_++;
  const z3::expr chosen = choice_at(step);
  solver_.add(chosen >= 0 && chosen < static_cast<int>(choices_.size()));
  auto balances = balances_[step];
  auto modes = modes_[step];
  const z3::expr amount = named("amount", step, 1, kAmountMax);
  pass_time(step);
  keep_time(step);
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const z3::expr is_this = chosen == static_cast<int>(i);
    solver_.add(z3::implies(is_this, possible(choices_[i], step)));
    effect(choices_[i], is_this, amount, balances, modes);
  }
  balances_.push_back(balances);
  modes_.push_back(modes);
  add_ranges();
}

z3::expr TwoMembers::choice_at(std::size_t step) { return context_.int_const(fmt::format("choice{}", step).c_str()); }

z3::expr TwoMembers::possible(const Choice& choice, std::size_t step) {
  const auto values = values_of(slots_of(choice), choice.from, choice.to, step, step);
  const bool in_batch = step >= batch_from_;
  if (in_batch && (choice.move == kNone || !moves_.moves[choice.move].limits.empty())) return context_.bool_val(false);   // a batch has transfers only; a window would see the leg before
  if (choice.move == kNone) {
    const Transition& transition = moves_.transitions[choice.transition];
    z3::expr from = context_.bool_val(false);
    for (unsigned mode = 0; mode < v_.machines[transition.machine].modes.size(); ++mode)
      if (transition.from_modes >> mode & 1) from = from || modes_[step].at({transition.machine, choice.from}) == context_.int_val(mode);
    return from && holds(context_, transition.guard, values);
  }
  return allowed(moves_.moves[choice.move], values, named("amount", step, 1, kAmountMax), in_batch);
}

z3::expr TwoMembers::floors_at_end(const Choice& choice, std::size_t leg) {
  z3::expr all = context_.bool_val(true);
  if (choice.move == kNone) return all;
  const Move& move = moves_.moves[choice.move];
  const auto values = values_of(move.slots, choice.from, choice.to, steps_, leg);
  for (const Guarded& floor : move.floors) all = all && holds(context_, floor, values);
  return all;
}

z3::expr TwoMembers::allowed(const Move& move, const std::vector<z3::expr>& values, const z3::expr& amount, bool floors_later) {
  z3::expr any = context_.bool_val(false);
  for (const Guarded& allow : move.allows) any = any || holds(context_, allow, values);
  for (const Guarded& deny : move.denies) any = any && !holds(context_, deny, values);
  for (const Guarded& limit : move.limits) any = any && holds(context_, limit, values);
  if (move.funds_slot != kNone) any = any && values[move.funds_slot] >= amount;
  if (move.account_slot != kNone) any = any && values[move.account_slot] >= amount;
  if (move.to_slot != kNone) any = any && values[move.to_slot] + amount <= number(context_, kAmountMax);
  if (move.from_slot == kNone) return any;
  auto after = values;
  after[move.from_slot] = values[move.from_slot] - amount;
  for (const Guarded& floor : move.floors) any = any && (floors_later ? context_.bool_val(true) : holds(context_, floor, after));
  return any && after[move.from_slot] >= number(context_, -kAmountMax);
}

void TwoMembers::effect(const Choice& choice, const z3::expr& is_this, const z3::expr& amount, std::map<Holding, z3::expr>& balances, std::map<Subjects, z3::expr>& modes) {
  if (choice.move == kNone) {
    const Transition& transition = moves_.transitions[choice.transition];
    z3::expr& mode = modes.at({transition.machine, choice.from});
    mode = z3::ite(is_this, context_.int_val(static_cast<int>(transition.to_mode)), mode);
    return;
  }
  const Move& move = moves_.moves[choice.move];
  const z3::expr moved = z3::ite(is_this, amount, context_.int_val(0));
  if (const auto from = balances.find({move.from, choice.from, move.asset}); from != balances.end()) from->second = from->second - moved;
  if (const auto to = balances.find({move.to, choice.to, move.asset}); to != balances.end()) to->second = to->second + moved;
}

void TwoMembers::add_ranges() {
  for (const z3::expr& range : ranges_) solver_.add(range);
  ranges_.clear();
}

void TwoMembers::add_floors_at_end() {
  for (std::size_t leg = batch_from_; leg < steps_; ++leg)
    for (std::size_t i = 0; i < choices_.size(); ++i) solver_.add(z3::implies(choice_at(leg) == static_cast<int>(i), floors_at_end(choices_[i], leg)));
}

z3::expr TwoMembers::broken_at_the_end() {
  const std::size_t before = std::min(batch_from_, steps_ - 1);
  return claim_holds(invariant_, SmallIds{}, before, before) && !claim_holds(invariant_, SmallIds{}, steps_, before);
}

}  // namespace ringfence
