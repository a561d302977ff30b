// SPDX-License-Identifier: Apache-2.0
// See books.h.
#include "command/books.h"

#include <filesystem>

#include <fmt/format.h>

#include "command/transfer_file.h"
#include "compiler/table_digest.h"
#include "runtime/policy_names.h"

namespace ringfence {

std::variant<Books, FileError> Books::open(const std::string& path, const LoadedPolicy& policy) {
  Books books(policy);
  std::error_code ignored;
  const auto error = std::filesystem::is_directory(path, ignored) ? books.read_journal_at(path) : books.read_transfers(path);
  if (error) return *error;
  for (const Gate::Holding& holding : books.gate().holdings()) books.note(Kind::Bucket, holding.bucket);
  for (const Instance& subject : books.gate().subjects()) books.note(Kind::Machine, subject);
  return books;
}

std::optional<FileError> Books::read_journal_at(const std::string& path) {
  replay_ = std::make_unique<Replay>();
  const auto read = read_journal({path}, std::nullopt, {}, [&](const Block& block) {
    RecordReader reader(block.records);
    while (const auto record = reader.next()) note(*record);
    const RuleTable* before = replay_->table();
    auto failed = replay_->apply(block);
    if (before != nullptr && replay_->table() != before) renumber(*before, *replay_->table());
    return failed;
  });
  if (const auto* error = std::get_if<JournalError>(&read)) return FileError{error->message};
  if (replay_->gate() == nullptr) return FileError{fmt::format("the journal `{}` has no policy: nothing was ever decided", path)};
  if (table_digest(replay_->table()->bytes()) != table_digest(policy_.table.bytes()))
    return FileError{fmt::format("the policy in force in the journal `{}` is another one: \"{}\" with source digest {}", path, replay_->table()->policy_name(), replay_->table()->source_digest())};
  for (const std::string& name : replay_->names()) names_.number_of(name);
  return std::nullopt;
}

/// What is known is kept in the numbers of the policy in force; what the newer one does not declare, the gate has dropped.
void Books::renumber(const RuleTable& before, const RuleTable& now) {
  std::set<Known> renumbered;
  for (Known known : known_) {
    known.target = known.kind == Kind::Fact ? same_fact(before, known.target, now) : same_machine(before, known.target, now);
    if (known.target != kNone) renumbered.insert(known);
  }
  known_ = std::move(renumbered);
}

void Books::note(const JournalRecord& record) {
  if (const auto* fact = std::get_if<JournalFact>(&record)) note(Kind::Fact, fact->subject), note_time(fact->observed_ms);
  if (const auto* mode = std::get_if<JournalMode>(&record)) note(Kind::Machine, mode->machine);
  if (const auto* transfer = std::get_if<JournalTransfer>(&record); transfer != nullptr && transfer->decision.allowed())
    note_time(transfer->submitted.transfer.authority.time_ms);
  if (const auto* batch = std::get_if<JournalBatch>(&record))
    for (std::size_t i = 0; i < batch->legs.size(); ++i)
      if (batch->decisions[i].allowed()) note_time(batch->legs[i].transfer.authority.time_ms);
  const auto* change = std::get_if<JournalChange>(&record);
  if (change == nullptr || !change->decision.allowed()) return;
  note_time(change->submitted.change.authority.time_ms);
  note(Kind::Machine, change->submitted.change.subject);
}

std::optional<FileError> Books::read_transfers(const std::string& path) {
  run_ = std::make_unique<TransferRun>(policy_);
  auto opened = TransferFile::open(path);
  if (auto* error = std::get_if<FileError>(&opened)) return std::move(*error);
  for (;;) {
    const auto next = std::get<TransferFile>(opened).next();
    if (const auto* end = std::get_if<TransferFile::End>(&next)) return end->error;
    const auto wrong = [&](std::uint32_t line, const std::string& what) { return FileError{fmt::format("`{}`, line {}: {}", path, line, what)}; };
    if (const auto* bad = std::get_if<BadLine>(&next)) return wrong(bad->line, bad->message);
    const Record& record = std::get<Record>(next);
    if (const auto what = apply(record)) return wrong(record.line, *what);
  }
}

std::optional<std::string> Books::apply(const Record& record) {
  const auto applied = run_->apply(record);
  if (const auto* wrong = std::get_if<Wrong>(&applied)) return wrong->message;
  Interner& names = run_->interner();
  const RuleTable& table = policy_.table;
  if (const auto* fact = std::get_if<FactRecord>(&record.content))
    note(Kind::Fact, std::get<ResolvedFact>(resolve(*fact, table, names)).subject), note_time(fact->time_ms);
  if (const auto* mode = std::get_if<ModeRecord>(&record.content)) note(Kind::Machine, std::get<ResolvedMode>(resolve(*mode, table, names)).machine);
  const auto& answers = std::get<RecordResult>(applied).answers;
  if (answers.empty() || !answers.front().answer.decision.allowed()) return std::nullopt;
  if (const auto* transfer = std::get_if<TransferRecord>(&record.content)) note_time(transfer->authority.time_ms);
  if (const auto* batch = std::get_if<BatchRecord>(&record.content))
    for (const TransferRecord& leg : batch->transfers) note_time(leg.authority.time_ms);
  if (const auto* change = std::get_if<ChangeRecord>(&record.content)) {
    note_time(change->authority.time_ms);
    note(Kind::Machine, std::get<ResolvedChange>(resolve(*change, table, names)).submitted.change.subject);
  }
  return std::nullopt;
}

}  // namespace ringfence
