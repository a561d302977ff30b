// SPDX-License-Identifier: Apache-2.0
// See durable_gate.h. What only repeats an answer, or is an error, changes nothing and is not recorded.
#include "runtime/durable/durable_gate.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "runtime/rule_table_format.h"

namespace ringfence {
namespace {

/// The same rules: all bytes but those of the header that say which proof there is, and their checksum.
bool is_same_policy(std::span<const std::byte> left, std::span<const std::byte> right) noexcept {
  constexpr std::size_t kFrom = offsetof(format::Header, checksum), kTo = offsetof(format::Header, source_digest);
  static_assert(offsetof(format::Header, proof_digest) > kFrom && offsetof(format::Header, proof_digest) < kTo);
  return left.size() == right.size() && std::ranges::equal(left.first(kFrom), right.first(kFrom)) && std::ranges::equal(left.subspan(kTo), right.subspan(kTo));
}

JournalError refused(std::string why) { return {JournalError::Kind::Refused, std::move(why)}; }

/// The first block.
std::optional<JournalError> begin(Journal& journal, Replay& replay, const RuleTable& policy, const std::vector<PublicKey>& approvers) {
  std::string records;
  put_record(records, JournalPolicy{{policy.bytes().begin(), policy.bytes().end()}});
  if (!approvers.empty()) {
    if (auto why = why_not_approvers(approvers)) return refused(std::move(*why));
    if (std::ranges::find(approvers, journal.signer()) != approvers.end()) return refused(print_hex(journal.signer()) + " signs the journal, so it can't approve its policy");
    put_record(records, JournalApprovers{random_digest(), approvers});
  }
  const std::uint64_t count = approvers.empty() ? 1 : 2;
  if (auto failed = replay.apply(journal.next_block(records, count))) return failed;
  return journal.append(records, count);
}

}  // namespace

/// While one lives, the gate counts as failed: it is only whole again when what was begun has been done to the end.
class DurableGate::Staging {
 public:
  explicit Staging(DurableGate& gate) : gate_(gate) {
    if (gate.failed_) throw std::logic_error("the gate failed before: open its journal again");
    gate.failed_ = true;
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  void recorded() { ++gate_.staged_count_; }
  void done() { gate_.failed_ = false; }

 private:
  DurableGate& gate_;
};

std::variant<DurableGate, JournalError> DurableGate::open(const RuleTable& policy, const SigningKey& key, const Options& options) {
  Replay replay;
  auto opened = Journal::open(options.place, key, [&](const Block& block) {
    auto failed = replay.apply(block);
    if (!failed && options.progress) options.progress(block.first_record + block.record_count - 1);
    return failed;
  });
  if (auto* failed = std::get_if<JournalError>(&opened)) return std::move(*failed);
  Journal& journal = std::get<Journal>(opened);
  if (journal.head().head.blocks == 0)
    if (auto failed = begin(journal, replay, policy, options.approvers)) return std::move(*failed);
  if (!options.approvers.empty() && !std::ranges::is_permutation(options.approvers, replay.approvers()))
    return refused("`" + options.place.directory + "` was begun with other approvers");
  DurableGate gate(std::move(journal), std::move(replay));
  if (gate.is_in_force(policy)) return gate;
  if (options.approvals.empty())
    return refused("the policy in force in `" + options.place.directory + "` is another one: \"" + std::string(gate.table().policy_name()) + "\" with source digest " +
                   std::string(gate.table().source_digest()));
  if (auto failed = gate.change_policy(policy, options.approvals)) return std::move(*failed);
  return gate;
}

bool DurableGate::is_in_force(const RuleTable& policy) const noexcept { return is_same_policy(table().bytes(), policy.bytes()); }

std::optional<JournalError> DurableGate::change_policy(const RuleTable& next, std::span<const PolicyApproval> approvals) {
  Staging staging(*this);
  const auto unchanged = [&](std::optional<JournalError> why) { return staging.done(), why; };
  if (is_in_force(next)) return unchanged(std::nullopt);
  const ProposedPolicy wanted = proposed(next);
  JournalPolicyChange change{{next.bytes().begin(), next.bytes().end()}, {}};
  for (const PolicyApproval& approval : approvals) {
    const char* other = approval.of.table != wanted.table ? "another table" : "another journal, or of a change from another policy than the one in force";
    if (approval.of != wanted) return unchanged(refused("the approval of " + print_hex(approval.by.approver) + " is of " + other));
    change.signatures.push_back(approval.by);
  }
  if (auto failed = write(take_staged())) return failed;
  std::string record;
  put_record(record, change);
  if (auto why = replay_.change_policy(change, journal_.next_block(record, 1).digest)) return unchanged(refused(std::move(*why)));
  if (auto failed = journal_.append(record, 1)) return failed;
  staging.done();
  return std::nullopt;
}

bool DurableGate::open_balance(const Instance& bucket, Index asset, Int128 balance) {
  Staging staging(*this);
  const bool taken = replay_.gate()->open_balance(bucket, asset, balance);
  if (taken) put_record(staged_, JournalBalance{bucket, asset, balance}), staging.recorded();
  staging.done();
  return taken;
}

bool DurableGate::open_mode(const Instance& machine, Index mode, std::optional<std::int64_t> entered_ms) {
  Staging staging(*this);
  const bool taken = replay_.gate()->open_mode(machine, mode, entered_ms);
  if (taken) put_record(staged_, JournalMode{machine, mode, entered_ms}), staging.recorded();
  staging.done();
  return taken;
}

bool DurableGate::set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms) {
  Staging staging(*this);
  const bool taken = replay_.gate()->set_fact(subject, number, observed_ms);
  if (taken) put_record(staged_, JournalFact{subject, number, observed_ms}), staging.recorded();
  staging.done();
  return taken;
}

template <class Submitted>
GateAnswer DurableGate::submit_and_stage(const Submitted& submitted) {
  Staging staging(*this);
  const GateAnswer answer = replay_.gate()->submit(submitted);
  if (answer.outcome == Outcome::Decided) put_record(staged_, submitted, answer.decision), staging.recorded();
  staging.done();
  return answer;
}

GateAnswer DurableGate::submit(const GateTransfer& submitted) { return submit_and_stage(submitted); }
GateAnswer DurableGate::submit(const GateModeChange& submitted) { return submit_and_stage(submitted); }

template <class Transfers, class At>
std::size_t DurableGate::submit_and_stage_many(Transfers submitted, const At& at, std::span<GateAnswer> answers) {
  Staging staging(*this);
  const std::size_t count = replay_.gate()->submit_many(submitted, answers);
  for (std::size_t i = 0; i < count; ++i)
    if (answers[i].outcome == Outcome::Decided) put_record(staged_, at(submitted[i]), answers[i].decision), staging.recorded();
  staging.done();
  return count;
}

std::size_t DurableGate::submit_many(std::span<const GateTransfer> submitted, std::span<GateAnswer> answers) {
  return submit_and_stage_many(submitted, [](const GateTransfer& each) -> const GateTransfer& { return each; }, answers);
}
std::size_t DurableGate::submit_many(std::span<const GateTransfer* const> submitted, std::span<GateAnswer> answers) {
  return submit_and_stage_many(submitted, [](const GateTransfer* each) -> const GateTransfer& { return *each; }, answers);
}

std::vector<GateAnswer> DurableGate::submit_batch(const std::string& id, std::span<const GateTransfer> legs) {
  Staging staging(*this);
  const std::vector<GateAnswer> answers = replay_.gate()->submit_batch(id, legs);
  const bool is_new = std::all_of(answers.begin(), answers.end(), [](const GateAnswer& answer) { return answer.outcome == Outcome::Decided; });
  if (is_new) put_record(staged_, id, legs, answers), staging.recorded();
  staging.done();
  return answers;
}

void DurableGate::add_name(const std::string& text) {
  Staging staging(*this);
  replay_.add_name(text);
  put_record(staged_, JournalName{text});
  staging.recorded();
  staging.done();
}

std::optional<JournalError> DurableGate::commit() {
  Staging staging(*this);
  if (auto failed = write(take_staged())) return failed;
  staging.done();
  return std::nullopt;
}

DurableGate::Staged DurableGate::take_staged() { return {std::exchange(staged_, {}), std::exchange(staged_count_, 0)}; }

std::optional<JournalError> DurableGate::write(const Staged& staged) { return staged.count == 0 ? std::nullopt : journal_.append(staged.records, staged.count); }

}  // namespace ringfence
