// SPDX-License-Identifier: Apache-2.0
// The steps of explore.cc once more, for one unit and without asking whether they are possible; then back from home, asking only about
// steps that lead to where home can be reached.
#include "verify/homeward.h"

#include <algorithm>
#include <unordered_map>

namespace ringfence {
namespace {

using Arriving = std::vector<std::pair<ModeSubject, std::uint8_t>>;

/// A step from a state that the rules speak of; whether any values allow it is not asked yet.
struct Step {
  Index before = kNone;
  Index move = kNone, transition = kNone;   ///< one of the two
  bool passing = false;
  Spot from, to;
  Arriving arriving;
};

/// Classes that a key may take, or must not.
struct KeyChoice { std::array<int, kKeysMax> fixed{-1, -1, -1, -1}, barred{-1, -1, -1, -1}; };

class Steps {
 public:
  Steps(const Arena& arena, const std::vector<Mask>& possible, const Reach& reach) : arena_(arena), possible_(possible), reach_(reach), to_(reach.states.size()) {
    for (Index i = 0; i < reach.states.size(); ++i) index_.emplace(state_key(reach.states[i]), i);
    for (Index i = 0; i < reach.states.size(); ++i) collect(i);
  }
  const std::vector<Step>& to(Index state) const { return to_[state]; }

 private:
  void collect(Index now) {
    const CoinState& state = reach_.states[now];
    const Coin& coin = state.coins[0];
    if (arena_.bucket(coin.at.bucket).external && !(titled_to(arena_, coin.at) == coin.title)) return;   // outside for good
    for (const Spot& from : sources(state))
      for (const Index move : arena_.moves_from[from.bucket])
        if (arena_.moves.moves[move].asset == coin.asset) transfers(now, state, move, from);
    changes(now, state);
  }

  /// Where the unit is; and, where its account can be overdrawn, every place in that account.
  std::vector<Spot> sources(const CoinState& state) const {
    const Coin& coin = state.coins[0];
    std::vector<Spot> found{coin.at};
    const Index account = arena_.bucket(coin.at.bucket).account;
    if (account == kNone || !arena_.account_overdraws[account]) return found;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
      if (arena_.bucket(bucket).account != account) continue;
      KeyChoice choice;
      for (const Index key : arena_.moves.vocabulary.accounts[account].keys) choice.fixed[key_position(arena_.bucket(bucket).keys, key)] = class_at(arena_, coin.at, key);
      each_place(state, bucket, choice, nullptr, [&](const Spot& place) {
        if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
      });
    }
    return found;
  }

  /// Every choice of ids: a class that the state or `also` mentions, or one more.
  template <class Visit>
  void each_place(const CoinState& state, Index bucket, const KeyChoice& choice, const Spot* also, const Visit& visit) const {
    std::vector<Spot> places{{bucket, {}}};
    const auto& keys = arena_.bucket(bucket).keys;
    for (std::size_t key = 0; key < keys.size(); ++key) {
      std::vector<Spot> wider;
      for (Spot place : places) {
        const std::uint8_t fresh = choice.fixed[key] >= 0 ? std::uint8_t{0} : first_unmentioned(state, keys[key], also);
        for (std::uint8_t id = 0; id <= fresh; ++id) {
          if (choice.barred[key] == id) continue;
          place.ids[key] = choice.fixed[key] >= 0 ? static_cast<std::uint8_t>(choice.fixed[key]) : id;
          wider.push_back(place);
        }
      }
      places = std::move(wider);
    }
    for (const Spot& place : places) visit(place);
  }

  std::uint8_t first_unmentioned(const CoinState& state, Index entity, const Spot* also) const {
    std::uint8_t fresh = class_count(arena_, state.coins, entity);
    const Index position = also ? key_position(arena_.bucket(also->bucket).keys, entity) : kNone;
    return position == kNone ? fresh : std::max(fresh, static_cast<std::uint8_t>(also->ids[position] + 1));
  }

  void transfers(Index now, const CoinState& state, Index index, const Spot& from) {
    const Move& move = arena_.moves.moves[index];
    const Bucket& source = arena_.bucket(move.from);
    const Bucket& destination = arena_.bucket(move.to);
    const auto shared = shared_keys(source, destination);
    KeyChoice choice;
    for (std::size_t i = 0; i < shared.size(); ++i)
      ((move.relation >> i & 1) ? choice.barred : choice.fixed)[key_position(destination.keys, shared[i])] = class_at(arena_, from, shared[i]);
    each_place(state, move.to, choice, &from, [&](const Spot& to) {
      for (const bool passing : {false, true})
        if (std::any_of(move.allows.begin(), move.allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; }))
          arrive(state, {now, index, kNone, passing, from, to, {}});
    });
  }

  void arrive(const CoinState& state, Step step) {
    std::vector<Coin> raw = state.coins;
    if (step.passing && can_pass_title(arena_, raw[0].title, step.from)) raw[0].title = titled_to(arena_, step.to);
    raw[0].at = step.to;
    const auto before = tracked_subjects(arena_, state.coins), now = tracked_subjects(arena_, raw);
    CoinState after{canonical(arena_, raw), {}};
    choose_modes(state, before, now, step, after);
  }

  /// Subjects that come into sight are in any mode that is possible at all; the others keep theirs.
  void choose_modes(const CoinState& state, const std::vector<ModeSubject>& before, const std::vector<ModeSubject>& now, Step& step, CoinState& after) {
    if (after.modes.size() == now.size()) {
      add(after, step);
      return;
    }
    const ModeSubject& subject = now[after.modes.size()];
    const auto known = std::find(before.begin(), before.end(), subject);
    for (std::uint8_t mode = 0; mode < kModesMax; ++mode) {
      const bool is_mode = known != before.end() ? state.modes[static_cast<std::size_t>(known - before.begin())] == mode : (possible_[subject.machine] >> mode & 1) != 0;
      if (!is_mode) continue;
      after.modes.push_back(mode);
      if (known == before.end()) step.arriving.emplace_back(subject, mode);
      choose_modes(state, before, now, step, after);
      if (known == before.end()) step.arriving.pop_back();
      after.modes.pop_back();
    }
  }

  void changes(Index now, const CoinState& state) {
    const auto tracked = tracked_subjects(arena_, state.coins);
    for (std::size_t i = 0; i < tracked.size(); ++i)
      for (const Index index : arena_.transitions_of[tracked[i].machine]) {
        const Transition& transition = arena_.moves.transitions[index];
        if (!(transition.from_modes >> state.modes[i] & 1) || transition.to_mode == state.modes[i]) continue;
        CoinState after = state;
        after.modes[i] = static_cast<std::uint8_t>(transition.to_mode);
        Step step{now, kNone, index, false, {}, {}, {}};
        step.from.ids = tracked[i].ids;
        add(after, step);
      }
  }

  /// A step to a state that the search did not find is not possible.
  void add(const CoinState& after, const Step& step) {
    const auto found = index_.find(state_key(after));
    if (found != index_.end() && found->second != step.before) to_[found->second].push_back(step);
  }

  const Arena& arena_;
  const std::vector<Mask>& possible_;
  const Reach& reach_;
  std::unordered_map<std::string, Index> index_;
  std::vector<std::vector<Step>> to_;   ///< by the state that the step leads to
};

/// 1 possible, 0 not, -1 no answer.
int is_possible(const Arena& arena, Feasibility& feasible, const CoinState& state, const Step& step) {
  if (step.transition != kNone) {
    const Transition& transition = arena.moves.transitions[step.transition];
    return feasible.transition(step.transition, knowledge(arena, transition.slots, state, {}, step.from, step.from));
  }
  SlotKnowledge known = knowledge(arena, arena.moves.moves[step.move].slots, state, step.arriving, step.from, step.to);
  known.taken = 1;
  if (!(state.coins[0].at == step.from) && overdraws_alone(arena, step.from.bucket)) known.beyond_balance = 1;
  const Ways ways = feasible.move(step.move, known);
  return (step.passing ? ways.pass : ways.keep) != kNone ? 1 : ways.unknown ? -1 : 0;
}

}  // namespace

bool is_home(const Arena& arena, const Coin& coin) { return arena.bucket(coin.at.bucket).external && can_pass_title(arena, coin.title, coin.at); }

bool has_home(const Arena& arena, const Coin& coin) {
  const auto& buckets = arena.moves.vocabulary.buckets;
  return std::any_of(buckets.begin(), buckets.end(), [&](const Bucket& each) { return each.external && each.owner == arena.bucket(coin.title.bucket).owner; });
}

Homeward homeward(const Arena& arena, Feasibility& feasible, const std::vector<Mask>& possible, const Reach& reach) {
  Homeward result{std::vector<bool>(reach.states.size(), false), {}};
  const Steps steps(arena, possible, reach);
  std::vector<Index> open;
  const auto reaches = [&](Index state) {
    result.possible[state] = true;
    open.push_back(state);
  };
  for (Index state = 0; state < reach.states.size(); ++state)
    if (is_home(arena, reach.states[state].coins[0])) reaches(state);
  while (!open.empty()) {
    const Index now = open.back();
    open.pop_back();
    for (const Step& step : steps.to(now)) {
      if (result.possible[step.before]) continue;
      const int answer = is_possible(arena, feasible, reach.states[step.before], step);
      if (answer < 0) result.stopped = "the solver did not say in time whether a step on the way home is possible";
      if (answer == 1) reaches(step.before);
    }
  }
  return result;
}

}  // namespace ringfence
