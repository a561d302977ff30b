// SPDX-License-Identifier: Apache-2.0
// Makes a gate again from the records of a journal: each is submitted to a gate of the policy that was in force, and what is decided is compared with
// what the journal says was. The recovery of a durable gate and an audit are both this. Holds: after every block that was applied without an
// error, the gate is what it was when that block had been written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "journal.h"
#include "journal_record.h"

namespace ringfence {

class Replay {
 public:
  /// Nothing, or the first record that can't be read, can't have been or was decided otherwise, by its number. Then the gate is of no more use.
  std::optional<JournalError> apply(const Block&);

  /// Goes over to another policy, or says why it may not, in words that follow "record 7: "; then nothing has changed. `block`: the digest of the block that
  /// has the record.
  std::optional<std::string> change_policy(const JournalPolicyChange&, const Digest& block);

  /// "Client.wallet of bob holds 41 USD, and there is no bucket ...": why the gate would not go over.
  std::string in_words(const NotCarried&) const;

  /// nullptr before the first policy.
  Gate* gate() const noexcept { return gate_.get(); }
  /// Of the policy in force.
  const RuleTable* table() const noexcept { return tables_.empty() ? nullptr : tables_.back().get(); }
  /// What approvers sign for the table to come into force.
  ProposedPolicy proposed(std::span<const std::byte> table) const;
  /// Who may approve another one; none: nobody.
  const std::vector<PublicKey>& approvers() const noexcept { return approvers_; }
  /// What the numbers 1, 2, ... stand for.
  const std::vector<std::string>& names() const noexcept { return names_; }
  void add_name(std::string text) { names_.push_back(std::move(text)); }

 private:
  // What is wrong with the record, in words that follow "record 7: ".
  std::optional<std::string> apply_to_gate(const JournalPolicy&);
  std::optional<std::string> apply_to_gate(const JournalApprovers&);
  std::optional<std::string> apply_to_gate(const JournalPolicyChange& change) { return change_policy(change, block_); }
  std::optional<std::string> apply_to_gate(const JournalName&);
  std::optional<std::string> apply_to_gate(const JournalBalance&);
  std::optional<std::string> apply_to_gate(const JournalMode&);
  std::optional<std::string> apply_to_gate(const JournalFact&);
  std::optional<std::string> apply_to_gate(const JournalTransfer&);
  std::optional<std::string> apply_to_gate(const JournalChange&);
  std::optional<std::string> apply_to_gate(const JournalBatch&);

  std::vector<std::unique_ptr<RuleTable>> tables_;   // the last one is in force. Where they are stays when this is moved: the gate refers to all of them
  std::unique_ptr<Gate> gate_;
  std::vector<PublicKey> approvers_;
  Digest block_{}, in_force_since_{};                // block_: of the records that are being applied
  std::vector<std::string> names_;
};

}  // namespace ringfence
