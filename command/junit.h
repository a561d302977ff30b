// SPDX-License-Identifier: Apache-2.0
// Scenarios that were run, in the XML that JUnit writes and build servers read: a suite for the policy, a case for each scenario.
#pragma once

#include <string>
#include <string_view>

#include "command/policy_text.h"
#include "command/run_scenarios.h"

namespace ringfence {

/// Of the text that was run. UTF-8, whatever the texts of the policy hold: what XML can't say is replaced.
std::string print_junit(const PolicyText&, std::string_view policy_name, const ScenarioRun&);

}  // namespace ringfence
