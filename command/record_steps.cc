// SPDX-License-Identifier: Apache-2.0
// See record_steps.h.
#include "command/record_steps.h"

#include <optional>
#include <utility>

#include "command/resolve_record.h"

namespace ringfence {
namespace {

class StepWriter {
 public:
  StepWriter(const RuleTable& table, Interner& interner) : table_(table), interner_(interner) {}

  std::vector<ScenarioStep> steps(const RecordContent& content) {
    std::vector<ScenarioStep> made;
    std::visit([&](const auto& record) { add(record, made); }, content);
    return made;
  }

 private:
  static NamedInstance named(Index target, const std::vector<std::string>& ids) { return {target, ids}; }
  static void add_time(std::int64_t time_ms, std::vector<ScenarioStep>& made) {
    made.emplace_back();
    made.back().kind = StepKind::SetTime;
    made.back().time_ms = time_ms;
  }

  static void fill(ScenarioStep& step, const Authority& authority, const AuthorityText& text, const std::vector<Approval>& approvals) {
    step.person = text.person;
    step.role = authority.role;
    step.evidence = authority.evidence;
    for (std::size_t i = 0; i < approvals.size(); ++i) step.approvals.push_back({text.approvals[i].person, approvals[i].roles});
  }

  std::optional<ScenarioStep> transfer(const TransferRecord& record) {
    const auto resolved = resolve(record, table_, interner_);
    const auto* known = std::get_if<ResolvedTransfer>(&resolved);
    if (known == nullptr || !known->unknown.empty()) return std::nullopt;
    const Transfer& asked = known->submitted.transfer;
    ScenarioStep step;
    step.kind = StepKind::Transfer;
    step.transfer = {asked.purpose, asked.asset, asked.amount, named(asked.from.target, record.from.ids), named(asked.to.target, record.to.ids)};
    fill(step, asked.authority, record.authority, known->submitted.approvals);
    return step;
  }

  void add(const TransferRecord& record, std::vector<ScenarioStep>& made) {
    auto step = transfer(record);
    if (!step) return;
    add_time(record.authority.time_ms, made);
    made.push_back(std::move(*step));
  }

  void add(const BatchRecord& record, std::vector<ScenarioStep>& made) {
    ScenarioStep batch;
    batch.kind = StepKind::Together;
    for (const TransferRecord& leg : record.transfers) {
      auto step = transfer(leg);
      if (!step || leg.authority.time_ms != record.transfers.front().authority.time_ms) return;   // the legs of a scenario are of one time
      batch.legs.push_back(std::move(*step));
    }
    if (batch.legs.empty()) return;
    add_time(record.transfers.front().authority.time_ms, made);
    made.push_back(std::move(batch));
  }

  void add(const ChangeRecord& record, std::vector<ScenarioStep>& made) {
    const auto resolved = resolve(record, table_, interner_);
    const auto* known = std::get_if<ResolvedChange>(&resolved);
    if (known == nullptr || !known->unknown.empty()) return;
    const ModeChange& asked = known->submitted.change;
    add_time(record.authority.time_ms, made);
    ScenarioStep step;
    step.kind = StepKind::Transition;
    step.instance = named(asked.subject.target, record.subject.ids);
    step.mode = asked.to_mode;
    fill(step, asked.authority, record.authority, known->submitted.approvals);
    made.push_back(std::move(step));
  }

  void add(const FactRecord& record, std::vector<ScenarioStep>& made) {
    const auto resolved = resolve(record, table_, interner_);
    const auto* fact = std::get_if<ResolvedFact>(&resolved);
    if (fact == nullptr) return;
    add_time(fact->time_ms, made);
    ScenarioStep step;
    step.kind = StepKind::SetFact;
    step.instance = named(fact->subject.target, record.ids);
    step.value = fact->number;
    made.push_back(std::move(step));
  }

  void add(const HoldsRecord& record, std::vector<ScenarioStep>& made) {
    const auto resolved = resolve(record, table_, interner_);
    const auto* holds = std::get_if<ResolvedHolds>(&resolved);
    if (holds == nullptr) return;
    ScenarioStep step;
    step.kind = StepKind::Holds;
    step.instance = named(holds->bucket.target, record.bucket.ids);
    step.asset = holds->asset;
    step.value = holds->balance;
    made.push_back(std::move(step));
  }

  void add(const ModeRecord& record, std::vector<ScenarioStep>& made) {
    const auto resolved = resolve(record, table_, interner_);
    const auto* mode = std::get_if<ResolvedMode>(&resolved);
    if (mode == nullptr) return;
    if (mode->entered_ms) add_time(*mode->entered_ms, made);
    ScenarioStep step;
    step.kind = StepKind::SetMode;
    step.instance = named(mode->machine.target, record.subject.ids);
    step.mode = mode->mode;
    made.push_back(std::move(step));
  }

  const RuleTable& table_;
  Interner& interner_;
};

}  // namespace

std::vector<ScenarioStep> steps_of(const RecordContent& content, const RuleTable& table, Interner& interner) { return StepWriter(table, interner).steps(content); }

}  // namespace ringfence
