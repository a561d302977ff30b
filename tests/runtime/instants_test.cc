// SPDX-License-Identifier: Apache-2.0
// `now` in a decision (language reference, 6.10): compared to the millisecond, refused where it can't be written, and known from the transfer alone. And
// what of instants and durations a table may declare.
#include <catch2/catch.hpp>

#include <limits>

#include "compiler/passes.h"
#include "runtime/decide.h"
#include "runtime/gate.h"

namespace ringfence {
namespace {

constexpr std::int64_t kLockedUntil = 1'798'761'600'000;   // 2027-01-01T00:00:00Z

RuleTable load(const std::string& rules) {
  const std::string source = "policy \"test\" version \"1\"\nasset USD decimals 2\nrole desk\npurpose pay\nentity Client many\nentity House\nbucket Client.wallet\n"
                             "external Client.bank\nfact until of Client : instant\nfact notice of House : duration from -1 d to 90 d\nmode of system : open, closed\n" + rules;
  auto compiled = compile(source);
  INFO(render(compiled.diagnostics, "policy.rf", source));
  REQUIRE(compiled.artefact);
  return std::get<RuleTable>(RuleTable::load(std::move(compiled.artefact->table)));
}

/// A payment by alice of 1 USD from her bank, at a time, with her lock.
Decision at(const RuleTable& table, std::int64_t time_ms, Int128 until = kLockedUntil, Int128 notice = 0) {
  Transfer transfer{0, {1, 1, {7}}, {0, 1, {7}}, 0, 100, {}};
  transfer.authority = {1, 0, {}, 0, time_ms};
  const Needs needed = needs(table, transfer);
  std::vector<Value> values;
  for (const SlotView& slot : needed.slots) {
    CHECK((slot.kind != SlotKind::Now || !is_supplied(slot.kind)));
    values.push_back({slot.kind != SlotKind::Fact ? 0 : slot.target == 0 ? until : notice, time_ms, is_supplied(slot.kind)});
  }
  return decide(table, transfer, needed, values);
}

TEST_CASE("an instant is compared to the millisecond") {
  const RuleTable table = load("  open -> closed by desk when now >= until_all\nfact until_all : instant\nallow pay Client.bank -> Client.wallet by desk when now >= until\n");
  CHECK(at(table, kLockedUntil - 1).reason == Reason::Condition);
  CHECK(at(table, kLockedUntil).allowed());
  CHECK(at(table, kLockedUntil + 1).allowed());
  const RuleTable literal = load("allow pay Client.bank -> Client.wallet by desk when now < 2027-01-01T00:00:00Z\n");
  CHECK(at(literal, kLockedUntil - 1).allowed());
  CHECK(at(literal, kLockedUntil).reason == Reason::Condition);
}

TEST_CASE("a duration is what lies between") {
  const RuleTable table = load("allow pay Client.bank -> Client.wallet by desk when now - until >= notice + 1 s\n");
  constexpr Int128 kDay = 86'400'000;
  CHECK(at(table, kLockedUntil + 30 * kDay + 999, kLockedUntil, 30 * kDay).reason == Reason::Condition);
  CHECK(at(table, kLockedUntil + 30 * kDay + 1'000, kLockedUntil, 30 * kDay).allowed());
  CHECK(at(table, kLockedUntil - kDay + 1'000, kLockedUntil, -kDay).allowed());
  CHECK(at(table, kLockedUntil, kLockedUntil, -kDay - 1).reason == Reason::ValueOutOfRange);
}

TEST_CASE("a time that can't be written is out of range where `now` is read, and only there") {
  const RuleTable table = load("allow pay Client.bank -> Client.wallet by desk when now >= 1970-01-01T00:00:00Z\n");
  CHECK(at(table, kInstantMin).allowed());
  CHECK(at(table, kInstantMax).allowed());
  for (const std::int64_t time_ms : {kInstantMin - 1, kInstantMax + 1, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    const Decision decision = at(table, time_ms);
    CHECK(decision.reason == Reason::ValueOutOfRange);
    CHECK(table.slots(decision.move)[decision.slot].kind == SlotKind::Now);
  }
  CHECK(at(load("allow pay Client.bank -> Client.wallet by desk\n"), -1).allowed());
}

TEST_CASE("a table declares no instant and no duration that can't be written") {
  const auto loads = [](Int128 min, Int128 max, FactType type) {
    const std::string source = "policy \"test\" version \"1\"\nasset USD decimals 2\nrole desk\npurpose pay\nentity Client many\nbucket Client.wallet\nexternal Client.bank\n"
                               "fact until of Client : instant\nallow pay Client.bank -> Client.wallet by desk when until = until\n";
    Moves moves = compile(source).artefact->moves;
    moves.vocabulary.facts[0].type = type;
    moves.vocabulary.facts[0].min = min;
    moves.vocabulary.facts[0].max = max;
    return std::holds_alternative<RuleTable>(RuleTable::load(emit(moves)));
  };
  CHECK(loads(kInstantMin, kInstantMax, FactType::Instant));
  CHECK_FALSE(loads(kInstantMin - 1, kInstantMax, FactType::Instant));
  CHECK_FALSE(loads(kInstantMin, Int128{kInstantMax} + 1, FactType::Instant));
  CHECK(loads(-kDurationMax, kDurationMax, FactType::Duration));
  CHECK_FALSE(loads(-Int128{kDurationMax} - 1, kDurationMax, FactType::Duration));
  CHECK_FALSE(loads(-kDurationMax, Int128{kDurationMax} + 1, FactType::Duration));
}

TEST_CASE("the gate asks the time of the transfer, and of a change of mode") {
  const RuleTable table = load("  open -> closed by desk when now >= 2027-01-01T00:00:00Z\nallow pay Client.bank -> Client.wallet by desk when now >= until and mode of system is closed\n");
  Gate gate(table);
  REQUIRE(gate.set_fact({0, 1, {7}}, kLockedUntil + 5, 0));
  const auto change = [&](std::int64_t time_ms) { return gate.submit(GateModeChange{"c" + std::to_string(time_ms), {{0, 0, {}}, 1, {1, 0, {}, 0, time_ms}}, {}}).decision.reason; };
  const auto pay = [&](std::int64_t time_ms) { return gate.submit(GateTransfer{"p" + std::to_string(time_ms), {0, {1, 1, {7}}, {0, 1, {7}}, 0, 100, {1, 0, {}, 0, time_ms}}, {}}).decision.reason; };
  CHECK(change(kLockedUntil - 1) == Reason::Condition);
  CHECK(change(kLockedUntil) == Reason::Allowed);
  CHECK(pay(kLockedUntil + 4) == Reason::Condition);
  CHECK(pay(kLockedUntil + 5) == Reason::Allowed);
}

}  // namespace
}  // namespace ringfence
