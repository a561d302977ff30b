// SPDX-License-Identifier: Apache-2.0
// One state of a run and the state after one step, among a few members of each entity that are known to be different: what each quantity is, is a
// sum of variables, and what the rules of the gate make true of them is asserted. ../soundness.md, "Invariants", says why this is enough.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "claims.h"

namespace checker {

using Ids = std::vector<std::uint8_t>;

/// A balance, a total, a fact or a mode. ids: kAllIds where it sums.
struct Quantity {
  SlotKind kind = SlotKind::Balance;
  Index target = 0, asset = kNone;
  Ids ids;
  auto operator<=>(const Quantity&) const = default;
};

/// What one step changes: a transfer of `amount`, or a mode.
struct Change {
  bool is_transfer = false;
  Index from = kNone, to = kNone, asset = kNone;
  Ids from_ids, to_ids;              ///< from_ids: of the subject, too
  Sum amount;
  Index machine = kNone, to_mode = kNone;
};

class Scene {
 public:
  /// members: of each entity, how many are in sight.
  Scene(const Table& table, const Definitions& definitions, Ids members) : table_(table), definitions_(definitions), members_(std::move(members)) {}

  Formulas& formulas() { return formulas_; }

  /// What belongs to the transfer alone is open within its range; all else is what it is before the step.
  Sum value(const Slot&, const Ids& from, const Ids& to, const Sum& amount);
  Quantity quantity(const Slot&, const Ids& from, const Ids& to) const;
  Sum now(const Quantity&);
  Sum after(const Quantity&, const Change&);
  /// Whether the step changes what the claim reads of these members.
  bool touches(const Claim&, const Ids& members, const Change&);

  Index truth(const Claim&, const Ids& members, const Change* = nullptr);
  /// Claims that read no fact, of all members in sight, as far as they are connected with what is read; where none of an entity is in sight, of one,
  /// unless there is none at all. Of one at the end only: where each of its balances under a floor is among `untouched`; null: always.
  void assume_claims(const std::vector<Claim>&, const std::set<Quantity>* untouched);
  /// The rows that take from the balance, where each of them has a floor: some of their floors hold of what it holds now.
  void assume_floors(const Quantity& balance, bool any_facts);
  /// All of their floors do, under one value of each fact.
  void assume_all_floors(const Quantity& balance);
  /// A clean start: nothing is below zero, every mode is the first.
  void assume_start();
  /// The members in sight are all that there are. To be said before anything is read.
  void nobody_else() { nobody_else_ = true; }
  /// What has been read.
  const std::map<Quantity, Sum>& read() const { return read_; }

  Solvable possible();

 private:
  Sum account_total(const Quantity&, const Change*);
  Sum total_of_all(const Quantity&);
  Sum value(const Quantity& quantity, const Change* change) { return change ? after(quantity, *change) : now(quantity); }
  Index floors_of(const Row&, const Quantity& balance, bool any_facts);
  bool connected(const Claim&) const;
  void totals_hold_their_parts();
  void nobody_has_nothing();
  /// The entity has no member.
  Index nobody(Index entity);

  const Table& table_;
  const Definitions& definitions_;
  const Ids members_;
  Formulas formulas_;
  std::map<Quantity, Sum> read_;
  bool nobody_else_ = false;
  std::map<Index, Sum> somebody_;            ///< of entities of which no id is in sight: 0 where there is no member
};

/// Calls visit(ids) for each choice of members, as many of each entity as are given, for these entities.
void each_choice(const std::vector<Index>& entities, const Ids& members, const std::function<void(const Ids&)>& visit);
/// Balances under a floor that the claim reads: positions in `reads`.
std::vector<Index> floored(const Table&, const Claim&);

}  // namespace checker
