// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios of a policy through a gate on its rule table (language reference, section 11), and says which statements they
// showed at work. Each scenario starts from an empty gate and stops at its first step that is not as written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command/load.h"

namespace ringfence {

struct ScenarioResult {
  std::string name;
  std::uint32_t line = 0;
  bool passed = true;
  std::uint32_t failed_line = 0;   ///< of the step that was not as written
  std::string failure;             ///< what was expected, what came instead and why; empty when it passed
};

struct ScenarioRun {
  std::vector<ScenarioResult> scenarios;   ///< in text order
  /// By statement of the table: whether it decided at least once: an allow or transition that let something through, a deny,
  /// floor or limit that refused.
  std::vector<bool> decided;
};

/// `policy.typed` is there: it was loaded from text.
ScenarioRun run_scenarios(const LoadedPolicy& policy);

}  // namespace ringfence
