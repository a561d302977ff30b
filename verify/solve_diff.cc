// SPDX-License-Identifier: Apache-2.0
// Both policies' rows of one kind of request over the same values. Each policy's answer is a formula: it has a row whose values are all
// within what that policy declares, and whose guards let the request through (language reference, 8.3 to 8.9).
#include <algorithm>

#include <fmt/format.h>

#include "verify/diff_solve.h"
#include "verify/persons.h"
#include "verify/solve_encode.h"
#include "verify/solve_within.h"
#include "verify/times.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

constexpr std::int64_t kAgeMax = 1'000'000'000'000;   // longer than any freshness that matters: some 30 years

/// One policy's answer.
struct Outcome { z3::expr allowed, keeps, passes; };

}  // namespace

struct DiffSolver::Solver {
  Solver(const Joint& both, const Budget& budget)
      : joint(both), arenas{Arena(both.sides[kOlder]), Arena(both.sides[kNewer])}, solver(context), limited(solver, budget) {}

  /// Nothing of an earlier question is left, however it ended.
  void start() {
    solver.reset();
    limited.limit_queries();
  }

  // ---- the values, shared

  void read_slots(const Cell& cell) {
    slots = slots_of(joint, cell, kOlder);
    older_count = slots.size();
    for (const Slot& slot : slots_of(joint, cell, kNewer))
      if (std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
    const auto newer = slots_of(joint, cell, kNewer);
    read_by = {std::vector<bool>(slots.size()), std::vector<bool>(slots.size())};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      read_by[kOlder][i] = i < older_count;
      read_by[kNewer][i] = std::find(newer.begin(), newer.end(), slots[i]) != newer.end();
    }
    values = z3_encoding::fresh_values(context, slots, "v");
    ages.clear();
    for (std::size_t i = 0; i < slots.size(); ++i) ages.push_back(context.int_const(fmt::format("age{}", i).c_str()));
    amount.reset();
    if (cell.kind.is_transfer) amount = context.int_const("amount");
  }

  z3::expr within(const z3::expr& value, Int128 low, Int128 high) { return value >= number(context, low) && value <= number(context, high); }

  z3::expr one_of(const z3::expr& value, Mask set) {
    z3::expr any = context.bool_val(false);
    for (unsigned i = 0; i < kModesMax; ++i)
      if (set >> i & 1) any = any || value == context.int_val(i);
    return any;
  }

  /// 8.3 as this policy declares the value.
  z3::expr acceptable(unsigned policy, std::size_t i) {
    const Slot& slot = slots[i];
    const Vocabulary& vocabulary = joint.vocabulary(policy);
    switch (slot.kind) {
      case SlotKind::Balance:
      case SlotKind::BucketTotal:
      case SlotKind::AccountTotal: return within(values[i], may_be_below_zero(arenas[policy], slot) ? -kAmountMax : 0, kAmountMax);
      case SlotKind::Used: return within(values[i], 0, kAmountMax);
      case SlotKind::Mode: return one_of(values[i], joint.modes_of(policy, slot.target));
      case SlotKind::Fact: {
        const Fact& fact = vocabulary.facts[slot.target];
        const z3::expr in_range = within(values[i], fact.min, fact.max);
        return fact.fresh_within_ms == 0 ? in_range : in_range && ages[i] <= number(context, fact.fresh_within_ms);
      }
      default: return context.bool_val(true);
    }
  }

  /// What every value of its kind satisfies, whoever reads it.
  void assert_values() {
    if (amount) solver.add(within(*amount, 1, kAmountMax));
    if (const auto times = times_of(slots)) solver.add(values[times->of_day] == z3_encoding::second_of_day(values[times->now]));
    assert_approvals();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      solver.add(slot.kind == SlotKind::Fact ? within(ages[i], 0, kAgeMax) : ages[i] == 0);
      switch (slot.kind) {
        case SlotKind::Amount: solver.add(amount ? values[i] == *amount : values[i] == 0); break;
        case SlotKind::TimeOfDay: solver.add(within(values[i], 0, 86'399)); break;
        case SlotKind::Now: solver.add(within(values[i], kInstantMin, kInstantMax)); break;
        case SlotKind::Evidence: solver.add(within(values[i], 0, 1)); break;
        case SlotKind::Approvals: break;
        case SlotKind::Fact: solver.add(within(values[i], fact_low(slot), fact_high(slot))); break;
        case SlotKind::Mode: solver.add(one_of(values[i], joint.modes_of(kOlder, slot.target) | joint.modes_of(kNewer, slot.target))); break;
        default: solver.add(within(values[i], -kAmountMax, kAmountMax)); break;
      }
      // What only one policy reads is as that policy wants it: `needs` says where it is read.
      for (const unsigned policy : {kOlder, kNewer})
        if (read_by[policy][i] && !read_by[1 - policy][i]) solver.add(acceptable(policy, i));
    }
    assert_sums();
  }

  Int128 fact_low(const Slot& slot) const { return std::min(joint.vocabulary(kOlder).facts[slot.target].min, joint.vocabulary(kNewer).facts[slot.target].min) - 1; }
  Int128 fact_high(const Slot& slot) const { return std::max(joint.vocabulary(kOlder).facts[slot.target].max, joint.vocabulary(kNewer).facts[slot.target].max) + 1; }

  void assert_approvals() {
    kinds = person_kinds(slots);
    counts = z3_encoding::person_counts(context, slots, "");
    z3::expr persons = context.int_val(0);
    for (const z3::expr& count : counts) {
      solver.add(count >= 0);
      persons = persons + count;
    }
    solver.add(persons <= static_cast<int>(kApprovalsMax));
    for (Index i = 0; i < slots.size(); ++i) {
      if (slots[i].kind != SlotKind::Approvals) continue;
      solver.add(within(values[i], 0, static_cast<Int128>(kApprovalsMax)));
      if (kinds.empty()) continue;
      z3::expr sum = context.int_val(0);
      for (std::size_t k = 0; k < kinds.size(); ++k)
        if (std::find(kinds[k].slots.begin(), kinds[k].slots.end(), i) != kinds[k].slots.end()) sum = sum + counts[k];
      solver.add(values[i] == sum);
    }
  }

  /// A total holds at least the balances in it, and a window at least what a narrower one does.
  void assert_sums() {
    for (Index i = 0; i < slots.size(); ++i) {
      const bool is_total = slots[i].kind == SlotKind::BucketTotal || slots[i].kind == SlotKind::AccountTotal;
      for (const unsigned policy : {kOlder, kNewer}) {
        if (!is_total || !read_by[policy][i] || may_be_below_zero(arenas[policy], slots[i])) continue;
        z3::expr sum = context.int_val(0);
        for (const Index balance : included_balances(arenas[policy], slots, i)) sum = sum + values[balance];
        solver.add(values[i] >= sum);
      }
      for (Index j = 0; j < slots.size() && slots[i].kind == SlotKind::Used; ++j)
        if (i != j && slots[j].kind == SlotKind::Used && joint.counts_at_most(slots[i].target, slots[j].target) && same_ids(slots[i], slots[j]))
          solver.add(values[i] <= values[j]);
    }
  }

  /// The ids of the wider window are those of the narrower one.
  bool same_ids(const Slot& narrow, const Slot& wide) const {
    const Counted &narrow_per = joint.counted[narrow.target], &wide_per = joint.counted[wide.target];
    for (std::size_t i = 0; i < wide_per.per.size(); ++i)
      if (!(wide.keys[i] == narrow.keys[key_position(narrow_per.per, wide_per.per[i])])) return false;
    return true;
  }

  // ---- the answers

  std::vector<z3::expr> values_of(const std::vector<Slot>& row_slots) {
    std::vector<z3::expr> chosen;
    for (const Slot& slot : row_slots) chosen.push_back(values[static_cast<std::size_t>(std::find(slots.begin(), slots.end(), slot) - slots.begin())]);
    return chosen;
  }

  z3::expr all_acceptable(unsigned policy, const std::vector<Slot>& row_slots) {
    z3::expr all = context.bool_val(true);
    for (const Slot& slot : row_slots) all = all && acceptable(policy, static_cast<std::size_t>(std::find(slots.begin(), slots.end(), slot) - slots.begin()));
    return all;
  }

  Outcome outcome(const Cell& cell, unsigned policy) {
    Outcome result{context.bool_val(false), context.bool_val(false), context.bool_val(false)};
    for (const Index row : cell.rows[policy]) {
      if (cell.kind.is_transfer) return transfer(policy, joint.sides[policy].moves[row]);
      const Transition& transition = joint.sides[policy].transitions[row];
      result.allowed = result.allowed || (all_acceptable(policy, transition.slots) && holds(context, transition.guard, values_of(transition.slots)));
    }
    return result;
  }

  Outcome transfer(unsigned policy, const Move& move) {
    const auto given = values_of(move.slots);
    z3::expr base = all_acceptable(policy, move.slots);
    if (move.funds_slot != kNone) base = base && given[move.funds_slot] >= *amount;
    if (move.account_slot != kNone) base = base && given[move.account_slot] >= *amount;
    if (move.from_slot != kNone) base = base && given[move.from_slot] - *amount >= number(context, -kAmountMax);
    if (move.to_slot != kNone) base = base && given[move.to_slot] + *amount <= number(context, kAmountMax);
    for (const Guarded& deny : move.denies) base = base && !holds(context, deny, given);
    auto after = given;
    if (move.from_slot != kNone) after[move.from_slot] = given[move.from_slot] - *amount;
    for (const Guarded& floor : move.floors) base = base && holds(context, floor, after);
    for (const Guarded& limit : move.limits) base = base && holds(context, limit, given);
    z3::expr keep = context.bool_val(false), pass = context.bool_val(false);
    for (const Guarded& allow : move.allows) {
      z3::expr& way = allow.passing_title ? pass : keep;
      way = way || holds(context, allow, given);
    }
    return {base && (keep || pass), base && keep, base && pass};
  }

  z3::expr happens(const Outcome& older, const Outcome& newer, Change change) {
    switch (change) {
      case Change::Allowed: return newer.allowed && !older.allowed;
      case Change::Denied: return older.allowed && !newer.allowed;
      case Change::TitleMore: return older.allowed && newer.allowed && ((newer.keeps && !older.keeps) || (newer.passes && !older.passes));
      case Change::TitleLess: return older.allowed && newer.allowed && ((older.keeps && !newer.keeps) || (older.passes && !newer.passes));
    }
    return context.bool_val(true);
  }

  // ---- simple values

  void simplify(const Cell& cell) {
    for (const z3::expr& count : counts) least(count, static_cast<Int128>(kApprovalsMax));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      limited.keep_if_possible(ages[i] == 0);
      if (slots[i].kind == SlotKind::Evidence) limited.keep_if_possible(values[i] == 0);
      if (slots[i].kind == SlotKind::Mode) limited.keep_if_possible(values[i] == first_mode(slots[i].target));
    }
    const Int128 unit = amount ? unit_of(cell.kind.asset) : 1;
    if (amount && !limited.keep_if_possible(*amount == number(context, unit))) least(*amount, kAmountMax);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      if (slot.kind == SlotKind::TimeOfDay) limited.keep_if_possible(values[i] == static_cast<int>(kNoonSecond));
      if (slot.kind == SlotKind::Now) limited.keep_if_possible(values[i] == number(context, kFirstDayMs + kNoonSecond * 1'000));
      if (!is_supplied(slot.kind) || slot.kind == SlotKind::Mode) continue;
      const bool is_source = slot.kind == SlotKind::Balance && slot.target == cell.kind.from;
      if (is_source && amount && limited.keep_if_possible(values[i] == *amount)) continue;
      if (limited.keep_if_possible(values[i] == 0) || (amount && limited.keep_if_possible(values[i] == *amount)) ||
          limited.keep_if_possible(within(values[i], 0, unit * 100)))
        continue;
      limited.keep_if_possible(within(values[i], 0, unit * 1'000'000));
    }
  }

  int first_mode(Index machine) const {
    const unsigned policy = joint.machines.has(kNewer, machine) ? kNewer : kOlder;
    return static_cast<int>(joint.modes[machine].joint[policy][0]);
  }

  Int128 unit_of(Index asset) const {
    Int128 unit = 1;
    for (unsigned i = 0; i < joint.vocabulary(kNewer).assets[asset].decimals; ++i) unit *= 10;
    return unit;
  }

  /// Fixes the smallest value from 0 to `most` that stays possible.
  void least(const z3::expr& term, Int128 most) {
    Int128 low = 0, high = most;
    while (low < high) {
      const Int128 middle = low + (high - low) / 2;
      solver.push();
      solver.add(term <= number(context, middle));
      const auto answer = limited.check();
      solver.pop();
      if (answer == z3::sat) high = middle;
      else low = middle + 1;
    }
    limited.keep_if_possible(term == number(context, low));
  }

  Values simple_values(const Cell& cell) {
    simplify(cell);
    Values chosen;
    if (limited.check() == z3::sat) {
      const z3::model model = solver.get_model();
      if (amount) chosen.amount = z3_encoding::value_in(model, *amount);
      for (std::size_t i = 0; i < slots.size(); ++i)
        chosen.readings.push_back({slots[i], z3_encoding::value_in(model, values[i]), static_cast<std::int64_t>(z3_encoding::value_in(model, ages[i]))});
      for (std::size_t k = 0; k < kinds.size(); ++k)
        for (Int128 n = z3_encoding::value_in(model, counts[k]); n > 0; --n) chosen.approvals.push_back(kinds[k].roles);
    }
    return chosen;
  }

  const Joint& joint;
  const std::array<Arena, 2> arenas;
  z3::context context;
  z3::solver solver;
  WithinBudget limited;
  std::vector<Slot> slots;                        // of the cell at hand: the older policy's first
  std::size_t older_count = 0;
  std::array<std::vector<bool>, 2> read_by;
  std::vector<z3::expr> values, ages, counts;
  std::vector<PersonKind> kinds;
  std::optional<z3::expr> amount;
};

DiffSolver::DiffSolver(const Joint& joint, const Budget& budget) : solver_(std::make_unique<Solver>(joint, budget)) {}
DiffSolver::~DiffSolver() = default;

Reply DiffSolver::ask(const Cell& cell, Change change, bool want_values) {
  Solver& s = *solver_;
  try {
    s.start();
    s.read_slots(cell);
    s.assert_values();
    const Outcome older = s.outcome(cell, kOlder), newer = s.outcome(cell, kNewer);
    s.solver.add(s.happens(older, newer, change));
    Reply reply;
    const auto answer = s.limited.check();
    if (answer == z3::unsat) reply.kind = Reply::Kind::Impossible;
    if (answer == z3::sat) {
      reply.kind = Reply::Kind::Possible;
      if (want_values) reply.values = s.simple_values(cell);
    }
    return reply;
  } catch (const z3::exception&) {
    return {};
  }
}

}  // namespace ringfence
