// SPDX-License-Identifier: Apache-2.0
// See fence.h.
#include "fence.h"

#include <map>

#include "sexpr.h"

namespace checker {
namespace {

bool opposite(const Fence& fence, Index one, Index other) { return (fence.left[one] && fence.right[other]) || (fence.right[one] && fence.left[other]); }

bool breaks_attribution(const Frame& frame, const Fence& fence, const State& state) {
  const Place &title = state.spots[0], &at = state.spots[1];
  if (!fence.each) return opposite(fence, title.bucket, at.bucket);
  const int held_for = id_at(frame, title, fence.entity), held_by = id_at(frame, at, fence.entity);
  return fence.within[at.bucket] && held_for >= 0 && held_by >= 0 && held_for != held_by;
}

/// The account instance that a place is in: account (or its own bucket, numbered after the accounts) and ids.
struct Custody { Index index = 0; std::vector<int> ids; bool operator==(const Custody&) const = default; };

const std::vector<Index>& custody_keys(const Frame& frame, const Place& at) {
  const Bucket& bucket = frame.bucket(at);
  return bucket.account == kNone ? bucket.keys : frame.table.accounts[bucket.account].keys;
}

Custody custody_of(const Frame& frame, const Place& at) {
  const Bucket& bucket = frame.bucket(at);
  Custody custody{bucket.account == kNone ? static_cast<Index>(frame.table.accounts.size()) + at.bucket : bucket.account, {}};
  for (const Index key : custody_keys(frame, at)) custody.ids.push_back(id_at(frame, at, key));
  return custody;
}

/// What matters of one unit when another, from another run of ids, is put beside it into the same account instance. An id of either is the other's
/// only where both are ids of the account; all else can be different. So two such units can be there at once, with modes that agree, exactly when the
/// modes of the subjects keyed by the account's ids alone do.
struct Beside {
  Index custody = 0;
  bool left = false, right = false, keyed = false;   ///< of its title
  bool title_is_accounts = false;     ///< the title's id of the fence's entity is the account's
  std::vector<int> modes;             ///< by machine: of the subject whose ids are all the account's; -1: not in sight
  auto operator<=>(const Beside&) const = default;
};

Beside beside(const Frame& frame, const Fence& fence, const State& state) {
  const Place &title = state.spots[0], &at = state.spots[1];
  const std::vector<Index>& keys = custody_keys(frame, at);
  const auto is_accounts = [&](const Place& place, Index entity) { return contains(keys, entity) && id_at(frame, place, entity) == id_at(frame, at, entity); };
  Beside found{custody_of(frame, at).index, fence.left[title.bucket], fence.right[title.bucket], fence.each && id_at(frame, title, fence.entity) >= 0,
               fence.each && is_accounts(title, fence.entity), std::vector<int>(frame.table.machines.size(), -1)};
  for (std::size_t v = 0; v < frame.views.size(); ++v) {
    bool accounts = state.modes[v] != kUnseen;
    for (const Index key : frame.table.machines[frame.views[v].machine].keys) accounts = accounts && is_accounts(state.spots[frame.views[v].spot], key);
    if (accounts) found.modes[frame.views[v].machine] = state.modes[v];
  }
  return found;
}

bool can_meet(const Fence& fence, const Beside& one, const Beside& other) {
  for (std::size_t m = 0; m < one.modes.size(); ++m)
    if (one.modes[m] >= 0 && other.modes[m] >= 0 && one.modes[m] != other.modes[m]) return false;
  if (!fence.each) return (one.left && other.right) || (one.right && other.left);
  return one.keyed && other.keyed && !(one.title_is_accounts && other.title_is_accounts);
}

void check_no_two_meet(const Frame& frame, const Fence& fence, const States& states) {
  std::map<Index, std::map<Beside, const State*>> units;   // by account, one of each kind
  for (const State& state : states) {
    if (frame.bucket(state.spots[1]).external || (fence.each && !fence.within[state.spots[1].bucket])) continue;
    Beside kind = beside(frame, fence, state);
    const Index custody = kind.custody;
    units[custody].emplace(std::move(kind), &state);
  }
  for (const auto& [custody, kinds] : units)
    for (const auto& [one, first] : kinds)
      for (const auto& [other, second] : kinds)
        if (can_meet(fence, one, other))
          throw Refused{"the invariant does not exclude what the fence forbids: " + words(frame, *first) + "; and, named apart from it, " + words(frame, *second) + ", in one account"};
}

}  // namespace

const Fence& named_fence(const Table& table, const std::vector<std::string>& opening) {
  for (const std::string& line : opening)
    for (const Fence& fence : table.fences) {
      const std::string name = "Proved: line " + std::to_string(fence.line) + ": " + as_comment(fence.text);
      if (line == name) return fence;
    }
  throw Refused{"it names no fence and no invariant of this table"};
}

bool breaks_custody(const Frame& frame, const Fence& fence, const State& state) {
  const Place &one = state.spots[1], &other = state.spots[3];
  if (frame.bucket(one).external || frame.bucket(other).external || !(custody_of(frame, one) == custody_of(frame, other))) return false;
  if (!fence.each) return opposite(fence, state.spots[0].bucket, state.spots[2].bucket);
  const int first = id_at(frame, state.spots[0], fence.entity), second = id_at(frame, state.spots[2], fence.entity);
  return fence.within[one.bucket] && fence.within[other.bucket] && first >= 0 && second >= 0 && first != second;
}

void check_excluded(const Frame& frame, const Fence& fence, const States& states) {
  if (!fence.in_custody && frame.units != 1) throw Refused{"it follows two units, but the fence is about one"};
  if (fence.in_custody && frame.units == 1) return check_no_two_meet(frame, fence, states);
  for (const State& state : states)
    if (fence.in_custody ? breaks_custody(frame, fence, state) : breaks_attribution(frame, fence, state))
      throw Refused{"the invariant does not exclude what the fence forbids: " + words(frame, state)};
}

}  // namespace checker
