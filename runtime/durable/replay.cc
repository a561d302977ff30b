// SPDX-License-Identifier: Apache-2.0
// See replay.h.
#include "runtime/durable/replay.h"

#include <algorithm>
#include <utility>

namespace ringfence {
namespace {

std::string words(const Decision& decision) {
  std::string result = reason_word(decision.reason);
  const std::pair<const char*, Index> parts[] = {{"statement", decision.statement}, {"condition", decision.clause}, {"value", decision.slot}, {"move", decision.move}};
  for (const auto& [name, position] : parts)
    if (position != kNone) result += std::string(", ") + name + " " + std::to_string(position);
  return result;
}

std::optional<std::string> compare(const std::string& id, const GateAnswer& answer, const Decision& recorded) {
  if (answer.outcome != Outcome::Decided) return "`" + id + "` was decided before";
  if (answer.decision == recorded) return std::nullopt;
  return "`" + id + "` is decided otherwise: " + words(answer.decision) + "; the journal says: " + words(recorded);
}

std::optional<std::string> refused_unless(bool taken, const char* what) { return taken ? std::nullopt : std::optional<std::string>(std::string(what) + " that the gate does not take"); }

}  // namespace

std::optional<std::string> Replay::apply_to_gate(const JournalPolicy& policy) {
  if (gate_) return "a second policy";
  auto loaded = RuleTable::load(policy.table);
  if (const auto* error = std::get_if<LoadError>(&loaded)) return "its policy does not load: at byte " + std::to_string(error->offset) + ": " + error->message;
  table_ = std::make_unique<RuleTable>(std::move(std::get<RuleTable>(loaded)));
  gate_ = std::make_unique<Gate>(*table_);
  return std::nullopt;
}

std::optional<std::string> Replay::apply_to_gate(const JournalName& name) {
  names_.push_back(name.text);
  return std::nullopt;
}

std::optional<std::string> Replay::apply_to_gate(const JournalBalance& balance) {
  return refused_unless(gate_->open_balance(balance.bucket, balance.asset, balance.balance), "an opening balance");
}

std::optional<std::string> Replay::apply_to_gate(const JournalMode& mode) { return refused_unless(gate_->open_mode(mode.machine, mode.mode), "an opening mode"); }

std::optional<std::string> Replay::apply_to_gate(const JournalFact& fact) {
  return refused_unless(gate_->set_fact(fact.subject, fact.number, fact.observed_ms), "a fact");
}

std::optional<std::string> Replay::apply_to_gate(const JournalTransfer& transfer) {
  return compare(transfer.submitted.id, gate_->submit(transfer.submitted), transfer.decision);
}

std::optional<std::string> Replay::apply_to_gate(const JournalChange& change) { return compare(change.submitted.id, gate_->submit(change.submitted), change.decision); }

std::optional<std::string> Replay::apply_to_gate(const JournalBatch& batch) {
  const std::vector<GateAnswer> answers = gate_->submit_batch(batch.id, batch.legs);
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (auto differs = compare(batch.id + "/" + batch.legs[i].id, answers[i], batch.decisions[i])) return differs;
  return std::nullopt;
}

std::optional<JournalError> Replay::apply(const Block& block) {
  RecordReader reader(block.records);
  std::uint64_t count = 0;
  const auto at = [&](const std::string& what) {
    return JournalError{JournalError::Kind::Wrong, "record " + std::to_string(block.first_record + count) + " (block " + std::to_string(block.number) + "): " + what};
  };
  while (const auto record = reader.next()) {
    if (!gate_ && !std::holds_alternative<JournalPolicy>(*record)) return at("it comes before the first policy");
    if (const auto what = std::visit([this](const auto& content) { return apply_to_gate(content); }, *record)) return at(*what);
    ++count;
  }
  if (reader.failed()) return at("it can't be read: at byte " + std::to_string(reader.position()) + " of the block");
  if (count != block.record_count) return at("the block has " + std::to_string(count) + " records, and should have " + std::to_string(block.record_count));
  return std::nullopt;
}

}  // namespace ringfence
