// SPDX-License-Identifier: Apache-2.0
// Conditions of one statement: from trees of words to trees over exact linear sums, with every name resolved and every unit agreed.
// Language reference, section 6. Internal to `check`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check_parts.h"
#include "compiler/resolve.h"

namespace ringfence::checking {

/// What a side of a comparison is measured in.
struct Unit {
  enum class Kind : std::uint8_t { Zero, Number, Ratio, Money, TransferMoney, Instant, Duration } kind = Kind::Zero;   ///< Zero: a plain 0 fits all but an instant
  Index asset = kNone;   ///< Money
  bool operator==(const Unit&) const = default;
};
struct Measured { LinearSum sum; Unit unit; };

/// One statement while its conditions are checked: where its references are read, and what it may say.
struct Scope {
  enum class Kind : std::uint8_t { Rule, Floor, Limit, Transition, Invariant } kind = Kind::Rule;
  const std::vector<Pair>* pairs = nullptr;   ///< Rule, Limit: every pair must give each reference a meaning
  Index bucket = kNone;                       ///< Floor
  Subject subject;                            ///< Transition; of an Invariant only its keys: those that may be mentioned
  std::vector<Index> assets;                  ///< those that the transfer may have; empty for a transition and an invariant
  std::vector<Index> per;                     ///< Limit: a fact or mode keyed by these alone is that of the counted ids

  struct Mention { bool is_mode = false; Quantity quantity; SourceRange range; };
  std::vector<Mention> mentions;              ///< every reference typed so far, to be resolved on every pair
};

/// One side of a comparison, or the amount of a floor or a limit; nothing after a diagnostic.
std::optional<Measured> measure(State&, Scope&, const ExprAst&);
/// The unit that both fit, or nothing after a diagnostic at `range`.
std::optional<Unit> agree(State&, const Unit& left, const Unit& right, SourceRange range);

/// `maintenance`, `maintenance(from)`: nothing after a diagnostic.
std::optional<Reference> fact_reference(State&, const Scope&, Index fact, const ReferenceAst& written, SourceRange);
/// 5.2: in a limit, a subject keyed only by `per` entities is that of the counted ids, which come from the source where it has them.
Side counted_side(const Scope&, const Subject&, Side written);

/// Nothing after a diagnostic.
std::optional<Guard> type_guard(State&, Scope&, const GuardAst&);
/// Adds the top-level conjuncts of a guard as conditions. False after a diagnostic.
bool add_conditions(State&, Scope&, const GuardAst&, std::vector<Condition>&);
/// `requires evidence E, F`: a condition each. False after a diagnostic.
bool add_required(State&, const GuardAst&, std::vector<Condition>&);

/// Resolves all mentions everywhere that the statement is read; the first place where one has no meaning is reported. False then.
bool resolve_mentions(State&, const Scope&);
/// The one machine that `mode ... is` speaks of; nothing after a diagnostic.
std::optional<Reference> find_machine(State&, Scope&, const GuardAst&);
/// Where a machine's reference has no meaning, in words; empty when it has one everywhere.
std::string unresolved_mode(const State&, const Scope&, const Reference&);

}  // namespace ringfence::checking
