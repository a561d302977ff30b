// SPDX-License-Identifier: Apache-2.0
// Balances, modes and facts as they stand, from a transfer file that holds nothing else. Half a state is no state: the first line that can't
// be read, or is something else, is an error.
#pragma once

#include <string>
#include <variant>

#include "command/file.h"
#include "command/load.h"
#include "verify/diff_state.h"

namespace ringfence {

/// Facts and modes that the newer policy does not declare are left out: nothing of it reads them.
std::variant<LiveState, FileError> read_live_state(const std::string& path, const LoadedPolicy& older, const LoadedPolicy& newer);

}  // namespace ringfence
