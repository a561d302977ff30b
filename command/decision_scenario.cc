// SPDX-License-Identifier: Apache-2.0
// See decision_scenario.h.
#include "command/decision_scenario.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "command/record_steps.h"
#include "command/run_scenarios.h"

namespace ringfence {
namespace {

bool has_id(const RecordContent& content, const std::string& id) {
  if (const auto* transfer = std::get_if<TransferRecord>(&content)) return transfer->id == id;
  if (const auto* change = std::get_if<ChangeRecord>(&content)) return change->id == id;
  const auto* batch = std::get_if<BatchRecord>(&content);
  return batch != nullptr && (batch->id == id || std::any_of(batch->transfers.begin(), batch->transfers.end(), [&](const TransferRecord& leg) { return leg.id == id; }));
}

/// What a decision will read of the gate's state, as steps that give it.
class SceneReader {
 public:
  explicit SceneReader(TransferRun& run) : run_(run), table_(run.policy().table) {}

  /// As the state stands now.
  std::vector<ScenarioStep> scene(const RecordContent& content) {
    if (const auto* transfer = std::get_if<TransferRecord>(&content)) read(*transfer);
    if (const auto* change = std::get_if<ChangeRecord>(&content)) read(*change);
    if (const auto* batch = std::get_if<BatchRecord>(&content))
      for (const TransferRecord& leg : batch->transfers) read(leg);
    std::vector<ScenarioStep> steps;
    for (const auto& [place, balance] : balances_) steps.push_back(holds(place, balance));
    for (const auto& [subject, mode] : modes_) steps.push_back(mode_is(subject, mode));
    std::stable_sort(facts_.begin(), facts_.end(), [](const FactHeld& a, const FactHeld& b) { return a.value.observed_ms < b.value.observed_ms; });
    for (const FactHeld& fact : facts_) {
      steps.emplace_back();
      steps.back().kind = StepKind::SetTime;
      steps.back().time_ms = fact.value.observed_ms;
      steps.emplace_back();
      steps.back().kind = StepKind::SetFact;
      steps.back().instance = fact.subject;
      steps.back().value = fact.value.number;
    }
    return steps;
  }

 private:
  using Place = std::pair<std::pair<Index, std::vector<std::string>>, Index>;   // bucket, ids, asset
  struct FactHeld { NamedInstance subject; Value value; };

  void read(const TransferRecord& record) {
    const auto resolved = resolve(record, table_, run_.interner());
    const auto* known = std::get_if<ResolvedTransfer>(&resolved);
    if (known == nullptr) return;
    Transfer transfer = known->submitted.transfer;
    transfer.authority.approvals = known->submitted.approvals;
    read(needs(table_, transfer), transfer.from, transfer.to, transfer.authority.time_ms);
  }

  void read(const ChangeRecord& record) {
    const auto resolved = resolve(record, table_, run_.interner());
    const auto* known = std::get_if<ResolvedChange>(&resolved);
    if (known == nullptr || known->submitted.change.subject.target >= table_.machine_count()) return;
    const ModeChange& change = known->submitted.change;
    const Index mode_now = run_.gate().mode(change.subject, change.authority.time_ms);
    if (mode_now == kNone) return;
    if (mode_now != 0) modes_[{change.subject.target, names_of(change.subject.ids, change.subject.id_count)}] = mode_now;
    for (Needs needed = next_transition(table_, change, mode_now, kNone); needed.row != kNone; needed = next_transition(table_, change, mode_now, needed.row))
      read(needed, change.subject, change.subject, change.authority.time_ms);
  }

  void read(const Needs& needed, const Instance& from, const Instance& to, std::int64_t time_ms) {
    const std::vector<Value> values = run_.gate().fetch(needed, from, to, time_ms);
    for (std::size_t i = 0; i < needed.slots.size(); ++i)
      if (is_supplied(needed.slots[i].kind) && values[i].present) read(needed.slots[i], slot_ids(needed.slots[i], from, to), values[i]);
  }

  void read(const SlotView& slot, const Ids& ids, const Value& value) {
    const auto names = [&] { return names_of(ids, slot.keys.size()); };
    switch (slot.kind) {
      case SlotKind::Balance: if (value.number != 0) balances_[{{slot.target, names()}, slot.asset}] = value.number; break;
      case SlotKind::BucketTotal: case SlotKind::AccountTotal: read_total(slot); break;
      case SlotKind::Mode: if (value.number != 0) modes_[{slot.target, names()}] = static_cast<Index>(value.number); break;
      case SlotKind::Fact: read_fact({slot.target, names()}, value); break;
      default: break;   // what a limit has counted can't be given: only earlier transfers can show it
    }
  }

  /// All that could be in the sum; what is not does no harm.
  void read_total(const SlotView& slot) {
    for (const Gate::Holding& holding : run_.gate().holdings()) {
      const Index bucket = holding.bucket.target;
      const bool counts = slot.kind == SlotKind::BucketTotal ? bucket == slot.target : table_.bucket(bucket).account == slot.target;
      if (counts && holding.asset == slot.asset) balances_[{{bucket, names_of(holding.bucket.ids, holding.bucket.id_count)}, holding.asset}] = holding.balance;
    }
  }

  void read_fact(NamedInstance subject, const Value& value) {
    if (std::none_of(facts_.begin(), facts_.end(), [&](const FactHeld& known) { return known.subject == subject; })) facts_.push_back({std::move(subject), value});
  }

  std::vector<std::string> names_of(const Ids& ids, std::size_t count) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(run_.interner().id_of(ids[i]));
    return names;
  }

  static ScenarioStep holds(const Place& place, Int128 balance) {
    ScenarioStep step;
    step.kind = StepKind::Holds;
    step.instance = {place.first.first, place.first.second};
    step.asset = place.second;
    step.value = balance;
    return step;
  }
  static ScenarioStep mode_is(const std::pair<Index, std::vector<std::string>>& subject, Index mode) {
    ScenarioStep step;
    step.kind = StepKind::SetMode;
    step.instance = {subject.first, subject.second};
    step.mode = mode;
    return step;
  }

  TransferRun& run_;
  const RuleTable& table_;
  std::map<Place, Int128> balances_;
  std::map<std::pair<Index, std::vector<std::string>>, Index> modes_;
  std::vector<FactHeld> facts_;
};

void append(std::vector<ScenarioStep>& steps, std::vector<ScenarioStep> more) { std::move(more.begin(), more.end(), std::back_inserter(steps)); }

/// A time that is set where it is set already, or again before anything happens at it, says nothing.
void drop_idle_times(std::vector<ScenarioStep>& steps) {
  std::vector<ScenarioStep> kept;
  std::int64_t time_ms = kScenarioStartMs;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool sets_time = steps[i].kind == StepKind::SetTime;
    if (sets_time && (steps[i].time_ms == time_ms || (i + 1 < steps.size() && steps[i + 1].kind == StepKind::SetTime))) continue;
    if (sets_time) time_ms = steps[i].time_ms;
    kept.push_back(std::move(steps[i]));
  }
  steps = std::move(kept);
}

/// The language gives no balance below zero: how it came to that must be told.
bool can_be_written(const std::vector<ScenarioStep>& steps) {
  return std::none_of(steps.begin(), steps.end(), [](const ScenarioStep& step) { return step.kind == StepKind::Holds && step.value < 0; });
}

class DecisionFinder {
 public:
  DecisionFinder(TransferRun& run, const std::string& id) : run_(run), id_(id), table_(run.policy().table) {}

  /// Nothing: it is not this record.
  std::optional<std::variant<Scenario, std::string>> take(const Record& record) {
    if (!has_id(record.content, id_)) {
      keep(record.content, run_.apply(record));
      return std::nullopt;
    }
    auto scene = SceneReader(run_).scene(record.content);
    const auto applied = run_.apply(record);
    if (const auto* wrong = std::get_if<Wrong>(&applied)) return fmt::format("line {}: {}", record.line, wrong->message);
    return scenario(record.content, std::get<RecordResult>(applied), std::move(scene));
  }

 private:
  static GateAnswer deciding(const RecordResult& result) {
    std::vector<GateAnswer> answers;
    for (const RecordAnswer& answer : result.answers) answers.push_back(answer.answer);
    return deciding_answer(answers);
  }

  /// What was applied, for a scenario that needs all of it.
  void keep(const RecordContent& content, const std::variant<RecordResult, Wrong>& applied) {
    const auto* result = std::get_if<RecordResult>(&applied);
    if (result == nullptr) return;
    auto steps = steps_of(content, table_, run_.interner());
    if (!result->answers.empty()) {
      const GateAnswer answer = deciding(*result);
      if (answer.outcome != Outcome::Decided || !answer.decision.allowed() || steps.empty()) return;
      steps.back().expect_allowed = true;
    }
    append(history_, std::move(steps));
  }

  std::variant<Scenario, std::string> scenario(const RecordContent& content, const RecordResult& result, std::vector<ScenarioStep> scene) {
    const GateAnswer answer = deciding(result);
    if (answer.outcome != Outcome::Decided) return fmt::format("`{}` was used before: it got no decision of its own", id_);
    auto asked = steps_of(content, table_, run_.interner());
    if (answer.decision.reason == Reason::Malformed) asked.clear();   // a scenario is checked to be well formed
    if (asked.empty()) return fmt::format("no scenario can ask for `{}`: it is malformed, names what the policy does not declare, or its transfers are of several times", id_);
    asked.back().expect_allowed = answer.decision.allowed();
    if (!answer.decision.allowed()) asked.back().expect_reason = reason_word(answer.decision.reason);
    for (auto* before : {&scene, &history_}) {
      if (!can_be_written(*before)) continue;
      Scenario made{fmt::format("{}: {}", id_, outcome_in_words(answer)), 0, std::move(*before), false};
      append(made.steps, asked);
      drop_idle_times(made.steps);
      const ScenarioResult ran = run_scenario(run_.policy(), made);
      if (ran.passed && ran.decision == answer.decision) return made;
    }
    return fmt::format("no scenario comes to the decision on `{}`: {}", id_, outcome_in_words(answer));
  }

  TransferRun& run_;
  const std::string& id_;
  const RuleTable& table_;
  std::vector<ScenarioStep> history_;
};

}  // namespace

std::variant<Scenario, std::string> scenario_of_decision(TransferRun& run, TransferFile& file, const std::string& id) {
  DecisionFinder finder(run, id);
  for (;;) {
    const auto next = file.next();
    if (const auto* end = std::get_if<TransferFile::End>(&next)) return end->error ? end->error->message : fmt::format("there is no transfer, mode change or batch `{}`", id);
    if (const auto* record = std::get_if<Record>(&next))
      if (auto found = finder.take(*record)) return std::move(*found);
  }
}

}  // namespace ringfence
