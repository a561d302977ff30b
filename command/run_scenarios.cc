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

/// What scenarios showed at work.
struct Seen { std::vector<bool>& decided; GuardCoverage& coverage; };

/// One scenario on a gate of its own.
class ScenarioGate {
 public:
  /// `seen` may be null: then nobody asks what the scenario showed.
  ScenarioGate(const LoadedPolicy& policy, bool apart, Seen* seen)
      : policy_(policy), gate_(policy.table, apart ? BroughtModes::Apart : BroughtModes::Made), apart_(apart), seen_(seen) {}

  /// On the last step that asked for a decision.
  const Decision& last() const noexcept { return last_; }

  /// What was not as written, or nothing.
  std::optional<std::string> run(const ScenarioStep& step) {
    if (step.kind == StepKind::SetMode || step.kind == StepKind::Transition) subjects_.push_back(instance(step.instance));
    if (is_asked(step.kind)) see_deadlines();
    switch (step.kind) {
      case StepKind::Holds: return open(gate_.open_balance(instance(step.instance), step.asset, step.value));
      case StepKind::SetMode: return open(gate_.open_mode(instance(step.instance), step.mode, time_ms_));
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
    const Asked asked = asked_for(submitted.transfer, submitted.approvals);
    const Found found = find(submitted.transfer, asked);
    if (seen_ != nullptr && found.needed.row != kNone && !apart_) see_entering(found);
    const GateAnswer answer = gate_.submit(submitted);
    count(answer.decision);
    see_brought_modes();
    if (seen_ != nullptr && found.needed.row != kNone) see_transfer(found, answer.decision, false);
    return compare(step, answer, asked, false);
  }

  /// The row that a transfer is decided on, and what its slots hold before.
  struct Found { Transfer transfer; Needs needed; std::vector<Value> values; };
  Found find(Transfer transfer, const Asked& asked) const {
    transfer.authority.approvals = asked.authority.approvals;
    const Needs needed = needs(policy_.table, transfer);
    return {transfer, needed, complete_values(needed.slots, gate_.fetch(needed, transfer.from, transfer.to, time_ms_), asked)};
  }

  template <class Submitted>
  static Asked asked_for(const Submitted& request, const std::vector<Approval>& approvals) {
    Asked asked = asked_of(request);
    asked.authority.approvals = approvals;
    return asked;
  }

  std::optional<std::string> run_change(const ScenarioStep& step) {
    GateModeChange submitted{next_id(), {instance(step.instance), step.mode, authority_of(step)}, approvals_of(step)};
    const Asked asked = asked_for(submitted.change, submitted.approvals);
    if (seen_ != nullptr) {
      ModeChange change = submitted.change;
      change.authority.approvals = asked.authority.approvals;
      see_candidates(change, asked, gate_.mode(change.subject, time_ms_));
    }
    const GateAnswer answer = gate_.submit(submitted);
    count(answer.decision);
    return compare(step, answer, asked, false);
  }

  /// Each transition that the change comes to be decided by, up to the first that lets it through; whether one does.
  bool see_candidates(const ModeChange& change, const Asked& asked, Index mode_now) {
    for (Needs needed = next_transition(policy_.table, change, mode_now, kNone); needed.row != kNone;
         needed = next_transition(policy_.table, change, mode_now, needed.row)) {
      const std::vector<Value> values = gate_.fetch(needed, change.subject, change.subject, time_ms_);
      const Decision decision = decide_transition(policy_.table, change, needed, values);
      seen_->coverage.see_change(needed.row, complete_values(needed.slots, values, asked), decision);
      if (decision.allowed()) return true;
    }
    return false;
  }

  std::optional<std::string> run_batch(const ScenarioStep& step) {
    std::vector<GateTransfer> legs;
    for (const ScenarioStep& leg : step.legs) legs.push_back(transfer_of(leg));
    if (legs.empty()) return "a batch without transfers";
    const Asked first = asked_for(legs.front().transfer, legs.front().approvals);
    const Found found = find(legs.front().transfer, first);   // of the later legs it is not known what they were decided on
    const std::vector<GateAnswer> answers = gate_.submit_batch(next_id(), legs);
    see_brought_modes();
    if (seen_ != nullptr && found.needed.row != kNone) see_transfer(found, answers.front().decision, true);
    const bool allowed = std::all_of(answers.begin(), answers.end(), [](const GateAnswer& answer) { return answer.decision.allowed(); });
    std::size_t deciding = 0;
    for (std::size_t i = 0; i < answers.size() && !allowed; ++i)
      if (answers[i].decision.reason != Reason::Batch) deciding = i;
    for (const GateAnswer& answer : answers) count(answer.decision);
    return compare(step, answers[deciding], asked_for(legs[deciding].transfer, legs[deciding].approvals), true);
  }

  /// As it was decided; where it entered a mode, without that and then with it.
  void see_transfer(const Found& found, const Decision& decision, bool in_batch) {
    std::vector<Value> entered = found.values;
    if (enter_modes(policy_.table, found.transfer, found.needed, gate_, entered))
      seen_->coverage.see_transfer(found.needed.row, found.values, {Reason::Condition, kNone, kNone, kNone, found.needed.row}, in_batch);
    seen_->coverage.see_transfer(found.needed.row, entered, decision, in_batch);
    for (const RuleTable::BroughtMode& brought : policy_.table.brought_modes(found.needed.row))
      if (brought.when == Brought::After && brought.statement == decision.statement && decision.allowed() && !apart_) see_brought_change(found, brought);
  }

  /// Whether it is allowed.
  bool see_brought_change(const Found& found, const RuleTable::BroughtMode& brought) {
    const ModeChange change = brought_change(policy_.table, found.transfer, found.needed, brought);
    return see_candidates(change, asked_of(change), static_cast<Index>(found.values[brought.slot].number));
  }

  /// As the gate looks for a mode to enter, 10.5: where the transfer is denied without one, up to the first change that is allowed.
  void see_entering(const Found& found) {
    if (decide(policy_.table, found.transfer, found.needed, found.values).allowed()) return;
    for (const RuleTable::BroughtMode& brought : policy_.table.brought_modes(found.needed.row)) {
      const Value& mode = found.values[brought.slot];
      if (brought.when == Brought::Before && mode.present && mode.number != brought.mode && see_brought_change(found, brought)) return;
    }
  }

  void see_brought_modes() {
    for (const ModeChanged& change : gate_.modes_brought()) {
      subjects_.push_back(change.subject);
      if (seen_ != nullptr) seen_->decided[change.statement] = true;
    }
  }

  static bool is_asked(StepKind kind) { return kind == StepKind::Transfer || kind == StepKind::Transition || kind == StepKind::Together; }

  /// A deadline is at work when something is asked for after it has passed.
  void see_deadlines() {
    for (const Instance& subject : subjects_) {
      KeptMode kept = gate_.kept_mode(subject);
      for (auto deadline = deadline_of(policy_.table, subject.target, kept); deadline && time_ms_ > deadline->due_ms; deadline = deadline_of(policy_.table, subject.target, kept)) {
        if (seen_ != nullptr) seen_->decided[deadline->statement] = true;
        kept = {deadline->to_mode, deadline->due_ms};
      }
    }
  }

  void count(const Decision& decision) {
    const bool at_work = decision.allowed() || decision.reason == Reason::DenyRule || decision.reason == Reason::Floor || decision.reason == Reason::Limit;
    if (seen_ != nullptr && at_work && decision.statement < seen_->decided.size()) seen_->decided[decision.statement] = true;
  }

  std::optional<std::string> compare(const ScenarioStep& step, const GateAnswer& answer, const Asked& asked, bool in_batch) {
    last_ = answer.decision;
    const std::string expected = step.expect_allowed ? "allowed" : step.expect_reason.empty() ? "denied" : step.expect_reason;
    if (is_as_expected(expected, answer)) return std::nullopt;
    const std::string wanted = step.expect_allowed || step.expect_reason.empty() ? expected : "denied by " + expected;
    return fmt::format("expected {}, got {}: {}", wanted, outcome_in_words(answer),
                       print(describe(policy_, interner_, asked, answer.decision, gate_.values_of_denial(), {}, in_batch)));
  }

  const LoadedPolicy& policy_;
  Gate gate_;
  const bool apart_;                 // no change of mode comes with a transfer
  Interner interner_;
  Seen* seen_;
  std::vector<Instance> subjects_;   // whose mode was given, or asked to change
  Decision last_;
  std::int64_t time_ms_ = kScenarioStartMs;
  std::size_t step_count_ = 0;
};

ScenarioResult run_one(const LoadedPolicy& policy, const Scenario& scenario, Seen* seen) {
  ScenarioResult result;
  result.name = scenario.name;
  result.line = scenario.line;
  ScenarioGate gate(policy, scenario.apart, seen);
  for (const ScenarioStep& step : scenario.steps) {
    const auto failure = gate.run(step);
    if (!failure) continue;
    result.passed = false;
    result.failed_line = step.line;
    result.failure = *failure;
    break;
  }
  result.decision = gate.last();
  return result;
}

}  // namespace

ScenarioResult run_scenario(const LoadedPolicy& policy, const Scenario& scenario) { return run_one(policy, scenario, nullptr); }

ScenarioRun run_scenarios(const LoadedPolicy& policy) {
  ScenarioRun run;
  run.decided.resize(policy.table.statement_count());
  GuardCoverage coverage(policy);
  Seen seen{run.decided, coverage};
  for (const Scenario& scenario : policy.typed->scenarios) run.scenarios.push_back(run_one(policy, scenario, &seen));
  run.atoms = coverage.atoms();
  return run;
}

bool ScenarioRun::passed() const {
  return std::all_of(scenarios.begin(), scenarios.end(), [](const ScenarioResult& result) { return result.passed; });
}

}  // namespace ringfence
