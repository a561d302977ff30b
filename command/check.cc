// SPDX-License-Identifier: Apache-2.0
// `ringfence check POLICY`: everything that the compiler finds in a policy text. Exit code: 0 when it finds nothing, 1 otherwise.
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/load.h"
#include "command/verb_options.h"
#include "compiler/files_beside.h"

namespace ringfence {
namespace {

struct CheckOptions { std::string policy; bool json = false; };

nlohmann::ordered_json to_json(const Diagnostic& diagnostic, std::string_view source) {
  const Place begin = place_of(source, diagnostic.range.begin), end = place_of(source, diagnostic.range.end);
  return {{"code", diagnostic.code}, {"severity", diagnostic.severity == Severity::Error ? "error" : "warning"},
          {"line", begin.line}, {"column", begin.column}, {"end_line", end.line}, {"end_column", end.column},
          {"message", diagnostic.message}, {"help", diagnostic.help}};
}

void print_json(std::ostream& out, const CheckOptions& options, const Diagnostics& diagnostics, std::string_view source) {
  nlohmann::ordered_json document{{"policy", options.policy}, {"findings", nlohmann::ordered_json::array()}};
  for (const Diagnostic& diagnostic : diagnostics) document["findings"].push_back(to_json(diagnostic, source));
  out << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

ExitCode run_check(const CheckOptions& options, Console& console) {
  const auto read = read_policy(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&read)) return *code;
  const std::string& source = std::get<std::string>(read);
  const Passed<Compiled> passed = compile(source, {}, files_beside(options.policy));
  if (options.json) print_json(console.out, options, passed.diagnostics, source);
  else if (!passed.diagnostics.empty()) console.err << render(passed.diagnostics, options.policy, source);
  if (!passed.artefact) return kFindings;
  const TypedPolicy& policy = passed.artefact->policy;
  if (!options.json && passed.diagnostics.empty())
    console.out << fmt::format("{}: no findings ({} rules, {} floors, {} limits, {} transitions, {} fences, {} scenarios)\n", options.policy,
                               policy.rules.size(), policy.floors.size(), policy.limits.size(), policy.transitions.size(),
                               policy.vocabulary.fences.size(), policy.scenarios.size());
  return passed.diagnostics.empty() ? kSuccess : kFindings;
}

}  // namespace

void add_check(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<CheckOptions>();
  VerbOptions verb(app, "check", "Say what is wrong with a policy");
  verb.argument("POLICY", options->policy, "Policy text; - is standard input");
  verb.flag("--json", options->json, "One JSON document");
  verb.runs(chosen, [options](Console& console) { return run_check(*options, console); });
}

}  // namespace ringfence
