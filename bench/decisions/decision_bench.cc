// SPDX-License-Identifier: Apache-2.0
// `decision_bench [--export=FOLDER] [Google Benchmark's options]`: all engines that are there, on the same policies and the same stream of a million
// transfers, once all of them agree on each decision. An engine that would take long is checked and timed on as many transfers from the start as it gets
// through in kEngineSeconds. --export writes rules and the first transfers for engines of other languages (peers/), with our answers, and times nothing.
// bench/run_decisions makes one table of all.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "compiler/passes.h"
#include "runtime/rule_table.h"

namespace ringfence::bench {
namespace {

constexpr std::size_t kRuleCounts[] = {12, 100, 1'000, 10'000};
constexpr std::size_t kTransfers = 1'000'000, kExported = 20'000;
constexpr double kEngineSeconds = 0.25;

struct Peer { const char* name; EngineOf* make; };
constexpr Peer kPeers[] = {
    {"ringfence, one by one", make_ringfence},
    {"ringfence, many", make_ringfence_many},
    {"ringfence, values at hand", make_ringfence_at_hand},
    {"dense table, checks", make_dense_table},
    {"dense table, trusts", make_dense_table_trusting},
    {"hash map", make_hash_map},
    {"linear scan", make_linear_scan},
#ifdef HAVE_DPDK
    {"DPDK ACL", make_acl},
#endif
    {"SQLite", make_sqlite},
#ifdef HAVE_SWIPL
    {"SWI-Prolog", make_prolog},
#endif
#ifdef HAVE_CLIPS
    {"CLIPS", make_clips},
#endif
};

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Seconds for deciding all, without `prepare`: as if each chunk had taken the median of all, so that what else the machine does meanwhile counts little.
double decide_all(Engine& engine, std::span<const Asked> transfers, std::span<std::uint8_t> allowed) {
  std::vector<double> taken;
  std::vector<Asked> near(kChunk);   // in the cache, where a transfer is that was just made
  for (std::size_t i = 0; i < transfers.size(); i += kChunk) {
    const std::span<const Asked> chunk(near.data(), std::min(kChunk, transfers.size() - i));
    std::copy_n(transfers.data() + i, chunk.size(), near.data());
    engine.prepare(chunk);
    const double start = now();
    engine.decide(chunk, allowed.subspan(i, chunk.size()));
    if (chunk.size() == kChunk) taken.push_back(now() - start);
  }
  const auto median = taken.begin() + static_cast<std::ptrdiff_t>(taken.size() / 2);
  std::nth_element(taken.begin(), median, taken.end());
  return *median * static_cast<double>(transfers.size()) / static_cast<double>(kChunk);
}

struct World {
  std::size_t rules;
  RuleSet set;
  Stream stream;
  std::vector<std::uint8_t> allowed;   ///< what ours says
};

struct Entry {
  const World* world;
  std::unique_ptr<Engine> engine;
  std::size_t count = 0;               ///< transfers that are checked and timed
  std::size_t bytes = 0;
};

/// How many transfers fit into the time, and that all answers on them are ours.
void check(Entry& entry, const char* name) {
  const std::span<const Asked> all = entry.world->stream.transfers;
  std::vector<std::uint8_t> allowed(all.size());
  const std::size_t probe = 2 * kChunk;
  const double taken = decide_all(*entry.engine, all.first(probe), allowed);
  entry.count = std::min(all.size(), std::max(probe, static_cast<std::size_t>(kEngineSeconds / taken * static_cast<double>(probe)) / kChunk * kChunk));
  if (entry.count * 2 > all.size()) entry.count = all.size();
  decide_all(*entry.engine, all.first(entry.count), allowed);
  for (std::size_t i = 0; i < entry.count; ++i)
    demand(allowed[i] == entry.world->allowed[i], fmt::format("{} and ours decide transfer {} of {} rules differently: {} and {}", name, i, entry.world->rules, allowed[i], entry.world->allowed[i]));
}

World make_world(std::size_t rules) {
  World world{rules, draw_rules(rules), {}, {}};
  world.stream = draw_stream(world.set, kTransfers);
  world.allowed.resize(kTransfers);
  decide_all(*make_ringfence(world.set), world.stream.transfers, world.allowed);
  return world;
}

void time_decisions(benchmark::State& state, Entry& entry) {
  std::vector<std::uint8_t> allowed(entry.count);
  double taken = 0;
  for (auto _ : state) {
    const double once = decide_all(*entry.engine, std::span(entry.world->stream.transfers).first(entry.count), allowed);
    state.SetIterationTime(once);
    taken += once;
  }
  const auto decided = static_cast<double>(entry.count);
  state.counters["ns_per_decision"] = taken * 1e9 / decided / static_cast<double>(state.iterations());
  state.counters["decisions"] = decided;
  state.counters["bytes_per_rule"] = static_cast<double>(entry.engine->bytes()) / static_cast<double>(entry.world->rules);
}

// ---- what else is held to a bar: compiling the policy, loading the table

void time_compile(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    auto compiled = compile(text);
    benchmark::DoNotOptimize(compiled);
  }
}

void time_load(benchmark::State& state, std::vector<std::byte> bytes) {
  for (auto _ : state) {
    auto loaded = RuleTable::load_in_place(bytes);
    demand(std::holds_alternative<RuleTable>(loaded), "the table does not load");
    benchmark::DoNotOptimize(loaded);
  }
}

void add_compile_and_load(const World& world) {
  const std::string text = policy_text(world.set);
  auto compiled = compile(text);
  benchmark::RegisterBenchmark(fmt::format("compile/{}", world.rules).c_str(), time_compile, text)->Unit(benchmark::kMillisecond)->Iterations(1);
  benchmark::RegisterBenchmark(fmt::format("load/{}", world.rules).c_str(), time_load, compiled.artefact->table)->Unit(benchmark::kMillisecond)->Iterations(10);
}

// ---- for engines of other languages

std::string number(Int128 value) { return to_string(value); }

void export_world(const World& world, const std::string& folder) {
  std::ofstream rules(fmt::format("{}/rules-{}.json", folder, world.rules)), transfers(fmt::format("{}/transfers-{}.json", folder, world.rules));
  const char* comma = "";
  rules << "{\"external\":[";
  for (const Bucket& bucket : world.set.buckets) rules << std::exchange(comma, ",") << bucket.external;
  rules << "],\n\"rules\":[\n";
  comma = "";
  for (const Rule& rule : world.set.rules)
    rules << std::exchange(comma, ",\n") << fmt::format(R"({{"allows":{},"from":{},"to":{},"purpose":{},"asset":{},"roles":{},"other":{},"least":{},"most":{},"approvals":{}}})", rule.allows, rule.from,
                                                         rule.to, rule.purpose, rule.asset, rule.roles, rule.relation == Relation::Other, number(rule.least), number(rule.most), rule.approvals);
  rules << "]}\n";
  comma = "[";
  for (std::size_t i = 0; i < kExported; ++i) {
    const Asked& asked = world.stream.transfers[i];
    transfers << std::exchange(comma, ",\n") << fmt::format(R"({{"from":{},"to":{},"purpose":{},"asset":{},"role":{},"other":{},"amount":{},"balance":{},"approvals":{},"allowed":{}}})", asked.from,
                                                             asked.to, asked.purpose, asked.asset, asked.role, relation_of(asked) == Relation::Other, number(asked.amount), number(asked.from_balance),
                                                             count_approvals(asked), world.allowed[i] != 0);
  }
  transfers << "]\n";
  demand(rules.good() && transfers.good(), "can't write to " + folder);
}

int run(int count, char** arguments) {
  static constexpr std::string_view kExport = "--export=";
  std::vector<World> worlds;
  for (const std::size_t rules : kRuleCounts) worlds.push_back(make_world(rules));
  if (count == 2 && std::string_view(arguments[1]).starts_with(kExport)) {
    for (const World& world : worlds) export_world(world, arguments[1] + kExport.size());
    return 0;
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 3;
  std::vector<std::unique_ptr<Entry>> entries;
  for (const World& world : worlds) {
    add_compile_and_load(world);
    for (const Peer& peer : kPeers) {
      entries.push_back(std::make_unique<Entry>(Entry{&world, peer.make(world.set)}));
      check(*entries.back(), peer.name);
      Entry* entry = entries.back().get();
      benchmark::RegisterBenchmark(fmt::format("{}/{}", peer.name, world.rules).c_str(), [entry](benchmark::State& state) { time_decisions(state, *entry); })
          ->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
    }
  }
  std::cerr << "all engines agree on every decision that is timed\n";
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace ringfence::bench

int main(int count, char** arguments) { return ringfence::bench::run(count, arguments); }
