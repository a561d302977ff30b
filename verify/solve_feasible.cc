// SPDX-License-Identifier: Apache-2.0
// Asks Z3 whether any transfer could take a move. One solver is kept; each question is a scope of it; answers are kept by the
// content of the row, so that many moves with the same guards cost one question.
#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "verify/feasible.h"
#include "verify/guess.h"
#include "verify/row_content.h"
#include "verify/solve_encode.h"
#include "verify/solve_within.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

void put(std::string& key, const void* data, std::size_t size) { key.append(static_cast<const char*>(data), size); }
template <class T>
void put(std::string& key, const T& value) { put(key, &value, sizeof value); }

void put_knowledge(std::string& key, const SlotKnowledge& known) {
  put(key, known.coins.data(), known.coins.size());
  put(key, known.beyond.data(), known.beyond.size());
  put(key, known.mode.data(), known.mode.size() * sizeof(std::int16_t));
  put(key, known.taken);
  put(key, known.left_at_source);
  put(key, known.beyond_balance);
}

}  // namespace

struct Feasibility::Solver {
  Solver(const Arena& all, std::vector<Mask> modes, const Budget& limit, ProofMemory* remembers)
      : arena(all), possible(std::move(modes)), budget(limit), memory(remembers) {}

  /// What asks about the values of the slots, in a scope of its own: `assert_all` says what is known of them and gives back the question.
  template <class AssertAll>
  z3::check_result ask(const std::string& content, const std::vector<Slot>& slots, const AssertAll& assert_all) {
    return check_remembered(memory, content, [&] {
      if (!z3) z3.emplace(budget);
      try {
        ++queries;
        z3->solver.push();
        const auto values = z3_encoding::fresh_values(z3->context, slots, "s");
        z3_encoding::constrain_ranges(z3->solver, arena, slots, possible, values, "");
        z3->solver.add(assert_all(z3->context, z3->solver, values));
        const z3::check_result answer = z3->within.check();
        z3->solver.pop();
        return answer;
      } catch (const z3::exception&) {
        z3.reset();
        return z3::unknown;
      }
    });
  }

  const std::string& content_of(Index move_index) {
    const auto [known, is_new] = content_by_move.try_emplace(move_index, nullptr);
    if (is_new) known->second = &*contents.insert("move" + row_content(arena, possible, arena.moves.moves[move_index])).first;
    return *known->second;
  }

  /// Everything about a move but which allow rule it is.
  void assert_move(z3::context& context, z3::solver& solver, const Move& move, const SlotKnowledge& known, const std::vector<z3::expr>& values) {
    z3::expr amount = context.int_const("amount");
    solver.add(amount >= static_cast<int>(known.taken) && amount >= 1 && amount <= number(context, kAmountMax));
    assert_knowledge(solver, move.slots, known, values);
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) solver.add(values[i] == amount);
    if (move.funds_slot != kNone) solver.add(values[move.funds_slot] - amount >= static_cast<int>(left_behind(move, known)));
    if (move.account_slot != kNone) solver.add(values[move.account_slot] >= amount);
    if (move.from_slot != kNone) solver.add(values[move.from_slot] - amount >= number(context, -kAmountMax));
    if (known.beyond_balance > 0) solver.add(amount - values[move.from_slot] >= static_cast<int>(known.beyond_balance));
    if (move.to_slot != kNone) solver.add(values[move.to_slot] + amount <= number(context, kAmountMax));
    for (const Guarded& deny : move.denies) solver.add(!holds(context, deny, values));
    for (const Guarded& limit : move.limits) solver.add(holds(context, limit, values));
  }

  /// An account's total can say less than the units in it, so nothing is known of what an overdrawing source leaves.
  std::uint8_t left_behind(const Move& move, const SlotKnowledge& known) const {
    return may_be_below_zero(arena, move.slots[move.funds_slot]) ? 0 : known.left_at_source;
  }

  void assert_knowledge(z3::solver& solver, const std::vector<Slot>& slots, const SlotKnowledge& known, const std::vector<z3::expr>& values) {
    for (Index i = 0; i < slots.size(); ++i) {
      if (known.mode[i] >= 0) solver.add(values[i] == static_cast<int>(known.mode[i]));
      if (known.coins[i] > 0) solver.add(values[i] >= static_cast<int>(known.coins[i]));
      if (slots[i].kind != SlotKind::BucketTotal && slots[i].kind != SlotKind::AccountTotal) continue;
      assert_total(solver, slots, known, values, i);
    }
  }

  /// A total is at least the balances that it includes, and the followed units elsewhere in it, where nothing in it can be below zero.
  void assert_total(z3::solver& solver, const std::vector<Slot>& slots, const SlotKnowledge& known, const std::vector<z3::expr>& values, Index total) {
    const Slot& slot = slots[total];
    if (may_be_below_zero(arena, slot)) return;
    z3::expr sum = solver.ctx().int_val(static_cast<int>(known.beyond[total]));
    for (const Index balance : included_balances(arena, slots, total)) sum = sum + values[balance];
    solver.add(values[total] >= sum);
  }

  struct Z3 {
    explicit Z3(const Budget& limit) : solver(context), within(solver, limit) {}
    z3::context context;
    z3::solver solver;
    WithinBudget within;
  };
  const Arena& arena;
  const std::vector<Mask> possible;
  const Budget budget;
  ProofMemory* const memory;
  std::optional<Z3> z3;
  std::size_t queries = 0;
  std::unordered_map<Index, const std::string*> content_by_move;
  std::unordered_set<std::string> contents;   ///< each once: many moves have the same guards
  std::unordered_map<std::string, Ways> ways;
  std::unordered_map<std::string, int> transitions;
};

Feasibility::Feasibility(const Arena& arena, std::vector<Mask> possible, const Budget& budget, ProofMemory* memory)
    : solver_(std::make_unique<Solver>(arena, std::move(possible), budget, memory)) {}
Feasibility::~Feasibility() = default;
std::size_t Feasibility::queries() const noexcept { return solver_->queries; }

Ways Feasibility::move(Index index, const SlotKnowledge& known) {
  Solver& s = *solver_;
  const Move& move = s.arena.moves.moves[index];
  Ways ways;
  const auto each_way = [&](auto possible) {
    for (Index i = 0; i < move.allows.size(); ++i) {
      Index& way = move.allows[i].passing_title ? ways.pass : ways.keep;
      if (way == kNone && possible(i)) way = i;
    }
  };
  each_way([&](Index i) { return some_values_allow(s.arena, s.possible, move, known, i); });
  if (ways.keep != kNone && ways.pass != kNone) return ways;
  const auto open_still = [&](bool passing) {
    return (passing ? ways.pass : ways.keep) == kNone &&
           std::any_of(move.allows.begin(), move.allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; });
  };
  if (!open_still(false) && !open_still(true)) return ways;
  std::string key;
  put(key, &s.content_of(index));
  put_knowledge(key, known);
  const auto [place, is_new] = s.ways.try_emplace(key);
  if (!is_new) return place->second;
  each_way([&](Index i) {
    std::string content = s.content_of(index);
    put_knowledge(content, known);
    put(content, i);
    const auto answer = s.ask(content, move.slots, [&](z3::context& context, z3::solver& solver, const std::vector<z3::expr>& values) {
      s.assert_move(context, solver, move, known, values);
      return holds(context, move.allows[i], values);
    });
    ways.unknown |= answer == z3::unknown;
    return answer == z3::sat;
  });
  return place->second = ways;
}

int Feasibility::transition(Index index, const SlotKnowledge& known) {
  Solver& s = *solver_;
  const Transition& transition = s.arena.moves.transitions[index];
  if (transition.guard.clauses.empty()) return 1;
  std::string key;
  put(key, index);
  put_knowledge(key, known);
  const auto [place, is_new] = s.transitions.try_emplace(key, -1);
  if (!is_new) return place->second;
  std::string content = "change" + slots_content(s.arena, s.possible, transition.slots) + guards_content({transition.guard});
  put_knowledge(content, known);
  const auto answer = s.ask(content, transition.slots, [&](z3::context& context, z3::solver& solver, const std::vector<z3::expr>& values) {
    s.assert_knowledge(solver, transition.slots, known, values);
    return holds(context, transition.guard, values);
  });
  return place->second = answer == z3::unknown ? -1 : answer == z3::sat ? 1 : 0;
}

bool modes_possible(const Arena& arena, const Budget& budget, std::vector<Mask>& possible, ProofMemory* memory) {
  possible.assign(arena.moves.vocabulary.machines.size(), 1);
  for (bool grew = !arena.moves.transitions.empty(); grew;) {
    grew = false;
    Feasibility feasible(arena, possible, budget, memory);
    for (Index i = 0; i < arena.moves.transitions.size(); ++i) {
      const Transition& transition = arena.moves.transitions[i];
      Mask& set = possible[transition.machine];
      if (!(set & transition.from_modes) || (set >> transition.to_mode & 1)) continue;
      SlotKnowledge nothing;
      nothing.coins.assign(transition.slots.size(), 0);
      nothing.beyond.assign(transition.slots.size(), 0);
      nothing.mode.assign(transition.slots.size(), -1);
      const int answer = feasible.transition(i, nothing);
      if (answer < 0) return false;
      if (answer == 0) continue;
      set |= Mask{1} << transition.to_mode;
      grew = true;
    }
  }
  return true;
}

}  // namespace ringfence
