// SPDX-License-Identifier: Apache-2.0
// The files that a policy names (language reference, 2.13), read from beside it. The passes themselves read no file: who compiles hands them a reader.
#pragma once

#include <string>

#include "compiler/passes.h"

namespace ringfence {

/// Reads names as seen from the folder of the policy's file; for `-`, standard input, from the working directory. A file that is larger than a policy may be
/// can't be read.
FileReader files_beside(const std::string& policy_path);

}  // namespace ringfence
