// SPDX-License-Identifier: Apache-2.0
// `ringfence diff OLD NEW`: what became allowed, what became denied, and which money can now reach where. Exit code: 0 the same, 1 they
// differ, or the new one finds something in balances as they stand, 2 neither, but something is unknown; 3 when a file can't be read.
#include <memory>

#include "command/describe.h"
#include "command/diff_print.h"
#include "command/live_state.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/time_limits.h"
#include "command/verb_options.h"
#include "verify/diff.h"

namespace ringfence {
namespace {

struct DiffVerbOptions { std::string older, newer, state; bool json = false; TimeLimits limits; };

ExitCode exit_code_of(const Difference& difference, const std::optional<StateReport>& state) {
  if (state && !state->findings.empty()) return kFindings;
  const bool state_is_known = !state || state->unknown.empty();
  if (difference.same()) return state_is_known ? kSuccess : kUndecided;
  return difference.undecided() ? kUndecided : kFindings;
}

ExitCode run_diff(const DiffVerbOptions& options, Console& console) {
  const Budget budget = options.limits.budget();
  const auto older = load_policy_or_table(options.older, console.err);
  if (std::holds_alternative<ExitCode>(older)) return kUnusable;
  const auto newer = load_policy_or_table(options.newer, console.err);
  if (std::holds_alternative<ExitCode>(newer)) return kUnusable;
  const ComparedPolicies policies{std::get<LoadedPolicy>(older), std::get<LoadedPolicy>(newer)};
  LiveState live;
  if (!options.state.empty()) {
    auto read = read_live_state(options.state, policies.older, policies.newer);
    if (const auto* error = std::get_if<FileError>(&read)) {
      console.err << "ringfence: " << printable(error->message) << '\n';
      return kUnusable;
    }
    live = std::move(std::get<LiveState>(read));
  }
  Difference difference;
  std::optional<StateReport> state;
  {
    Progress progress("comparing " + options.older + " with " + options.newer);
    DiffOptions how;
    how.budget = budget;
    how.progress = [&progress](std::string_view doing) { progress.set(doing); };
    difference = diff(policies.older.table, policies.newer.table, how);
    if (!options.state.empty()) {
      state.emplace();
      state->findings = judge_state(policies.older.table, policies.newer.table, live, how, state->unknown);
    }
  }
  if (options.json) print_difference_json(console.out, policies, difference, state);
  else print_difference(console.out, policies, difference, state);
  return exit_code_of(difference, state);
}

}  // namespace

void add_diff(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<DiffVerbOptions>();
  VerbOptions verb(app, "diff", "Compare two policies: what became allowed, what became denied, which money can now reach where");
  verb.argument("OLD", options->older, "Policy text or rule table");
  verb.argument("NEW", options->newer, "Policy text or rule table");
  verb.option("--state", "FILE", options->state, "Balances as they stand, as in a transfer file: what the new policy would find mixed");
  verb.flag("--json", options->json, "One JSON document");
  add_time_limits(verb, options->limits);
  verb.runs(chosen, [options](Console& console) { return run_diff(*options, console); });
}

}  // namespace ringfence
