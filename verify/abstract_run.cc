// SPDX-License-Identifier: Apache-2.0
#include "verify/abstract_run.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace ringfence {
namespace {

class Walker {
 public:
  Walker(const Arena& arena, const Reach& reach)
      : arena_(arena), reach_(reach), member_(arena.moves.vocabulary.entities.size()), member_count_(member_.size(), 0) {}

  Run walk(Index state) {
    std::vector<Index> path{state};
    while (reach_.origins[path.back()].before != kNone) path.push_back(reach_.origins[path.back()].before);
    std::reverse(path.begin(), path.end());
    coins_ = named(reach_.states[path[0]].coins);
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

  std::vector<Coin> named(const std::vector<Coin>& coins) {
    std::vector<Coin> result;
    for (const Coin& coin : coins) {
      const Spot title = named(coin.title);
      result.push_back({coin.asset, title, named(coin.at)});
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
    RunStep step{origin.move, origin.transition, origin.allow, origin.taken, {}, {}, coins_, {}};
    if (origin.transition != kNone) {
      const ModeSubject subject = named(ModeSubject{arena_.moves.transitions[origin.transition].machine, origin.from.ids});
      step.from.ids = subject.ids;
      modes_[{subject.machine, subject.ids}] = static_cast<std::uint8_t>(arena_.moves.transitions[origin.transition].to_mode);
    } else {
      step.from = named(origin.from);
      step.to = named(origin.to);
      for (const auto& [subject, mode] : origin.arriving) lead(named(subject), mode);
    }
    const auto raw = named(origin.raw);
    step.coins_after = raw;
    run_.steps.push_back(step);
    coins_ = raw;
    renumber(origin.raw, after.coins);
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
      RunStep change{kNone, *index, kNone, 0, {}, {}, coins_, coins_};
      change.from.ids = subject.ids;
      run_.steps.push_back(change);
    }
    now = mode;
  }

  const Arena& arena_;
  const Reach& reach_;
  std::vector<std::vector<std::uint8_t>> member_;  // by entity, by class of the present state
  std::vector<std::uint8_t> member_count_;
  std::map<std::pair<Index, std::array<std::uint8_t, kKeysMax>>, std::uint8_t> modes_;
  std::vector<Coin> coins_;
  Run run_;
};

}  // namespace

Run run_to(const Arena& arena, const Reach& reach, Index state) { return Walker(arena, reach).walk(state); }

}  // namespace ringfence
