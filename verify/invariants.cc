// SPDX-License-Identifier: Apache-2.0
// In: the decoded table. Out: a verdict on each invariant. First the claims that keep each other are found (claims that some step breaks
// are dropped until none is); what is left of the author's is proved by them. If some are not, the same again with guessed claims.
#include "verify/invariants.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include "verify/check_obligations.h"
#include "verify/invariant_run.h"
#include "verify/smt_claim.h"
#include "verify/smt_text.h"

namespace ringfence {
namespace {

constexpr std::size_t kGuessesMax = 160;
constexpr const char* kPrelude = "(set-logic QF_UFLIA)\n";

class Prover {
 public:
  explicit Prover(const StandingInput& input) : input_(input), arena_(input.arena), moves_(arena_.moves), checker_(kPrelude, input.options.budget, input.options.memory) {}

  std::vector<PropertyVerdict> run() {
    written_ = written_claims(moves_);
    if (written_.empty()) return {};
    answers_.resize(written_.size());
    say("invariants: looking for claims that keep each other");
    settle(with_floors());
    if (open()) guess();
    std::vector<PropertyVerdict> verdicts;
    for (Index i = 0; i < written_.size(); ++i) verdicts.push_back(verdict(i));
    return verdicts;
  }

 private:
  void say(const std::string& line) const {
    if (input_.options.progress) input_.options.progress(line);
  }

  bool open() const { return std::any_of(answers_.begin(), answers_.end(), [](const auto& answer) { return !answer; }); }

  std::vector<Claim> with_floors() const {
    std::vector<Claim> claims;
    for (const Claim& claim : written_)
      if (!claim.reads_fact) claims.push_back(claim);
    for (Claim& claim : floor_claims(moves_)) claims.push_back(std::move(claim));
    return both_ways(std::move(claims));
  }

  /// A claim about a balance under a floor is tried of every leg of a batch, and of its end.
  std::vector<Claim> both_ways(std::vector<Claim> claims) const {
    const std::size_t count = claims.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t floored = floored_slots(moves_, claims[i]).size();
      if (floored == 0 || floored > kFlooredMax) continue;
      claims.push_back(claims[i]);
      claims.back().at_end_only = true;
    }
    return claims;
  }

  void guess() {
    if (input_.modes_possible == nullptr) return;
    std::vector<Claim> about;
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!answers_[i]) about.push_back(written_[i]);
    std::vector<Claim> claims = with_floors();
    for (Claim& claim : both_ways(guessed_claims(moves_, about, *input_.modes_possible, kGuessesMax))) claims.push_back(std::move(claim));
    say(fmt::format("invariants: trying {} claims to strengthen {}", claims.size(), about.size()));
    settle(std::move(claims));
  }

  /// The claims that keep each other, and with them every invariant that is still open.
  void settle(std::vector<Claim> claims) {
    drop_what_is_broken(claims);
    std::vector<std::string> shared;
    const Assumed assumed = list(claims);
    for (const Claim& claim : claims) collect(claim, assumed, shared);
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!answers_[i]) answers_[i] = proof_of(written_[i], claims, assumed, shared);
  }

  void drop_what_is_broken(std::vector<Claim>& claims) {
    for (bool dropped = true; dropped;) {
      dropped = false;
      for (std::size_t i = 0; i < claims.size();) {
        const Assumed assumed = list(claims);
        if (kept(claims[i], assumed)) { ++i; continue; }
        claims.erase(claims.begin() + static_cast<std::ptrdiff_t>(i));
        dropped = true;
      }
    }
  }

  static Assumed list(const std::vector<Claim>& claims) {
    Assumed assumed;
    for (const Claim& claim : claims) assumed.push_back(&claim);
    return assumed;
  }

  /// What was shown once is not asked again: a claim dropped elsewhere changes few of the obligations.
  bool kept(const Claim& claim, const Assumed& assumed) {
    return each_obligation(arena_, claim, assumed, [&](std::string one) {
      if (shown_.contains(one)) return true;
      if (!checker_.all_unsat({one})) return false;
      shown_.insert(std::move(one));
      return true;
    });
  }

  void collect(const Claim& claim, const Assumed& assumed, std::vector<std::string>& into) const {
    each_obligation(arena_, claim, assumed, [&](std::string one) {
      into.push_back(std::move(one));
      return true;
    });
  }

  struct Proof { std::string certificate; std::uint32_t obligations = 0; };

  /// A proof is what a fresh solver says of its text, and nothing else.
  std::optional<Proof> proof_of(const Claim& claim, const std::vector<Claim>& claims, const Assumed& assumed, const std::vector<std::string>& shared) {
    std::vector<std::string> obligations = shared;
    if (claim.reads_fact) {
      if (!add_own(claim, assumed, obligations)) return std::nullopt;
    } else if (std::none_of(claims.begin(), claims.end(), [&](const Claim& one) { return one.written && one.formula == claim.formula; })) {
      return std::nullopt;
    }
    ObligationChecker fresh(kPrelude, input_.options.budget, input_.options.memory);
    if (!fresh.all_unsat(obligations)) return std::nullopt;
    return Proof{certificate(claim, obligations), static_cast<std::uint32_t>(obligations.size())};
  }

  /// The obligations of a claim that is not among those assumed, kept by every leg or at the end.
  bool add_own(Claim claim, const Assumed& assumed, std::vector<std::string>& obligations) {
    for (const bool at_end_only : {false, true}) {
      claim.at_end_only = at_end_only;
      if (at_end_only && (floored_slots(moves_, claim).empty() || floored_slots(moves_, claim).size() > kFlooredMax)) break;
      if (!kept(claim, assumed)) continue;
      collect(claim, assumed, obligations);
      return true;
    }
    return false;
  }

  std::string certificate(const Claim& claim, const std::vector<std::string>& obligations) const {
    const RuleText& words = moves_.statements[claim.formula.statement].words;
    std::string text = smt::comment("Policy: " + moves_.vocabulary.policy_name + ", version " + moves_.vocabulary.policy_version) + smt::comment("Line " + std::to_string(words.line) + ": " + words.text) +
                       smt::comment(fmt::format("Each of the {} check-sats must answer unsat: no step breaks a claim while all of them hold before it.", obligations.size())) + kPrelude;
    for (const std::string& one : obligations) text += one;
    return text;
  }

  PropertyVerdict verdict(Index index) {
    const RuleText& words = moves_.statements[written_[index].formula.statement].words;
    PropertyVerdict verdict;
    verdict.kind = PropertyKind::Invariant;
    verdict.claim = words.text;
    verdict.line = words.line;
    if (const auto& proof = answers_[index]; proof && !has_start()) {
      verdict.reason = "no start between two members of each entity was found that satisfies all invariants, floors and custody fences: it would be proved of nothing";
      return verdict;
    }
    if (const auto& proof = answers_[index]) {
      verdict.answer = Answer::Proved;
      verdict.certificate = proof->certificate;
      verdict.obligations = proof->obligations;
      return verdict;
    }
    say("looking for a run that breaks " + words.text);
    RunSearch search = break_invariant(input_.table, arena_, index, input_.options.budget);
    verdict.reason = std::move(search.reason);
    if (!search.trace) return verdict;
    verdict.answer = Answer::Refuted;
    verdict.trace = std::move(search.trace);
    return verdict;
  }

  /// What no clean start satisfies holds in every state that runs from clean starts reach, and says nothing.
  bool has_start() {
    if (!has_start_) has_start_ = has_clean_start(arena_, input_.options.budget);
    return *has_start_;
  }

  static constexpr std::size_t kFlooredMax = 4;

  const StandingInput& input_;
  const Arena& arena_;
  const Moves& moves_;
  ObligationChecker checker_;
  std::vector<Claim> written_;
  std::vector<std::optional<Proof>> answers_;
  std::unordered_set<std::string> shown_;
  std::optional<bool> has_start_;
};

}  // namespace

std::vector<PropertyVerdict> prove_invariants(const StandingInput& input) { return Prover(input).run(); }

}  // namespace ringfence
