// SPDX-License-Identifier: Apache-2.0
// Makes a gate again from the records of a journal: each is submitted to a gate of the policy that was in force, and what is decided is compared with
// what the journal says was. The recovery of a durable gate and an audit are both this. Holds: after every block that was applied without an
// error, the gate is what it was when that block had been written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/durable/journal.h"
#include "runtime/durable/journal_record.h"

namespace ringfence {

class Replay {
 public:
  /// Nothing, or the first record that can't be read, can't have been or was decided otherwise, by its number. Then the gate is of no more use.
  std::optional<JournalError> apply(const Block&);

  /// nullptr before the first policy.
  Gate* gate() const noexcept { return gate_.get(); }
  const RuleTable* table() const noexcept { return table_.get(); }
  /// What the numbers 1, 2, ... stand for.
  const std::vector<std::string>& names() const noexcept { return names_; }
  void add_name(std::string text) { names_.push_back(std::move(text)); }

 private:
  // What is wrong with the record, in words that follow "record 7: ".
  std::optional<std::string> apply_to_gate(const JournalPolicy&);
  std::optional<std::string> apply_to_gate(const JournalName&);
  std::optional<std::string> apply_to_gate(const JournalBalance&);
  std::optional<std::string> apply_to_gate(const JournalMode&);
  std::optional<std::string> apply_to_gate(const JournalFact&);
  std::optional<std::string> apply_to_gate(const JournalTransfer&);
  std::optional<std::string> apply_to_gate(const JournalChange&);
  std::optional<std::string> apply_to_gate(const JournalBatch&);

  std::unique_ptr<RuleTable> table_;   // where it is stays when this is moved: the gate refers to it
  std::unique_ptr<Gate> gate_;
  std::vector<std::string> names_;
};

}  // namespace ringfence
