// SPDX-License-Identifier: Apache-2.0
// The search itself, where a verdict would not show that it goes wrong because a later stage of the proof mends it (soundness.md, 6 and 7a).
#include <algorithm>
#include <set>

#include "tests/verify/proof.h"
#include "verify/explore.h"
#include "verify/feasible.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

/// What the search finds, with the arena it is told in.
struct Searched {
  Moves moves;
  Arena arena;
  Reach reach;

  Searched(const std::string& source, unsigned coin_count, bool merge_titles = true) : moves(decode(table_of(source))), arena(moves, merge_titles) {
    std::vector<Mask> possible;
    REQUIRE(modes_possible(arena, {}, possible));
    Feasibility feasible(arena, possible, {});
    reach = explore(arena, feasible, possible, coin_count, {});
    REQUIRE(reach.complete);
  }
  std::string name(Index bucket) const { return moves.vocabulary.buckets[bucket].name; }
  /// "title at place" of single units, without ids; starts only, or all.
  std::set<std::string> units(bool starts) const {
    std::set<std::string> found;
    for (std::size_t i = 0; i < reach.states.size(); ++i)
      if (!starts || reach.origins[i].before == kNone) found.insert(name(reach.states[i].coins[0].title.bucket) + " at " + name(reach.states[i].coins[0].at.bucket));
    return found;
  }
  /// By fence, whether some state breaks it.
  std::vector<bool> broken() const {
    std::vector<bool> fences;
    for (const Fence& fence : moves.vocabulary.fences)
      fences.push_back(std::any_of(reach.states.begin(), reach.states.end(), [&](const CoinState& state) { return breaks_attribution(arena, fence, state.coins[0]); }));
    return fences;
  }
};

}  // namespace

TEST_CASE("a unit starts wherever money can be, inside and outside, titled to where it is") {
  const Searched searched(with_world("allow pay Client.wallet -> Client.margin by trader\n"), 1, false);
  CHECK(searched.units(true) == std::set<std::string>{"Client.bank at Client.bank", "House.suppliers at House.suppliers", "Client.wallet at Client.wallet",
                                                      "Client.margin at Client.margin", "House.fees at House.fees", "House.transit at House.transit"});
}

TEST_CASE("two units start where no custody fence is broken, and everywhere else") {
  const std::string world = "bucket Client.pooled in Bank.pool\n";
  const auto pairs_in_one_account = [](const Searched& searched) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < searched.reach.states.size(); ++i) {
      const std::vector<Coin>& coins = searched.reach.states[i].coins;
      if (searched.reach.origins[i].before == kNone && custody_of(searched.arena, coins[0].at) == custody_of(searched.arena, coins[1].at))
        found.insert(searched.name(coins[0].at.bucket) + ", " + searched.name(coins[1].at.bucket));
    }
    return found;
  };
  const auto of = [&](const std::string& fence) { return pairs_in_one_account(Searched(with_world(world + fence), 2)); };
  const std::set<std::string> apart = of("segregate Client from House in custody\n"), together = of("segregate Client from House\n");
  CHECK(apart.count("House.transit, Client.pooled") == 0);
  CHECK(together.count("House.transit, Client.pooled") == 1);
  for (const char* same_side : {"House.transit, House.transit", "Client.pooled, Client.pooled"}) CHECK(apart.count(same_side) == 1);
}

TEST_CASE("what has left for good is judged outside, and does not come back with its title") {
  const Searched searched(with_world("segregate Client from House.fees\n"
                                     "allow pay Client.wallet -> House.suppliers by trader\n"
                                     "allow pay House.suppliers -> House.fees by trader\n"), 1, false);
  CHECK(searched.units(false).count("Client.wallet at House.suppliers") == 1);
  CHECK(searched.units(false).count("House.suppliers at House.fees") == 1);
  CHECK(searched.units(false).count("Client.wallet at House.fees") == 0);
}

TEST_CASE("titles that nothing tells apart break the same fences as each title by itself") {
  const std::string rules[] = {
      "allow lend Broker.float -> House.transit by officer\nallow pay House.transit -> Client.wallet by officer passing title\n",
      "allow pay Client.wallet -> House.transit by trader\n",
      "allow pay House.fees -> Client.wallet by trader passing title\n",
      "allow pay Client.wallet -> Client.margin by trader\nallow pay Client.margin -> House.fees by trader passing title\n",
      "allow pay House.transit -> House.fees by officer\nallow pay Client.bank -> House.transit by officer passing title\n",
      "allow lend House.fees -> House.transit by officer\nallow pay House.transit -> Client.wallet by officer passing title\n"};
  std::ptrdiff_t some = 0, others = 0;
  for (const std::string& rule : rules) {
    INFO(rule);
    const std::string source = with_world("entity Broker\nbucket Broker.float\nsegregate Client from House, Broker\nsegregate Client from House.fees\nsegregate House.fees from House.transit\nsegregate each Client\n" + rule);
    const Searched merged(source, 1), apart(source, 1, false);
    CHECK(merged.broken() == apart.broken());
    CHECK(merged.reach.states.size() <= apart.reach.states.size());
    const std::vector<bool> broken = apart.broken();
    some += std::count(broken.begin(), broken.end(), true);
    others += std::count(broken.begin(), broken.end(), false);
  }
  CHECK(some > 0);
  CHECK(others > 0);
}
