// SPDX-License-Identifier: Apache-2.0
// Faults that a compiler could make, seeded into moves before they are laid out as a table. Each kind is a small change at the n-th place
// where the moves have one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/moves.h"

namespace ringfence::test {

struct Fault {
  const char* name;
  /// Changes the n-th place; false when there are not so many. What it makes may be refused when it is loaded as a table.
  bool (*plant)(Moves&, std::size_t n);
};
const std::vector<Fault>& all_faults();

/// A policy that has a place for every kind, and where most of them matter.
extern const char* const kWorkshopPolicy;

}  // namespace ringfence::test
