// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_state.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "verify/persons.h"
#include "verify/smt_text.h"

namespace ringfence::smt {
namespace {

using Terms = std::vector<std::string>;

std::vector<const Spot*> spots_of(const CoinState& state) {
  std::vector<const Spot*> spots;
  for (const Coin& coin : state.coins) {
    spots.push_back(&coin.title);
    spots.push_back(&coin.at);
  }
  return spots;
}

}  // namespace

std::string SpotName::id(Index entity) const { return fmt::format("{}_{}{}", name, entity, suffix); }

std::vector<SpotName> spot_names(unsigned first_coin, unsigned coin_count, const std::string& suffix) {
  std::vector<SpotName> names;
  for (unsigned i = first_coin; i < first_coin + coin_count; ++i) {
    names.push_back({fmt::format("title{}", i), suffix});
    names.push_back({fmt::format("at{}", i), suffix});
  }
  return names;
}

StateText::StateText(const Arena& arena, unsigned coin_count, bool keyed_modes) : arena_(arena), coin_count_(coin_count) {
  const auto& vocabulary = arena.moves.vocabulary;
  for (Index entity = 0; entity < vocabulary.entities.size(); ++entity)
    if (std::any_of(vocabulary.buckets.begin(), vocabulary.buckets.end(), [&](const Bucket& bucket) { return key_position(bucket.keys, entity) != kNone; }) ||
        std::any_of(vocabulary.machines.begin(), vocabulary.machines.end(), [&](const ModeMachine& each) { return key_position(each.subject.keys, entity) != kNone; }))
      entities_.push_back(entity);
  for (Index machine = 0; machine < vocabulary.machines.size(); ++machine)
    if (arena.machine_matters[machine] && (keyed_modes || vocabulary.machines[machine].subject.keys.empty())) machines_.push_back(machine);
}

// ---- prelude

std::string StateText::prelude(const InvariantParts& parts) const { return declarations() + invariant(parts); }

std::string StateText::declarations() const {
  std::string text = "(set-logic QF_UFLIA)\n";
  for (unsigned coin = 0; coin < 2; ++coin)
    for (const char* suffix : {"", "_"}) {
      text += fmt::format("(declare-fun asset{}{} () Int)\n", coin, suffix);
      for (const SpotName& spot : spot_names(coin, 1, suffix)) {
        text += fmt::format("(declare-fun {} () Int)\n", spot.bucket());
        for (const Index entity : entities_) text += fmt::format("(declare-fun {} () Int)\n", spot.id(entity));
      }
    }
  for (const Index entity : entities_) text += fmt::format("(declare-fun s{0} () Int)\n(declare-fun d{0} () Int)\n", entity);
  for (const Index machine : machines_)
    text += fmt::format("(declare-fun mode{} ({}) Int)\n", machine, fmt::join(Terms(subject_keys(machine).size(), "Int"), " "));
  std::size_t slots = 0;
  for (const Move& move : arena_.moves.moves) slots = std::max(slots, move.slots.size());
  for (const Transition& transition : arena_.moves.transitions) slots = std::max(slots, transition.slots.size());
  for (std::size_t i = 0; i < slots; ++i) text += fmt::format("(declare-fun v{} () Int)\n", i);
  for (std::size_t i = 0; i < (std::size_t{1} << kApprovalSetsMax); ++i) text += fmt::format("(declare-fun persons{} () Int)\n", i);
  text += "(declare-fun to () Int)\n(declare-fun amount () Int)\n(declare-fun pass () Bool)\n(declare-fun taken0 () Bool)\n(declare-fun taken1 () Bool)\n";
  return text;
}

// ---- the invariant

std::vector<std::string> StateText::parameters() const {
  Terms names;
  for (unsigned coin = 0; coin < coin_count_; ++coin) names.push_back(fmt::format("pa{}", coin));
  for (std::size_t spot = 0; spot < 2 * coin_count_; ++spot) {
    names.push_back(fmt::format("pb{}", spot));
    for (const Index entity : entities_) names.push_back(fmt::format("pi{}_{}", spot, entity));
  }
  for (const Index machine : machines_)
    for (std::size_t spot = 0; spot < views(machine); ++spot) names.push_back(fmt::format("pm{}_{}", machine, spot));
  return names;
}

InvariantParts StateText::parts(const Reach& reach) const {
  // By place of unit 0, then by all but the bucket that it is titled to, the assets and the modes: many states differ in no more.
  std::map<Index, std::map<std::string, std::map<std::string, std::set<Index>>>> titles;   // place, shape, assets and modes -> titles
  std::map<std::string, std::map<std::string, Terms>> assets;                              // a state's place, title and shape; its modes -> assets
  for (const CoinState& state : reach.states) assets[place_title_and_shape(state)][modes_of(state)].push_back(assets_of(state));
  for (const CoinState& state : reach.states) {
    titles[state.coins[0].at.bucket][shape_of(state)][details(assets.at(place_title_and_shape(state)))].insert(state.coins[0].title.bucket);
  }
  std::map<std::set<Index>, std::string> titled;  // title classes -> the term that says so
  InvariantParts result{{}, std::vector<Index>(arena_.moves.vocabulary.buckets.size(), kNone)};
  std::map<std::string, Index> by_body;
  for (const auto& [bucket, shapes] : titles) {
    Terms groups;
    for (const auto& [shape, by_details] : shapes)
      for (const auto& [detail, classes] : by_details) {
        std::string& term = titled[classes];
        if (term.empty()) term = one_of("pb0", titles_of(classes));
        groups.push_back(all({term, shape, detail}));
      }
    std::string body = smt::any(groups);
    const auto [known, is_new] = by_body.try_emplace(body, static_cast<Index>(result.parts.size()));
    if (is_new) result.parts.push_back({{}, std::move(body)});
    result.parts[known->second].places.push_back(bucket);
    result.of_bucket[bucket] = known->second;
  }
  return result;
}

std::string StateText::invariant(const InvariantParts& parts) const {
  Terms typed, cases;
  for (const std::string& name : parameters()) typed.push_back(fmt::format("({} Int)", name));
  std::string text;
  for (std::size_t i = 0; i < parts.parts.size(); ++i) {
    const InvariantPart& part = parts.parts[i];
    text += comment(fmt::format("where unit 0 is in {}{}", arena_.bucket(part.places[0]).name,
                                part.places.size() > 1 ? fmt::format(" or one of {} others", part.places.size() - 1) : ""));
    text += fmt::format("(define-fun inv_{} ({}) Bool\n  {})\n", i, fmt::join(typed, " "), part.body);
    cases.push_back(all({one_of("pb1", part.places), smt::apply(fmt::format("inv_{}", i), parameters())}));
  }
  return text + fmt::format("(define-fun inv ({}) Bool\n  {})\n", fmt::join(typed, " "), smt::any(cases));
}

std::vector<Index> StateText::titles_of(const std::set<Index>& classes) const {
  std::vector<Index> titles;
  for (const Index lowest : classes) titles.insert(titles.end(), arena_.titles_in[lowest].begin(), arena_.titles_in[lowest].end());
  std::sort(titles.begin(), titles.end());
  return titles;
}

std::string StateText::place_title_and_shape(const CoinState& state) const {
  return fmt::format("{} {} {}", state.coins[0].at.bucket, state.coins[0].title.bucket, shape_of(state));
}

/// The modes, and for each the assets.
std::string StateText::details(const std::map<std::string, Terms>& assets_by_modes) const {
  Terms cases;
  for (const auto& [modes, assets] : assets_by_modes) cases.push_back(all({modes, assets.size() == asset_choices() ? any_assets() : smt::any(assets)}));
  return smt::any(cases);
}

std::size_t StateText::asset_choices() const {
  const std::size_t assets = arena_.moves.vocabulary.assets.size();
  return coin_count_ == 1 ? assets : assets * assets;
}

std::string StateText::any_assets() const {
  Terms terms;
  for (unsigned coin = 0; coin < coin_count_; ++coin)
    terms.push_back(fmt::format("(and (<= 0 pa{0}) (< pa{0} {1}))", coin, arena_.moves.vocabulary.assets.size()));
  return all(terms);
}

std::string StateText::assets_of(const CoinState& state) const {
  Terms terms;
  for (std::size_t i = 0; i < state.coins.size(); ++i) terms.push_back(equal(fmt::format("pa{}", i), std::to_string(state.coins[i].asset)));
  return all(terms);
}

std::string StateText::shape_of(const CoinState& state) const {
  Terms terms;
  const auto spots = spots_of(state);
  if (state.coins.size() == 2) {
    terms.push_back(one_of("pb2", arena_.titles_in[spots[2]->bucket]));
    terms.push_back(equal("pb3", std::to_string(spots[3]->bucket)));
  }
  for (const Index entity : entities_)
    for (std::size_t i = 0; i < spots.size(); ++i)
      for (std::size_t j = i + 1; j < spots.size(); ++j) {
        if (!has_key(*spots[i], entity) || !has_key(*spots[j], entity)) continue;
        const std::string same = equal(fmt::format("pi{}_{}", i, entity), fmt::format("pi{}_{}", j, entity));
        terms.push_back(class_at(arena_, *spots[i], entity) == class_at(arena_, *spots[j], entity) ? same : negation(same));
      }
  return all(terms);
}

std::string StateText::modes_of(const CoinState& state) const {
  Terms terms;
  const auto tracked = tracked_subjects(arena_, state.coins);
  const auto spots = spots_of(state);
  for (std::size_t t = 0; t < tracked.size(); ++t) {
    const auto& keys = subject_keys(tracked[t].machine);
    for (std::size_t spot = 0; spot < views(tracked[t].machine); ++spot) {
      if (!keys.empty() && !sees(*spots[spot], keys, tracked[t])) continue;
      terms.push_back(equal(fmt::format("pm{}_{}", tracked[t].machine, spot), std::to_string(state.modes[t])));
    }
  }
  return all(terms);
}

bool StateText::sees(const Spot& spot, const std::vector<Index>& keys, const ModeSubject& subject) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!has_key(spot, keys[i]) || class_at(arena_, spot, keys[i]) != subject.ids[i]) return false;
  return true;
}

/// Arguments of `inv` for the units from `first_coin` on, before or after a step; `changed` rewrites a mode after a transition.
std::string StateText::invariant_holds(const std::string& function, unsigned first_coin, const std::string& suffix, const Transition* changed) const {
  const auto spots = spot_names(first_coin, coin_count_, suffix);
  Terms arguments;
  for (unsigned coin = first_coin; coin < first_coin + coin_count_; ++coin) arguments.push_back(fmt::format("asset{}{}", coin, suffix));
  for (const SpotName& spot : spots) {
    arguments.push_back(spot.bucket());
    for (const Index entity : entities_) arguments.push_back(spot.id(entity));
  }
  for (const Index machine : machines_)
    for (std::size_t view = 0; view < views(machine); ++view) arguments.push_back(mode_seen(machine, spots[view], changed));
  return smt::apply(function, arguments);
}

std::string StateText::mode_seen(Index machine, const SpotName& spot, const Transition* changed) const {
  Terms ids, is_subject;
  for (const Index key : subject_keys(machine)) {
    ids.push_back(spot.id(key));
    is_subject.push_back(equal(spot.id(key), fmt::format("s{}", key)));
  }
  const std::string mode = smt::apply(fmt::format("mode{}", machine), ids);
  return changed && changed->machine == machine ? choice(all(is_subject), std::to_string(changed->to_mode), mode) : mode;
}

}  // namespace ringfence::smt
