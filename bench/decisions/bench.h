// SPDX-License-Identifier: Apache-2.0
// A benchmark ends where something that it takes for granted does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace ringfence::bench {

inline void demand(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "decision_bench: %s\n", what.c_str());
  std::exit(3);
}

}  // namespace ringfence::bench
