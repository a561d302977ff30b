// SPDX-License-Identifier: Apache-2.0
// See trace_scenario.h.
#include "command/trace_scenario.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "command/run_scenarios.h"
#include "command/scenario_text.h"

namespace ringfence {
namespace {

class StepsOfTrace {
 public:
  explicit StepsOfTrace(const Trace& trace) : trace_(trace) {}

  std::vector<ScenarioStep> steps() {
    for (const TraceHolding& opening : trace_.opening) {
      ScenarioStep& given = add(StepKind::Holds);
      given.instance = opening.bucket;
      given.asset = opening.asset;
      given.value = opening.balance;
    }
    for (std::size_t first = 0; first < trace_.steps.size();) {
      const std::size_t end = batch_end(trace_, first);
      for (std::size_t i = first; i < end; ++i) set_scene(trace_.steps[i]);
      if (end > first + 1) add_batch(first, end);
      else if (!trace_.steps[first].is_by_clock) steps_.push_back(step(trace_.steps[first]));
      first = end;
    }
    return std::move(steps_);
  }

 private:
  ScenarioStep& add(StepKind kind) {
    steps_.emplace_back();
    steps_.back().kind = kind;
    return steps_.back();
  }

  /// The step's time, and the facts as they stand for it. A fact is observed at the time of its step, so at another time it is given again.
  void set_scene(const TraceStep& step) {
    if (step.time_ms != time_ms_) {
      add(StepKind::SetTime).time_ms = time_ms_ = step.time_ms;
      known_.clear();
    }
    for (const TraceFact& fact : step.facts) {
      const auto [known, is_new] = known_.try_emplace({fact.subject.target, fact.subject.ids}, fact.number);
      if (!is_new && known->second == fact.number) continue;
      known->second = fact.number;
      ScenarioStep& with = add(StepKind::SetFact);
      with.instance = fact.subject;
      with.value = fact.number;
    }
  }

  void add_batch(std::size_t first, std::size_t end) {
    ScenarioStep batch;
    batch.kind = StepKind::Together;
    batch.expect_allowed = true;
    for (; first < end; ++first) batch.legs.push_back(step(trace_.steps[first]));
    steps_.push_back(std::move(batch));
  }

  static ScenarioStep step(const TraceStep& taken) {
    ScenarioStep step;
    step.kind = taken.is_transfer ? StepKind::Transfer : StepKind::Transition;
    step.transfer = taken.transfer;
    step.instance = taken.subject;
    step.mode = taken.to_mode;
    step.person = taken.person;
    step.role = taken.role;
    step.approvals = taken.approvals;
    step.evidence = taken.evidence;
    step.expect_allowed = true;
    return step;
  }

  const Trace& trace_;
  std::vector<ScenarioStep> steps_;
  std::map<std::pair<Index, std::vector<std::string>>, Int128> known_;   // facts given since the time was set
  std::int64_t time_ms_ = kScenarioStartMs;
};

/// A run has each change of mode as a step of its own; where the policy has some come with transfers, its scenario must say so.
bool brings_modes(const Moves& moves) {
  return std::any_of(moves.moves.begin(), moves.moves.end(), [](const Move& move) {
    return std::any_of(move.allows.begin(), move.allows.end(), [](const Guarded& allow) { return allow.brings.has_value(); });
  });
}

std::string print_hole(const Moves& moves, std::uint32_t line, const std::string& claim, const Trace& trace) {
  const std::string name = line == 0 ? fmt::format("a hole: {}: {}", claim, trace.summary) : fmt::format("a hole, line {}: {}: {}", line, claim, trace.summary);
  return "\n" + print(moves.vocabulary, Scenario{name, 0, StepsOfTrace(trace).steps(), brings_modes(moves)});
}

}  // namespace

std::string print_holes(const Moves& moves, const Verdict& verdict) {
  std::string text = "# Runs that refute what the policy claims, as `ringfence verify` found them. Every step is allowed: that is the hole.\n";
  for (const FenceVerdict& fence : verdict.fences) {
    const Fence& claimed = moves.vocabulary.fences[fence.fence];
    if (fence.answer == Answer::Refuted && fence.trace) text += print_hole(moves, claimed.line, claimed.text, *fence.trace);
  }
  for (const PropertyVerdict& property : verdict.properties)
    if (property.answer == Answer::Refuted && property.trace) text += print_hole(moves, property.line, property.claim, *property.trace);
  return text;
}

}  // namespace ringfence
