// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_fence.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/smt_state.h"
#include "verify/smt_text.h"

namespace ringfence::smt {
namespace {

using Terms = std::vector<std::string>;

std::vector<Index> keyed_by(const Arena& arena, Index entity, const std::vector<Index>* among) {
  std::vector<Index> found;
  for (Index bucket = 0; bucket < arena.moves.vocabulary.buckets.size(); ++bucket)
    if (key_position(arena.bucket(bucket).keys, entity) != kNone && (!among || std::binary_search(among->begin(), among->end(), bucket))) found.push_back(bucket);
  return found;
}

std::string breaks_by_attribution(const Arena& arena, const Fence& fence) {
  if (fence.kind == FenceKind::Between)
    return any({all({one_of("title0", fence.left), one_of("at0", fence.right)}), all({one_of("title0", fence.right), one_of("at0", fence.left)})});
  const SpotName title{"title0", ""}, at{"at0", ""};
  return all({one_of("title0", keyed_by(arena, fence.entity, nullptr)), one_of("at0", keyed_by(arena, fence.entity, &fence.within)),
              negation(equal(title.id(fence.entity), at.id(fence.entity)))});
}

std::string same_custody(const Arena& arena) {
  Terms cases;
  const SpotName one{"at0", ""}, two{"at1", ""};
  const auto same_ids = [&](const std::vector<Index>& keys, Terms terms) {
    for (const Index key : keys) terms.push_back(equal(one.id(key), two.id(key)));
    cases.push_back(all(terms));
  };
  const auto& vocabulary = arena.moves.vocabulary;
  for (Index account = 0; account < vocabulary.accounts.size(); ++account) {
    std::vector<Index> inside;
    for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket)
      if (vocabulary.buckets[bucket].account == account) inside.push_back(bucket);
    if (!inside.empty()) same_ids(vocabulary.accounts[account].keys, {one_of("at0", inside), one_of("at1", inside)});
  }
  for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket)
    if (vocabulary.buckets[bucket].account == kNone && !vocabulary.buckets[bucket].external)
      same_ids(vocabulary.buckets[bucket].keys, {equal("at0", std::to_string(bucket)), equal("at1", std::to_string(bucket))});
  return any(cases);
}

std::string breaks_in_custody(const Arena& arena, const Fence& fence) {
  Terms terms{same_custody(arena)};
  if (fence.kind == FenceKind::Between) {
    terms.push_back(any({all({one_of("title0", fence.left), one_of("title1", fence.right)}), all({one_of("title0", fence.right), one_of("title1", fence.left)})}));
    return all(terms);
  }
  const SpotName one{"title0", ""}, two{"title1", ""};
  const auto keyed = keyed_by(arena, fence.entity, nullptr);
  for (const std::string& term : {one_of("at0", fence.within), one_of("at1", fence.within), one_of("title0", keyed), one_of("title1", keyed),
                 negation(equal(one.id(fence.entity), two.id(fence.entity)))})
    terms.push_back(term);
  return all(terms);
}

}  // namespace

std::string breaks(const Arena& arena, const Fence& fence) {
  return fence.in_custody ? breaks_in_custody(arena, fence) : breaks_by_attribution(arena, fence);
}

}  // namespace ringfence::smt
