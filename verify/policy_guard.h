// SPDX-License-Identifier: Apache-2.0
// One statement's guards and sums, read in one setting: language reference, sections 6 and 7. What each read is remembered (8.3).
#pragma once

#include "compiler/typed_policy.h"
#include "verify/move_meaning.h"

namespace ringfence::equivalence {

class PolicyGuardReader {
 public:
  /// Borrows all. `floor`: the source's balance is the one at the end (5.1).
  PolicyGuardReader(const Vocabulary& vocabulary, const Setting& setting, GuardDiagrams& diagrams, bool floor = false)
      : vocabulary_(vocabulary), setting_(setting), diagrams_(diagrams), floor_(floor) {}

  Diagram read(const Guard&);
  /// All of them.
  Diagram read(const std::vector<Condition>&);
  /// 5.1: balance(from) >= minimum.
  Diagram read_floor(const LinearSum& minimum);
  /// 5.2: what was counted, and this amount, are at most the cap.
  Diagram read_limit(Index limit, const TypedLimit&);
  /// The value that is this mode.
  Index mode_value(const Reference&);
  std::vector<Index> take_reads() { return std::move(reads_); }

  /// The balance of the source or destination, and the total of the source's account: 8.3.
  Slot balance_of(Side) const;
  Slot account_total_of_source() const;

 private:
  struct Fraction { Index value = kNone; Int128 numerator = 0, denominator = 1; };   ///< value kNone: a constant

  Index number(const Slot&);
  KeySource id_of(Index entity, Side);
  Side side_of(Index bucket, Side written) const;
  std::vector<KeySource> ids_of(std::span<const Index> keys, Side, const std::vector<bool>& summed = {});
  Slot subject_slot(SlotKind, const Reference&, const Subject&);
  Slot slot_of(const Quantity&);
  Slot money_slot(const Quantity&);
  int effect_on(const Slot&) const;
  void add(const LinearSum&, int sign, std::vector<Fraction>&);
  WeightedSum scale(const std::vector<Fraction>&);
  Diagram compare(const Guard&);
  Diagram join(const std::vector<Guard>& parts, bool all);

  const Vocabulary& vocabulary_;
  const Setting& setting_;
  GuardDiagrams& diagrams_;
  bool floor_;
  std::vector<Index> reads_;
};

}  // namespace ringfence::equivalence
