// SPDX-License-Identifier: Apache-2.0
// A gate whose state survives: every change of it is a record of a journal, and opening the journal again makes the same gate by replay.
// Decisions are made in memory and staged; `commit` writes and syncs what is staged as one block. An answer is a promise only when a commit
// after it has returned nothing: whoever passes an answer on before that has promised what may be lost. One thread at a time; GateQueue
// takes many.
// Holds: what was acknowledged is in the journal; what is not in the journal was not acknowledged. After any failure, also one of memory,
// nothing more is decided or written: the gate must be opened again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "journal.h"
#include "replay.h"
#include "../gate.h"

namespace ringfence {

/// Staged records that are worth a commit; more may be staged.
inline constexpr std::size_t kCommitRecordsMax = 8'192;

class DurableGate {
 public:
  struct Options {
    JournalPlace place;
    std::function<void(std::uint64_t records)> progress{};     ///< how many have been replayed
    std::vector<PublicKey> approvers{};                        ///< of a new journal: who may approve another policy; of one that is there they must be the same. None: nobody
    std::vector<PolicyApproval> approvals{};                   ///< of `policy`, where another one is in force
  };
  /// Replays what is there; begins a journal with `policy` where there is none. The policy in force must be `policy`, apart from the proof that the table says
  /// it has; where it is not, and there are approvals, it is changed. So who was cut short in a change opens again with the same options.
  static std::variant<DurableGate, JournalError> open(const RuleTable& policy, const SigningKey&, const Options&);

  /// As that of Gate: after opening, and again after another policy came into force. Not while a GateQueue has the gate.
  void reserve(std::size_t transfers, std::size_t subjects) { replay_.gate()->reserve(transfers, subjects); }
  // As those of Gate; staged. They throw what Gate throws, and std::logic_error after a failure.
  bool open_balance(const Instance& bucket, Index asset, Int128 balance);
  bool open_mode(const Instance& machine, Index mode, std::optional<std::int64_t> entered_ms = std::nullopt);
  bool set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms);
  GateAnswer submit(const GateTransfer&);
  GateAnswer submit(const GateModeChange&);
  std::size_t submit_many(std::span<const GateTransfer>, std::span<GateAnswer>);
  std::size_t submit_many(std::span<const GateTransfer* const>, std::span<GateAnswer>);
  std::vector<GateAnswer> submit_batch(const std::string& id, std::span<const GateTransfer>);
  std::span<const Value> values_of_denial() const noexcept { return gate().values_of_denial(); }

  /// What the next number stands for, for who calls ids by names. Before a number is submitted, it must have a name; or none ever has.
  void add_name(const std::string& text);
  const std::vector<std::string>& names() const noexcept { return replay_.names(); }

  /// From now on decides by `next`: on the disk, in a block of its own after what is staged, when this returns nothing. Refused, and all stays as it is, unless
  /// the approvals fit and the state can be carried over (Gate::change_policy). What is submitted afterwards is in the numbers of `next`. Where it is in force
  /// already, nothing is done. While a GateQueue has the gate, by that one's.
  std::optional<JournalError> change_policy(const RuleTable& next, std::span<const PolicyApproval>);

  /// Writes and syncs what is staged. Nothing: all answers so far are promises.
  std::optional<JournalError> commit();
  // The two halves of a commit, for who goes on deciding while a block is written. Blocks are written in the order in which they were taken. `write` may run
  // in another thread than the rest, one at a time, with no look at `head` meanwhile; after it has failed it always fails, so nothing later is ever promised.
  struct Staged { std::string records; std::uint64_t count = 0; };
  Staged take_staged();
  std::optional<JournalError> write(const Staged&);
  std::size_t staged_count() const noexcept { return staged_count_; }

  /// To look at; what is staged shows.
  const Gate& gate() const noexcept { return *replay_.gate(); }
  const RuleTable& table() const noexcept { return *replay_.table(); }
  /// Whether these are the rules in force, whatever proof the table says that it has. Compares the bytes.
  bool is_in_force(const RuleTable&) const noexcept;
  const SignedHead& head() const noexcept { return journal_.head(); }
  /// What approvers sign for `next` to come into force. Also while a GateQueue has the gate, if the policy is not changed at the same time.
  ProposedPolicy proposed(const RuleTable& next) const { return replay_.proposed(next.bytes()); }

 private:
  class Staging;
  DurableGate(Journal journal, Replay replay) : journal_(std::move(journal)), replay_(std::move(replay)) {}
  template <class Submitted>
  GateAnswer submit_and_stage(const Submitted&);
  template <class Transfers, class At>
  std::size_t submit_and_stage_many(Transfers, const At& at, std::span<GateAnswer>);

  Journal journal_;
  Replay replay_;
  std::string staged_;
  std::size_t staged_count_ = 0;
  bool failed_ = false;
};

}  // namespace ringfence
