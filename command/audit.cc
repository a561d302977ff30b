// SPDX-License-Identifier: Apache-2.0
// `ringfence audit JOURNAL`: checks the chain and every signature, and replays every decision through the policy in force. Says what it found, or the
// first block or record that does not fit. Exit code: 0; 1 when something does not fit; 3 when the journal can't be read.
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/describe.h"
#include "command/file.h"
#include "command/progress.h"
#include "command/verb.h"
#include "compiler/table_digest.h"
#include "runtime/durable/journal.h"
#include "runtime/durable/replay.h"

namespace ringfence {
namespace {

struct AuditOptions { std::string journal, signer, head; bool json = false; };
struct AuditCounts { std::uint64_t transfers = 0, allowed = 0, denied = 0, mode_changes = 0, batches = 0, facts = 0; };

ExitCode refuse(Console& console, const JournalError& error) {
  const bool wrong = error.kind == JournalError::Kind::Wrong;
  (wrong ? console.out : console.err) << (wrong ? "WRONG  " : "ringfence: ") << printable(error.message) << '\n';
  return wrong ? kFindings : kUnusable;
}

/// The heads in a file that was kept: a copy of a journal's `head`, or one line of it.
std::variant<std::vector<SignedHead>, JournalError> read_kept_heads(const std::string& path) {
  if (path.empty()) return std::vector<SignedHead>{};
  const auto read = read_file(path, {2 * kHeadLineBytes});
  if (const auto* error = std::get_if<FileError>(&read)) return JournalError{JournalError::Kind::Unusable, error->message};
  std::vector<SignedHead> heads;
  const std::string& text = std::get<std::string>(read);
  for (std::size_t at = 0; at < text.size(); at += kHeadLineBytes)
    if (const auto head = parse_head(std::string_view(text).substr(at, kHeadLineBytes))) heads.push_back(*head);
  if (heads.empty()) return JournalError{JournalError::Kind::Unusable, fmt::format("`{}` has no head of a journal", path)};
  return heads;
}

void count(AuditCounts& counts, const Decision& decision) { ++(decision.allowed() ? counts.allowed : counts.denied); }

void count(AuditCounts& counts, const JournalRecord& record) {
  if (const auto* transfer = std::get_if<JournalTransfer>(&record)) ++counts.transfers, count(counts, transfer->decision);
  if (const auto* change = std::get_if<JournalChange>(&record)) ++counts.mode_changes, count(counts, change->decision);
  if (std::holds_alternative<JournalFact>(record)) ++counts.facts;
  if (const auto* batch = std::get_if<JournalBatch>(&record)) {
    ++counts.batches;
    counts.transfers += batch->legs.size();
    for (const Decision& decision : batch->decisions) count(counts, decision);
  }
}

void print_confirmed(const AuditOptions& options, const ReadJournal& read, const RuleTable& table, const AuditCounts& counts, std::ostream& out) {
  const std::string key = print_hex(read.public_key), policy(table.policy_name()), digest = table_digest(table.bytes());
  const Head& head = read.head.head;
  if (options.json) {
    out << nlohmann::ordered_json{{"answer", "confirmed"}, {"blocks", head.blocks}, {"records", head.records}, {"transfers", counts.transfers}, {"mode_changes", counts.mode_changes},
                                  {"batches", counts.batches}, {"facts", counts.facts}, {"allowed", counts.allowed}, {"denied", counts.denied}, {"policy", policy},
                                  {"source_digest", table.source_digest()}, {"table_digest", digest}, {"signer", key}, {"signer_given", !options.signer.empty()},
                                  {"head_given", !options.head.empty()}, {"digest", print_hex(head.digest)}}.dump(2) << '\n';
    return;
  }
  out << fmt::format("confirmed  {} blocks, {} records: {} transfers ({} batches), {} mode changes, {} facts; {} allowed, {} denied, each decided again as recorded\n", head.blocks, head.records,
                     counts.transfers, counts.batches, counts.mode_changes, counts.facts, counts.allowed, counts.denied)
      << fmt::format("policy     \"{}\", source digest {}, table digest {}\n", printable(policy), table.source_digest(), digest)
      << fmt::format("signed by  {}{}\n", key, options.signer.empty() ? ", whoever that is: --signer says whose signatures count" : "")
      << fmt::format("ends at    {}{}\n", print_hex(head.digest), options.head.empty() ? "; blocks cut off before that was kept would not show: keep a copy of `head`, and give it with --head" : "");
}

ExitCode run_audit(const AuditOptions& options, Console& console) {
  const auto signer = parse_hex(options.signer);
  if (!signer && !options.signer.empty()) return refuse(console, {JournalError::Kind::Unusable, "--signer must be a public key, 64 hex digits"});
  const auto kept = read_kept_heads(options.head);
  if (const auto* error = std::get_if<JournalError>(&kept)) return refuse(console, *error);
  Progress progress("auditing " + options.journal);
  Replay replay;
  AuditCounts counts;
  const auto read = read_journal({options.journal}, signer, std::get<std::vector<SignedHead>>(kept), [&](const Block& block) {
    RecordReader reader(block.records);
    while (const auto record = reader.next()) count(counts, *record);
    progress.set(fmt::format("auditing {}: {} records", options.journal, block.first_record + block.record_count - 1));
    return replay.apply(block);
  });
  if (const auto* error = std::get_if<JournalError>(&read)) return refuse(console, *error);
  if (replay.table() == nullptr) return refuse(console, {JournalError::Kind::Wrong, "the journal has no policy: nothing was ever decided"});
  print_confirmed(options, std::get<ReadJournal>(read), *replay.table(), counts, console.out);
  return kSuccess;
}

}  // namespace

void add_audit(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<AuditOptions>();
  CLI::App* verb = app.add_subcommand("audit", "Check a journal: its chain, its signatures and every decision in it");
  verb->add_option("JOURNAL", options->journal, "The directory of a gate's journal")->required();
  verb->add_option("--signer", options->signer, "The public key whose signatures count, 64 hex digits")->type_name("KEY");
  verb->add_option("--head", options->head, "A copy of the journal's `head` that was kept elsewhere")->type_name("FILE");
  verb->add_flag("--json", options->json, "One JSON document");
  verb->callback([options, &chosen] { chosen = [options](Console& console) { return run_audit(*options, console); }; });
}

}  // namespace ringfence
