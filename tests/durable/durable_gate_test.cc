// SPDX-License-Identifier: Apache-2.0
// The durable gate when nothing fails: what was committed is there again, ids answer again, what was not committed is not; and who may open it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <limits>

#include "compiler/passes.h"
#include "compiler/table_digest.h"
#include "tests/durable/faulty_disk.h"
#include "tests/durable/journaled_stream.h"
#include "tests/runtime/sample_moves.h"

using namespace ringfence;
using namespace durable_test;

namespace {

DurableGate open(const FaultyDisk& disk, const RuleTable& table) {
  auto opened = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
  if (const auto* failed = std::get_if<JournalError>(&opened)) FAIL(failed->message);
  return std::move(std::get<DurableGate>(opened));
}

std::string refusal(const FaultyDisk& disk, const RuleTable& table, const SigningKey& key = test_key()) {
  const auto opened = DurableGate::open(table, key, {{".", disk.vfs_name()}});
  const auto* failed = std::get_if<JournalError>(&opened);
  return failed == nullptr ? "" : failed->message;
}

std::vector<std::string> records_of(const FaultyDisk& disk) {
  std::vector<std::string> records;
  const auto read = read_journal({".", disk.vfs_name()}, std::nullopt, {}, [&](const Block& block) {
    records.emplace_back(block.records);
    return std::nullopt;
  });
  if (const auto* failed = std::get_if<JournalError>(&read)) FAIL(failed->message);
  return records;
}

RuleTable loaded(std::vector<std::byte> bytes) {
  auto table = RuleTable::load(std::move(bytes));
  REQUIRE(std::holds_alternative<RuleTable>(table));
  return std::move(std::get<RuleTable>(table));
}

RuleTable with_proof_digest(const RuleTable& table) {
  std::vector<std::byte> bytes(table.bytes().begin(), table.bytes().end());
  set_proof_digest(bytes, ProofDigest{1, 2, 3});
  return loaded(std::move(bytes));
}

/// Bytes that say that the table was made from another text.
RuleTable with_other_source(const RuleTable& table) {
  std::vector<std::byte> bytes(table.bytes().begin(), table.bytes().end());
  const std::string_view digest = table.source_digest();
  const auto at = std::search(bytes.begin(), bytes.end(), digest.begin(), digest.end(), [](std::byte byte, char digit) { return static_cast<char>(byte) == digit; });
  *at = static_cast<std::byte>(digest.front() == '0' ? '1' : '0');
  set_proof_digest(bytes, std::nullopt);
  return loaded(std::move(bytes));
}

void write_again(std::string& out, const JournalRecord& record) {
  if (const auto* transfer = std::get_if<JournalTransfer>(&record)) put_record(out, transfer->submitted, transfer->decision);
  else if (const auto* change = std::get_if<JournalChange>(&record)) put_record(out, change->submitted, change->decision);
  else if (const auto* policy = std::get_if<JournalPolicy>(&record)) put_record(out, *policy);
  else if (const auto* approvers = std::get_if<JournalApprovers>(&record)) put_record(out, *approvers);
  else if (const auto* policy_change = std::get_if<JournalPolicyChange>(&record)) put_record(out, *policy_change);
  else if (const auto* name = std::get_if<JournalName>(&record)) put_record(out, *name);
  else if (const auto* balance = std::get_if<JournalBalance>(&record)) put_record(out, *balance);
  else if (const auto* mode = std::get_if<JournalMode>(&record)) put_record(out, *mode);
  else if (const auto* fact = std::get_if<JournalFact>(&record)) put_record(out, *fact);
  else if (const auto* batch = std::get_if<JournalBatch>(&record)) {
    std::vector<GateAnswer> answers;
    for (const Decision& decision : batch->decisions) answers.push_back({Outcome::Decided, decision});
    put_record(out, batch->id, batch->legs, answers);
  }
}

}  // namespace

TEST_CASE("a gate opened again, however often, is the gate in memory") {
  const StreamTables tables = stream_tables();
  const FaultyDisk disk;
  Gate in_memory(tables.first);
  std::uint64_t n = 0;
  for (const std::uint64_t until : {0u, 1u, 7u, 8u, 60u, 61u, 300u}) {
    auto opened = open_stream({".", disk.vfs_name()}, tables);
    REQUIRE(std::holds_alternative<DurableGate>(opened));
    DurableGate& gate = std::get<DurableGate>(opened);
    CHECK(look_at(gate) == look_at(in_memory, tables.before_step(n)));
    for (; n < until; ++n) {
      CAPTURE(n);
      REQUIRE(do_step(gate, tables, n) == do_step(in_memory, tables, n));
      if (n % 5 == 0) CHECK(!gate.commit());
    }
    CHECK(!gate.commit());
    CHECK(gate.staged_count() == 0);
  }
  CHECK(n == 300);
}

TEST_CASE("an id is answered again after a restart, and moves nothing; with other content it is an error") {
  const RuleTable table = stream_table();
  const FaultyDisk disk;
  const GateTransfer first = deposit(table, "x", 1, 5), other = deposit(table, "x", 2, 5);
  {
    DurableGate gate = open(disk, table);
    CHECK(gate.submit(first).outcome == Outcome::Decided);
    CHECK(!gate.commit());
  }
  DurableGate gate = open(disk, table);
  const std::string before = look_at(gate);
  CHECK(gate.submit(first).outcome == Outcome::Repeated);
  CHECK(gate.submit(first).decision.allowed());
  CHECK(gate.submit(other).outcome == Outcome::IdReused);
  CHECK(gate.staged_count() == 0);
  CHECK(look_at(gate) == before);
}

TEST_CASE("many transfers together leave the journal that they leave one by one") {
  const RuleTable table = stream_table();
  const FaultyDisk alone, together;
  std::vector<GateTransfer> all;
  for (std::uint64_t n = 0; n < 200; ++n) {
    all.push_back(deposit(table, "d" + std::to_string(n % 150), 1 + n % kClients, static_cast<std::int64_t>(n)));
    if (n % 9 == 0) all.back().transfer.purpose = kNone;
  }
  std::vector<GateAnswer> answers(all.size());
  std::size_t decided = 0;
  {
    DurableGate one = open(alone, table), many = open(together, table);
    CHECK(many.submit_many(all, answers) == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const GateAnswer answer = one.submit(all[i]);
      CHECK((answer.outcome == answers[i].outcome && answer.decision == answers[i].decision));
      decided += answer.outcome == Outcome::Decided;
    }
    CHECK(decided == 150);
    CHECK(many.staged_count() == decided);
    CHECK(!one.commit());
    CHECK(!many.commit());
  }
  CHECK(records_of(alone) == records_of(together));
  CHECK(look_at(open(alone, table)) == look_at(open(together, table)));
}

TEST_CASE("what was staged and not committed is gone") {
  const RuleTable table = stream_table();
  const FaultyDisk disk;
  {
    DurableGate gate = open(disk, table);
    gate.submit(deposit(table, "x", 1, 5));
  }
  DurableGate gate = open(disk, table);
  CHECK(gate.submit(deposit(table, "x", 1, 5)).outcome == Outcome::Decided);
}

TEST_CASE("opening state and names survive") {
  const RuleTable table = stream_table();
  const FaultyDisk disk;
  const Instance wallet{table.find_bucket("Client.wallet"), 1, {1}}, machine{table.find_machine("Client"), 1, {1}}, other{machine.target, 1, {2}};
  {
    DurableGate gate = open(disk, table);
    gate.add_name("alice");
    CHECK(gate.open_balance(wallet, 0, 41));
    CHECK(gate.open_balance(wallet, 0, 42));
    CHECK(gate.open_mode(machine, 1));
    CHECK_FALSE(gate.open_balance(wallet, 0, -1));
    CHECK(gate.open_mode(other, 1, -5));
    CHECK(gate.staged_count() == 5);
    CHECK(!gate.commit());
  }
  const DurableGate gate = open(disk, table);
  CHECK(gate.gate().balance(wallet, 0) == 42);
  CHECK(gate.gate().kept_mode(machine) == KeptMode{1, std::nullopt});
  CHECK(gate.gate().kept_mode(other) == KeptMode{1, -5});
  CHECK(gate.names() == std::vector<std::string>{"alice"});
}

TEST_CASE("a deadline passes at the same instant after a restart") {
  std::string text = kStreamPolicy;
  const RuleTable table = table_of(text.insert(text.find("allow deposit"), "  frozen must end within 10 s, else normal\n"));
  const Index client = table.find_machine("Client");
  for (const std::int64_t later : {10'000, 10'001}) {
    const FaultyDisk disk;
    {
      DurableGate gate = open(disk, table);
      GateModeChange change{"m", {{client, 1, {1}}, 1, {}}, {}};
      change.change.authority = {1, table.find_role("boss"), {}, 0, 5};
      CHECK(gate.open_mode({client, 1, {2}}, 1, 5));
      CHECK(gate.submit(change).decision.allowed());
      CHECK(!gate.commit());
    }
    DurableGate gate = open(disk, table);
    for (const std::uint64_t id : {1u, 2u}) {
      CHECK(gate.gate().kept_mode({client, 1, {id}}) == KeptMode{1, 5});
      GateModeChange again{"again" + std::to_string(id), {{client, 1, {id}}, 1, {}}, {}};   // only from normal
      again.change.authority = {1, table.find_role("boss"), {}, 0, 5 + later};
      CHECK(gate.submit(again).decision.reason == (later == 10'000 ? Reason::NoTransition : Reason::Allowed));
    }
  }
}

TEST_CASE("another policy and another key are refused, the same policy with another proof is not") {
  const RuleTable table = stream_table();
  const FaultyDisk disk;
  open(disk, table);
  CHECK(refusal(disk, with_other_source(table)).find("the policy in force in `.` is another one: \"Stream\"") == 0);
  CHECK(refusal(disk, table, SigningKey::generate()).find("`.` was begun with another key") == 0);
  CHECK(refusal(disk, with_proof_digest(table)).empty());
  CHECK(refusal(disk, table).empty());
}

TEST_CASE("the worked dump is what a gate writes") {
  auto loaded_table = RuleTable::load(emit(sample::tiny_moves()));
  const RuleTable& table = std::get<RuleTable>(loaded_table);
  const FaultyDisk disk;
  {
    DurableGate gate = open(disk, table);
    gate.add_name("alice");
    gate.open_balance({0, 0, {}}, 0, 10'000);
    GateTransfer pay{"p1", {0, {0, 0, {}}, {1, 0, {}}, 0, 250, {1, 0, {}, 0, 1'767'225'600'000}}, {}};
    CHECK(gate.submit(pay).decision.allowed());
    pay.id = "p2";
    pay.transfer.amount = 501;
    pay.approvals = {{2, 1}};
    CHECK(gate.submit(pay).decision.reason == Reason::Condition);
    CHECK(!gate.commit());
  }
  const std::string records = records_of(disk).at(1);
  const std::string written = print_hex({reinterpret_cast<const std::uint8_t*>(records.data()), records.size()});
  std::ifstream document(SOURCE_DIR "/runtime/journal.md");
  std::string dumped;
  for (std::string line; std::getline(document, line);) {
    if (line.size() < 50 || line.find(": ") != 4 || line.find_first_not_of("0123456789abcdef") != 4) continue;
    CAPTURE(line);
    CHECK(std::stoul(line.substr(0, 4), nullptr, 16) == dumped.size() / 2);
    for (const char digit : line.substr(6, line.find("  ", 6) - 6))
      if (digit != ' ') dumped += digit;
  }
  CHECK(dumped == written);
}

TEST_CASE("every record is read as it was written, and no part of one is a record") {
  const StreamTables tables = stream_tables();
  const RuleTable& table = tables.first;
  const FaultyDisk disk;
  {
    auto opened = open_stream({".", disk.vfs_name()}, tables);
    DurableGate& gate = std::get<DurableGate>(opened);
    gate.add_name("n\n\xFF");
    gate.open_balance({table.find_bucket("Client.wallet"), 1, {~std::uint64_t{0}}}, 0, kAmountMax);
    gate.open_mode({table.find_machine("Client"), 1, {1}}, 1);
    GateTransfer odd = deposit(table, std::string(300, 'i'), 1, std::numeric_limits<std::int64_t>::min());
    odd.transfer.purpose = kNone;
    odd.transfer.from.id_count = 200;
    odd.transfer.from.ids = {0, 5, 0, 7};
    odd.transfer.amount = std::numeric_limits<Int128>::min();
    odd.transfer.authority.evidence = ~Mask{0};
    odd.approvals.assign(40, {9, ~Mask{0}});
    gate.submit(odd);
    for (std::uint64_t n = 0; n < 40; ++n) do_step(gate, tables, n);
    CHECK(!gate.commit());
  }
  const std::vector<std::string> blocks = records_of(disk);
  REQUIRE(blocks.size() == 4);   // the policy and its approvers; records; a change of policy; records
  for (const std::string& block : blocks) {
    std::string again;
    std::vector<std::size_t> ends{0};
    RecordReader reader(block);
    while (const auto record = reader.next()) {
      write_again(again, *record);
      ends.push_back(reader.position());
    }
    CHECK_FALSE(reader.failed());
    CHECK(again == block);
    for (std::size_t size = 0; size < block.size(); ++size) {
      RecordReader cut(std::string_view(block).substr(0, size));
      while (cut.next()) {}
      CHECK(cut.failed() != (std::find(ends.begin(), ends.end(), size) != ends.end()));
    }
  }
}
