// SPDX-License-Identifier: Apache-2.0
// `ringfence gate POLICY|TABLE TRANSFERS [--journal DIR [--approval FILE]...]`: decides and applies each record of a transfer file, one line of output a decision. A
// line that can't be read is reported and skipped. A policy that is not proved is refused, unless told otherwise. With a journal, a decision is
// printed when it is on the disk. Exit code: 0; 1 when a record expected another answer; 3 when nothing could be read or written or the policy is not proved.
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/approval.h"
#include "command/decision_scenario.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/proof.h"
#include "command/scenario_text.h"
#include "command/signing_key.h"
#include "command/transfer_file.h"
#include "command/transfer_run.h"
#include "command/verb_options.h"
#include "compiler/table_digest.h"

namespace ringfence {
namespace {

struct GateOptions { std::string policy, transfers, proof, journal, key, scenario, approvers; std::vector<std::string> approvals; bool json = false, unproved = false; };
struct GateCounts { std::size_t records = 0, allowed = 0, denied = 0, repeated = 0, reused = 0, bad_lines = 0, mismatches = 0; };

void print_for_people(std::string& out, const RecordAnswer& answer) {
  const std::string id = answer.batch.empty() ? answer.id : answer.batch + "/" + answer.id;
  if (answer.answer.outcome == Outcome::IdReused) out += fmt::format("{}  error    the id was used before with other content: nothing is done\n", id);
  else out += fmt::format("{}  {}{}\n", id, print(answer.words), answer.answer.outcome == Outcome::Repeated ? " [answered before]" : "");
}

void print_json(std::string& out, const RecordAnswer& answer) {
  nlohmann::ordered_json line{{"line", answer.line}, {"id", answer.id}};
  if (!answer.batch.empty()) line["batch"] = answer.batch;
  switch (answer.answer.outcome) {
    case Outcome::Decided: line["outcome"] = "decided"; break;
    case Outcome::Repeated: line["outcome"] = "repeated"; break;
    case Outcome::IdReused: line["outcome"] = "id_reused"; break;
  }
  if (answer.answer.outcome != Outcome::IdReused) line.update(to_json(answer.words));
  if (!answer.expected.empty()) {
    line["expected"] = answer.expected;
    line["as_expected"] = answer.as_expected;
  }
  out += line.dump() + "\n";
}

class GateVerb {
 public:
  GateVerb(const GateOptions& options, TransferRun& run, Console& console) : options_(options), run_(run), console_(console) {}

  ExitCode run(TransferFile& file) {
    while (console_.out) {
      if ((waiting_count_ >= kCommitRecordsMax || !file.has_next()) && !release()) return kUnusable;   // who pipes transfers in waits for the answers
      auto next = file.next();
      if (const auto* end = std::get_if<TransferFile::End>(&next)) return release() ? finish(*end) : kUnusable;
      if (const auto* bad = std::get_if<BadLine>(&next)) report_bad_line(bad->line, bad->message);
      else apply(std::get<Record>(next));
      ++waiting_count_;
    }
    return kUnusable;   // standard output is full or closed: main says so
  }

 private:
  /// Prints the answers that wait, once what they promise is on the disk. False: it could not be written, and that has been said.
  bool release() {
    if (DurableGate* gate = run_.durable())
      if (const auto failed = gate->commit()) {
        console_.err << fmt::format("ringfence: {}; what was not answered is not promised\n", printable(failed->message));
        return false;
      }
    console_.out << waiting_ << std::flush;
    waiting_.clear();
    waiting_count_ = 0;
    return true;
  }

  void apply(const Record& record) {
    const auto applied = run_.apply(record);
    if (const auto* wrong = std::get_if<Wrong>(&applied)) return report_bad_line(record.line, wrong->message);
    ++counts_.records;
    const auto& result = std::get<RecordResult>(applied);
    for (const RecordAnswer& answer : result.answers) {
      if (options_.json) print_json(waiting_, answer);
      else print_for_people(waiting_, answer);
      if (answer.answer.outcome == Outcome::IdReused) ++counts_.reused;
      else if (answer.answer.outcome == Outcome::Repeated) ++counts_.repeated;
      else ++(answer.answer.decision.allowed() ? counts_.allowed : counts_.denied);
    }
    for (const std::string& mismatch : result.mismatches) {
      ++counts_.mismatches;
      console_.err << mismatch << '\n';
    }
  }

  void report_bad_line(std::uint32_t line, const std::string& message) {
    if (++counts_.bad_lines <= Limits{}.diagnostics) console_.err << fmt::format("line {}: {}; skipped\n", line, printable(message));
    if (counts_.bad_lines == Limits{}.diagnostics) console_.err << "further lines that can't be read are only counted\n";
    if (options_.json) waiting_ += nlohmann::ordered_json{{"line", line}, {"error", message}}.dump() + "\n";
  }

  ExitCode finish(const TransferFile::End& end) {
    const std::string repeated = counts_.repeated == 0 ? "" : fmt::format(", {} answered before", counts_.repeated);
    const std::string reused = counts_.reused == 0 ? "" : fmt::format(", {} with an id used before", counts_.reused);
    const std::string skipped = counts_.bad_lines == 0 ? "" : fmt::format(", {} line{} skipped", counts_.bad_lines, counts_.bad_lines == 1 ? "" : "s");
    const std::string unexpected = counts_.mismatches == 0 ? "" : fmt::format(", {} not as expected", counts_.mismatches);
    console_.err << fmt::format("{} allowed, {} denied{}{}{}{}\n", counts_.allowed, counts_.denied, repeated, reused, skipped, unexpected);
    if (end.error) console_.err << "ringfence: " << printable(end.error->message) << '\n';
    else if (counts_.records == 0 && counts_.bad_lines != 0) console_.err << fmt::format("ringfence: `{}` has no line that can be read\n", options_.transfers);
    else return counts_.mismatches == 0 ? kSuccess : kFindings;
    return kUnusable;
  }

  const GateOptions& options_;
  TransferRun& run_;
  Console& console_;
  std::string waiting_;              // what is printed next
  std::size_t waiting_count_ = 0;    // records that it answers
  GateCounts counts_;
};

/// Why the policy must not gate anything; nothing when it is proved. A text is proved at once, unless its proof is given.
std::optional<std::string> why_refused(const GateOptions& options, const LoadedPolicy& policy) {
  if (!policy.typed) return why_not_proved(policy.table, options.policy, options.proof.empty() ? proof_beside(options.policy) : options.proof);
  if (options.proof.empty()) return why_not_provable(policy, options.policy);
  const auto found = find_proof(table_digest(policy.table.bytes()), options.proof);
  const auto* why = std::get_if<std::string>(&found);
  return why == nullptr ? std::nullopt : std::optional(*why);
}

/// The gate that the options ask for; or what is wrong with its journal, in one line.
std::variant<TransferRun, std::string> start_run(const GateOptions& options, const LoadedPolicy& policy) {
  if (options.journal.empty()) return TransferRun(policy);
  DurableGate::Options how;
  if (!options.approvers.empty()) {
    auto approvers = read_approvers(options.approvers);
    if (const auto* error = std::get_if<FileError>(&approvers)) return error->message;
    how.approvers = std::move(std::get<std::vector<PublicKey>>(approvers));
  }
  auto approvals = read_approvals(options.approvals);
  if (const auto* error = std::get_if<FileError>(&approvals)) return error->message;
  how.approvals = std::move(std::get<std::vector<PolicyApproval>>(approvals));
  const auto key = signing_key(options.key.empty() ? options.journal + ".key" : options.key, options.journal);
  if (const auto* error = std::get_if<FileError>(&key)) return error->message;
  Progress progress("replaying " + options.journal);
  how.place = {options.journal};
  how.progress = [&](std::uint64_t records) { progress.set(fmt::format("replaying {}: {} records", options.journal, records)); };
  auto gate = DurableGate::open(policy.table, std::get<SigningKey>(key), how);
  if (auto* error = std::get_if<JournalError>(&gate)) return std::move(error->message);
  return TransferRun(policy, std::move(std::get<DurableGate>(gate)));
}

/// With --scenario nothing is gated for anybody: one decision is shown, so no proof is asked for.
ExitCode show_scenario(const GateOptions& options, const LoadedPolicy& policy, TransferFile& file, Console& console) {
  TransferRun run(policy);
  const auto made = scenario_of_decision(run, file, options.scenario);
  if (const auto* why = std::get_if<std::string>(&made)) {
    console.err << "ringfence: " << printable(*why) << '\n';
    return kUnusable;
  }
  console.out << print(policy.moves.vocabulary, std::get<Scenario>(made));
  return kSuccess;
}

ExitCode run_gate(const GateOptions& options, Console& console) {
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  if (const auto why = options.unproved || !options.scenario.empty() ? std::nullopt : why_refused(options, policy)) {
    console.err << fmt::format("ringfence: not gated: {}; `ringfence verify POLICY --certificate DIR` makes a proof, and --unproved gates without one\n", printable(*why));
    return kUnusable;
  }
  auto opened = TransferFile::open(options.transfers);
  if (const auto* error = std::get_if<FileError>(&opened)) {
    console.err << "ringfence: " << error->message << '\n';
    return kUnusable;
  }
  if (!options.scenario.empty()) return show_scenario(options, policy, std::get<TransferFile>(opened), console);
  auto started = start_run(options, policy);
  if (const auto* why = std::get_if<std::string>(&started)) {
    console.err << "ringfence: " << printable(*why) << '\n';
    return kUnusable;
  }
  return GateVerb(options, std::get<TransferRun>(started), console).run(std::get<TransferFile>(opened));
}

}  // namespace

void add_gate(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<GateOptions>();
  VerbOptions verb(app, "gate", "Decide and apply a file of transfers, one decision a line");
  verb.argument("POLICY", options->policy, "Policy text or rule table");
  verb.argument("TRANSFERS", options->transfers, "JSON Lines or CSV; - is standard input");
  verb.flag("--json", options->json, "One JSON object a line");
  verb.option("--proof", "DIR", options->proof, "Its certificate directory, when that is not TABLE.proof or the one that the table is in");
  verb.option("--journal", "DIR", options->journal, "Keep the state in this directory, and go on from what is there");
  verb.option("--key", "FILE", options->key, "The key that signs the journal, when it is not DIR.key; made when neither is there", {.needs = "--journal"});
  verb.option("--scenario", "ID", options->scenario, "Print no decisions but the scenario that comes to that on this transfer, mode change or batch", {.excludes = {"--journal", "--json"}});
  verb.option("--approvers", "FILE", options->approvers, "Public keys of who may approve another policy: of a new journal, two at least", {.needs = "--journal"});
  verb.option("--approval", "FILE", options->approvals, "An approval of POLICY, where another one is in force in the journal; once for each approver", {.needs = "--journal"});
  verb.flag("--unproved", options->unproved, "Gate a policy that is not proved");
  verb.runs(chosen, [options](Console& console) { return run_gate(*options, console); });
}

}  // namespace ringfence
