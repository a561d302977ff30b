// SPDX-License-Identifier: Apache-2.0
// The declarations of a policy that is being generated, and what a move knows of the entities: enough to write only guards that have a
// meaning (language reference, 6.4).
#pragma once

#include <string>
#include <vector>

#include "tests/generate/policy.h"
#include "tests/generate/random.h"

namespace ringfence::generate {

enum class Relating { Same, Other, Any };

struct GenEntity { std::string name; bool many = false; };
struct GenPlace {
  std::string name;                    ///< "Client.margin"
  std::size_t owner = 0;
  std::vector<std::size_t> keys;       ///< the owner first, if it is many
  bool external = false;
  int account = -1;
};
struct GenFact { std::string name; char subject = 's'; std::size_t index = 0; std::vector<std::size_t> keys; char type = 'a'; std::size_t asset = 0; };
struct GenMachine { char subject = 's'; std::size_t index = 0; std::vector<std::size_t> keys; std::vector<std::string> modes; int brought = -1; };   ///< brought: a mode that every role can change to
struct GenAsset { std::string name; unsigned decimals = 0; };

struct World {
  Knobs knobs;
  std::vector<GenAsset> assets;
  std::vector<std::string> roles, purposes, evidence;
  std::vector<GenEntity> entities;
  std::vector<GenPlace> accounts, places;   ///< places: buckets and externals
  std::vector<GenFact> facts;
  std::vector<GenMachine> machines;
};

enum class Known { No, From, To, Both, Differs };
/// Where a guard stands: which bucket each end is (-1: none, or several), and where each entity's id is known from.
struct Site {
  int from = -1, to = -1;
  std::vector<Known> known;            ///< by entity
  int asset = -1;                      ///< the one asset of money here; -1: the transfer's, whichever it is
  bool transfer = true;                ///< false: a transition; then no amount, no ends
  bool balances = true;                ///< false: a floor
};

/// Declarations, written and remembered.
World random_world(Random&, const Knobs&, std::string& text);
/// `[other ]Client.margin[[any ]Position]`; `relating` speaks of each key of `place`; without `brackets`, only of the owner.
std::string write_place(const World&, const GenPlace& place, const std::vector<Relating>& relating, bool brackets);
/// An instant so many milliseconds after 2026-01-01T00:00:00Z.
std::string write_instant(std::int64_t later_ms);
std::string write_money(const World&, std::size_t asset, unsigned minor_units);
/// Empty when nothing can be said here.
std::string random_guard(Random&, const World&, const Site&, unsigned depth);
/// A sum of money of `asset`, without `amount` and balances: for floors and limits.
std::string random_cap(Random&, const World&, const Site&, std::size_t asset);
std::vector<std::string> pick_some(Random&, const std::vector<std::string>& words, std::size_t most);
std::string join(const std::vector<std::string>& words);

}  // namespace ringfence::generate
