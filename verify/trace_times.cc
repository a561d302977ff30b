// SPDX-License-Identifier: Apache-2.0
#include "verify/trace_times.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "verify/times.h"

namespace ringfence {
namespace {

/// Step by step, each as early as it can be.
class Clock {
 public:
  Clock(const Moves& moves, const std::vector<StepTiming>& timings, Trace& trace) : moves_(moves), timings_(timings), trace_(trace), now_ms_(trace.steps.front().time_ms) {
    for (const LimitWindow& limit : moves.limits) apart_ms_ = std::max(apart_ms_, limit.window_ms);
    apart_ms_ = (apart_ms_ / kDayMs + 2) * kDayMs;
    const std::vector<Schedule>& schedules = moves.vocabulary.schedules;
    const bool is_past = std::any_of(schedules.begin(), schedules.end(), [&](const Schedule& schedule) { return !schedule.days.empty() && schedule.days.back().cut_off_ms < now_ms_; });
    if (is_past) now_ms_ = 0;   // a calendar of other years: the run is in those
    for (const Schedule& schedule : schedules)   // where every calendar has begun
      while (now_ms_ < schedule.first_ms) now_ms_ += kDayMs;
  }

  void run() {
    early();
    late();
  }

 private:
  void early() {
    for (std::size_t first = 0; first < trace_.steps.size();) {
      const std::size_t end = batch_end(trace_, first);
      now_ms_ = earliest(first, end);
      for (; first < end; ++first) trace_.steps[first].time_ms = now_ms_;
      const TraceStep& step = trace_.steps[end - 1];
      if (!step.is_transfer) entered_ms_[{step.subject.target, step.subject.ids}] = step.is_by_clock ? due_ms(step) : now_ms_;
    }
  }

  /// What nothing binds waits for the step after it, so that a mode is entered shortly before the time of day at which it is needed.
  void late() {
    for (std::size_t next = trace_.steps.size() - 1; next > 0; --next) {
      const std::size_t index = next - 1;
      if (!trace_.steps[index].is_by_clock && !is_bound(index) && !is_waited_for(trace_.steps[index]))
        trace_.steps[index].time_ms = trace_.steps[next].time_ms - (trace_.steps[next].is_by_clock ? 1 : 0);
    }
  }

  bool is_bound(std::size_t index) const {
    const bool in_batch = trace_.steps[index].linked || (index > 0 && trace_.steps[index - 1].linked);
    return in_batch || timings_[index].reads_time_of_day || timings_[index].has_window;
  }

  /// Whether a deadline of this subject passes in the run, so that its times count.
  bool is_waited_for(const TraceStep& step) const {
    return !step.is_transfer && std::any_of(trace_.steps.begin(), trace_.steps.end(), [&](const TraceStep& other) { return other.is_by_clock && other.subject == step.subject; });
  }

  std::int64_t earliest(std::size_t first, std::size_t end) {
    std::int64_t time_ms = now_ms_;
    bool has_window = false;
    for (std::size_t i = first; i < end; ++i) has_window = has_window || timings_[i].has_window;
    if (has_window && windows_used_ms_) time_ms = std::max(time_ms, *windows_used_ms_ + apart_ms_);
    if (trace_.steps[first].is_by_clock) time_ms = std::max(time_ms, due_ms(trace_.steps[first]) + 1);
    for (std::size_t i = first; i < end; ++i)
      if (timings_[i].reads_time_of_day) time_ms += ((trace_.steps[i].time_ms - time_ms) % kDayMs + kDayMs) % kDayMs;
    if (has_window) windows_used_ms_ = time_ms;
    return time_ms;
  }

  /// The last instant of the mode that the step by the clock leads out of.
  std::int64_t due_ms(const TraceStep& step) const {
    const auto entered = entered_ms_.find({step.subject.target, step.subject.ids});
    const auto is_this = [&](const Transition& one) { return one.guard.statement == step.statement; };
    const auto transition = std::find_if(moves_.transitions.begin(), moves_.transitions.end(), is_this);
    if (entered == entered_ms_.end() || transition == moves_.transitions.end() || !transition->deadline) return now_ms_;
    return ringfence::due_ms(moves_.vocabulary, *transition->deadline, entered->second).value_or(now_ms_);   // where the calendar does not say, the run does not replay
  }

  const Moves& moves_;
  const std::vector<StepTiming>& timings_;
  Trace& trace_;
  std::int64_t now_ms_, apart_ms_ = 0;
  std::optional<std::int64_t> windows_used_ms_;
  std::map<std::pair<Index, std::vector<std::string>>, std::int64_t> entered_ms_;
};

}  // namespace

StepTiming timing_of(const std::vector<Slot>& slots) { return {reads(slots, SlotKind::TimeOfDay), reads(slots, SlotKind::Used)}; }

void keep_deadlines(const Moves& moves, const std::vector<StepTiming>& timings, Trace& trace) {
  const bool any = std::any_of(moves.transitions.begin(), moves.transitions.end(), [](const Transition& one) { return one.deadline.has_value(); });
  if (any && !trace.steps.empty()) Clock(moves, timings, trace).run();
}

}  // namespace ringfence
