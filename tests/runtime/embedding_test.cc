// SPDX-License-Identifier: Apache-2.0
// What embedders rely on beside single decisions: C answers as C++ does, many decisions are the single ones, a table in place is the
// same as a copy, snapshots keep a replaced table, and the versions are those that the documents name.
#include <catch2/catch.hpp>

#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <random>

#include "compiler/passes.h"
#include "runtime/ringfence.h"
#include "runtime/ringfence_c.h"
#include "tests/runtime/sample_moves.h"

namespace ringfence {
namespace {

using namespace sample;

RuleTable load_rich() { return std::get<RuleTable>(RuleTable::load(emit(rich_moves()))); }

// ---- random cases on the rich sample: near enough to its rows that every reason but those of a gate occurs

struct Case {
  std::vector<Approval> approvals;
  std::vector<Value> values;
  Transfer transfer;
};

class Cases {
 public:
  explicit Cases(unsigned seed) : random_(seed) {}

  Case next(const RuleTable& table) {
    Case made;
    const Moves& moves = moves_;
    const Move& move = moves.moves[draw(moves.moves.size())];
    made.transfer = {move.purpose, instance(move.from), instance(move.to), move.asset, amount(), {}};
    if (draw(16) == 0) made.transfer.purpose = static_cast<Index>(draw(7));
    if (draw(16) == 0) std::swap(made.transfer.from, made.transfer.to);
    if (draw(32) == 0) made.transfer.to = made.transfer.from;
    if (draw(32) == 0) made.transfer.to.id_count ^= 1;
    if (draw(32) == 0) made.transfer.from.ids[3] = 1;
    for (std::size_t i = draw(4); i != 0; --i) made.approvals.push_back({draw(3), Mask{1} << draw(draw(16) == 0 ? 7 : 5)});
    if (draw(64) == 0) made.approvals.resize(33 + draw(3));
    made.transfer.authority = {draw(3), static_cast<Index>(draw(6)), made.approvals, draw(draw(16) == 0 ? 8 : 4), kTime};
    if (draw(4) != 0) made.transfer.authority.role = static_cast<Index>(std::countr_zero(move.roles));
    for (std::size_t i = needs(table, made.transfer).slots.size(); i != 0; --i) made.values.push_back(value());
    if (!made.values.empty() && draw(32) == 0) made.values.pop_back();
    return made;
  }

 private:
  static constexpr std::int64_t kTime = 1'767'258'000'000;   // 2026-01-01T09:00:00Z

  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  Int128 amount() { return draw(32) == 0 ? (draw(2) == 0 ? Int128{0} : kAmountMax + 1) : draw(16) == 0 ? kAmountMax : static_cast<Int128>(1 + draw(6'000'000)); }
  Instance instance(Index bucket) {
    Instance made{bucket, static_cast<std::uint8_t>(moves_.vocabulary.buckets[bucket].keys.size()), {}};
    for (std::size_t i = 0; i < made.id_count; ++i) made.ids[i] = 1 + draw(8) / 7;
    return made;
  }
  Value value() {
    const Int128 numbers[] = {0, 0, 1, 2, 1'000'000, 5'000'000, 10'000'000, kAmountMax, -1};
    return {numbers[draw(draw(8) == 0 ? 9 : 7)], kTime - static_cast<std::int64_t>(draw(16) == 0 ? 20'000 : 0), draw(64) != 0};
  }

  std::mt19937_64 random_;
  Moves moves_ = rich_moves();
};

// ---- the same cases in C

ringfence_number c_number(Int128 number) { return {static_cast<std::uint64_t>(number), static_cast<std::int64_t>(number >> 64)}; }

ringfence_instance c_instance(const Instance& instance) {
  ringfence_instance made{instance.target, instance.id_count, {}};
  std::ranges::copy(instance.ids, made.ids);
  return made;
}

struct CCase {
  explicit CCase(const Case& from) {
    for (const Approval& approval : from.approvals) approvals.push_back({sizeof(ringfence_approval), 0, approval.person, approval.roles});
    for (const Value& value : from.values) values.push_back({sizeof(ringfence_value), value.present ? 1u : 0u, c_number(value.number), value.observed_ms});
    const Authority& authority = from.transfer.authority;
    transfer = {sizeof transfer, from.transfer.purpose, c_instance(from.transfer.from), c_instance(from.transfer.to), c_number(from.transfer.amount),
                from.transfer.asset, authority.role, authority.person, authority.evidence, authority.time_ms, approvals.data(),
                static_cast<std::uint32_t>(approvals.size()), 0};
  }
  std::vector<ringfence_approval> approvals;
  std::vector<ringfence_value> values;
  ringfence_transfer transfer;
};

bool is_same(const ringfence_decision& c, const Decision& decision) {
  return c.allowed == (decision.allowed() ? 1u : 0u) && c.reason == static_cast<std::uint32_t>(decision.reason) && c.statement == decision.statement &&
         c.clause == decision.clause && c.slot == decision.slot && c.row == decision.move;
}

bool is_same(const ringfence_slot& c, const SlotView& slot, const Transfer& transfer) {
  bool same = c.kind == static_cast<std::uint32_t>(slot.kind) && c.target == slot.target && c.asset == slot.asset && c.id_count == slot.keys.size() &&
              c.supplied == (is_supplied(slot.kind) ? 1u : 0u) && std::ranges::equal(c.ids, slot_ids(slot, transfer.from, transfer.to));
  for (std::size_t i = 0; i < slot.keys.size(); ++i) same = same && (c.summed >> i & 1) == (slot.keys[i] == kKeySummed ? 1u : 0u);
  return same;
}

TEST_CASE("C decides as C++ does") {
  auto* const c_table = reinterpret_cast<ringfence_table*>(new RuleTable(load_rich()));
  const auto& table = *reinterpret_cast<const RuleTable*>(c_table);
  Cases cases(20261125);
  std::array<int, static_cast<std::size_t>(Reason::Batch) + 1> seen{};
  for (int round = 0; round < 50'000; ++round) {
    const Case one = cases.next(table);
    const CCase c(one);
    const Needs needed = needs(table, one.transfer);
    ringfence_needs c_needs{sizeof c_needs, 0, 0, 0, 0};
    std::array<ringfence_slot, kSlotsMax> slots{};
    slots[0].size = sizeof slots[0];
    REQUIRE(ringfence_get_needs(c_table, &c.transfer, &c_needs, slots.data(), slots.size()) == RINGFENCE_OK);
    REQUIRE((c_needs.row == needed.row && c_needs.slot_count == needed.slots.size()));
    for (std::size_t i = 0; i < needed.slots.size(); ++i) REQUIRE(is_same(slots[i], needed.slots[i], one.transfer));
    for (const Floors floors : {Floors::Check, Floors::Defer}) {
      const Decision decision = decide(table, one.transfer, needed, one.values, floors);
      ringfence_decision c_decision{sizeof c_decision, 0, 0, 0, 0, 0, 0, 0};
      const std::uint32_t c_floors = floors == Floors::Check ? RINGFENCE_CHECK_FLOORS : RINGFENCE_DEFER_FLOORS;
      REQUIRE(ringfence_decide(c_table, &c.transfer, &c_needs, c.values.data(), c.values.size(), c_floors, &c_decision) == RINGFENCE_OK);
      REQUIRE(is_same(c_decision, decision));
      ++seen[static_cast<std::size_t>(decision.reason)];
    }
    ringfence_decision c_floor{sizeof c_floor, 0, 0, 0, 0, 0, 0, 0};
    REQUIRE(ringfence_decide_floors(c_table, &c.transfer, &c_needs, c.values.data(), c.values.size(), &c_floor) == RINGFENCE_OK);
    REQUIRE(is_same(c_floor, decide_floors(table, one.transfer, needed, one.values)));
  }
  for (std::size_t reason = 0; reason < seen.size(); ++reason) {
    const auto which = static_cast<Reason>(reason);
    const bool by_gate = which == Reason::TimeWentBack || which == Reason::Batch || which == Reason::NoTransition;
    CAPTURE(reason_word(which));
    CHECK((seen[reason] > 0) == !by_gate);
  }
  ringfence_table_free(c_table);
}

TEST_CASE("many decisions are the single ones, in C++ and in C") {
  auto* const c_table = reinterpret_cast<ringfence_table*>(new RuleTable(load_rich()));
  const auto& table = *reinterpret_cast<const RuleTable*>(c_table);
  Cases cases(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Case> made;
    for (int i = 0; i < 50; ++i) {
      made.push_back(cases.next(table));
      made.back().values.resize(needs(table, made.back().transfer).slots.size());
    }
    std::vector<Transfer> transfers;
    std::vector<CCase> c_cases;
    std::vector<ringfence_transfer> c_transfers;
    std::vector<Value> values;
    std::vector<ringfence_value> c_values;
    for (const Case& one : made) {
      transfers.push_back(one.transfer);
      values.insert(values.end(), one.values.begin(), one.values.end());
      c_cases.emplace_back(one);
      c_transfers.push_back(c_cases.back().transfer);
      c_values.insert(c_values.end(), c_cases.back().values.begin(), c_cases.back().values.end());
    }
    std::vector<Needs> needed(transfers.size());
    std::vector<Decision> decisions(transfers.size());
    REQUIRE(needs_many(table, transfers, needed) == transfers.size());
    REQUIRE(decide_many(table, transfers, needed, values, decisions) == transfers.size());
    std::vector<ringfence_needs> c_needs(transfers.size());
    std::vector<ringfence_decision> c_decisions(transfers.size());
    c_needs[0].size = sizeof c_needs[0];
    c_decisions[0].size = sizeof c_decisions[0];
    std::size_t slot_count = 0;
    REQUIRE(ringfence_get_needs_many(c_table, c_transfers.data(), c_transfers.size(), c_needs.data(), nullptr, 0, &slot_count) == RINGFENCE_OK);
    REQUIRE(slot_count == values.size());
    REQUIRE(ringfence_decide_many(c_table, c_transfers.data(), c_needs.data(), c_transfers.size(), c_values.data(), c_values.size(), c_decisions.data()) == RINGFENCE_OK);
    for (std::size_t i = 0; i < made.size(); ++i) {
      REQUIRE(decisions[i] == decide(table, made[i].transfer, needs(table, made[i].transfer), made[i].values));
      REQUIRE(is_same(c_decisions[i], decisions[i]));
    }
    decisions.resize(10);
    REQUIRE(decide_many(table, transfers, needed, values, decisions) == 10);
    REQUIRE(needs_many(table, std::span(transfers).first(3), needed) == 3);
  }
  ringfence_table_free(c_table);
}

// ---- tables

struct Aligned {
  explicit Aligned(std::size_t size) : bytes(static_cast<std::byte*>(::operator new(size, std::align_val_t{RuleTable::kAlignment}))) {}
  ~Aligned() { ::operator delete(bytes, std::align_val_t{RuleTable::kAlignment}); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  std::byte* bytes;
};

TEST_CASE("a table in place reads the caller's bytes and says the same") {
  const std::vector<std::byte> bytes = emit(rich_moves());
  const Aligned kept(bytes.size() + RuleTable::kAlignment);
  std::memcpy(kept.bytes, bytes.data(), bytes.size());
  auto loaded = RuleTable::load_in_place({kept.bytes, bytes.size()});
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  const RuleTable table = std::get<RuleTable>(std::move(loaded));
  const RuleTable copy = load_rich();
  CHECK(table.bytes().data() == kept.bytes);
  CHECK(table.policy_name().data() > reinterpret_cast<const char*>(kept.bytes));
  CHECK(table.policy_name().data() < reinterpret_cast<const char*>(kept.bytes + bytes.size()));
  CHECK(table.serial() != copy.serial());
  Cases cases(3);
  for (int i = 0; i < 1000; ++i) {
    const Case one = cases.next(table);
    REQUIRE(decide(table, one.transfer, needs(table, one.transfer), one.values) == decide(copy, one.transfer, needs(copy, one.transfer), one.values));
  }
  for (std::size_t off = 1; off < RuleTable::kAlignment; ++off) {
    std::memmove(kept.bytes + off, bytes.data(), bytes.size());
    const auto crooked = RuleTable::load_in_place({kept.bytes + off, bytes.size()});
    REQUIRE(std::holds_alternative<LoadError>(crooked));
    CHECK(std::get<LoadError>(crooked).offset == 0);
    CHECK(std::get<LoadError>(crooked).message == "the table does not begin at a multiple of 16 bytes in memory");
  }
}

TEST_CASE("everything with a name is found by it") {
  const RuleTable table = load_rich();
  for (Index i = 0; i < table.account_count(); ++i) CHECK(table.find_account(table.account(i).name) == i);
  for (Index i = 0; i < table.entity_count(); ++i) CHECK(table.find_entity(table.entity(i).name) == i);
  for (Index i = 0; i < table.machine_count(); ++i) CHECK(table.find_machine(table.machine_name(i)) == i);
  CHECK(table.find_account("Client") == kNone);
  CHECK(table.find_entity("Client.vault") == kNone);
}

TEST_CASE("a snapshot keeps its table while that is replaced, and no longer") {
  LiveTable live(load_rich());
  LiveTable::Reader reader(live), other(live);
  const std::uint64_t first = reader.snapshot()->serial();
  {
    const auto snapshot = reader.snapshot();
    live.replace(load_rich());
    CHECK(snapshot->serial() == first);
    CHECK(snapshot->policy_name() == "Rich \xE2\x82\xAC");
    CHECK(live.collect() == 1);
    const auto nested = reader.snapshot();
    CHECK(nested->serial() == first);
    const auto newer = other.snapshot();
    CHECK(newer->serial() == first + 1);
    live.replace(std::get<RuleTable>(RuleTable::load(emit(tiny_moves()))));
    CHECK(live.collect() == 2);
    CHECK(newer->serial() == first + 1);
  }
  CHECK(live.collect() == 0);
  CHECK(reader.snapshot()->policy_name() == "Tiny");
}

// ---- versions

std::string first_line(const char* file) {
  std::ifstream document(std::string(SOURCE_DIR) + file);
  std::string line;
  std::getline(document, line);
  return line;
}

TEST_CASE("the documents name the versions that the library says") {
  ringfence_versions versions{sizeof versions, 0, 0, 0, 0, 0, 0, 0};
  REQUIRE(ringfence_get_versions(&versions) == RINGFENCE_OK);
  CHECK(first_line("/grammar/language.md") == "# The Ringfence language, " + std::to_string(versions.language_major) + "." + std::to_string(versions.language_minor));
  CHECK(first_line("/runtime/rule_table.md") == "# The rule table, version " + std::to_string(versions.table));
  std::ifstream document(SOURCE_DIR "/runtime/README.md");
  const std::string readme{std::istreambuf_iterator<char>(document), {}};
  const auto minor_version = [](std::uint32_t major, std::uint32_t minor) { return std::to_string(major) + "." + std::to_string(minor); };
  const std::string library = minor_version(versions.library_major, versions.library_minor);
  CHECK(readme.find("| the library | " + library + "." + std::to_string(versions.library_patch) + " |") != std::string::npos);
  CHECK(readme.find("| the table format | " + std::to_string(versions.table) + " |") != std::string::npos);
  CHECK(readme.find("| the language | " + minor_version(versions.language_major, versions.language_minor) + " |") != std::string::npos);
  CHECK(readme.find("`RINGFENCE_CXX_" + library + "`") != std::string::npos);
  CHECK(readme.find("`libringfence.so." + std::to_string(versions.library_major) + "`") != std::string::npos);
}

}  // namespace
}  // namespace ringfence
