// SPDX-License-Identifier: Apache-2.0
// Guards as decision diagrams over comparisons of values: what the policy's text and the rule table are both read into, so that they can
// be compared. A comparison is kept in one normal form and a diagram exists once, so that two guards with the same diagram hold for
// exactly the same values in their ranges. Two with different diagrams may still agree; then a solver is asked (difference_solver.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/moves.h"

namespace ringfence::equivalence {

using Diagram = std::uint32_t;
inline constexpr Diagram kNever = 0, kAlways = 1;

/// sum(coefficient * value) + constant, with values as GuardDiagrams numbers them, in any order.
struct WeightedSum { std::vector<std::pair<Index, Int128>> terms; Int128 constant = 0; };

/// sum >= 0, sum = 0, or: the one value, a mode, is in `set`. Terms by value, without a common factor, the first one positive.
struct Comparison { TestKind kind = TestKind::AtLeastZero; WeightedSum sum; Mask set = 0; };
/// if `comparison` then `if_true` else `if_false`; comparisons come in ascending order on every way down.
struct Choice { Index comparison = kNone; Diagram if_true = kNever, if_false = kNever; };

/// What a value can be: declared ranges, language reference 2.10 and 8.3.
struct ValueRange { Int128 min = 0, max = 0; };

/// The greatest common divisor, not below zero.
Int128 common_divisor(Int128, Int128) noexcept;

/// All guards of the moves between two buckets under one relation, or of one machine's transitions. A sum that leaves 128 bits, and what
/// outgrows the bounds, is a problem(): then nothing that was made since is meant.
class GuardDiagrams {
 public:
  /// Borrows the vocabulary. `choices_max`: of all diagrams together.
  GuardDiagrams(const Vocabulary& vocabulary, std::size_t choices_max);
  /// Forgets all values and diagrams.
  void clear();

  /// The number of a value, the same for the same canonical slot (moves.h).
  Index value(const Slot&);
  /// The number of the source's balance as floors see it: after the move, or at the end of its batch (5.1).
  Index balance_at_end();
  std::size_t value_count() const noexcept { return slots_.size(); }
  const Slot& slot(Index value) const { return slots_[value]; }
  bool is_at_end(Index value) const noexcept { return value == at_end_; }
  ValueRange range(Index value) const;

  Diagram at_least_zero(WeightedSum);
  Diagram is_zero(WeightedSum);
  Diagram in_set(Index value, Mask modes);
  Diagram choose(Diagram condition, Diagram if_true, Diagram if_false);
  Diagram negation(Diagram a) { return choose(a, kNever, kAlways); }
  Diagram both(Diagram a, Diagram b) { return choose(a, b, kNever); }
  Diagram either(Diagram a, Diagram b) { return choose(a, kAlways, b); }
  /// Holds where exactly one of the two does.
  Diagram difference(Diagram a, Diagram b) { return choose(a, negation(b), b); }

  const Choice& choice(Diagram diagram) const { return choices_[diagram]; }
  const Comparison& comparison(Index index) const { return comparisons_[index]; }
  /// Whether it holds for these values, one a number; nothing when a sum leaves 128 bits.
  std::optional<bool> holds(Diagram, const std::vector<Int128>& values) const;

  /// Empty when all is well.
  const std::string& problem() const noexcept { return problem_; }
  void set_problem(std::string problem) { if (problem_.empty()) problem_ = std::move(problem); }
  void forget_problem() { problem_.clear(); }

 private:
  struct Triple {
    std::uint32_t a, b, c;
    bool operator==(const Triple&) const = default;
  };
  struct TripleHash { std::size_t operator()(const Triple&) const noexcept; };
  using Known = std::unordered_map<Triple, Diagram, TripleHash>;

  bool tidy(WeightedSum&);
  Diagram test(Comparison);
  Diagram place(const Choice&);
  Diagram branch(Diagram, Index comparison, bool taken) const;

  const Vocabulary& vocabulary_;
  std::size_t choices_max_;
  std::vector<Slot> slots_;
  Index at_end_ = kNone;
  std::vector<Comparison> comparisons_;
  std::map<std::string, Index> comparison_index_;
  std::vector<Choice> choices_;
  Known placed_, chosen_;
  std::string problem_;
};

}  // namespace ringfence::equivalence
