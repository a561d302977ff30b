// SPDX-License-Identifier: Apache-2.0
// `ringfence explain POLICY|TABLE TRANSFERS`: applies all records but the last, then explains the last decision: every rule that speaks
// of the move, each condition with what it read, and what would have turned it. Exit code: 0; 3 when there is nothing to explain.
#include <fmt/core.h>

#include "command/explain_clause.h"
#include "command/load.h"
#include "command/transfer_file.h"
#include "command/transfer_run.h"
#include "command/verb_options.h"

namespace ringfence {
namespace {

struct ExplainOptions { std::string policy, transfers; };

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

/// One row of the table, put into words on the values of one transfer or mode change.
class RowExplainer {
 public:
  RowExplainer(TransferRun& run, const Asked& asked, Index row, std::span<const Value> values, bool at_batch_end, std::ostream& out)
      : policy_(run.policy()), words_(run.policy(), run.interner()), asked_(asked), row_(row), slots_(policy_.table.slots(row)),
        values_(complete_values(slots_, values, asked)), at_batch_end_(at_batch_end), out_(out) {}

  void explain() {
    print_values();
    if (row_ >= policy_.moves.moves.size()) return print_guarded(policy_.moves.transitions[row_ - policy_.moves.moves.size()].guard, true);
    const Move& move = policy_.moves.moves[row_];
    for (const Guarded& allow : move.allows) print_guarded(allow, true);
    for (const Guarded& deny : move.denies) print_guarded(deny, false);
    for (const Guarded& limit : move.limits) print_guarded(limit, true);
    if (!at_batch_end_ && move.from_slot < values_.size()) {
      values_[move.from_slot].number -= asked_.amount;   // what a floor reads: the balance with the amount gone
      after_slot_ = move.from_slot;
    }
    for (const Guarded& floor : move.floors) print_guarded(floor, true);
  }

 private:
  NamedValue named(Index slot) const {
    NamedValue result = words_.named(slots_[slot], values_[slot], asked_);
    if (slot == after_slot_) result.name = "balance after" + result.name.substr(result.name.find('('));
    return result;
  }

  void print_values() const {
    out_ << "The rules of this move read:\n";
    for (Index slot = 0; slot < slots_.size(); ++slot) {
      const NamedValue value = named(slot);
      out_ << fmt::format("  {} = {}\n", value.name, value.value);
    }
  }

  /// `wanted`: its conditions should hold; of a deny rule, one of them should not.
  void print_guarded(const Guarded& guarded, bool wanted) const {
    const StatementView statement = policy_.table.statement(guarded.statement);
    out_ << fmt::format("line {}: {}\n", statement.line, statement.text);
    if (!statement.cite.empty()) out_ << fmt::format("  cites {}\n", statement.cite);
    if (!statement.because.empty()) out_ << fmt::format("  because {}\n", statement.because);
    if (guarded.clauses.empty()) out_ << "  has no condition\n";
    for (const Clause& clause : guarded.clauses) print_clause(clause, wanted);
  }

  void print_clause(const Clause& clause, bool wanted) const {
    if (!can_evaluate(policy_.table, clause, slots_, values_)) {
      out_ << fmt::format("  can't say  {}\n", clause.text);
      return print_read(clause);
    }
    const bool is_true = holds(clause, values_);
    out_ << fmt::format("  {}  {}\n", is_true ? "true " : "false", clause.text);
    print_read(clause);
    if (is_true == wanted) return;
    const SlotName name_of = [this](Index slot) { return named(slot).name; };
    const auto changes = single_changes(policy_, words_, name_of, asked_, clause, slots_, values_, wanted);
    out_ << fmt::format("         {} with {}\n", wanted ? "would be true" : "would be false",
                        changes.empty() ? "no change of a single value" : joined(changes, ", or "));
  }

  void print_read(const Clause& clause) const {
    std::vector<std::string> read;
    for (const Index slot : slots_of(clause)) read.push_back(fmt::format("{} = {}", named(slot).name, named(slot).value));
    if (!read.empty()) out_ << fmt::format("         {}\n", joined(read, ", "));
  }

  const LoadedPolicy& policy_;
  ValueWords words_;
  const Asked& asked_;
  Index row_;
  std::span<const SlotView> slots_;
  std::vector<Value> values_;
  bool at_batch_end_;
  std::ostream& out_;
  Index after_slot_ = kNone;
};

/// Where no rule speaks of the move: those that go the same way.
void print_rules_between(const LoadedPolicy& policy, const Asked& asked, std::ostream& out) {
  const RuleTable& table = policy.table;
  if (asked.from.target >= table.bucket_count() || asked.to.target >= table.bucket_count()) return;
  std::vector<bool> listed(table.statement_count());
  for (const Move& move : policy.moves.moves)
    if (move.from == asked.from.target && move.to == asked.to.target)
      for (const Guarded& allow : move.allows) listed[allow.statement] = true;
  const std::string way = fmt::format("from {} to {}", table.bucket(asked.from.target).name, table.bucket(asked.to.target).name);
  if (std::find(listed.begin(), listed.end(), true) == listed.end()) {
    out << fmt::format("No rule allows any move {}.\n", way);
    return;
  }
  out << fmt::format("Moves {} are allowed for other purposes, roles, assets or ids:\n", way);
  for (Index i = 0; i < listed.size(); ++i)
    if (listed[i]) out << fmt::format("line {}: {}\n", table.statement(i).line, table.statement(i).text);
}

/// Applies the last record and explains what came of it.
class Explainer {
 public:
  Explainer(TransferRun& run, Console& console) : run_(run), console_(console) {}

  ExitCode explain(const Record& record) {
    return std::visit([&](const auto& content) { return explain_content(record, content); }, record.content);
  }

 private:
  ExitCode explain_content(const Record& record, const TransferRecord& content) {
    const auto resolved = resolve(content, run_.policy().table, run_.interner());
    if (const auto* wrong = std::get_if<Wrong>(&resolved)) return refuse(record.line, wrong->message);
    const GateTransfer& submitted = std::get<ResolvedTransfer>(resolved).submitted;
    Transfer transfer = submitted.transfer;
    transfer.authority.approvals = submitted.approvals;
    const Asked asked = asked_of(transfer);
    const Needs needed = needs(run_.policy().table, transfer);
    std::vector<Value> values = run_.gate().fetch(needed, transfer.from, transfer.to, transfer.authority.time_ms);
    if (!apply(record)) return kUnusable;
    if (needed.row != kNone) enter_modes(run_.policy().table, transfer, needed, run_.gate(), values);
    if (needed.row != kNone) RowExplainer(run_, asked, needed.row, values, false, console_.out).explain();
    else if (needed.reason == Reason::NoRule) print_rules_between(run_.policy(), asked, console_.out);
    return kSuccess;
  }

  ExitCode explain_content(const Record& record, const ChangeRecord& content) {
    const auto resolved = resolve(content, run_.policy().table, run_.interner());
    if (const auto* wrong = std::get_if<Wrong>(&resolved)) return refuse(record.line, wrong->message);
    const GateModeChange& submitted = std::get<ResolvedChange>(resolved).submitted;
    ModeChange change = submitted.change;
    change.authority.approvals = submitted.approvals;
    const Asked asked = asked_of(change);
    const RuleTable& table = run_.policy().table;
    const Index mode_now = change.subject.target < table.machine_count() ? run_.gate().mode(change.subject, change.authority.time_ms) : kNone;
    std::vector<std::pair<Index, std::vector<Value>>> candidates;
    if (mode_now != kNone)
      for (Needs needed = next_transition(table, change, mode_now, kNone); needed.row != kNone; needed = next_transition(table, change, mode_now, needed.row))
        candidates.emplace_back(needed.row, run_.gate().fetch(needed, change.subject, change.subject, change.authority.time_ms));
    if (!apply(record)) return kUnusable;
    if (mode_now != kNone) console_.out << fmt::format("The mode was {}.\n", table.mode_name(change.subject.target, mode_now));
    for (const auto& [row, values] : candidates) RowExplainer(run_, asked, row, values, false, console_.out).explain();
    return kSuccess;
  }

  ExitCode explain_content(const Record& record, const BatchRecord& content) {
    const auto result = apply(record);
    if (!result) return kUnusable;
    for (std::size_t i = 0; i < result->answers.size(); ++i) {
      const Decision& decision = result->answers[i].answer.decision;
      if (decision.allowed() || decision.reason == Reason::Batch || decision.move == kNone) continue;
      const auto resolved = resolve(content.transfers[i], run_.policy().table, run_.interner());
      const GateTransfer& submitted = std::get<ResolvedTransfer>(resolved).submitted;
      Asked asked = asked_of(submitted.transfer);
      asked.authority.approvals = submitted.approvals;
      const std::span<const Value> values = run_.gate().values_of_denial();
      if (!values.empty()) RowExplainer(run_, asked, decision.move, values, decision.reason == Reason::Floor, console_.out).explain();
    }
    return kSuccess;
  }

  template <class Other>
  ExitCode explain_content(const Record& record, const Other&) {
    return refuse(record.line, "the last record asks for no decision: it must be a transfer, a mode change or a batch");
  }

  /// The record's decisions, printed; nothing, with a message, when it can't be applied.
  std::optional<RecordResult> apply(const Record& record) {
    auto applied = run_.apply(record);
    if (const auto* wrong = std::get_if<Wrong>(&applied)) return refuse(record.line, wrong->message), std::nullopt;
    RecordResult& result = std::get<RecordResult>(applied);
    for (const RecordAnswer& answer : result.answers) {
      const bool reused = answer.answer.outcome == Outcome::IdReused;
      console_.out << fmt::format("{}  {}\n", answer.id, reused ? "error    the id was used before with other content: nothing is done" : print(answer.words));
    }
    return std::move(result);
  }

  ExitCode refuse(std::uint32_t line, const std::string& message) {
    console_.err << fmt::format("ringfence: line {}: {}\n", line, printable(message));
    return kUnusable;
  }

  TransferRun& run_;
  Console& console_;
};

ExitCode refuse_file(Console& console, const std::string& message) {
  console.err << "ringfence: " << printable(message) << '\n';
  return kUnusable;
}

ExitCode run_explain(const ExplainOptions& options, Console& console) {
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  auto opened = TransferFile::open(options.transfers);
  if (const auto* error = std::get_if<FileError>(&opened)) return refuse_file(console, error->message);
  TransferFile& file = std::get<TransferFile>(opened);
  TransferRun run(std::get<LoadedPolicy>(loaded));
  std::optional<Record> last;
  while (true) {
    auto next = file.next();
    if (const auto* end = std::get_if<TransferFile::End>(&next)) {
      if (end->error) return refuse_file(console, end->error->message);
      break;
    }
    if (const auto* bad = std::get_if<BadLine>(&next)) {
      console.err << fmt::format("line {}: {}; skipped\n", bad->line, printable(bad->message));
      continue;
    }
    if (last) {
      const auto applied = run.apply(*last);
      if (const auto* wrong = std::get_if<Wrong>(&applied)) console.err << fmt::format("line {}: {}; skipped\n", last->line, printable(wrong->message));
    }
    last = std::move(std::get<Record>(next));
  }
  if (!last) return refuse_file(console, fmt::format("`{}` has no record to explain", options.transfers));
  return Explainer(run, console).explain(*last);
}

}  // namespace

void add_explain(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<ExplainOptions>();
  VerbOptions verb(app, "explain", "Explain the last decision of a file of transfers");
  verb.argument("POLICY", options->policy, "Policy text or rule table");
  verb.argument("TRANSFERS", options->transfers, "JSON Lines or CSV; - is standard input");
  verb.runs(chosen, [options](Console& console) { return run_explain(*options, console); });
}

}  // namespace ringfence
