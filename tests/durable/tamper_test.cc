// SPDX-License-Identifier: Apache-2.0
// A journal with a change of policy that was damaged: every byte in turn, one bit of it, and every shorter length, of each of its files, as a gate that ended
// and one that was killed leave them. It must be refused with its place, or read as exactly what was written. And whoever has the key but not
// a head that was kept can't cut blocks off.
#include <catch2/catch.hpp>

#include <iostream>

#include "tests/durable/faulty_disk.h"
#include "tests/durable/journaled_stream.h"
#include "compiler/passes.h"
#include "tests/runtime/sample_moves.h"

using namespace ringfence;
using namespace durable_test;

namespace {

RuleTable tiny_table(const char* version) {
  Moves moves = sample::tiny_moves();
  moves.vocabulary.policy_version = version;
  auto loaded = RuleTable::load(emit(moves));
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  return std::move(std::get<RuleTable>(loaded));
}

GateTransfer pay(int n) {
  GateTransfer submitted;
  submitted.id = "p" + std::to_string(n);
  submitted.transfer = {0, {0, 0, {}}, {1, 0, {}}, 0, 1 + n % 3, {}};
  submitted.transfer.authority.role = 0;
  submitted.transfer.authority.time_ms = n;
  return submitted;
}

StreamTables tiny_tables() { return {tiny_table("1"), tiny_table("2")}; }

/// Some blocks, the second of them a change of policy; the files as they are when the gate ended, or while it still runs.
FaultyDisk::Files journal_files(const StreamTables& tables, bool ended, int blocks) {
  const FaultyDisk disk;
  auto opened = open_stream({".", disk.vfs_name()}, tables);
  REQUIRE(std::holds_alternative<DurableGate>(opened));
  std::optional<DurableGate> gate(std::move(std::get<DurableGate>(opened)));
  gate->open_balance({0, 0, {}}, 0, 100);
  REQUIRE(!gate->change_policy(tables.second, approvals(gate->proposed(tables.second))));
  for (int n = 0; n < blocks; ++n) {
    gate->submit(pay(n));
    REQUIRE(!gate->commit());
  }
  if (ended) gate.reset();
  return disk.files();
}

struct ReadBack { std::string blocks, error; };

ReadBack read_back(const FaultyDisk& disk, std::span<const SignedHead> kept = {}) {
  ReadBack result;
  const auto read = read_journal({".", disk.vfs_name()}, test_key().public_key(), kept, [&](const Block& block) {
    result.blocks += std::to_string(block.number) + ":" + std::string(block.records) + "\n";
    return std::nullopt;
  });
  if (const auto* failed = std::get_if<JournalError>(&read)) result.error = failed->message;
  else result.blocks += print(std::get<ReadJournal>(read).head);
  return result;
}

struct Tally { std::uint64_t refused = 0, harmless = 0; };

/// Reads the damaged journal, and opens it to append: always when it was read as a whole one, else sometimes, for that is the same reading.
void judge(const FaultyDisk::Files& damaged, const StreamTables& tables, const std::string& whole, const std::string& seen, Tally& tally) {
  FaultyDisk disk;
  disk.put_files(damaged);
  const ReadBack found = read_back(disk);
  if (found.error.empty()) REQUIRE(found.blocks == whole);
  else REQUIRE((found.error.find("block") != std::string::npos || found.error.find("journal.db") != std::string::npos || found.error.find("head") != std::string::npos ||
                found.error.find("signed") != std::string::npos));
  ++(found.error.empty() ? tally.harmless : tally.refused);
  if (!found.error.empty() && tally.refused % 16 != 0) return;
  auto opened = DurableGate::open(tables.second, test_key(), {{".", disk.vfs_name()}});
  if (auto* gate = std::get_if<DurableGate>(&opened)) REQUIRE(to_string(gate->gate().balance({0, 0, {}}, 0)) + "\n" + print(gate->head()) == seen);
}

}  // namespace

TEST_CASE("no flipped bit and no truncation makes another journal of a journal") {
  const StreamTables tables = tiny_tables();
  for (const bool ended : {true, false}) {
    const FaultyDisk::Files files = journal_files(tables, ended, 2);
    FaultyDisk disk;
    disk.put_files(files);
    const ReadBack whole = read_back(disk);
    REQUIRE(whole.error == "");
    std::string seen;
    {
      auto opened = open_stream({".", disk.vfs_name()}, tables);
      REQUIRE(std::holds_alternative<DurableGate>(opened));
      const DurableGate& gate = std::get<DurableGate>(opened);
      seen = to_string(gate.gate().balance({0, 0, {}}, 0)) + "\n" + print(gate.head());
    }
    CHECK(files.size() == (ended ? 2u : 3u));
    for (const auto& [name, bytes] : files) {
      Tally flipped, cut;
      for (std::size_t i = 0; i < bytes.size(); i += kIsSanitized ? 37u : 1u) {
        FaultyDisk::Files damaged = files;
        damaged[name][i] = static_cast<char>(damaged[name][i] ^ 1 << i % 8);
        CAPTURE(ended, name, i);
        judge(damaged, tables, whole.blocks, seen, flipped);
        damaged[name] = bytes.substr(0, i);
        judge(damaged, tables, whole.blocks, seen, cut);
      }
      std::cout << (ended ? "ended " : "running ") << name << ", " << bytes.size() << " bytes: flips " << flipped.refused << " refused, " << flipped.harmless << " harmless; truncations "
                << cut.refused << " refused, " << cut.harmless << " harmless\n";
      CHECK((flipped.refused > 0) == (name != "./head"));   // of its two heads one is enough while nothing else is missing
      CHECK(cut.refused > 0);
    }
  }
}

TEST_CASE("a journal put back to an older state of its own shows to who kept a head") {
  const StreamTables tables = tiny_tables();
  FaultyDisk disk;
  disk.put_files(journal_files(tables, true, 5));
  const auto later = read_journal({".", disk.vfs_name()}, std::nullopt, {}, [](const Block&) { return std::nullopt; });
  REQUIRE(std::holds_alternative<ReadJournal>(later));
  const std::vector<SignedHead> kept{std::get<ReadJournal>(later).head};
  CHECK(read_back(disk, kept).error == "");
  disk.put_files(journal_files(tables, true, 4));
  CHECK(read_back(disk).error == "");
  CHECK(read_back(disk, kept).error == "the journal ends after block 7, but the head that was kept is of block 8");
}

TEST_CASE("a head that another key signed, and one of another journal, are refused") {
  const StreamTables tables = tiny_tables();
  FaultyDisk disk;
  disk.put_files(journal_files(tables, true, 2));
  SignedHead other = SigningKey::generate().sign({3, 4, {}});
  CHECK(read_back(disk, std::span(&other, 1)).error.find("the head that was kept is not signed by") == 0);
  other = test_key().sign({3, 4, {}});
  CHECK(read_back(disk, std::span(&other, 1)).error == "block 3: it is another one than the head that was kept says");
}
