// SPDX-License-Identifier: Apache-2.0
// Asks Z3 whether any transfer could take a move. One solver is kept; each question is a scope of it; answers are kept by the
// guards' content, so that many moves with the same guards cost one question.
#include <algorithm>
#include <unordered_map>

#include "verify/feasible.h"
#include "verify/guess.h"
#include "verify/solve_encode.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

void put(std::string& key, const void* data, std::size_t size) { key.append(static_cast<const char*>(data), size); }
template <class T>
void put(std::string& key, const T& value) { put(key, &value, sizeof value); }

void put_guarded(std::string& key, const std::vector<Guarded>& all) {
  put(key, static_cast<Index>(all.size()));
  for (const Guarded& guarded : all) {
    put(key, guarded.passing_title);
    put(key, static_cast<Index>(guarded.clauses.size()));
    for (const Clause& clause : guarded.clauses) {
      put(key, static_cast<Index>(clause.nodes.size()));
      for (const Node& node : clause.nodes) {
        put(key, node.test.kind);
        put(key, node.test.constant);
        put(key, node.test.set);
        put(key, node.if_true);
        put(key, node.if_false);
        put(key, static_cast<Index>(node.test.terms.size()));
        for (const Term& term : node.test.terms) { put(key, term.coefficient); put(key, term.slot); }
      }
    }
  }
}

void put_slots(std::string& key, const std::vector<Slot>& slots) {
  for (const Slot& slot : slots) {
    put(key, slot.kind);
    put(key, slot.target);
    put(key, slot.asset);
    put(key, slot.roles);
    for (const KeySource& source : slot.keys) { put(key, source.from); put(key, source.position); }
  }
}

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
  Solver(const Arena& all, std::vector<Mask> modes, std::uint32_t timeout) : arena(all), possible(std::move(modes)), solver(context) {
    z3::params params(context);
    params.set("timeout", timeout);
    solver.set(params);
  }

  z3::check_result ask(const z3::expr& question) {
    ++queries;
    solver.push();
    solver.add(question);
    const auto answer = solver.check();
    solver.pop();
    return answer;
  }

  Index content_of(Index move_index) {
    const auto [known, is_new] = content.try_emplace(move_index, 0);
    if (!is_new) return known->second;
    const Move& move = arena.moves.moves[move_index];
    std::string key;
    put_slots(key, move.slots);
    put_guarded(key, move.allows);
    put_guarded(key, move.denies);
    put_guarded(key, move.limits);
    put(key, move.funds_slot);
    put(key, move.from_slot);
    put(key, move.to_slot);
    const bool external = arena.bucket(move.from).external;
    put(key, external);
    known->second = contents.try_emplace(key, static_cast<Index>(contents.size())).first->second;
    return known->second;
  }

  /// Everything about a move but which allow rule it is.
  void assert_move(const Move& move, const SlotKnowledge& known, const std::vector<z3::expr>& values) {
    z3::expr amount = context.int_const("amount");
    solver.add(amount >= static_cast<int>(known.taken) && amount >= 1 && amount <= number(context, kAmountMax));
    z3_encoding::constrain_ranges(solver, arena, move.slots, possible, values, "");
    assert_knowledge(move.slots, known, values);
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) solver.add(values[i] == amount);
    if (move.funds_slot != kNone) solver.add(values[move.funds_slot] - amount >= static_cast<int>(left_behind(move, known)));
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

  void assert_knowledge(const std::vector<Slot>& slots, const SlotKnowledge& known, const std::vector<z3::expr>& values) {
    for (Index i = 0; i < slots.size(); ++i) {
      if (known.mode[i] >= 0) solver.add(values[i] == static_cast<int>(known.mode[i]));
      if (known.coins[i] > 0) solver.add(values[i] >= static_cast<int>(known.coins[i]));
      if (slots[i].kind != SlotKind::BucketTotal && slots[i].kind != SlotKind::AccountTotal) continue;
      assert_total(slots, known, values, i);
    }
  }

  /// A total is at least the balances that it includes, and the followed units elsewhere in it, where nothing in it can be below zero.
  void assert_total(const std::vector<Slot>& slots, const SlotKnowledge& known, const std::vector<z3::expr>& values, Index total) {
    const Slot& slot = slots[total];
    if (may_be_below_zero(arena, slot)) return;
    z3::expr sum = context.int_val(static_cast<int>(known.beyond[total]));
    for (const Index balance : included_balances(arena, slots, total)) sum = sum + values[balance];
    solver.add(values[total] >= sum);
  }

  const Arena& arena;
  std::vector<Mask> possible;
  z3::context context;
  z3::solver solver;
  std::size_t queries = 0;
  std::unordered_map<Index, Index> content;             ///< by move
  std::unordered_map<std::string, Index> contents;      ///< by what the move's guards are
  std::unordered_map<std::string, Ways> ways;
  std::unordered_map<std::string, int> transitions;
};

Feasibility::Feasibility(const Arena& arena, std::vector<Mask> possible, std::uint32_t timeout_ms)
    : solver_(std::make_unique<Solver>(arena, std::move(possible), timeout_ms)) {}
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
  put(key, s.content_of(index));
  put_knowledge(key, known);
  const auto [place, is_new] = s.ways.try_emplace(key);
  if (!is_new) return place->second;
  try {
    s.solver.push();
    const auto values = z3_encoding::fresh_values(s.context, move.slots, "s");
    s.assert_move(move, known, values);
    each_way([&](Index i) {
      const auto answer = s.ask(holds(s.context, move.allows[i], values));
      ways.unknown |= answer == z3::unknown;
      return answer == z3::sat;
    });
    s.solver.pop();
  } catch (const z3::exception&) {
    ways.unknown = true;
  }
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
  try {
    s.solver.push();
    const auto values = z3_encoding::fresh_values(s.context, transition.slots, "s");
    z3_encoding::constrain_ranges(s.solver, s.arena, transition.slots, s.possible, values, "");
    s.assert_knowledge(transition.slots, known, values);
    const auto answer = s.ask(holds(s.context, transition.guard, values));
    if (answer != z3::unknown) place->second = answer == z3::sat ? 1 : 0;
    s.solver.pop();
  } catch (const z3::exception&) {
    place->second = -1;
  }
  return place->second;
}

bool modes_possible(const Arena& arena, std::uint32_t timeout_ms, std::vector<Mask>& possible) {
  possible.assign(arena.moves.vocabulary.machines.size(), 1);
  for (bool grew = !arena.moves.transitions.empty(); grew;) {
    grew = false;
    Feasibility feasible(arena, possible, timeout_ms);
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
