// SPDX-License-Identifier: Apache-2.0
// See gate_queue.h. Two threads: one decides all that waits, the other writes and syncs what was decided before, so the slower the disk, the larger the
// blocks. What a producer waits with belongs to the queue, then to the one thread, then to the other; who has it when something fails lets it go. A change of
// the policy is made by the thread that decides, when the other has nothing left to write.
#include "runtime/durable/gate_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace ringfence {
namespace {

/// What `work` returns; what it throws is as a failure of the environment.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return JournalError{JournalError::Kind::Unusable, error.what()};
  }
}

}  // namespace

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

// ---- producers

std::size_t GateQueue::Waiting::transfer_count() const noexcept {
  if (const auto* transfers = std::get_if<Transfers>(&submitted)) return transfers->size();
  if (const auto* batch = std::get_if<Batch>(&submitted)) return batch->legs.size();
  return 1;
}

GateQueue::Answer GateQueue::submit(const RuleTable& numbers, const GateTransfer& transfer) { return wait_for({numbers, Transfers(&transfer, 1)}); }

GateQueue::Answer GateQueue::submit_many(const RuleTable& numbers, std::span<const GateTransfer> transfers) {
  if (transfers.size() <= kCommitRecordsMax) return wait_for({numbers, transfers});
  return JournalError{JournalError::Kind::Refused, "at most " + std::to_string(kCommitRecordsMax) + " transfers can be submitted together, not " + std::to_string(transfers.size())};
}

GateQueue::Answer GateQueue::submit(const RuleTable& numbers, const GateModeChange& change) { return wait_for({numbers, &change}); }

GateQueue::Answer GateQueue::submit_batch(const RuleTable& numbers, const std::string& id, std::span<const GateTransfer> legs) {
  return wait_for({numbers, Batch{id, legs}});
}

GateQueue::Answer GateQueue::set_fact(const RuleTable& numbers, const Instance& subject, Int128 number, std::int64_t observed_ms) {
  return wait_for({numbers, Fact{subject, number, observed_ms}});
}

GateQueue::Answer GateQueue::change_policy(const RuleTable& next, std::span<const PolicyApproval> approvals) { return wait_for({next, Change{approvals}}); }

GateQueue::Answer GateQueue::wait_for(Waiting&& waiting) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return failed_ || waiting_count_ < waiting_max_; });
  if (failed_) return *failed_;
  waiting_.push_back(&waiting);
  waiting_count_ += waiting.transfer_count();
  arrived_.notify_one();
  finished_.wait(lock, [&] { return waiting.done; });
  return std::move(waiting.answer);
}

// ---- work, not under the lock

/// A copy that a producer goes on using is compared once.
bool GateQueue::is_in_force(const RuleTable& table) {
  if (std::ranges::find(in_force_, table.serial()) != in_force_.end()) return true;
  if (!gate_.is_in_force(table)) return false;
  in_force_.push_back(table.serial());
  return true;
}

/// What is no transfer in force.
GateQueue::Answer GateQueue::decide_one(const Waiting& waiting) {
  if (!is_in_force(waiting.table)) return OtherPolicy{};
  if (const auto* change = std::get_if<const GateModeChange*>(&waiting.submitted)) return Answers{gate_.submit(**change)};
  if (const auto* batch = std::get_if<Batch>(&waiting.submitted)) return gate_.submit_batch(batch->id, batch->legs);
  const auto& fact = std::get<Fact>(waiting.submitted);
  if (gate_.set_fact(fact.subject, fact.number, fact.observed_ms)) return Answers{};
  return JournalError{JournalError::Kind::Refused, "no fact of the policy has this number, these ids, or a value as large"};
}

/// Those from the beginning that are transfers in force are submitted together. Returns how many submissions they are.
std::size_t GateQueue::decide_transfers(std::span<Waiting* const> taken) {
  std::vector<const GateTransfer*> transfers;
  std::size_t taken_count = 0;
  for (; taken_count < taken.size(); ++taken_count) {
    const auto* submitted = std::get_if<Transfers>(&taken[taken_count]->submitted);
    if (submitted == nullptr || !is_in_force(taken[taken_count]->table)) break;
    for (const GateTransfer& transfer : *submitted) transfers.push_back(&transfer);
  }
  std::vector<GateAnswer> answers(transfers.size());
  gate_.submit_many(transfers, answers);
  auto from = answers.begin();
  for (Waiting* waiting : taken.first(taken_count)) {
    const auto to = from + static_cast<std::ptrdiff_t>(waiting->transfer_count());
    waiting->answer = Answers(from, to);
    from = to;
  }
  return taken_count;
}

std::optional<JournalError> GateQueue::decide(std::span<Waiting* const> taken) {
  return guarded([&]() -> std::optional<JournalError> {
    while (!(taken = taken.subspan(decide_transfers(taken))).empty()) {
      taken.front()->answer = decide_one(*taken.front());
      taken = taken.subspan(1);
    }
    return std::nullopt;
  });
}

std::optional<JournalError> GateQueue::write(const DurableGate::Staged& staged) {
  return guarded([&] { return gate_.write(staged); });
}

// ---- what becomes of it, under the lock

void GateQueue::finish(const Taken& taken, bool answered) {
  for (Waiting* waiting : taken) {
    if (!answered) waiting->answer = *failed_;
    waiting->done = true;
  }
  finished_.notify_all();
}

/// Those that nobody has taken are let go; who comes later is refused.
void GateQueue::fail(const JournalError& error) {
  if (!failed_) failed_ = error;
  finish(std::exchange(waiting_, {}), false);
  for (std::condition_variable* changed : {&arrived_, &room_, &handed_over_}) changed->notify_all();
}

bool GateQueue::decide_and_hand_over(Taken taken, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  Decided next{{}, std::move(taken)};
  const auto refused = decide(next.taken);
  next.staged = gate_.take_staged();
  lock.lock();
  if (refused) fail(*refused);
  handed_over_.wait(lock, [this] { return failed_ || !decided_; });
  if (failed_) return finish(next.taken, false), false;
  decided_ = std::move(next);
  handed_over_.notify_all();
  return true;
}

bool GateQueue::change(Waiting& waiting, std::unique_lock<std::mutex>& lock) {
  handed_over_.wait(lock, [this] { return failed_ || (!decided_ && !writes_); });
  if (failed_) return finish({&waiting}, false), false;
  lock.unlock();
  const auto refused = guarded([&] { return gate_.change_policy(waiting.table, std::get<Change>(waiting.submitted).approvals); });
  in_force_.clear();
  lock.lock();
  const bool goes_on = !refused || refused->kind == JournalError::Kind::Refused;
  if (refused) waiting.answer = *refused;
  if (!goes_on) fail(*refused);
  finish({&waiting}, true);
  return goes_on;
}

void GateQueue::decide_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, [this] { return failed_ || ends_ || !waiting_.empty(); });
    if (failed_ || waiting_.empty()) break;
    const Taken taken = std::exchange(waiting_, {});
    waiting_count_ = 0;
    room_.notify_all();
    bool goes_on = true;
    for (auto from = taken.begin(); from != taken.end();) {
      const bool is_change = (*from)->is_change();
      const auto to = is_change ? from + 1 : std::find_if(from, taken.end(), [](const Waiting* waiting) { return waiting->is_change(); });
      if (!goes_on) finish({from, to}, false);
      else goes_on = is_change ? change(**from, lock) : decide_and_hand_over({from, to}, lock);
      from = to;
    }
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
    writes_ = true;
    handed_over_.notify_all();
    lock.unlock();
    const auto refused = write(next.staged);
    lock.lock();
    writes_ = false;
    handed_over_.notify_all();
    if (refused) fail(*refused);
    finish(next.taken, !refused);
  }
}

}  // namespace ringfence
