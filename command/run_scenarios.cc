// SPDX-License-Identifier: Apache-2.0
// See run_scenarios.h.
#include "command/run_scenarios.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "command/describe.h"
#include "command/transfer_run.h"

namespace ringfence {
namespace {

constexpr std::int64_t kStartMs = 1'767'225'600'000;   // 2026-01-01T00:00:00Z: language reference, 11.2

/// One scenario on a gate of its own.
class ScenarioGate {
 public:
  ScenarioGate(const LoadedPolicy& policy, std::vector<bool>& decided) : policy_(policy), gate_(policy.table), decided_(decided) {}

  /// What was not as written, or nothing.
  std::optional<std::string> run(const ScenarioStep& step) {
    switch (step.kind) {
      case StepKind::Holds: return open(gate_.open_balance(instance(step.instance), step.asset, step.value));
      case StepKind::SetMode: return open(gate_.open_mode(instance(step.instance), step.mode));
      case StepKind::SetFact:
        if (gate_.set_fact(instance(step.instance), step.value, time_ms_)) return std::nullopt;
        return "the gate does not take this fact";
      case StepKind::SetTime: time_ms_ = step.time_ms; return std::nullopt;
      case StepKind::Transfer: return run_transfer(step);
      case StepKind::Transition: return run_change(step);
      case StepKind::Together: return run_batch(step);
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> open(bool opened) const {
    if (opened) return std::nullopt;
    return "the gate does not take this: balances and modes are given before the first allowed step, and a balance is not below zero";
  }

  Instance instance(const NamedInstance& named) { return interner_.instance(named.target, named.ids); }
  std::string next_id() { return fmt::format("step {}", ++step_count_); }

  Authority authority_of(const ScenarioStep& step) {
    Authority authority;
    authority.person = interner_.number_of(step.person.empty() ? policy_.moves.vocabulary.roles[step.role].name : step.person);
    authority.role = step.role;
    authority.evidence = step.evidence;
    authority.time_ms = time_ms_;
    return authority;
  }

  std::vector<Approval> approvals_of(const ScenarioStep& step) {
    std::vector<Approval> approvals;
    for (const NamedApproval& approval : step.approvals) approvals.push_back({interner_.number_of(approval.person), approval.roles});
    return approvals;
  }

  GateTransfer transfer_of(const ScenarioStep& step) {
    GateTransfer submitted;
    submitted.id = next_id();
    submitted.transfer = {step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset,
                          step.transfer.amount, authority_of(step)};
    submitted.approvals = approvals_of(step);
    return submitted;
  }

  std::optional<std::string> run_transfer(const ScenarioStep& step) {
    const GateTransfer submitted = transfer_of(step);
    const GateAnswer answer = gate_.submit(submitted);
    count(answer.decision);
    Asked asked = asked_of(submitted.transfer);
    asked.authority.approvals = submitted.approvals;
    return compare(step, answer, asked, false);
  }

  std::optional<std::string> run_change(const ScenarioStep& step) {
    GateModeChange submitted{next_id(), {instance(step.instance), step.mode, authority_of(step)}, approvals_of(step)};
    const GateAnswer answer = gate_.submit(submitted);
    count(answer.decision);
    Asked asked = asked_of(submitted.change);
    asked.authority.approvals = submitted.approvals;
    return compare(step, answer, asked, false);
  }

  std::optional<std::string> run_batch(const ScenarioStep& step) {
    std::vector<GateTransfer> legs;
    for (const ScenarioStep& leg : step.legs) legs.push_back(transfer_of(leg));
    const std::vector<GateAnswer> answers = gate_.submit_batch(next_id(), legs);
    if (answers.empty()) return "a batch without transfers";
    const bool allowed = std::all_of(answers.begin(), answers.end(), [](const GateAnswer& answer) { return answer.decision.allowed(); });
    std::size_t deciding = 0;
    for (std::size_t i = 0; i < answers.size() && !allowed; ++i)
      if (answers[i].decision.reason != Reason::Batch) deciding = i;
    for (const GateAnswer& answer : answers) count(answer.decision);
    Asked asked = asked_of(legs[deciding].transfer);
    asked.authority.approvals = legs[deciding].approvals;
    return compare(step, answers[deciding], asked, true);
  }

  void count(const Decision& decision) {
    const bool at_work = decision.allowed() || decision.reason == Reason::DenyRule || decision.reason == Reason::Floor || decision.reason == Reason::Limit;
    if (at_work && decision.statement < decided_.size()) decided_[decision.statement] = true;
  }

  std::optional<std::string> compare(const ScenarioStep& step, const GateAnswer& answer, const Asked& asked, bool in_batch) const {
    const std::string expected = step.expect_allowed ? "allowed" : step.expect_reason.empty() ? "denied" : step.expect_reason;
    if (is_as_expected(expected, answer)) return std::nullopt;
    const std::string wanted = step.expect_allowed || step.expect_reason.empty() ? expected : "denied by " + expected;
    return fmt::format("expected {}, got {}: {}", wanted, outcome_in_words(answer),
                       print(describe(policy_, interner_, asked, answer.decision, gate_.values_of_denial(), {}, in_batch)));
  }

  const LoadedPolicy& policy_;
  Gate gate_;
  Interner interner_;
  std::vector<bool>& decided_;
  std::int64_t time_ms_ = kStartMs;
  std::size_t step_count_ = 0;
};

ScenarioResult run_scenario(const LoadedPolicy& policy, const Scenario& scenario, std::vector<bool>& decided) {
  ScenarioResult result;
  result.name = scenario.name;
  result.line = scenario.line;
  ScenarioGate gate(policy, decided);
  for (const ScenarioStep& step : scenario.steps) {
    const auto failure = gate.run(step);
    if (!failure) continue;
    result.passed = false;
    result.failed_line = step.line;
    result.failure = *failure;
    break;
  }
  return result;
}

}  // namespace

ScenarioRun run_scenarios(const LoadedPolicy& policy) {
  ScenarioRun run;
  run.decided.resize(policy.table.statement_count());
  for (const Scenario& scenario : policy.typed->scenarios) run.scenarios.push_back(run_scenario(policy, scenario, run.decided));
  return run;
}

}  // namespace ringfence
