// SPDX-License-Identifier: Apache-2.0
// Many producers, one durable gate. A producer submits and waits; what several have submitted meanwhile is decided in the order of its arrival and
// committed together, while what comes after is decided; each gets its answer when it is on the disk. A queue that is full holds producers up: nothing is dropped. Any number of
// threads may submit. Holds: an answer that a producer gets is synced; after a failure no producer gets one any more.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "runtime/durable/durable_gate.h"

namespace ringfence {

class GateQueue {
 public:
  /// The gate must outlive the queue, and is its alone meanwhile. `waiting_max`: how many submissions may wait to be decided.
  explicit GateQueue(DurableGate& gate, std::size_t waiting_max = kCommitRecordsMax);
  /// Answers what is waiting, then ends. No producer may submit any more.
  ~GateQueue();
  GateQueue(const GateQueue&) = delete;
  GateQueue& operator=(const GateQueue&) = delete;

  using Answers = std::vector<GateAnswer>;
  // Each blocks until it is answered: the answer (one for each leg of a batch), or why there is none.
  std::variant<Answers, JournalError> submit(const GateTransfer&);
  std::variant<Answers, JournalError> submit(const GateModeChange&);
  std::variant<Answers, JournalError> submit_batch(const std::string& id, std::span<const GateTransfer>);

 private:
  struct Batch { const std::string& id; std::span<const GateTransfer> legs; };
  /// What a producer waits with, on its own stack: it stays there until it is done.
  struct Waiting {
    std::variant<const GateTransfer*, const GateModeChange*, Batch> submitted;
    Answers answers;
    bool done = false, answered = false;
  };
  using Taken = std::vector<Waiting*>;
  struct Decided { DurableGate::Staged staged; Taken taken; };
  std::variant<Answers, JournalError> wait_for(Waiting&);
  void decide_all();
  void write_all();
  // Not under the lock: producers go on arriving.
  std::optional<JournalError> decide(const Taken&);
  std::optional<JournalError> write(const DurableGate::Staged&);
  // Under the lock.
  void finish(const Taken&, bool answered);
  void fail(const JournalError&);

  DurableGate& gate_;
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable arrived_, room_, handed_over_, finished_;
  Taken waiting_;                       ///< not decided yet
  std::optional<Decided> decided_;      ///< not being written yet
  std::optional<JournalError> failed_;
  bool ends_ = false, all_decided_ = false;
  std::thread decider_, writer_;
};

}  // namespace ringfence
