// SPDX-License-Identifier: Apache-2.0
// A replay names the first record that is not as it was decided, and no later one, wherever it is and whatever comes between or after.
// A policy in another table format it refuses.
#include <catch2/catch.hpp>

#include <algorithm>

#include "runtime/durable/replay.h"
#include "runtime/rule_table_format.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

struct Records { std::string bytes; std::uint64_t count = 0; };

Records policy_records(const RuleTable& table) {
  Records records;
  put_record(records.bytes, JournalPolicy{{table.bytes().begin(), table.bytes().end()}});
  records.count = 1;
  return records;
}

std::string id_of(std::uint64_t n) { return "d" + std::to_string(n); }

/// Deposits as a gate decides them, but for those of `forged`, which the record says are denied; a name after every `named`-th.
Records deposit_records(const RuleTable& table, std::uint64_t deposits, std::uint64_t named, const std::vector<std::uint64_t>& forged) {
  Records records;
  Gate gate(table);
  for (std::uint64_t n = 0; n < deposits; ++n) {
    const GateTransfer submitted = deposit(table, id_of(n), 1 + n % kClients, 5);
    Decision decision = gate.submit(submitted).decision;
    if (std::find(forged.begin(), forged.end(), n) != forged.end()) decision.reason = Reason::Funds;
    put_record(records.bytes, submitted, decision);
    ++records.count;
    if (n % named != named - 1) continue;
    put_record(records.bytes, JournalName{"someone"});
    ++records.count;
  }
  return records;
}

/// What is wrong, and what the first client holds.
std::pair<std::string, Int128> replayed(const RuleTable& table, const Records& records) {
  Replay replay;
  const Records policy = policy_records(table);
  REQUIRE(!replay.apply({1, 1, policy.count, policy.bytes, {}}));
  const auto failed = replay.apply({2, 2, records.count, records.bytes, {}});
  return {failed ? failed->message : "", replay.gate()->balance({table.find_bucket("Client.wallet"), 1, {1}}, 0)};
}

}  // namespace

TEST_CASE("a replay names the first transfer that was decided otherwise, wherever it is") {
  const RuleTable table = stream_table();
  for (const std::uint64_t named : {1u, 3u, 127u, 128u, 129u, 1'000u}) {
    for (const std::uint64_t deposits : {1u, 127u, 128u, 129u, 256u, 300u}) {
      CAPTURE(named, deposits);
      const auto [error, balance] = replayed(table, deposit_records(table, deposits, named, {}));
      CHECK(error == "");
      CHECK(balance == Int128{(deposits + kClients - 1) / kClients});
      for (const std::uint64_t forged : {0u, 1u, 126u, 127u, 128u, 129u, 255u, 256u, 299u}) {
        if (forged >= deposits) continue;
        const std::string place = "record " + std::to_string(2 + forged + forged / named) + " (block 2): `" + id_of(forged) + "` is decided otherwise: allowed";
        const std::string said = replayed(table, deposit_records(table, deposits, named, {forged, deposits - 1})).first;
        CAPTURE(forged, said);
        CHECK(said.find(place) == 0);
      }
    }
  }
}

TEST_CASE("what can't be read, or is one record too many, is named after what was decided otherwise before it") {
  const RuleTable table = stream_table();
  for (const std::uint64_t deposits : {1u, 128u, 200u}) {
    CAPTURE(deposits);
    Records records = deposit_records(table, deposits, 1'000, {}), forged = deposit_records(table, deposits, 1'000, {0});
    for (Records* each : {&records, &forged}) each->bytes += '\0';
    CHECK(replayed(table, records).first == "record " + std::to_string(2 + deposits) + " (block 2): it can't be read: at byte " + std::to_string(records.bytes.size()) + " of the block");
    CHECK(replayed(table, forged).first.find("record 2 (block 2): `d0` is decided otherwise") == 0);
    Records more = deposit_records(table, deposits, 1'000, {});
    ++more.count;
    CHECK(replayed(table, more).first.find("the block has " + std::to_string(deposits) + " records, and should have " + std::to_string(deposits + 1)) != std::string::npos);
    Records second_policy = deposit_records(table, deposits, 1'000, {});
    second_policy.bytes += policy_records(table).bytes;
    CHECK(replayed(table, second_policy).first == "record " + std::to_string(2 + deposits) + " (block 2): a second policy");
  }
}

TEST_CASE("a journal whose policy is a table of another format is refused, and says of which") {
  const RuleTable table = stream_table();
  JournalPolicy policy{{table.bytes().begin(), table.bytes().end()}};
  policy.table[offsetof(format::Header, version)] = std::byte{format::kVersion - 1};
  Records records;
  put_record(records.bytes, policy);
  const auto failed = Replay().apply({1, 1, 1, records.bytes, {}});
  REQUIRE(failed);
  const std::string formats = "this rule table has version " + std::to_string(format::kVersion - 1) + "; this program reads version " + std::to_string(format::kVersion);
  CAPTURE(failed->message);
  CHECK(failed->message.find("record 1 (block 1): its policy does not load: at byte ") == 0);
  CHECK(failed->message.find(formats) != std::string::npos);
}
