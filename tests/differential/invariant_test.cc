// SPDX-License-Identifier: Apache-2.0
// Verdicts on random invariants of random policies, beside an explicit-state search by the reference interpreter: balances and modes of
// two members of each entity, a few units. PROVED is wrong where the search breaks it; REFUTED is wrong where the interpreter does not
// confirm the trace. Floors are judged after every transfer: batches are not searched. Each certificate goes to the independent checker; and
// where one is refuted, two that claim it all the same, which must not be confirmed.
#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <iostream>
#include <set>

#include <fmt/format.h>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"
#include "tests/reference/choices.h"
#include "tests/reference/guard.h"
#include "tests/verify/run_checker.h"
#include "compiler/table_digest.h"
#include "verify/claim_certificate.h"
#include "verify/feasible.h"
#include "verify/invariant_run.h"
#include "verify/invariants.h"

namespace ringfence::differential {
namespace {

using reference::State;

constexpr std::uint64_t kMembers = 2;
constexpr std::size_t kStatesMax = 1'500, kChoicesMax = 200;

void each_instance(Index target, const std::vector<Index>& keys, const std::function<void(const Instance&)>& visit) {
  for (std::uint64_t number = 0; number < std::uint64_t{1} << keys.size(); ++number) {
    Instance instance{target, static_cast<std::uint8_t>(keys.size()), {}};
    for (std::size_t i = 0; i < keys.size(); ++i) instance.ids[i] = 1 + (number >> i & 1);
    visit(instance);
  }
}

bool holds_for(const TypedPolicy& policy, const State& state, const TypedInvariant& invariant, const Instance& members) {
  const Authority nobody;
  reference::Moment moment{policy.vocabulary, state, {true, kNone, invariant.keys, members}, {}, kNone, 0, nobody};
  const auto all = [&](const std::vector<Condition>& conditions) { return reference::first_failing(moment, conditions) == kNone; };
  return all(invariant.holds) || (!invariant.unless.empty() && all(invariant.unless));
}

bool holds_everywhere(const TypedPolicy& policy, const State& state, const TypedInvariant& invariant) {
  bool holds = true;
  each_instance(kNone, invariant.keys, [&](const Instance& members) { holds = holds && holds_for(policy, state, invariant, members); });
  return holds;
}

/// Which invariants some run of single steps breaks.
class Search {
 public:
  Search(const TypedPolicy& policy, unsigned units) : policy_(policy), v_(policy.vocabulary), units_(units), broken_(policy.invariants.size(), false) {
    for (Index b = 0; b < v_.buckets.size(); ++b) each_instance(b, v_.buckets[b].keys, [&](const Instance& one) { places_.push_back(one); });
    for (Index m = 0; m < v_.machines.size(); ++m) each_instance(m, v_.machines[m].subject.keys, [&](const Instance& one) { subjects_.push_back(one); });
  }

  const std::vector<bool>& run() {
    start(0, units_, {});
    for (std::size_t i = 0; i < queue_.size() && i < kStatesMax; ++i) {
      const State state = queue_[i];
      transfers(state);
      changes(state);
      deadlines(state);
    }
    return broken_;
  }

 private:
  std::string key(const State& state) const {
    std::string text;
    for (const Instance& place : places_) text += to_string(state.balance(place, 0)) + ',';
    for (const Instance& subject : subjects_) text += std::to_string(state.mode(subject)) + ',';
    return text;
  }

  /// Each floor holds of each instance, with all facts at their least or all at their most: some of the starts that are clean.
  bool above_floors(const State& state) const {
    for (const bool most : {false, true}) {
      State with_facts = state;
      for (Index f = 0; f < v_.facts.size(); ++f)
        each_instance(f, v_.facts[f].subject.keys, [&](const Instance& one) { with_facts.set_fact(one, most ? v_.facts[f].max : v_.facts[f].min, 0); });
      const Authority nobody;
      const bool above = std::all_of(policy_.floors.begin(), policy_.floors.end(), [&](const TypedFloor& floor) {
        return std::all_of(places_.begin(), places_.end(), [&](const Instance& place) {
          if (place.target != floor.bucket) return true;
          const reference::Moment moment{v_, with_facts, {true, floor.bucket, v_.buckets[floor.bucket].keys, place}, {}, 0, 0, nobody};
          if (!floor.unless.empty() && reference::first_failing(moment, floor.unless) == kNone) return true;
          return (reference::Fraction(with_facts.balance(place, 0)) - reference::value_of(moment, floor.minimum)).sign() >= 0;
        });
      });
      if (above) return true;
    }
    return false;
  }

  /// Every clean start: invariants and floors hold.
  void start(std::size_t place, unsigned left, State state) {
    if (place == places_.size()) {
      if (above_floors(state) && std::all_of(policy_.invariants.begin(), policy_.invariants.end(), [&](const TypedInvariant& one) { return holds_everywhere(policy_, state, one); })) visit(state);
      return;
    }
    const bool external = v_.buckets[places_[place].target].external;
    for (unsigned balance = 0; balance <= (external ? 0 : left); ++balance) {
      State with = state;
      if (balance != 0) with.add(places_[place], 0, balance);
      start(place + 1, left - balance, with);
    }
  }

  void visit(State state) {
    for (reference::KnownMode& known : state.modes) known.entered_ms = reference::kNoDeadlinePasses;
    if (!seen_.insert(key(state)).second) return;
    for (std::size_t i = 0; i < broken_.size(); ++i)
      if (!broken_[i] && !holds_everywhere(policy_, state, policy_.invariants[i])) broken_[i] = true;
    queue_.push_back(state);
  }

  template <class Step>
  void try_step(const State& state, Step step) {
    const auto listed = reference::choices(policy_, step, kChoicesMax);
    if (!listed) return;
    for (const reference::Choice& choice : *listed) {
      State with_facts = state;
      with_facts.facts = choice.facts;
      step.authority.approvals = choice.approvals;
      step.authority.evidence = choice.evidence;
      step.authority.time_ms = choice.time_ms;
      if (!reference::judge(policy_, with_facts, step).allowed()) continue;
      State after = state;
      if constexpr (std::is_same_v<Step, Transfer>) reference::apply(policy_, after, step);
      else reference::apply(after, step);
      after.history.clear();
      after.last_time_ms.reset();
      visit(after);
      return;
    }
  }

  void transfers(const State& state) {
    for (const Index purpose : reference::different_purposes(policy_))
      for (const Index role : reference::different_roles(policy_))
        for (const Instance& from : places_)
          for (const Instance& to : places_)
            for (unsigned amount = 1; amount <= 2 && !(from == to); ++amount) {
              Transfer transfer{purpose, from, to, 0, amount, {}};
              transfer.authority.person = reference::kInitiator;
              transfer.authority.role = role;
              const bool spoken_of = std::any_of(policy_.rules.begin(), policy_.rules.end(), [&](const TypedRule& rule) {
                return rule.effect == Effect::Allow && (rule.roles >> role & 1) != 0 && reference::speaks_of(v_, rule.purposes, rule.pairs, transfer);
              });
              if (spoken_of) try_step(state, transfer);
            }
  }

  void changes(const State& state) {
    for (const Instance& subject : subjects_)
      for (Index mode = 0; mode < v_.machines[subject.target].modes.size(); ++mode)
        for (const Index role : reference::different_roles(policy_)) {
          ModeChange change{subject, mode, {}};
          change.authority.person = reference::kInitiator;
          change.authority.role = role;
          try_step(state, change);
        }
  }

  /// Any deadline may pass at any time.
  void deadlines(const State& state) {
    for (const Instance& subject : subjects_)
      for (const TypedTransition& deadline : policy_.transitions) {
        if (!deadline.deadline || deadline.machine != subject.target || (deadline.from_modes >> state.mode(subject) & 1) == 0) continue;
        State after = state;
        after.set_mode(subject, deadline.to_mode, 0);
        visit(after);
      }
  }

  const TypedPolicy& policy_;
  const Vocabulary& v_;
  const unsigned units_;
  std::vector<bool> broken_;
  std::vector<Instance> places_, subjects_;
  std::set<std::string> seen_;
  std::vector<State> queue_;
};

/// The trace by the interpreter: every step allowed, and the invariant false for some members at the end. Empty when so.
std::string wrong_with_trace(const TypedPolicy& policy, const TypedInvariant& invariant, const Trace& trace) {
  State state;
  std::map<std::string, std::uint64_t> numbers;
  const auto number = [&](const std::string& id) { return numbers.try_emplace(id, numbers.size() + 1).first->second; };
  const auto instance = [&](const NamedInstance& named) {
    Instance made{named.target, static_cast<std::uint8_t>(named.ids.size()), {}};
    for (std::size_t i = 0; i < named.ids.size(); ++i) made.ids[i] = number(named.ids[i]);
    return made;
  };
  for (const TraceHolding& opening : trace.opening) state.add(instance(opening.bucket), opening.asset, opening.balance);
  for (std::size_t first = 0; first < trace.steps.size();) {
    std::vector<Transfer> legs;
    std::deque<std::vector<Approval>> shown;   // what the legs refer to
    for (const std::size_t end = batch_end(trace, first); first < end; ++first) {
      const TraceStep& step = trace.steps[first];
      for (const TraceFact& fact : step.facts) {
        const Fact& declared = policy.vocabulary.facts[fact.subject.target];
        if (fact.number < declared.min || fact.number > declared.max) return "a fact is out of its range";
        state.set_fact(instance(fact.subject), fact.number, step.time_ms);
      }
      state = reference::at_time(policy, std::move(state), step.time_ms);
      if (step.is_by_clock) {
        if (state.mode(instance(step.subject)) != step.to_mode) return "the deadline has not passed";
        continue;
      }
      std::vector<Approval>& approvals = shown.emplace_back();
      for (const NamedApproval& approval : step.approvals) approvals.push_back({number("person " + approval.person), approval.roles});
      const Authority authority{number("person " + step.person), step.role, approvals, step.evidence, step.time_ms};
      if (step.is_transfer) {
        legs.push_back({step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset, step.transfer.amount, authority});
        continue;
      }
      const ModeChange change{instance(step.subject), step.to_mode, authority};
      if (!reference::judge(policy, state, change).allowed()) return "the interpreter denies a change of mode";
      reference::apply(state, change);
    }
    for (const reference::Answer& answer : reference::judge_batch(policy, state, legs))
      if (!answer.allowed()) return "the interpreter denies a transfer";
    for (const Transfer& leg : legs) reference::apply(policy, state, leg);
  }
  // Ids in sight are numbered from 1 on; members of the invariant are among them, or hold nothing.
  const std::uint64_t known = numbers.size() + 1;
  std::uint64_t all = 1;
  for (std::size_t i = 0; i < invariant.keys.size(); ++i) all *= known;
  for (std::uint64_t combination = 0; combination < all; ++combination) {
    Instance members{kNone, static_cast<std::uint8_t>(invariant.keys.size()), {}};
    std::uint64_t rest = combination;
    for (std::size_t i = 0; i < invariant.keys.size(); ++i, rest /= known) members.ids[i] = 1 + rest % known;
    if (!holds_for(policy, state, invariant, members)) return "";
  }
  return "the invariant holds after the last step";
}

std::string random_invariant(generate::Random& random, const Vocabulary& v) {
  std::vector<std::string> quantities;
  for (const Bucket& bucket : v.buckets) {
    if (bucket.external) continue;
    quantities.push_back("balance(" + bucket.name + ")");
    if (v.entities[bucket.owner].many) quantities.push_back("total(any " + bucket.name + ")");
  }
  for (const Account& account : v.accounts) quantities.push_back("total(" + account.name + ")");
  if (quantities.empty()) return {};
  std::string one = "invariant " + random.pick(quantities);
  if (random.chance(30)) one += (random.chance(50) ? " + " : " - ") + random.pick(quantities);
  one += random.pick(std::vector<std::string>{" <= ", " >= ", " = ", " < "});
  one += random.chance(25) ? random.pick(quantities)
                           : fmt::format("{} * 0 + {}", random.pick(quantities), format_decimal(random.below(3), v.assets[0].decimals) + " " + v.assets[0].name);
  if (!v.machines.empty() && random.chance(40)) {
    const ModeMachine& machine = random.pick(v.machines);
    one += fmt::format(" unless mode of {} is {}", subject_name(v, machine.subject), random.pick(machine.modes));
  }
  return one + "\n";
}

/// The policy with three invariants. Half of them any, half such that some clean start satisfies them together: else few would be about anything.
std::string with_invariants(generate::Random& random, const std::string& text, const Vocabulary& v) {
  const bool with_start = random.chance(50);
  std::string whole = text + "\n", why;
  for (int kept = 0, tried = 0; kept < 3 && tried < 20; ++tried) {
    const std::string more = whole + random_invariant(random, v);
    const auto loaded = load_policy(more, why);
    if (!loaded) continue;
    const Moves moves = decode(loaded->table);
    if (with_start && !has_clean_start(Arena(moves), VerifyOptions().budget)) continue;
    whole = more;
    ++kept;
  }
  return whole;
}

struct Count { std::uint64_t policies = 0, invariants = 0, proved = 0, refuted = 0, unknown = 0, no_start = 0, broken = 0, confirmed = 0, undecided = 0, forged = 0; };

std::vector<PropertyVerdict> verdicts_of(const LoadedPolicy& loaded) {
  const Moves moves = decode(loaded.table);
  const Arena arena(moves);
  const VerifyOptions options;
  std::vector<Mask> modes;
  REQUIRE(modes_possible(arena, options.budget, modes));
  return prove_invariants({loaded.table, arena, &modes, options, nullptr});
}

/// Certificates that claim every invariant of the policy, kept or not, by every leg of a batch or at its end, and name one that is refuted.
std::string forged_passes(const LoadedPolicy& loaded, Index refuted, Count& count) {
  const Moves moves = decode(loaded.table);
  for (const bool at_end_only : {false, true}) {
    std::vector<Claim> claims = written_claims(moves);
    std::vector<const Claim*> listed;
    for (Claim& claim : claims) {
      claim.at_end_only = at_end_only;
      listed.push_back(&claim);
    }
    std::optional<Claim> none;
    name_claims(claims, none);
    const auto [code, out] = test::checked(loaded.table, claim_certificate(moves, table_digest(loaded.table.bytes()), moves.invariants[refuted].claim.statement, listed, {}));
    ++count.forged;
    if (code != test::kWrong && code != test::kUndecided) return out;
  }
  return "";
}

std::string compare(const LoadedPolicy& loaded, Count& count) {
  const std::vector<PropertyVerdict> verdicts = verdicts_of(loaded);
  REQUIRE(verdicts.size() == loaded.policy.invariants.size());
  const std::vector<bool> broken = Search(loaded.policy, 3).run();
  ++count.policies;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    ++count.invariants;
    count.broken += broken[i];
    const std::string& words = loaded.policy.invariants[i].words.text;
    switch (verdicts[i].answer) {
      case Answer::Proved:
        ++count.proved;
        if (broken[i]) return words + ": PROVED, but the search breaks it";
        if (const auto [code, out] = test::checked(loaded.table, verdicts[i].certificate); code == test::kUndecided) ++count.undecided;
        else if (code == test::kConfirmed) ++count.confirmed;
        else return words + ": PROVED, but the checker says: " + out + verdicts[i].certificate;
        break;
      case Answer::Refuted: {
        ++count.refuted;
        const std::string wrong = wrong_with_trace(loaded.policy, loaded.policy.invariants[i], *verdicts[i].trace);
        if (!wrong.empty()) return words + ": REFUTED, but " + wrong;
        if (const std::string passes = forged_passes(loaded, static_cast<Index>(i), count); !passes.empty()) return words + ": REFUTED, but the checker says: " + passes;
        break;
      }
      case Answer::Unknown:
        ++count.unknown;
        count.no_start += verdicts[i].reason.rfind("no start", 0) == 0;
        break;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("verdicts on random invariants agree with explicit-state search", "[invariants]") {
  generate::Knobs knobs;
  knobs.buckets_max = 3;
  knobs.keys_max = 1;
  knobs.rules_max = 4;
  knobs.amount_max = 2;
  knobs.money_words = 1;
  knobs.small_ranges = knobs.single_many = true;
  knobs.two_assets = knobs.limits = knobs.fresh = knobs.fences = knobs.custody = false;
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t seeds = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? 10 : 60);
  Count count;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    const std::string text = generate::random_policy(seed, knobs);
    std::string why;
    const auto bare = load_policy(text, why);
    if (!bare) continue;
    generate::Random random(seed);
    const std::string whole = with_invariants(random, text, bare->policy.vocabulary);
    const auto loaded = load_policy(whole, why);
    if (!loaded) continue;
    const std::string wrong = compare(*loaded, count);
    INFO("RINGFENCE_SEED=" << seed << "\n" << whole << "\n" << wrong);
    REQUIRE(wrong.empty());
  }
  std::cout << "invariants: " << count.policies << " policies, " << count.invariants << " invariants: PROVED " << count.proved << ", REFUTED " << count.refuted << ", UNKNOWN "
            << count.unknown << " (" << count.no_start << " that no clean start was found to satisfy); the search broke " << count.broken
            << "; the checker confirmed " << count.confirmed << ", did not decide " << count.undecided << ", and none of " << count.forged << " for what is refuted" << std::endl;
  CHECK(count.proved * 10 >= count.invariants);
  CHECK(count.refuted * 10 >= count.invariants);
  CHECK(count.undecided * 20 <= count.proved);
}

}  // namespace ringfence::differential
