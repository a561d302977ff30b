// SPDX-License-Identifier: Apache-2.0
// Whether each statement ever decides: some values are tried on each row first; what they leave is put to Z3, one question for rows that
// read alike. Where the answer is no, the smallest set of other statements that stands in the way is found by leaving them out in turn.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "verify/overflow.h"
#include "verify/property_cases.h"
#include "verify/row_content.h"
#include "verify/row_values.h"
#include "verify/solve_encode.h"
#include "verify/solve_within.h"
#include "verify/standing.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

constexpr int kGuesses = 48;
/// Rows of a statement that never decides whose obstacles are named; on the others that it does not is shown, without naming them.
constexpr std::size_t kExplainedRows = 8;
constexpr Index kFunds = kNone - 1, kAllows = kNone - 2;   // obstacles that are no statement

enum class Fires { Yes, No, Open };

class Firing {
 public:
  Firing(const Arena& arena, const std::vector<Mask>& possible, const Budget& budget, ProofMemory* memory)
      : arena_(arena), moves_(arena.moves), possible_(possible), memory_(memory), solver_(context_), within_(solver_, budget), fired_(moves_.statements.size(), false), rows_of_(moves_.statements.size()) {}

  void run(PropertyCases& cases) {
    for (Index row = 0; row < moves_.moves.size(); ++row) {
      for (const Guarded* guarded : guards_of(moves_.moves[row])) rows_of_[guarded->statement].push_back(row);
      try_values(moves_.moves[row]);
    }
    for (Index statement = 0; statement < moves_.statements.size(); ++statement) {
      const StatementKind kind = moves_.statements[statement].kind;   // an invariant decides nothing
      if (kind != StatementKind::Transition && kind != StatementKind::Invariant) note(cases, statement, fired_[statement] ? Fires::Yes : ask_rows(statement));
    }
    for (const Transition& transition : moves_.transitions) note(cases, transition.guard.statement, ask(transition));
  }

 private:
  void note(PropertyCases& cases, Index statement, Fires fires) {
    const RuleText& words = moves_.statements[statement].words;
    if (fires == Fires::Yes) cases.shown();
    else if (fires == Fires::Open) cases.open(fmt::format("the solver did not say in time whether line {} ever decides", words.line));
    else cases.refuted({words.line, fmt::format("{}: {}", words.text, why_)});
  }

  // ---- values that are tried

  void try_values(const Move& move) {
    const auto guards = guards_of(move);
    const auto all_fired = [&] { return std::all_of(guards.begin(), guards.end(), [&](const Guarded* each) { return fired_[each->statement]; }); };
    if (all_fired()) return;
    ValueGuess guess(arena_, possible_, move.slots, guards);
    for (int i = 0; i < kGuesses && !all_fired(); ++i)
      if (const auto values = guess.next())
        for (const Index statement : deciding(move, *values)) fired_[statement] = true;
  }

  // ---- rows

  Fires ask_rows(Index statement) {
    const std::vector<Index>& rows = rows_of_[statement];
    why_ = "no allow rule speaks of anything that it speaks of";
    bool open = false;
    std::set<Index> obstacles;
    std::set<std::string> asked;
    for (const Index row : rows) {
      const std::string of_row = content(moves_.moves[row], statement);
      if (!asked.insert(of_row + statements_of(moves_.moves[row])).second) continue;
      const Fires fires = ask_row(moves_.moves[row], of_row, statement, asked.size() <= kExplainedRows, obstacles);
      if (fires == Fires::Yes) return fires;
      open = open || fires == Fires::Open;
    }
    if (!rows.empty()) why_ = in_words(statement, obstacles);
    return open ? Fires::Open : Fires::No;
  }

  /// What another part of the row must say for the statement to decide: an obstacle, where it does not.
  struct Other { Index what; const Guarded* guard = nullptr; bool must_hold = true, reads_after = false; };

  std::vector<Other> others_of(const Move& move, Index statement) const {
    const StatementKind kind = moves_.statements[statement].kind;
    std::vector<Other> others{{kFunds}};
    if (kind != StatementKind::Allow) others.push_back({kAllows});
    const auto add = [&](const std::vector<Guarded>& group, bool must_hold, bool before_only, bool reads_after) {
      for (const Guarded& each : group)
        if (each.statement != statement && (!before_only || each.statement < statement)) others.push_back({each.statement, &each, must_hold, reads_after});
    };
    add(move.denies, false, kind == StatementKind::Deny, false);
    add(move.limits, true, kind == StatementKind::Limit, false);
    if (kind == StatementKind::Floor) add(move.floors, true, true, true);
    return others;
  }

  Fires ask_row(const Move& move, const std::string& content, Index statement, bool explain, std::set<Index>& obstacles) {
    const std::vector<Other> others = others_of(move, statement);
    std::vector<z3::expr> terms;   // of the others; made, and the statement asserted, when the solver is first asked
    std::string left_out(others.size(), '0');
    const auto check = [&] {
      return check_remembered(memory_, content + left_out, [&] {
        if (terms.empty()) terms = assert_row(move, statement, others);
        return check_without(terms, left_out);
      });
    };
    const z3::check_result answer = check();
    if (answer == z3::unsat && explain)
      for (std::size_t i = 0; i < others.size(); ++i) {
        left_out[i] = '1';
        if (check() == z3::unsat) continue;
        left_out[i] = '0';
        obstacles.insert(others[i].what);
      }
    if (!terms.empty()) solver_.pop();
    return answer == z3::sat ? Fires::Yes : answer == z3::unsat ? Fires::No : Fires::Open;
  }

  z3::check_result check_without(const std::vector<z3::expr>& terms, const std::string& left_out) {
    solver_.push();
    for (std::size_t i = 0; i < terms.size(); ++i)
      if (left_out[i] == '0') solver_.add(terms[i]);
    const z3::check_result answer = within_.check();
    solver_.pop();
    return answer;
  }

  /// Opens a scope with the row's values, of which the statement itself holds (or does not, where that is how it refuses). Out: a term for each other.
  std::vector<z3::expr> assert_row(const Move& move, Index statement, const std::vector<Other>& others) {
    solver_.push();
    const auto values = values_of(move.slots);
    const z3::expr amount = context_.int_const("amount");
    solver_.add(amount >= 1 && amount <= number(context_, kAmountMax));
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) solver_.add(values[i] == amount);
    auto after = values;
    if (move.from_slot != kNone) after[move.from_slot] = values[move.from_slot] - amount;
    for (const auto* group : {&move.allows, &move.denies})
      for (const Guarded& each : *group)
        if (each.statement == statement) solver_.add(holds(context_, each, values));
    for (const auto* group : {&move.floors, &move.limits})
      for (const Guarded& each : *group)
        if (each.statement == statement) solver_.add(!holds(context_, each, group == &move.floors ? after : values));

    z3::expr money = context_.bool_val(true), some_allow = context_.bool_val(false);
    if (move.funds_slot != kNone) money = money && values[move.funds_slot] >= amount;
    if (move.account_slot != kNone) money = money && values[move.account_slot] >= amount;
    if (move.from_slot != kNone) money = money && values[move.from_slot] - amount >= number(context_, -kAmountMax);
    if (move.to_slot != kNone) money = money && values[move.to_slot] + amount <= number(context_, kAmountMax);
    for (const Guarded& allow : move.allows) some_allow = some_allow || holds(context_, allow, values);
    std::vector<z3::expr> terms;
    for (const Other& other : others) {
      if (other.what == kFunds || other.what == kAllows) {
        terms.push_back(other.what == kFunds ? money : some_allow);
        continue;
      }
      const z3::expr held = holds(context_, *other.guard, other.reads_after ? after : values);
      terms.push_back(other.must_hold ? held : !held);
    }
    return terms;
  }

  std::vector<z3::expr> values_of(const std::vector<Slot>& slots) {
    const auto values = z3_encoding::fresh_values(context_, slots, "s");
    z3_encoding::constrain_ranges(solver_, arena_, slots, possible_, values, "");
    for (Index i = 0; i < slots.size(); ++i) {
      if ((slots[i].kind != SlotKind::BucketTotal && slots[i].kind != SlotKind::AccountTotal) || may_be_below_zero(arena_, slots[i])) continue;
      z3::expr sum = context_.int_val(0);
      for (const Index balance : included_balances(arena_, slots, i)) sum = sum + values[balance];
      solver_.add(values[i] >= sum);
    }
    return values;
  }

  // ---- changes of mode

  Fires ask(const Transition& transition) {
    const Mask from = transition.from_modes & possible_[transition.machine] & ~(Mask{1} << transition.to_mode);
    why_ = "none of the modes that it starts from can be reached";
    if (from == 0) return Fires::No;
    solver_.push();
    const auto values = values_of(transition.slots);
    for (std::size_t i = 0; i < transition.slots.size(); ++i)
      if (transition.slots[i].kind == SlotKind::Mode && transition.slots[i].target == transition.machine) solver_.add(in(from, values[i]));
    solver_.add(holds(context_, transition.guard, values));
    const z3::check_result answer = within_.check();
    solver_.pop();
    why_ = "its conditions never hold";
    return answer == z3::sat ? Fires::Yes : answer == z3::unsat ? Fires::No : Fires::Open;
  }

  z3::expr in(Mask set, const z3::expr& value) {
    z3::expr any = context_.bool_val(false);
    for (unsigned mode = 0; mode < kModesMax; ++mode)
      if (set >> mode & 1) any = any || value == context_.int_val(mode);
    return any;
  }

  // ---- words

  std::string in_words(Index statement, const std::set<Index>& obstacles) const {
    const bool refuses = moves_.statements[statement].kind != StatementKind::Allow;
    if (obstacles.empty()) return moves_.statements[statement].kind == StatementKind::Floor || moves_.statements[statement].kind == StatementKind::Limit
                                      ? "it never refuses anything" : "its own conditions never hold together";
    std::string words = refuses ? "nothing is left for it to refuse, because of " : "never decides, because of ";
    bool first = true;
    for (const Index obstacle : obstacles) {
      words += first ? "" : ", ";
      first = false;
      if (obstacle == kFunds) words += "the source's funds and the range of balances";
      else if (obstacle == kAllows) words += "the conditions of the allow rules";
      else words += fmt::format("line {}: {}", moves_.statements[obstacle].words.line, moves_.statements[obstacle].words.text);
    }
    return words;
  }

  /// What the answer for this statement depends on; equal for rows that differ only in which buckets, roles or purposes they are of. Of the
  /// statements only their order counts.
  std::string content(const Move& move, Index statement) const {
    std::set<Index> in_order;
    const auto guards = guards_of(move);
    for (const Guarded* guarded : guards) in_order.insert(guarded->statement);
    const auto rank = [&](Index each) { return std::distance(in_order.begin(), in_order.find(each)); };
    std::string text = "fires" + row_content(arena_, possible_, move) + fmt::format("{} of kind {}:", rank(statement), static_cast<int>(moves_.statements[statement].kind));
    for (const Guarded* guarded : guards) text += fmt::format(" {}", rank(guarded->statement));
    return text + " without ";
  }

  /// Which statements the row's guards are of: rows of equal content can have different obstacles to name.
  static std::string statements_of(const Move& move) {
    std::string text;
    for (const Guarded* guarded : guards_of(move)) text += fmt::format(" {}", guarded->statement);
    return text;
  }

  const Arena& arena_;
  const Moves& moves_;
  const std::vector<Mask>& possible_;
  ProofMemory* const memory_;
  z3::context context_;
  z3::solver solver_;
  WithinBudget within_;
  std::vector<bool> fired_;
  std::vector<std::vector<Index>> rows_of_;   ///< by statement
  std::string why_;                           ///< of the last No
};

}  // namespace

PropertyVerdict prove_rules_fire(const Arena& arena, const std::vector<Mask>& possible, const Budget& budget, ProofMemory* memory) {
  PropertyCases cases(PropertyKind::RulesFire);
  try {
    Firing(arena, possible, budget, memory).run(cases);
  } catch (const std::exception& error) {
    cases.open(std::string("the solver failed: ") + error.what());
  }
  return std::move(cases).verdict("rules, floors, limits and changes of mode never decide");
}

}  // namespace ringfence
