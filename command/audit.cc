// SPDX-License-Identifier: Apache-2.0
// `ringfence audit JOURNAL`: checks the chain, every signature and every change of policy, and replays every decision through the policy in force. Says what it found, or the
// first block or record that does not fit. Exit code: 0; 1 when something does not fit; 3 when the journal can't be read.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command/describe.h"
#include "command/file.h"
#include "command/progress.h"
#include "command/verb_options.h"
#include "compiler/table_digest.h"
#include "runtime/durable/journal.h"
#include "runtime/durable/replay.h"

namespace ringfence {
namespace {

struct AuditOptions { std::string journal, signer, head; bool json = false; };
struct AuditCounts { std::uint64_t transfers = 0, allowed = 0, denied = 0, mode_changes = 0, batches = 0, facts = 0; };
/// What one change of policy brought in force, and who approved it.
struct AuditedChange { std::uint64_t record = 0, block = 0; std::string policy, source_digest, table_digest; std::vector<std::string> approved_by; };

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

/// The change that makes up the block, now that it has been applied.
std::optional<AuditedChange> change_in(const Block& block, const Replay& replay) {
  const auto record = RecordReader(block.records).next();
  const auto* change = record ? std::get_if<JournalPolicyChange>(&*record) : nullptr;
  if (change == nullptr) return std::nullopt;
  const RuleTable& table = *replay.table();
  AuditedChange audited{block.first_record, block.number, std::string(table.policy_name()), std::string(table.source_digest()), table_digest(table.bytes()), {}};
  for (const ApproverSignature& each : change->signatures) audited.approved_by.push_back(print_hex(each.approver));
  return audited;
}

nlohmann::ordered_json to_json(const AuditedChange& change) {
  return {{"record", change.record}, {"block", change.block}, {"policy", change.policy}, {"source_digest", change.source_digest}, {"table_digest", change.table_digest},
          {"approved_by", change.approved_by}};
}

std::vector<std::string> hex_of(const std::vector<PublicKey>& keys) {
  std::vector<std::string> result;
  for (const PublicKey& key : keys) result.push_back(print_hex(key));
  return result;
}

void print_confirmed(const AuditOptions& options, const ReadJournal& read, const Replay& replay, const AuditCounts& counts, const std::vector<AuditedChange>& changes, std::ostream& out) {
  const RuleTable& table = *replay.table();
  const std::vector<std::string> approvers = hex_of(replay.approvers());
  const std::string key = print_hex(read.public_key), policy(table.policy_name()), digest = table_digest(table.bytes());
  const Head& head = read.head.head;
  if (options.json) {
    nlohmann::ordered_json changed = nlohmann::ordered_json::array();
    for (const AuditedChange& change : changes) changed.push_back(to_json(change));
    out << nlohmann::ordered_json{{"answer", "confirmed"}, {"blocks", head.blocks}, {"records", head.records}, {"transfers", counts.transfers}, {"mode_changes", counts.mode_changes},
                                  {"batches", counts.batches}, {"facts", counts.facts}, {"allowed", counts.allowed}, {"denied", counts.denied}, {"policy", policy},
                                  {"source_digest", table.source_digest()}, {"table_digest", digest}, {"signer", key}, {"signer_given", !options.signer.empty()},
                                  {"approvers", approvers}, {"policy_changes", changed}, {"head_given", !options.head.empty()}, {"digest", print_hex(head.digest)}}.dump(2) << '\n';
    return;
  }
  out << fmt::format("confirmed  {} blocks, {} records: {} transfers ({} batches), {} mode changes, {} facts; {} allowed, {} denied, each decided again as recorded\n", head.blocks, head.records,
                     counts.transfers, counts.batches, counts.mode_changes, counts.facts, counts.allowed, counts.denied)
      << fmt::format("policy     \"{}\", source digest {}, table digest {}\n", printable(policy), table.source_digest(), digest);
  for (const AuditedChange& change : changes)
    out << fmt::format("changed    by record {} (block {}) to \"{}\", source digest {}, table digest {}, approved by {}\n", change.record, change.block, printable(change.policy),
                       change.source_digest, change.table_digest, fmt::join(change.approved_by, ", "));
  if (!approvers.empty()) out << fmt::format("approvers  {}\n", fmt::join(approvers, ", "));
  out << fmt::format("signed by  {}{}\n", key, options.signer.empty() ? ", whoever that is: --signer says whose signatures count" : "")
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
  std::vector<AuditedChange> changes;
  const auto read = read_journal({options.journal}, signer, std::get<std::vector<SignedHead>>(kept), [&](const Block& block) {
    RecordReader reader(block.records);
    while (const auto record = reader.next()) count(counts, *record);
    progress.set(fmt::format("auditing {}: {} records", options.journal, block.first_record + block.record_count - 1));
    auto failed = replay.apply(block);
    if (failed) return failed;
    if (auto change = change_in(block, replay)) changes.push_back(std::move(*change));
    return failed;
  });
  if (const auto* error = std::get_if<JournalError>(&read)) return refuse(console, *error);
  if (replay.table() == nullptr) return refuse(console, {JournalError::Kind::Wrong, "the journal has no policy: nothing was ever decided"});
  print_confirmed(options, std::get<ReadJournal>(read), replay, counts, changes, console.out);
  return kSuccess;
}

}  // namespace

void add_audit(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<AuditOptions>();
  VerbOptions verb(app, "audit", "Check a journal: its chain, its signatures and every decision in it");
  verb.argument("JOURNAL", options->journal, "The directory of a gate's journal");
  verb.option("--signer", "KEY", options->signer, "The public key whose signatures count, 64 hex digits");
  verb.option("--head", "FILE", options->head, "A copy of the journal's `head` that was kept elsewhere");
  verb.flag("--json", options->json, "One JSON document");
  verb.runs(chosen, [options](Console& console) { return run_audit(*options, console); });
}

}  // namespace ringfence
