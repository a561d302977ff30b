// SPDX-License-Identifier: Apache-2.0
// Whether a fence could be broken at all if the rules' conditions, ids and titles did not stand in the way: some rule moves money that the
// fence keeps apart, and some rule moves money to where it must not be. A fence without either holds whatever the rules say.
#include <algorithm>

#include <fmt/format.h>

#include "verify/property_cases.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

class FenceReach {
 public:
  explicit FenceReach(const Moves& moves) : moves_(moves), left_(moves.vocabulary.buckets.size()), entered_(left_.size()), stays_inside_(left_.size()) {
    for (const Move& move : moves.moves) {
      entered_[move.to] = true;
      leaves(move.from, move.to);
      if (!bucket(move.from).may_overdraw) continue;   // what it lacks is its neighbours' money
      for (Index index = 0; index < left_.size(); ++index)
        if (bucket(index).account == bucket(move.from).account) leaves(index, move.to);
    }
  }

  bool bites(const Fence& fence) const {
    if (fence.kind == FenceKind::Each) return fence.in_custody ? each_in_custody(fence) : each(fence);
    return crosses(fence, fence.left, fence.right) || crosses(fence, fence.right, fence.left);
  }

 private:
  const Bucket& bucket(Index index) const { return moves_.vocabulary.buckets[index]; }
  void leaves(Index from, Index to) {
    left_[from] = true;
    if (!bucket(to).external) stays_inside_[from] = true;
  }
  bool keyed(Index index, Index entity) const { return key_position(bucket(index).keys, entity) != kNone; }

  /// It takes money from buckets with this key: its own, or where it may overdraw its neighbours'.
  bool takes_keyed(Index from, Index entity) const {
    if (keyed(from, entity) || !bucket(from).may_overdraw) return keyed(from, entity);
    for (Index index = 0; index < left_.size(); ++index)
      if (bucket(index).account == bucket(from).account && keyed(index, entity)) return true;
    return false;
  }

  /// Money titled to `titles` moves; and some rule leads to the other side, or, in custody, there can be money of the other side.
  bool crosses(const Fence& fence, const std::vector<Index>& titles, const std::vector<Index>& others) const {
    const auto any = [](const std::vector<Index>& side, const auto& is) { return std::any_of(side.begin(), side.end(), is); };
    if (!fence.in_custody) return any(titles, [&](Index index) { return left_[index]; }) && any(others, [&](Index index) { return entered_[index]; });
    return any(titles, [&](Index index) { return stays_inside_[index]; }) && any(others, [&](Index index) { return left_[index] || !bucket(index).external; });
  }

  bool each(const Fence& fence) const {
    bool titled = false;
    for (Index index = 0; index < left_.size(); ++index) titled = titled || (left_[index] && keyed(index, fence.entity));
    return titled && std::any_of(fence.within.begin(), fence.within.end(), [&](Index index) { return entered_[index] && keyed(index, fence.entity); });
  }

  bool each_in_custody(const Fence& fence) const {
    return std::any_of(moves_.moves.begin(), moves_.moves.end(), [&](const Move& move) {
      return takes_keyed(move.from, fence.entity) && !bucket(move.to).external && std::binary_search(fence.within.begin(), fence.within.end(), move.to);
    });
  }

  const Moves& moves_;
  std::vector<bool> left_, entered_, stays_inside_;   ///< by bucket: rows take its money; lead to it; take its money to a bucket inside
};

}  // namespace

PropertyVerdict prove_fences_bite(const Moves& moves) {
  const FenceReach reach(moves);
  PropertyCases cases(PropertyKind::FencesBite);
  for (const Fence& fence : moves.vocabulary.fences) {
    if (reach.bites(fence)) cases.shown();
    else cases.refuted({fence.line, fmt::format("{}: no rule moves money of one side and leads money to the other, so no rule could break it", fence.text)});
  }
  return std::move(cases).verdict("fences would hold whatever the conditions of the rules");
}

}  // namespace ringfence
