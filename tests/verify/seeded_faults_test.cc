// SPDX-License-Identifier: Apache-2.0
// The proof that a table is its policy can fail: every kind of fault that a compiler could make (faults.h) is planted at many places, laid
// out as a table and loaded, and must be found. A fault that changes nothing may be PROVED; a fault that changes a decision may not, which
// random traffic through both tables decides.
#include <catch2/catch.hpp>

#include <iostream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "compiler/passes.h"
#include "runtime/gate.h"
#include "tests/generate/policy.h"
#include "tests/generate/traffic.h"
#include "tests/shipped_policies.h"
#include "tests/size_of_run.h"
#include "tests/verify/faults.h"
#include "verify/equivalence.h"

namespace ringfence::test {
namespace {

/// What a fault made: nothing where there was no place for it, no change there, or a table that does not load.
enum class Planted { NoPlace, Unchanged, Refused, Loads };
Planted plant(const Fault& fault, Moves moves, std::size_t n, std::optional<RuleTable>& table) {
  const Moves honest = moves;
  if (!fault.plant(moves, n)) return Planted::NoPlace;
  if (moves == honest) return Planted::Unchanged;
  auto loaded = RuleTable::load(emit(moves));
  if (!std::holds_alternative<RuleTable>(loaded)) return Planted::Refused;
  table = std::move(std::get<RuleTable>(loaded));
  return Planted::Loads;
}

/// All of them; a share where the build is sanitized.
std::vector<Compiled> policies() {
  std::vector<Compiled> all{test::compiled({"workshop.rf", kWorkshopPolicy})};
  std::size_t count = 0;
  for (const test::ShippedPolicy& policy : test::shipped_policies())
    if (!kIsSanitized || count++ % 4 == 0) all.push_back(test::compiled(policy));
  return all;
}

struct Count { std::size_t planted = 0, refused = 0, decided = 0; };

/// Plants one kind at its first places in one policy; each table that loads must be REFUTED.
void plant_everywhere(const Fault& fault, const Compiled& compiled, std::size_t places, Count& count) {
  for (std::size_t n = 0; n < places; ++n) {
    std::optional<RuleTable> table;
    const Planted planted = plant(fault, compiled.moves, n, table);
    if (planted == Planted::NoPlace) return;
    count.refused += planted == Planted::Refused ? 1u : 0u;
    if (planted != Planted::Loads) continue;
    ++count.planted;
    const Equivalence result = prove_equivalent(compiled.policy, *table);
    INFO(fault.name << ", place " << n << ": " << result.reason);
    REQUIRE(result.answer == Answer::Refuted);
    REQUIRE(result.difference);
    CHECK_FALSE(print(*result.difference).empty());
    count.decided += result.difference->decisions_differ ? 1u : 0u;
  }
}

TEST_CASE("every kind of seeded fault is found") {
  const std::vector<Compiled> compiled = policies();
  std::set<std::string> names;
  Count all;
  for (const Fault& fault : all_faults()) {
    Count count;
    for (std::size_t i = 0; i < compiled.size(); ++i) plant_everywhere(fault, compiled[i], i == 0 ? 12 : kIsSanitized ? 1 : 2, count);
    INFO(fault.name);
    CHECK(count.planted > 0);   // no kind is skipped
    CHECK(names.insert(fault.name).second);
    all.planted += count.planted;
    all.refused += count.refused;
    all.decided += count.decided;
  }
  CHECK(names.size() >= 40);
  std::cout << fmt::format("{} kinds of fault, {} planted and each REFUTED, {} of them by a transfer or mode change that the table decides otherwise; {} more do not load\n",
                           names.size(), all.planted, all.decided, all.refused);
}

// ---- random policies

/// Whether random traffic, opened alike, is answered differently by two tables.
bool decisions_differ(const TypedPolicy& policy, const RuleTable& first, const RuleTable& second, std::uint64_t seed) {
  generate::Random random(seed);
  const reference::State state = generate::random_state(random, policy);
  Gate one(first), other(second);
  for (Gate* gate : {&one, &other}) {
    for (const reference::Holding& holding : state.holdings) gate->open_balance(holding.bucket, holding.asset, holding.balance);
    for (const reference::KnownMode& known : state.modes) gate->open_mode(known.subject, known.mode, known.entered_ms);
    for (const reference::KnownFact& fact : state.facts) gate->set_fact(fact.subject, fact.number, fact.observed_ms);
  }
  std::int64_t now_ms = generate::kStartMs;
  const auto same = [](const GateAnswer& a, const GateAnswer& b) {
    return a.decision.reason == b.decision.reason && a.decision.statement == b.decision.statement && a.decision.clause == b.decision.clause;
  };
  for (int i = 0; i < 60; ++i) {
    now_ms = generate::random_later(random, now_ms);
    const std::string id = fmt::format("t{}", i);
    if (!policy.vocabulary.machines.empty() && random.chance(15)) {
      const generate::ChangeRequest request = generate::random_change(random, policy, now_ms);
      const GateModeChange change{id, request.change, request.approvals};
      if (!same(one.submit(change), other.submit(change))) return true;
    } else {
      const generate::Request request = generate::random_transfer(random, policy, now_ms);
      const GateTransfer transfer{id, request.transfer, request.approvals};
      if (!same(one.submit(transfer), other.submit(transfer))) return true;
    }
  }
  return false;
}

TEST_CASE("a fault in a random policy that changes a decision is found") {
  const std::uint64_t wanted = kIsSanitized ? 100 : 1'000;
  std::size_t planted = 0, refuted = 0, proved = 0, changed = 0;
  for (std::uint64_t seed = 1; planted < wanted; ++seed) {
    const Passed<Compiled> compiled = compile(generate::random_policy(seed, {}));
    if (!compiled.artefact) continue;
    auto honest = RuleTable::load(compiled.artefact->table);
    REQUIRE(std::holds_alternative<RuleTable>(honest));
    generate::Random random(seed);
    std::optional<RuleTable> faulty;
    const Fault& fault = random.pick(all_faults());
    if (plant(fault, compiled.artefact->moves, random.below(6), faulty) != Planted::Loads) continue;
    ++planted;
    const Equivalence result = prove_equivalent(compiled.artefact->policy, *faulty);
    const bool differs = decisions_differ(compiled.artefact->policy, std::get<RuleTable>(honest), *faulty, seed);
    INFO("seed " << seed << ", " << fault.name << ": " << result.reason);
    REQUIRE(result.answer != Answer::Unknown);
    if (differs) REQUIRE(result.answer == Answer::Refuted);
    changed += differs ? 1u : 0u;
    refuted += result.answer == Answer::Refuted ? 1u : 0u;
    proved += result.answer == Answer::Proved ? 1u : 0u;
  }
  CHECK(changed > wanted / 20);
  std::cout << fmt::format("{} faults in random policies: {} REFUTED, {} PROVED without effect; random traffic noticed {}\n", planted, refuted, proved, changed);
}

}  // namespace
}  // namespace ringfence::test
