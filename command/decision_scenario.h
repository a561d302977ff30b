// SPDX-License-Identifier: Apache-2.0
// A decision of the gate as a scenario that comes to the same decision, by the same statement and condition: first what the decision read is given, no more;
// where that is not enough (a limit counted earlier transfers, a balance is below zero, time must not go back) all that was applied before. The scenario is
// run before it is handed out.
#pragma once

#include <string>
#include <variant>

#include "command/transfer_file.h"
#include "command/transfer_run.h"

namespace ringfence {

/// Applies the records of `file` to a run in memory, up to the transfer, mode change or batch with this id (that of a leg stands for its batch), and makes
/// its scenario; or says in a sentence why there is none. Lines that can't be read are skipped.
std::variant<Scenario, std::string> scenario_of_decision(TransferRun& run, TransferFile& file, const std::string& id);

}  // namespace ringfence
