// SPDX-License-Identifier: Apache-2.0
// The parameters of a certificate's `inv`, and all states that satisfy it: places first, then assets, ids and modes, giving up each branch as soon
// as `inv` is false whatever the rest is; balances are left open, and what `inv` then still asks of them is asked whether it can be. Where a place has
// no id or subject, `inv` sees -1; whatever it makes of that, the result is one set of states, and it is that set that is then judged. See invariant.h.
#include "invariant.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "balances.h"
#include "meaning.h"

namespace checker {
namespace {

/// The numbers of "pi3_12": after `prefix`, separated by underscores.
std::optional<std::vector<Index>> numbers_after(std::string_view prefix, std::string_view name, std::size_t count) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  std::vector<Index> numbers;
  const char* at = name.data() + prefix.size();
  const char* const end = name.data() + name.size();
  for (std::size_t i = 0; i < count; ++i) {
    Index number = 0;
    if (i != 0 && (at == end || *at++ != '_')) return std::nullopt;
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc{}) return std::nullopt;
    at = read.ptr;
    numbers.push_back(number);
  }
  if (at != end) return std::nullopt;
  return numbers;
}

}  // namespace

Invariant::Invariant(const Definitions& definitions, const Table& table, std::vector<Mask> modes_possible)
    : definitions_(definitions), inv_(definitions.function("inv")), frame_{table, std::move(modes_possible), 1, {}, {}}, asset_(2, kNone), bucket_(4, kNone) {
  if (inv_ == kNone) throw Unusable{"the certificate defines no function `inv`"};
  id_.fill(std::vector<Index>(table.entities.size(), kNone));
  const std::vector<std::string>& names = definitions.parameters(inv_);
  for (const std::string& name : names)
    if (name == "pa1" || name == "pb2" || name == "pb3") frame_.units = 2;
  for (Index i = 0; i < names.size(); ++i)
    if (!name_parameter(names[i], i)) throw Unusable{"`inv` has a parameter '" + names[i] + "', which is none of a unit, a place, an id, a mode or a balance"};
}

bool Invariant::name_parameter(const std::string& name, Index place) {
  if (const auto asset = numbers_after("pa", name, 1); asset && asset->at(0) < frame_.units) return (asset_[asset->at(0)] = place, true);
  if (const auto bucket = numbers_after("pb", name, 1); bucket && bucket->at(0) < frame_.spots()) return (bucket_[bucket->at(0)] = place, true);
  if (const auto id = numbers_after("pi", name, 2); id && id->at(0) < frame_.spots() && id->at(1) < frame_.table.entities.size())
    return (id_[id->at(0)][id->at(1)] = place, true);
  if (name_balance(name, place)) return true;
  const auto mode = numbers_after("pm", name, 2);
  if (!mode || mode->at(0) >= frame_.table.machines.size() || mode->at(1) >= frame_.spots()) return false;
  frame_.views.push_back({mode->at(0), mode->at(1)});
  mode_.push_back(place);
  return true;
}

/// "pbal3_0_1_2": of bucket 3 in asset 0, its ids those of spots 1 and 2.
bool Invariant::name_balance(const std::string& name, Index place) {
  const std::vector<Bucket>& buckets = frame_.table.buckets;
  const auto count = static_cast<std::size_t>(std::count(name.begin(), name.end(), '_')) + 1;
  const auto balance = numbers_after("pbal", name, count);
  if (!balance || count < 2 || balance->at(0) >= buckets.size() || balance->at(1) >= frame_.table.assets.size()) return false;
  const Bucket& bucket = buckets[balance->at(0)];
  if (bucket.external || count != 2 + bucket.keys.size()) return false;
  BalanceView view{balance->at(0), balance->at(1), {balance->begin() + 2, balance->end()}};
  if (std::any_of(view.spots.begin(), view.spots.end(), [&](unsigned spot) { return spot >= frame_.spots(); })) return false;
  frame_.balances.push_back(std::move(view));
  balance_.push_back(place);
  return true;
}

Index Invariant::holds(Formulas& formulas, const State& state, const std::vector<Sum>& balances) const {
  std::vector<Sum> arguments(definitions_.parameters(inv_).size());
  const auto put = [&](Index parameter, Sum value) {
    if (parameter != kNone) arguments[parameter] = std::move(value);
  };
  for (unsigned unit = 0; unit < frame_.units; ++unit) put(asset_[unit], number(state.assets[unit]));
  for (unsigned spot = 0; spot < frame_.spots(); ++spot) {
    put(bucket_[spot], number(state.spots[spot].bucket));
    for (Index entity = 0; entity < frame_.table.entities.size(); ++entity) put(id_[spot][entity], number(id_at(frame_, state.spots[spot], entity)));
  }
  for (std::size_t view = 0; view < mode_.size(); ++view) put(mode_[view], number(state.modes[view]));
  for (std::size_t view = 0; view < balance_.size(); ++view) put(balance_[view], balances[view]);
  return meaning(formulas, definitions_, inv_, arguments);
}

bool Invariant::leaves_out(const State& state) const {
  Formulas formulas;
  Balances balances(frame_, state, formulas);
  formulas.assume(Formulas::negation(holds(formulas, state, balances.seen(state))));
  return can_be(frame_, state, formulas);
}

class Invariant::Enumeration {
 public:
  Enumeration(const Invariant& invariant, StateSet& set, std::size_t states_max)
      : invariant_(invariant), frame_(invariant.frame_), set_(set), states_max_(states_max), arguments_(invariant.definitions_.parameters(invariant.inv_).size()) {
    state_.modes.assign(frame_.views.size(), kUnseen);
  }

  States run() {
    choose_bucket(0);
    return std::move(found_);
  }

 private:
  void know(Index parameter, std::int64_t value) {
    if (parameter != kNone) arguments_[parameter] = {true, value};
  }
  void forget(Index parameter) {
    if (parameter != kNone) arguments_[parameter] = {};
  }
  bool can_be() const {
    const Value value = invariant_.definitions_.evaluate(invariant_.inv_, arguments_);
    return !value.known || value.number != 0;
  }

  /// Place before title, unit 0 before unit 1.
  void choose_bucket(unsigned step) {
    if (step == frame_.spots()) return choose_asset(0);
    const unsigned spot = step ^ 1u;
    for (Index bucket = 0; bucket < frame_.table.buckets.size(); ++bucket) {
      state_.spots[spot] = {bucket, {}};
      know(invariant_.bucket_[spot], bucket);
      for (Index entity = 0; entity < frame_.table.entities.size(); ++entity) {
        const Index parameter = invariant_.id_[spot][entity];
        if (contains(frame_.table.buckets[bucket].keys, entity)) forget(parameter);
        else know(parameter, -1);
      }
      if (can_be()) choose_bucket(step + 1);
    }
    forget(invariant_.bucket_[spot]);
    for (const Index parameter : invariant_.id_[spot]) forget(parameter);
  }

  void choose_asset(unsigned unit) {
    if (unit == frame_.units) return choose_id(0, 0);
    for (Index asset = 0; asset < frame_.table.assets.size(); ++asset) {
      state_.assets[unit] = asset;
      know(invariant_.asset_[unit], asset);
      if (can_be()) choose_asset(unit + 1);
    }
    forget(invariant_.asset_[unit]);
  }

  /// Any id that a spot before mentions, or the first that none does.
  void choose_id(unsigned spot, std::size_t key) {
    if (spot == frame_.spots()) return choose_mode(0);
    const std::vector<Index>& keys = frame_.bucket(state_.spots[spot]).keys;
    if (key == keys.size()) return choose_id(spot + 1, 0);
    int mentioned = 0;
    for (unsigned before = 0; before < spot; ++before) mentioned = std::max(mentioned, id_at(frame_, state_.spots[before], keys[key]) + 1);
    for (int id = 0; id <= mentioned; ++id) {
      state_.spots[spot].ids[key] = static_cast<std::uint8_t>(id);
      know(invariant_.id_[spot][keys[key]], id);
      if (can_be()) choose_id(spot, key + 1);
    }
    forget(invariant_.id_[spot][keys[key]]);
  }

  void choose_mode(std::size_t view) {
    if (view == frame_.views.size()) return keep();
    Subject subject, other;
    if (!subject_at(frame_, state_, frame_.views[view], subject)) return set_mode(view, kUnseen);
    for (std::size_t before = 0; before < view; ++before)
      if (subject_at(frame_, state_, frame_.views[before], other) && other == subject) return set_mode(view, state_.modes[before]);
    for (char mode = 0; mode < 64; ++mode)
      if ((frame_.modes_possible[subject.machine] >> mode & 1) != 0) set_mode(view, mode);
  }

  void set_mode(std::size_t view, char mode) {
    state_.modes[view] = mode;
    know(invariant_.mode_[view], mode);
    if (can_be()) choose_mode(view + 1);
    forget(invariant_.mode_[view]);
  }

  /// All arguments but balances are known, so `inv` holds here, for balances that are as it then asks.
  void keep() {
    const auto [place, is_new] = set_.try_emplace(key_of(frame_, state_), true);
    if (!is_new) return;
    if (!frame_.balances.empty()) {
      Formulas formulas;
      Balances balances(frame_, state_, formulas);
      const Index holds = invariant_.holds(formulas, state_, balances.seen(state_));
      place->second = holds == kAlways;
      formulas.assume(holds);
      if (holds != kAlways && !checker::can_be(frame_, state_, formulas)) return void(set_.erase(place));
    }
    if (found_.size() >= states_max_) throw TooLarge{"the invariant has more than " + std::to_string(states_max_) + " states"};
    found_.push_back(state_);
  }

  const Invariant& invariant_;
  const Frame& frame_;
  StateSet& set_;
  const std::size_t states_max_;
  std::vector<Value> arguments_;
  State state_;
  States found_;
};

States Invariant::states(StateSet& set, std::size_t states_max) const { return Enumeration(*this, set, states_max).run(); }

}  // namespace checker
