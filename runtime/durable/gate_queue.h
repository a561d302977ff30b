// SPDX-License-Identifier: Apache-2.0
// Many producers, one durable gate. A producer submits and waits; what several have submitted meanwhile is decided in the order of its arrival and
// committed together, and each gets its answer when it is on the disk. A queue that is full holds producers up: nothing is dropped. Any number of
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
  /// What a producer waits with, on its own stack.
  struct Waiting {
    std::variant<const GateTransfer*, const GateModeChange*, Batch> submitted;
    Answers answers;
    bool answered = false;
  };
  std::variant<Answers, JournalError> wait_for(Waiting&);
  void run();
  std::optional<JournalError> decide_and_commit(std::vector<Waiting*>&);

  DurableGate& gate_;
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable arrived_, room_, answered_;
  std::vector<Waiting*> waiting_;
  std::optional<JournalError> failed_;
  bool ends_ = false;
  std::thread writer_;
};

}  // namespace ringfence
