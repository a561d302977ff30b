// SPDX-License-Identifier: Apache-2.0
// See solve_run_times.h.
#include "verify/solve_run_times.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/solve_encode.h"
#include "verify/times.h"
#include "verify/trace_times.h"

namespace ringfence {

RunTimes::RunTimes(z3::solver& solver, const Moves& moves, const Run& run) : solver_(solver), moves_(moves), run_(run) {
  for (const RunStep& step : run.steps) reads_now_ = reads_now_ || reads(slots_of(moves, step), SlotKind::Now);
}

z3::expr RunTimes::number(Int128 value) const { return z3_encoding::number(solver_.ctx(), value); }

std::int64_t RunTimes::usual_time(std::size_t step) const { return kFirstDayMs + static_cast<std::int64_t>(step) * days_apart(moves_) * kDayMs; }

void RunTimes::pass(const std::vector<Slot>& slots, const std::vector<z3::expr>& values) {
  const auto of_day = std::find_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::TimeOfDay; });
  of_day_.push_back(of_day == slots.end() ? std::nullopt : std::optional(values[static_cast<std::size_t>(of_day - slots.begin())]));
  if (!reads_now_) return;
  const z3::expr time = solver_.ctx().int_const(fmt::format("time{}", times_.size()).c_str());
  solver_.add(time >= number(kInstantMin) && time <= number(kInstantMax));
  if (!times_.empty()) solver_.add(time >= times_.back() + number(reads(slots, SlotKind::Used) ? days_apart(moves_) * kDayMs : 0));
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].kind == SlotKind::Now) solver_.add(values[i] == time);
  if (of_day_.back()) solver_.add(*of_day_.back() == z3_encoding::second_of_day(time));
  times_.push_back(time);
}

// ---- deadlines

/// Of the mode that a step leads to.
const Deadline* RunTimes::deadline_after(const RunStep& entering) const {
  if (entering.move != kNone) return nullptr;
  const Transition& entered = moves_.transitions[entering.transition];
  for (const Transition& leaving : moves_.transitions)
    if (leaving.deadline && leaving.machine == entered.machine && leaving.from_modes == Mask{1} << entered.to_mode) return &*leaving.deadline;
  return nullptr;
}

bool RunTimes::is_same_subject(const RunStep& change, const RunStep& other) const {
  return other.move == kNone && moves_.transitions[other.transition].machine == moves_.transitions[change.transition].machine && other.from.ids == change.from.ids;
}

/// The later steps for which the mode counts that a step leads to: those that read it, up to the one that leads out of it.
std::vector<std::size_t> RunTimes::counts_for(std::size_t entering) const {
  const Index machine = moves_.transitions[run_.steps[entering].transition].machine;
  std::vector<std::size_t> steps;
  for (std::size_t later = entering + 1; later < run_.steps.size(); ++later) {
    const bool changes_it = is_same_subject(run_.steps[entering], run_.steps[later]);
    const std::vector<Slot>& slots = slots_of(moves_, run_.steps[later]);
    const auto is_read = [&](const Slot& slot) { return slot.kind == SlotKind::Mode && slot.target == machine; };
    if (changes_it || std::any_of(slots.begin(), slots.end(), is_read)) steps.push_back(later);
    if (changes_it) break;
  }
  return steps;
}

void RunTimes::keep_deadlines() {
  std::vector<z3::expr> entered = times_;   // after a step by the clock: the deadline that has passed
  for (std::size_t at = 0; at < times_.size(); ++at) {
    const Deadline* deadline = deadline_after(run_.steps[at]);
    const std::vector<std::size_t> counts = deadline == nullptr ? std::vector<std::size_t>() : counts_for(at);
    if (counts.empty()) continue;
    const z3::expr due = z3_encoding::due(solver_, moves_.vocabulary, *deadline, entered[at], solver_.ctx().bool_val(true));
    for (const std::size_t later : counts) {
      const RunStep& step = run_.steps[later];
      const bool ends_it = is_same_subject(run_.steps[at], step) && moves_.transitions[step.transition].deadline;
      solver_.add(ends_it ? times_[later] > due : times_[later] <= due);
      if (ends_it) entered[later] = due;
    }
  }
}

// ---- the times that are chosen

/// Each step as far from the first as if no rule read `now`; else on the first day that is possible, at its start if it can be.
void RunTimes::settle(WithinBudget& within) {
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (within.keep_if_possible(times_[i] == number(usual_time(i)))) continue;
    const bool can_be_later = within.keep_if_possible(times_[i] >= number(usual_time(0)));
    std::int64_t first = can_be_later ? usual_time(0) / kDayMs : 0, last = kInstantMax / kDayMs;
    while (first < last) {
      const std::int64_t middle = first + (last - first) / 2;
      solver_.push();
      solver_.add(times_[i] < number((middle + 1) * kDayMs));
      if (within.check() == z3::sat) last = middle;
      else first = middle + 1;
      solver_.pop();
    }
    if (within.keep_if_possible(times_[i] < number((first + 1) * kDayMs))) within.keep_if_possible(times_[i] == number(first * kDayMs));
  }
}

void RunTimes::put(const z3::model& model, Trace& trace) const {
  std::vector<StepTiming> timings;
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const auto in_model = [&](const z3::expr& term) { return static_cast<std::int64_t>(z3_encoding::value_in(model, term)); };
    trace.steps[i].time_ms = reads_now_ ? in_model(times_[i]) : usual_time(i) + (of_day_[i] ? in_model(*of_day_[i]) * 1'000 : 0);
    timings.push_back(timing_of(slots_of(moves_, run_.steps[i])));
  }
  if (!reads_now_) ringfence::keep_deadlines(moves_, timings, trace);
}

}  // namespace ringfence
