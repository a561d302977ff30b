// SPDX-License-Identifier: Apache-2.0
// A run of the followed money can need other money to move on the way. See abstract_run.h.
#include <algorithm>

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
    for (std::size_t at = run_.steps.size(); at-- > 1;)
      for (const Spot& read : read_from(at)) through(at, read);
    return std::move(found_);
  }

 private:
  void count_members(const Spot& spot) {
    const auto& keys = arena_.bucket(spot.bucket).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) member_count_[keys[i]] = std::max<std::uint8_t>(member_count_[keys[i]], static_cast<std::uint8_t>(spot.ids[i] + 1));
  }

  /// The balances that the guards of the step at this position read.
  std::vector<Spot> read_from(std::size_t at) const {
    std::vector<Spot> spots;
    const RunStep& step = run_.steps[at];
    const auto& slots = step.move != kNone ? arena_.moves.moves[step.move].slots : arena_.moves.transitions[step.transition].slots;
    for (const Slot& slot : slots) {
      if (slot.kind != SlotKind::Balance) continue;
      Spot spot{slot.target, {}};
      for (std::size_t i = 0; i < slot.keys.size(); ++i)
        spot.ids[i] = slot.keys[i].from == KeySource::From::Source ? step.from.ids[slot.keys[i].position] : step.to.ids[slot.keys[i].position];
      if (std::find(spots.begin(), spots.end(), spot) == spots.end()) spots.push_back(spot);
    }
    return spots;
  }

  /// Every move out of and into the bucket instance, the other side a member not met before where it may be another.
  void through(std::size_t at, const Spot& read) {
    for (Index index = 0; index < arena_.moves.moves.size(); ++index) {
      const Move& move = arena_.moves.moves[index];
      if (move.from == read.bucket) insert(at, index, read, other_side(read, move.to, move.relation));
      if (move.to == read.bucket) insert(at, index, other_side(read, move.from, move.relation), read);
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

  void insert(std::size_t at, Index move, const Spot& from, const Spot& to) {
    const auto& coins = run_.steps[at].coins_before;
    for (Index allow = 0; allow < arena_.moves.moves[move].allows.size() && found_.size() < most_; ++allow) {
      found_.push_back(run_);
      auto& steps = found_.back().steps;
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), RunStep{move, kNone, allow, 0, from, to, {}, coins, coins});
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
