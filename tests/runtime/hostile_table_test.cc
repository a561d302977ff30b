// SPDX-License-Identifier: Apache-2.0
// Tables that nobody emitted: every byte changed, every truncation, with a wrong checksum and with one made to fit. Either load
// refuses, or whatever is done with the table stays defined (the sanitizers watch) and ends.
#include <catch2/catch.hpp>

#include <cstring>

#include "compiler/passes.h"
#include "runtime/decide.h"
#include "runtime/rule_table_format.h"
#include "tests/runtime/sample_moves.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

using Bytes = std::vector<std::byte>;

void fix_checksum(Bytes& bytes) {
  if (bytes.size() < sizeof(format::Header)) return;
  const std::uint64_t checksum = format::table_checksum(bytes.data(), bytes.size());
  std::memcpy(bytes.data() + offsetof(format::Header, checksum), &checksum, sizeof checksum);
}

/// Sums up everything that a table says of itself, so that each view is read.
std::size_t read_all(const RuleTable& table) {
  std::size_t sum = table.policy_name().size() + table.source_digest().size();
  for (Index i = 0; i < table.bucket_count(); ++i) sum += table.bucket(i).keys.size() + table.find_bucket(table.bucket(i).name);
  for (Index i = 0; i < table.machine_count(); ++i) sum += table.find_mode(i, table.mode_name(i, table.machine(i).mode_count - 1));
  for (Index i = 0; i < table.statement_count(); ++i) sum += table.statement(i).text.size() + table.statement(i).because.size();
  for (Index i = 0; i < table.limit_count(); ++i) sum += table.limit(i).per.size();
  const Moves moves = decode(table);
  for (Index row = 0; row < moves.moves.size() + moves.transitions.size(); ++row) {
    for (const RuleTable::Counted& counted : table.counted(row)) sum += counted.keys.size();
    for (Index statement = 0; statement < table.statement_count(); ++statement) sum += table.clause_text(row, statement, 0).size();
  }
  return sum;
}

Instance instance_of(const Moves& moves, Index bucket) {
  Instance instance{bucket, static_cast<std::uint8_t>(moves.vocabulary.buckets[bucket].keys.size()), {}};
  for (std::size_t i = 0; i < instance.id_count; ++i) instance.ids[i] = i + 1;
  return instance;
}

/// Decides one transfer for each row, with values at the ends of their ranges.
std::size_t decide_all(const RuleTable& table) {
  const Moves moves = decode(table);
  std::size_t allowed = 0;
  for (const Move& move : moves.moves) {
    Transfer transfer{move.purpose, instance_of(moves, move.from), instance_of(moves, move.to), move.asset, 1, {}};
    if (transfer.to.id_count != 0 && move.relation != 0) transfer.to.ids[0] = 99;
    for (const Int128 number : {Int128{0}, kAmountMax, -kAmountMax, Int128{1}}) {
      for (Index role = 0; role < table.role_count(); ++role) {
        transfer.amount = number < 1 ? 1 : number;
        transfer.authority.role = role;
        const Needs needed = needs(table, transfer);
        const std::vector<Value> values(needed.slots.size(), Value{number, 0, true});
        allowed += decide(table, transfer, needed, values).allowed() ? 1u : 0u;
        allowed += decide_floors(table, transfer, needed, values).allowed() ? 1u : 0u;
      }
    }
  }
  for (Index machine = 0; machine < table.machine_count(); ++machine) {
    ModeChange change{{machine, static_cast<std::uint8_t>(table.machine(machine).keys.size()), {}}, 0, {}};
    change.authority.role = 0;
    for (Needs needed = next_transition(table, change, 0, kNone); needed.row != kNone; needed = next_transition(table, change, 0, needed.row))
      allowed += decide_transition(table, change, needed, std::vector<Value>(needed.slots.size(), Value{0, 0, true})).allowed() ? 1u : 0u;
  }
  return allowed;
}

/// Whether the table was refused; if not, it has been used in every way.
bool is_refused(Bytes bytes) {
  const std::size_t size = bytes.size();
  const auto loaded = RuleTable::load(std::move(bytes));
  if (const auto* error = std::get_if<LoadError>(&loaded)) {
    REQUIRE(!error->message.empty());
    REQUIRE(error->offset <= size);
    return true;
  }
  read_all(std::get<RuleTable>(loaded));
  decide_all(std::get<RuleTable>(loaded));
  return false;
}

TEST_CASE("a changed byte is refused by the checksum") {
  for (const Moves& moves : {sample::tiny_moves(), sample::rich_moves()}) {
    const Bytes good = emit(moves);
    REQUIRE_FALSE(is_refused(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= std::byte{0x10};
      CAPTURE(i);
      REQUIRE(is_refused(bad));
    }
  }
}

TEST_CASE("a changed byte with a fitting checksum is refused or harmless") {
  for (const Moves& moves : {sample::tiny_moves(), sample::rich_moves()}) {
    const Bytes good = emit(moves);
    std::size_t refused = 0, tried = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const unsigned flip : {0x01u, 0x04u, 0x80u, 0xFFu}) {
        Bytes bad = good;
        bad[i] ^= static_cast<std::byte>(flip);
        fix_checksum(bad);
        refused += is_refused(std::move(bad)) ? 1u : 0u;
        ++tried;
      }
    }
    CHECK(refused > tried / 2);
    CHECK(refused < tried);   // a letter of a name may change: the test is not vacuous
  }
}

TEST_CASE("two changed bytes with a fitting checksum are refused or harmless") {
  const Bytes good = emit(sample::rich_moves());
  std::uint64_t seed = 42;
  const auto random = [&] { return seed = seed * 6364136223846793005u + 1442695040888963407u, seed >> 33; };
  std::size_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    Bytes bad = good;
    for (int change = 0; change < 2; ++change) bad[sizeof(format::Header) + random() % (bad.size() - sizeof(format::Header))] = static_cast<std::byte>(random() % 4);
    fix_checksum(bad);
    refused += is_refused(std::move(bad)) ? 1u : 0u;
  }
  CHECK(refused > 10'000);
}

TEST_CASE("a truncated or extended table is refused") {
  for (const Moves& moves : {sample::tiny_moves(), sample::rich_moves()}) {
    const Bytes good = emit(moves);
    for (std::size_t size = 0; size < good.size(); ++size) {
      Bytes bad(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      CAPTURE(size);
      REQUIRE(is_refused(bad));
      if (size >= sizeof(format::Header)) {
        const std::uint64_t table_bytes = size;
        std::memcpy(bad.data() + offsetof(format::Header, table_bytes), &table_bytes, sizeof table_bytes);
        fix_checksum(bad);
        REQUIRE(is_refused(bad));
      }
    }
    Bytes longer = good;
    longer.push_back(std::byte{0});
    REQUIRE(is_refused(longer));
  }
}

TEST_CASE("what is wrong is said with its place") {
  const auto refusal = [](Bytes bytes) {
    const auto loaded = RuleTable::load(std::move(bytes));
    const auto* error = std::get_if<LoadError>(&loaded);
    return error == nullptr ? std::string("loaded") : std::to_string(error->offset) + ": " + error->message;
  };
  const Bytes good = emit(sample::tiny_moves());
  Bytes bad = good;
  bad[0] = std::byte{'X'};
  CHECK(refusal(bad) == "0: this is not a rule table");
  bad = good;
  bad[8] = std::byte{1};
  CHECK(refusal(bad) == "8: this rule table has version 1; this program reads version 5");
  bad = good;
  bad.back() ^= std::byte{1};
  CHECK(refusal(bad) == "24: the checksum is wrong: the table has been damaged");
  CHECK(refusal({}) == "0: this is not a rule table: it ends within the header");
  bad.pop_back();
  CHECK(refusal(bad) == "16: the table says that it has " + std::to_string(good.size()) + " bytes, but there are " + std::to_string(good.size() - 1));
}

/// Of an account that a bucket in it may overdraw, the total covers what leaves it (8.6), and only that.
TEST_CASE("a row that does not ask for its account's total, or asks where it need not, is refused") {
  const std::string policy = "policy \"p\" version \"1\"\nasset USD decimals 2\nrole clerk\npurpose pay\nentity House\nexternal House.suppliers\naccount House.bank\n"
                             "bucket House.credit in House.bank may overdraw\nbucket House.cash in House.bank\nbucket House.till in House.bank\n"
                             "allow pay House.cash -> House.suppliers by clerk\nallow pay House.cash -> House.till by clerk when total(House.bank) > 0 USD\n";
  const auto compiled = compile(policy);
  REQUIRE(compiled.artefact);
  const auto loads = [&](std::size_t row, Index account_slot) {
    Moves moves = compiled.artefact->moves;
    moves.moves.at(row).account_slot = account_slot;
    const auto loaded = RuleTable::load(emit(moves));
    const auto* error = std::get_if<LoadError>(&loaded);
    CHECK((error == nullptr || error->message == "a row does not read the balances of its own buckets"));
    return error == nullptr;
  };
  const std::vector<Move>& moves = compiled.artefact->moves.moves;
  const std::size_t leaves = moves.at(0).account_slot != kNone ? 0 : 1, stays = 1 - leaves;
  const Index total = moves.at(leaves).account_slot;
  REQUIRE(total != kNone);
  CHECK(loads(leaves, total));
  CHECK_FALSE(loads(leaves, kNone));
  CHECK_FALSE(loads(leaves, moves[leaves].from_slot));
  CHECK(loads(stays, kNone));
  for (Index slot = 0; slot < moves[stays].slots.size(); ++slot) CHECK_FALSE(loads(stays, slot));
}

/// Moves that no policy has: emit writes them, load refuses them.
TEST_CASE("moves that break the rules of moves are refused") {
  const auto refusal = [](const auto& spoil) {
    Moves moves = sample::rich_moves();
    spoil(moves);
    const auto loaded = RuleTable::load(emit(moves));
    const auto* error = std::get_if<LoadError>(&loaded);
    return error == nullptr ? std::string("loaded") : error->message;
  };
  Move& (*release)(Moves&) = [](Moves& m) -> Move& { return m.moves[6]; };
  Node& (*guard)(Moves&) = [](Moves& m) -> Node& { return m.moves[6].allows[0].clauses[1].nodes[0]; };
  CHECK(refusal([](Moves&) {}) == "loaded");
  CHECK(refusal([&](Moves& m) { guard(m).test.terms[0].coefficient = std::int64_t{1} << 62; }) == "loaded");
  CHECK(refusal([&](Moves& m) { guard(m).test.constant = kInt128Max; }) == "a comparison could overflow");
  CHECK(refusal([&](Moves& m) { release(m).limits[0].clauses[0].nodes[0].test.terms[0].coefficient = std::int64_t{1} << 31; }) == "a comparison could overflow");
  CHECK(refusal([&](Moves& m) { guard(m).if_false = 0; }) == "a guard program does not go on to a later node");
  CHECK(refusal([&](Moves& m) { guard(m).test.terms[0].slot = 11; }) == "a term reads a slot that its row does not have");
  CHECK(refusal([&](Moves& m) { m.moves[6].allows[0].clauses[0].nodes[0].test.terms[0].slot = 1; }) == "a test of a mode reads something else");
  CHECK(refusal([&](Moves& m) { release(m).funds_slot = 2; }) == "a row does not read the balances of its own buckets");
  CHECK(refusal([&](Moves& m) { release(m).to_slot = kNone; }) == "a row does not read the balances of its own buckets");
  CHECK(refusal([&](Moves& m) { m.moves[7].funds_slot = 0; }) == "a row does not read the balances of its own buckets");
  CHECK(refusal([&](Moves& m) { release(m).limits.clear(); }) == "a row's windows are not those of its limits");
  CHECK(refusal([&](Moves& m) { std::swap(release(m).slots[6], release(m).slots[7]); }) == "a row's slots are not in their order");
  CHECK(refusal([&](Moves& m) { m.moves[2].slots[2].keys[0] = sample::from(0); }) == "a row does not read the balances of its own buckets");
  CHECK(refusal([&](Moves& m) { m.moves[1].slots[2].keys[0] = sample::to(0); }) == "a slot's key is not one that its move has");
  CHECK(refusal([&](Moves& m) { release(m).allows.clear(); }) == "a row has no allow rule");
  CHECK(refusal([&](Moves& m) { release(m).denies[0].passing_title = true; }) == "only an allow rule passes title");
  CHECK(refusal([&](Moves& m) { release(m).denies[0].statement = sample::kAllowPay; }) == "a row's statement is of another kind");
  const auto bring = [&](Moves& m, Brings brings) { release(m).allows[0].brings = brings; };
  const auto mode_slot = [&](Moves& m) {
    const auto& slots = release(m).slots;
    return static_cast<Index>(std::find_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::Mode; }) - slots.begin());
  };
  CHECK(refusal([&](Moves& m) { bring(m, {true, mode_slot(m), 1}); }) == "loaded");
  CHECK(refusal([&](Moves& m) { bring(m, {false, mode_slot(m), 0}); }) == "loaded");
  CHECK(refusal([&](Moves& m) { bring(m, {true, mode_slot(m), 3}); }) == "a rule brings a mode that its machine does not have");
  CHECK(refusal([&](Moves& m) { bring(m, {true, 0, 0}); }) == "a rule brings a change of a mode that its row does not read");
  CHECK(refusal([&](Moves& m) { bring(m, {true, static_cast<Index>(release(m).slots.size()), 0}); }) == "a rule brings a change of a mode that its row does not read");
  CHECK(refusal([&](Moves& m) { release(m).denies[0].brings = Brings{true, mode_slot(m), 0}; }) == "only an allow rule brings a change of mode, before or after");
  CHECK(refusal([&](Moves& m) { m.transitions[0].from_modes = 8; }) == "a transition's modes are wrong");
  const auto by_clock = [](Moves& m, std::size_t at, Mask from_modes, Index to_mode, std::int64_t within_ms = 1) {
    m.transitions[at] = {sample::kMarginMode, from_modes, to_mode, 0, {}, {m.transitions[at].guard.statement, false, {}}, Deadline{within_ms, kNone, 0}};
  };
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 2, 2); }) == "loaded");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 2, 0); by_clock(m, 0, 4, 0); }) == "loaded");
  CHECK(refusal([&](Moves& m) { m.transitions[1].deadline = Deadline{1, kNone, 0}; }) == "a transition's roles are wrong");
  CHECK(refusal([&](Moves& m) { m.transitions[1].roles = 0; }) == "a transition's roles are wrong");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 2, 2, -1); }) == "a deadline is before the mode is entered, or twice");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 1, 2); }) == "a deadline is not that of one mode, after the first");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 6, 0); }) == "a deadline is not that of one mode, after the first");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 2, 2); m.transitions[1].guard.clauses = {{"true", {}}}; }) == "a deadline has a condition");
  CHECK(refusal([&](Moves& m) { by_clock(m, 1, 2, 2); m.transitions[1].slots = m.transitions[0].slots; }) == "a deadline has a condition");
  CHECK(refusal([&](Moves& m) { by_clock(m, 0, 2, 2); by_clock(m, 1, 2, 0); }) == "a mode has two deadlines");
  CHECK(refusal([&](Moves& m) { by_clock(m, 0, 2, 2); by_clock(m, 1, 4, 1); }) == "deadlines lead round in a circle");
  CHECK(refusal([&](Moves& m) { by_clock(m, 0, 2, 1); }) == "deadlines lead round in a circle");
  const auto on_days = [&](Moves& m, std::vector<BusinessDay> days, Deadline deadline = {0, 0, 1}) {
    by_clock(m, 1, 2, 2);
    m.transitions[1].deadline = deadline;
    m.vocabulary.schedules = {{"18:00 of Desk", 10, std::move(days)}};
  };
  const std::vector<BusinessDay> two{{10, 20}, {21, 21}};
  CHECK(refusal([&](Moves& m) { on_days(m, two); }) == "loaded");
  CHECK(refusal([&](Moves& m) { on_days(m, {}, {0, 0, 250}); }) == "loaded");
  CHECK(refusal([&](Moves& m) { on_days(m, two, {1, 0, 0}); }) == "a deadline is before the mode is entered, or twice");
  CHECK(refusal([&](Moves& m) { on_days(m, two, {0, 1, 0}); }) == "a deadline has no such schedule or business day");
  CHECK(refusal([&](Moves& m) { on_days(m, two, {0, 0, 251}); }) == "a deadline has no such schedule or business day");
  CHECK(refusal([&](Moves& m) { on_days(m, two, {1, kNone, 1}); }) == "a deadline has no such schedule or business day");
  CHECK(refusal([&](Moves& m) { on_days(m, two); m.transitions[1].roles = 1; }) == "a transition's roles are wrong");
  for (const std::vector<BusinessDay>& wrong : {std::vector<BusinessDay>{{9, 20}}, {{10, 9}}, {{10, 20}, {20, 30}}, {{10, std::numeric_limits<std::int64_t>::max()}}})
    CHECK(refusal([&](Moves& m) { on_days(m, wrong); }) == "a business day is not after the one before, or ends before it begins");
  CHECK(refusal([&](Moves& m) { m.invariants.pop_back(); }) == "a statement is an invariant that is not there");
  CHECK(refusal([&](Moves& m) { m.invariants.push_back(m.invariants[1]); }) == "an invariant has no statement");
  CHECK(refusal([&](Moves& m) { std::swap(m.invariants[0], m.invariants[1]); }) == "invariants are not in the order of their statements");
  CHECK(refusal([&](Moves& m) { m.invariants[0].keys[0] = sample::kHouse; }) == "an invariant is for each of something that is not a many-entity");
  CHECK(refusal([&](Moves& m) { m.invariants[0].keys[1] = sample::kPosition; }) == "an invariant names an entity twice");
  CHECK(refusal([&](Moves& m) { m.invariants[0].keys.pop_back(); }) == "a slot's key is not one that its move has");
  CHECK(refusal([&](Moves& m) { m.invariants[0].slots[0].keys[0] = sample::to(1); }) == "a slot's key is not one that its move has");
  CHECK(refusal([&](Moves& m) { m.invariants[1].slots.insert(m.invariants[1].slots.begin(), Slot{}); }) == "an invariant reads something of a transfer");
  CHECK(refusal([&](Moves& m) { m.invariants[0].claim.statement = sample::kHalt; }) == "a row's statement is of another kind");
  CHECK(refusal([&](Moves& m) { m.invariants[0].claim.clauses[0].nodes[0].if_false = 0; }) == "a guard program does not go on to a later node");
  CHECK(refusal([&](Moves& m) { m.vocabulary.roles[1].name = "trader"; }) == "a name is declared twice");
  CHECK(refusal([&](Moves& m) { m.vocabulary.assets[1].text = "\xC3"; }) == "a text is not UTF-8 without NUL");
  CHECK(refusal([&](Moves& m) { m.vocabulary.facts[0].max = kAmountMax + 1; }) == "a fact's range is wrong");
  CHECK(refusal([&](Moves& m) { m.source_digest = "abc"; }) == "the source digest is not 64 hex digits");
}

/// Texts are looked at eight bytes at a time where they are ASCII: a wrong byte is found wherever it stands among them.
TEST_CASE("a text that is not UTF-8 without NUL is refused at any of its places") {
  const auto loads = [](const std::string& text) {
    Moves moves = sample::tiny_moves();
    moves.vocabulary.assets[0].text = text;
    return std::holds_alternative<RuleTable>(RuleTable::load(emit(moves)));
  };
  CHECK(loads(std::string(40, '\x01')));
  CHECK(loads(std::string(40, '\x7F')));
  for (std::size_t place = 0; place < 40; ++place) {
    for (const char wrong : {'\0', '\x80', '\xC3', '\xFF'}) {
      for (const char other : {'\x01', 'a', '\x7F'}) {
        std::string text(40, other);
        text[place] = wrong;
        CHECK_FALSE(loads(text));
      }
    }
    CHECK(loads(std::string(place, 'a') + "\xC3\xA9" + std::string(40, 'b')));
  }
}

}  // namespace
}  // namespace ringfence
