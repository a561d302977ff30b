// SPDX-License-Identifier: Apache-2.0
// In: a typed guard and the site where it is read. Out: its formula over slots. `not` is pushed down to the tests; `after` becomes
// the value before, with the amount added or taken where this transfer is known to change it (6.3).
#include "compiler/lower_guard.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ringfence {

Index GuardReader::number(const Resolved& resolved) {
  if (const ResolveError* error = std::get_if<ResolveError>(&resolved)) {
    const std::string pair = site_.to == kNone ? "" : fmt::format(", for `{}` -> `{}`", vocabulary_.buckets[site_.from].name, vocabulary_.buckets[site_.to].name);
    if (!problem_) problem_ = Problem{"E0305", message(vocabulary_, *error) + pair, help(vocabulary_, *error)};
    return 0;
  }
  const Slot& slot = std::get<Slot>(resolved);
  const auto found = std::find(slots_.begin(), slots_.end(), slot);
  if (found != slots_.end()) return static_cast<Index>(found - slots_.begin());
  if (slots_.size() < kSlotsMax) {
    slots_.push_back(slot);
    return static_cast<Index>(slots_.size() - 1);
  }
  if (!problem_)
    problem_ = Problem{"E0404", fmt::format("the conditions of this statement read more than {} different values", kSlotsMax),
                       "supply some of them together as one fact"};
  return 0;
}

std::optional<Problem> GuardReader::take_problem() { return std::exchange(problem_, std::nullopt); }

Formula GuardReader::test(std::vector<Part> parts, Against against, bool holds) {
  if (problem_) return constant(true);
  std::variant<Formula, Problem> made = compare(vocabulary_, slots_, parts, against, holds);
  if (Formula* formula = std::get_if<Formula>(&made)) return std::move(*formula);
  problem_ = std::get<Problem>(std::move(made));
  return constant(true);
}

void GuardReader::add(const LinearTerm& term, int sign, std::vector<Part>& parts) {
  const Resolved resolved = resolve(vocabulary_, site_, term.quantity);
  const Int128 numerator = Int128{term.coefficient.numerator} * sign;
  parts.push_back({number(resolved), numerator, term.coefficient.denominator});
  if (!term.quantity.after || problem_) return;
  const int effect = effect_on(vocabulary_, site_, std::get<Slot>(resolved));
  if (effect != 0) parts.push_back({number(Slot{}), numerator * effect, term.coefficient.denominator});
}

void GuardReader::add(const LinearSum& sum, int sign, std::vector<Part>& parts) {
  for (const LinearTerm& term : sum.terms) add(term, sign, parts);
  Int128 constant = 0;
  if (__builtin_mul_overflow(sum.constant_numerator, Int128{sign}, &constant) && !problem_)
    problem_ = Problem{"E0401", "this comparison could overflow: a number in it is beyond 2^127-1", "use a smaller number"};
  parts.push_back({kNone, constant, sum.constant_denominator});
}

Formula GuardReader::compare_sides(const Guard& guard, bool holds) {
  const Comparator comparator = guard.comparator;
  const bool less = comparator == Comparator::Less || comparator == Comparator::LessEqual;
  std::vector<Part> parts;
  add(guard.left, less ? -1 : 1, parts);
  add(guard.right, less ? 1 : -1, parts);
  switch (comparator) {
    case Comparator::LessEqual: case Comparator::GreaterEqual: return test(std::move(parts), Against::AtLeastZero, holds);
    case Comparator::Less: case Comparator::Greater: return test(std::move(parts), Against::AboveZero, holds);
    case Comparator::Equal: return test(std::move(parts), Against::Zero, holds);
    case Comparator::NotEqual: break;
  }
  return test(std::move(parts), Against::Zero, !holds);
}

Formula GuardReader::read_mode(const Guard& guard, bool holds) {
  return leaf({TestKind::InSet, {{1, mode_slot(guard.reference)}}, 0, guard.modes}, holds);
}

Index GuardReader::mode_slot(const Reference& reference) { return number(resolve_mode(vocabulary_, site_, reference)); }

Formula GuardReader::read_evidence(const Guard& guard, bool holds) {
  std::vector<Formula> parts;
  for (Index kind = 0; kind < kEvidenceMax; ++kind) {
    if ((guard.evidence >> kind & 1u) == 0) continue;
    const Index slot = number(Slot{SlotKind::Evidence, kind, kNone, 0, {}});
    parts.push_back(test({{slot, 1, 1}, {kNone, -1, 1}}, Against::AtLeastZero, holds));
  }
  return holds ? all_of(std::move(parts)) : any_of(std::move(parts));
}

Formula GuardReader::read_time(const Guard& guard, bool holds) {
  const Index slot = number(Slot{SlotKind::TimeOfDay, kNone, kNone, 0, {}});
  const bool wraps = guard.start_second > guard.end_second;
  std::vector<Formula> parts;
  parts.push_back(test({{slot, 1, 1}, {kNone, -Int128{guard.start_second}, 1}}, Against::AtLeastZero, holds));
  parts.push_back(test({{slot, -1, 1}, {kNone, guard.end_second, 1}}, Against::AboveZero, holds));
  return wraps == holds ? any_of(std::move(parts)) : all_of(std::move(parts));
}

Formula GuardReader::read_parts(const Guard& guard, bool holds) {
  std::vector<Formula> parts;
  for (const Guard& part : guard.parts) parts.push_back(read(part, holds));
  return (guard.kind == GuardKind::All) == holds ? all_of(std::move(parts)) : any_of(std::move(parts));
}

Formula GuardReader::read(const Guard& guard, bool holds) {
  switch (guard.kind) {
    case GuardKind::All: case GuardKind::AnyOf: return read_parts(guard, holds);
    case GuardKind::Not: return read(guard.parts.front(), !holds);
    case GuardKind::Compare: return compare_sides(guard, holds);
    case GuardKind::Flag: {
      const Index slot = number(resolve(vocabulary_, site_, {QuantityKind::Fact, guard.reference, kNone, false}));
      return test({{slot, 1, 1}, {kNone, -1, 1}}, Against::AtLeastZero, holds);
    }
    case GuardKind::ModeIs: return read_mode(guard, holds);
    case GuardKind::Approved: {
      const Index slot = number(Slot{SlotKind::Approvals, kNone, kNone, guard.roles, {}});
      return test({{slot, 1, 1}, {kNone, -Int128{guard.count}, 1}}, Against::AtLeastZero, holds);
    }
    case GuardKind::HasEvidence: return read_evidence(guard, holds);
    case GuardKind::TimeBetween: break;
  }
  return read_time(guard, holds);
}

Formula GuardReader::read_floor(const LinearSum& minimum) {
  Quantity balance{QuantityKind::Balance, {true, kNone, Side::From, {}}, kNone, false};
  std::vector<Part> parts{{number(resolve(vocabulary_, site_, balance)), 1, 1}};
  add(minimum, -1, parts);
  return test(std::move(parts), Against::AtLeastZero, true);
}

Formula GuardReader::read_limit(const LinearSum& cap, Resolved used) {
  std::vector<Part> parts{{number(used), -1, 1}, {number(Slot{}), -1, 1}};
  add(cap, 1, parts);
  return test(std::move(parts), Against::AtLeastZero, true);
}

}  // namespace ringfence
