// SPDX-License-Identifier: Apache-2.0
// Decision diagrams to Z3: one integer a value, within its range; approvals count real persons. One solver is kept, and a question is a
// scope of it.
#include <algorithm>

#include "verify/difference_solver.h"
#include "verify/persons.h"
#include "verify/solve_within.h"
#include "verify/times.h"

namespace ringfence::equivalence {
namespace {

z3::expr number(z3::context& context, Int128 value) { return context.int_val(to_string(value).c_str()); }

/// The model's integer, which is in a declared range and so fits.
Int128 to_int128(const z3::expr& value) {
  const std::string digits = value.to_string();
  Int128 result = 0;
  for (const char c : digits)
    if (c >= '0' && c <= '9') result = result * 10 + (c - '0');
  return digits.find('-') != std::string::npos ? -result : result;   // printed as "(- 5)"
}

}  // namespace

struct DifferenceSolver::Solver {
  explicit Solver(const Budget& budget) : solver(context), within(solver, budget) {}

  z3::expr test(const Comparison& comparison, const std::vector<z3::expr>& values) {
    if (comparison.kind == TestKind::InSet) {
      z3::expr_vector modes(context);
      for (int mode = 0; mode < static_cast<int>(kModesMax); ++mode)
        if ((comparison.set >> static_cast<unsigned>(mode) & 1) != 0) modes.push_back(values[comparison.sum.terms.front().first] == context.int_val(mode));
      return z3::mk_or(modes);
    }
    z3::expr sum = number(context, comparison.sum.constant);
    for (const auto& [value, coefficient] : comparison.sum.terms) sum = sum + number(context, coefficient) * values[value];
    return comparison.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
  }

  /// Asserts, for every choice below `top` and those only, what it is by its two branches. Choices are numbered after their branches.
  z3::expr assert_diagram(const GuardDiagrams& diagrams, Diagram top, const std::vector<z3::expr>& values) {
    std::vector<bool> below(top + 1, false);
    below[top] = true;
    for (Diagram i = top; i > kAlways; --i)
      if (below[i]) below[diagrams.choice(i).if_true] = below[diagrams.choice(i).if_false] = true;
    std::vector<z3::expr> named(top + 1, context.bool_val(false));
    named[kAlways] = context.bool_val(true);
    for (Diagram i = kAlways + 1; i <= top; ++i) {
      if (!below[i]) continue;
      const Choice& choice = diagrams.choice(i);
      named[i] = context.bool_const(("choice" + std::to_string(i)).c_str());
      solver.add(named[i] == z3::ite(test(diagrams.comparison(choice.comparison), values), named[choice.if_true], named[choice.if_false]));
    }
    return named[top];
  }

  std::vector<z3::expr> assert_ranges(const GuardDiagrams& diagrams) {
    std::vector<z3::expr> values;
    for (Index i = 0; i < diagrams.value_count(); ++i) {
      values.push_back(context.int_const(("value" + std::to_string(i)).c_str()));
      const ValueRange range = diagrams.range(i);
      solver.add(values.back() >= number(context, range.min) && values.back() <= number(context, range.max));
    }
    return values;
  }

  /// Each count of approvals is that of the persons who meet it.
  std::vector<z3::expr> assert_persons(const std::vector<Slot>& slots, const std::vector<PersonKind>& kinds, const std::vector<z3::expr>& values) {
    std::vector<z3::expr> counts;
    z3::expr all = context.int_val(0);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      counts.push_back(context.int_const(("persons" + std::to_string(i)).c_str()));
      solver.add(counts.back() >= 0);
      all = all + counts.back();
    }
    solver.add(all <= static_cast<int>(kApprovalsMax));
    for (Index slot = 0; slot < slots.size() && !kinds.empty(); ++slot) {
      if (slots[slot].kind != SlotKind::Approvals) continue;
      z3::expr sum = context.int_val(0);
      for (std::size_t i = 0; i < kinds.size(); ++i)
        if (std::find(kinds[i].slots.begin(), kinds[i].slots.end(), slot) != kinds[i].slots.end()) sum = sum + counts[i];
      solver.add(values[slot] == sum);
    }
    return counts;
  }

  Search find(const GuardDiagrams& diagrams, Diagram diagram) {
    const std::vector<z3::expr> values = assert_ranges(diagrams);
    std::vector<Slot> slots;
    for (Index i = 0; i < diagrams.value_count(); ++i) slots.push_back(diagrams.slot(i));
    const std::vector<PersonKind> kinds = person_kinds(slots);
    const std::vector<z3::expr> counts = assert_persons(slots, kinds, values);
    if (const auto times = times_of(slots)) solver.add(values[times->of_day] == z3::mod(values[times->now] / context.int_val(1'000), context.int_val(86'400)));
    solver.add(assert_diagram(diagrams, diagram, values));
    const z3::check_result answer = within.check();
    if (answer == z3::unsat) return {Search::Answer::None, {}, {}};
    if (answer == z3::unknown) return {Search::Answer::Unknown, {}, "the solver does not decide it: " + solver.reason_unknown()};
    const z3::model model = solver.get_model();
    Search found{Search::Answer::Found, {}, {}};
    for (const z3::expr& value : values) found.example.values.push_back(to_int128(model.eval(value, true)));
    for (std::size_t i = 0; i < kinds.size(); ++i)
      found.example.persons.insert(found.example.persons.end(), static_cast<std::size_t>(to_int128(model.eval(counts[i], true))), kinds[i].roles);
    return found;
  }

  z3::context context;
  z3::solver solver;
  WithinBudget within;
};

DifferenceSolver::DifferenceSolver(const Budget& budget) : budget_(budget) {}
DifferenceSolver::~DifferenceSolver() = default;

Search DifferenceSolver::find(const GuardDiagrams& diagrams, Diagram diagram) {
  if (diagram == kNever) return {Search::Answer::None, {}, {}};
  ++question_count_;
  try {
    if (!solver_) solver_ = std::make_unique<Solver>(budget_);
    solver_->solver.push();
    Search search = solver_->find(diagrams, diagram);
    solver_->solver.pop();
    return search;
  } catch (const z3::exception& error) {
    solver_.reset();
    return {Search::Answer::Unknown, {}, std::string("the solver failed: ") + error.msg()};
  }
}

}  // namespace ringfence::equivalence
