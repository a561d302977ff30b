// SPDX-License-Identifier: Apache-2.0
// Asks Z3 about single rows: could an allowed transfer do what a property excludes? Most rows need one comparison that does not depend on
// their guards, and share its answer; the guards are brought in only where that comparison leaves a doubt.
#include <algorithm>
#include <optional>

#include "verify/overflow.h"
#include "verify/property_cases.h"
#include "verify/row_floors.h"
#include "verify/row_slots.h"
#include "verify/solve_encode.h"
#include "verify/solve_within.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

std::vector<Mask> all_modes(const Vocabulary& vocabulary) { return std::vector<Mask>(vocabulary.machines.size(), ~Mask{0}); }

/// One row with symbolic values, in a scope of its own: of its slots, and of those that a property speaks of besides.
class RowScope {
 public:
  RowScope(z3::context& context, z3::solver& solver, const Arena& arena, const Move& move, const std::vector<Slot>& more)
      : context_(context), solver_(solver), move_(move), amount_(context.int_const("amount")) {
    solver_.push();
    slots_ = move.slots;
    for (const Slot& slot : more)
      if (slot_position(slots_, slot) == kNone) slots_.push_back(slot);
    values_ = z3_encoding::fresh_values(context_, slots_, "s");
    z3_encoding::constrain_ranges(solver_, arena, slots_, all_modes(arena.moves.vocabulary), values_, "");
    solver_.add(amount_ >= 1 && amount_ <= number(context_, kAmountMax));
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].kind == SlotKind::Amount) solver_.add(values_[i] == amount_);
  }
  ~RowScope() { solver_.pop(); }
  RowScope(const RowScope&) = delete;
  RowScope& operator=(const RowScope&) = delete;

  const z3::expr& amount() const { return amount_; }
  const z3::expr& value(const Slot& slot) const { return values_[slot_position(slots_, slot)]; }

  /// 8.6 and 8.7 as decide judges them, on the slots that the row names.
  void judged_money() {
    if (move_.funds_slot != kNone) solver_.add(values_.at(move_.funds_slot) >= amount_);
    if (move_.account_slot != kNone) solver_.add(values_.at(move_.account_slot) >= amount_);
    if (move_.from_slot != kNone) solver_.add(values_.at(move_.from_slot) - amount_ >= number(context_, -kAmountMax));
    if (move_.to_slot != kNone) solver_.add(values_.at(move_.to_slot) + amount_ <= number(context_, kAmountMax));
  }
  /// 8.4, 8.5 and 8.9. Floors are left out: a batch judges them only at its end.
  void judged_rules() {
    z3::expr some = context_.bool_val(false);
    for (const Guarded& allow : move_.allows) some = some || holds(context_, allow, values_);
    solver_.add(some);
    for (const Guarded& deny : move_.denies) solver_.add(!holds(context_, deny, values_));
    for (const Guarded& limit : move_.limits) solver_.add(holds(context_, limit, values_));
  }

  /// 8.8: the row's own floors hold on the balance that it says is left.
  void judged_floors() {
    std::vector<z3::expr> after = values_;
    if (move_.from_slot != kNone) after.at(move_.from_slot) = after.at(move_.from_slot) - amount_;
    for (const Guarded& floor : move_.floors) solver_.add(holds(context_, floor, after));
  }
  /// What the floor says of the balance that is really left.
  z3::expr kept(const CarriedFloor& floor, const Slot& source) const {
    std::vector<z3::expr> after;
    for (const Slot& slot : floor.slots) after.push_back(slot == source ? value(slot) - amount_ : value(slot));
    return holds(context_, floor.floor, after);
  }

 private:
  z3::context& context_;
  z3::solver& solver_;
  const Move& move_;
  std::vector<Slot> slots_;
  z3::expr amount_;
  std::vector<z3::expr> values_;
};

class RowQuestions {
 public:
  RowQuestions(const Arena& arena, const Budget& budget) : arena_(arena), solver_(context_), within_(solver_, budget) {}

  /// Whether an allowed transfer of this row can take more than there is: of its source, and of the account that it leaves.
  z3::check_result can_lack_funds(const Move& move) {
    if (arena_.bucket(move.from).external) return z3::unsat;
    const z3::check_result of_source = can_lack(move, payer(arena_, move), move.funds_slot);
    if (of_source != z3::unsat || !account_pays(arena_, move)) return of_source;
    return can_lack(move, source_account_total(arena_.moves.vocabulary, move), move.account_slot);
  }

  /// Whether an allowed transfer of this row can leave a balance beyond what is counted.
  z3::check_result can_leave_range(const Move& move) {
    const Vocabulary& vocabulary = arena_.moves.vocabulary;
    const bool takes = !arena_.bucket(move.from).external, gives = !arena_.bucket(move.to).external;
    std::vector<Slot> ends;
    if (takes) ends.push_back(source_balance(vocabulary, move));
    if (gives) ends.push_back(destination_balance(vocabulary, move));
    const bool judges_them = (!takes || move.from_slot == slot_position(move.slots, ends.front())) && (!gives || move.to_slot == slot_position(move.slots, ends.back()));
    std::optional<z3::check_result>& plain = plain_range_[takes][gives];
    if (judges_them && plain) return *plain;
    const z3::check_result answer = ask(move, ends, [&](const RowScope& row) {
      z3::expr beyond = context_.bool_val(false);
      if (takes) beyond = beyond || row.value(ends.front()) - row.amount() < number(context_, -kAmountMax);
      if (gives) beyond = beyond || row.value(ends.back()) + row.amount() > number(context_, kAmountMax);
      return beyond;
    });
    if (judges_them && answer == z3::unsat) plain = answer;
    return answer;
  }

  /// Whether an allowed transfer of this row can end below the floor. A row that carries just this floor, judged on the right balance, can't.
  z3::check_result can_break(const Move& move, const CarriedFloor& floor) {
    const Slot source = source_balance(arena_.moves.vocabulary, move);
    if (carries(move, floor, source)) return z3::unsat;
    std::vector<Slot> speaks_of = floor.slots;
    speaks_of.push_back(source);
    RowScope row(context_, solver_, arena_, move, speaks_of);
    row.judged_money();
    row.judged_rules();
    row.judged_floors();
    solver_.add(!row.kept(floor, source));
    return within_.check();
  }

 private:
  z3::check_result can_lack(const Move& move, const Slot& paying, Index judged) {
    const bool judges_it = judged == slot_position(move.slots, paying);
    if (judges_it && plain_funds_) return *plain_funds_;
    const z3::check_result answer = ask(move, {paying}, [&](const RowScope& row) { return row.value(paying) < row.amount(); });
    if (judges_it && answer == z3::unsat) plain_funds_ = answer;
    return answer;
  }

  /// First without the guards; with them where that is not enough.
  template <class Wrong>
  z3::check_result ask(const Move& move, const std::vector<Slot>& speaks_of, const Wrong& wrong) {
    RowScope row(context_, solver_, arena_, move, speaks_of);
    row.judged_money();
    solver_.add(wrong(row));
    if (within_.check() == z3::unsat) return z3::unsat;
    row.judged_rules();
    return within_.check();
  }

  const Arena& arena_;
  z3::context context_;
  z3::solver solver_;
  WithinBudget within_;
  std::optional<z3::check_result> plain_funds_;        ///< of every row whose funds are judged on the slot that they should be
  std::optional<z3::check_result> plain_range_[2][2];  ///< likewise, by whether money leaves and enters a bucket
};

void note(PropertyCases& cases, z3::check_result wrong_is_possible, const Moves& moves, const Move& move, const std::string& what) {
  if (wrong_is_possible == z3::unsat) cases.shown();
  else if (wrong_is_possible == z3::sat) cases.refuted(row_detail(moves, move, what));
  else cases.open("the solver did not say in time whether a transfer " + what);
}

/// Runs what asks the solver; a solver that fails leaves the property open.
template <class Judge>
PropertyVerdict judged(PropertyKind kind, const std::string& what, const Judge& judge) {
  PropertyCases cases(kind);
  try {
    judge(cases);
  } catch (const std::exception& error) {
    cases.open(std::string("the solver failed: ") + error.what());
  }
  return std::move(cases).verdict(what);
}

}  // namespace

PropertyVerdict prove_funds(const Arena& arena, const Budget& budget) {
  return judged(PropertyKind::Funds, "rows of the table can take more than there is", [&](PropertyCases& cases) {
    RowQuestions questions(arena, budget);
    for (const Move& move : arena.moves.moves) note(cases, questions.can_lack_funds(move), arena.moves, move, "can take more than its source has");
  });
}

PropertyVerdict prove_floors(const Arena& arena, const Budget& budget) {
  return judged(PropertyKind::Floors, "rows of the table can break a floor", [&](PropertyCases& cases) {
    const FloorsOf floors = floors_of(arena.moves);
    if (floors.empty()) return;
    RowQuestions questions(arena, budget);
    for (const Move& move : arena.moves.moves) {
      const auto own = floors.find({move.from, move.asset});
      if (own == floors.end()) continue;
      for (const CarriedFloor& floor : own->second)
        note(cases, questions.can_break(move, floor), arena.moves, move, "can end below " + arena.moves.statements.at(floor.floor.statement).words.text);
    }
  });
}

PropertyVerdict prove_no_overflow(const Arena& arena, const Budget& budget) {
  return judged(PropertyKind::NoOverflow, "rows and changes of mode can leave the integers that the decision counts in", [&](PropertyCases& cases) {
    RowQuestions questions(arena, budget);
    for (const Move& move : arena.moves.moves) {
      if (const Clause* clause = find_overflow(arena, move.slots, guards_of(move))) cases.refuted(row_detail(arena.moves, move, "overflows in " + clause->text));
      else note(cases, questions.can_leave_range(move), arena.moves, move, "can leave a balance beyond what is counted");
    }
    for (const Transition& transition : arena.moves.transitions) {
      const RuleText& words = arena.moves.statements.at(transition.guard.statement).words;
      if (find_overflow(arena, transition.slots, {&transition.guard})) cases.refuted({words.line, words.text});
      else cases.shown();
    }
  });
}

}  // namespace ringfence
