// SPDX-License-Identifier: Apache-2.0
// The proof method against the meaning: the verifier's verdict on each fence of random small policies beside an explicit-state search of
// the full semantics, which knows nothing of the verifier's abstraction. PROVED although the search breaks the fence is a failure. So is
// REFUTED with a trace that the reference interpreter does not confirm step by step. UNKNOWN is counted.
#include <catch2/catch.hpp>

#include <iostream>

#include "tests/differential/session.h"
#include "tests/differential/trace_check.h"
#include "tests/generate/policy.h"
#include "tests/reference/explore.h"
#include "verify/verify.h"

namespace ringfence::differential {
namespace {

struct Group {
  const char* name;
  std::uint64_t policies, sanitized;
  generate::Knobs knobs;
};

generate::Knobs small_knobs() {
  generate::Knobs knobs;
  knobs.buckets_max = 3;
  knobs.keys_max = 1;
  knobs.rules_max = 5;
  knobs.amount_max = 3;
  knobs.money_words = 1;
  knobs.guard_percent = 50;
  knobs.small_ranges = true;
  knobs.two_assets = knobs.floors = knobs.limits = knobs.fresh = knobs.totals = knobs.overdraw = knobs.wildcards = false;
  return knobs;
}

std::vector<Group> groups() {
  generate::Knobs amounts = small_knobs();   // guards over the transfer alone: the answer must be PROVED or REFUTED
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
  return {{"amounts, flags and approvals", 1300, 60, amounts},
          {"modes, balances and custody", 1300, 60, stateful},
          {"two keys", 300, 20, keyed},
          {"overdraft", 300, 20, overdrawn}};
}

struct Count {
  std::uint64_t policies = 0, rejected = 0, skipped = 0, fences = 0, proved = 0, refuted = 0, unknown = 0, found = 0, not_found = 0,
                outside_world = 0, states = 0;
};

void print(const char* name, const Count& count) {
  std::cout << name << ": " << count.policies << " policies compared (" << count.rejected << " more did not compile, " << count.skipped
            << " were too large to search), " << count.fences << " fences: verifier PROVED " << count.proved << ", REFUTED " << count.refuted
            << ", UNKNOWN " << count.unknown << "; search broke " << count.found << ", did not break " << count.not_found << " in "
            << count.states << " states; " << count.outside_world << " REFUTED by a trace that needs a larger world than was searched"
            << std::endl;
}

reference::World world_for(const TypedPolicy& policy) {
  reference::World world;
  world.ids = reference::crosses_ids(policy) ? 3 : 2;
  world.units = static_cast<unsigned>(number_from_environment("RINGFENCE_UNITS", 2));
  return world;
}

// Empty when verdict and search agree on this fence.
std::string compare_fence(const TypedPolicy& policy, const FenceVerdict& verdict, bool broken, Count& count) {
  ++count.fences;
  ++(broken ? count.found : count.not_found);
  switch (verdict.answer) {
    case Answer::Proved:
      ++count.proved;
      return broken ? "PROVED, but the search breaks it" : "";
    case Answer::Refuted: {
      ++count.refuted;
      if (!verdict.trace) return "REFUTED without a trace";
      const std::string wrong = wrong_with(policy, policy.vocabulary.fences[verdict.fence], *verdict.trace);
      if (!wrong.empty()) return "REFUTED, but the trace is wrong: " + wrong + "\n" + ringfence::print(policy.vocabulary, *verdict.trace);
      if (!broken) ++count.outside_world;
      return "";
    }
    case Answer::Unknown:
      ++count.unknown;
      return "";
  }
  return "no such answer";
}

std::string compare_policy(const LoadedPolicy& loaded, Count& count) {
  const reference::Explored explored = reference::explore(loaded.policy, world_for(loaded.policy));
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

}  // namespace

TEST_CASE("the verifier agrees with explicit-state search of the full semantics") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  Count total;
  for (const Group& group : groups()) {
    const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", is_sanitized() ? group.sanitized : group.policies);
    Count count;
    for (std::uint64_t seed = first_seed; count.policies < wanted; ++seed) {
      const std::string text = generate::random_policy(seed, group.knobs);
      std::string why;
      const auto loaded = load_policy(text, why);
      INFO(group.name << ": RINGFENCE_SEED=" << seed << "\n" << text << why);
      if (!loaded) {
        ++count.rejected;
        REQUIRE(count.rejected < 20 + count.policies);
        continue;
      }
      const std::string what = compare_policy(*loaded, count);
      INFO(what);
      REQUIRE(what.empty());
      REQUIRE(count.skipped < 20 + count.policies);
    }
    print(group.name, count);
    total.proved += count.proved;
    total.refuted += count.refuted;
    total.fences += count.fences;
  }
  CHECK(total.proved * 5 >= total.fences);    // a mix: each answer at least a fifth
  CHECK(total.refuted * 5 >= total.fences);
}

}  // namespace ringfence::differential
