// SPDX-License-Identifier: Apache-2.0
// `ringfence blast POLICY|TABLE BUCKET`: which buckets lose when this one is drained, and by which moves: those whose money can be in it, those whose money
// the rules let into it, those whose money it pays with where its account is overdrawn, and those that it pays. From the search of the proof with one followed
// unit (verify/explore.h), so for every run, however long. Exit code: 0; 2 when the search did not end; 3 when there is no such bucket.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command/describe.h"
#include "command/interrupt.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/time_limits.h"
#include "command/verb_options.h"
#include "compiler/check_state.h"   // nearest
#include "verify/explore.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

struct BlastOptions { std::string policy, bucket; bool json = false; TimeLimits limits; };

/// A bucket or external that loses, and a shortest way, move by move, that shows it.
struct Loser { std::string place; std::vector<std::string> by; };
struct Blast {
  std::vector<Loser> held_in_it;    ///< money that is still held for these can be in it
  std::vector<Loser> let_into_it;   ///< from these, money can be moved into it, held for them or no longer
  std::vector<Loser> lend_to_it;    ///< it pays with their money where it, or another bucket in its account, overdraws
  std::vector<Loser> paid_by_it;    ///< it pays these
  std::string unknown;              ///< why there is no answer
};

class BlastSearch {
 public:
  BlastSearch(const Moves& moves, Index bucket, const Budget& budget) : moves_(moves), bucket_(bucket), arena_(moves, moves.vocabulary.buckets.size() > kExactBucketsMax), budget_(budget) {}

  Blast run(const std::function<void(std::string_view)>& progress) {
    std::vector<Mask> modes;
    if (!modes_possible(arena_, budget_, modes)) return unknown("the solver did not say in time which modes can be reached");
    Feasibility feasible(arena_, modes, budget_);
    ExploreOptions how;
    how.budget = budget_;
    how.progress = progress;
    how.keeps_edges = true;
    reach_ = explore(arena_, feasible, modes, 1, how);
    if (!reach_.complete) return unknown(reach_.stopped);
    find_held();
    find_sources();
    find_neighbours();
    return std::move(blast_);
  }

 private:
  /// Up to so many buckets, money is told apart by the very bucket that it is held for; beyond, by what rules and fences can tell of it.
  static constexpr std::size_t kExactBucketsMax = 64;

  static Blast unknown(std::string why) {
    Blast blast;
    blast.unknown = std::move(why);
    return blast;
  }
  const Coin& coin(Index state) const { return reach_.states[state].coins[0]; }
  const std::string& name(Index bucket) const { return moves_.vocabulary.buckets[bucket].name; }

  /// "Client.wallet, another Client": whose ids differ from those of the drained one.
  std::string title_in_words(const Coin& coin) const {
    std::string text = name(coin.title.bucket);
    for (const Index entity : shared_keys(arena_.bucket(coin.title.bucket), arena_.bucket(coin.at.bucket)))
      if (class_at(arena_, coin.title, entity) != class_at(arena_, coin.at, entity)) text += fmt::format(", another {}", moves_.vocabulary.entities[entity].name);
    return text;
  }

  static void add(std::vector<Loser>& losers, std::string place, std::vector<std::string> by) {
    if (std::none_of(losers.begin(), losers.end(), [&](const Loser& known) { return known.place == place; })) losers.push_back({std::move(place), std::move(by)});
  }

  void find_held() {
    for (Index state = 0; state < reach_.states.size(); ++state) {   // breadth first: the first is the nearest
      if (coin(state).at.bucket != bucket_ || coin(state).title == titled_to(arena_, coin(state).at)) continue;
      std::vector<std::string> by;
      for (Index at = state; reach_.origins[at].before != kNone; at = reach_.origins[at].before) by.push_back(in_words(moves_, reach_.origins[at]));
      std::reverse(by.begin(), by.end());
      add(blast_.held_in_it, title_in_words(coin(state)), std::move(by));
    }
  }

  /// Backwards from where the money is in it to where it began, nearest first.
  void find_sources() {
    std::vector<std::vector<Index>> edges_to(reach_.states.size());
    for (Index edge = 0; edge < reach_.edges.size(); ++edge) edges_to[reach_.edges[edge].to].push_back(edge);
    std::vector<Index> next_edge(reach_.states.size(), kNone), queue;
    std::vector<bool> seen(reach_.states.size());
    for (Index state = 0; state < reach_.states.size(); ++state)
      if (coin(state).at.bucket == bucket_) seen[state] = true, queue.push_back(state);
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const Index state = queue[i];
      if (reach_.origins[state].before == kNone && coin(state).at.bucket != bucket_) add_source(state, next_edge);
      for (const Index edge : edges_to[state]) {
        const Index before = reach_.edges[edge].origin.before;
        if (seen[before]) continue;
        seen[before] = true;
        next_edge[before] = edge;
        queue.push_back(before);
      }
    }
  }

  void add_source(Index state, const std::vector<Index>& next_edge) {
    const Index from = coin(state).at.bucket;
    std::vector<std::string> by;
    for (Index at = state; next_edge[at] != kNone; at = reach_.edges[next_edge[at]].to) by.push_back(in_words(moves_, reach_.edges[next_edge[at]].origin));
    if (!arena_.bucket(from).external) add(blast_.let_into_it, name(from), std::move(by));
  }

  /// "Client.wallet, another Client".
  std::string other_instance(Relation relation) const {
    std::string text = name(bucket_);
    const std::vector<Index>& keys = arena_.bucket(bucket_).keys;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if ((relation >> i & 1) != 0) text += fmt::format(", another {}", moves_.vocabulary.entities[keys[i]].name);
    return text;
  }

  /// One step: from another instance of it, out of other buckets of its account, and to whom it pays.
  void find_neighbours() {
    for (const Reach::Edge& edge : reach_.edges) {
      if (edge.origin.move == kNone || moves_.moves[edge.origin.move].from != bucket_) continue;
      const Index to = moves_.moves[edge.origin.move].to, before = coin(edge.origin.before).at.bucket;
      if (to == bucket_) add(blast_.let_into_it, other_instance(moves_.moves[edge.origin.move].relation), {in_words(moves_, edge.origin)});
      if (before != bucket_) add(blast_.lend_to_it, name(before), {in_words(moves_, edge.origin)});
      if (to != bucket_) add(blast_.paid_by_it, name(to), {in_words(moves_, edge.origin)});
    }
  }

  const Moves& moves_;
  const Index bucket_;
  Arena arena_;
  Budget budget_;
  Reach reach_;
  Blast blast_;
};

struct Heading { const char* key; const char* words; std::vector<Loser> Blast::*losers; };
constexpr Heading kHeadings[] = {
    {"held_in_it", "Beside its own, money held for these can be in it, and is then lost", &Blast::held_in_it},
    {"let_into_it", "From these, money can be moved into it, and follows", &Blast::let_into_it},
    {"lend_to_it", "Where its account is overdrawn, it pays with the money of these", &Blast::lend_to_it},
    {"paid_by_it", "These are paid out of it, and then are not", &Blast::paid_by_it},
};

void print_for_people(std::ostream& out, const std::string& bucket, const Blast& blast) {
  out << fmt::format("When {} is drained\n", bucket);
  if (!blast.unknown.empty()) out << fmt::format("UNKNOWN  {}\n", blast.unknown);
  for (const Heading& heading : kHeadings) {
    if (!blast.unknown.empty()) return;
    const auto& losers = blast.*heading.losers;
    out << fmt::format("\n{}:{}\n", heading.words, losers.empty() ? " none" : "");
    for (const Loser& loser : losers) out << fmt::format("  {}\n      by {}\n", loser.place, fmt::join(loser.by, ", then "));
  }
}

void print_json(std::ostream& out, const std::string& bucket, const Blast& blast) {
  ordered_json document{{"bucket", bucket}, {"answer", blast.unknown.empty() ? "FOUND" : "UNKNOWN"}};
  if (!blast.unknown.empty()) document["reason"] = blast.unknown;
  for (const Heading& heading : kHeadings) {
    document[heading.key] = ordered_json::array();
    for (const Loser& loser : blast.*heading.losers) document[heading.key].push_back({{"place", loser.place}, {"by", loser.by}});
  }
  out << document.dump(2) << '\n';
}

ExitCode refuse_bucket(const LoadedPolicy& policy, const std::string& name, Console& console) {
  std::vector<std::string> known;
  for (const Bucket& bucket : policy.moves.vocabulary.buckets)
    if (!bucket.external) known.push_back(bucket.name);
  const std::string question = checking::did_you_mean(name, known);
  console.err << printable(fmt::format("ringfence: the policy has no bucket `{}`{}", name, question.empty() ? "" : "; " + question)) << '\n';
  return kUnusable;
}

ExitCode run_blast(const BlastOptions& options, Console& console) {
  const Budget budget = options.limits.budget();
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const Index bucket = policy.table.find_bucket(options.bucket);
  if (bucket == kNone || policy.table.bucket(bucket).external) return refuse_bucket(policy, options.bucket, console);
  end_on_interrupt();
  Blast blast;
  {
    Progress progress("looking from where money comes to " + options.bucket);
    blast = BlastSearch(policy.moves, bucket, budget).run([&progress](std::string_view doing) { progress.set(doing); });
  }
  if (options.json) print_json(console.out, options.bucket, blast);
  else print_for_people(console.out, options.bucket, blast);
  return blast.unknown.empty() ? kSuccess : kUndecided;
}

}  // namespace

void add_blast(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<BlastOptions>();
  VerbOptions verb(app, "blast", "Which buckets lose, by which moves, when one is drained");
  verb.argument("POLICY", options->policy, "Policy text or rule table");
  verb.argument("BUCKET", options->bucket, "As it is declared: Client.wallet");
  verb.flag("--json", options->json, "One JSON document");
  add_time_limits(verb, options->limits);
  verb.runs(chosen, [options](Console& console) { return run_blast(*options, console); });
}

}  // namespace ringfence
