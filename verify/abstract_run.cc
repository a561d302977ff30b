// SPDX-License-Identifier: Apache-2.0
#include "verify/abstract_run.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace ringfence {
namespace {

/// Ways of making a bucket short that are tried for one run.
constexpr std::size_t kOverdraftsMax = 16;

/// An allow rule by which a bucket of the account that may overdraw can pay.
struct Overdraft { Index move = kNone, allow = kNone; };

std::vector<Overdraft> overdrafts(const Arena& arena, Index account, Index asset) {
  std::vector<Overdraft> found;
  for (Index bucket = 0; bucket < arena.moves.vocabulary.buckets.size(); ++bucket) {
    if (arena.bucket(bucket).account != account || !arena.bucket(bucket).may_overdraw) continue;
    for (const Index move : arena.moves_from[bucket])
      for (Index allow = 0; arena.moves.moves[move].asset == asset && allow < arena.moves.moves[move].allows.size(); ++allow)
        if (found.size() < kOverdraftsMax) found.push_back({move, allow});
  }
  return found;
}

class Walker {
 public:
  /// `choice`: which overdraft makes a bucket short where one has to be.
  Walker(const Arena& arena, const Reach& reach, std::size_t choice)
      : arena_(arena), reach_(reach), choice_(choice), member_(arena.moves.vocabulary.entities.size()), member_count_(member_.size(), 0) {}

  /// How many overdrafts there were to choose from, at most, where one was needed.
  std::size_t choices() const { return choices_; }

  Run walk(Index state) {
    std::vector<Index> path{state};
    while (reach_.origins[path.back()].before != kNone) path.push_back(reach_.origins[path.back()].before);
    std::reverse(path.begin(), path.end());
    coins_ = starting(reach_.states[path[0]].coins);
    run_.start = coins_;
    for (std::size_t i = 1; i < path.size(); ++i) step(reach_.origins[path[i]], reach_.states[path[i]]);
    return std::move(run_);
  }

 private:
  /// The member of a class, a new one when the class has not been mentioned.
  std::uint8_t member(Index entity, std::uint8_t id_class) {
    auto& members = member_[entity];
    while (members.size() <= id_class) members.push_back(member_count_[entity]++);
    return members[id_class];
  }

  Spot named(const Spot& spot) {
    Spot result{spot.bucket, {}};
    const auto& keys = arena_.bucket(spot.bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) result.ids[i] = member(keys[i], spot.ids[i]);
    return result;
  }

  /// At the start each unit is titled to where it is.
  std::vector<Coin> starting(const std::vector<Coin>& coins) {
    std::vector<Coin> result;
    for (const Coin& coin : coins) {
      const Spot place = named(coin.at);
      result.push_back({coin.asset, place, place});
    }
    return result;
  }

  /// A state names only the class of a title; the run knows the title itself.
  std::vector<Coin> after_transfer(const Origin& origin, const RunStep& step) {
    std::vector<Coin> result = coins_;
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (!(step.taken >> i & 1)) continue;
      if (arena_.moves.moves[step.move].allows[step.allow].passing_title && can_pass_title(arena_, result[i].title, step.from)) result[i].title = step.to;
      result[i].at = named(origin.raw[i].at);
    }
    return result;
  }

  ModeSubject named(const ModeSubject& subject) {
    ModeSubject result{subject.machine, {}};
    const auto& keys = arena_.moves.vocabulary.machines[subject.machine].subject.keys;
    for (std::size_t i = 0; i < keys.size(); ++i) result.ids[i] = member(keys[i], subject.ids[i]);
    return result;
  }

  void step(const Origin& origin, const CoinState& after) {
    RunStep step{origin.move, origin.transition, origin.allow, origin.taken, {}, {}, {}, coins_, {}};
    if (origin.transition != kNone) {
      const ModeSubject subject = named(ModeSubject{arena_.moves.transitions[origin.transition].machine, origin.from.ids});
      step.from.ids = subject.ids;
      modes_[{subject.machine, subject.ids}] = static_cast<std::uint8_t>(arena_.moves.transitions[origin.transition].to_mode);
    } else {
      step.from = named(origin.from);
      step.to = named(origin.to);
      for (const auto& [subject, mode] : origin.arriving) lead(named(subject), mode);
      if (must_be_short(step)) make_short(step.from, arena_.moves.moves[step.move].asset);
    }
    step.coins_after = origin.transition != kNone ? coins_ : after_transfer(origin, step);
    run_.steps.push_back(step);
    coins_ = step.coins_after;
    renumber(origin.raw, after.coins);
  }

  bool must_be_short(const RunStep& step) const {
    if (arena_.bucket(step.from.bucket).may_overdraw) return false;
    for (std::size_t i = 0; i < coins_.size(); ++i)
      if ((step.taken >> i & 1) && !(coins_[i].at == step.from)) return true;
    return false;
  }

  /// A neighbour overdraws, and what it lacks comes out of `bucket`.
  void make_short(const Spot& bucket, Index asset) {
    const Index account = arena_.bucket(bucket.bucket).account;
    const auto ways = overdrafts(arena_, account, asset);
    choices_ = std::max(choices_, ways.size());
    if (ways.empty()) return;
    const Overdraft way = ways[std::min(choice_, ways.size() - 1)];
    const Move& move = arena_.moves.moves[way.move];
    RunStep step{way.move, kNone, way.allow, 0, {}, {}, bucket, coins_, coins_};
    step.from = strangers(move.from);
    for (const Index key : arena_.moves.vocabulary.accounts[account].keys)
      step.from.ids[key_position(arena_.bucket(move.from).keys, key)] = class_at(arena_, bucket, key);
    step.to = strangers(move.to);
    const auto shared = shared_keys(arena_.bucket(move.from), arena_.bucket(move.to));
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (!(move.relation >> i & 1)) step.to.ids[key_position(arena_.bucket(move.to).keys, shared[i])] = class_at(arena_, step.from, shared[i]);
    run_.steps.push_back(step);
  }

  /// An instance whose every id is a member not mentioned before.
  Spot strangers(Index bucket) {
    Spot spot{bucket, {}};
    const auto& keys = arena_.bucket(bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) spot.ids[i] = member_count_[keys[i]]++;
    return spot;
  }

  /// The classes of the next state, by the members that they stand for.
  void renumber(const std::vector<Coin>& raw, const std::vector<Coin>& next) {
    std::vector<std::vector<std::uint8_t>> members(member_.size());
    const auto note = [&](const Spot& before, const Spot& now) {
      const auto& keys = arena_.bucket(now.bucket).keys;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        auto& list = members[keys[i]];
        if (list.size() <= now.ids[i]) list.resize(now.ids[i] + std::size_t{1});
        list[now.ids[i]] = member(keys[i], before.ids[i]);
      }
    };
    for (std::size_t i = 0; i < raw.size(); ++i) {
      note(raw[i].title, next[i].title);
      note(raw[i].at, next[i].at);
    }
    member_ = std::move(members);
  }

  /// Changes of mode that bring a subject from where it is to `mode`, as few as possible.
  void lead(const ModeSubject& subject, std::uint8_t mode) {
    std::uint8_t& now = modes_[{subject.machine, subject.ids}];
    std::map<std::uint8_t, std::pair<std::uint8_t, Index>> came_by;  // mode -> (mode before, transition)
    std::deque<std::uint8_t> open{now};
    while (!open.empty() && !came_by.count(mode) && now != mode) {
      const std::uint8_t here = open.front();
      open.pop_front();
      for (const Index index : arena_.transitions_of[subject.machine]) {
        const Transition& transition = arena_.moves.transitions[index];
        const auto to = static_cast<std::uint8_t>(transition.to_mode);
        if (!(transition.from_modes >> here & 1) || to == now || came_by.count(to)) continue;
        came_by[to] = {here, index};
        open.push_back(to);
      }
    }
    std::vector<Index> way;
    for (std::uint8_t at = mode; at != now && came_by.count(at); at = came_by[at].first) way.push_back(came_by[at].second);
    for (auto index = way.rbegin(); index != way.rend(); ++index) {
      RunStep change{kNone, *index, kNone, 0, {}, {}, {}, coins_, coins_};
      change.from.ids = subject.ids;
      run_.steps.push_back(change);
    }
    now = mode;
  }

  const Arena& arena_;
  const Reach& reach_;
  const std::size_t choice_;
  std::size_t choices_ = 0;
  std::vector<std::vector<std::uint8_t>> member_;  // by entity, by class of the present state
  std::vector<std::uint8_t> member_count_;
  std::map<std::pair<Index, std::array<std::uint8_t, kKeysMax>>, std::uint8_t> modes_;
  std::vector<Coin> coins_;
  Run run_;
};

}  // namespace

namespace {

/// The run with each overdraft that makes a bucket short brought forward to before an earlier step: the bucket that overdraws pays with its own first,
/// so what is followed may have to arrive in it afterwards.
std::vector<Run> overdrawn_earlier(const Run& run) {
  std::vector<Run> found;
  for (std::size_t at = 1; at < run.steps.size(); ++at) {
    if (!run.steps[at].lender) continue;
    for (std::size_t to = at; to-- > 0;) {
      found.push_back(run);
      auto& steps = found.back().steps;
      RunStep overdraft = steps[at];
      overdraft.coins_before = overdraft.coins_after = steps[to].coins_before;
      steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(at));
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(to), std::move(overdraft));
    }
  }
  return found;
}

}  // namespace

const std::vector<Slot>& slots_of(const Moves& moves, const RunStep& step) {
  return step.move != kNone ? moves.moves[step.move].slots : moves.transitions[step.transition].slots;
}

std::vector<Run> runs_to(const Arena& arena, const Reach& reach, Index state) {
  Walker first(arena, reach, 0);
  std::vector<Run> runs{first.walk(state)};
  for (std::size_t choice = 1; choice < first.choices(); ++choice) runs.push_back(Walker(arena, reach, choice).walk(state));
  const std::size_t walked = runs.size();
  for (std::size_t i = 0; i < walked; ++i)
    for (Run& earlier : overdrawn_earlier(Run(runs[i]))) runs.push_back(std::move(earlier));
  return runs;
}

}  // namespace ringfence
