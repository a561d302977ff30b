// SPDX-License-Identifier: Apache-2.0
// See judge_mutant.h. A mutant has the lines of the policy, so its fences and properties are those of the policy in the same order.
#include "command/judge_mutant.h"

#include <algorithm>

#include <fmt/format.h>

#include "command/example_scenario.h"
#include "command/run_scenarios.h"
#include "command/transfer_run.h"

namespace ringfence {
namespace {

/// Transfers before an example that are tried, for what a limit has counted by then.
constexpr unsigned kEarlierMax = 16;

std::string first_error(const Diagnostics& diagnostics) {
  const auto found = std::find_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) { return one.severity == Severity::Error; });
  return found == diagnostics.end() ? "" : fmt::format("{}: {}", found->code, found->message);
}

/// What stood for a verdict and no longer does.
std::string no_longer(std::string_view what, Answer answer) { return fmt::format("{}: {}", what, answer_word(answer)); }

std::size_t classes_of(const Difference& difference, Change change) {
  return static_cast<std::size_t>(std::count_if(difference.classes.begin(), difference.classes.end(), [&](const ChangeClass& each) { return each.change == change; }));
}

/// Every transfer and every change of mode is decided alike, and all that is said of it is shown.
bool only_title_differs(const Difference& difference) {
  const auto is_title = [](const ChangeClass& each) { return each.example && (each.change == Change::TitleMore || each.change == Change::TitleLess); };
  return difference.joint.incomparable.empty() && difference.declarations.empty() && difference.needs.empty() &&
         std::all_of(difference.classes.begin(), difference.classes.end(), is_title);
}

std::string in_words(const Difference& difference) {
  const bool allows = classes_of(difference, Change::Allowed) != 0, denies = classes_of(difference, Change::Denied) != 0;
  const bool treats_title = classes_of(difference, Change::TitleMore) + classes_of(difference, Change::TitleLess) != 0;
  if (allows || denies) return fmt::format("it {}{}{}{}", allows ? "allows more" : "", allows && denies ? " and " : "", denies ? "denies more" : "", treats_title ? ", and treats title otherwise" : "");
  return treats_title ? "it decides all alike and treats title otherwise, which only a fence can tell" : "it differs in what it declares or reads";
}

}  // namespace

const char* fate_word(MutantFate fate) noexcept {
  switch (fate) {
    case MutantFate::NoPolicy: return "no_policy";
    case MutantFate::Noticed: return "noticed";
    case MutantFate::Equivalent: return "equivalent";
    case MutantFate::Undecided: return "undecided";
    case MutantFate::Survived: break;
  }
  return "survived";
}

std::optional<std::string> MutantJudge::prepare() {
  if (const auto failed = noticed_by_scenarios(policy_)) return "the policy itself fails " + *failed;
  if (const auto failed = noticed_by_transfers(policy_)) return "the policy itself does not do as the transfers expect: " + *failed;
  verdict_ = prove(policy_);
  return std::nullopt;
}

std::optional<std::string> MutantJudge::noticed_by_scenarios(const LoadedPolicy& mutant) const {
  for (const Scenario& scenario : policy_.typed->scenarios)
    if (const ScenarioResult result = run_scenario(mutant, scenario); !result.passed) return fmt::format("scenario \"{}\", {}: {}", result.name, source_.in_words(result.failed_line), result.failure);
  return std::nullopt;
}

std::optional<std::string> MutantJudge::noticed_by_transfers(const LoadedPolicy& mutant) const {
  TransferRun run(mutant);
  for (const Record& record : transfers_) {
    const auto applied = run.apply(record);
    if (const auto* wrong = std::get_if<Wrong>(&applied)) return fmt::format("transfers, line {}: {}", record.line, wrong->message);
    const auto& mismatches = std::get<RecordResult>(applied).mismatches;
    if (!mismatches.empty()) return "transfers, " + mismatches.front();
  }
  return std::nullopt;
}

std::optional<std::string> MutantJudge::noticed_by_proofs(const Verdict& mutant) const {
  for (std::size_t i = 0; i < verdict_.fences.size(); ++i) {
    if (verdict_.fences[i].answer != Answer::Proved || mutant.fences[i].answer == Answer::Proved) continue;
    const Fence& fence = policy_.moves.vocabulary.fences[i];
    return no_longer(fmt::format("fence, line {}, {}", fence.line, fence.text), mutant.fences[i].answer);
  }
  for (const PropertyVerdict& before : verdict_.properties) {
    if (before.answer != Answer::Proved) continue;
    const auto same = [&](const PropertyVerdict& after) { return after.kind == before.kind && after.line == before.line; };
    const auto after = std::find_if(mutant.properties.begin(), mutant.properties.end(), same);
    if (after == mutant.properties.end() || after->answer != Answer::Proved)
      return no_longer(before.line == 0 ? before.claim : fmt::format("line {}, {}", before.line, before.claim), after == mutant.properties.end() ? Answer::Unknown : after->answer);
  }
  return std::nullopt;
}

Verdict MutantJudge::prove(const LoadedPolicy& policy) {
  memory_.begin_proof();
  VerifyOptions how;
  how.budget = budget_;
  how.memory = &memory_;
  return verify(policy.table, how);
}

Judgement MutantJudge::compare(const LoadedPolicy& mutant) {
  DiffOptions how;
  how.budget = budget_;
  const Difference difference = diff(policy_.table, mutant.table, how);
  if (difference.same()) return {MutantFate::Equivalent, "diff: both policies decide every transfer and every change of mode alike"};
  if (only_title_differs(difference) && has_same_titles(mutant))
    return {MutantFate::Equivalent, "diff: all is decided alike; and money of the same titles, as far as any fence tells them apart, can be in the same places"};
  if (difference.undecided()) return {MutantFate::Undecided, "diff did not decide whether it is another policy"};
  return {MutantFate::Survived, in_words(difference), telling_scenario(difference, mutant)};
}

bool MutantJudge::has_same_titles(const LoadedPolicy& mutant) {
  if (!(policy_.moves.vocabulary == mutant.moves.vocabulary)) return false;
  if (!title_steps_) title_steps_ = title_steps(policy_.moves, budget_);
  return title_steps_ && title_steps_ == title_steps(mutant.moves, budget_);
}

/// Of the examples of what became allowed or denied, the first that is still one as a scenario.
std::optional<Scenario> MutantJudge::telling_scenario(const Difference& difference, const LoadedPolicy& mutant) const {
  for (const ChangeClass& each : difference.classes) {
    if (!each.example || (each.change != Change::Allowed && each.change != Change::Denied)) continue;
    for (unsigned earlier = 0; earlier <= kEarlierMax; ++earlier) {
      Scenario scenario = scenario_of(difference.joint, *each.example, earlier);
      if (run_scenario(policy_, scenario).passed && !run_scenario(mutant, scenario).passed) return scenario;
    }
  }
  return std::nullopt;
}

Judgement MutantJudge::judge(std::string_view text) {
  Passed<Compiled> passed = compile(text, {}, read_file_);
  if (!passed.artefact) return {MutantFate::NoPolicy, first_error(passed.diagnostics)};
  auto loaded = load_compiled(std::move(*passed.artefact));
  if (const auto* error = std::get_if<LoadError>(&loaded)) return {MutantFate::NoPolicy, error->message};
  const LoadedPolicy& mutant = std::get<LoadedPolicy>(loaded);
  if (auto by = noticed_by_scenarios(mutant)) return {MutantFate::Noticed, std::move(*by)};
  if (auto by = noticed_by_transfers(mutant)) return {MutantFate::Noticed, std::move(*by)};
  if (budget_.is_over()) return {MutantFate::Undecided, kTimeIsUp};
  const Verdict verdict = prove(mutant);
  if (budget_.is_over()) return {MutantFate::Undecided, kTimeIsUp};   // what is UNKNOWN for want of time is noticed by nobody
  if (auto by = noticed_by_proofs(verdict)) return {MutantFate::Noticed, std::move(*by)};
  return compare(mutant);
}

}  // namespace ringfence
