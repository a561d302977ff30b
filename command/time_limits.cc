// SPDX-License-Identifier: Apache-2.0
// See time_limits.h.
#include "command/time_limits.h"

#include <chrono>

#include "command/verb_options.h"

namespace ringfence {

Budget TimeLimits::budget() const {
  const std::uint32_t query_ms = query_seconds * 1'000;
  return run_seconds == 0 ? Budget(query_ms) : Budget(query_ms, std::chrono::steady_clock::now() + std::chrono::seconds(run_seconds));
}

void add_time_limits(VerbOptions& verb, TimeLimits& limits) {
  verb.seconds("--timeout", limits.run_seconds, 0, 864'000, "Seconds for the whole run; 0: no limit");
  verb.seconds("--query-timeout", limits.query_seconds, 1, 86'400, "Seconds for one query of a solver");
}

}  // namespace ringfence
