// SPDX-License-Identifier: Apache-2.0
// What every verb of the command shares: where it prints, how it ends, and how it is added to the program. Each verb has one file
// named after it; its add_ function declares its options and, when it is the verb asked for, sets `chosen` to what runs it.
#pragma once

#include <functional>
#include <ostream>

namespace CLI { class App; }

namespace ringfence {

/// How a verb ends: README.md says what each means for which verb.
enum ExitCode : int {
  kSuccess = 0,    ///< did it; PROVED
  kFindings = 1,   ///< errors in a policy, a scenario or expectation that failed, REFUTED
  kUndecided = 2,  ///< UNKNOWN
  kUnusable = 3,   ///< bad usage, unreadable input, output that can't be written; one line on `err` says what and where
};

struct Console {
  std::ostream& out;
  std::ostream& err;
};
using Run = std::function<ExitCode(Console&)>;

void add_check(CLI::App&, Run& chosen);
void add_compile(CLI::App&, Run& chosen);
void add_verify(CLI::App&, Run& chosen);
void add_gate(CLI::App&, Run& chosen);
void add_check_certificate(CLI::App&, Run& chosen);
void add_test(CLI::App&, Run& chosen);
void add_mutate(CLI::App&, Run& chosen);
void add_explain(CLI::App&, Run& chosen);
void add_diff(CLI::App&, Run& chosen);
void add_audit(CLI::App&, Run& chosen);
void add_journal(CLI::App&, Run& chosen);
void add_status(CLI::App&, Run& chosen);
void add_reconcile(CLI::App&, Run& chosen);
void add_blast(CLI::App&, Run& chosen);
void add_key(CLI::App&, Run& chosen);
void add_approve(CLI::App&, Run& chosen);

}  // namespace ringfence
