// SPDX-License-Identifier: Apache-2.0
// `--timeout` and `--query-timeout`, which mean the same to every verb that proves: seconds for the whole run, and for one query in it.
#pragma once

#include <cstdint>

#include "verify/budget.h"

namespace ringfence {

class VerbOptions;

struct TimeLimits {
  std::uint32_t query_seconds = 60;
  std::uint32_t run_seconds = 0;   ///< 0: no limit

  /// Of a run that begins now.
  Budget budget() const;
};

void add_time_limits(VerbOptions&, TimeLimits&);

}  // namespace ringfence
