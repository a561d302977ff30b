// SPDX-License-Identifier: Apache-2.0
// The content of what was submitted under an id, as bytes: two contents are the same exactly when their bytes are. Language
// reference, 10.3. Everything counts: names, ids, amount, who, approvals in their order, evidence and time.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/gate.h"

namespace ringfence {

// Each appends.
void put_content(std::string& out, const GateTransfer&);
void put_content(std::string& out, const GateModeChange&);
/// Of a batch: its legs' ids and contents in order.
void put_content(std::string& out, std::span<const GateTransfer> legs);
/// What stands for a leg's own id: never equal to the content of a transfer, mode change or batch.
void put_content_of_leg(std::string& out, std::string_view batch_id, std::size_t position);

}  // namespace ringfence
