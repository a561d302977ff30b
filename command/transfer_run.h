// SPDX-License-Identifier: Apache-2.0
// A gate, in memory or durable, that is fed the records of a transfer file one by one: what each one leads to, in words, and how that compares
// with what the file expected.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "command/describe.h"
#include "command/record.h"
#include "command/resolve_record.h"
#include "runtime/durable/durable_gate.h"
#include "runtime/gate.h"

namespace ringfence {

/// The answer to one transfer, leg or mode change.
struct RecordAnswer {
  std::uint32_t line = 0;
  std::string id, batch;            ///< batch: the one that it is a leg of, or empty
  GateAnswer answer;
  DecisionWords words;              ///< of no meaning when the id was reused: that is an error, not a decision
  std::string expected;             ///< empty: nothing
  bool as_expected = true;
};
struct RecordResult {
  std::vector<RecordAnswer> answers;      ///< none for a balance, mode or fact
  std::vector<std::string> mismatches;    ///< a sentence for each answer, and batch, that is not as expected
};

class TransferRun {
 public:
  /// The policy must outlive the run.
  explicit TransferRun(const LoadedPolicy& policy) : policy_(policy), gate_(Gate(policy.table)) {}
  /// On a durable gate of the same policy, whose ids are numbered by the names in its journal. Throws when those are not all different.
  TransferRun(const LoadedPolicy& policy, DurableGate gate);

  /// What the record led to; or what is wrong with it, and then nothing has happened.
  std::variant<RecordResult, Wrong> apply(const Record&);

  const Gate& gate() const noexcept;
  /// nullptr: in memory.
  DurableGate* durable() noexcept { return std::get_if<DurableGate>(&gate_); }
  Interner& interner() noexcept { return interner_; }
  const LoadedPolicy& policy() const noexcept { return policy_; }

 private:
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const TransferRecord&);
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const BatchRecord&);
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const ChangeRecord&);
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const FactRecord&);
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const HoldsRecord&);
  std::variant<RecordResult, Wrong> apply_to(std::uint32_t line, const ModeRecord&);
  template <class Use>
  auto with_gate(const Use& use);
  std::vector<DecisionWords::BroughtMode> modes_brought() const;
  RecordAnswer answer_of(const Asked&, const GateAnswer&, const std::vector<UnknownName>&, bool in_batch) const;

  const LoadedPolicy& policy_;
  Interner interner_;
  std::variant<Gate, DurableGate> gate_;
};

/// "allowed", "denied by floor", "an error: the id was used before": what `answer` came to, for a mismatch.
std::string outcome_in_words(const GateAnswer&);
/// Whether `answer` is what `expected` says: "" anything, "allowed", "denied", "id_reused" or a reason word.
bool is_as_expected(const std::string& expected, const GateAnswer&);
/// Of a batch: the answer that decided it.
GateAnswer deciding_answer(const std::vector<GateAnswer>&);

}  // namespace ringfence
