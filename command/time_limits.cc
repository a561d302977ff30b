// SPDX-License-Identifier: Apache-2.0
// See time_limits.h.
#include "command/time_limits.h"

#include <CLI/CLI.hpp>

namespace ringfence {

Budget TimeLimits::budget() const {
  const std::uint32_t query_ms = query_seconds * 1'000;
  return run_seconds == 0 ? Budget(query_ms) : Budget(query_ms, std::chrono::steady_clock::now() + std::chrono::seconds(run_seconds));
}

void add_time_limits(CLI::App& verb, TimeLimits& limits) {
  verb.add_option("--timeout", limits.run_seconds, "Seconds for the whole run; 0: no limit")->type_name("SECONDS")->check(CLI::Range(0u, 864'000u))->capture_default_str();
  verb.add_option("--query-timeout", limits.query_seconds, "Seconds for one query of a solver")->type_name("SECONDS")->check(CLI::Range(1u, 86'400u))->capture_default_str();
}

}  // namespace ringfence
