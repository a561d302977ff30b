// SPDX-License-Identifier: Apache-2.0
// See gate_queue.h. The writer takes all that waits, so while one commit is synced the next gathers: the slower the disk, the larger the blocks.
#include "runtime/durable/gate_queue.h"

#include <exception>
#include <utility>

namespace ringfence {

GateQueue::GateQueue(DurableGate& gate, std::size_t waiting_max) : gate_(gate), waiting_max_(waiting_max == 0 ? 1 : waiting_max), writer_([this] { run(); }) {}

GateQueue::~GateQueue() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  arrived_.notify_one();
  writer_.join();
}

std::variant<GateQueue::Answers, JournalError> GateQueue::submit(const GateTransfer& transfer) {
  Waiting waiting{&transfer, {}};
  return wait_for(waiting);
}

std::variant<GateQueue::Answers, JournalError> GateQueue::submit(const GateModeChange& change) {
  Waiting waiting{&change, {}};
  return wait_for(waiting);
}

std::variant<GateQueue::Answers, JournalError> GateQueue::submit_batch(const std::string& id, std::span<const GateTransfer> legs) {
  Waiting waiting{Batch{id, legs}, {}};
  return wait_for(waiting);
}

std::variant<GateQueue::Answers, JournalError> GateQueue::wait_for(Waiting& waiting) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return failed_ || waiting_.size() < waiting_max_; });
  if (failed_) return *failed_;
  waiting_.push_back(&waiting);
  arrived_.notify_one();
  answered_.wait(lock, [&] { return failed_ || waiting.answered; });
  if (waiting.answered) return std::move(waiting.answers);
  return *failed_;
}

/// Not under the lock: producers go on arriving.
std::optional<JournalError> GateQueue::decide_and_commit(std::vector<Waiting*>& taken) {
  try {
    for (Waiting* waiting : taken) {
      if (const auto* transfer = std::get_if<const GateTransfer*>(&waiting->submitted)) waiting->answers = {gate_.submit(**transfer)};
      else if (const auto* change = std::get_if<const GateModeChange*>(&waiting->submitted)) waiting->answers = {gate_.submit(**change)};
      else if (const auto* batch = std::get_if<Batch>(&waiting->submitted)) waiting->answers = gate_.submit_batch(batch->id, batch->legs);
    }
    return gate_.commit();
  } catch (const std::exception& error) {
    return JournalError{JournalError::Kind::Unusable, error.what()};
  }
}

void GateQueue::run() {
  std::vector<Waiting*> taken;
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    taken.clear();
    taken.swap(waiting_);
    room_.notify_all();
    lock.unlock();
    auto failed = decide_and_commit(taken);
    lock.lock();
    if (failed) {
      failed_ = std::move(failed);
      waiting_.clear();
    } else {
      for (Waiting* waiting : taken) waiting->answered = true;
    }
    room_.notify_all();
    answered_.notify_all();
    if (failed_) return;
  }
}

}  // namespace ringfence
