// SPDX-License-Identifier: Apache-2.0
// The files of a change of policy (README.md): the public keys of who may approve one, a line each, and an approval, which is a line.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "command/file.h"
#include "runtime/durable/policy_approval.h"

namespace ringfence {

/// 64 hex digits and a line end for each, and nothing else.
std::variant<std::vector<PublicKey>, FileError> read_approvers(const std::string& path);
std::variant<std::vector<PolicyApproval>, FileError> read_approvals(const std::vector<std::string>& paths);

}  // namespace ringfence
