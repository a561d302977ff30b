// SPDX-License-Identifier: Apache-2.0
// See gate_queue.h. Two threads: one decides all that waits, the other writes and syncs what was decided before, so the slower the disk, the larger the
// blocks. What a producer waits with belongs to the queue, then to the one thread, then to the other; who has it when something fails lets it go.
#include "runtime/durable/gate_queue.h"

#include <exception>
#include <utility>

namespace ringfence {

GateQueue::GateQueue(DurableGate& gate, std::size_t waiting_max)
    : gate_(gate), waiting_max_(waiting_max == 0 ? 1 : waiting_max), decider_([this] { decide_all(); }), writer_([this] { write_all(); }) {}

GateQueue::~GateQueue() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  arrived_.notify_one();
  decider_.join();
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
  finished_.wait(lock, [&] { return waiting.done; });
  if (waiting.answered) return std::move(waiting.answers);
  return *failed_;
}

std::optional<JournalError> GateQueue::decide(const Taken& taken) {
  try {
    for (Waiting* waiting : taken) {
      if (const auto* transfer = std::get_if<const GateTransfer*>(&waiting->submitted)) waiting->answers = {gate_.submit(**transfer)};
      else if (const auto* change = std::get_if<const GateModeChange*>(&waiting->submitted)) waiting->answers = {gate_.submit(**change)};
      else if (const auto* batch = std::get_if<Batch>(&waiting->submitted)) waiting->answers = gate_.submit_batch(batch->id, batch->legs);
    }
    return std::nullopt;
  } catch (const std::exception& error) {
    return JournalError{JournalError::Kind::Unusable, error.what()};
  }
}

std::optional<JournalError> GateQueue::write(const DurableGate::Staged& staged) {
  try {
    return gate_.write(staged);
  } catch (const std::exception& error) {
    return JournalError{JournalError::Kind::Unusable, error.what()};
  }
}

void GateQueue::finish(const Taken& taken, bool answered) {
  for (Waiting* waiting : taken) waiting->answered = answered, waiting->done = true;
  finished_.notify_all();
}

/// Those that nobody has taken are let go; who comes later is refused.
void GateQueue::fail(const JournalError& error) {
  if (!failed_) failed_ = error;
  finish(std::exchange(waiting_, {}), false);
  for (std::condition_variable* changed : {&arrived_, &room_, &handed_over_}) changed->notify_all();
}

void GateQueue::decide_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return failed_ || ends_ || !waiting_.empty(); });
    if (failed_ || waiting_.empty()) break;
    Decided next{{}, std::exchange(waiting_, {})};
    room_.notify_all();
    lock.unlock();
    const auto refused = decide(next.taken);
    next.staged = gate_.take_staged();
    lock.lock();
    if (refused) fail(*refused);
    handed_over_.wait(lock, [this] { return failed_ || !decided_; });
    if (failed_) {
      finish(next.taken, false);
      break;
    }
    decided_ = std::move(next);
    handed_over_.notify_all();
  }
  all_decided_ = true;
  handed_over_.notify_all();
}

void GateQueue::write_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    handed_over_.wait(lock, [this] { return decided_ || all_decided_; });
    if (!decided_) return;
    const Decided next = std::move(*decided_);
    decided_.reset();
    handed_over_.notify_all();
    lock.unlock();
    const auto refused = write(next.staged);
    lock.lock();
    if (refused) fail(*refused);
    finish(next.taken, !refused);
  }
}

}  // namespace ringfence
