// SPDX-License-Identifier: Apache-2.0
// Integers are found for a few of the sums, and what they leave false is added, or split where it is an `or`: so only what matters is ever
// looked at. See formula.h.
#include "formula.h"

#include <utility>

namespace checker {
namespace {

constexpr unsigned kQuestionsMax = 20'000;   ///< put to linear.h for one question about formulas

Wide add(Wide a, Wide b) {
  Wide sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw TooLarge{"a sum leaves 128 bits"};
  return sum;
}
Wide multiply(Wide a, Wide b) {
  Wide product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw TooLarge{"a sum leaves 128 bits"};
  return product;
}

}  // namespace

void Sum::add(const Sum& other, Wide factor) {
  constant = checker::add(constant, multiply(other.constant, factor));
  for (const auto& [variable, coefficient] : other.terms) {
    Wide& mine = terms[variable];
    mine = checker::add(mine, multiply(coefficient, factor));
    if (mine == 0) terms.erase(variable);
  }
}

Sum number(Wide value) { return {{}, value}; }
Sum plus(Sum one, const Sum& other) {
  one.add(other, 1);
  return one;
}
Sum minus(Sum one, const Sum& other) {
  one.add(other, -1);
  return one;
}

// ---- making formulas

Index Formulas::put(Formula formula) {
  formulas_.push_back(std::move(formula));
  return static_cast<Index>(formulas_.size() - 1);
}

Index Formulas::at_least_zero(Sum sum) {
  if (sum.terms.empty()) return sum.constant >= 0 ? all({}) : any({});
  return put({Kind::AtLeastZero, std::move(sum), {}});
}

Index Formulas::is_zero(const Sum& sum) { return all({at_least_zero(sum), at_least_zero(minus(number(0), sum))}); }

Index Formulas::in_set(const Sum& sum, Mask set) {
  std::vector<Index> cases;
  for (unsigned bit = 0; bit < 64; ++bit)
    if (set >> bit & 1) cases.push_back(is_zero(minus(sum, number(bit))));
  return any(std::move(cases));
}

Index Formulas::all(std::vector<Index> parts) { return parts.size() == 1 ? parts[0] : put({Kind::All, {}, std::move(parts)}); }
Index Formulas::any(std::vector<Index> parts) { return parts.size() == 1 ? parts[0] : put({Kind::Any, {}, std::move(parts)}); }

Index Formulas::negation(Index index) {
  if (const auto known = negations_.find(index); known != negations_.end()) return known->second;
  const Formula formula = formulas_[index];
  Index negated = kNone;
  if (formula.kind == Kind::AtLeastZero) {
    negated = at_least_zero(minus(number(-1), formula.sum));
  } else {
    std::vector<Index> parts;
    for (const Index part : formula.parts) parts.push_back(negation(part));
    negated = formula.kind == Kind::All ? any(std::move(parts)) : all(std::move(parts));
  }
  return negations_[index] = negated;
}

Index Formulas::choice(Index condition, Index one, Index other) { return any({all({condition, one}), all({negation(condition), other})}); }

Index Formulas::holds(const Guarded& guarded, const std::vector<Sum>& values) {
  std::vector<Index> clauses;
  for (const Clause& clause : guarded.clauses) clauses.push_back(holds(clause, values));
  return all(std::move(clauses));
}

Index Formulas::holds(const Clause& clause, const std::vector<Sum>& values) {
  if (clause.empty()) return all({});
  std::vector<Index> from(clause.size());
  const auto at = [&](Index next) { return next == kTrue ? all({}) : next == kFalse ? any({}) : from[next]; };
  for (std::size_t i = clause.size(); i-- > 0;) {
    const Node& node = clause[i];
    Sum sum = number(node.constant);
    for (const Term& term : node.terms) sum.add(values[term.slot], term.coefficient);
    const Index test = node.kind == TestKind::InSet ? in_set(values[node.terms[0].slot], node.set) : node.kind == TestKind::IsZero ? is_zero(sum) : at_least_zero(sum);
    from[i] = choice(test, at(node.if_true), at(node.if_false));
  }
  return from[0];
}

// ---- looking for integers

Solvable Formulas::satisfiable(std::vector<Index> asserted) {
  questions_ = 0;
  return search({}, std::move(asserted));
}

/// Integers for `sums`, each at least zero, and for nothing else.
Solvable Formulas::integers_for(const std::vector<Index>& sums) {
  std::map<Index, std::size_t> column;
  for (const Index sum : sums)
    for (const auto& [variable, coefficient] : formulas_[sum].sum.terms) column.emplace(variable, column.size());
  std::vector<Inequality> system;
  for (const Index sum : sums) {
    system.push_back({std::vector<Wide>(column.size(), 0), formulas_[sum].sum.constant});
    for (const auto& [variable, coefficient] : formulas_[sum].sum.terms) system.back().coefficients[column.at(variable)] = coefficient;
  }
  std::vector<Wide> found;
  const Solvable answer = solve(std::move(system), found);
  integers_.clear();
  if (answer == Solvable::Maybe)
    for (const auto& [variable, position] : column) integers_[variable] = found[position];
  truth_.assign(formulas_.size(), -1);
  return answer;
}

bool Formulas::is_true(Index index) {
  if (truth_[index] >= 0) return truth_[index] != 0;
  const Formula& formula = formulas_[index];
  bool truth = formula.kind == Kind::All;
  if (formula.kind == Kind::AtLeastZero) {
    Wide value = formula.sum.constant;
    for (const auto& [variable, coefficient] : formula.sum.terms)
      if (const auto known = integers_.find(variable); known != integers_.end()) value = add(value, multiply(coefficient, known->second));
    truth = value >= 0;
  } else {
    for (const Index part : formula.parts)
      if (is_true(part) != truth) {
        truth = !truth;
        break;
      }
  }
  truth_[index] = truth ? 1 : 0;
  return truth;
}

/// With the sums that the formula asks for at once, whichever way it is split later.
std::vector<Index> Formulas::with(std::vector<Index> sums, Index index) const {
  const Formula& formula = formulas_[index];
  if (formula.kind == Kind::AtLeastZero) sums.push_back(index);
  if (formula.kind == Kind::All)
    for (const Index part : formula.parts) sums = with(std::move(sums), part);
  return sums;
}

/// Of formulas that are an `or`, the one that the sums leave the fewest ways, and these ways. Looks no further than at one that has none or one.
Formulas::Split Formulas::narrowest(const std::vector<Index>& sums, const std::vector<Index>& open) {
  Split best{kNone, {}};
  for (std::size_t i = 0; i < open.size() && (best.at == kNone || best.ways.size() > 1); ++i) {
    Split split{i, {}};
    for (const Index way : formulas_[open[i]].parts) {
      ++questions_;
      if (integers_for(with(sums, way)) != Solvable::No) split.ways.push_back(way);
    }
    if (best.at == kNone || split.ways.size() < best.ways.size()) best = std::move(split);
  }
  return best;
}

/// Whether some integers satisfy all sums and all open formulas. A formula stays open until it has been split.
Solvable Formulas::search(std::vector<Index> sums, std::vector<Index> open) {
  for (;;) {
    if (++questions_ > kQuestionsMax) return Solvable::GaveUp;
    if (const Solvable answer = integers_for(sums); answer != Solvable::Maybe) return answer;
    std::vector<Index> kept, split, rest;
    for (const Index index : open) {
      const Formula& formula = formulas_[index];
      if (is_true(index)) kept.push_back(index);
      else if (formula.kind == Kind::AtLeastZero) sums.push_back(index);
      else if (formula.kind == Kind::Any) split.push_back(index);
      else rest.insert(rest.end(), formula.parts.begin(), formula.parts.end());
    }
    const bool more = kept.size() + split.size() < open.size();
    if (!more && split.empty()) return Solvable::Maybe;
    const Split narrow = more ? Split{kNone, {}} : narrowest(sums, split);
    if (!more) split.erase(split.begin() + static_cast<std::ptrdiff_t>(narrow.at));
    open = std::move(kept);
    open.insert(open.end(), split.begin(), split.end());
    open.insert(open.end(), rest.begin(), rest.end());
    if (more) continue;
    Solvable best = Solvable::No;
    for (const Index way : narrow.ways) {
      open.push_back(way);
      const Solvable answer = search(sums, open);
      open.pop_back();
      if (answer == Solvable::Maybe) return answer;
      if (answer == Solvable::GaveUp) best = answer;
    }
    return best;
  }
}

}  // namespace checker
