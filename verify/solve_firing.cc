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
#include "verify/row_values.h"
#include "verify/solve_encode.h"
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
  Firing(const Arena& arena, const std::vector<Mask>& possible, std::uint32_t timeout_ms)
      : arena_(arena), moves_(arena.moves), possible_(possible), solver_(context_), fired_(moves_.statements.size(), false), rows_of_(moves_.statements.size()) {
    z3::params params(context_);
    params.set("timeout", timeout_ms);
    solver_.set(params);
  }

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
      if (!asked.insert(content(moves_.moves[row], statement)).second) continue;
      const Fires fires = ask_row(moves_.moves[row], statement, asked.size() <= kExplainedRows, obstacles);
      if (fires == Fires::Yes) return fires;
      open = open || fires == Fires::Open;
    }
    if (!rows.empty()) why_ = in_words(statement, obstacles);
    return open ? Fires::Open : Fires::No;
  }

  /// What must hold for the statement to decide: itself, and obstacles that others would be.
  struct Question { std::vector<z3::expr> itself; std::vector<std::pair<Index, z3::expr>> others; };

  Fires ask_row(const Move& move, Index statement, bool explain, std::set<Index>& obstacles) {
    solver_.push();
    const Question question = question_of(move, statement);
    for (const z3::expr& part : question.itself) solver_.add(part);
    std::vector<bool> left_out(question.others.size(), false);
    const z3::check_result answer = check(question, left_out);
    if (answer == z3::unsat && explain)
      for (std::size_t i = 0; i < left_out.size(); ++i) {
        left_out[i] = true;
        if (check(question, left_out) == z3::unsat) continue;
        left_out[i] = false;
        obstacles.insert(question.others[i].first);
      }
    solver_.pop();
    return answer == z3::sat ? Fires::Yes : answer == z3::unsat ? Fires::No : Fires::Open;
  }

  z3::check_result check(const Question& question, const std::vector<bool>& left_out) {
    solver_.push();
    for (std::size_t i = 0; i < left_out.size(); ++i)
      if (!left_out[i]) solver_.add(question.others[i].second);
    const z3::check_result answer = solver_.check();
    solver_.pop();
    return answer;
  }

  Question question_of(const Move& move, Index statement) {
    const auto values = values_of(move.slots);
    const z3::expr amount = context_.int_const("amount");
    solver_.add(amount >= 1 && amount <= number(context_, kAmountMax));
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) solver_.add(values[i] == amount);
    auto after = values;
    if (move.from_slot != kNone) after[move.from_slot] = values[move.from_slot] - amount;

    Question question;
    z3::expr money = context_.bool_val(true), some_allow = context_.bool_val(false);
    if (move.funds_slot != kNone) money = money && values[move.funds_slot] >= amount;
    if (move.from_slot != kNone) money = money && values[move.from_slot] - amount >= number(context_, -kAmountMax);
    if (move.to_slot != kNone) money = money && values[move.to_slot] + amount <= number(context_, kAmountMax);
    question.others.emplace_back(kFunds, money);
    const StatementKind kind = moves_.statements[statement].kind;
    for (const Guarded& allow : move.allows) {
      if (allow.statement == statement) question.itself.push_back(holds(context_, allow, values));
      some_allow = some_allow || holds(context_, allow, values);
    }
    if (kind != StatementKind::Allow) question.others.emplace_back(kAllows, some_allow);
    const auto add = [&](const std::vector<Guarded>& group, const std::vector<z3::expr>& read, bool allows, bool before_only) {
      for (const Guarded& each : group) {
        const z3::expr held = holds(context_, each, read);
        if (each.statement == statement) question.itself.push_back(allows ? !held : held);
        else if (!before_only || each.statement < statement) question.others.emplace_back(each.statement, allows ? held : !held);
      }
    };
    add(move.denies, values, false, kind == StatementKind::Deny);
    add(move.limits, values, true, kind == StatementKind::Limit);
    if (kind == StatementKind::Floor) add(move.floors, after, true, true);
    return question;
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
    const z3::check_result answer = solver_.check();
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

  /// What the answer for this statement depends on; equal for rows that differ only in which buckets, roles or purposes they are of.
  std::string content(const Move& move, Index statement) const {
    std::string key = fmt::format("{} {} {} {} ", move.funds_slot, move.from_slot, move.to_slot, statement);
    for (Index i = 0; i < move.slots.size(); ++i) {
      const auto [low, high] = slot_range(arena_, possible_, move.slots[i]);
      key += fmt::format("{},{},{},{}", static_cast<int>(move.slots[i].kind), to_string(low), to_string(high), move.slots[i].roles);
      if (move.slots[i].kind == SlotKind::Mode) key += fmt::format("m{}", possible_[move.slots[i].target]);
      if (move.slots[i].kind == SlotKind::BucketTotal || move.slots[i].kind == SlotKind::AccountTotal)
        for (const Index balance : included_balances(arena_, move.slots, i)) key += fmt::format("t{}", balance);
      key += ';';
    }
    for (const Guarded* guarded : guards_of(move)) {
      key += fmt::format("|{}", guarded->statement);
      for (const Clause& clause : guarded->clauses)
        for (const Node& node : clause.nodes) {
          key += fmt::format("({} {} {} {} {}", static_cast<int>(node.test.kind), to_string(node.test.constant), node.test.set, node.if_true, node.if_false);
          for (const Term& term : node.test.terms) key += fmt::format(" {}*{}", term.coefficient, term.slot);
        }
    }
    return key;
  }

  const Arena& arena_;
  const Moves& moves_;
  const std::vector<Mask>& possible_;
  z3::context context_;
  z3::solver solver_;
  std::vector<bool> fired_;
  std::vector<std::vector<Index>> rows_of_;   ///< by statement
  std::string why_;                           ///< of the last No
};

}  // namespace

PropertyVerdict prove_rules_fire(const Arena& arena, const std::vector<Mask>& possible, std::uint32_t solver_timeout_ms) {
  PropertyCases cases(PropertyKind::RulesFire);
  try {
    Firing(arena, possible, solver_timeout_ms).run(cases);
  } catch (const std::exception& error) {
    cases.open(std::string("the solver failed: ") + error.what());
  }
  return std::move(cases).verdict("rules, floors, limits and changes of mode never decide");
}

}  // namespace ringfence
