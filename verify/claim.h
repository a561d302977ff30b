// SPDX-License-Identifier: Apache-2.0
// A claim about every state, as the proof of an invariant handles it: one that the author wrote, or one that the proof tries in order
// to strengthen it. Unlike an author's, a claim found by the proof may have two ids of one entity, equal or not.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "compiler/moves.h"

namespace ringfence {

struct Claim {
  std::vector<Index> keys;         ///< entity of each id; the ids are those of any members
  std::vector<Slot> slots;         ///< Balance, BucketTotal, AccountTotal, Fact, Mode; keys are positions in `keys`, all Source, or summed
  Guarded formula;
  bool written = false;            ///< by the author: then every clean start satisfies it
  bool reads_fact = false;
  /// Holds at the end of a batch, not of every leg: the legs that break it take from a bucket with a floor, which is judged at the end.
  bool at_end_only = false;
  /// How obligations call it, as a certificate defines it: "claim0", "claim1_at_end". Empty: they write it out.
  std::string name;
};

/// The author's, in text order.
std::vector<Claim> written_claims(const Moves&);
/// Each floor that reads nothing but its balance and modes, as a claim about every instance of its bucket.
std::vector<Claim> floor_claims(const Moves&);

/// What guards compare with constants, and the same only in one mode, about the buckets and machines that `about` depends on through
/// moves and transitions; at most `most`. Guesses: they are worth nothing before they have been shown to be kept.
std::vector<Claim> guessed_claims(const Moves&, const std::vector<Claim>& about, const std::vector<Mask>& modes_possible, std::size_t most);

/// The buckets and machines that some slots read, and what their values depend on through moves and transitions.
struct Dependence {
  std::set<Index> buckets, machines;
  void add(const Moves&, const std::vector<Slot>&);
  void grow(const Moves&);
};

/// Positions of ids that none of its slots has: where the entity has no member, it still says nothing.
std::vector<Index> unread_keys(const Claim&);

/// Whether a transfer over the row, or the transition, changes something that the claim reads, for some ids.
bool can_change(const Moves&, const Move&, const Claim&);
bool can_change(const Transition&, const Claim&);

/// Positions of balances of buckets under a floor.
std::vector<Index> floored_slots(const Moves&, const Claim&);
/// The rows that take the asset from the bucket, where each of them has a floor; else none.
std::vector<Index> floored_rows(const Moves&, Index bucket, Index asset);

}  // namespace ringfence
