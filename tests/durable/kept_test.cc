// SPDX-License-Identifier: Apache-2.0
// Journals that earlier versions of the library wrote, kept beside this file, are read as what was written, and gone on with. A test that fails here says that
// somebody's journal of years can't be opened or audited any more (runtime/README.md, "Versions"). One more is added when the table format, the records or the chain change.
// That of 1.6 is what `ringfence gate` made of policies/mica_custody with its transfers, the policy changed by two approvers after the first 60 lines.
#include <catch2/catch.hpp>

#include <filesystem>

#include "runtime/durable/durable_gate.h"
#include "tests/command/run_command.h"

using namespace ringfence;

namespace {

struct Kept { const char *version, *seed, *digest; std::uint64_t blocks, records, transfers; std::size_t names, holdings; };
const Kept kKept[] = {
    {"1.6", "32c1643d6bec6ee6ad0195a88f191c0a5b8672c459eb22a7ee1b86289a871405", "ab7a08a9d6084d3fef1f91000411a95635559db0108470850ae5ed572a35c936", 4, 124, 71, 15, 8},
};

std::string folder_of(const Kept& kept) { return SOURCE_DIR "/tests/durable/kept/" + std::string(kept.version); }

}  // namespace

TEST_CASE("journals of earlier versions are audited as what was written") {
  for (const Kept& kept : kKept) {
    INFO("of " << kept.version);
    Replay replay;
    std::uint64_t transfers = 0;
    const auto read = read_journal({folder_of(kept)}, SigningKey::from_seed(*parse_hex(kept.seed)).public_key(), {}, [&](const Block& block) {
      RecordReader records(block.records);
      while (const auto record = records.next()) transfers += std::holds_alternative<JournalTransfer>(*record);
      return replay.apply(block);
    });
    if (const auto* failed = std::get_if<JournalError>(&read)) FAIL(failed->message);
    const Head& head = std::get<ReadJournal>(read).head.head;
    CHECK(print_hex(head.digest) == kept.digest);
    CHECK(head.blocks == kept.blocks);
    CHECK(head.records == kept.records);
    CHECK(transfers == kept.transfers);
    CHECK(replay.names().size() == kept.names);
    CHECK(replay.gate()->holdings().size() == kept.holdings);
  }
}

TEST_CASE("journals of earlier versions are gone on with") {
  for (const Kept& kept : kKept) {
    INFO("of " << kept.version);
    const command_test::Folder folder;
    std::filesystem::copy(folder_of(kept), folder.path() + "/journal");
    Replay replay;
    std::optional<JournalTransfer> last;
    const auto read = read_journal({folder.path() + "/journal"}, std::nullopt, {}, [&](const Block& block) {
      RecordReader records(block.records);
      while (const auto record = records.next())
        if (const auto* transfer = std::get_if<JournalTransfer>(&*record)) last = *transfer;
      return replay.apply(block);
    });
    REQUIRE(std::holds_alternative<ReadJournal>(read));
    REQUIRE(last);
    auto opened = DurableGate::open(*replay.table(), SigningKey::from_seed(*parse_hex(kept.seed)), {{folder.path() + "/journal"}});
    if (const auto* failed = std::get_if<JournalError>(&opened)) FAIL(failed->message);
    DurableGate& gate = std::get<DurableGate>(opened);
    const GateAnswer again = gate.submit(last->submitted);
    CHECK(again.outcome == Outcome::Repeated);
    CHECK(again.decision == last->decision);
    last->submitted.id += "-once-more";
    CHECK(gate.submit(last->submitted).outcome == Outcome::Decided);
    REQUIRE(!gate.commit());
    CHECK(gate.head().head.blocks == kept.blocks + 1);
    CHECK(gate.head().head.records == kept.records + 1);
  }
}
