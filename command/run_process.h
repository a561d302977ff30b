// SPDX-License-Identifier: Apache-2.0
// Another program, run to its end or to a deadline, with what it prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ringfence {

struct ProcessEnd {
  std::optional<int> exit_code;          ///< absent: killed at the deadline, by a signal, or for printing too much
  std::string out;                       ///< standard output and standard error, as they came
};

/// `arguments[0]` is the program, looked up on the PATH when it has no slash. Nothing when there is no such program. It ends with this one.
std::optional<ProcessEnd> run_process(const std::vector<std::string>& arguments, std::chrono::steady_clock::time_point deadline);

}  // namespace ringfence
