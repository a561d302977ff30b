// SPDX-License-Identifier: Apache-2.0
// Typed guards read on one site (a move under one relation, a floor's source, a transition's subject) as formulas over numbered
// slots: language reference, sections 5 and 6. The slots are numbered as they are met; who assembles a move renumbers them.
#pragma once

#include <optional>
#include <vector>

#include "compiler/lower_compare.h"
#include "compiler/lower_formula.h"
#include "compiler/resolve.h"

namespace ringfence {

class GuardReader {
 public:
  /// Borrows the vocabulary.
  GuardReader(const Vocabulary& vocabulary, Site site) : vocabulary_(vocabulary), site_(std::move(site)) {}

  /// The guard; its negation when `holds` is false.
  Formula read(const Guard&, bool holds = true);
  /// 5.1: balance(from) >= minimum. The source's balance is the one after the move here, as moves.h says.
  Formula read_floor(const LinearSum& minimum);
  /// 5.2: what is counted already, and this amount, are at most the cap.
  Formula read_limit(const LinearSum& cap, Resolved used);

  /// What was met so far, each once, at most kSlotsMax.
  const std::vector<Slot>& slots() const noexcept { return slots_; }
  /// The first problem since the last call; what was read meanwhile is then meaningless.
  std::optional<Problem> take_problem();

  /// The slot of a mode.
  Index mode_slot(const Reference&);

 private:
  Index number(const Resolved&);
  Formula test(std::vector<Part> parts, Against, bool holds);
  void add(const LinearSum&, int sign, std::vector<Part>& parts);
  void add(const LinearTerm&, int sign, std::vector<Part>& parts);
  Formula compare_sides(const Guard&, bool holds);
  Formula read_mode(const Guard&, bool holds);
  Formula read_evidence(const Guard&, bool holds);
  Formula read_time(const Guard&, bool holds);
  Formula read_parts(const Guard&, bool holds);

  const Vocabulary& vocabulary_;
  Site site_;
  std::vector<Slot> slots_;
  std::optional<Problem> problem_;
};

}  // namespace ringfence
