// SPDX-License-Identifier: Apache-2.0
// Modes that end by themselves (language reference, 2.12): to the millisecond, through chains, beyond what a time can say, where nobody knows since when, in
// batches, and over a change of policy; by mode_in_force and by the gate.
#include <catch2/catch.hpp>

#include <limits>
#include <string>

#include "runtime/gate.h"
#include "runtime/mode_in_force.h"
#include "runtime/ringfence_c.h"
#include "tests/table_of.h"

using namespace ringfence;
using ringfence::test::table_of;

namespace {

constexpr std::int64_t kNow = 1'767'225'600'000, kHourMs = 3'600'000;   // 2026-01-01T00:00:00Z
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min(), kLatest = std::numeric_limits<std::int64_t>::max();
constexpr Index kCalm = 0, kCalled = 1, kLate = 2, kLost = 3;

const std::string kRules = R"(policy "Deadlines" version "1"
asset USD decimals 0
role ops
purpose pay
entity Client many
entity House
external House.bank
bucket Client.wallet
bucket House.till
mode of Client: calm, called, late, lost
  calm -> called by ops
  called -> calm by ops
allow pay House.bank -> Client.wallet by ops when mode of Client is called
allow pay Client.wallet -> House.till by ops when mode of Client is not lost
)";
std::string with_deadlines(const std::string& deadlines) {
  std::string text = kRules;
  return text.insert(text.find("allow"), deadlines);
}

const RuleTable& table() {
  static const RuleTable made = table_of(with_deadlines("  called must end within 24 h, else late\n  late must end within 1 h, else lost\n"));
  return made;
}

Instance client(std::uint64_t id) { return {0, 1, {id}}; }

struct Fixture {
  explicit Fixture(const RuleTable& rules = table()) : gate(rules) {}
  Reason change(Index to, std::int64_t time_ms) { return gate.submit(GateModeChange{next(), {client(7), to, {1, 0, {}, 0, time_ms}}, {}}).decision.reason; }
  GateTransfer transfer(bool to_client, std::int64_t time_ms, std::uint64_t id = 7) {
    const Instance bank{0, 0, {}}, till{2, 0, {}}, wallet{1, 1, {id}};
    return {next(), {0, to_client ? bank : wallet, to_client ? wallet : till, 0, 1, {1, 0, {}, 0, time_ms}}, {}};
  }
  Reason pay(bool to_client, std::int64_t time_ms) { return gate.submit(transfer(to_client, time_ms)).decision.reason; }
  std::string next() { return "id" + std::to_string(++count); }

  Gate gate;
  int count = 0;
};

}  // namespace

TEST_CASE("a mode is in force up to its deadline, and what it falls into is entered then") {
  const KeptMode called{kCalled, kNow};
  CHECK(mode_in_force(table(), 0, called, kNow + 24 * kHourMs) == called);
  CHECK(mode_in_force(table(), 0, called, kNow + 24 * kHourMs + 1) == KeptMode{kLate, kNow + 24 * kHourMs});
  CHECK(mode_in_force(table(), 0, called, kNow + 25 * kHourMs) == KeptMode{kLate, kNow + 24 * kHourMs});
  CHECK(mode_in_force(table(), 0, called, kNow + 25 * kHourMs + 1) == KeptMode{kLost, kNow + 25 * kHourMs});
  CHECK(mode_in_force(table(), 0, called, kLatest) == KeptMode{kLost, kNow + 25 * kHourMs});
  CHECK(mode_in_force(table(), 0, called, kEarliest) == called);   // one that is entered later than asked
  const auto due = deadline_of(table(), 0, called);
  REQUIRE(due);
  CHECK(due->due_ms == kNow + 24 * kHourMs);
  CHECK(due->to_mode == kLate);
  CHECK(table().statement(due->statement).text == "called must end within 24 h, else late");
}

TEST_CASE("a mode without a deadline needs no entry, one with a deadline can't be told without") {
  for (const Index mode : {kCalm, kLost}) {
    CHECK(mode_in_force(table(), 0, {mode, std::nullopt}, kNow) == KeptMode{mode, std::nullopt});
    CHECK_FALSE(deadline_of(table(), 0, {mode, kNow}));
  }
  CHECK_FALSE(mode_in_force(table(), 0, {kCalled, std::nullopt}, kNow));
  CHECK_FALSE(deadline_of(table(), 0, {kCalled, std::nullopt}));
  CHECK_FALSE(mode_in_force(table(), 0, {4, kNow}, kNow));
  CHECK_FALSE(mode_in_force(table(), 1, {0, kNow}, kNow));
  CHECK_FALSE(deadline_of(table(), 1, {kCalled, kNow}));
}

TEST_CASE("a deadline beyond what a time can say does not pass") {
  const KeptMode last{kCalled, kLatest - 24 * kHourMs + 1};
  CHECK(mode_in_force(table(), 0, last, kLatest) == last);
  CHECK(mode_in_force(table(), 0, {kCalled, kLatest - 25 * kHourMs}, kLatest) == KeptMode{kLate, kLatest - kHourMs});
  CHECK(mode_in_force(table(), 0, {kCalled, kEarliest}, 0) == KeptMode{kLost, kEarliest + 25 * kHourMs});
}

TEST_CASE("the gate decides transfers and changes of mode by the mode in force") {
  Fixture f;
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  CHECK(f.pay(true, kNow + 24 * kHourMs) == Reason::Allowed);
  CHECK(f.pay(true, kNow + 24 * kHourMs + 1) == Reason::Condition);
  CHECK(f.change(kCalm, kNow + 24 * kHourMs + 1) == Reason::NoTransition);
  CHECK(f.pay(false, kNow + 25 * kHourMs) == Reason::Allowed);
  CHECK(f.gate.mode(client(7)) == kLate);   // when the last was applied
  CHECK(f.gate.mode(client(7), kNow + 25 * kHourMs + 1) == kLost);
  CHECK(f.gate.kept_mode(client(7)) == KeptMode{kCalled, kNow});
  CHECK(f.pay(false, kNow + 25 * kHourMs + 1) == Reason::Condition);
}

TEST_CASE("who leaves a mode in time is free of its deadline, and a new entry counts anew") {
  Fixture f;
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  REQUIRE(f.change(kCalm, kNow + 24 * kHourMs) == Reason::Allowed);
  CHECK(f.gate.mode(client(7), kLatest) == kCalm);
  REQUIRE(f.change(kCalled, kNow + 30 * kHourMs) == Reason::Allowed);
  CHECK(f.pay(true, kNow + 54 * kHourMs) == Reason::Allowed);
  CHECK(f.pay(true, kNow + 54 * kHourMs + 1) == Reason::Condition);
}

TEST_CASE("nobody can ask for what a deadline does") {
  Fixture f;
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  CHECK(f.change(kLate, kNow + 1) == Reason::NoTransition);
  CHECK(f.change(kLate, kNow + 24 * kHourMs + 1) == Reason::NoTransition);
}

TEST_CASE("an opening mode with a deadline says since when") {
  Fixture f;
  CHECK_FALSE(f.gate.open_mode(client(7), kCalled));
  CHECK(f.gate.open_mode(client(8), kLost));
  REQUIRE(f.gate.open_mode(client(7), kCalled, kNow));
  CHECK(f.gate.mode(client(7)) == kCalled);   // nothing has been applied
  CHECK(f.pay(true, kNow + 24 * kHourMs + 1) == Reason::Condition);
  CHECK(f.pay(true, kNow + 24 * kHourMs) == Reason::Allowed);
}

TEST_CASE("no deadline passes within a batch") {
  Fixture f;
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  const std::vector<GateTransfer> in_time{f.transfer(true, kNow + 24 * kHourMs), f.transfer(true, kNow + 30 * kHourMs)};
  for (const GateAnswer& answer : f.gate.submit_batch("b1", in_time)) CHECK(answer.decision.allowed());
  CHECK(f.gate.mode(client(7)) == kLost);   // after it
  const std::vector<GateTransfer> late{f.transfer(true, kNow + 30 * kHourMs)};
  CHECK(f.gate.submit_batch("b2", late)[0].decision.reason == Reason::Condition);
}

TEST_CASE("a policy that comes into force finds what deadlines have done, and its own count from the entry") {
  const RuleTable without = table_of(kRules), shorter = table_of(with_deadlines("  called must end within 2 h, else lost\n"));
  Fixture f;
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  REQUIRE(f.pay(true, kNow + kHourMs) == Reason::Allowed);
  REQUIRE_FALSE(f.gate.change_policy(shorter));
  CHECK(f.gate.kept_mode(client(7)) == KeptMode{kCalled, kNow});
  CHECK(f.pay(true, kNow + 2 * kHourMs) == Reason::Allowed);
  CHECK(f.pay(true, kNow + 2 * kHourMs + 1) == Reason::Condition);
  Fixture g;
  REQUIRE(g.gate.open_balance({1, 1, {8}}, 0, 1));
  REQUIRE(g.change(kCalled, kNow) == Reason::Allowed);
  REQUIRE(g.gate.submit(g.transfer(false, kNow + 24 * kHourMs + 1, 8)).decision.allowed());
  REQUIRE_FALSE(g.gate.change_policy(without));
  CHECK(g.gate.kept_mode(client(7)) == KeptMode{kLate, kNow + 24 * kHourMs});   // what has ended stays ended
  CHECK(g.gate.mode(client(7), kLatest) == kLate);
}

TEST_CASE("where a new policy gives a deadline to a mode of which nobody knows since when, what reads it is denied") {
  const RuleTable without = table_of(kRules);
  Fixture f(without);
  REQUIRE(f.gate.open_mode(client(7), kCalled));
  CHECK(f.pay(true, kNow) == Reason::Allowed);
  REQUIRE_FALSE(f.gate.change_policy(table()));
  CHECK(f.pay(true, kNow) == Reason::ValueMissing);
  CHECK(f.change(kCalm, kNow) == Reason::ValueMissing);
  CHECK(f.gate.mode(client(7)) == kNone);
}

TEST_CASE("a cut-off is that of the business day that the deadline says, and none is told beyond the calendar") {
  const std::string calendar = "calendar Desk in \"UTC\" closed saturday, sunday from 2026 to 2026\n";
  const auto due = [&](const std::string& when, std::int64_t entered_ms) {
    std::string text = with_deadlines("  called must end by 18:00 on " + when + " of Desk, else late\n");
    const RuleTable rules = table_of(text.insert(text.find("mode of Client:"), calendar));
    const auto found = deadline_of(rules, 0, {kCalled, entered_ms});
    CHECK(mode_in_force(rules, 0, {kCalled, entered_ms}, entered_ms).has_value() == found.has_value());
    return found ? std::optional((found->due_ms - kNow) / kHourMs) : std::nullopt;
  };
  const auto at = [](std::int64_t days, std::int64_t hours) { return kNow + (24 * days + hours) * kHourMs; };   // from Thursday, 2026-01-01, on
  CHECK(due("the same business day", at(0, 0)) == 18);
  CHECK(due("the same business day", at(0, 18)) == 18);
  CHECK(due("the same business day", at(0, 18) + 1) == 24 + 18);
  CHECK(due("the same business day", at(1, 19)) == 4 * 24 + 18);   // from Friday evening to Monday
  CHECK(due("the same business day", at(2, 9)) == 4 * 24 + 18);    // from Saturday
  CHECK(due("the next business day", at(0, 0)) == 24 + 18);
  CHECK(due("the next business day", at(0, 23)) == 24 + 18);
  CHECK(due("the next business day", at(1, 12)) == 4 * 24 + 18);
  CHECK(due("the next business day", at(2, 12)) == 4 * 24 + 18);
  CHECK(due("business day 1", at(0, 12)) == 24 + 18);
  CHECK(due("business day 3", at(0, 12)) == 5 * 24 + 18);
  CHECK_FALSE(due("the same business day", kNow - 1));
  CHECK(due("the same business day", at(364, 18)) == 364 * 24 + 18);
  CHECK_FALSE(due("the same business day", at(364, 18) + 1));
  CHECK(due("the next business day", at(363, 12)) == 364 * 24 + 18);
  CHECK_FALSE(due("the next business day", at(364, 0)));
  CHECK_FALSE(due("business day 2", at(363, 0)));
}

TEST_CASE("where a calendar does not reach, what reads the mode is denied") {
  std::string text = with_deadlines("  called must end by 18:00 on the next business day of Desk, else late\n");
  const RuleTable rules = table_of(text.insert(text.find("mode of Client:"), "calendar Desk in \"UTC\" from 2025 to 2025\n"));
  Fixture f(rules);
  REQUIRE(f.change(kCalled, kNow) == Reason::Allowed);
  CHECK(f.pay(true, kNow) == Reason::ValueMissing);
  CHECK(f.change(kCalm, kNow) == Reason::ValueMissing);
}

TEST_CASE("C says of deadlines what C++ says") {
  const auto* rules = reinterpret_cast<const ringfence_table*>(&table());
  ringfence_kept_mode kept{sizeof kept, kCalled, 1, 0, kNow}, now{sizeof now, 0, 0, 0, 0};
  for (const std::int64_t later : {std::int64_t{0}, 24 * kHourMs, 24 * kHourMs + 1, 25 * kHourMs + 1}) {
    REQUIRE(ringfence_mode_in_force(rules, 0, &kept, kNow + later, &now) == RINGFENCE_OK);
    const auto expected = mode_in_force(table(), 0, {kCalled, kNow}, kNow + later);
    REQUIRE(expected);
    CHECK(now.mode == expected->mode);
    CHECK(now.has_entry == 1);
    CHECK(now.entered_ms == expected->entered_ms);
  }
  kept.has_entry = 0;
  CHECK(ringfence_mode_in_force(rules, 0, &kept, kNow, &now) == RINGFENCE_OK);
  CHECK(now.mode == RINGFENCE_NONE);
  kept.mode = kLost;
  CHECK(ringfence_mode_in_force(rules, 0, &kept, kNow, &now) == RINGFENCE_OK);
  CHECK(now.mode == kLost);
  CHECK(now.has_entry == 0);

  ringfence_gate* gate = nullptr;
  REQUIRE(ringfence_gate_create(rules, &gate) == RINGFENCE_OK);
  const ringfence_instance subject{0, 1, {7, 0, 0, 0}};
  uint32_t mode = 0;
  CHECK(ringfence_gate_open_mode(gate, &subject, kCalled) == RINGFENCE_REFUSED);
  CHECK(ringfence_gate_open_mode_since(gate, &subject, kCalled, kNow) == RINGFENCE_OK);
  CHECK(ringfence_gate_mode(gate, &subject, &mode) == RINGFENCE_OK);
  CHECK(mode == kCalled);
  CHECK(ringfence_gate_mode_at(gate, &subject, kNow + 24 * kHourMs + 1, &mode) == RINGFENCE_OK);
  CHECK(mode == kLate);
  ringfence_gate_free(gate);
}
