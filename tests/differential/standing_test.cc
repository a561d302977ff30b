// SPDX-License-Identifier: Apache-2.0
// What is asked of every policy, against the reference interpreter: on random policies as the compiler makes them the properties of single
// rows are PROVED, and no statement that random traffic makes decide is said never to decide.
#include <catch2/catch.hpp>

#include <iostream>
#include <set>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"
#include "verify/feasible.h"
#include "verify/standing.h"

namespace ringfence::differential {
namespace {

constexpr std::uint64_t kSessions = 4, kSteps = 60;
constexpr std::uint32_t kTimeoutMs = 10'000;

std::uint32_t line_of(const TypedPolicy& policy, Index statement) {
  if (statement < policy.rules.size()) return policy.rules[statement].words.line;
  statement -= static_cast<Index>(policy.rules.size());
  if (statement < policy.floors.size()) return policy.floors[statement].words.line;
  statement -= static_cast<Index>(policy.floors.size());
  if (statement < policy.limits.size()) return policy.limits[statement].words.line;
  return policy.transitions[statement - policy.limits.size()].words.line;
}

/// The policy in which this deny, and those after it, speak of nothing.
TypedPolicy without_denies_from(TypedPolicy policy, Index statement) {
  for (Index rule = statement; rule < policy.rules.size(); ++rule)
    if (policy.rules[rule].effect == Effect::Deny) policy.rules[rule].pairs.clear();
  return policy;
}

/// Lines of the statements that decide in a session from modes that are the first: as soundness.md says what it is to decide.
void run_session(const TypedPolicy& policy, std::uint64_t seed, std::set<std::uint32_t>& decided) {
  generate::Random random(seed);
  reference::State state = generate::random_state(random, policy);
  state.modes.clear();
  std::int64_t now_ms = generate::kStartMs;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    now_ms = generate::random_later(random, now_ms);
    if (random.chance(20) && !policy.vocabulary.machines.empty()) {
      generate::ChangeRequest request = generate::random_change(random, policy, now_ms);
      request.change.authority.approvals = request.approvals;
      const reference::Answer answer = reference::judge(policy, state, request.change);
      if (!answer.allowed()) continue;
      decided.insert(line_of(policy, answer.statement));
      reference::apply(state, request.change);
      continue;
    }
    generate::Request request = generate::random_transfer(random, policy, now_ms);
    request.transfer.authority.approvals = request.approvals;
    const reference::Answer answer = reference::judge(policy, state, request.transfer);
    switch (answer.reason) {
      case Reason::Allowed:
        for (const Index allow : reference::holding_allows(policy, state, request.transfer)) decided.insert(line_of(policy, allow));
        reference::apply(policy, state, request.transfer);
        break;
      case Reason::DenyRule:
        if (reference::judge(without_denies_from(policy, answer.statement), state, request.transfer).allowed()) decided.insert(line_of(policy, answer.statement));
        break;
      case Reason::Floor:
        if (policy.limits.empty()) decided.insert(line_of(policy, answer.statement));
        break;
      case Reason::Limit: decided.insert(line_of(policy, answer.statement)); break;
      default: break;
    }
  }
}

}  // namespace

TEST_CASE("random policies keep what is asked of every row, and what decides is not called dead", "[standing]") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", is_sanitized() ? 20 : 200);
  std::uint64_t policies = 0, dead = 0, alive = 0, seen = 0;
  for (std::uint64_t seed = first_seed; policies < wanted; ++seed) {
    REQUIRE(seed < first_seed + 4 * wanted + 40);
    generate::Knobs knobs;
    knobs.limits = seed % 2 == 0;
    const std::string text = generate::random_policy(seed, knobs);
    std::string why;
    const auto loaded = load_policy(text, why);
    if (!loaded) continue;
    ++policies;
    INFO("RINGFENCE_SEED=" << seed << "\n" << text);
    const Moves moves = decode(loaded->table);
    const Arena arena(moves);
    for (const PropertyVerdict& verdict : {prove_conservation(moves), prove_funds(arena, kTimeoutMs), prove_floors(arena, kTimeoutMs),
                                           prove_no_overflow(arena, kTimeoutMs), prove_one_decision(moves)}) {
      INFO(verdict.claim << "\n" << verdict.reason);
      CHECK(verdict.answer == Answer::Proved);
    }
    std::vector<Mask> possible;
    REQUIRE(modes_possible(arena, kTimeoutMs, possible));
    const PropertyVerdict fire = prove_rules_fire(arena, possible, kTimeoutMs);
    CHECK(fire.answer != Answer::Unknown);
    std::set<std::uint32_t> decided;
    for (std::uint64_t session = 0; session < kSessions; ++session) run_session(loaded->policy, seed * 1000 + session, decided);
    for (const PropertyDetail& detail : fire.details) {
      INFO(detail.line << ": " << detail.text);
      CHECK(!decided.contains(detail.line));
    }
    dead += fire.details.size();
    alive += moves.statements.size() - fire.details.size();
    seen += decided.size();
  }
  std::cout << "rules that fire: " << policies << " policies, " << alive << " statements that can decide, of which traffic showed " << seen << "; " << dead
            << " that never do" << std::endl;
  CHECK(dead > 0);
  CHECK(seen * 4 > alive);
}

}  // namespace ringfence::differential
