// SPDX-License-Identifier: Apache-2.0
// The policy that a verb works on, from its text or from a rule table made of it. What is wrong has been printed when there is none:
// diagnostics for a policy text (exit code 1), one line for what can't be read or is no table (exit code 3).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "command/policy_text.h"
#include "command/verb.h"
#include "compiler/passes.h"
#include "runtime/rule_table.h"

namespace ringfence {

struct LoadedPolicy {
  std::optional<TypedPolicy> typed;   ///< absent when it came from a table
  Moves moves;
  RuleTable table;
};

/// Reads what a policy names, as seen from the folder of the policy's file; of one from standard input, from the working directory.
FileReader files_beside(const std::string& policy_path);
/// What `compile` made, with its table loaded.
std::variant<LoadedPolicy, LoadError> load_compiled(Compiled);
/// The text in `path`, at most one byte more than a policy may have: `parse` then says that it is too large.
std::variant<std::string, ExitCode> read_policy(const std::string& path, std::ostream& err);
std::variant<LoadedPolicy, ExitCode> load_text(const PolicyText&, std::ostream& err);
std::variant<LoadedPolicy, ExitCode> load_policy(const std::string& path, std::ostream& err);
std::variant<LoadedPolicy, ExitCode> load_policy_or_table(const std::string& path, std::ostream& err);

}  // namespace ringfence
