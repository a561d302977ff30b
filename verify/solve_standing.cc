// SPDX-License-Identifier: Apache-2.0
// Asks Z3 about single rows: could an allowed transfer do what a property excludes? Most rows need one comparison that does not depend on
// their guards, and share its answer; the guards are brought in only where that comparison leaves a doubt.
#include <optional>

#include "verify/property_cases.h"
#include "verify/row_slots.h"
#include "verify/solve_encode.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

std::vector<Mask> all_modes(const Vocabulary& vocabulary) { return std::vector<Mask>(vocabulary.machines.size(), ~Mask{0}); }

/// What must cover the amount: the balance of the source; of one that may overdraw, its account's total. The source is no external.
Slot payer(const Arena& arena, const Move& move) {
  return arena.bucket(move.from).may_overdraw ? source_account_total(arena.moves.vocabulary, move) : source_balance(arena.moves.vocabulary, move);
}

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
  RowQuestions(const Arena& arena, std::uint32_t timeout_ms) : arena_(arena), solver_(context_) {
    z3::params params(context_);
    params.set("timeout", timeout_ms);
    solver_.set(params);
  }

  /// Whether an allowed transfer of this row can take more than there is.
  z3::check_result can_lack_funds(const Move& move) {
    if (arena_.bucket(move.from).external) return z3::unsat;
    const Slot paying = payer(arena_, move);
    const bool judges_it = move.funds_slot == slot_position(move.slots, paying);
    if (judges_it && plain_funds_) return *plain_funds_;
    const z3::check_result answer = ask(move, {paying}, [&](const RowScope& row) { return row.value(paying) < row.amount(); });
    if (judges_it && answer == z3::unsat) plain_funds_ = answer;
    return answer;
  }

 private:
  /// First without the guards; with them where that is not enough.
  template <class Wrong>
  z3::check_result ask(const Move& move, const std::vector<Slot>& speaks_of, const Wrong& wrong) {
    RowScope row(context_, solver_, arena_, move, speaks_of);
    row.judged_money();
    solver_.add(wrong(row));
    if (solver_.check() == z3::unsat) return z3::unsat;
    row.judged_rules();
    return solver_.check();
  }

  const Arena& arena_;
  z3::context context_;
  z3::solver solver_;
  std::optional<z3::check_result> plain_funds_;   ///< of every row whose funds are judged on the slot that they should be
};

}  // namespace

PropertyVerdict prove_funds(const Arena& arena, std::uint32_t solver_timeout_ms) {
  PropertyCases cases(PropertyKind::Funds);
  try {
    RowQuestions questions(arena, solver_timeout_ms);
    for (const Move& move : arena.moves.moves) {
      const z3::check_result answer = questions.can_lack_funds(move);
      if (answer == z3::unsat) cases.shown();
      else if (answer == z3::sat) cases.refuted(row_detail(arena.moves, move, "can take more than its source has"));
      else cases.open("the solver did not say in time whether a transfer can take more than there is");
    }
  } catch (const std::exception& error) {
    cases.open(std::string("the solver failed: ") + error.what());
  }
  return std::move(cases).verdict("rows of the table can take more than there is");
}

}  // namespace ringfence
