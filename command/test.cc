// SPDX-License-Identifier: Apache-2.0
// `ringfence test POLICY`: runs its scenarios, and lists the statements that none of them showed at work. Exit code: 0; 1 when a
// scenario failed, or the policy has errors.
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/load.h"
#include "command/run_scenarios.h"
#include "command/verb.h"

namespace ringfence {
namespace {

struct TestOptions { std::string policy; bool json = false; };

/// An invariant is proved; it decides no transfer that a scenario could show.
std::vector<Index> deciding_statements(const LoadedPolicy& policy) {
  std::vector<Index> statements;
  for (Index i = 0; i < policy.moves.statements.size(); ++i)
    if (policy.moves.statements[i].kind != StatementKind::Invariant) statements.push_back(i);
  return statements;
}

void print_for_people(std::ostream& out, const LoadedPolicy& policy, const ScenarioRun& run) {
  for (const ScenarioResult& result : run.scenarios) {
    out << fmt::format("{}  line {}: \"{}\"\n", result.passed ? "passed" : "FAILED", result.line, result.name);
    if (!result.passed) out << fmt::format("  line {}: {}\n", result.failed_line, result.failure);
  }
  const auto failed = std::count_if(run.scenarios.begin(), run.scenarios.end(), [](const ScenarioResult& result) { return !result.passed; });
  const auto decided = std::count(run.decided.begin(), run.decided.end(), true);
  const auto statements = deciding_statements(policy);
  out << fmt::format("\n{} scenarios, {} failed; {} of {} statements decided at least once\n", run.scenarios.size(), failed, decided, statements.size());
  for (const Index i : statements) {
    const StatementView statement = policy.table.statement(i);
    if (!run.decided[i]) out << fmt::format("  not shown: line {}: {}\n", statement.line, statement.text);
  }
}

void print_json(std::ostream& out, const TestOptions& options, const LoadedPolicy& policy, const ScenarioRun& run) {
  nlohmann::ordered_json document{{"policy", options.policy}, {"scenarios", nlohmann::ordered_json::array()}, {"statements", nlohmann::ordered_json::array()}};
  for (const ScenarioResult& result : run.scenarios) {
    nlohmann::ordered_json scenario{{"name", result.name}, {"line", result.line}, {"passed", result.passed}};
    if (!result.passed) {
      scenario["failed_line"] = result.failed_line;
      scenario["failure"] = result.failure;
    }
    document["scenarios"].push_back(scenario);
  }
  for (const Index i : deciding_statements(policy)) {
    const StatementView statement = policy.table.statement(i);
    document["statements"].push_back({{"line", statement.line}, {"text", statement.text}, {"decided", static_cast<bool>(run.decided[i])}});
  }
  out << document.dump(2) << '\n';
}

ExitCode run_test(const TestOptions& options, Console& console) {
  const auto loaded = load_policy(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const ScenarioRun run = run_scenarios(policy);
  if (options.json) print_json(console.out, options, policy, run);
  else print_for_people(console.out, policy, run);
  const bool passed = std::all_of(run.scenarios.begin(), run.scenarios.end(), [](const ScenarioResult& result) { return result.passed; });
  return passed ? kSuccess : kFindings;
}

}  // namespace

void add_test(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App* verb = app.add_subcommand("test", "Run the scenarios of a policy");
  verb->add_option("POLICY", options->policy, "Policy text; - is standard input")->required();
  verb->add_flag("--json", options->json, "One JSON document");
  verb->callback([options, &chosen] { chosen = [options](Console& console) { return run_test(*options, console); }; });
}

}  // namespace ringfence
