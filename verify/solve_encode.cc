// SPDX-License-Identifier: Apache-2.0
#include "verify/solve_encode.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "verify/persons.h"
#include "verify/times.h"

namespace ringfence::z3_encoding {
namespace {

z3::expr test_holds(z3::context& context, const Test& test, const std::vector<z3::expr>& values) {
  if (test.kind == TestKind::InSet) {
    z3::expr any = context.bool_val(false);
    for (unsigned mode = 0; mode < kModesMax; ++mode)
      if (test.set >> mode & 1) any = any || values[test.terms[0].slot] == context.int_val(mode);
    return any;
  }
  z3::expr sum = number(context, test.constant);
  for (const Term& term : test.terms) sum = sum + number(context, term.coefficient) * values[term.slot];
  return test.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
}

z3::expr clause_holds(z3::context& context, const Clause& clause, const std::vector<z3::expr>& values) {
  if (clause.nodes.empty()) return context.bool_val(true);
  std::vector<z3::expr> from_here(clause.nodes.size(), context.bool_val(false));
  const auto at = [&](Index next) {
    return next == kTrue ? context.bool_val(true) : next == kFalse ? context.bool_val(false) : from_here[next];
  };
  for (std::size_t i = clause.nodes.size(); i-- > 0;) {
    const Node& node = clause.nodes[i];
    from_here[i] = z3::ite(test_holds(context, node.test, values), at(node.if_true), at(node.if_false));
  }
  return from_here[0];
}

void constrain_mode(z3::solver& solver, Mask possible, const z3::expr& value) {
  z3::expr any = solver.ctx().bool_val(false);
  for (unsigned mode = 0; mode < kModesMax; ++mode)
    if (possible >> mode & 1) any = any || value == solver.ctx().int_val(mode);
  solver.add(any);
}

void within(z3::solver& solver, const z3::expr& value, Int128 low, Int128 high) {
  solver.add(value >= number(solver.ctx(), low) && value <= number(solver.ctx(), high));
}

/// Of one of these spans, which is found by halves.
z3::expr due_among(std::span<const DueSpan> spans, const z3::expr& entered) {
  z3::context& context = entered.ctx();
  if (spans.size() == 1) return number(context, spans.front().due_ms);
  const std::span<const DueSpan> earlier = spans.first(spans.size() / 2);
  return z3::ite(entered <= number(context, earlier.back().last_ms), due_among(earlier, entered), due_among(spans.subspan(earlier.size()), entered));
}

}  // namespace

z3::expr number(z3::context& context, Int128 value) { return context.int_val(to_string(value).c_str()); }

Int128 value_in(const z3::model& model, const z3::expr& term) {
  const std::string digits = model.eval(term, true).to_string();   // "5", or "(- 5)"
  Int128 value = 0;
  for (const char c : digits)
    if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
  return digits.find('-') == std::string::npos ? value : -value;
}

z3::expr second_of_day(const z3::expr& now) {
  z3::context& context = now.ctx();
  return z3::mod(now / context.int_val(1'000), context.int_val(86'400));
}

z3::expr due(z3::solver& solver, const Vocabulary& vocabulary, const Deadline& deadline, const z3::expr& entered, const z3::expr& applies) {
  z3::context& context = solver.ctx();
  if (deadline.schedule == kNone) return entered + number(context, deadline.within_ms);
  const std::vector<DueSpan> all = due_spans(vocabulary, deadline);
  const auto usual = std::find_if(all.begin(), all.end(), [](const DueSpan& span) { return span.last_ms >= kFirstDayMs; });
  const auto first = std::min(usual, all.end() - std::min(std::ssize(all), std::ptrdiff_t{kDaysAsked}));
  const std::span<const DueSpan> asked(first, std::min<std::size_t>(static_cast<std::size_t>(all.end() - first), kDaysAsked));
  if (asked.empty()) {
    solver.add(!applies);
    return entered;
  }
  solver.add(z3::implies(applies, entered >= number(context, asked.front().first_ms) && entered <= number(context, asked.back().last_ms)));
  return due_among(asked, entered);
}

std::vector<z3::expr> fresh_values(z3::context& context, const std::vector<Slot>& slots, const std::string& prefix) {
  std::vector<z3::expr> values;
  for (std::size_t i = 0; i < slots.size(); ++i) values.push_back(context.int_const(fmt::format("{}{}", prefix, i).c_str()));
  return values;
}

z3::expr holds(z3::context& context, const Guarded& guarded, const std::vector<z3::expr>& values) {
  z3::expr all = context.bool_val(true);
  for (const Clause& clause : guarded.clauses) all = all && clause_holds(context, clause, values);
  return all;
}

std::vector<z3::expr> person_counts(z3::context& context, const std::vector<Slot>& slots, const std::string& prefix) {
  std::vector<z3::expr> counts;
  for (std::size_t i = 0; i < person_kinds(slots).size(); ++i)
    counts.push_back(context.int_const(fmt::format("{}persons{}", prefix, i).c_str()));
  return counts;
}

void constrain_ranges(z3::solver& solver, const Arena& arena, const std::vector<Slot>& slots, const std::vector<Mask>& possible,
                      const std::vector<z3::expr>& values, const std::string& prefix) {
  z3::context& context = solver.ctx();
  const auto kinds = person_kinds(slots);
  const auto counts = person_counts(context, slots, prefix);
  z3::expr persons = context.int_val(0);
  for (const z3::expr& count : counts) {
    solver.add(count >= 0);
    persons = persons + count;
  }
  solver.add(persons <= static_cast<int>(kApprovalsMax));
  if (const auto times = times_of(slots)) solver.add(values[times->of_day] == second_of_day(values[times->now]));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    switch (slot.kind) {
      case SlotKind::Amount: within(solver, values[i], 1, kAmountMax); break;
      case SlotKind::TimeOfDay: within(solver, values[i], 0, 86'399); break;
      case SlotKind::Now: within(solver, values[i], kInstantMin, kInstantMax); break;
      case SlotKind::Evidence: within(solver, values[i], 0, 1); break;
      case SlotKind::Approvals: {
        within(solver, values[i], 0, static_cast<Int128>(kApprovalsMax));
        if (kinds.empty()) break;
        z3::expr sum = context.int_val(0);
        for (std::size_t k = 0; k < kinds.size(); ++k)
          if (std::find(kinds[k].slots.begin(), kinds[k].slots.end(), i) != kinds[k].slots.end()) sum = sum + counts[k];
        solver.add(values[i] == sum);
        break;
      }
      case SlotKind::Balance:
      case SlotKind::BucketTotal:
      case SlotKind::AccountTotal: within(solver, values[i], may_be_below_zero(arena, slot) ? -kAmountMax : 0, kAmountMax); break;
      case SlotKind::Used: within(solver, values[i], 0, kAmountMax); break;
      case SlotKind::Fact: within(solver, values[i], arena.moves.vocabulary.facts[slot.target].min, arena.moves.vocabulary.facts[slot.target].max); break;
      case SlotKind::Mode: constrain_mode(solver, possible[slot.target], values[i]); break;
    }
  }
}

}  // namespace ringfence::z3_encoding
