// SPDX-License-Identifier: Apache-2.0
// What must hold of the bytes before they are read as a policy: language reference, 1.1 and 12.
#pragma once

#include <string_view>

#include "compiler/parse_sink.h"
#include "runtime/limits.h"

namespace ringfence {

/// Reports a text that is too large, is not UTF-8, or has control characters or ones that turn the reading direction. Stops the sink
/// at the first, since nothing after it can be trusted to be what it looks like.
void scan_bytes(std::string_view source, const Limits&, DiagnosticSink&);

}  // namespace ringfence
