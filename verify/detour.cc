// SPDX-License-Identifier: Apache-2.0
// A run of the followed money can need other money to move on the way, a neighbour's overdraft, or a change of mode. See abstract_run.h.
#include <algorithm>
#include <array>
#include <optional>

#include "verify/abstract_run.h"

namespace ringfence {
namespace {

class Detours {
 public:
  Detours(const Arena& arena, const Run& run, std::size_t most) : arena_(arena), run_(run), most_(most), member_count_(arena.moves.vocabulary.entities.size(), 0) {
    for (const Coin& coin : run.start) count_members(coin.at);
    for (const RunStep& step : run.steps) {
      if (step.move == kNone) continue;
      count_members(step.from);
      count_members(step.to);
    }
  }

  std::vector<Run> all() {
    for (std::size_t at = run_.steps.size(); at-- > 0;) {
      for (const Instance& read : read_from(at, SlotKind::Balance)) through(at, {read.target, read.ids});
      for (const Instance& read : read_from(at, SlotKind::Mode)) insert(at, changes_of(at, read), std::nullopt);
    }
    return std::move(found_);
  }

 private:
  void count_members(const Spot& spot) {
    const auto& keys = arena_.bucket(spot.bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) member_count_[keys[i]] = std::max<std::uint8_t>(member_count_[keys[i]], static_cast<std::uint8_t>(spot.ids[i] + 1));
  }

  /// A bucket or a machine, with members for ids.
  struct Instance {
    Index target = kNone;
    std::array<std::uint8_t, kKeysMax> ids{};
    bool operator==(const Instance&) const = default;
  };

  static Instance instance_of(const Slot& slot, const RunStep& step) {
    Instance instance{slot.target, {}};
    for (std::size_t i = 0; i < slot.keys.size(); ++i)
      instance.ids[i] = slot.keys[i].from == KeySource::From::Source ? step.from.ids[slot.keys[i].position] : step.to.ids[slot.keys[i].position];
    return instance;
  }

  /// What the guards of a step read.
  std::vector<Instance> read_by(const RunStep& step, SlotKind kind) const {
    std::vector<Instance> instances;
    for (const Slot& slot : slots_of(arena_.moves, step)) {
      if (slot.kind != kind) continue;
      const Instance instance = instance_of(slot, step);
      if (std::find(instances.begin(), instances.end(), instance) == instances.end()) instances.push_back(instance);
    }
    return instances;
  }
  std::vector<Instance> read_from(std::size_t at, SlotKind kind) const { return read_by(run_.steps[at], kind); }

  /// Every move out of and into the bucket instance, the other side a member not met before where it may be another. What the first step
  /// reads can be so from the start, unless it is below zero.
  void through(std::size_t at, const Spot& read) {
    for (Index index = 0; index < arena_.moves.moves.size(); ++index) {
      const Move& move = arena_.moves.moves[index];
      if (move.from == read.bucket) transfer(at, index, read, other_side(read, move.to, move.relation));
      if (move.to == read.bucket) transfer(at, index, other_side(read, move.from, move.relation), read);
    }
  }

  Spot other_side(const Spot& known, Index bucket, Relation relation) const {
    Spot spot{bucket, {}};
    const auto& keys = arena_.bucket(bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) spot.ids[i] = member_count_[keys[i]];
    const auto shared = shared_keys(arena_.bucket(known.bucket), arena_.bucket(bucket));
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (!(relation >> i & 1)) spot.ids[key_position(keys, shared[i])] = class_at(arena_, known, shared[i]);
    return spot;
  }

  void transfer(std::size_t at, Index move, const Spot& from, const Spot& to) {
    const auto& coins = run_.steps[at].coins_before;
    for (Index allow = 0; allow < arena_.moves.moves[move].allows.size(); ++allow) {
      RunStep step{move, kNone, allow, 0, from, to, {}, coins, coins};
      if (at > 0) with_changes(at, step);
      if (!arena_.bucket(from.bucket).may_overdraw) continue;
      for (const Spot& lender : neighbours(from)) {
        step.lender = lender;
        with_changes(at, step);
      }
    }
  }

  /// The transfer as things stand, and after one change of a mode that it reads.
  void with_changes(std::size_t at, const RunStep& step) {
    insert(at, {std::nullopt}, step);
    for (const Instance& read : read_by(step, SlotKind::Mode)) insert(at, changes_of(at, read), step);
  }

  /// One instance of each other bucket of the account instance.
  std::vector<Spot> neighbours(const Spot& spot) const {
    std::vector<Spot> found;
    const Index account = arena_.bucket(spot.bucket).account;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
      if (bucket == spot.bucket || arena_.bucket(bucket).account != account) continue;
      Spot neighbour{bucket, {}};
      for (const Index key : arena_.moves.vocabulary.accounts[account].keys)
        neighbour.ids[key_position(arena_.bucket(bucket).keys, key)] = class_at(arena_, spot, key);
      found.push_back(neighbour);
    }
    return found;
  }

  std::vector<std::optional<RunStep>> changes_of(std::size_t at, const Instance& subject) const {
    const auto& coins = run_.steps[at].coins_before;
    std::vector<std::optional<RunStep>> changes;
    for (const Index transition : arena_.transitions_of[subject.target])
      changes.push_back(RunStep{kNone, transition, kNone, 0, {kNone, subject.ids}, {}, {}, coins, coins});
    return changes;
  }

  /// One run for each change, with the transfer behind it.
  void insert(std::size_t at, const std::vector<std::optional<RunStep>>& changes, const std::optional<RunStep>& transfer) {
    for (const auto& change : changes) {
      if (found_.size() >= most_) return;
      found_.push_back(run_);
      auto& steps = found_.back().steps;
      const auto place = static_cast<std::ptrdiff_t>(at);
      if (transfer) steps.insert(steps.begin() + place, *transfer);
      if (change) steps.insert(steps.begin() + place, *change);
    }
  }

  const Arena& arena_;
  const Run& run_;
  const std::size_t most_;
  std::vector<std::uint8_t> member_count_;
  std::vector<Run> found_;
};

}  // namespace

std::vector<Run> with_detour(const Arena& arena, const Run& run, std::size_t most) { return Detours(arena, run, most).all(); }

}  // namespace ringfence
