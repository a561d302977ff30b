// SPDX-License-Identifier: Apache-2.0
// Formulas over integers: linear sums compared with zero, joined by `and` and `or`, and whether some integers make them all true. Guards of the
// table and claims of a certificate are both read into them.
#pragma once

#include <cstdint>
#include <functional>
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

/// Formulas by index, shared. A formula is negated as integers are: not (s >= 0) is -s - 1 >= 0.
class Formulas {
 public:
  Index at_least_zero(Sum);
  Index is_zero(const Sum&);
  /// The sum is the number of a bit of the set.
  Index in_set(const Sum&, Mask set);
  Index all(std::vector<Index>);
  Index any(std::vector<Index>);
  Index negation(Index);
  Index choice(Index condition, Index one, Index other);
  /// The statement holds for these values of its slots.
  Index holds(const Guarded&, const std::vector<Sum>& values);

  /// No: no integers make all of them true. Maybe: some do. GaveUp: a limit was reached.
  Solvable satisfiable(std::vector<Index> asserted);

 private:
  enum class Kind : std::uint8_t { AtLeastZero, All, Any };
  struct Formula { Kind kind = Kind::All; Sum sum; std::vector<Index> parts; };

  Index put(Formula);
  Index holds(const Clause&, const std::vector<Sum>& values);
  bool is_true(Index);
  struct Split { std::size_t at = kNone; std::vector<Index> ways; };
  Solvable search(std::vector<Index> sums, std::vector<Index> open);
  Split narrowest(const std::vector<Index>& sums, const std::vector<Index>& open);
  std::vector<Index> with(std::vector<Index> sums, Index) const;
  Solvable integers_for(const std::vector<Index>& sums);

  std::vector<Formula> formulas_;
  std::map<Index, Index> negations_;
  std::map<Index, Wide> integers_;            ///< by variable, those not there are 0
  std::vector<std::int8_t> truth_;            ///< by formula, for these integers; -1 not known yet
  unsigned questions_ = 0;
};

}  // namespace checker
