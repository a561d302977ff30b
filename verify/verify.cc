// SPDX-License-Identifier: Apache-2.0
// The order of the proof, on one screen: decode, search with one unit, check what it claims, each fence in turn, and then
// what is asked of every policy besides, and the invariants.
#include "verify/verify.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "compiler/table_digest.h"
#include "verify/balance_proof.h"
#include "verify/check_obligations.h"
#include "verify/concretize.h"
#include "verify/explore.h"
#include "verify/invariants.h"
#include "verify/other_runs.h"
#include "verify/release_points.h"
#include "verify/replay.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

/// States that break a fence are made concrete in the order found; after so many failures the answer is UNKNOWN.
constexpr std::size_t kAttemptsMax = 64;
/// Policies with more buckets are not searched again with their titles apart, or with all ways: the states would be too many.
constexpr std::size_t kTitlesApartMax = 64;
/// States for which runs with detours are tried.
constexpr std::size_t kDetouredMax = 3;
/// Other ways to states that break a fence: so many steps more than the shortest, and so many ways.
constexpr std::size_t kLongerMax = 2, kOtherRunsMax = 128;
/// Spacer finds an invariant over a few balances soon, or not at all. Of the processor's time.
constexpr std::uint32_t kSpacerTimeoutMs = 10'000;

/// The states for one or two followed units, and whether a solver has confirmed that no step leaves them.
struct Inductive {
  Reach reach;
  InductiveProof proof;
  bool confirmed = false;
  std::optional<ObligationChecker> checker;
};

class Verifier {
 public:
  Verifier(const RuleTable& table, const VerifyOptions& options) : table_(table), options_(taking_turns(options, turn_)), moves_(decode(table)), arena_(moves_) {}

  /// The fences, and beside them, in a thread of its own, what needs nothing of their search.
  Verdict run() {
    if (options_.memory) options_.memory->begin_proof();
    modes_known_ = modes_possible(arena_, options_.budget, modes_, options_.memory);
    const StandingInput asked{table_, arena_, modes_known_ ? &modes_ : nullptr, options_};
    auto beside = std::async(std::launch::async, [&asked] { return std::pair(standing_properties(asked), prove_invariants(asked)); });
    Verdict verdict;
    for (Index fence = 0; fence < moves_.vocabulary.fences.size(); ++fence) {
      say(fmt::format("fence {} of {}: {}", fence + 1, moves_.vocabulary.fences.size(), moves_.vocabulary.fences[fence].text));
      verdict.fences.push_back(judge(fence));
      if (verdict.fences.back().answer == Answer::Unknown && options_.budget.is_over()) verdict.fences.back().reason = kTimeIsUp;
    }
    StandingInput with_search = asked;
    with_search.one_unit = inductive_[0] ? &inductive_[0]->reach : nullptr;
    PropertyVerdict home = prove_owners_home(with_search);
    auto [of_rows, of_invariants] = beside.get();
    verdict.properties = std::move(of_rows);
    verdict.properties.push_back(std::move(home));
    for (PropertyVerdict& invariant : of_invariants) verdict.properties.push_back(std::move(invariant));
    if (options_.memory) {
      verdict.taken_over = options_.memory->obligations_taken_over();
      verdict.answered = options_.memory->obligations_answered();
    }
    return verdict;
  }

 private:
  /// Two threads tell what they do, one at a time.
  static VerifyOptions taking_turns(VerifyOptions options, std::mutex& turn) {
    if (options.progress)
      options.progress = [tell = std::move(options.progress), &turn](std::string_view doing) {
        const std::lock_guard lock(turn);
        tell(doing);
      };
    return options;
  }

  void say(const std::string& line) const {
    if (options_.progress) options_.progress(line);
  }

  FenceVerdict judge(Index index) {
    const Fence& fence = moves_.vocabulary.fences[index];
    FenceVerdict verdict;
    verdict.fence = index;
    verdict.release_points = release_points(moves_, fence);
    if (!modes_known_ || options_.budget.is_over()) {
      verdict.reason = "the solver did not say in time which modes can be reached";
      return verdict;
    }
    Inductive& one = inductive(1);
    if (fence.in_custody && prove(one, fence, 1, verdict)) return verdict;  // single units can't even come into one account: no pair is needed
    const unsigned coin_count = fence.in_custody ? 2 : 1;
    Inductive& known = inductive(coin_count);
    if (!refute(arena_, known.reach, fence, verdict)) prove(known, fence, coin_count, verdict);
    else if (verdict.answer != Answer::Refuted && !refute_by_other_titles(coin_count, fence, verdict) && !prove_with_balances(coin_count, fence, verdict) &&
             !refute_by_other_runs(coin_count, fence, verdict))
      refute_with_detours(known.reach, fence, verdict);
    return verdict;
  }

  /// Where no run to the states found could be made concrete, another one with other titles may be.
  bool refute_by_other_titles(unsigned coin_count, const Fence& fence, FenceVerdict& verdict) {
    if (arena_.moves.vocabulary.buckets.size() > kTitlesApartMax) return false;
    const Arena apart(moves_, false);
    Feasibility feasible(apart, modes_, options_.budget, options_.memory);
    FenceVerdict again = verdict;
    if (!refute(apart, explore(apart, feasible, modes_, coin_count, {options_.states_max, options_.budget, options_.progress}), fence, again) || !again.trace) return false;
    verdict = std::move(again);
    return true;
  }

  /// Where balances forbid what the followed units alone could do: those that guards read are brought into the state.
  bool prove_with_balances(unsigned coin_count, const Fence& fence, FenceVerdict& verdict) {
    const auto system = balance_system(arena_, modes_, fence, coin_count);
    if (!system) return false;
    say("searching an invariant over balances");
    const auto invariant = find_invariant(system->horn, system->parameters, kSpacerTimeoutMs, options_.budget.left_ms());
    if (!invariant) return false;
    const std::string prelude = system->declarations + *invariant;
    if (!ObligationChecker(prelude, options_.budget, options_.memory).all_unsat(system->obligations)) return false;
    prove_by(prelude, system->obligations, coin_count, fence, verdict);
    return true;
  }

  void prove_by(const std::string& prelude, const Obligations& obligations, unsigned coin_count, const Fence& fence, FenceVerdict& verdict) const {
    verdict.answer = Answer::Proved;
    verdict.reason.clear();
    verdict.obligations = static_cast<std::uint32_t>(obligations.size());
    verdict.certificate = certificate_header(arena_, table_digest_, fence, coin_count, verdict.obligations) + prelude;
    for (const std::string& obligation : obligations) verdict.certificate += obligation;
  }

  Inductive& inductive(unsigned coin_count) {
    std::optional<Inductive>& kept = inductive_[coin_count - 1];
    if (kept) return *kept;
    kept.emplace();
    Feasibility feasible(arena_, modes_, options_.budget, options_.memory);
    kept->reach = explore(arena_, feasible, modes_, coin_count, {options_.states_max, options_.budget, options_.progress});
    if (!kept->reach.complete) return *kept;
    if (options_.budget.is_over()) return *kept;
    say("checking that no move and no change of mode leaves the states found");
    kept->proof = inductive_proof(arena_, kept->reach, modes_, coin_count);
    kept->checker.emplace(kept->proof.prelude, options_.budget, options_.memory);
    kept->confirmed = kept->checker->all_unsat(kept->proof.obligations);
    return *kept;
  }

  bool prove(Inductive& known, const Fence& fence, unsigned coin_count, FenceVerdict& verdict) {
    if (!known.confirmed) {
      if (verdict.reason.empty())
        verdict.reason = known.reach.complete ? "the solver did not confirm that the states found are all there are" : known.reach.stopped;
      return false;
    }
    const std::string last = fence_obligation(arena_, fence, coin_count);
    if (!known.checker->all_unsat({last})) {
      if (verdict.reason.empty()) verdict.reason = "the solver did not confirm that the states found keep the fence";
      return false;
    }
    Obligations obligations = known.proof.obligations;
    obligations.push_back(last);
    prove_by(known.proof.prelude, obligations, coin_count, fence, verdict);
    return true;
  }

  /// True when the question of this fence is settled, or can't be settled: some state found breaks it.
  bool refute(const Arena& arena, const Reach& reach, const Fence& fence, FenceVerdict& verdict) {
    std::size_t attempts = 0;
    for (Index state = 0; state < reach.states.size(); ++state) {
      if (!breaks(arena, fence, reach.states[state])) continue;
      if (++attempts > kAttemptsMax || options_.budget.is_over()) break;
      say("making a run that breaks the fence concrete");
      auto trace = concretize(arena, reach, state, options_.budget);
      if (trace) {
        if (refuted_by(std::move(*trace), fence, verdict)) return true;
        continue;
      }
      verdict.reason = fmt::format("a run of {} steps breaks the fence if balances and modes are left open, but no balances, facts and modes were found for which each step is allowed",
                                   steps_to(reach, state));
    }
    return attempts > 0;
  }

  /// Where balances forbid the first way to each state that breaks the fence, they may allow another.
  bool refute_by_other_runs(unsigned coin_count, const Fence& fence, FenceVerdict& verdict) {
    if (arena_.moves.vocabulary.buckets.size() > kTitlesApartMax) return false;
    say("making other runs that break the fence concrete");
    Feasibility feasible(arena_, modes_, options_.budget, options_.memory);
    const Reach reach = explore(arena_, feasible, modes_, coin_count, {options_.states_max, options_.budget, options_.progress, true});
    std::vector<Index> ends;
    for (Index state = 0; state < reach.states.size(); ++state)
      if (breaks(arena_, fence, reach.states[state])) ends.push_back(state);
    for (const Reach& run : other_runs(reach, ends, kLongerMax, kOtherRunsMax)) {
      auto trace = concretize(arena_, run, static_cast<Index>(run.states.size() - 1), options_.budget);
      if (trace && refuted_by(std::move(*trace), fence, verdict)) return true;
    }
    return false;
  }

  /// A run that breaks the fence can need other money to move on the way.
  void refute_with_detours(const Reach& reach, const Fence& fence, FenceVerdict& verdict) {
    std::size_t attempts = 0;
    for (Index state = 0; state < reach.states.size() && attempts < kDetouredMax && !options_.budget.is_over(); ++state) {
      if (!breaks(arena_, fence, reach.states[state])) continue;
      ++attempts;
      say("making a run that breaks the fence concrete, with other money moving on the way");
      auto trace = concretize_with_detours(arena_, reach, state, options_.budget);
      if (trace && refuted_by(std::move(*trace), fence, verdict)) return;
    }
  }

  /// Only a run that the compiled table allows, step by step, refutes.
  bool refuted_by(Trace trace, const Fence& fence, FenceVerdict& verdict) const {
    trace.summary = summary(fence, trace);
    if (const std::string wrong = replay(table_, moves_, fence, trace); !wrong.empty()) {
      verdict.reason = "a run that breaks the fence did not replay: " + wrong;
      return false;
    }
    verdict.answer = Answer::Refuted;
    verdict.reason.clear();
    verdict.trace = std::move(trace);
    return true;
  }

  static bool breaks(const Arena& arena, const Fence& fence, const CoinState& state) {
    return state.coins.size() == 1 ? breaks_attribution(arena, fence, state.coins[0]) : breaks_custody(arena, fence, state.coins[0], state.coins[1]);
  }

  static std::size_t steps_to(const Reach& reach, Index state) {
    std::size_t steps = 0;
    for (; reach.origins[state].before != kNone; state = reach.origins[state].before) ++steps;
    return steps;
  }

  std::string summary(const Fence& fence, const Trace& trace) const {
    const CoinPlace& one = trace.coins[0].back();
    if (!fence.in_custody) return fmt::format("money held for {} is in {}", name(one.title), name(one.at));
    const CoinPlace& two = trace.coins[1].back();
    return fmt::format("money held for {} (in {}) and money held for {} (in {}) are in one account", name(one.title), name(one.at), name(two.title), name(two.at));
  }

  std::string name(const NamedInstance& instance) const { return print_instance(moves_.vocabulary.buckets[instance.target].name, instance.ids); }

  const RuleTable& table_;
  std::mutex turn_;
  const VerifyOptions options_;
  const std::string table_digest_ = table_digest(table_.bytes());
  const Moves moves_;
  const Arena arena_;
  std::vector<Mask> modes_;
  bool modes_known_ = false;
  std::optional<Inductive> inductive_[2];
};

}  // namespace

const char* answer_word(Answer answer) noexcept {
  switch (answer) {
    case Answer::Proved: return "PROVED";
    case Answer::Refuted: return "REFUTED";
    case Answer::Unknown: return "UNKNOWN";
  }
  return "UNKNOWN";
}

const char* trust_sentence(Trust trust) noexcept {
  switch (trust) {
#define X(identifier, sentence) \
  case Trust::identifier: return sentence;
#include "verify/trust.def"
#undef X
  }
  return "";
}

std::vector<Trust> trusted_in(const Verdict& verdict) {
  std::vector<Trust> all{
#define X(identifier, sentence) Trust::identifier,
#include "verify/trust.def"
#undef X
  };
  if (verdict.taken_over == 0) std::erase(all, Trust::EarlierProof);
  return all;
}

Answer Verdict::overall() const noexcept {
  const auto any = [&](Answer answer) {
    return std::any_of(fences.begin(), fences.end(), [&](const FenceVerdict& fence) { return fence.answer == answer; }) ||
           std::any_of(properties.begin(), properties.end(), [&](const PropertyVerdict& property) { return property.answer == answer; });
  };
  return any(Answer::Refuted) ? Answer::Refuted : any(Answer::Unknown) ? Answer::Unknown : Answer::Proved;
}

Verdict verify(const RuleTable& table, const VerifyOptions& options) { return Verifier(table, options).run(); }

}  // namespace ringfence
