// SPDX-License-Identifier: Apache-2.0
// What is followed through a run: one unit of money, or two. A state says for each its asset, whom it is titled to and where it is, which of the
// ids are equal, and the modes of the subjects that those places name. Ids have numbers by first mention, so equal states are equal values. Where
// the invariant speaks of balances, a state is in it for some balances, and for others not (balances.h).
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "table.h"

namespace checker {

struct Place { Index bucket = 0; std::array<std::uint8_t, 4> ids{}; bool operator==(const Place&) const = default; };
/// spots[0], [1]: title and place of unit 0; [2], [3]: of unit 1. modes: one for each view of the frame, kUnseen where the spot has not all ids.
struct State { std::array<Index, 2> assets{}; std::array<Place, 4> spots{}; std::string modes; };
using States = std::deque<State>;   ///< there can be millions
inline constexpr char kUnseen = -1;

/// The mode of a machine's subject with the ids of one spot. A machine without keys has one view.
struct View { Index machine = 0; unsigned spot = 0; bool operator==(const View&) const = default; };

/// The balance of the instance of a bucket that has, as its i-th id, that of the spot spots[i]. A bucket without keys has one view.
struct BalanceView { Index bucket = 0, asset = 0; std::vector<unsigned> spots; };

/// What the states of one certificate are made of.
struct Frame {
  const Table& table;
  std::vector<Mask> modes_possible;
  unsigned units = 1;
  std::vector<View> views;              ///< of the machines that the invariant speaks of
  std::vector<BalanceView> balances;    ///< that it speaks of
  unsigned spots() const { return 2 * units; }
  const Bucket& bucket(const Place& place) const { return table.buckets[place.bucket]; }
};

/// A machine's subject by ids.
struct Subject { Index machine = 0; std::array<std::uint8_t, 4> ids{}; bool operator==(const Subject&) const = default; };

/// The id of `entity` at a place, or -1.
int id_at(const Frame&, const Place&, Index entity);
/// False when the spot of the view has not all ids of the machine.
bool subject_at(const Frame&, const State&, const View&, Subject&);
/// How many ids of `entity` the spots mention: 0 to this less one.
std::uint8_t ids_mentioned(const Frame&, const State&, Index entity);
/// The unit has left through an external that it is not titled to.
bool is_gone(const Frame&, const State&, unsigned unit);
/// Numbers ids by first mention.
State canonical(const Frame&, State);
/// Equal exactly for equal canonical states.
std::string key_of(const Frame&, const State&);

/// "USDC held for Client.wallet of client1 in House.fees, with Client normal".
std::string words(const Frame&, const State&);
std::string words(const Frame&, const Place&);

}  // namespace checker
