// SPDX-License-Identifier: Apache-2.0
// Each slot becomes a sum of variables with what every value of its kind satisfies, and what is known of this one; then the guards are formulas over
// them (formula.h). See guard.h.
#include "guard.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace checker {
namespace {

constexpr unsigned kApprovalsMax = 32;      ///< persons who approve one transfer
constexpr unsigned kRoleSetsMax = 4;        ///< of approvals in one move; with more, each count is taken as independent

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

/// The values of one row's or transition's slots.
class Values {
 public:
  Values(const Table& table, const std::vector<Slot>& slots, const Known& known, Asked& asked)
      : table_(table), slots_(slots), known_(known), asked_(asked), formulas_(asked.formulas), person_kinds_(person_kinds(slots)) {
    Sum all = number(kApprovalsMax);
    for (std::size_t kind = 0; kind < person_kinds_.size(); ++kind) {
      persons_.push_back(formulas_.own(0, kApprovalsMax));
      all.add(persons_.back(), -1);
    }
    formulas_.assume(formulas_.at_least_zero(all));
    for (Index i = 0; i < slots.size(); ++i) values_.push_back(value(i));
    for (Index i = 0; i < slots.size(); ++i) holds_its_units(i);
    assume_one_time(formulas_, slots, values_);
  }

  const std::vector<Sum>& all() const { return values_; }

 private:
  Sum value(Index i) {
    const Slot& slot = slots_[i];
    switch (slot.kind) {
      case SlotKind::Amount: return asked_.amount;
      case SlotKind::TimeOfDay: return formulas_.own(0, 86'399);
      case SlotKind::Now: return formulas_.own(0, kInstantMax);
      case SlotKind::Evidence: return formulas_.own(0, 1);
      case SlotKind::Used: return formulas_.own(0, kAmountMax);
      case SlotKind::Fact: return formulas_.own(table_.facts[slot.target].low, table_.facts[slot.target].high);
      case SlotKind::Mode: return mode(known_.modes[i]);
      case SlotKind::Approvals: return approvals(i);
      case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: break;
    }
    const Sum made = i < asked_.values.size() && asked_.values[i] ? *asked_.values[i] : formulas_.any_number();
    formulas_.within(made, below_zero(slot) ? -kAmountMax : Wide{0}, kAmountMax);
    return made;
  }

  Sum mode(Mask possible) {
    if (std::has_single_bit(possible)) return number(std::countr_zero(possible));
    const Sum made = formulas_.any_number();
    formulas_.assume(formulas_.in_set(made, possible));
    return made;
  }

  Sum approvals(Index i) {
    if (persons_.empty()) return formulas_.own(0, kApprovalsMax);
    Sum counted;
    for (std::size_t kind = 0; kind < persons_.size(); ++kind)
      if (contains(person_kinds_[kind], i)) counted.add(persons_[kind], 1);
    return counted;
  }

  bool below_zero(const Slot& slot) const {
    return slot.kind == SlotKind::AccountTotal ? table_.accounts[slot.target].overdraws : table_.buckets[slot.target].may_overdraw;
  }

  /// What can be below zero can say less than the units that are there.
  void holds_its_units(Index i) {
    const Slot& slot = slots_[i];
    if (slot.kind < SlotKind::Balance || slot.kind > SlotKind::AccountTotal || below_zero(slot)) return;
    formulas_.assume(formulas_.at_least_zero(minus(values_[i], number(known_.units[i]))));
    if (slot.kind == SlotKind::Balance) return;
    Sum rest = minus(values_[i], number(known_.beyond[i]));
    for (const Index balance : known_.included[i]) rest.add(values_[balance], -1);
    formulas_.assume(formulas_.at_least_zero(rest));
  }

  const Table& table_;
  const std::vector<Slot>& slots_;
  const Known& known_;
  Asked& asked_;
  Formulas& formulas_;
  const std::vector<std::vector<Index>> person_kinds_;
  std::vector<Sum> persons_, values_;
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

void assume_one_time(Formulas& formulas, const std::vector<Slot>& slots, const std::vector<Sum>& values) {
  const auto at = [&](SlotKind kind) { return static_cast<std::size_t>(std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.kind == kind; }) - slots.begin()); };
  const std::size_t now = at(SlotKind::Now), second = at(SlotKind::TimeOfDay);
  if (now == slots.size() || second == slots.size()) return;
  Sum rest = values[now];   // now = day * 86,400,000 + second * 1,000 + millisecond
  rest.add(formulas.own(0, kInstantMax / 86'400'000), -86'400'000);
  rest.add(values[second], -1'000);
  rest.add(formulas.own(0, 999), -1);
  formulas.assume(formulas.is_zero(rest));
}

void assume_passes(Formulas& formulas, const Body& body, const std::vector<Sum>& values, const Sum& amount, const std::vector<const Guarded*>& allows) {
  std::vector<Index> some;
  for (const Guarded* allow : allows) some.push_back(formulas.holds(*allow, values));
  formulas.assume(formulas.any(std::move(some)));
  for (const Guarded& limit : body.limits) formulas.assume(formulas.holds(limit, values));
  for (const Guarded& deny : body.denies) formulas.assume(Formulas::negation(formulas.holds(deny, values)));
  const auto assume_not_below = [&](const Sum& sum, Wide low) { formulas.assume(formulas.at_least_zero(minus(sum, number(low)))); };
  if (body.funds != kNone) assume_not_below(minus(values[body.funds], amount), 0);
  if (body.account != kNone) assume_not_below(minus(values[body.account], amount), 0);
  if (body.from != kNone) assume_not_below(minus(values[body.from], amount), -kAmountMax);   // no balance leaves its range
  if (body.to != kNone) assume_not_below(minus(number(kAmountMax), plus(values[body.to], amount)), 0);
}

Solvable Guards::can_move(const Row& row, bool passing_title, const Known& known) {
  const auto [place, is_new] = answers_.try_emplace(key_of(passing_title ? 'p' : 'k', row.body, known), Solvable::No);
  if (is_new) place->second = can_move(row, passing_title, known, {});
  return place->second;
}

Solvable Guards::can_move(const Row& row, bool passing_title, const Known& known, Asked asked) const {
  const Body& body = table_.bodies[row.body];
  Formulas& formulas = asked.formulas;
  const Values values(table_, body.slots, known, asked);
  std::vector<const Guarded*> allows;
  for (const Guarded& allow : body.allows)
    if (allow.passing_title == passing_title) allows.push_back(&allow);
  assume_passes(formulas, body, values.all(), asked.amount, allows);
  formulas.assume(formulas.at_least_zero(minus(asked.amount, number(known.taken))));
  if (body.funds != kNone) formulas.assume(formulas.at_least_zero(minus(minus(values.all()[body.funds], asked.amount), number(known.left))));
  if (known.beyond_balance > 0) formulas.assume(formulas.at_least_zero(minus(minus(asked.amount, values.all()[body.from]), number(known.beyond_balance))));
  return formulas.possible();
}

Solvable Guards::can_change(Index index, const Known& known) {
  const auto [place, is_new] = answers_.try_emplace(key_of('t', index, known), Solvable::No);
  if (is_new) place->second = can_change(index, known, {});
  return place->second;
}

Solvable Guards::can_change(Index index, const Known& known, Asked asked) const {
  const Transition& transition = table_.transitions[index];
  const Values values(table_, transition.slots, known, asked);
  asked.formulas.assume(asked.formulas.holds(transition.guard, values.all()));
  return asked.formulas.possible();
}

Solvable Guards::can_pass(const Row& row, const std::vector<Slot>& more, const Also& also) const {
  const Body& body = table_.bodies[row.body];
  std::vector<Slot> slots = body.slots;
  slots.insert(slots.end(), more.begin(), more.end());
  Known nothing = nothing_known(slots);
  for (Mask& modes : nothing.modes) modes = ~Mask{0};   // of those that nothing leads to, too
  Asked asked;
  const Values values(table_, slots, nothing, asked);
  std::vector<const Guarded*> allows;
  for (const Guarded& allow : body.allows) allows.push_back(&allow);
  assume_passes(asked.formulas, body, values.all(), asked.amount, allows);
  also(asked.formulas, values.all(), asked.amount);
  return asked.formulas.possible();
}

}  // namespace checker
