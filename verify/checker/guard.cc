// SPDX-License-Identifier: Apache-2.0
// Guard programs are walked from test to test; the inequalities that a path asks for are put to linear.h at each step. See guard.h.
#include "guard.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace checker {
namespace {

constexpr unsigned kApprovalsMax = 32;      ///< persons who approve one transfer
constexpr unsigned kRoleSetsMax = 4;        ///< of approvals in one move; with more, each count is taken as independent
constexpr unsigned kQuestionsMax = 20'000;  ///< put to linear.h for one guard

/// Persons differ only in which of the role sets they meet: one set of positions for each kind of person that there can be.
std::vector<std::vector<Index>> person_kinds(const std::vector<Slot>& slots) {
  std::vector<Index> sets;
  for (Index i = 0; i < slots.size(); ++i)
    if (slots[i].kind == SlotKind::Approvals) sets.push_back(i);
  std::vector<std::vector<Index>> kinds;
  if (sets.size() > kRoleSetsMax) return kinds;
  for (unsigned met = 1; met < 1u << sets.size(); ++met) {
    Mask shunned = 0;   // who held one of these would meet another set
    for (std::size_t i = 0; i < sets.size(); ++i)
      if ((met >> i & 1) == 0) shunned |= slots[sets[i]].roles;
    std::vector<Index> kind;
    for (std::size_t i = 0; i < sets.size(); ++i)
      if ((met >> i & 1) != 0 && (slots[sets[i]].roles & ~shunned) != 0) kind.push_back(sets[i]);
    if (kind.size() == static_cast<std::size_t>(std::popcount(met))) kinds.push_back(kind);
  }
  return kinds;
}

/// One question: variables are the amount, then a slot each, then a kind of person each, then the values beside.
class Question {
 public:
  Question(const Table& table, const std::vector<Slot>& slots, const Known& known, const Beside& beside)
      : table_(table), slots_(slots), known_(known), beside_(beside), modes_(known.modes), persons_(person_kinds(slots)) {
    within(0, 1, kAmountMax);
    for (Index i = 0; i < slots.size(); ++i) range(i);
    for (std::size_t i = 0; i < beside.low.size(); ++i) within(beside_at(i), beside.low[i], kAmountMax);
    Inequality all{row(), kApprovalsMax};
    for (std::size_t k = 0; k < persons_.size(); ++k) {
      at_least(1 + slots.size() + k, 0);
      all.coefficients[1 + slots.size() + k] = -1;
    }
    system_.push_back(all);
  }

  void moves(const Body& body) {
    at_least(0, known_.taken);
    if (body.funds != kNone) relate(1, body.funds, -1, -Wide{known_.left});                              // funds - amount >= left
    if (known_.beyond_balance > 0) relate(-1, body.from, 1, -Wide{known_.beyond_balance});
    if (body.from != kNone) relate(1, body.from, -1, kAmountMax);                                        // no balance leaves its range
    if (body.to != kNone) relate(-1, body.to, -1, kAmountMax);
  }

  void must(const Guarded& guarded, bool hold) { goals_.emplace_back(&guarded, hold); }
  Solvable answer() { return ask() == Solvable::No ? Solvable::No : claim(0); }

 private:
  // ---- what every value of its kind satisfies, and what is known of this one

  std::size_t beside_at(std::size_t i) const { return 1 + slots_.size() + persons_.size() + i; }
  std::vector<Wide> row() const { return std::vector<Wide>(beside_at(beside_.low.size()), 0); }
  void at_least(std::size_t variable, Wide low) {
    system_.push_back({row(), -low});
    system_.back().coefficients[variable] = 1;
  }
  void within(std::size_t variable, Wide low, Wide high) {
    at_least(variable, low);
    system_.push_back({row(), high});
    system_.back().coefficients[variable] = -1;
  }
  void add(Inequality& sum, Index slot, Wide coefficient) const {
    if (beside_.sums.empty() || beside_.sums[slot].empty()) sum.coefficients[slots_[slot].kind == SlotKind::Amount ? 0 : 1 + slot] += coefficient;
    else
      for (const Index variable : beside_.sums[slot]) sum.coefficients[beside_at(variable)] += coefficient;
  }
  /// coefficient * slot + factor * amount + constant >= 0.
  void relate(Wide coefficient, Index slot, Wide factor, Wide constant) {
    Inequality sum{row(), constant};
    add(sum, slot, coefficient);
    sum.coefficients[0] += factor;
    system_.push_back(sum);
  }

  void range(Index i) {
    const Slot& slot = slots_[i];
    switch (slot.kind) {
      case SlotKind::Amount: break;
      case SlotKind::TimeOfDay: within(1 + i, 0, 86'399); break;
      case SlotKind::Evidence: within(1 + i, 0, 1); break;
      case SlotKind::Used: within(1 + i, 0, kAmountMax); break;
      case SlotKind::Fact: within(1 + i, table_.facts[slot.target].low, table_.facts[slot.target].high); break;
      case SlotKind::Mode: within(1 + i, std::countr_zero(modes_[i]), 63 - std::countl_zero(modes_[i])); break;
      case SlotKind::Approvals: approvals(i); break;
      case SlotKind::Balance: case SlotKind::BucketTotal: money(i, table_.buckets[slot.target].may_overdraw); break;
      case SlotKind::AccountTotal: money(i, table_.accounts[slot.target].overdraws); break;
    }
  }

  void money(Index i, bool below_zero) {
    relate(1, i, 0, below_zero ? kAmountMax : Wide{0});
    relate(-1, i, 0, kAmountMax);
    if (below_zero) return;   // then it can say less than the units that are there
    relate(1, i, 0, -Wide{known_.units[i]});
    if (slots_[i].kind == SlotKind::Balance) return;
    Inequality parts{row(), -static_cast<Wide>(known_.beyond[i])};
    add(parts, i, 1);
    for (const Index balance : known_.included[i]) add(parts, balance, -1);
    system_.push_back(parts);
  }

  void approvals(Index i) {
    within(1 + i, 0, kApprovalsMax);
    if (persons_.empty()) return;
    Inequality counted{row(), 0};
    add(counted, i, -1);
    for (std::size_t k = 0; k < persons_.size(); ++k)
      if (contains(persons_[k], i)) counted.coefficients[1 + slots_.size() + k] = 1;
    system_.push_back(counted);
    for (Wide& coefficient : counted.coefficients) coefficient = -coefficient;
    system_.push_back(counted);
  }

  // ---- the guards, one after the other

  Solvable ask() {
    if (++questions_ > kQuestionsMax) return Solvable::GaveUp;
    return solvable(system_);
  }

  /// The claims from this one on, then the goals.
  Solvable claim(std::size_t next) { return next == beside_.claims.size() ? reach(0) : holds(next, {beside_.claims[next].condition}); }

  /// Whether all of `open`, parts of this claim, can hold with what is in the system, and all that comes after.
  Solvable holds(std::size_t next, std::vector<Condition> open) {
    if (questions_ > kQuestionsMax) return Solvable::GaveUp;
    if (open.empty()) return claim(next + 1);
    const Condition condition = std::move(open.back());
    open.pop_back();
    if (condition->kind == Formula::Kind::AtLeastZero) return with_balances(next, condition->inequality, open);
    if (condition->kind == Formula::Kind::All) {
      open.insert(open.end(), condition->parts.begin(), condition->parts.end());
      return holds(next, std::move(open));
    }
    Solvable best = Solvable::No;
    for (std::size_t i = 0; i < condition->parts.size() && best != Solvable::Maybe; ++i) {
      open.push_back(condition->parts[i]);
      best = better(best, holds(next, open));
      open.pop_back();
    }
    return best;
  }

  Solvable with_balances(std::size_t next, const Inequality& asked, const std::vector<Condition>& open) {
    Inequality sum{row(), asked.constant};
    bool overflow = false;
    const auto put = [&](Wide& at, Wide factor, Wide coefficient) {
      overflow = overflow || __builtin_mul_overflow(factor, coefficient, &factor) || __builtin_add_overflow(at, factor, &at);
    };
    for (std::size_t i = 0; i < asked.coefficients.size(); ++i) {
      const Beside::Reading& reading = beside_.claims[next].readings[i];
      if (reading.variable != kNone) put(sum.coefficients[beside_at(reading.variable)], 1, asked.coefficients[i]);
      put(sum.coefficients[0], reading.amount, asked.coefficients[i]);
      put(sum.constant, reading.constant, asked.coefficients[i]);
    }
    if (overflow) return Solvable::GaveUp;
    system_.push_back(std::move(sum));
    const Solvable answer = ask() == Solvable::No ? Solvable::No : holds(next, open);
    system_.pop_back();
    return answer;
  }

  /// Whether all goals from this one on can be reached together with what is in the system.
  Solvable reach(std::size_t goal) {
    if (goal == goals_.size()) return ask();
    const auto& [guarded, hold] = goals_[goal];
    if (hold) return clause(goal, 0);
    Solvable best = Solvable::No;   // a statement does not hold when one of its clauses does not
    for (std::size_t i = 0; i < guarded->clauses.size() && best != Solvable::Maybe; ++i)
      if (!guarded->clauses[i].empty()) best = better(best, walk(goal, i, 0));
    return best;
  }

  /// Of a goal that must hold: its clauses from this one on.
  Solvable clause(std::size_t goal, std::size_t i) {
    const std::vector<Clause>& clauses = goals_[goal].first->clauses;
    if (i == clauses.size()) return reach(goal + 1);
    return clauses[i].empty() ? clause(goal, i + 1) : walk(goal, i, 0);
  }

  Solvable walk(std::size_t goal, std::size_t clause_index, Index at) {
    const bool hold = goals_[goal].second;
    if (at == kTrue || at == kFalse) {
      if ((at == kTrue) != hold) return Solvable::No;
      return hold ? clause(goal, clause_index + 1) : reach(goal + 1);
    }
    const Node& node = goals_[goal].first->clauses[clause_index][at];
    Solvable best = Solvable::No;
    for (const bool outcome : {true, false}) {
      const Index next = outcome ? node.if_true : node.if_false;
      if (next == (hold ? kFalse : kTrue)) continue;
      best = better(best, node.kind == TestKind::InSet ? with_mode(node, outcome, goal, clause_index, next) : with_sum(node, outcome, goal, clause_index, next));
      if (best == Solvable::Maybe) return best;
    }
    return best;
  }

  Solvable with_mode(const Node& node, bool outcome, std::size_t goal, std::size_t clause_index, Index next) {
    Mask& mode = modes_[node.terms[0].slot];
    const Mask before = mode;
    mode &= outcome ? node.set : ~node.set;
    const Solvable answer = mode == 0 ? Solvable::No : walk(goal, clause_index, next);
    modes_[node.terms[0].slot] = before;
    return answer;
  }

  Solvable with_sum(const Node& node, bool outcome, std::size_t goal, std::size_t clause_index, Index next) {
    Inequality sum{row(), node.constant}, opposite{row(), 0};
    for (const Term& term : node.terms) add(sum, term.slot, term.coefficient);
    for (std::size_t i = 0; i < sum.coefficients.size(); ++i) opposite.coefficients[i] = -sum.coefficients[i];
    opposite.constant = -sum.constant;
    const auto less_one = [](Inequality inequality) {
      --inequality.constant;
      return inequality;
    };
    if (node.kind == TestKind::AtLeastZero) return with({outcome ? sum : less_one(opposite)}, goal, clause_index, next);
    if (outcome) return with({sum, opposite}, goal, clause_index, next);
    const Solvable above = with({less_one(sum)}, goal, clause_index, next);
    return above == Solvable::Maybe ? above : better(above, with({less_one(opposite)}, goal, clause_index, next));
  }

  Solvable with(const std::vector<Inequality>& more, std::size_t goal, std::size_t clause_index, Index next) {
    const std::size_t before = system_.size();
    system_.insert(system_.end(), more.begin(), more.end());
    const Solvable answer = ask() == Solvable::No ? Solvable::No : walk(goal, clause_index, next);
    system_.resize(before);
    return answer;
  }

  static Solvable better(Solvable a, Solvable b) {
    return a == Solvable::Maybe || b == Solvable::Maybe ? Solvable::Maybe : a == Solvable::GaveUp || b == Solvable::GaveUp ? Solvable::GaveUp : Solvable::No;
  }

  const Table& table_;
  const std::vector<Slot>& slots_;
  const Known& known_;
  const Beside& beside_;
  std::vector<Mask> modes_;
  const std::vector<std::vector<Index>> persons_;
  std::vector<Inequality> system_;
  std::vector<std::pair<const Guarded*, bool>> goals_;
  unsigned questions_ = 0;
};

std::string key_of(char kind, Index index, const Known& known) {
  std::string key(1, kind);
  const auto put = [&](std::uint64_t value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  put(index);
  for (const std::uint8_t units : known.units) key += static_cast<char>(units);
  for (const std::uint8_t units : known.beyond) key += static_cast<char>(units);
  for (const auto& balances : known.included) {
    put(balances.size());
    for (const Index balance : balances) put(balance);
  }
  for (const Mask modes : known.modes) put(modes);
  put(known.taken);
  put(known.left);
  put(known.beyond_balance);
  return key;
}

}  // namespace

Guards::Guards(const Table& table) : table_(table), possible_(table.machines.size(), 1) {
  for (bool grew = true; grew;) {
    grew = false;
    for (Index i = 0; i < table.transitions.size(); ++i) {
      const Transition& transition = table.transitions[i];
      Mask& possible = possible_[transition.machine];
      if ((possible & transition.from_modes) == 0 || (possible >> transition.to_mode & 1) != 0) continue;
      if (can_change(i, nothing_known(transition.slots)) == Solvable::No) continue;
      possible |= Mask{1} << transition.to_mode;
      grew = true;
    }
  }
}

Known Guards::nothing_known(const std::vector<Slot>& slots) const {
  Known known{std::vector<std::uint8_t>(slots.size(), 0), std::vector<std::uint8_t>(slots.size(), 0), std::vector<std::vector<Index>>(slots.size()), {}, 0, 0, 0};
  for (const Slot& slot : slots) known.modes.push_back(slot.kind == SlotKind::Mode ? possible_[slot.target] : 0);
  return known;
}

Solvable Guards::can_move(const Row& row, bool passing_title, const Known& known, const Beside& beside) {
  if (!beside.claims.empty()) return can_move_by(row, passing_title, known, beside);
  const auto [place, is_new] = answers_.try_emplace(key_of(passing_title ? 'p' : 'k', row.body, known), Solvable::No);
  if (is_new) place->second = can_move_by(row, passing_title, known, beside);
  return place->second;
}

Solvable Guards::can_move_by(const Row& row, bool passing_title, const Known& known, const Beside& beside) const {
  const Body& body = table_.bodies[row.body];
  Solvable best = Solvable::No;
  for (const Guarded& allow : body.allows) {
    if (allow.passing_title != passing_title || best == Solvable::Maybe) continue;
    Question question(table_, body.slots, known, beside);
    question.moves(body);
    question.must(allow, true);
    for (const Guarded& limit : body.limits) question.must(limit, true);
    for (const Guarded& deny : body.denies) question.must(deny, false);
    if (const Solvable answer = question.answer(); answer != Solvable::No) best = answer;
  }
  return best;
}

Solvable Guards::can_change(Index index, const Known& known, const Beside& beside) {
  const Transition& transition = table_.transitions[index];
  const auto ask = [&] {
    Question question(table_, transition.slots, known, beside);
    question.must(transition.guard, true);
    return question.answer();
  };
  if (!beside.claims.empty()) return ask();
  const auto [place, is_new] = answers_.try_emplace(key_of('t', index, known), Solvable::No);
  if (is_new) place->second = ask();
  return place->second;
}

Solvable can_be(const Table& table, const Beside& beside) {
  const std::vector<Slot> none;
  const Known nothing{};
  return Question(table, none, nothing, beside).answer();
}

}  // namespace checker
