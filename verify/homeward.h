// SPDX-License-Identifier: Apache-2.0
// From which of the states that the search found a unit of money can still get home, going back from home along every step that some
// values allow. A state that is left over has no way home at all: whatever is asked, by whomever, with whatever facts.
#pragma once

#include <string>
#include <vector>

#include "verify/explore.h"

namespace ringfence {

/// The unit is at an external of the owner that it is titled to, with equal ids on each entity that keys both.
bool is_home(const Arena&, const Coin&);
/// The owner of the title has an external at all.
bool has_home(const Arena&, const Coin&);

struct Homeward {
  std::vector<bool> possible;   ///< by state of the search
  std::string stopped;          ///< why it is not known: a question that the solver did not answer; else empty
};
/// For a complete search of one followed unit. Each step that leads towards home is asked about at most once.
Homeward homeward(const Arena&, Feasibility&, const std::vector<Mask>& modes_possible, const Reach&);

}  // namespace ringfence
