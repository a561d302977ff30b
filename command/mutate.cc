// SPDX-License-Identifier: Apache-2.0
// `ringfence mutate POLICY [SCENARIOS]...`: makes the small mistakes of mutation.def one by one, and says which of them neither the scenarios, nor the
// transfers, nor the proofs notice. Exit code: 0 every mutant that is another policy is noticed; 1 one survived, the policy has errors or is no measure; otherwise 2 when
// one was not decided; 3 when a file can't be read.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command/describe.h"
#include "command/file.h"
#include "command/interrupt.h"
#include "command/judge_mutant.h"
#include "command/make_mutants.h"
#include "command/policy_text.h"
#include "command/progress.h"
#include "command/scenario_text.h"
#include "command/time_limits.h"
#include "command/transfer_file.h"
#include "command/verb_options.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

struct MutateOptions { std::string policy, transfers, written; std::vector<std::string> scenarios; bool json = false; TimeLimits limits; };
struct Judged { Mutant mutant; Judgement judgement; };

std::size_t count_of(const std::vector<Judged>& all, MutantFate fate) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Judged& one) { return one.judgement.fate == fate; }));
}

void print(std::ostream& out, std::string_view source, const Judged& one) {
  const auto& [mutant, judgement] = one;
  out << fmt::format("{:<10}  line {}: {}\n", one.judgement.fate == MutantFate::Survived ? "SURVIVED" : fate_word(judgement.fate), mutant.line, printable(mutant.what));
  for (const std::string& line : changed_lines(source, mutated(source, mutant))) out << "    " << printable(line) << '\n';
  out << fmt::format("  {}: {}\n\n", mutation_sentence(mutant.kind), printable(judgement.why));
}

void print_for_people(std::ostream& out, std::string_view source, const std::vector<Judged>& all) {
  for (const MutantFate fate : {MutantFate::Equivalent, MutantFate::Undecided, MutantFate::Survived})
    for (const Judged& one : all)
      if (one.judgement.fate == fate) print(out, source, one);
  out << fmt::format("{} mutants: {} noticed, {} the same policy, {} undecided, {} survived; {} more are no policies\n", all.size() - count_of(all, MutantFate::NoPolicy),
                     count_of(all, MutantFate::Noticed), count_of(all, MutantFate::Equivalent), count_of(all, MutantFate::Undecided),
                     count_of(all, MutantFate::Survived), count_of(all, MutantFate::NoPolicy));
}

void print_json(std::ostream& out, const MutateOptions& options, std::string_view source, const std::vector<Judged>& all) {
  ordered_json document{{"policy", options.policy}, {"counts", ordered_json::object()}, {"mutants", ordered_json::array()}};
  for (const MutantFate fate : {MutantFate::Noticed, MutantFate::Equivalent, MutantFate::Undecided, MutantFate::Survived, MutantFate::NoPolicy})
    document["counts"][fate_word(fate)] = count_of(all, fate);
  for (const auto& [mutant, judgement] : all)
    document["mutants"].push_back({{"line", mutant.line}, {"kind", mutation_word(mutant.kind)}, {"what", mutant.what}, {"changed", changed_lines(source, mutated(source, mutant))},
                                   {"fate", fate_word(judgement.fate)}, {"why", judgement.why}});
  out << document.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

/// What would notice each survivor, where a scenario can.
std::string print_scenarios(const Vocabulary& vocabulary, const std::vector<Judged>& all) {
  std::string text = "# Each of these notices a mistake that nothing else does, by what the policy decides now. Keep those that say what it should decide.\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].judgement.scenario) continue;
    Scenario scenario = *all[i].judgement.scenario;
    scenario.name = fmt::format("mutant {}, line {}: {}", i + 1, all[i].mutant.line, all[i].mutant.what);
    text += "\n" + print(vocabulary, scenario);
  }
  return text;
}

/// All records of a transfer file; one line that can't be read, and it is no measure.
std::variant<std::vector<Record>, FileError> read_records(const std::string& path) {
  std::vector<Record> records;
  if (path.empty()) return records;
  auto opened = TransferFile::open(path);
  if (auto* error = std::get_if<FileError>(&opened)) return std::move(*error);
  for (;;) {
    auto next = std::get<TransferFile>(opened).next();
    if (auto* end = std::get_if<TransferFile::End>(&next)) {
      if (end->error) return std::move(*end->error);
      return records;
    }
    if (const auto* bad = std::get_if<BadLine>(&next)) return FileError{fmt::format("`{}`, line {}: {}", path, bad->line, bad->message)};
    records.push_back(std::move(std::get<Record>(next)));
  }
}

/// With spaces where scenarios stand, which no mutant changes and the judge knows: every other byte keeps its place.
std::string without_scenarios(const PolicyAst& policy, std::string text) {
  for (const StatementNode& statement : policy.statements)
    if (std::holds_alternative<ScenarioDecl>(statement.statement))
      std::replace_if(text.begin() + statement.range.begin, text.begin() + statement.range.end, [](char c) { return c != '\n'; }, ' ');
  return text;
}

std::vector<Judged> judge_all(MutantJudge& judge, const PolicyAst& policy, std::string_view source, const std::string& path) {
  Progress progress("mutating " + path);
  std::vector<Mutant> mutants = make_mutants(policy, source);
  const std::string bare = without_scenarios(policy, std::string(source));
  std::vector<Judged> all;
  for (Mutant& mutant : mutants) {
    progress.set(fmt::format("mutating {}: {} of {}, line {}", path, all.size() + 1, mutants.size(), mutant.line));
    Judgement judgement = judge.judge(mutated(bare, mutant));
    all.push_back({std::move(mutant), std::move(judgement)});
  }
  return all;
}

ExitCode refuse(Console& console, const std::string& message, ExitCode code) {
  console.err << "ringfence: " << printable(message) << '\n';
  return code;
}

ExitCode run_mutate(const MutateOptions& options, Console& console) {
  const Budget budget = options.limits.budget();
  const auto read = read_policy_text(options.policy, options.scenarios, console.err);
  if (const auto* code = std::get_if<ExitCode>(&read)) return *code;
  const PolicyText& text = std::get<PolicyText>(read);
  const std::string& source = text.text();
  const auto records = read_records(options.transfers);
  if (const auto* error = std::get_if<FileError>(&records)) return refuse(console, error->message, kUnusable);
  const auto loaded = load_text(text, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  end_on_interrupt();
  MutantJudge judge(text, std::get<LoadedPolicy>(loaded), std::get<std::vector<Record>>(records), budget);
  if (const auto why = judge.prepare()) return refuse(console, *why, kFindings);
  const std::vector<Judged> all = judge_all(judge, *parse(source).artefact, source, options.policy);
  if (!options.written.empty())
    if (const auto error = write_file(options.written, print_scenarios(std::get<LoadedPolicy>(loaded).moves.vocabulary, all))) return refuse(console, error->message, kUnusable);
  if (options.json) print_json(console.out, options, source, all);
  else print_for_people(console.out, source, all);
  if (count_of(all, MutantFate::Survived) != 0) return kFindings;
  return count_of(all, MutantFate::Undecided) != 0 ? kUndecided : kSuccess;
}

}  // namespace

void add_mutate(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<MutateOptions>();
  VerbOptions verb(app, "mutate", "Make small mistakes in a policy, and say which of them nothing notices");
  verb.argument("POLICY", options->policy, "Policy text; - is standard input");
  verb.arguments("SCENARIOS", options->scenarios, "Files of further scenarios");
  verb.option("--transfers", "FILE", options->transfers, "Transfers with what is expected of them, which notice mistakes, too");
  verb.option("--scenarios", "FILE", options->written, "Write a scenario for each survivor that one can notice");
  verb.flag("--json", options->json, "One JSON document");
  add_time_limits(verb, options->limits);
  verb.runs(chosen, [options](Console& console) { return run_mutate(*options, console); });
}

}  // namespace ringfence
