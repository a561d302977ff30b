// SPDX-License-Identifier: Apache-2.0
// Owners' money can get home: every state that holds money for an owner with an external has a way there. A state that has none is a
// trap; the run into it is made concrete and replayed, and only then is the property refuted.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "verify/concretize.h"
#include "verify/homeward.h"
#include "verify/property_cases.h"
#include "verify/replay.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

/// Traps are tried in the order found; after so many whose run can't be made concrete the answer is UNKNOWN.
constexpr std::size_t kAttemptsMax = 16;

class HomeProof {
 public:
  HomeProof(const StandingInput& input, const std::vector<Mask>& possible, const Reach& reach)
      : input_(input), arena_(input.arena), reach_(reach), feasible_(arena_, possible, input.options.budget, input.options.memory),
        home_(homeward(arena_, feasible_, possible, reach)) {
    for (const Move& move : arena_.moves.moves) way_in_.insert({move.to, move.asset});
  }

  PropertyVerdict run() {
    PropertyCases cases(PropertyKind::OwnersHome);
    std::vector<Index> traps;
    std::set<std::string> named;
    for (Index state = 0; state < reach_.states.size(); ++state) {
      const Coin& coin = reach_.states[state].coins[0];
      if (arena_.bucket(coin.at.bucket).external || !has_home(arena_, coin) || !way_in_.contains({coin.at.bucket, coin.asset})) continue;
      if (home_.possible[state]) {
        cases.shown();
        continue;
      }
      traps.push_back(state);
      if (const std::string name = name_of(state); named.insert(name).second) cases.refuted({0, name});
      else cases.shown();
    }
    if (!traps.empty() && !home_.stopped.empty()) return open(home_.stopped);
    PropertyVerdict verdict = std::move(cases).verdict("places and modes have no way home");
    if (traps.empty()) return verdict;
    for (std::size_t i = 0; i < traps.size() && i < kAttemptsMax && !verdict.trace; ++i) verdict.trace = trace_into(traps[i]);
    return verdict.trace ? verdict : open(fmt::format("{}, but no run into it was found that replays", name_of(traps[0])));
  }

  static PropertyVerdict open(const std::string& why) {
    PropertyCases cases(PropertyKind::OwnersHome);
    cases.open(why);
    return std::move(cases).verdict("");
  }

 private:
  std::string owner_of(const Coin& coin) const { return arena_.moves.vocabulary.entities[arena_.bucket(coin.title.bucket).owner].name; }

  /// "no way home for money of Client in Client.margin while Client.margin is liquidating".
  std::string name_of(Index state) const {
    const CoinState& here = reach_.states[state];
    const Coin& coin = here.coins[0];
    const Vocabulary& vocabulary = arena_.moves.vocabulary;
    std::string name = fmt::format("no way home for {} held for {} in {}", vocabulary.assets[coin.asset].name, owner_of(coin), arena_.bucket(coin.at.bucket).name);
    for (const Index entity : shared_keys(arena_.bucket(coin.title.bucket), arena_.bucket(coin.at.bucket)))
      if (class_at(arena_, coin.title, entity) != class_at(arena_, coin.at, entity)) name += fmt::format(" of another {}", vocabulary.entities[entity].name);
    const auto tracked = tracked_subjects(arena_, here.coins);
    for (std::size_t i = 0; i < tracked.size(); ++i) {
      const ModeMachine& machine = vocabulary.machines[tracked[i].machine];
      name += fmt::format("{} {} is {}", i == 0 ? ", while" : " and", subject_name(vocabulary, machine.subject), machine.modes[here.modes[i]]);
    }
    return name;
  }

  /// A run that ends there, replayed through the compiled table; nothing where none was found.
  std::optional<Trace> trace_into(Index state) const {
    auto trace = concretize(arena_, reach_, state, input_.options.budget);
    if (!trace || trace->coins.size() != 1 || trace->coins[0].empty()) return std::nullopt;
    const CoinPlace& last = trace->coins[0].back();
    const Coin& coin = reach_.states[state].coins[0];
    if (last.at.target != coin.at.bucket || arena_.title_class[last.title.target] != coin.title.bucket) return std::nullopt;
    const auto& buckets = arena_.moves.vocabulary.buckets;
    trace->summary = fmt::format("money held for {} is in {}, from where no sequence of allowed moves brings it to an external of {}",
                                 print_instance(buckets[last.title.target].name, last.title.ids), print_instance(buckets[last.at.target].name, last.at.ids), owner_of(coin));
    return replay(input_.table, arena_.moves, *trace).empty() ? trace : std::nullopt;
  }

  const StandingInput& input_;
  const Arena& arena_;
  const Reach& reach_;
  Feasibility feasible_;
  const Homeward home_;
  std::set<std::pair<Index, Index>> way_in_;   ///< bucket and asset: some rule moves the asset there, so that it is not only there from the start
};

}  // namespace

PropertyVerdict prove_owners_home(const StandingInput& input) {
  if (!input.modes_possible) return HomeProof::open("the solver did not say in time which modes can be reached");
  if (input.options.budget.is_over()) return HomeProof::open(kTimeIsUp);
  if (input.one_unit) return input.one_unit->complete ? HomeProof(input, *input.modes_possible, *input.one_unit).run() : HomeProof::open(input.one_unit->stopped);
  Feasibility feasible(input.arena, *input.modes_possible, input.options.budget, input.options.memory);
  const Reach reach = explore(input.arena, feasible, *input.modes_possible, 1, {input.options.states_max, input.options.budget, input.options.progress});
  return reach.complete ? HomeProof(input, *input.modes_possible, reach).run() : HomeProof::open(reach.stopped);
}

}  // namespace ringfence
