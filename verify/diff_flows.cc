// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_flows.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "verify/concretize.h"
#include "verify/explore.h"
#include "verify/replay.h"

namespace ringfence {
namespace {

/// Up to so many buckets, money is told apart by the very bucket that it is held for; beyond, by what rules and fences can tell of it.
constexpr std::size_t kExactBucketsMax = 64;

/// Runs of a new flow that are tried, and new flows for which that is done at all: the rest is reported without a run.
constexpr std::size_t kRunsMax = 4, kShownMax = 32;

/// By joint bucket: the lowest bucket of the same title class in both policies.
std::vector<Index> common_titles(const Joint& joint, const Tables& tables) {
  std::vector<Index> lowest(joint.buckets.count());
  std::iota(lowest.begin(), lowest.end(), Index{0});
  if (lowest.size() <= kExactBucketsMax) return lowest;
  const std::array<Arena, 2> arenas{Arena(*tables.moves[kOlder]), Arena(*tables.moves[kNewer])};
  std::map<std::array<Index, 2>, Index> known;
  for (Index bucket = 0; bucket < lowest.size(); ++bucket) {
    if (!joint.buckets.has(kOlder, bucket) || !joint.buckets.has(kNewer, bucket)) continue;
    std::array<Index, 2> classes{};
    for (const unsigned policy : {kOlder, kNewer}) classes[policy] = arenas[policy].title_class[joint.buckets.own[policy][bucket]];
    lowest[bucket] = known.try_emplace(classes, bucket).first->second;
  }
  return lowest;
}

/// One table's flows, with the states that show each, nearest first.
class FlowSearch {
 public:
  FlowSearch(const Joint& joint, const Tables& tables, unsigned policy, const DiffOptions& options)
      : joint_(joint), titles_(common_titles(joint, tables)), table_(*tables.tables[policy]), moves_(*tables.moves[policy]), arena_(moves_), policy_(policy), options_(options) {
    std::map<Index, Index> lowest;
    arena_.titles_in.assign(arena_.titles_in.size(), {});
    for (Index bucket = 0; bucket < arena_.title_class.size(); ++bucket) {
      arena_.title_class[bucket] = lowest.try_emplace(titles_[joint.buckets.joint[policy][bucket]], bucket).first->second;
      arena_.titles_in[arena_.title_class[bucket]].push_back(bucket);
    }
  }

  /// Empty, or why there is no answer.
  std::string run() {
    std::vector<Mask> modes;
    if (!modes_possible(arena_, options_.budget, modes)) return "the solver did not say in time which modes can be reached";
    Feasibility feasible(arena_, modes, options_.budget);
    reach_ = explore(arena_, feasible, modes, 1, {options_.states_max, options_.budget, options_.progress});
    if (!reach_.complete) return reach_.stopped;
    for (Index state = 0; state < reach_.states.size(); ++state) {
      const Coin& coin = reach_.states[state].coins[0];
      if (!(coin.title == titled_to(arena_, coin.at))) flows_[flow_of(coin)].push_back(state);
    }
    return "";
  }

  const std::map<Flow, std::vector<Index>>& flows() const { return flows_; }

  /// The transfers and mode changes of the search's shortest way there.
  std::vector<std::string> path(const Flow& flow) const {
    std::vector<std::string> steps;
    for (Index state = flows_.at(flow).front(); reach_.origins[state].before != kNone; state = reach_.origins[state].before) steps.push_back(in_words(moves_, reach_.origins[state]));
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  std::optional<Trace> trace(const Flow& flow) const {
    const std::vector<Index>& states = flows_.at(flow);
    for (std::size_t i = 0; i < states.size() && i < kRunsMax; ++i) {
      auto trace = concretize(arena_, reach_, states[i], options_.budget);
      if (!trace) continue;
      const CoinPlace& last = trace->coins[0].back();
      if (!replay(table_, moves_, crossing(last), *trace).empty()) continue;
      const auto name = [&](const NamedInstance& place) { return print_instance(moves_.vocabulary.buckets[place.target].name, place.ids); };
      trace->summary = fmt::format("money held for {} is in {}", name(last.title), name(last.at));
      return trace;
    }
    return std::nullopt;
  }

 private:
  Flow flow_of(const Coin& coin) const {
    Flow flow{joint_.assets.joint[policy_][coin.asset], titles_[joint_.buckets.joint[policy_][coin.title.bucket]],
              joint_.buckets.joint[policy_][coin.at.bucket], 0};
    const auto shared = shared_keys(arena_.bucket(coin.title.bucket), arena_.bucket(coin.at.bucket));
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (class_at(arena_, coin.title, shared[i]) != class_at(arena_, coin.at, shared[i])) flow.relation = static_cast<Relation>(flow.relation | 1u << i);
    return flow;
  }

  /// A fence that the money breaks where it ends: what the replay looks for.
  Fence crossing(const CoinPlace& last) const {
    Fence fence;
    if (last.title.target != last.at.target) {
      fence.left = {last.title.target};
      fence.right = {last.at.target};
      return fence;
    }
    fence.kind = FenceKind::Each;
    fence.within = {last.at.target};
    for (std::size_t key = 0; key < last.at.ids.size(); ++key)
      if (last.at.ids[key] != last.title.ids[key]) fence.entity = arena_.bucket(last.at.target).keys[key];
    return fence;
  }

  const Joint& joint_;
  const std::vector<Index> titles_;   // by joint bucket
  const RuleTable& table_;
  const Moves& moves_;
  Arena arena_;
  const unsigned policy_;
  const DiffOptions& options_;
  Reach reach_;
  std::map<Flow, std::vector<Index>> flows_;
};

/// Shortest first. Runs are looked for in that order.
void add_missing(const FlowSearch& having, const FlowSearch& lacking, bool added, std::vector<FlowChange>& changes) {
  std::vector<FlowChange> found;
  for (const auto& [flow, states] : having.flows())
    if (!lacking.flows().contains(flow)) found.push_back({flow, added, having.path(flow), {}});
  std::stable_sort(found.begin(), found.end(), [](const FlowChange& a, const FlowChange& b) { return a.path.size() < b.path.size(); });
  for (std::size_t i = 0; added && i < found.size() && i < kShownMax; ++i) found[i].trace = having.trace(found[i].flow);
  std::move(found.begin(), found.end(), std::back_inserter(changes));
}

}  // namespace

std::vector<FlowChange> compare_flows(const Joint& joint, const Tables& tables, const DiffOptions& options, std::string& unknown) {
  FlowSearch older(joint, tables, kOlder, options), newer(joint, tables, kNewer, options);
  unknown = older.run();
  if (unknown.empty()) unknown = newer.run();
  std::vector<FlowChange> changes;
  if (!unknown.empty()) return changes;
  add_missing(newer, older, true, changes);
  add_missing(older, newer, false, changes);
  return changes;
}

std::vector<Flow> flows_of(const Joint& joint, const Tables& tables, unsigned policy, const DiffOptions& options, std::string& unknown) {
  FlowSearch search(joint, tables, policy, options);
  unknown = search.run();
  std::vector<Flow> all;
  for (const auto& [flow, states] : search.flows()) all.push_back(flow);
  return all;
}

}  // namespace ringfence
