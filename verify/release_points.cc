// SPDX-License-Identifier: Apache-2.0
#include "verify/release_points.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace ringfence {
namespace {

bool contains(const std::vector<Index>& sorted, Index value) { return std::binary_search(sorted.begin(), sorted.end(), value); }

bool crosses(const Moves& moves, const Fence& fence, const Move& move) {
  if (fence.kind == FenceKind::Between)
    return (contains(fence.left, move.from) && contains(fence.right, move.to)) || (contains(fence.right, move.from) && contains(fence.left, move.to));
  const auto& from = moves.vocabulary.buckets[move.from];
  const auto& to = moves.vocabulary.buckets[move.to];
  if (!contains(fence.within, move.from) && !contains(fence.within, move.to)) return false;
  if (key_position(from.keys, fence.entity) == kNone) return false;
  if (key_position(to.keys, fence.entity) == kNone) return true;
  const auto shared = shared_keys(from, to);
  const auto position = std::find(shared.begin(), shared.end(), fence.entity) - shared.begin();
  return move.relation >> position & 1;
}

}  // namespace

std::vector<ReleasePoint> release_points(const Moves& moves, const Fence& fence) {
  std::map<std::tuple<Index, Index, Index, Relation>, Mask> found;
  for (const Move& move : moves.moves) {
    if (!crosses(moves, fence, move)) continue;
    for (const Guarded& allow : move.allows)
      if (allow.passing_title) found[{allow.statement, move.from, move.to, move.relation}] |= move.roles;
  }
  std::vector<ReleasePoint> points;
  for (const auto& [key, roles] : found) points.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), roles});
  return points;
}

}  // namespace ringfence
