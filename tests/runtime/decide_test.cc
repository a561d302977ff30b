// SPDX-License-Identifier: Apache-2.0
// Decisions on the rich sample: language reference, section 8, clause by clause, with every reason and both sides of each
// boundary. A case is the allowed transfer with one thing changed.
#include <catch2/catch.hpp>

#include <functional>
#include <limits>

#include "compiler/passes.h"
#include "runtime/decide.h"
#include "tests/runtime/sample_moves.h"

namespace ringfence {
namespace {

using namespace sample;

constexpr std::int64_t kNineOClock = 1'767'258'000'000;   // 2026-01-01T09:00:00Z
constexpr std::uint64_t kAlice = 1, kBob = 2, kEve = 3, kAnn = 4, kPositionOne = 11, kPositionTwo = 12;

const RuleTable& table() {
  static const RuleTable loaded = std::get<RuleTable>(RuleTable::load(emit(rich_moves())));
  return loaded;
}

/// One transfer with all that it is decided on. Values are numbered as the move's slots are.
struct Case {
  Transfer transfer;
  std::vector<Approval> approvals;
  std::vector<Value> values;
  Floors floors = Floors::Check;

  Needs needed() {
    transfer.authority.approvals = approvals;
    return needs(table(), transfer);
  }
  Decision decision() { return decide(table(), transfer, needed(), values, floors); }
};
using Change = std::function<void(Case&)>;

Instance margin_of(std::uint64_t client, std::uint64_t position) { return {kMargin, 2, {client, position, 0, 0}}; }
Instance of_client(Index bucket, std::uint64_t client) { return {bucket, 1, {client, 0, 0, 0}}; }
Instance alone(Index bucket) { return {bucket, 0, {}}; }
Value value(Int128 number) { return {number, 0, true}; }

/// 1 USDC of 10 out of margin that must keep 5, approved by two.
Case release() {
  Case c;
  c.transfer = {kRelease, margin_of(kAlice, kPositionOne), of_client(kWallet, kAlice), kUsdc, 1'000'000, {}};
  c.transfer.authority.person = kAlice;
  c.transfer.authority.role = kTrader;
  c.transfer.authority.time_ms = kNineOClock;
  c.approvals = {{kBob, Mask{1} << kTreasurer}, {kEve, Mask{1} << kCfo}};
  // amount, approvals, wallet, margin, total, vault, maintenance, haircut, system mode, margin mode, used
  c.values = {{}, {}, value(0), value(10'000'000), value(10'000'000), value(10'000'000), {5'000'000, kNineOClock, true}, {0, kNineOClock, true}, value(0), value(0), value(0)};
  return c;
}

/// 1 USDC from outside, with evidence, by day.
Case deposit() {
  Case c;
  c.transfer = {kDeposit, of_client(kClientBank, kAlice), of_client(kWallet, kAlice), kUsdc, 1'000'000, {}};
  c.transfer.authority.role = kTrader;
  c.transfer.authority.evidence = Mask{1} << kAcknowledgement;
  c.transfer.authority.time_ms = kNineOClock;
  c.values = {{}, {}, {}, value(0), value(0), value(0)};   // amount, time, evidence, wallet, consent, used
  return c;
}

/// 100 satoshi from the pool, which may overdraw, to a supplier.
Case pay() {
  Case c;
  c.transfer = {kPay, alone(kPool), alone(kSuppliers), kBtc, 100, {}};
  c.transfer.authority.role = kTreasurer;
  c.values = {value(0), value(1000), value(50)};   // pool, account, holidays
  return c;
}

Decision decide_with(Case c, const Change& change) {
  change(c);
  return c.decision();
}

TEST_CASE("what is allowed is allowed by the first rule that holds") {
  CHECK(release().decision() == Decision{Reason::Allowed, kAllowRelease, kNone, kNone, 6});
  CHECK(deposit().decision() == Decision{Reason::Allowed, kAllowDeposit, kNone, kNone, 0});
  CHECK(pay().decision() == Decision{Reason::Allowed, kAllowPay, kNone, kNone, 7});
}

TEST_CASE("8.1 names, form, amount, same instance") {
  struct Row { const char* what; Reason reason; Change change; };
  const Row rows[] = {
      {"purpose", Reason::UnknownName, [](Case& c) { c.transfer.purpose = 5; }},
      {"no purpose", Reason::UnknownName, [](Case& c) { c.transfer.purpose = kNone; }},
      {"asset", Reason::UnknownName, [](Case& c) { c.transfer.asset = 2; }},
      {"from", Reason::UnknownName, [](Case& c) { c.transfer.from.target = 6; }},
      {"to", Reason::UnknownName, [](Case& c) { c.transfer.to.target = kNone; }},
      {"role", Reason::UnknownName, [](Case& c) { c.transfer.authority.role = 5; }},
      {"role beyond a mask", Reason::UnknownName, [](Case& c) { c.transfer.authority.role = 64; }},
      {"evidence", Reason::UnknownName, [](Case& c) { c.transfer.authority.evidence = 4; }},
      {"an id missing", Reason::Malformed, [](Case& c) { c.transfer.from.id_count = 1; c.transfer.from.ids[1] = 0; }},
      {"an id too many", Reason::Malformed, [](Case& c) { c.transfer.to.id_count = 2; }},
      {"far too many ids", Reason::Malformed, [](Case& c) { c.transfer.to.id_count = 255; }},
      {"an id in an unused place", Reason::Malformed, [](Case& c) { c.transfer.to.ids[3] = 9; }},
      {"33 approvals", Reason::Malformed, [](Case& c) { c.approvals.resize(33); }},
      {"a role that is not one", Reason::Malformed, [](Case& c) { c.approvals[0].roles |= Mask{1} << 5; }},
      {"amount 0", Reason::AmountOutOfRange, [](Case& c) { c.transfer.amount = 0; }},
      {"amount -1", Reason::AmountOutOfRange, [](Case& c) { c.transfer.amount = -1; }},
      {"amount 2^96", Reason::AmountOutOfRange, [](Case& c) { c.transfer.amount = kAmountMax + 1; }},
      {"same instance", Reason::SameInstance, [](Case& c) { c.transfer.to = c.transfer.from; }},
      {"names before form", Reason::UnknownName, [](Case& c) { c.transfer.purpose = 5; c.transfer.to.id_count = 2; }},
      {"form before amount", Reason::Malformed, [](Case& c) { c.transfer.amount = 0; c.transfer.to.id_count = 2; }},
      {"amount before same instance", Reason::AmountOutOfRange, [](Case& c) { c.transfer.amount = 0; c.transfer.to = c.transfer.from; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(decide_with(release(), row.change) == Decision{row.reason, kNone, kNone, kNone, kNone});
  }
  CHECK(decide_with(release(), [](Case& c) { c.approvals.resize(32); }).allowed());
}

TEST_CASE("8.2 no allow rule speaks of it") {
  const Change changes[] = {
      [](Case& c) { c.transfer.purpose = kPay; },
      [](Case& c) { c.transfer.asset = kBtc; },
      [](Case& c) { c.transfer.authority.role = kLiquidator; },
      [](Case& c) { c.transfer.to = alone(kFees); },
      [](Case& c) { std::swap(c.transfer.from, c.transfer.to); },
      [](Case& c) { c.transfer.to.ids[0] = kBob; },                          // another client
      [](Case& c) { c.transfer.to = margin_of(kAlice, kPositionTwo); },
  };
  for (const Change& change : changes) CHECK(decide_with(release(), change) == Decision{Reason::NoRule, kNone, kNone, kNone, kNone});
  CHECK(decide_with(release(), [](Case& c) { c.transfer.authority.role = kRiskEngine; }).allowed());
}

TEST_CASE("4.3 the same and another client lead to different rows") {
  Transfer transfer{kAllocate, of_client(kWallet, kAlice), margin_of(kAlice, kPositionOne), kUsdc, 1, {}};
  transfer.authority.role = kTrader;
  CHECK(needs(table(), transfer).row == 1);
  transfer.to.ids[0] = kBob;
  const Needs other = needs(table(), transfer);
  CHECK(other.row == 2);
  CHECK(slot_ids(other.slots[1], transfer.from, transfer.to) == Ids{kAlice, 0, 0, 0});
  CHECK(slot_ids(other.slots[2], transfer.from, transfer.to) == Ids{kBob, kPositionOne, 0, 0});
  CHECK(slot_ids(other.slots[3], transfer.from, transfer.to) == Ids{});                        // summed over
}

TEST_CASE("one asset's roles are told apart, and so are assets") {
  Transfer transfer{kFee, of_client(kWallet, kAlice), alone(kFees), kUsdc, 1, {}};
  const auto row_of = [&](Index asset, Index role) {
    transfer.asset = asset;
    transfer.authority.role = role;
    return needs(table(), transfer).row;
  };
  CHECK(row_of(kUsdc, kRiskEngine) == 3);
  CHECK(row_of(kUsdc, kTreasurer) == 4);
  CHECK(row_of(kBtc, kRiskEngine) == 5);
  CHECK(row_of(kBtc, kTreasurer) == kNone);
  CHECK(row_of(kUsdc, kCfo) == kNone);
}

TEST_CASE("8.3 values are supplied, fresh and in range") {
  constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max(), earliest = std::numeric_limits<std::int64_t>::min();
  struct Row { const char* what; Reason reason; Index slot; Change change; };
  const Row rows[] = {
      {"a balance missing", Reason::ValueMissing, 2, [](Case& c) { c.values[2].present = false; }},
      {"none given", Reason::ValueMissing, 2, [](Case& c) { c.values.clear(); }},
      {"the last one not given", Reason::ValueMissing, 10, [](Case& c) { c.values.pop_back(); }},
      {"the first is named", Reason::ValueMissing, 3, [](Case& c) { c.values[3].present = c.values[6].present = false; }},
      {"missing before stale", Reason::ValueMissing, 6, [](Case& c) { c.values[6] = {-1, kNineOClock + 1, false}; }},
      {"stale before out of range", Reason::ValueStale, 6, [](Case& c) { c.values[6] = {-1, kNineOClock + 1, true}; }},
      {"earlier slots first", Reason::ValueOutOfRange, 2, [](Case& c) { c.values[2].number = -1; c.values[6].present = false; }},
      {"observed one ms too long ago", Reason::ValueStale, 6, [](Case& c) { c.values[6].observed_ms = kNineOClock - 10'001; }},
      {"observed later", Reason::ValueStale, 6, [](Case& c) { c.values[6].observed_ms = kNineOClock + 1; }},
      {"time at its end", Reason::ValueStale, 6, [](Case& c) { c.transfer.authority.time_ms = latest; c.values[6].observed_ms = earliest; }},
      {"time at its start", Reason::ValueStale, 6, [](Case& c) { c.transfer.authority.time_ms = earliest; c.values[6].observed_ms = latest; }},
      {"a negative balance", Reason::ValueOutOfRange, 3, [](Case& c) { c.values[3].number = -1; }},
      {"a balance of 2^96", Reason::ValueOutOfRange, 3, [](Case& c) { c.values[3].number = kAmountMax + 1; }},
      {"a negative total", Reason::ValueOutOfRange, 4, [](Case& c) { c.values[4].number = -1; }},
      {"a negative account", Reason::ValueOutOfRange, 5, [](Case& c) { c.values[5].number = -1; }},
      {"a negative fact", Reason::ValueOutOfRange, 6, [](Case& c) { c.values[6].number = -1; }},
      {"a ratio over 100%", Reason::ValueOutOfRange, 7, [](Case& c) { c.values[7].number = 1'000'001; }},
      {"a mode too many", Reason::ValueOutOfRange, 9, [](Case& c) { c.values[9].number = 3; }},
      {"a window below zero", Reason::ValueOutOfRange, 10, [](Case& c) { c.values[10].number = -1; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(decide_with(release(), row.change) == Decision{row.reason, kNone, kNone, row.slot, 6});
  }
  CHECK(decide_with(release(), [](Case& c) { c.values[6].observed_ms = kNineOClock - 10'000; }).allowed());
  CHECK(decide_with(release(), [](Case& c) { c.values[7].number = 1'000'000; }).allowed());
}

TEST_CASE("8.4 a deny whose conditions all hold overrides; the others do not") {
  const auto halted = [](Int128 haircut) { return [haircut](Case& c) { c.values[8].number = 1; c.values[7].number = haircut; }; };
  CHECK(decide_with(release(), halted(500'001)) == Decision{Reason::DenyRule, kDenyHalted, kNone, kNone, 6});
  CHECK(decide_with(release(), halted(500'000)).allowed());
  CHECK(decide_with(release(), [](Case& c) { c.values[7].number = 500'001; }).allowed());
  // before the conditions of an allow, and before funds
  CHECK(decide_with(release(), [&](Case& c) { halted(500'001)(c); c.values[9].number = 1; c.transfer.amount = kAmountMax; }).reason == Reason::DenyRule);
}

TEST_CASE("8.5 the first failing condition is named") {
  CHECK(decide_with(release(), [](Case& c) { c.values[9].number = 1; }) == Decision{Reason::Condition, kAllowRelease, 0, kNone, 6});
  CHECK(decide_with(release(), [](Case& c) { c.approvals.pop_back(); }) == Decision{Reason::Condition, kAllowRelease, 1, kNone, 6});
  CHECK(decide_with(release(), [](Case& c) { c.values[9].number = 1; c.approvals.clear(); }).clause == 0);
  CHECK(decide_with(release(), [](Case& c) { c.values[9].number = 1; c.transfer.amount = kAmountMax; }).reason == Reason::Condition);   // before funds
  CHECK(decide_with(deposit(), [](Case& c) { c.transfer.authority.evidence = Mask{1} << kReconciliation; }) == Decision{Reason::Condition, kAllowDeposit, 0, kNone, 0});
}

TEST_CASE("6.7 approvals count persons, without the initiator") {
  const Mask treasurer = Mask{1} << kTreasurer, cfo = Mask{1} << kCfo, trader = Mask{1} << kTrader;
  const auto with = [](std::vector<Approval> approvals) {
    return decide_with(release(), [&](Case& c) { c.approvals = approvals; }).allowed();
  };
  CHECK(with({{kBob, treasurer}, {kEve, treasurer}}));
  CHECK_FALSE(with({{kBob, treasurer}}));
  CHECK_FALSE(with({{kBob, treasurer}, {kBob, cfo}}));                         // one person twice
  CHECK_FALSE(with({{kBob, treasurer}, {kAlice, treasurer | cfo}}));           // the initiator
  CHECK_FALSE(with({{kBob, treasurer}, {kEve, trader}}));                      // not such a role
  CHECK_FALSE(with({{kBob, treasurer}, {kEve, 0}}));
  CHECK(with({{kBob, trader}, {kBob, treasurer}, {kEve, cfo}}));               // roles of one person add up
  CHECK(with({{kBob, treasurer}, {kBob, treasurer}, {kAlice, cfo}, {kAnn, trader}, {kEve, cfo | treasurer}}));
}

TEST_CASE("6.9 the time of day, before 1970 too") {
  constexpr std::int64_t midnight = kNineOClock - 9 * 3'600'000, eight = midnight + 8 * 3'600'000, six = midnight + 18 * 3'600'000;
  const auto at = [](std::int64_t time_ms) { return decide_with(deposit(), [&](Case& c) { c.transfer.authority.time_ms = time_ms; }); };
  CHECK(at(eight).allowed());
  CHECK(at(eight - 1) == Decision{Reason::Condition, kAllowDeposit, 1, kNone, 0});
  CHECK(at(six - 1).allowed());
  CHECK(at(six) == Decision{Reason::Condition, kAllowDeposit, 1, kNone, 0});
  CHECK(at(-86'400'000 + 8 * 3'600'000).allowed());
  CHECK(at(-86'400'000 + 8 * 3'600'000 - 1).reason == Reason::Condition);
  CHECK(at(-1).reason == Reason::Condition);
  CHECK(at(std::numeric_limits<std::int64_t>::min()).allowed());                // 16:47:04.192 of some day
}

TEST_CASE("8.7 comes before floors: one that could count what is left only as far as a balance goes is not asked of what lies beyond") {
  Moves moves = rich_moves();
  moves.moves.at(7).floors.at(0).clauses.at(0).nodes.at(0) = {{TestKind::AtLeastZero, {{1, 0}}, -(kInt128Max - kAmountMax), 0}, kTrue, kFalse};
  auto loaded = RuleTable::load(emit(moves));   // the sanitizers watch
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  const RuleTable edge = std::move(std::get<RuleTable>(loaded));
  Case c = pay();
  c.transfer.amount = kAmountMax;
  c.values = {value(-kAmountMax), value(kAmountMax), value(0)};
  const Needs needed = needs(edge, c.transfer);
  CHECK(decide(edge, c.transfer, needed, c.values).reason == Reason::Overflow);
  c.transfer.amount = 1;
  c.values[0] = value(0);
  CHECK(decide(edge, c.transfer, needs(edge, c.transfer), c.values).reason == Reason::Floor);
}

TEST_CASE("8.6 funds") {
  const auto without_floor = [](Int128 amount, Int128 balance) {
    return decide_with(release(), [&](Case& c) { c.transfer.amount = amount; c.values[3].number = balance; c.values[6].number = 0; });
  };
  CHECK(without_floor(1, 1).allowed());
  CHECK(without_floor(2, 1) == Decision{Reason::Funds, kNone, kNone, kNone, 6});
  CHECK(without_floor(kAmountMax, kAmountMax).reason == Reason::Limit);        // funds are there
  const auto overdraw = [](Int128 amount, Int128 balance, Int128 account) {
    return decide_with(pay(), [&](Case& c) { c.transfer.amount = amount; c.values[0].number = balance; c.values[1].number = account; });
  };
  CHECK(overdraw(100, 0, 100).allowed());
  CHECK(overdraw(100, 0, 99).reason == Reason::Funds);
  CHECK(overdraw(50, -50, 50).allowed());
  CHECK(overdraw(1, 1000, 0).reason == Reason::Funds);                         // what others have taken is gone
}

TEST_CASE("8.7 overflow at either end") {
  const auto filled = [](Int128 amount) { return decide_with(release(), [&](Case& c) { c.transfer.amount = amount; c.values[2].number = kAmountMax - 5; }); };
  CHECK(filled(5).allowed());
  CHECK(filled(6) == Decision{Reason::Overflow, kNone, kNone, kNone, 6});
  const auto drained = [](Int128 balance) {
    return decide_with(pay(), [&](Case& c) { c.values[0].number = balance; c.values[1].number = kAmountMax; }).reason;
  };
  CHECK(drained(-kAmountMax + 99) == Reason::Overflow);
  CHECK(drained(-kAmountMax + 100) == Reason::Floor);
  CHECK(drained(-kAmountMax - 1) == Reason::ValueOutOfRange);
}

TEST_CASE("8.8 floors see the source after the move") {
  const auto left = [](Int128 balance, Floors floors) { return decide_with(release(), [&](Case& c) { c.values[3].number = balance; c.floors = floors; }); };
  CHECK(left(6'000'000, Floors::Check).allowed());
  CHECK(left(5'999'999, Floors::Check) == Decision{Reason::Floor, kFloorMargin, 0, kNone, 6});
  CHECK(left(5'999'999, Floors::Defer).allowed());
  // limits come after the floor, and see the balance as it was
  CHECK(decide_with(release(), [](Case& c) { c.values[3].number = 5'999'999; c.values[10].number = 3'000'000; }).reason == Reason::Floor);
  const auto pool = [](Int128 balance) { return decide_with(pay(), [&](Case& c) { c.values[0].number = balance; }).reason; };
  CHECK(pool(0) == Reason::Allowed);                                           // -100 >= -2 * 50
  CHECK(pool(-1) == Reason::Floor);
}

TEST_CASE("10.4 at the end of a batch floors see the balance as it is then") {
  Case c = release();
  const auto at_end = [&](Int128 balance) {
    c.values[3].number = balance;
    return decide_floors(table(), c.transfer, c.needed(), c.values);
  };
  CHECK(at_end(5'000'000).allowed());
  CHECK(at_end(4'999'999) == Decision{Reason::Floor, kFloorMargin, 0, kNone, 6});
  c.values[9].number = 2;                                                      // unless mode is liquidating
  CHECK(at_end(0).allowed());
  c.values[6].present = false;
  CHECK(at_end(0) == Decision{Reason::ValueMissing, kNone, kNone, 6, 6});
}

TEST_CASE("8.9 limits count this transfer too") {
  const auto used = [](Int128 before) { return decide_with(release(), [&](Case& c) { c.values[10].number = before; }); };
  CHECK(used(2'000'000).allowed());
  CHECK(used(2'000'001) == Decision{Reason::Limit, kLimitRolling, 0, kNone, 6});
  CHECK(used(kAmountMax).reason == Reason::Limit);
  const auto with_consent = [](Int128 consent) { return decide_with(deposit(), [&](Case& c) { c.values[5].number = 5'000'000; c.values[4].number = consent; }).reason; };
  CHECK(with_consent(0) == Reason::Limit);
  CHECK(with_consent(1) == Reason::Allowed);
}

TEST_CASE("a row that needs did not give is not decided upon") {
  Case c = release();
  CHECK(decide(table(), c.transfer, {Reason::Allowed, 8, {}}, c.values).reason == Reason::NoRule);
  CHECK(decide(table(), c.transfer, {Reason::Allowed, kNone, {}}, c.values).reason == Reason::NoRule);
  CHECK(decide_floors(table(), c.transfer, {Reason::SameInstance, kNone, {}}, c.values).reason == Reason::SameInstance);
  CHECK(decide_transition(table(), {}, {Reason::Allowed, 6, {}}, {}).reason == Reason::NoTransition);
}

// ---- mode changes

ModeChange change_margin(Index to_mode, Index role) {
  ModeChange change{{kMarginMode, 2, {kAlice, kPositionOne, 0, 0}}, to_mode, {}};
  change.authority.role = role;
  change.authority.time_ms = kNineOClock;
  return change;
}

TEST_CASE("candidates of a mode change are walked in text order") {
  const ModeChange change = change_margin(1, kRiskEngine);
  const Needs first = next_transition(table(), change, 0, kNone);
  CHECK(first.reason == Reason::Allowed);
  CHECK(first.row == 8);
  CHECK(first.slots.size() == 2);
  CHECK(slot_ids(first.slots[1], change.subject, change.subject) == Ids{kAlice, kPositionOne, 0, 0});
  const Needs second = next_transition(table(), change, 0, first.row);
  CHECK(second.row == 12);
  const Needs end = next_transition(table(), change, 0, second.row);
  CHECK(end.row == kNone);
  CHECK(end.reason == Reason::NoTransition);
  CHECK(next_transition(table(), change_margin(1, kTrader), 0, kNone).row == 12);
}

TEST_CASE("a mode change is decided on its values") {
  const ModeChange change = change_margin(1, kRiskEngine);
  const Needs needed = next_transition(table(), change, 0, kNone);
  std::vector<Value> values = {value(4'999'999), {5'000'000, kNineOClock, true}};
  CHECK(decide_transition(table(), change, needed, values) == Decision{Reason::Allowed, kCall, kNone, kNone, 8});
  values[0].number = 5'000'000;
  CHECK(decide_transition(table(), change, needed, values) == Decision{Reason::Condition, kCall, 0, kNone, 8});
  values[1].observed_ms = kNineOClock - 10'001;
  CHECK(decide_transition(table(), change, needed, values) == Decision{Reason::ValueStale, kNone, kNone, 1, 8});
}

TEST_CASE("a mode change needs names, form and a transition") {
  const auto reason = [](ModeChange change, Index mode_now) { return next_transition(table(), change, mode_now, kNone).reason; };
  CHECK(reason(change_margin(2, kLiquidator), 1) == Reason::Allowed);
  CHECK(reason(change_margin(2, kLiquidator), 0) == Reason::NoTransition);
  CHECK(reason(change_margin(2, kTrader), 1) == Reason::NoTransition);
  CHECK(reason(change_margin(0, kRiskEngine), 0) == Reason::NoTransition);     // from every other mode
  CHECK(reason(change_margin(0, kRiskEngine), 2) == Reason::Allowed);
  CHECK(reason(change_margin(0, kRiskEngine), 3) == Reason::NoTransition);
  CHECK(reason(change_margin(0, kRiskEngine), kNone) == Reason::NoTransition);
  CHECK(reason(change_margin(3, kRiskEngine), 0) == Reason::UnknownName);
  CHECK(reason(change_margin(1, 5), 0) == Reason::UnknownName);
  ModeChange change = change_margin(1, kRiskEngine);
  change.subject.id_count = 1;
  CHECK(reason(change, 0) == Reason::Malformed);
  change.subject = {3, 0, {}};
  CHECK(reason(change, 0) == Reason::UnknownName);
}

TEST_CASE("a mode change needs its evidence and approvals") {
  ModeChange change{{kSystemMode, 0, {}}, 1, {}};
  change.authority.role = kTreasurer;
  change.authority.person = kBob;
  const std::vector<Approval> approvals = {{kEve, Mask{1} << kCfo}};
  const auto clause = [&] { return decide_transition(table(), change, next_transition(table(), change, 0, kNone), {}); };
  CHECK(clause() == Decision{Reason::Condition, kHalt, 0, kNone, 11});
  change.authority.evidence = Mask{1} << kReconciliation;
  CHECK(clause() == Decision{Reason::Condition, kHalt, 1, kNone, 11});
  change.authority.approvals = approvals;
  CHECK(clause().allowed());
}

}  // namespace
}  // namespace ringfence
