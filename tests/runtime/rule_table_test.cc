// SPDX-License-Identifier: Apache-2.0
// The format and what a loaded table says: its checksum against published values, its names, views and texts; and its size when
// there are many rules.
#include <catch2/catch.hpp>

#include <cstring>
#include <fstream>
#include <string>

#include "compiler/passes.h"
#include "runtime/decide.h"
#include "runtime/rule_table_format.h"
#include "tests/runtime/sample_moves.h"

namespace ringfence {
namespace {

RuleTable load_table(const Moves& moves) {
  auto loaded = RuleTable::load(emit(moves));
  if (const auto* error = std::get_if<LoadError>(&loaded)) FAIL("at " << error->offset << ": " << error->message);
  return std::get<RuleTable>(std::move(loaded));
}

std::uint64_t hash(const std::string& text) { return format::xxh64(reinterpret_cast<const std::byte*>(text.data()), text.size()); }

TEST_CASE("the checksum is XXH64") {
  CHECK(hash("") == 0xEF46DB3751D8E999u);
  CHECK(hash("a") == 0xD24EC4F1A98C6E5Bu);
  CHECK(hash("abc") == 0x44BC2CF5AD770999u);
}

TEST_CASE("the table's checksum is that of its bytes with the field zero") {
  std::vector<std::byte> bytes = emit(sample::rich_moves());
  std::uint64_t stored = 0;
  std::memcpy(&stored, bytes.data() + offsetof(format::Header, checksum), sizeof stored);
  std::memset(bytes.data() + offsetof(format::Header, checksum), 0, sizeof stored);
  CHECK(format::xxh64(bytes.data(), bytes.size()) == stored);
}

/// "0410: f401 0000 ..." at the start of a line of the document: compared with `bytes`. False for another line.
bool check_dump_line(const std::string& line, const std::vector<std::byte>& bytes) {
  if (line.size() < 10 || line.find(": ") != 4 || line.find_first_not_of("0123456789abcdef") != 4) return false;
  std::size_t at = std::stoul(line.substr(0, 4), nullptr, 16);
  CAPTURE(line);
  for (std::size_t i = 6; i + 1 < line.size() && i < 45 && line[i] != ' '; ++at) {
    REQUIRE(static_cast<unsigned>(bytes.at(at)) == std::stoul(line.substr(i, 2), nullptr, 16));
    i += line[i + 2] == ' ' ? 3u : 2u;
  }
  return true;
}

TEST_CASE("the worked dump is what emit writes") {
  const std::vector<std::byte> bytes = emit(sample::tiny_moves());
  std::ifstream document(SOURCE_DIR "/runtime/rule_table.md");
  int lines = 0;
  for (std::string line; std::getline(document, line);) lines += check_dump_line(line, bytes) ? 1 : 0;
  CHECK(lines == 38);
}

TEST_CASE("a table says what was declared") {
  using namespace sample;
  const RuleTable table = load_table(rich_moves());
  CHECK(table.policy_name() == "Rich \xE2\x82\xAC");
  CHECK(table.source_digest() == std::string(64, 'a'));
  CHECK(table.asset(kBtc).name == "BTC");
  CHECK(table.asset(kBtc).decimals == 8);
  CHECK(table.entity(kHouse).many == false);
  CHECK(table.bucket(kMargin).name == "Client.margin");
  CHECK(table.bucket(kMargin).keys.size() == 2);
  CHECK(table.bucket(kPool).may_overdraw);
  CHECK(table.account(table.bucket(kMargin).account).name == "Client.vault");
  CHECK(table.fact(kMaintenance).fresh_within_ms == 10'000);
  CHECK(to_string(table.fact(kMaintenance).max) == to_string(kAmountMax));
  CHECK(table.machine(kMarginMode).mode_count == 3);
  CHECK(table.mode_name(kMarginMode, 2) == "liquidating");
  CHECK(table.limit(1).window_ms == 86'400'000);
  CHECK(table.statement(kAllowRelease).cite == "excess margin only");
  CHECK(table.statement(kAllowRelease).notify == Mask{1} << kCfo);
  CHECK(table.statement(kDenyHalted).because == "no release while halted");
}

TEST_CASE("names are found, others are not") {
  using namespace sample;
  const RuleTable table = load_table(rich_moves());
  CHECK(table.find_asset("BTC") == kBtc);
  CHECK(table.find_bucket("Client.margin") == kMargin);
  CHECK(table.find_fact("consent") == kConsent);
  CHECK(table.find_machine("system") == kSystemMode);
  CHECK(table.find_machine("Client") == kClientMode);
  CHECK(table.find_machine("Client.margin") == kMarginMode);
  CHECK(table.find_mode(kClientMode, "frozen") == 1);
  CHECK(table.find_mode(kClientMode, "halted") == kNone);
  CHECK(table.find_role("cfo") == kCfo);
  CHECK(table.find_purpose("pay") == kPay);
  CHECK(table.find_evidence("reconciliation") == kReconciliation);
  CHECK(table.find_bucket("Client") == kNone);
  CHECK(table.find_asset("") == kNone);
}

TEST_CASE("a row says what it reads, counts and tests") {
  using namespace sample;
  const RuleTable table = load_table(rich_moves());
  REQUIRE(table.slots(6).size() == 11);
  CHECK(table.slots(6)[4].kind == SlotKind::BucketTotal);
  CHECK(table.slots(6)[4].keys[1] == kKeySummed);
  REQUIRE(table.counted(6).size() == 1);
  CHECK(table.counted(6)[0].limit == 1);
  CHECK(table.counted(6)[0].keys.size() == 2);
  CHECK(table.counted(7).empty());
  CHECK(table.clause_text(6, kAllowRelease, 1) == "approved by 2 of treasurer, cfo");
  CHECK(table.clause_text(6, kAllowRelease, 2).empty());
  CHECK(table.clause_text(6, kAllowPay, 0).empty());
  CHECK(table.clause_text(8 + 3, kHalt, 1) == "approved by cfo");   // rows of transitions follow those of moves
  CHECK(table.slots(8).size() == 2);
}

/// 10,000 rules, each from one of 400 buckets to another, for one purpose, with its own bound on the amount.
Moves many_moves(Index rule_count) {
  constexpr Index bucket_count = 400;
  Moves moves = sample::tiny_moves();
  const Move pattern = moves.moves[0];
  Vocabulary& v = moves.vocabulary;
  v.purposes.clear();
  for (Index i = 0; i < 40; ++i) v.purposes.push_back({"purpose" + std::to_string(i)});
  v.buckets.clear();
  for (Index i = 0; i < bucket_count; ++i) v.buckets.push_back({"House.b" + std::to_string(i), 0, {}, false, false, kNone, ""});
  moves.moves.clear();
  moves.statements.clear();
  for (Index i = 0; i < rule_count; ++i) {
    const Index place = i * (bucket_count * bucket_count / rule_count);   // spread over all pairs, ascending
    Move move = pattern;
    move.from = place / bucket_count;
    move.to = place % bucket_count == move.from ? (move.from + 1) % bucket_count : place % bucket_count;
    move.purpose = i % 40;
    move.slots = {{SlotKind::Amount, kNone, kNone, 0, {}}, {SlotKind::Balance, std::min(move.from, move.to), 0, 0, {}}, {SlotKind::Balance, std::max(move.from, move.to), 0, 0, {}}};
    move.from_slot = move.funds_slot = move.from < move.to ? 1 : 2;
    move.to_slot = move.from < move.to ? 2 : 1;
    move.allows[0].statement = i;
    move.allows[0].clauses[0].nodes[0].test.constant = 1000 + i;
    moves.statements.push_back({StatementKind::Allow, {i, "allow rule " + std::to_string(i), "", "", 0}});
    moves.moves.push_back(move);
  }
  return moves;
}

TEST_CASE("10,000 rules take a few megabytes, and each is found") {
  const Moves moves = many_moves(10'000);
  const RuleTable table = load_table(moves);
  CHECK(table.bytes().size() < (std::size_t{6} << 20));
  std::size_t found = 0;
  for (std::size_t i = 0; i < moves.moves.size(); ++i) {
    const Move& move = moves.moves[i];
    Transfer transfer{move.purpose, {move.from, 0, {}}, {move.to, 0, {}}, 0, 1000 + static_cast<Int128>(i), {}};
    transfer.authority.role = 0;
    const std::vector<Value> values(3, Value{kAmountMax / 2, 0, true});
    const Decision allowed = decide(table, transfer, needs(table, transfer), values);
    transfer.amount += 1;
    const Decision refused = decide(table, transfer, needs(table, transfer), values);
    found += allowed.allowed() && allowed.statement == i && refused.reason == Reason::Condition ? 1u : 0u;
  }
  CHECK(found == moves.moves.size());
}

}  // namespace
}  // namespace ringfence
