// SPDX-License-Identifier: Apache-2.0
// One question about integers: formulas, which are linear sums compared with zero, joined by `and`, `or` and `not`, those of them that are assumed,
// and whether some integers make all of these true. Guards of the table (guard.h) and functions of a certificate (meaning.h) become such formulas.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "linear.h"
#include "table.h"

namespace checker {

/// sum(coefficient * variable) + constant. No coefficient is zero.
struct Sum {
  std::map<Index, Wide> terms;
  Wide constant = 0;
  bool operator==(const Sum&) const = default;
  /// Adds factor * other. Throws TooLarge beyond 128 bits.
  void add(const Sum& other, Wide factor);
};
Sum number(Wide);
Sum plus(Sum, const Sum&);
Sum minus(Sum, const Sum&);

/// A formula is a number: twice that of a sum that is at least zero, or of a set of formulas that all hold; one more where it is the opposite.
inline constexpr Index kAlways = 0, kNever = 1;

/// Throws TooLarge for formulas beyond kPartsMax.
class Formulas {
 public:
  /// A variable, within the bounds if it has any.
  Sum any_number() { return {{{variables_++, 1}}, 0}; }
  Sum own(Wide low, Wide high);

  Index at_least_zero(Sum);
  Index is_zero(const Sum&);
  /// The sum is the number of a bit of the set.
  Index in_set(const Sum&, Mask set);
  Index all(const std::vector<Index>&);
  Index any(std::vector<Index>);
  static Index negation(Index formula) { return formula ^ 1u; }
  Index choice(Index condition, Index one, Index other);
  /// The statement holds for these values of its slots.
  Index holds(const Guarded&, const std::vector<Sum>& values);

  void assume(Index formula) { assumed_.push_back(formula); }
  void within(const Sum&, Wide low, Wide high);
  /// No: no integers make all that is assumed true. Maybe: some do, which were found and tried. GaveUp: a limit was reached.
  Solvable possible();

 private:
  struct Formula { bool is_sum = false; Sum sum; std::vector<Index> parts; };   ///< parts are older than what they are parts of, and none is a set itself
  struct Split { std::size_t at = kNone; std::vector<Index> ways; };

  Index put(Formula);
  Index holds(const Clause&, const std::vector<Sum>& values);
  const Formula& formula(Index index) const { return formulas_[index / 2]; }
  static bool is_opposite(Index index) { return (index & 1u) != 0; }
  void judge();
  bool is_true(Index index) const { return truth_[index / 2] != is_opposite(index); }
  Solvable search(std::vector<Index> sums, std::vector<Index> open, unsigned splits);
  Solvable search_ways(std::vector<Index> sums, std::vector<Index> open, std::vector<Index> split, unsigned splits);
  Split narrowest(const std::vector<Index>& sums, const std::vector<Index>& open);
  std::vector<Index> with(std::vector<Index> sums, Index) const;
  Solvable integers_for(const std::vector<Index>& sums);

  std::vector<Formula> formulas_{Formula{}};  ///< the first: that nothing at all holds
  std::vector<Index> assumed_;
  bool has_integers_ = false;                 ///< for the sums asked about last
  std::map<Index, Wide> integers_;            ///< by variable, those not there are 0
  std::vector<bool> truth_;                   ///< of formulas_, for these integers
  std::size_t parts_ = 0;
  Index variables_ = 0;
  unsigned questions_ = 0;
};

}  // namespace checker
