// SPDX-License-Identifier: Apache-2.0
// `ringfence journal JOURNAL`: prints the records of a journal, after checking the chain that they are in, as a transfer file that expects what was
// decided: a gate that is given it decides everything again. Exit code: 0; 1 when something does not fit; 3 when the journal can't be read.
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/describe.h"
#include "command/journal_json.h"
#include "command/verb_options.h"
#include "compiler/table_digest.h"
#include "runtime/durable/journal.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

/// Prints the records of block after block; the policy and the names in them are what the later ones are printed with.
class RecordPrinter {
 public:
  RecordPrinter(bool numbered, Console& console) : numbered_(numbered), console_(console) {}

  std::optional<JournalError> print(const Block& block) {
    RecordReader reader(block.records);
    std::uint64_t number = block.first_record;
    for (; const auto record = reader.next(); ++number) {
      const bool is_transfer_line = !std::holds_alternative<JournalPolicy>(*record) && !std::holds_alternative<JournalName>(*record) &&
                                    !std::holds_alternative<JournalApprovers>(*record) && !std::holds_alternative<JournalPolicyChange>(*record);
      if (!policy_ && is_transfer_line) return at(block, number, "it comes before the first policy");
      Json line = std::visit([this](const auto& content) { return json_of(content); }, *record);
      if (!policy_) return at(block, number, "its policy does not load");
      if (numbered_) {
        line["record"] = number;
        line["block"] = block.number;
      }
      if (!numbered_ && std::holds_alternative<JournalPolicyChange>(*record))
        console_.err << fmt::format("record {} changes the policy: what follows was decided by \"{}\", table digest {}\n", number, printable(policy_->table.policy_name()),
                                    table_digest(policy_->table.bytes()));
      if (numbered_ || is_transfer_line) console_.out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    return reader.failed() ? std::optional(at(block, number, "it can't be read")) : std::nullopt;
  }

 private:
  static JournalError at(const Block& block, std::uint64_t number, const char* what) {
    return {JournalError::Kind::Wrong, fmt::format("record {} (block {}): {}", number, block.number, what)};
  }
  /// From now on records are in the numbers of this table.
  Json json_of_policy(const std::vector<std::byte>& table) {
    policy_.reset();
    auto loaded = RuleTable::load(table);
    if (std::holds_alternative<LoadError>(loaded)) return {};
    Moves moves = decode(std::get<RuleTable>(loaded));
    policy_.emplace(LoadedPolicy{std::nullopt, std::move(moves), std::move(std::get<RuleTable>(loaded))});
    return {{"policy", policy_->table.policy_name()}, {"table_digest", table_digest(policy_->table.bytes())}};
  }
  Json json_of(const JournalPolicy& policy) { return json_of_policy(policy.table); }
  Json json_of(const JournalPolicyChange& change) {
    Json json = json_of_policy(change.table);
    for (const ApproverSignature& each : change.signatures) json["approved_by"].push_back(print_hex(each.approver));
    return json;
  }
  Json json_of(const JournalApprovers& approvers) {
    Json json;
    for (const PublicKey& key : approvers.keys) json["approvers"].push_back(print_hex(key));
    return json;
  }
  Json json_of(const JournalName& name) { return {{"name", name.text}, {"number", names_.number_of(name.text)}}; }
  template <class Record>
  Json json_of(const Record& record) const { return JournalJson(*policy_, names_)(record); }

  bool numbered_;
  Console& console_;
  std::optional<LoadedPolicy> policy_;
  Interner names_;
};

ExitCode run_journal(const std::string& journal, bool numbered, Console& console) {
  RecordPrinter printer(numbered, console);
  const auto read = read_journal({journal}, std::nullopt, {}, [&](const Block& block) { return printer.print(block); });
  const auto* error = std::get_if<JournalError>(&read);
  if (error == nullptr) return kSuccess;
  console.err << "ringfence: " << printable(error->message) << '\n';
  return error->kind == JournalError::Kind::Wrong ? kFindings : kUnusable;
}

}  // namespace

void add_journal(CLI::App& app, Run& chosen) {
  const auto journal = std::make_shared<std::string>();
  const auto numbered = std::make_shared<bool>(false);
  VerbOptions verb(app, "journal", "Print the records of a journal as a transfer file that expects what was decided");
  verb.argument("JOURNAL", *journal, "The directory of a gate's journal");
  verb.flag("--numbered", *numbered, "With the numbers of record and block, and policies, approvers and names too");
  verb.runs(chosen, [journal, numbered](Console& console) { return run_journal(*journal, *numbered, console); });
}

}  // namespace ringfence
