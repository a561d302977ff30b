// SPDX-License-Identifier: Apache-2.0
// Every coin state that some run can reach, breadth first, so that the first state that breaks a fence is at the end of a shortest
// run. One coin for attribution, two for custody. The result is a claim for others to check: the certificate proves that the
// states are closed under every move, and a trace is replayed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verify/coin_state.h"
#include "verify/feasible.h"

namespace ringfence {

/// How a state was first reached. Classes are those of the state before; numbers beyond its own are ids not mentioned before.
struct Origin {
  Index before = kNone;                ///< position in Reach::states; kNone for a starting state
  Index move = kNone;                  ///< position in Moves::moves, or
  Index transition = kNone;            ///< position in Moves::transitions
  Index allow = kNone;                 ///< position in Move::allows
  std::uint8_t taken = 0;              ///< bit i: coin i is taken
  Spot from, to;                      ///< from: of a transition, its subject's ids
  std::vector<Coin> raw;               ///< the coins after it, before renumbering
  std::vector<std::pair<ModeSubject, std::uint8_t>> arriving;  ///< subjects first mentioned by this step, and the mode they are in
};

struct Reach {
  std::vector<CoinState> states;
  std::vector<Origin> origins;         ///< beside states
  std::vector<bool> guard_matters;     ///< by move: without its guards it would lead to a state that is not here
  bool complete = false;
  std::string stopped;                 ///< why it is not complete
  struct Edge { Origin origin; Index to = kNone; };
  std::vector<Edge> edges;             ///< ExploreOptions::keeps_edges: every step between states, by the state before it
};

struct ExploreOptions {
  std::size_t states_max = 2'000'000;
  Budget budget;
  std::function<void(std::string_view)> progress;
  bool keeps_edges = false;
  bool starts_in_any_mode = false;     ///< starts stand for units that come in later, too: in all modes that are possible, not only in the first
};

/// From every clean start with `coin_count` followed units.
Reach explore(const Arena&, Feasibility&, const std::vector<Mask>& modes_possible, unsigned coin_count, const ExploreOptions&);

/// The transfer or change of mode that took this step, in words: "fee Client.wallet -> House.fees passing title (line 24)".
std::string in_words(const Moves&, const Origin&);

/// A start is clean when no custody fence is broken.
bool clean(const Arena&, const std::vector<Coin>&);

/// Slot knowledge of a move from and to these instances with the coins where they are; modes from `state`, or `arriving`, or unknown.
SlotKnowledge knowledge(const Arena&, const std::vector<Slot>& slots, const CoinState&,
                        const std::vector<std::pair<ModeSubject, std::uint8_t>>& arriving, const Spot& from, const Spot& to);

}  // namespace ringfence
