// SPDX-License-Identifier: Apache-2.0
// Any SMT-LIB text, put to the Z3 that is built in, which has seen nothing else before. No Z3 type appears here.
#pragma once

#include <chrono>
#include <string>

namespace ringfence {

/// "Z3 4.8.12".
std::string solver_name();
/// Everything that Z3 prints for the text; "error" when it gives up. A query above `query_timeout_ms` and whatever is not answered by
/// the deadline get `unknown`. Not beside any other use of Z3: the limit of a query is one of the process. Whoever runs text of a stranger has looked at its commands first.
std::string run_script(const std::string& text, unsigned query_timeout_ms, std::chrono::steady_clock::time_point deadline);

}  // namespace ringfence
