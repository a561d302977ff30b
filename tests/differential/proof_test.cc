// SPDX-License-Identifier: Apache-2.0
// The proof method against the meaning: the verifier's verdict on each fence of random small policies beside an explicit-state search of
// the full semantics, which knows nothing of the verifier's abstraction. PROVED although the search breaks the fence is a failure. So is
// REFUTED with a trace that the reference interpreter does not confirm step by step. UNKNOWN is counted.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <regex>
#include <string_view>
#include <thread>

#include "tests/differential/session.h"
#include "tests/differential/trace_check.h"
#include "tests/generate/policy.h"
#include "tests/reference/explore.h"
#include "verify/verify.h"

namespace ringfence::differential {
namespace {

struct Group {
  const char* name;
  std::uint64_t seeds, sanitized;   ///< policies generated, each by its own seed
  unsigned units;                   ///< of the searched world; one more than the largest constant, so that each comparison goes both ways
  generate::Knobs knobs;
  bool turns = false;               ///< not of these knobs: policies in which balances of other buckets with ids decide
};

generate::Knobs small_knobs() {
  generate::Knobs knobs;
  knobs.buckets_max = 3;
  knobs.keys_max = 1;
  knobs.rules_max = 5;
  knobs.amount_max = 1;
  knobs.money_words = 1;
  knobs.guard_percent = 50;
  knobs.small_ranges = true;
  knobs.two_assets = knobs.floors = knobs.limits = knobs.fresh = knobs.totals = knobs.overdraw = knobs.wildcards = knobs.instants = false;
  return knobs;
}

std::vector<Group> groups() {
  generate::Knobs amounts = small_knobs();   // guards over the transfer alone: the answer must be PROVED or REFUTED
  amounts.amount_max = 2;
  amounts.modes = amounts.balances = amounts.custody = false;
  generate::Knobs stateful = small_knobs();  // modes, balances, emptiness, accounts and custody
  stateful.single_many = true;
  stateful.emptiness_only = true;
  generate::Knobs keyed = small_knobs();     // two keys a bucket, and every relation between them
  keyed.keys_max = 2;
  keyed.buckets_max = 2;
  keyed.dense = true;
  keyed.modes = keyed.balances = keyed.facts = false;
  generate::Knobs overdrawn = small_knobs();
  overdrawn.overdraw = true;
  overdrawn.single_many = true;
  overdrawn.modes = overdrawn.balances = false;
  generate::Knobs instants = small_knobs();  // locks and terms: `now`, times of day and facts that are instants
  instants.instants = true;
  instants.modes = instants.balances = instants.evidence = instants.approvals = instants.custody = false;
  instants.guard_percent = 80;
  return {{"amounts, flags and approvals", 1350, 60, 3, amounts},
          {"modes, balances and custody", 1350, 60, 2, stateful},
          {"two keys", 320, 20, 2, keyed},
          {"overdraft", 320, 20, 2, overdrawn},
          {"instants", 320, 20, 2, instants}};
}

struct Count {
  std::uint64_t policies = 0, rejected = 0, skipped = 0, fences = 0, proved = 0, refuted = 0, unknown = 0, found = 0, not_found = 0,
                enlarged = 0, beyond = 0, states = 0, by_balances = 0;
  void add(const Count& other) {
    for (auto member : {&Count::policies, &Count::rejected, &Count::skipped, &Count::fences, &Count::proved, &Count::refuted, &Count::unknown,
                        &Count::found, &Count::not_found, &Count::enlarged, &Count::beyond, &Count::states, &Count::by_balances})
      this->*member += other.*member;
  }
};

void print(const char* name, const Count& count) {
  std::cout << name << ": " << count.policies << " policies compared (" << count.rejected << " more did not compile, " << count.skipped
            << " were too large to search), " << count.fences << " fences: verifier PROVED " << count.proved << " (" << count.by_balances << " with balances of instances with ids in the state), REFUTED " << count.refuted
            << ", UNKNOWN " << count.unknown << "; search broke " << count.found << ", did not break " << count.not_found << " in "
            << count.states << " states. Of those REFUTED, the search broke " << count.enlarged
            << " only in a world as large as the trace; " << count.beyond << " traces need amounts too large to search, and were replayed only"
            << std::endl;
}

reference::World world_for(const TypedPolicy& policy, unsigned units) {
  reference::World world;
  world.units = world.amount_max = units;
  world.ids = reference::crosses_ids(policy) ? 3 : 2;
  return world;
}

/// The search again with as many units and as large amounts as the trace has. Nothing when that is too large.
std::optional<bool> breaks_in_larger_world(const TypedPolicy& policy, const Trace& trace, std::size_t fence) {
  constexpr Int128 kMostUnits = 5;
  Int128 units = 2, amount = 1;
  for (const TraceStep& step : trace.steps) amount = std::max(amount, step.is_transfer ? step.transfer.amount : 0);
  Int128 held = 0, entered = 0;
  for (const TraceHolding& opening : trace.opening) held += opening.balance;
  for (const TraceStep& step : trace.steps)
    if (step.is_transfer && policy.vocabulary.buckets[step.transfer.from.target].external) entered += step.transfer.amount;
  units = std::max(units, held + entered);
  if (units > kMostUnits || amount > kMostUnits) return std::nullopt;
  reference::World world{3, static_cast<unsigned>(units), static_cast<unsigned>(amount), 60'000, 2'000};
  const reference::Explored explored = reference::explore(policy, world);
  if (explored.broken[fence]) return true;
  return explored.complete ? std::optional<bool>(false) : std::nullopt;
}

// Empty when verdict and search agree on this fence.
std::string compare_fence(const TypedPolicy& policy, const FenceVerdict& verdict, bool broken, Count& count) {
  ++count.fences;
  ++(broken ? count.found : count.not_found);
  switch (verdict.answer) {
    case Answer::Proved:
      ++count.proved;
      count.by_balances += std::regex_search(verdict.certificate, std::regex("[(]pbal[0-9]+_[0-9]+_"));
      return broken ? "PROVED, but the search breaks it" : "";
    case Answer::Refuted: {
      ++count.refuted;
      if (!verdict.trace) return "REFUTED without a trace";
      const std::string wrong = wrong_with(policy, policy.vocabulary.fences[verdict.fence], *verdict.trace);
      if (!wrong.empty()) return "REFUTED, but the trace is wrong: " + wrong + "\n" + ringfence::print(policy.vocabulary, *verdict.trace);
      if (broken) return "";
      const std::optional<bool> larger = breaks_in_larger_world(policy, *verdict.trace, verdict.fence);
      ++(larger ? count.enlarged : count.beyond);
      return larger && !*larger ? "REFUTED, but the search does not break it in a world as large as the trace" : "";
    }
    case Answer::Unknown:
      ++count.unknown;
      return "";
  }
  return "no such answer";
}

std::string compare_policy(const LoadedPolicy& loaded, unsigned units, Count& count) {
  const reference::Explored explored = reference::explore(loaded.policy, world_for(loaded.policy, units));
  if (!explored.complete) {
    ++count.skipped;
    return "";
  }
  ++count.policies;
  count.states += explored.states;
  const Verdict verdict = verify(loaded.table);
  if (verdict.fences.size() != explored.broken.size()) return "another number of verdicts than fences";
  for (std::size_t f = 0; f < explored.broken.size(); ++f) {
    const std::string what = compare_fence(loaded.policy, verdict.fences[f], explored.broken[f], count);
    if (!what.empty()) return "fence " + loaded.policy.vocabulary.fences[f].text + ": " + what;
  }
  return "";
}

// One seed: generate, compile, search, verify, compare. What disagrees, with everything to replay it; else empty.
std::string compare_seed(const Group& group, std::uint64_t seed, Count& count) {
  const std::string text = group.turns ? generate::random_turns(seed) : generate::random_policy(seed, group.knobs);
  std::string why;
  const auto loaded = load_policy(text, why);
  if (!loaded) {
    ++count.rejected;
    return "";
  }
  std::string what;
  try {
    what = compare_policy(*loaded, group.units, count);
  } catch (const std::exception& error) {   // of the reference, on a policy that should not have compiled
    what = error.what();
  }
  return what.empty() ? "" : std::string(group.name) + ": RINGFENCE_SEED=" + std::to_string(seed) + "\n" + text + what;
}

// Seeds are shared out among the processors; the sums do not depend on who takes which.
std::string compare_group(const Group& group, std::uint64_t first_seed, std::uint64_t seeds, Count& total) {
  std::atomic<std::uint64_t> next{first_seed};
  std::mutex mutex;
  std::string failure;
  const auto work = [&] {
    Count count;
    for (std::uint64_t seed = next++; seed < first_seed + seeds; seed = next++) {
      const std::string what = compare_seed(group, seed, count);
      if (what.empty()) continue;
      const std::lock_guard lock(mutex);
      failure += what + "\n";
      next = first_seed + seeds;
    }
    const std::lock_guard lock(mutex);
    total.add(count);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::clamp(std::thread::hardware_concurrency(), 1u, 8u); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return failure;
}

}  // namespace

TEST_CASE("the verifier agrees with explicit-state search of the full semantics") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const char* const only = std::getenv("RINGFENCE_GROUP");
  Count total;
  for (const Group& group : groups()) {
    if (only != nullptr && std::string_view(only) != group.name) continue;
    Count count;
    const std::uint64_t seeds = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? group.sanitized : group.seeds);
    const std::string failure = compare_group(group, first_seed, seeds, count);
    print(group.name, count);
    INFO(failure);
    REQUIRE(failure.empty());
    CHECK((count.rejected + count.skipped) * 10 <= seeds);
    total.add(count);
  }
  print("all groups", total);
  REQUIRE(total.fences > 0);                  // RINGFENCE_GROUP names one of them
  CHECK(total.proved * 5 >= total.fences);    // a mix: each answer at least a fifth
  CHECK(total.refuted * 5 >= total.fences);
}

// Balances of instances with ids are in the state (soundness.md, 10): what neither the followed units nor balances without ids decide.
TEST_CASE("the verifier agrees with explicit-state search where balances with ids decide") {
  const Group group{"turns kept in balances with ids", 400, 20, 3, {}, true};
  const std::uint64_t seeds = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? group.sanitized : group.seeds);
  Count count;
  const std::string failure = compare_group(group, number_from_environment("RINGFENCE_SEED", 1), seeds, count);
  print(group.name, count);
  INFO(failure);
  REQUIRE(failure.empty());
  CHECK((count.rejected + count.skipped) * 10 <= seeds);
  CHECK(count.by_balances * 10 >= count.fences);   // a mix; the last is what this test is for
  CHECK(count.proved * 5 >= count.fences);
  CHECK(count.refuted * 5 >= count.fences);
}

// A test that can fail: the verifier is given the table of a policy without one of its allow rules, and the search the whole policy.
TEST_CASE("the comparison notices a proof of another policy") {
  bool noticed = false;
  for (std::uint64_t seed = 1; seed <= 200 && !noticed; ++seed) {
    const std::string text = generate::random_policy(seed, small_knobs());
    const std::size_t last_allow = text.rfind("\nallow ");
    const std::string shorter = text.substr(0, last_allow + 1) + text.substr(text.find('\n', last_allow + 1) + 1);
    std::string why;
    auto whole = load_policy(text, why);
    auto other = load_policy(shorter, why);
    if (!whole || !other) continue;
    Count count;
    noticed = !compare_policy({std::move(whole->policy), std::move(other->table)}, 2, count).empty();
  }
  CHECK(noticed);
}

}  // namespace ringfence::differential
