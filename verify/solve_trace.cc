// SPDX-License-Identifier: Apache-2.0
// All steps of a run in one question to Z3: the balances after each step are those before it, moved; every step's guards hold on
// them. Windows are empty at each step that reads one, because it is days after the one before it (solve_run_times.h).
#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "verify/abstract_run.h"
#include "verify/concretize.h"
#include "verify/persons.h"
#include "verify/solve_encode.h"
#include "verify/solve_run_times.h"
#include "verify/solve_within.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;
using z3_encoding::value_in;

using Holding = std::tuple<Index, std::array<std::uint8_t, kKeysMax>, Index>;  // bucket, ids, asset

struct StepTerms {
  const std::vector<Slot>* slots = nullptr;
  std::vector<z3::expr> values;
  std::string prefix;
};

class Concretizer {
 public:
  Concretizer(const Arena& arena, Run run, const Budget& budget) : arena_(arena), run_(std::move(run)), solver_(context_), within_(solver_, budget), times_(solver_, arena_.moves, run_) {}

  std::optional<Trace> solve() {
    collect_holdings();
    open();
    for (std::size_t i = 0; i < run_.steps.size(); ++i) step(i);
    times_.keep_deadlines();
    clean_start();
    if (!tighten()) return std::nullopt;
    return trace();
  }

 private:
  // ---- which balances there are

  Spot spot_of(const Slot& slot, const Spot& from, const Spot& to) {
    Spot spot{slot.target, {}};
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      const KeySource& key = slot.keys[i];
      if (key.from != KeySource::From::Summed) spot.ids[i] = key.from == KeySource::From::Source ? from.ids[key.position] : to.ids[key.position];
    }
    return spot;
  }

  void need(const Spot& spot, Index asset) {
    if (!arena_.bucket(spot.bucket).external) balances_.try_emplace(Holding{spot.bucket, spot.ids, asset}, context_.int_val(0));
  }

  void collect_holdings() {
    for (const Coin& coin : run_.start) need(coin.at, coin.asset);
    for (const RunStep& step : run_.steps) {
      const auto& slots = slots_of(arena_.moves, step);
      if (step.move != kNone) {
        need(step.from, arena_.moves.moves[step.move].asset);
        need(step.to, arena_.moves.moves[step.move].asset);
        if (step.lender) need(*step.lender, arena_.moves.moves[step.move].asset);
      }
      for (const Slot& slot : slots)
        if (slot.kind == SlotKind::Balance) need(spot_of(slot, step.from, step.to), slot.asset);
    }
    for (const RunStep& step : run_.steps)
      for (const Slot& slot : slots_of(arena_.moves, step))
        if (slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal) need_filler(slot, step);
  }

  /// A total can count an instance that nothing else in the run mentions.
  void need_filler(const Slot& slot, const RunStep& step) {
    const Spot known = spot_of(slot, step.from, step.to);
    constexpr std::uint8_t kElsewhere = 200;  // a member that no step mentions
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
      const bool is_account = slot.kind == SlotKind::AccountTotal;
      if (is_account ? arena_.bucket(bucket).account != slot.target : bucket != slot.target) continue;
      const auto& total_keys = is_account ? arena_.moves.vocabulary.accounts[slot.target].keys : arena_.bucket(bucket).keys;
      Spot filler{bucket, {}};
      const auto& keys = arena_.bucket(bucket).keys;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const Index position = key_position(total_keys, keys[i]);
        filler.ids[i] = position == kNone || slot.keys[position].from == KeySource::From::Summed ? kElsewhere : known.ids[position];
      }
      need(filler, slot.asset);
    }
  }

  void open() {
    for (auto& [holding, balance] : balances_) {
      const z3::expr opening = context_.int_const(fmt::format("open{}", openings_.size()).c_str());
      solver_.add(opening >= 0 && opening <= number(context_, kAmountMax));
      openings_.emplace(holding, opening);
      balance = opening;
      units_.emplace(holding, opening);
    }
    for (const auto& [holding, count] : followed(run_.start)) solver_.add(openings_.at(holding) >= count);
  }

  std::map<Holding, int> followed(const std::vector<Coin>& coins) const {
    std::map<Holding, int> counts;
    for (const Coin& coin : coins)
      if (!arena_.bucket(coin.at.bucket).external) ++counts[{coin.at.bucket, coin.at.ids, coin.asset}];
    return counts;
  }

  // ---- one step

  void step(std::size_t index) {
    const RunStep& step = run_.steps[index];
    StepTerms terms{&slots_of(arena_.moves, step), {}, fmt::format("t{}_", index)};
    terms.values = z3_encoding::fresh_values(context_, *terms.slots, terms.prefix);
    z3_encoding::constrain_ranges(solver_, arena_, *terms.slots, all_modes(), terms.values, terms.prefix);
    for (std::size_t i = 0; i < terms.slots->size(); ++i) bind((*terms.slots)[i], terms.values[i], step);
    times_.pass(*terms.slots, terms.values);
    if (step.move != kNone) {
      transfer(index, terms);
    } else {
      const Transition& transition = arena_.moves.transitions[step.transition];
      solver_.add(holds(context_, transition.guard, terms.values));
      const auto known = modes_.find({transition.machine, step.from.ids});
      const auto now = static_cast<Index>(known == modes_.end() ? 0 : known->second);
      solver_.add(context_.bool_val((transition.from_modes >> now & 1) != 0 && now != transition.to_mode));
      modes_[{transition.machine, step.from.ids}] = transition.to_mode;
    }
    steps_.push_back(std::move(terms));
  }

  std::vector<Mask> all_modes() const { return std::vector<Mask>(arena_.moves.vocabulary.machines.size(), ~Mask{0}); }

  /// The value of a slot in the state before the step.
  void bind(const Slot& slot, const z3::expr& value, const RunStep& step) {
    const Spot spot = spot_of(slot, step.from, step.to);
    switch (slot.kind) {
      case SlotKind::Balance: solver_.add(value == balances_.at(Holding{spot.bucket, spot.ids, slot.asset})); break;
      case SlotKind::BucketTotal:
      case SlotKind::AccountTotal: solver_.add(value == total(slot, spot)); break;
      case SlotKind::Mode: {
        const auto known = modes_.find({slot.target, spot.ids});
        solver_.add(value == static_cast<int>(known == modes_.end() ? 0 : known->second));
        break;
      }
      case SlotKind::Used: solver_.add(value == 0); break;
      default: break;
    }
  }

  z3::expr total(const Slot& slot, const Spot& known) {
    z3::expr sum = context_.int_val(0);
    for (const auto& [holding, balance] : balances_)
      if (included(slot, known, holding)) sum = sum + balance;
    return sum;
  }

  bool included(const Slot& slot, const Spot& known, const Holding& holding) const {
    const auto& [bucket, ids, asset] = holding;
    const bool is_account = slot.kind == SlotKind::AccountTotal;
    if (asset != slot.asset || (is_account ? arena_.bucket(bucket).account != slot.target : bucket != slot.target)) return false;
    const auto& keys = is_account ? arena_.moves.vocabulary.accounts[slot.target].keys : arena_.bucket(bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (slot.keys[i].from != KeySource::From::Summed && class_at(arena_, Spot{bucket, ids}, keys[i]) != known.ids[i]) return false;
    return true;
  }

  void transfer(std::size_t index, const StepTerms& terms) {
    const RunStep& step = run_.steps[index];
    const Move& move = arena_.moves.moves[step.move];
    const z3::expr amount = context_.int_const(fmt::format("amount{}", index).c_str());
    amounts_.emplace(index, amount);
    solver_.add(amount >= 1 && amount <= number(context_, kAmountMax));
    const auto& values = terms.values;
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) solver_.add(values[i] == amount);
    if (move.funds_slot != kNone) solver_.add(values[move.funds_slot] >= amount);
    if (move.account_slot != kNone) solver_.add(values[move.account_slot] >= amount);
    if (move.from_slot != kNone) solver_.add(values[move.from_slot] - amount >= number(context_, -kAmountMax));
    if (move.to_slot != kNone) solver_.add(values[move.to_slot] + amount <= number(context_, kAmountMax));
    solver_.add(holds(context_, move.allows[step.allow], values));
    for (const Guarded& deny : move.denies) solver_.add(!holds(context_, deny, values));
    for (const Guarded& limit : move.limits) solver_.add(holds(context_, limit, values));
    auto after = values;
    if (move.from_slot != kNone) after[move.from_slot] = values[move.from_slot] - amount;
    for (const Guarded& floor : move.floors) solver_.add(holds(context_, floor, after));
    take(step, move.asset, amount);
  }

  /// Units and balances move; the followed units are among those taken, and those left behind can stay.
  void take(const RunStep& step, Index asset, const z3::expr& amount) {
    const Holding source{step.from.bucket, step.from.ids, asset}, destination{step.to.bucket, step.to.ids, asset};
    int here = 0, elsewhere = 0, left = 0;
    for (std::size_t i = 0; i < step.coins_before.size(); ++i) {
      const Coin& coin = step.coins_before[i];
      const bool at_source = coin.asset == asset && coin.at == step.from && !is_gone(arena_, coin);
      if (step.taken >> i & 1) (at_source ? here : elsewhere) += 1;
      else left += at_source;
    }
    if (arena_.bucket(step.from.bucket).external) {
      solver_.add(amount >= here);
    } else {
      z3::expr& own = units_.at(source);
      if (step.lender) {
        if (left > 0) solver_.add(context_.bool_val(false));  // a source pays with its own units first
        solver_.add(own >= 0);
        z3::expr& lender = units_.at(Holding{step.lender->bucket, step.lender->ids, asset});
        solver_.add(amount - own >= 1 && lender - (amount - own) >= 0);
        lender = lender - (amount - own);
        own = context_.int_val(0);
      } else if (elsewhere == 0) {
        solver_.add(amount >= here && own - amount >= left);
        own = own - amount;
      } else {
        borrow(step, asset, amount - own, elsewhere);
        own = context_.int_val(0);
      }
      balances_.at(source) = balances_.at(source) - amount;
    }
    if (!arena_.bucket(step.to.bucket).external) {
      balances_.at(destination) = balances_.at(destination) + amount;
      units_.at(destination) = units_.at(destination) + amount;
    }
    for (const auto& [holding, count] : followed(step.coins_after)) solver_.add(units_.at(holding) >= count);
  }

  /// What the source lacks comes from where the followed units are: from one neighbour as much as need be, from two a unit each.
  void borrow(const RunStep& step, Index asset, const z3::expr& beyond, int elsewhere) {
    std::vector<Holding> lenders;
    for (std::size_t i = 0; i < step.coins_before.size(); ++i) {
      const Coin& coin = step.coins_before[i];
      if ((step.taken >> i & 1) && !(coin.at == step.from)) lenders.push_back({coin.at.bucket, coin.at.ids, asset});
    }
    if (lenders.size() == 2 && lenders[0] == lenders[1]) lenders.pop_back();
    solver_.add(lenders.size() == 1 ? beyond >= elsewhere : beyond == elsewhere);
    for (const Holding& lender : lenders) {
      z3::expr& units = units_.at(lender);
      units = units - (lenders.size() == 1 ? beyond : context_.int_val(1));
      solver_.add(units >= 0);
    }
  }

  // ---- the start

  void clean_start() {
    for (const auto& [one, opening] : openings_)
      for (const auto& [two, other] : openings_) {
        if (!(one < two)) continue;
        if (!clean(arena_, {titled_to_itself(one), titled_to_itself(two)})) solver_.add(opening == 0 || other == 0);
      }
    std::size_t floor_count = 0;
    for (const auto& [holding, opening] : openings_) {
      const auto& [bucket, ids, asset] = holding;
      for (const Index index : arena_.moves_from[bucket]) {
        const Move& move = arena_.moves.moves[index];
        if (move.asset != asset || move.floors.empty()) continue;
        start_above_floors(move, opening, ids, fmt::format("f{}_", floor_count++));
        break;
      }
    }
  }

  static Coin titled_to_itself(const Holding& holding) {
    const auto& [bucket, ids, asset] = holding;
    return {asset, {bucket, ids}, {bucket, ids}};
  }

  /// Floors hold at the start for some facts; a subject's mode is then its first.
  void start_above_floors(const Move& move, const z3::expr& opening, const std::array<std::uint8_t, kKeysMax>&, const std::string& prefix) {
    auto values = z3_encoding::fresh_values(context_, move.slots, prefix);
    z3_encoding::constrain_ranges(solver_, arena_, move.slots, all_modes(), values, prefix);
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Mode) values[i] = context_.int_val(0);
    values[move.from_slot] = opening;
    for (const Guarded& floor : move.floors) solver_.add(holds(context_, floor, values));
  }

  // ---- a small answer

  /// First tries round, small numbers; then any. Then empties what need not be held at the start.
  bool tighten() {
    times_.settle(within_);
    for (const std::int64_t size : {1, 100, 1'000'000}) {
      solver_.push();
      for (const auto& [index, amount] : amounts_) solver_.add(amount <= number(context_, unit_of(index)) * context_.int_val(size) && rounded(index, amount, size));
      for (const auto& [holding, opening] : openings_) solver_.add(opening <= number(context_, unit(std::get<2>(holding))) * context_.int_val(4 * size));
      if (within_.check() == z3::sat) return empty_what_can_be();
      solver_.pop();
    }
    return within_.check() == z3::sat && empty_what_can_be();
  }

  Int128 unit(Index asset) const {
    Int128 result = 1;
    for (unsigned i = 0; i < arena_.moves.vocabulary.assets[asset].decimals; ++i) result *= 10;
    return result;
  }
  Int128 unit_of(std::size_t step) const { return unit(arena_.moves.moves[run_.steps[step].move].asset); }
  z3::expr rounded(std::size_t step, const z3::expr& amount, std::int64_t size) {
    return size == 1 ? amount == number(context_, unit_of(step)) : context_.bool_val(true);
  }

  bool empty_what_can_be() {
    for (const auto& [holding, opening] : openings_) within_.keep_if_possible(opening == 0);
    return within_.check() == z3::sat;
  }

  // ---- the model as a trace

  NamedInstance instance(Index target, const std::vector<Index>& keys, const std::array<std::uint8_t, kKeysMax>& ids) const {
    NamedInstance result{target, {}};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::string name = arena_.moves.vocabulary.entities[keys[i]].name;
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      result.ids.push_back(fmt::format("{}{}", name, ids[i] + 1));
    }
    return result;
  }
  NamedInstance instance(const Spot& spot) const { return instance(spot.bucket, arena_.bucket(spot.bucket).keys, spot.ids); }

  std::vector<CoinPlace> places(std::size_t coin) const {
    std::vector<CoinPlace> result;
    const auto note = [&](const std::vector<Coin>& coins) { result.push_back({true, instance(coins[coin].title), instance(coins[coin].at)}); };
    note(run_.start);
    for (const RunStep& step : run_.steps) note(step.coins_after);
    return result;
  }

  Trace trace() {
    const z3::model model = solver_.get_model();
    Trace trace;
    for (const auto& [holding, opening] : openings_) {
      const auto& [bucket, ids, asset] = holding;
      const Int128 balance = value_in(model, opening);
      if (balance != 0) trace.opening.push_back({instance({bucket, ids}), asset, balance});
    }
    for (std::size_t i = 0; i < run_.steps.size(); ++i) trace.steps.push_back(trace_step(model, i));
    times_.put(model, trace);
    for (std::size_t coin = 0; coin < run_.start.size(); ++coin) {
      trace.coin_asset[coin] = run_.start[coin].asset;
      trace.coins.push_back(places(coin));
    }
    return trace;
  }

  TraceStep trace_step(const z3::model& model, std::size_t index) {
    const RunStep& step = run_.steps[index];
    TraceStep result;
    result.is_transfer = step.move != kNone;
    Mask roles = 0;
    if (result.is_transfer) {
      const Move& move = arena_.moves.moves[step.move];
      roles = move.roles;
      result.statement = move.allows[step.allow].statement;
      if (step.lender) result.lender = instance(*step.lender);
      result.transfer = {move.purpose, move.asset, value_in(model, amounts_.at(index)), instance(step.from), instance(step.to)};
    } else {
      const Transition& transition = arena_.moves.transitions[step.transition];
      roles = transition.roles;
      result.statement = transition.guard.statement;
      result.is_by_clock = transition.deadline.has_value();
      result.subject = instance(transition.machine, arena_.moves.vocabulary.machines[transition.machine].subject.keys, step.from.ids);
      result.to_mode = transition.to_mode;
    }
    for (Index role = 0; role < 64 && result.role == kNone; ++role)
      if (roles >> role & 1) result.role = role;
    if (!result.is_by_clock) result.person = "initiator";
    supply(model, index, result);
    return result;
  }

  void supply(const z3::model& model, std::size_t index, TraceStep& result) {
    const RunStep& step = run_.steps[index];
    const StepTerms& terms = steps_[index];
    for (std::size_t i = 0; i < terms.slots->size(); ++i) {
      const Slot& slot = (*terms.slots)[i];
      const Int128 value = value_in(model, terms.values[i]);
      if (slot.kind == SlotKind::Evidence && value == 1) result.evidence |= Mask{1} << slot.target;
      if (slot.kind != SlotKind::Fact) continue;
      const Fact& fact = arena_.moves.vocabulary.facts[slot.target];
      result.facts.push_back({instance(slot.target, fact.subject.keys, spot_of(slot, step.from, step.to).ids), value});
    }
    const auto kinds = person_kinds(*terms.slots);
    const auto counts = z3_encoding::person_counts(context_, *terms.slots, terms.prefix);
    for (std::size_t k = 0; k < kinds.size(); ++k)
      for (Int128 n = value_in(model, counts[k]); n > 0; --n)
        result.approvals.push_back({fmt::format("approver{}", result.approvals.size() + 1), kinds[k].roles});
  }

  const Arena& arena_;
  const Run run_;
  z3::context context_;
  z3::solver solver_;
  WithinBudget within_;
  std::map<Holding, z3::expr> openings_, balances_, units_;  // units: those that really are there (language reference, 3.6)
  std::map<std::size_t, z3::expr> amounts_;
  std::map<std::pair<Index, std::array<std::uint8_t, kKeysMax>>, Index> modes_;
  std::vector<StepTerms> steps_;
  RunTimes times_;
};

/// Of the first run for which there are values; none is tried when time is up.
std::optional<Trace> first_concrete(const Arena& arena, std::vector<Run> runs, const Budget& budget) {
  for (Run& run : runs) {
    if (budget.is_over()) break;
    if (auto trace = Concretizer(arena, std::move(run), budget).solve()) return trace;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Trace> concretize(const Arena& arena, const Reach& reach, Index state, const Budget& budget) {
  try {
    return first_concrete(arena, runs_to(arena, reach, state), budget);
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

std::optional<Trace> concretize_with_detours(const Arena& arena, const Reach& reach, Index state, const Budget& budget) {
  constexpr std::size_t kOneDetourMax = 40, kDetoursMax = 200;
  try {
    const Run shortest = std::move(runs_to(arena, reach, state)[0]);
    std::vector<Run> runs = with_detour(arena, shortest, kOneDetourMax);
    const std::size_t once = runs.size();
    for (std::size_t i = 0; i < once && runs.size() < kDetoursMax; ++i)
      for (Run& twice : with_detour(arena, Run(runs[i]), kDetoursMax / (once + 1))) runs.push_back(std::move(twice));
    return first_concrete(arena, std::move(runs), budget);
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

}  // namespace ringfence
