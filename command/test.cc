// SPDX-License-Identifier: Apache-2.0
// `ringfence test POLICY [SCENARIOS]...`: runs its scenarios, and those of further files, and lists the statements that none of them showed at work and the atoms of guards that none saw
// true, or false. Exit code: 0; 1 when a scenario failed, the policy has errors, or, with --coverage, something is listed; 3 when the JUnit file can't be written.
#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/file.h"
#include "command/junit.h"
#include "command/load.h"
#include "command/policy_text.h"
#include "command/run_scenarios.h"
#include "command/verb_options.h"

namespace ringfence {
namespace {

struct TestOptions { std::string policy, junit; std::vector<std::string> scenarios; bool json = false, coverage = false; };

/// An invariant is proved; it decides no transfer that a scenario could show.
std::vector<Index> deciding_statements(const LoadedPolicy& policy) {
  std::vector<Index> statements;
  for (Index i = 0; i < policy.moves.statements.size(); ++i)
    if (policy.moves.statements[i].kind != StatementKind::Invariant) statements.push_back(i);
  return statements;
}

std::size_t missing_count(const ScenarioRun& run) {
  return static_cast<std::size_t>(std::count_if(run.atoms.begin(), run.atoms.end(), [](const GuardAtom& atom) { return atom.missing(); }));
}

bool covers_all(const LoadedPolicy& policy, const ScenarioRun& run) {
  const auto statements = deciding_statements(policy);
  return missing_count(run) == 0 && std::all_of(statements.begin(), statements.end(), [&](Index i) { return run.decided[i]; });
}

const char* never_seen(const GuardAtom& atom) {
  if (atom.seen_true) return "never false";
  return atom.seen_false ? "never true" : "never looked at";
}

void print_for_people(std::ostream& out, const PolicyText& text, const LoadedPolicy& policy, const ScenarioRun& run) {
  for (const ScenarioResult& result : run.scenarios) {
    out << fmt::format("{}  {}: \"{}\"\n", result.passed ? "passed" : "FAILED", text.in_words(result.line), result.name);
    if (!result.passed) out << fmt::format("  {}: {}\n", text.in_words(result.failed_line), result.failure);
  }
  const auto failed = std::count_if(run.scenarios.begin(), run.scenarios.end(), [](const ScenarioResult& result) { return !result.passed; });
  const auto decided = std::count(run.decided.begin(), run.decided.end(), true);
  const auto statements = deciding_statements(policy);
  out << fmt::format("\n{} scenarios, {} failed; {} of {} statements decided at least once\n", run.scenarios.size(), failed, decided, statements.size());
  for (const Index i : statements) {
    const StatementView statement = policy.table.statement(i);
    if (!run.decided[i]) out << fmt::format("  not shown: line {}: {}\n", statement.line, statement.text);
  }
  out << fmt::format("{} of {} parts of guards seen true and false\n", run.atoms.size() - missing_count(run), run.atoms.size());
  for (const GuardAtom& atom : run.atoms)
    if (atom.missing()) out << fmt::format("  {}: line {}: {}\n", never_seen(atom), atom.line, atom.text);
}

void print_json(std::ostream& out, const PolicyText& text, const LoadedPolicy& policy, const ScenarioRun& run) {
  nlohmann::ordered_json document{{"policy", text.path()}, {"scenarios", nlohmann::ordered_json::array()}, {"statements", nlohmann::ordered_json::array()}, {"guards", nlohmann::ordered_json::array()}};
  for (const ScenarioResult& result : run.scenarios) {
    const auto place = text.place(result.line);
    nlohmann::ordered_json scenario{{"name", result.name}, {"file", place.path}, {"line", place.line}, {"passed", result.passed}};
    if (!result.passed) {
      scenario["failed_line"] = text.place(result.failed_line).line;
      scenario["failure"] = result.failure;
    }
    document["scenarios"].push_back(scenario);
  }
  for (const Index i : deciding_statements(policy)) {
    const StatementView statement = policy.table.statement(i);
    document["statements"].push_back({{"line", statement.line}, {"text", statement.text}, {"decided", static_cast<bool>(run.decided[i])}});
  }
  for (const GuardAtom& atom : run.atoms)
    document["guards"].push_back({{"line", atom.line}, {"text", atom.text}, {"statement_line", policy.table.statement(atom.statement).line},
                                  {"seen_true", atom.seen_true}, {"seen_false", atom.seen_false}});
  out << document.dump(2) << '\n';
}

ExitCode run_test(const TestOptions& options, Console& console) {
  const auto read = read_policy_text(options.policy, options.scenarios, console.err);
  if (const auto* code = std::get_if<ExitCode>(&read)) return *code;
  const PolicyText& text = std::get<PolicyText>(read);
  const auto loaded = load_text(text, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const ScenarioRun run = run_scenarios(policy);
  if (options.json) print_json(console.out, text, policy, run);
  else print_for_people(console.out, text, policy, run);
  if (!options.junit.empty())
    if (const auto error = write_file(options.junit, print_junit(text, policy.table.policy_name(), run))) {
      console.err << "ringfence: " << error->message << '\n';
      return kUnusable;
    }
  return run.passed() && (!options.coverage || covers_all(policy, run)) ? kSuccess : kFindings;
}

}  // namespace

void add_test(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<TestOptions>();
  VerbOptions verb(app, "test", "Run the scenarios of a policy");
  verb.argument("POLICY", options->policy, "Policy text; - is standard input");
  verb.arguments("SCENARIOS", options->scenarios, "Files of further scenarios");
  verb.flag("--json", options->json, "One JSON document");
  verb.option("--junit", "FILE", options->junit, "Write the results as JUnit XML, too");
  verb.flag("--coverage", options->coverage, "Fail when a statement decided nothing, or a part of a guard was not seen true and false");
  verb.runs(chosen, [options](Console& console) { return run_test(*options, console); });
}

}  // namespace ringfence
