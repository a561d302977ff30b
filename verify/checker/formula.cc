// SPDX-License-Identifier: Apache-2.0
// Integers are found for a few of the sums, and what they leave false is added, or split where it is an `or`: so only what matters is ever
// looked at. See formula.h.
#include "formula.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace checker {
namespace {

constexpr unsigned kQuestionsMax = 20'000;        ///< put to linear.h for one question about formulas
constexpr std::size_t kPartsMax = 1'000'000;      ///< of all sets, and formulas
constexpr unsigned kSplitsMax = 1'000;            ///< one within the other

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
  parts_ += 1 + formula.parts.size();
  if (parts_ > kPartsMax) throw TooLarge{"a question has more than " + std::to_string(kPartsMax) + " parts"};
  formulas_.push_back(std::move(formula));
  return static_cast<Index>(2 * (formulas_.size() - 1));
}

Sum Formulas::own(Wide low, Wide high) {
  const Sum made = any_number();
  within(made, low, high);
  return made;
}

Index Formulas::at_least_zero(Sum sum) {
  if (sum.terms.empty()) return sum.constant >= 0 ? kAlways : kNever;
  return put({true, std::move(sum), {}});
}

Index Formulas::is_zero(const Sum& sum) { return all({at_least_zero(sum), at_least_zero(minus(number(0), sum))}); }

Index Formulas::in_set(const Sum& sum, Mask set) {
  std::vector<Index> runs;
  for (int low = 0, high = 0; low < 64; low = high + 1) {
    high = low;
    if ((set >> low & 1) == 0) continue;
    while (high < 63 && (set >> (high + 1) & 1) != 0) ++high;
    runs.push_back(all({at_least_zero(minus(sum, number(low))), at_least_zero(minus(number(high), sum))}));
  }
  return any(std::move(runs));
}

/// Sets within sets are one set. What holds anyway is left out, and what can't hold is all that is left.
Index Formulas::all(const std::vector<Index>& parts) {
  std::vector<Index> kept;
  for (const Index part : parts) {
    if (part == kNever) return kNever;
    const bool is_set = !formula(part).is_sum && !is_opposite(part);
    if (is_set) kept.insert(kept.end(), formula(part).parts.begin(), formula(part).parts.end());
    else kept.push_back(part);
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  for (std::size_t i = 1; i < kept.size(); ++i)
    if (kept[i] == negation(kept[i - 1])) return kNever;
  if (kept.empty()) return kAlways;
  return kept.size() == 1 ? kept[0] : put({false, {}, std::move(kept)});
}

Index Formulas::any(std::vector<Index> parts) {
  for (Index& part : parts) part = negation(part);
  return negation(all(parts));
}

Index Formulas::choice(Index condition, Index one, Index other) { return any({all({condition, one}), all({negation(condition), other})}); }

void Formulas::within(const Sum& sum, Wide low, Wide high) {
  assume(at_least_zero(minus(sum, number(low))));
  assume(at_least_zero(minus(number(high), sum)));
}

Index Formulas::holds(const Guarded& guarded, const std::vector<Sum>& values) {
  std::vector<Index> clauses;
  for (const Clause& clause : guarded.clauses) clauses.push_back(holds(clause, values));
  return all(clauses);
}

Index Formulas::holds(const Clause& clause, const std::vector<Sum>& values) {
  if (clause.empty()) return kAlways;
  std::vector<Index> from(clause.size());
  const auto at = [&](Index next) { return next == kTrue ? kAlways : next == kFalse ? kNever : from[next]; };
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

Solvable Formulas::possible() {
  questions_ = 0;
  return search({}, assumed_, 0);
}

/// Integers for these sums, or the opposite of them, and for nothing else. As integers are: not (s >= 0) is -s - 1 >= 0.
Solvable Formulas::integers_for(const std::vector<Index>& sums) {
  std::map<Index, std::size_t> column;
  for (const Index index : sums)
    for (const auto& [variable, coefficient] : formula(index).sum.terms) column.emplace(variable, column.size());
  std::vector<Inequality> system;
  for (const Index index : sums) {
    const Sum sum = is_opposite(index) ? minus(number(-1), formula(index).sum) : formula(index).sum;
    system.push_back({std::vector<Wide>(column.size(), 0), sum.constant});
    for (const auto& [variable, coefficient] : sum.terms) system.back().coefficients[column.at(variable)] = coefficient;
  }
  std::optional<std::vector<Wide>> found;
  const Solvable answer = solve(std::move(system), found);
  has_integers_ = found.has_value();
  integers_.clear();
  if (found)
    for (const auto& [variable, position] : column) integers_[variable] = (*found)[position];
  return answer;
}

/// The truth of every formula for the integers that were found. Parts come first.
void Formulas::judge() {
  truth_.assign(formulas_.size(), false);
  for (std::size_t i = 0; i < formulas_.size(); ++i) {
    const Formula& one = formulas_[i];
    if (one.is_sum) {
      Wide value = one.sum.constant;
      for (const auto& [variable, coefficient] : one.sum.terms)
        if (const auto known = integers_.find(variable); known != integers_.end()) value = add(value, multiply(coefficient, known->second));
      truth_[i] = value >= 0;
    } else {
      truth_[i] = std::all_of(one.parts.begin(), one.parts.end(), [&](Index part) { return is_true(part); });
    }
  }
}

/// With the sums that the formula asks for at once, whichever way it is split later.
std::vector<Index> Formulas::with(std::vector<Index> sums, Index index) const {
  if (formula(index).is_sum) sums.push_back(index);
  else if (!is_opposite(index))
    std::copy_if(formula(index).parts.begin(), formula(index).parts.end(), std::back_inserter(sums), [&](Index part) { return formula(part).is_sum; });
  return sums;
}

/// Of formulas that are an `or`, the one that the sums leave the fewest ways, and these ways. Looks no further than at one that has none or one.
Formulas::Split Formulas::narrowest(const std::vector<Index>& sums, const std::vector<Index>& open) {
  Split best{kNone, {}};
  for (std::size_t i = 0; i < open.size() && (best.at == kNone || best.ways.size() > 1); ++i) {
    Split split{i, {}};
    for (const Index part : formula(open[i]).parts) {
      ++questions_;
      if (integers_for(with(sums, negation(part))) != Solvable::No) split.ways.push_back(negation(part));
    }
    if (best.at == kNone || split.ways.size() < best.ways.size()) best = std::move(split);
  }
  return best;
}

/// Whether some integers satisfy all sums and all open formulas. A formula stays open until it has been split. Where no integers are found for sums
/// that may have some, all that is open is taken to be false: with more of it they may be seen to have none.
Solvable Formulas::search(std::vector<Index> sums, std::vector<Index> open, unsigned splits) {
  for (;;) {
    if (++questions_ > kQuestionsMax || splits > kSplitsMax) return Solvable::GaveUp;
    if (const Solvable answer = integers_for(sums); answer != Solvable::Maybe) return answer;
    const bool known = has_integers_;
    if (known) judge();
    std::vector<Index> kept, split, rest;
    for (const Index index : open) {
      if (known && is_true(index)) kept.push_back(index);
      else if (formula(index).is_sum) sums.push_back(index);
      else if (is_opposite(index)) split.push_back(index);   // an `or`
      else rest.insert(rest.end(), formula(index).parts.begin(), formula(index).parts.end());
    }
    const bool more = kept.size() + split.size() < open.size();
    if (!more && split.empty()) return known && std::all_of(assumed_.begin(), assumed_.end(), [&](Index each) { return is_true(each); }) ? Solvable::Maybe : Solvable::GaveUp;
    if (!more) return search_ways(std::move(sums), std::move(kept), std::move(split), splits);
    open = std::move(kept);
    open.insert(open.end(), split.begin(), split.end());
    open.insert(open.end(), rest.begin(), rest.end());
  }
}

/// The same, where every formula in `split` is an `or` that the integers leave false: one of them is split.
Solvable Formulas::search_ways(std::vector<Index> sums, std::vector<Index> open, std::vector<Index> split, unsigned splits) {
  const Split narrow = narrowest(sums, split);
  split.erase(split.begin() + static_cast<std::ptrdiff_t>(narrow.at));
  open.insert(open.end(), split.begin(), split.end());
  Solvable best = Solvable::No;
  for (const Index way : narrow.ways) {
    open.push_back(way);
    const Solvable answer = search(sums, open, splits + 1);
    open.pop_back();
    if (answer == Solvable::Maybe) return answer;
    if (answer == Solvable::GaveUp) best = answer;
  }
  return best;
}

}  // namespace checker
