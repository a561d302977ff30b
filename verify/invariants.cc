// SPDX-License-Identifier: Apache-2.0
// In: the decoded table. Out: a verdict on each invariant. First the claims that keep each other are found (claims that some step breaks
// are dropped until none is); what is left of the author's is proved by them. If some are not, the same again with guessed claims.
#include "verify/invariants.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "compiler/table_digest.h"
#include "verify/check_obligations.h"
#include "verify/claim_certificate.h"
#include "verify/invariant_run.h"
#include "verify/smt_claim.h"

namespace ringfence {
namespace {

constexpr std::size_t kGuessesMax = 160;

class Prover {
 public:
  explicit Prover(const StandingInput& input) : input_(input), arena_(input.arena), moves_(arena_.moves), checker_(kClaimPrelude, input.options.budget, input.options.memory) {}

  std::vector<PropertyVerdict> run() {
    written_ = written_claims(moves_);
    if (written_.empty()) return {};
    answers_.resize(written_.size());
    if (has_start()) {
      say("invariants: looking for claims that keep each other");
      settle(with_floors());
      if (open()) guess();
    }
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
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!answers_[i]) answers_[i] = proof_of(written_[i], claims);
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

  /// A proof is what a fresh solver says of its text, and nothing else. An invariant is one of the claims that keep each other, or follows from
  /// them, or reads a fact and is kept with them.
  std::optional<Proof> proof_of(const Claim& written, const std::vector<Claim>& kept_claims) {
    const Assumed all = list(kept_claims);
    const auto same = std::find_if(all.begin(), all.end(), [&](const Claim* one) { return one->written && one->formula == written.formula; });
    const bool follows = !written.reads_fact && same == all.end();
    std::optional<Claim> own;
    if (follows && this->follows(written, all)) own = written;
    if (written.reads_fact) own = kept_alone(written, all);
    if (!own && same == all.end()) return std::nullopt;
    std::vector<Claim> claims = rests_on(own ? *own : **same, follows, all);
    name_claims(claims, own);
    const Assumed assumed = list(claims);
    Obligations obligations;
    for (const Claim& one : claims) collect(one, assumed, obligations);
    if (follows) obligations.push_back(follows_obligation(arena_, *own, assumed));
    else if (own) collect(*own, assumed, obligations);
    Assumed listed = assumed;
    if (own) listed.push_back(&*own);
    std::string definitions;
    for (const Claim* one : listed) definitions += claim_definition(moves_, *one);
    ObligationChecker fresh(kClaimPrelude + definitions, input_.options.budget, input_.options.memory);
    if (!fresh.all_unsat(obligations)) return std::nullopt;
    return Proof{claim_certificate(moves_, table_digest_, written.formula.statement, listed, obligations), static_cast<std::uint32_t>(obligations.size())};
  }

  bool follows(const Claim& claim, const Assumed& assumed) { return checker_.all_unsat({follows_obligation(arena_, claim, assumed)}); }

  /// Of claims that keep each other: those with which the claim is kept, or from which it follows; with which these are in turn kept; with itself
  /// where it is one of them.
  std::vector<Claim> rests_on(const Claim& claim, bool follows, const Assumed& all) {
    std::vector<const Claim*> open{&claim};
    std::set<const Claim*> found;
    while (!open.empty()) {
      const Claim* one = open.back();
      open.pop_back();
      Assumed known, rest;
      for (const Claim* other : all) (other == one || found.contains(other) ? known : rest).push_back(other);
      if (std::count(all.begin(), all.end(), one)) found.insert(one);
      const auto enough = [&](const Assumed& assumed) { return one == &claim && follows ? this->follows(*one, assumed) : kept(*one, assumed); };
      for (const Claim* other : needed(enough, known, rest))
        if (found.insert(other).second) open.push_back(other);
    }
    std::vector<Claim> claims;
    for (const Claim* one : all)
      if (found.contains(one)) claims.push_back(*one);
    return claims;
  }

  /// Those of `rest` without any one of which, beside `known`, it is not enough; all of them are (U. Junker, QuickXplain, AAAI 2004).
  Assumed needed(const std::function<bool(const Assumed&)>& enough, const Assumed& known, const Assumed& rest) {
    if (rest.empty() || enough(known)) return {};
    if (rest.size() == 1) return rest;
    const auto middle = rest.begin() + static_cast<std::ptrdiff_t>(rest.size() / 2);
    const Assumed first(rest.begin(), middle), second(middle, rest.end());
    Assumed found = needed(enough, joined(known, first), second);
    const Assumed others = needed(enough, joined(known, found), first);
    found.insert(found.end(), others.begin(), others.end());
    return found;
  }

  static Assumed joined(Assumed one, const Assumed& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
  }

  /// A claim that is not among those assumed, as one that every leg keeps, or one at the end.
  std::optional<Claim> kept_alone(Claim claim, const Assumed& assumed) {
    for (const bool at_end_only : {false, true}) {
      claim.at_end_only = at_end_only;
      if (at_end_only && (floored_slots(moves_, claim).empty() || floored_slots(moves_, claim).size() > kFlooredMax)) break;
      if (kept(claim, assumed)) return claim;
    }
    return std::nullopt;
  }

  PropertyVerdict verdict(Index index) {
    const RuleText& words = moves_.statements[written_[index].formula.statement].words;
    PropertyVerdict verdict;
    verdict.kind = PropertyKind::Invariant;
    verdict.claim = words.text;
    verdict.line = words.line;
    if (!has_start()) {
      verdict.reason = input_.options.budget.is_over() ? kTimeIsUp : "no start between two members of each entity was found that satisfies all invariants, floors and custody fences: it would be said of no run";
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
  const std::string table_digest_ = table_digest(input_.table.bytes());
  ObligationChecker checker_;
  std::vector<Claim> written_;
  std::vector<std::optional<Proof>> answers_;
  std::unordered_set<std::string> shown_;
  std::optional<bool> has_start_;
};

}  // namespace

std::vector<PropertyVerdict> prove_invariants(const StandingInput& input) { return Prover(input).run(); }

}  // namespace ringfence
