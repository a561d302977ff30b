// SPDX-License-Identifier: Apache-2.0
// `ringfence approve JOURNAL POLICY|TABLE --key KEY -o APPROVAL`: audits the journal, says what it is about to approve, from which policy to which, how they
// differ and whether the state can be carried over, and writes the approval. Exit code: 0; 1 when something in the journal does not fit or the policy has
// errors; 3 when the key may not approve, or something can't be read or written.
#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "command/describe.h"
#include "command/diff_print.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/signing_key.h"
#include "command/time_limits.h"
#include "command/verb_options.h"
#include "compiler/table_digest.h"
#include "runtime/durable/replay.h"
#include "verify/diff.h"

namespace ringfence {
namespace {

struct ApproveOptions { std::string journal, policy, key, out; TimeLimits limits; };

std::string in_words(const RuleTable& table) {
  const auto proof = table.proof_digest();
  return fmt::format("\"{}\", source digest {}, table digest {}, {}", printable(table.policy_name()), table.source_digest(), table_digest(table.bytes()),
                     proof ? "proof digest " + print_hex(*proof) : "no proof");
}

/// Why this key can't approve this table, whatever the state; nothing when it can.
std::optional<std::string> why_not(const Replay& replay, const SigningKey& key, const RuleTable& next, const ApproveOptions& options) {
  if (replay.table() == nullptr) return fmt::format("`{}` has no policy", options.journal);
  const PublicKey own = key.public_key();
  if (replay.approvers().empty()) return fmt::format("`{}` was begun without approvers, so its policy can't be changed", options.journal);
  if (std::ranges::find(replay.approvers(), own) == replay.approvers().end())
    return fmt::format("{}, the key in `{}`, is not among the approvers of `{}`", print_hex(own), options.key, options.journal);
  if (std::ranges::equal(replay.table()->bytes(), next.bytes())) return fmt::format("`{}` is in force in `{}` already", options.policy, options.journal);
  return std::nullopt;
}

void say(const Replay& replay, const RuleTable& next, const ApproveOptions& options, std::ostream& out) {
  std::string difference;
  {
    Progress progress("comparing the policies");
    DiffOptions how;
    how.budget = options.limits.budget();
    how.progress = [&progress](std::string_view doing) { progress.set(doing); };
    difference = summary(diff(*replay.table(), next, how));
  }
  const auto refused = replay.gate()->change_policy(next);   // this gate is ours alone, and of no use afterwards
  out << fmt::format("in force   {}\n", in_words(*replay.table())) << fmt::format("approved   {}\n", in_words(next))
      << fmt::format("differ     {} `ringfence diff` says how\n", difference);
  if (refused) out << fmt::format("the state  can't be taken over as it stands here: {}\n", printable(replay.in_words(*refused)));
  else out << "the state  can be taken over as it stands here; whether it is clean under the new policy, `ringfence diff --state` says\n";
}

ExitCode run_approve(const ApproveOptions& options, Console& console) {
  const auto refuse = [&](const std::string& why, ExitCode code = kUnusable) {
    console.err << "ringfence: " << printable(why) << '\n';
    return code;
  };
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const RuleTable& next = std::get<LoadedPolicy>(loaded).table;
  const auto key = read_key(options.key);
  if (const auto* error = std::get_if<FileError>(&key)) return refuse(error->message);
  Replay replay;
  const auto read = read_journal({options.journal}, std::nullopt, {}, [&](const Block& block) { return replay.apply(block); });
  if (const auto* error = std::get_if<JournalError>(&read)) return refuse(error->message, error->kind == JournalError::Kind::Wrong ? kFindings : kUnusable);
  if (const auto why = why_not(replay, std::get<SigningKey>(key), next, options)) return refuse(*why);
  const PolicyApproval approval = approve(std::get<SigningKey>(key), replay.proposed(next.bytes()));
  say(replay, next, options, console.out);
  if (const auto error = write_file(options.out, print(approval))) return refuse(error->message);
  console.out << fmt::format("signed by  {}, one of {} approvers; a change takes two\n", print_hex(approval.by.approver), replay.approvers().size());
  return kSuccess;
}

}  // namespace

void add_approve(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<ApproveOptions>();
  VerbOptions verb(app, "approve", "Approve that a journal's policy is changed to another");
  verb.argument("JOURNAL", options->journal, "The directory of a gate's journal, or a copy of it");
  verb.argument("POLICY", options->policy, "The policy text or rule table that shall be in force, as the gate will be given it");
  verb.option("--key", "FILE", options->key, "The approver's key: `ringfence key` makes one", {.required = true});
  verb.option("-o,--output", "FILE", options->out, "The approval", {.required = true});
  add_time_limits(verb, options->limits);
  verb.runs(chosen, [options](Console& console) { return run_approve(*options, console); });
}

}  // namespace ringfence
