// SPDX-License-Identifier: Apache-2.0
// What is asked of every policy, against the reference interpreter: on random policies as the compiler makes them the properties of single
// rows are PROVED, no statement that random traffic makes decide is said never to decide, and money that is said to be trapped is brought
// there by the interpreter too, and home by no random traffic after it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"
#include "tests/reference/title.h"
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

/// A trap's trace on the interpreter, and then random traffic, with every place where the followed unit could then be.
class TrappedUnit {
 public:
  TrappedUnit(const TypedPolicy& policy, const Trace& trace, std::uint64_t seed) : policy_(policy), trace_(trace), random_(seed) {}

  /// What is wrong with the trap; empty when nothing is.
  std::string run() {
    for (const TraceHolding& opening : trace_.opening) state_.add(instance(opening.bucket), opening.asset, opening.balance);
    std::int64_t now_ms = generate::kStartMs;
    for (const TraceStep& step : trace_.steps) {
      if (!apply(step)) return "the interpreter denies a step of the trace";
      now_ms = step.time_ms;
    }
    places_.insert(key(instance(trace_.coins[0].back().title), instance(trace_.coins[0].back().at)));
    for (int i = 0; i < 400; ++i) {
      now_ms += 1 + random_.below(5'000);
      if (wander(now_ms)) return "random traffic brings the trapped money home";
    }
    return "";
  }

 private:
  using Place = std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>>;   ///< title, at

  std::uint64_t number(const std::string& id) { return ids_.try_emplace(id, ids_.size() + 1).first->second; }
  Instance instance(const NamedInstance& named) {
    Instance made{named.target, static_cast<std::uint8_t>(named.ids.size()), {}};
    for (std::size_t i = 0; i < named.ids.size(); ++i) made.ids[i] = number(named.ids[i]);
    return made;
  }
  static std::vector<std::uint64_t> words(const Instance& place) {
    std::vector<std::uint64_t> all{place.target, place.id_count};
    all.insert(all.end(), place.ids.begin(), place.ids.end());
    return all;
  }
  static Instance from_words(const std::vector<std::uint64_t>& all) {
    Instance made{static_cast<Index>(all[0]), static_cast<std::uint8_t>(all[1]), {}};
    std::copy(all.begin() + 2, all.end(), made.ids.begin());
    return made;
  }
  static Place key(const Instance& title, const Instance& at) { return {words(title), words(at)}; }

  bool apply(const TraceStep& step) {
    for (const TraceFact& fact : step.facts) state_.set_fact(instance(fact.subject), fact.number, step.time_ms);
    std::vector<Approval> approvals;
    for (const NamedApproval& approval : step.approvals) approvals.push_back({number(approval.person), approval.roles});
    const Authority authority{number(step.person), step.role, approvals, step.evidence, step.time_ms};
    if (!step.is_transfer) {
      const ModeChange change{instance(step.subject), step.to_mode, authority};
      if (!reference::judge(policy_, state_, change).allowed()) return false;
      reference::apply(state_, change);
      return true;
    }
    const Transfer transfer{step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset, step.transfer.amount, authority};
    if (!reference::judge(policy_, state_, transfer).allowed()) return false;
    reference::apply(policy_, state_, transfer);
    return true;
  }

  /// One random fact, change of mode or transfer; true when the unit could be home after it.
  bool wander(std::int64_t now_ms) {
    if (!policy_.vocabulary.facts.empty()) {
      const reference::KnownFact fact = generate::random_fact(random_, policy_, now_ms);
      state_.set_fact(fact.subject, fact.number, fact.observed_ms);
    }
    if (random_.chance(20) && !policy_.vocabulary.machines.empty()) {
      generate::ChangeRequest request = generate::random_change(random_, policy_, now_ms);
      request.change.authority.approvals = request.approvals;
      if (reference::judge(policy_, state_, request.change).allowed()) reference::apply(state_, request.change);
      return false;
    }
    generate::Request request = generate::random_transfer(random_, policy_, now_ms);
    request.transfer.authority.approvals = request.approvals;
    const Transfer& transfer = request.transfer;
    if (!reference::judge(policy_, state_, transfer).allowed()) return false;
    const std::vector<Index> allows = reference::holding_allows(policy_, state_, transfer);
    reference::apply(policy_, state_, transfer);
    return transfer.asset == trace_.coin_asset[0] && move(transfer, allows);
  }

  bool move(const Transfer& transfer, const std::vector<Index>& allows) {
    const std::set<Place> before = places_;
    const auto& buckets = policy_.vocabulary.buckets;
    bool home = false;
    for (const Place& place : before) {
      const Instance title = from_words(place.first), at = from_words(place.second);
      if (!(at == transfer.from) || buckets[at.target].external) continue;
      for (const Index allow : allows) {
        const bool passes = policy_.rules[allow].passing_title && reference::may_pass(policy_.vocabulary, title, transfer.from);
        const Instance after = passes ? transfer.to : title;
        places_.insert(key(after, transfer.to));
        home = home || (buckets[transfer.to.target].external && reference::may_pass(policy_.vocabulary, after, transfer.to));
      }
    }
    return home;
  }

  const TypedPolicy& policy_;
  const Trace& trace_;
  generate::Random random_;
  reference::State state_;
  std::map<std::string, std::uint64_t> ids_;
  std::set<Place> places_;
};

}  // namespace

TEST_CASE("random policies keep what is asked of every row, and what decides is not called dead", "[standing]") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? 20 : 200);
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

TEST_CASE("what is called a trap holds money in the interpreter too, and lets none of it home", "[standing]") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? 20 : 250);
  std::uint64_t policies = 0, proved = 0, refuted = 0, unknown = 0;
  for (std::uint64_t seed = first_seed; policies < wanted; ++seed) {
    REQUIRE(seed < first_seed + 4 * wanted + 40);
    generate::Knobs knobs;
    knobs.overdraw = knobs.limits = knobs.floors = false;
    const std::string text = generate::random_policy(seed, knobs);
    std::string why;
    const auto loaded = load_policy(text, why);
    if (!loaded) continue;
    ++policies;
    INFO("RINGFENCE_SEED=" << seed << "\n" << text);
    const Moves moves = decode(loaded->table);
    const Arena arena(moves);
    std::vector<Mask> possible;
    REQUIRE(modes_possible(arena, kTimeoutMs, possible));
    const VerifyOptions options;
    const PropertyVerdict verdict = prove_owners_home({loaded->table, arena, &possible, options});
    ++(verdict.answer == Answer::Proved ? proved : verdict.answer == Answer::Refuted ? refuted : unknown);
    if (verdict.answer != Answer::Refuted) continue;
    REQUIRE(verdict.trace);
    INFO(ringfence::print(loaded->policy.vocabulary, *verdict.trace));
    for (std::uint64_t walk = 0; walk < 3; ++walk) CHECK(TrappedUnit(loaded->policy, *verdict.trace, seed * 10 + walk).run() == "");
  }
  std::cout << "money that can get home: " << policies << " policies, " << proved << " PROVED, " << refuted << " REFUTED, " << unknown << " UNKNOWN" << std::endl;
  CHECK(proved > 0);
  CHECK(refuted > 0);
}

}  // namespace ringfence::differential
