// SPDX-License-Identifier: Apache-2.0
// Many producers, one durable gate. A producer submits and waits; what several have submitted meanwhile is decided in the order of its arrival, transfers
// together, and committed together, while what comes after is decided; each gets its answer when it is on the disk. A queue that is full holds producers up: nothing is
// dropped. Any number of threads may submit. Holds: an answer that a producer gets is synced; after a failure no producer gets one any more; nothing is decided
// by a policy in whose numbers it was not submitted.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "durable_gate.h"

namespace ringfence {

class GateQueue {
 public:
  /// The gate must outlive the queue, and is its alone meanwhile. `waiting_max`: who comes when so many transfers (or else submissions) wait to be decided, waits for room.
  explicit GateQueue(DurableGate& gate, std::size_t waiting_max = kCommitRecordsMax);
  /// Answers what is waiting, then ends. No producer may submit any more.
  ~GateQueue();
  GateQueue(const GateQueue&) = delete;
  GateQueue& operator=(const GateQueue&) = delete;

  /// One for each transfer, in their order; one for a change of mode; none for what has nothing to answer but that it is done.
  using Answers = std::vector<GateAnswer>;
  /// Another policy is in force than the one in whose numbers this was submitted: nothing has been done. It is built again in the numbers of that one.
  struct OtherPolicy {};
  using Answer = std::variant<Answers, JournalError, OtherPolicy>;

  // Each blocks until it is answered. `numbers`: the table that the submission's numbers are of, any copy of it; it lives until the answer.
  Answer submit(const RuleTable& numbers, const GateTransfer&);
  /// Each as if it were alone, for who has several: one wait for all, at most kCommitRecordsMax.
  Answer submit_many(const RuleTable& numbers, std::span<const GateTransfer>);
  Answer submit(const RuleTable& numbers, const GateModeChange&);
  Answer submit_batch(const RuleTable& numbers, const std::string& id, std::span<const GateTransfer>);
  /// Refused where the gate does not take it (Gate::set_fact).
  Answer set_fact(const RuleTable& numbers, const Instance& subject, Int128 number, std::int64_t observed_ms);
  /// DurableGate::change_policy, in its turn: what arrived before is decided by the policy before, and on the disk before. What the gate refuses leaves the queue
  /// at work. `next` is the gate's own copy afterwards.
  Answer change_policy(const RuleTable& next, std::span<const PolicyApproval>);

 private:
  using Transfers = std::span<const GateTransfer>;
  struct Batch { const std::string& id; Transfers legs; };
  struct Fact { const Instance& subject; Int128 number; std::int64_t observed_ms; };
  struct Change { std::span<const PolicyApproval> approvals; };
  /// What a producer waits with, on its own stack: it stays there until it is done.
  struct Waiting {
    const RuleTable& table;                     ///< whose numbers these are; of a change, the next
    std::variant<Transfers, const GateModeChange*, Batch, Fact, Change> submitted;
    Answer answer{};
    bool done = false;
    bool is_change() const noexcept { return std::holds_alternative<Change>(submitted); }
    std::size_t transfer_count() const noexcept;
  };
  using Taken = std::vector<Waiting*>;
  struct Decided { DurableGate::Staged staged; Taken taken; };
  Answer wait_for(Waiting&&);
  void decide_all();
  void write_all();
  // Under the lock, which they let go while they work; false after a failure. What was taken is then finished or handed over.
  bool decide_and_hand_over(Taken, std::unique_lock<std::mutex>&);
  bool change(Waiting&, std::unique_lock<std::mutex>&);
  // Not under the lock: producers go on arriving.
  std::optional<JournalError> decide(std::span<Waiting* const>);
  std::size_t decide_transfers(std::span<Waiting* const>);
  Answer decide_one(const Waiting&);
  bool is_in_force(const RuleTable&);
  std::optional<JournalError> write(const DurableGate::Staged&);
  // Under the lock.
  void finish(const Taken&, bool answered);
  void fail(const JournalError&);

  DurableGate& gate_;
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable arrived_, room_, handed_over_, finished_;
  Taken waiting_;                             ///< not decided yet
  std::size_t waiting_count_ = 0;             ///< transfers in it, everything else as one
  std::optional<Decided> decided_;            ///< not being written yet
  std::optional<JournalError> failed_;
  bool ends_ = false, all_decided_ = false, writes_ = false;
  std::vector<std::uint64_t> in_force_;       ///< the serials of tables that are known to be; the decider's alone
  std::thread decider_, writer_;
};

}  // namespace ringfence
