// SPDX-License-Identifier: Apache-2.0
// `ringfence compile POLICY -o TABLE [--proof DIR] [--dump ast|typed|moves]`: the rule table of a policy, written whole or not at all,
// with the digest of its proof; or the text of what one pass made. Exit code: 0; 1 for errors in the policy; 3 when the table can't be
// written or the proof is not its own.
#include <fmt/core.h>

#include "command/describe.h"
#include "command/file.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/proof.h"
#include "command/verb_options.h"
#include "compiler/files_beside.h"
#include "compiler/table_digest.h"

namespace ringfence {
namespace {

struct CompileOptions { std::string policy, table, dump, proof; };

/// The dump asked for; the compiler has found no error, so every pass gives its artefact.
std::string dump_of(const CompileOptions& options, const std::string& source, const Compiled& compiled) {
  if (options.dump == "typed") return dump(compiled.policy);
  if (options.dump == "moves") return dump(compiled.moves);
  return dump(*parse(source).artefact);
}

ExitCode refuse(const std::string& message, Console& console) {
  console.err << "ringfence: " << message << '\n';
  return kUnusable;
}

ExitCode run_compile(const CompileOptions& options, Console& console) {
  if (options.table.empty() && options.dump.empty()) return refuse("compile needs -o TABLE, --dump, or both (see ringfence compile --help)", console);
  const auto read = read_policy(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&read)) return *code;
  const std::string& source = std::get<std::string>(read);
  Passed<Compiled> passed;
  {
    const Progress progress("compiling " + options.policy);
    passed = compile(source, {}, files_beside(options.policy));
  }
  if (!passed.diagnostics.empty()) console.err << render(passed.diagnostics, options.policy, source);
  if (!passed.artefact) return kFindings;
  if (!options.dump.empty()) console.out << dump_of(options, source, *passed.artefact);
  if (options.table.empty()) return kSuccess;
  std::vector<std::byte>& table = passed.artefact->table;
  if (!options.proof.empty()) {
    const auto found = find_proof(table_digest(table), options.proof);
    if (const auto* why = std::get_if<std::string>(&found)) return refuse(fmt::format("no table is written: {}", printable(*why)), console);
    set_proof_digest(table, std::get<ProofDigest>(found));
  }
  const auto error = write_file(options.table, {reinterpret_cast<const char*>(table.data()), table.size()});
  return error ? refuse(error->message, console) : kSuccess;
}

}  // namespace

void add_compile(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<CompileOptions>();
  VerbOptions verb(app, "compile", "Make the rule table of a policy");
  verb.argument("POLICY", options->policy, "Policy text; - is standard input");
  verb.option("-o,--output", "TABLE", options->table, "File for the table");
  verb.option("--proof", "DIR", options->proof, "Certificate directory of the same table: its digest goes into the table");
  verb.choice("--dump", {"ast", "typed", "moves"}, options->dump, "Print what a pass made");
  verb.runs(chosen, [options](Console& console) { return run_compile(*options, console); });
}

}  // namespace ringfence
