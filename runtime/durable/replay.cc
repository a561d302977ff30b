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

std::variant<std::unique_ptr<RuleTable>, std::string> load(const std::vector<std::byte>& table) {
  auto loaded = RuleTable::load(table);
  if (const auto* error = std::get_if<LoadError>(&loaded)) return "its policy does not load: at byte " + std::to_string(error->offset) + ": " + error->message;
  return std::make_unique<RuleTable>(std::move(std::get<RuleTable>(loaded)));
}

/// What is wrong with there being such a record, the one after `count` others of the block.
const char* why_misplaced(const JournalRecord& record, const Block& block, std::uint64_t count) {
  const bool is_first = block.number == 1 && count == 0, is_policy = std::holds_alternative<JournalPolicy>(record);
  if (is_first != is_policy) return is_first ? "it comes before the first policy" : "a second policy";
  if (std::holds_alternative<JournalApprovers>(record) && (block.number != 1 || count != 1)) return "approvers that were not there from the beginning";
  if (std::holds_alternative<JournalPolicyChange>(record) && block.record_count != 1) return "a change of policy that is not in a block of its own";
  return nullptr;
}

}  // namespace

std::string Replay::in_words(const NotCarried& refused) const {
  using Why = NotCarried::Why;
  const bool is_mode = refused.why == Why::NoMode || refused.why == Why::OtherFirstMode;
  const Index target = refused.subject.target;
  std::string subject(is_mode ? table()->machine_name(target) : table()->bucket(target).name);
  for (std::size_t i = 0; i < refused.subject.id_count; ++i) {
    const std::uint64_t id = refused.subject.ids[i];
    subject += (i == 0 ? " of " : ", ") + (id >= 1 && id <= names_.size() ? names_[id - 1] : "#" + std::to_string(id));
  }
  const auto mode = [&](Index position) { return "`" + std::string(table()->mode_name(target, position)) + "`"; };
  if (refused.why == Why::OtherFirstMode) return subject + " begins in mode " + mode(0) + ", and in another one there";
  if (refused.why == Why::NoMode) return subject + " is in mode " + mode(static_cast<Index>(refused.number)) + ", and there is none of that name there";
  const AssetView asset = table()->asset(refused.asset);
  const std::string holds = subject + " holds " + format_decimal(refused.number, asset.decimals) + " " + std::string(asset.name);
  if (refused.why == Why::NoAsset) return holds + ", and there is no asset of that name and as many decimals there";
  if (refused.why == Why::MayNotOverdraw) return holds + ", and may not be below zero there";
  return holds + ", and there is no bucket of that name with the same keys there";
}

std::optional<std::string> Replay::apply_to_gate(const JournalPolicy& policy) {
  auto loaded = load(policy.table);
  if (auto* why = std::get_if<std::string>(&loaded)) return std::move(*why);
  tables_.push_back(std::get<std::unique_ptr<RuleTable>>(std::move(loaded)));
  gate_ = std::make_unique<Gate>(*tables_.back());
  in_force_since_ = block_;
  return std::nullopt;
}

std::optional<std::string> Replay::apply_to_gate(const JournalApprovers& approvers) {
  approvers_ = approvers.keys;
  return why_not_approvers(approvers_);
}

ProposedPolicy Replay::proposed(std::span<const std::byte> table) const {
  return {in_force_since_, digest_of({reinterpret_cast<const char*>(table.data()), table.size()})};
}

std::optional<std::string> Replay::change_policy(const JournalPolicyChange& change, const Digest& block) {
  if (auto why = why_not_approved(proposed(change.table), change.signatures, approvers_)) return "the policy may not change: " + *why;
  auto loaded = load(change.table);
  if (auto* why = std::get_if<std::string>(&loaded)) return std::move(*why);
  tables_.reserve(tables_.size() + 1);   // nothing can fail once the gate has gone over
  auto next = std::get<std::unique_ptr<RuleTable>>(std::move(loaded));
  if (const auto refused = gate_->change_policy(*next)) return "the policy can't take over the state: " + in_words(*refused);
  tables_.push_back(std::move(next));
  in_force_since_ = block;
  return std::nullopt;
}

std::optional<std::string> Replay::apply_to_gate(const JournalName& name) {
  names_.push_back(name.text);
  return std::nullopt;
}

std::optional<std::string> Replay::apply_to_gate(const JournalBalance& balance) {
  return refused_unless(gate_->open_balance(balance.bucket, balance.asset, balance.balance), "an opening balance");
}

std::optional<std::string> Replay::apply_to_gate(const JournalMode& mode) { return refused_unless(gate_->open_mode(mode.machine, mode.mode, mode.entered_ms), "an opening mode"); }

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
  block_ = block.digest;
  const auto at = [&](const std::string& what) {
    return JournalError{JournalError::Kind::Wrong, "record " + std::to_string(block.first_record + count) + " (block " + std::to_string(block.number) + "): " + what};
  };
  while (const auto record = reader.next()) {
    if (const char* what = why_misplaced(*record, block, count)) return at(what);
    if (const auto what = std::visit([this](const auto& content) { return apply_to_gate(content); }, *record)) return at(*what);
    ++count;
  }
  if (reader.failed()) return at("it can't be read: at byte " + std::to_string(reader.position()) + " of the block");
  if (count != block.record_count) return at("the block has " + std::to_string(count) + " records, and should have " + std::to_string(block.record_count));
  return std::nullopt;
}

}  // namespace ringfence
