// SPDX-License-Identifier: Apache-2.0
// See transfer_run.h.
#include "command/transfer_run.h"

#include <algorithm>

#include <fmt/core.h>

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

RecordAnswer TransferRun::answer_of(const Asked& asked, const GateAnswer& answer, const std::vector<UnknownName>& unknown, bool in_batch) const {
  RecordAnswer result;
  result.answer = answer;
  const bool has_values = answer.outcome == Outcome::Decided && !answer.decision.allowed() && answer.decision.reason != Reason::Batch;
  const std::span<const Value> values = has_values ? gate_.values_of_denial() : std::span<const Value>{};
  if (answer.outcome != Outcome::IdReused) result.words = describe(policy_, interner_, asked, answer.decision, values, unknown, in_batch);
  return result;
}

std::variant<RecordResult, Wrong> TransferRun::apply(const Record& record) {
  return std::visit([&](const auto& content) { return apply_to(record.line, content); }, record.content);
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t line, const TransferRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& [submitted, unknown] = std::get<ResolvedTransfer>(resolved);
  RecordAnswer answer = answer_of(asked_of_submitted(submitted.transfer, submitted.approvals), gate_.submit(submitted), unknown, false);
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
  const std::vector<GateAnswer> answers = gate_.submit_batch(batch.id, legs);
  RecordResult result;
  for (std::size_t i = 0; i < legs.size(); ++i) {
    RecordAnswer answer = answer_of(asked_of_submitted(legs[i].transfer, legs[i].approvals), answers[i], unknown[i], true);
    answer.line = batch.transfers[i].line;
    answer.id = legs[i].id;
    answer.batch = batch.id;
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
  RecordAnswer answer = answer_of(asked_of_submitted(submitted.change, submitted.approvals), gate_.submit(submitted), unknown, false);
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
  if (!gate_.set_fact(fact.subject, fact.number, fact.time_ms)) return Wrong{"the fact's value is beyond 2^96-1"};
  return RecordResult{};
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t, const HoldsRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& holds = std::get<ResolvedHolds>(resolved);
  if (!gate_.open_balance(holds.bucket, holds.asset, holds.balance)) return Wrong{"opening balances come before the first allowed transfer or mode change"};
  return RecordResult{};
}

std::variant<RecordResult, Wrong> TransferRun::apply_to(std::uint32_t, const ModeRecord& record) {
  const auto resolved = resolve(record, policy_.table, interner_);
  if (const auto* wrong = std::get_if<Wrong>(&resolved)) return *wrong;
  const auto& mode = std::get<ResolvedMode>(resolved);
  if (!gate_.open_mode(mode.machine, mode.mode)) return Wrong{"opening modes come before the first allowed transfer or mode change"};
  return RecordResult{};
}

}  // namespace ringfence
