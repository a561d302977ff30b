// SPDX-License-Identifier: Apache-2.0
// See transfer_run.h.
#include "command/transfer_run.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "verify/trace.h"   // print_instance

namespace ringfence {
namespace {

template <class Submitted>
Asked asked_of_submitted(const Submitted& request, const std::vector<Approval>& approvals) {
  Asked asked = asked_of(request);
  asked.authority.approvals = approvals;
  return asked;
}

void compare(RecordResult& result, RecordAnswer answer, const std::string& expected) {
  answer.expected = expected;
  answer.as_expected = is_as_expected(expected, answer.answer);
  if (!answer.as_expected)
    result.mismatches.push_back(fmt::format("line {}: `{}`: expected {}, got {}", answer.line, answer.id, expected, outcome_in_words(answer.answer)));
  result.answers.push_back(std::move(answer));
}

}  // namespace

std::string outcome_in_words(const GateAnswer& answer) {
  if (answer.outcome == Outcome::IdReused) return "an error: the id was used before with other content";
  if (answer.decision.allowed()) return "allowed";
  return fmt::format("denied by {}", reason_word(answer.decision.reason));
}

bool is_as_expected(const std::string& expected, const GateAnswer& answer) {
  if (expected.empty()) return true;
  if (answer.outcome == Outcome::IdReused) return expected == "id_reused";
  if (expected == "denied") return !answer.decision.allowed();
  return expected == reason_word(answer.decision.reason);
}

GateAnswer deciding_answer(const std::vector<GateAnswer>& answers) {
  const auto decides = [](const GateAnswer& answer) { return !answer.decision.allowed() && answer.decision.reason != Reason::Batch; };
  const auto found = std::find_if(answers.begin(), answers.end(), decides);
  return found != answers.end() ? *found : answers.empty() ? GateAnswer{} : answers.front();
}

TransferRun::TransferRun(const LoadedPolicy& policy, DurableGate gate) : policy_(policy), gate_(std::move(gate)) {
  std::uint64_t number = 0;
  for (const std::string& name : std::get<DurableGate>(gate_).names())
    if (interner_.number_of(name) != ++number) throw std::runtime_error(fmt::format("the journal names `{}` twice", name));
}

const Gate& TransferRun::gate() const noexcept {
  const auto* durable = std::get_if<DurableGate>(&gate_);
  return durable != nullptr ? durable->gate() : *std::get_if<Gate>(&gate_);
}

/// The gate, for something to be asked of it; a durable one has been told every name in that.
template <class Use>
auto TransferRun::with_gate(const Use& use) {
  if (DurableGate* gate = durable())
    while (gate->names().size() < interner_.count()) gate->add_name(interner_.id_of(gate->names().size() + 1));
  return std::visit(use, gate_);
}

RecordAnswer TransferRun::answer_of(const Asked& asked, const GateAnswer& answer, const std::vector<UnknownName>& unknown, bool in_batch) const {
  RecordAnswer result;
  result.answer = answer;
  const bool has_values = answer.outcome == Outcome::Decided && !answer.decision.allowed() && answer.decision.reason != Reason::Batch;
  const std::span<const Value> values = has_values ? gate().values_of_denial() : std::span<const Value>{};
  if (answer.outcome != Outcome::IdReused) result.words = describe(policy_, interner_, asked, answer.decision, values, unknown, in_batch);
  if (answer.outcome == Outcome::Decided && answer.decision.allowed() && !in_batch) result.words.modes = modes_brought();
  return result;
}

std::vector<DecisionWords::BroughtMode> TransferRun::modes_brought() const {
  std::vector<DecisionWords::BroughtMode> words;
  for (const ModeChanged& change : gate().modes_brought()) {
    const std::span<const std::uint64_t> ids = std::span(change.subject.ids).first(change.subject.id_count);
    std::vector<std::string> names;
    for (const std::uint64_t id : ids) names.push_back(interner_.id_of(id));
    words.push_back({print_instance(std::string(policy_.table.machine_name(change.subject.target)), names), std::string(policy_.table.mode_name(change.subject.target, change.to_mode)),
                     policy_.table.statement(change.statement).line});
  }
  return words;
}

std::variant<RecordResult, Wrong> TransferRun::apply(const Record& record) {
  return std::visit([&](const auto& content) { return apply_to(record.line, content); }, record.content);
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t line, const TransferRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& [submitted, unknown] = std::get<ResolvedTransfer>(resolved);
  RecordAnswer answer = answer_of(asked_of_submitted(submitted.transfer, submitted.approvals), with_gate([&](auto& gate) { return gate.submit(submitted); }), unknown, false);
  answer.line = line;
  answer.id = record.id;
  RecordResult result;
  compare(result, std::move(answer), record.expect);
  return result;
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t line, const BatchRecord& batch) {
  std::vector<GateTransfer> legs;
  std::vector<std::vector<UnknownName>> unknown;
  for (const TransferRecord& leg : batch.transfers) {
    const auto resolved = resolve(leg, policy_.table, interner_);
    if (const auto* wrong = std::get_if<Wrong>(&resolved)) return Wrong{fmt::format("transfer `{}` of batch `{}`: {}", leg.id, batch.id, wrong->message)};
    legs.push_back(std::get<ResolvedTransfer>(resolved).submitted);
    unknown.push_back(std::get<ResolvedTransfer>(resolved).unknown);
  }
  const std::vector<GateAnswer> answers = with_gate([&](auto& gate) { return gate.submit_batch(batch.id, legs); });
  RecordResult result;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    RecordAnswer answer = answer_of(asked_of_submitted(legs[i].transfer, legs[i].approvals), answers[i], unknown[i], true);
    answer.line = batch.transfers[i].line;
    answer.id = legs[i].id;
    answer.batch = batch.id;
    if (i + 1 == legs.size() && answer.answer.outcome == Outcome::Decided && answer.answer.decision.allowed()) answer.words.modes = modes_brought();
    compare(result, std::move(answer), batch.transfers[i].expect);
  }
  const GateAnswer decided = deciding_answer(answers);
  if (!is_as_expected(batch.expect, decided))
    result.mismatches.push_back(fmt::format("line {}: batch `{}`: expected {}, got {}", line, batch.id, batch.expect, outcome_in_words(decided)));
  return result;
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t line, const ChangeRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& [submitted, unknown] = std::get<ResolvedChange>(resolved);
  RecordAnswer answer = answer_of(asked_of_submitted(submitted.change, submitted.approvals), with_gate([&](auto& gate) { return gate.submit(submitted); }), unknown, false);
  answer.line = line;
  answer.id = record.id;
  RecordResult result;
  compare(result, std::move(answer), record.expect);
  return result;
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t, const FactRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& fact = std::get<ResolvedFact>(resolved);
  if (!with_gate([&](auto& gate) { return gate.set_fact(fact.subject, fact.number, fact.time_ms); })) return Wrong{"the fact's value is beyond 2^96-1"};
  return RecordResult{};
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t, const HoldsRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& holds = std::get<ResolvedHolds>(resolved);
  if (!with_gate([&](auto& gate) { return gate.open_balance(holds.bucket, holds.asset, holds.balance); })) return Wrong{"opening balances come before the first allowed transfer or mode change"};
  return RecordResult{};
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t, const ModeRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& mode = std::get<ResolvedMode>(resolved);
  if (!mode.entered_ms && !mode_in_force(policy_.table, mode.machine.target, {mode.mode, {}}, 0)) return Wrong{"this mode has a deadline: say since when it is, as in \"since\":\"2026-01-05T09:30:00Z\""};
  if (!with_gate([&](auto& gate) { return gate.open_mode(mode.machine, mode.mode, mode.entered_ms); })) return Wrong{"opening modes come before the first allowed transfer or mode change"};
  return RecordResult{};
}

}  // namespace ringfence
