// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/title.h"

#include <algorithm>

#include "tests/reference/guard.h"

namespace ringfence::reference {
namespace {

bool contains(const std::vector<Index>& list, Index wanted) { return std::find(list.begin(), list.end(), wanted) != list.end(); }

/// Both have the key, and their ids differ.
bool differ_in(const Vocabulary& vocabulary, Index entity, const Instance& a, const Instance& b) {
  const Index in_a = position(vocabulary.buckets[a.target].keys, entity), in_b = position(vocabulary.buckets[b.target].keys, entity);
  return in_a != kNone && in_b != kNone && a.ids[in_a] != b.ids[in_b];
}

bool opposite(const Fence& fence, Index a, Index b) {
  return (contains(fence.left, a) && contains(fence.right, b)) || (contains(fence.right, a) && contains(fence.left, b));
}

}  // namespace

bool may_pass(const Vocabulary& vocabulary, const Instance& title, const Instance& from) {
  const Bucket& titled = vocabulary.buckets[title.target];
  if (titled.owner != vocabulary.buckets[from.target].owner) return false;
  return std::none_of(titled.keys.begin(), titled.keys.end(), [&](Index entity) { return differ_in(vocabulary, entity, title, from); });
}

bool breaks_attribution(const Vocabulary& vocabulary, const Fence& fence, const Instance& title, const Instance& at) {
  if (fence.in_custody) return false;
  if (fence.kind == FenceKind::Between) return opposite(fence, title.target, at.target);
  return contains(fence.within, at.target) && differ_in(vocabulary, fence.entity, title, at);
}

bool breaks_custody(const Vocabulary& vocabulary, const Fence& fence, const Instance& title_a, const Instance& at_a, const Instance& title_b,
                    const Instance& at_b) {
  if (!fence.in_custody || !same_account(vocabulary, at_a, at_b)) return false;
  if (fence.kind == FenceKind::Between) return opposite(fence, title_a.target, title_b.target);
  return contains(fence.within, at_a.target) && contains(fence.within, at_b.target) &&
         differ_in(vocabulary, fence.entity, title_a, title_b);
}

bool same_account(const Vocabulary& vocabulary, const Instance& a, const Instance& b) {
  const Bucket &left = vocabulary.buckets[a.target], &right = vocabulary.buckets[b.target];
  if (left.external || right.external) return false;
  if (left.account == kNone || right.account == kNone) return a == b;
  return left.account == right.account && account_ids(vocabulary, a) == account_ids(vocabulary, b);
}

}  // namespace ringfence::reference
