// SPDX-License-Identifier: Apache-2.0
// A run that breaks an invariant: one question for each number of steps between two members of each entity (solve_two_members.h); then runs that end in a batch,
// whose floors wait for its end. What comes out is a proposal; replay_invariant makes it evidence.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "verify/invariant_run.h"
#include "verify/solve_encode.h"
#include "verify/solve_two_members.h"
#include "verify/solve_within.h"

namespace ringfence {
namespace {

using z3_encoding::number;

constexpr std::size_t kStepsMax = 6;
constexpr std::size_t kBeforeBatchMax = 2, kLegsMax = 3; // of a run that ends in a batch: steps before it, and its transfers
constexpr std::size_t kChoicesMax = 1'500;               // of one step; beyond, the search would take too long

class RunFinder {
 public:
  RunFinder(const Arena& arena, Index invariant, const Budget& budget)
      : v_(arena.moves.vocabulary), invariant_(arena.moves.invariants[invariant]), solver_(context_),
        within_(solver_, {budget.query_ms, std::min(budget.end, std::chrono::steady_clock::now() + std::chrono::milliseconds(budget.query_ms))}),
        world_(solver_, arena, invariant_) {}

  RunSearch find() {
    const std::size_t choices = world_.list_choices();
    if (choices > kChoicesMax) return {std::nullopt, fmt::format("it was not found to be kept, and {} different steps are too many to look for a run that breaks it", choices)};
    world_.open();
    for (std::size_t steps = 1; steps <= kStepsMax; ++steps) {
      world_.add_step();
      const z3::expr broken = world_.broken_at_the_end();
      world_.add_ranges();   // also of what only the invariant reads; they hold for longer runs, too
      solver_.push();
      solver_.add(broken);
      const z3::check_result answer = within_.check();
      if (answer == z3::sat && tighten()) return {world_.trace(), {}};
      solver_.pop();
      if (answer != z3::unsat) return {std::nullopt, not_found(steps - 1)};
    }
    return {std::nullopt, not_found(kStepsMax)};
  }

  /// Steps, then one batch of some legs that breaks the invariant, by the facts that stand when the batch begins.
  RunSearch find_batch(std::size_t steps_before, std::size_t legs) {
    if (world_.list_choices() > kChoicesMax) return {};
    world_.open();
    for (std::size_t i = 0; i < steps_before; ++i) world_.add_step();
    world_.begin_batch();
    for (std::size_t i = 0; i < legs; ++i) world_.add_step();
    world_.add_floors_at_end();
    solver_.add(world_.broken_at_the_end());
    world_.add_ranges();
    if (within_.check() == z3::sat && tighten()) return {world_.trace(), {}};
    return {};
  }

  bool has_start() {
    world_.open();
    world_.add_ranges();
    return within_.check() == z3::sat;
  }

  std::vector<std::string> members() const {
    std::vector<std::string> names;
    for (const Index key : invariant_.keys) names.push_back(world_.member(key, 0));
    return names;
  }

 private:
  static std::string not_found(std::size_t steps) {
    return fmt::format("it was not found to be kept by every step, and no run of at most {} steps between two members of each entity was found to break it", steps);
  }

  /// First tries for whole small amounts, then for any; then empties what need not be held at the start.
  bool tighten() {
    for (const int size : {1, 100, 10'000}) {
      solver_.push();
      for (const auto& [holding, opening] : world_.openings()) solver_.add(opening <= number(context_, unit(std::get<2>(holding)) * size * 4));
      if (within_.check() == z3::sat) return empty_what_can_be();
      solver_.pop();
    }
    return within_.check() == z3::sat && empty_what_can_be();
  }

  Int128 unit(Index asset) const {
    Int128 one = 1;
    for (unsigned i = 0; i < v_.assets[asset].decimals; ++i) one *= 10;
    return one;
  }

  bool empty_what_can_be() {
    for (const auto& [holding, opening] : world_.openings()) {
      solver_.push();
      solver_.add(opening == 0);
      if (within_.check() != z3::sat) solver_.pop();
    }
    return within_.check() == z3::sat;
  }

  const Vocabulary& v_;
  const Invariant& invariant_;
  z3::context context_;
  z3::solver solver_;
  WithinBudget within_;   ///< all questions together take the time of one
  TwoMembers world_;
};

}  // namespace

bool has_clean_start(const Arena& arena, const Budget& budget) {
  try {
    return RunFinder(arena, 0, budget).has_start();
  } catch (const z3::exception&) {
    return false;
  }
}

namespace {

/// Replayed, and with words; otherwise what is wrong with it.
RunSearch as_evidence(const RuleTable& table, const Moves& moves, Index invariant, const std::vector<std::string>& members, Trace trace) {
  const std::string wrong = replay_invariant(table, moves, invariant, members, trace);
  if (!wrong.empty()) return {std::nullopt, "a run that breaks it did not replay: " + wrong};
  std::string whom;
  for (const std::string& id : members) whom += (whom.empty() ? " for " : ", ") + id;
  trace.summary = fmt::format("the invariant no longer holds{}", whom);
  const bool by_batch = trace.steps.size() > 1 && trace.steps[trace.steps.size() - 2].linked;
  return {std::move(trace), by_batch ? "a batch that the rules allow makes it false" : "a step that the rules allow makes it false"};
}

/// A batch can do what none of its legs can by itself only where floors wait for its end.
RunSearch break_by_batch(const RuleTable& table, const Arena& arena, Index invariant, const Budget& budget) {
  const std::vector<Move>& moves = arena.moves.moves;
  if (std::all_of(moves.begin(), moves.end(), [](const Move& move) { return move.floors.empty(); })) return {};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(budget.left_ms());
  for (std::size_t before = 0; before <= kBeforeBatchMax; ++before)
    for (std::size_t legs = 2; legs <= kLegsMax; ++legs) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0) return {};
      RunFinder finder(arena, invariant, static_cast<std::uint32_t>(left));
      RunSearch search = finder.find_batch(before, legs);
      if (search.trace) return as_evidence(table, arena.moves, invariant, finder.members(), std::move(*search.trace));
    }
  return {};
}

}  // namespace

RunSearch break_invariant(const RuleTable& table, const Arena& arena, Index invariant, const Budget& budget) {
  if (budget.is_over()) return {std::nullopt, kTimeIsUp};
  try {
    RunFinder finder(arena, invariant, budget);
    RunSearch search = finder.find();
    if (search.trace) return as_evidence(table, arena.moves, invariant, finder.members(), std::move(*search.trace));
    RunSearch by_batch = break_by_batch(table, arena, invariant, budget);
    return by_batch.trace || !by_batch.reason.empty() ? by_batch : search;
  } catch (const z3::exception& failure) {
    return {std::nullopt, fmt::format("the solver failed: {}", failure.msg())};
  }
}

}  // namespace ringfence
