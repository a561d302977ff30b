// SPDX-License-Identifier: Apache-2.0
// The abstract state that the proof is about: one followed unit of money (two for a custody fence), whom it is titled to, where it
// sits, and the modes of the subjects that those places name. Ids are abstracted to equality classes: two ids of one entity are
// the same class exactly when they are the same id, and an id that no followed place mentions is no class at all. That keeps the
// state space finite with unboundedly many members, and loses nothing, because a policy can only compare ids (soundness.md, 2).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/moves.h"

namespace ringfence {

/// A bucket or external instance; ids[i] is the class of key i within that key's entity.
struct Spot {
  Index bucket = kNone;
  std::array<std::uint8_t, kKeysMax> ids{};
  bool operator==(const Spot&) const = default;
};

/// In a state of the search, title.bucket is the lowest of its title class.
struct Coin {
  Index asset = kNone;
  Spot title, at;
  bool operator==(const Coin&) const = default;
};

/// Canonical: classes are numbered per entity by first mention in coin 0's title, its place, coin 1's title, its place.
struct CoinState {
  std::vector<Coin> coins;             ///< one or two
  std::vector<std::uint8_t> modes;     ///< of tracked_subjects(), in that order
  bool operator==(const CoinState&) const = default;
};

/// One instance of a mode machine, by classes.
struct ModeSubject {
  Index machine = kNone;
  std::array<std::uint8_t, kKeysMax> ids{};
  bool operator==(const ModeSubject&) const = default;
};

/// What never changes during one proof: the moves, indexed the way the search reads them.
struct Arena {
  const Moves& moves;
  std::vector<bool> machine_matters;               ///< some move or transition guard that matters reads its mode
  std::vector<std::vector<Index>> moves_from;      ///< by bucket: positions in moves.moves
  std::vector<std::vector<Index>> transitions_of;  ///< by machine: positions in moves.transitions
  std::vector<bool> account_overdraws;             ///< by account: some bucket in it may overdraw
  /// By bucket: the lowest bucket that is no other as a title, having the same owner, the same keys and the same sides of all fences.
  /// No rule and no fence tells such titles apart, so a state names only the lowest (soundness.md, 7).
  std::vector<Index> title_class;
  std::vector<std::vector<Index>> titles_in;       ///< by bucket: all of its title class where it is the lowest, else none; sorted
  /// `merge_titles` false: each bucket is a title class of its own. More states, and so more runs to choose from.
  explicit Arena(const Moves&, bool merge_titles = true);
  const Bucket& bucket(Index index) const { return moves.vocabulary.buckets[index]; }
};

/// Classes of `entity` that the coins' places mention are 0 .. class_count - 1.
std::uint8_t class_count(const Arena&, const std::vector<Coin>&, Index entity);
/// Class of `entity` at `place`, which must have that key.
std::uint8_t class_at(const Arena&, const Spot& place, Index entity);

/// The subjects of machines that matter whose ids all stand together in one followed place, and those without ids; canonical order.
std::vector<ModeSubject> tracked_subjects(const Arena&, const std::vector<Coin>&);

/// Renumbers classes to the canonical form.
std::vector<Coin> canonical(const Arena&, std::vector<Coin>);

/// The title of money that is for whoever owns this place: its bucket the lowest of the class.
Spot titled_to(const Arena&, const Spot& place);
/// 3.4: whether the title is the source's owner's, with equal ids on each entity that keys both, so that a move can pass it.
bool can_pass_title(const Arena&, const Spot& title, const Spot& from);

/// The coin, its title named in full, is outside for good: at an external that it is not titled to.
bool is_gone(const Arena&, const Coin&);
/// 3.1, 3.2: the title of coin 0 may not be where coin 0 is.
bool breaks_attribution(const Arena&, const Fence&, const Coin&);
/// 3.3: the titles of the two coins may not be in one account instance, where they are.
bool breaks_custody(const Arena&, const Fence&, const Coin&, const Coin&);

/// The account instance of a place inside the system, as a place; a bucket in no account is its own.
struct Custody { bool own_bucket = false; Index index = kNone; std::array<std::uint8_t, kKeysMax> ids{}; bool operator==(const Custody&) const = default; };
Custody custody_of(const Arena&, const Spot&);

/// Whether this bucket is the only instance of its account instance that may overdraw. It then holds at least as many units as its balance
/// says, so that it takes from its neighbours only what goes beyond (soundness.md, 4).
bool overdraws_alone(const Arena&, Index bucket);
/// Whether this balance or total can be below zero: its bucket, or some bucket in its account, may overdraw. Only then can it say less
/// than the units that are really there.
bool may_be_below_zero(const Arena&, const Slot&);
/// The Balance slots of the same move that a total includes, whatever the ids are: positions in `slots`.
std::vector<Index> included_balances(const Arena&, const std::vector<Slot>& slots, Index total);

/// A byte string that is equal exactly when the states are: the key for looking states up.
std::string state_key(const CoinState&);

}  // namespace ringfence
