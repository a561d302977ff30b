// SPDX-License-Identifier: Apache-2.0
// Moves made by hand, without the compiler: one tiny, and one with every kind of declaration, slot, test and statement. They are
// what lowering would make of the policies in the comments.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/moves.h"

namespace ringfence::sample {

inline KeySource from(std::uint8_t position) { return {KeySource::From::Source, position}; }
inline KeySource to(std::uint8_t position) { return {KeySource::From::Destination, position}; }
inline KeySource summed() { return {KeySource::From::Summed, 0}; }

inline Clause at_least_zero(std::string text, std::vector<Term> terms, Int128 constant) {
  return {std::move(text), {{{TestKind::AtLeastZero, std::move(terms), constant, 0}, kTrue, kFalse}}};
}
inline Clause in_set(std::string text, Index slot, Mask set) { return {std::move(text), {{{TestKind::InSet, {{1, slot}}, 0, set}, kTrue, kFalse}}}; }

/// policy "Tiny" version "1"
/// asset EUR decimals 2   role clerk   purpose pay   entity House
/// bucket House.cash   external House.suppliers
/// allow pay House.cash -> House.suppliers by clerk when amount <= 5 EUR
inline Moves tiny_moves() {
  Moves moves;
  Vocabulary& v = moves.vocabulary;
  v.policy_name = "Tiny";
  v.policy_version = "1";
  v.assets = {{"EUR", 2, ""}};
  v.roles = {{"clerk"}};
  v.purposes = {{"pay"}};
  v.entities = {{"House", false}};
  v.buckets = {{"House.cash", 0, {}, false, false, kNone, ""}, {"House.suppliers", 0, {}, true, false, kNone, ""}};
  moves.statements = {{StatementKind::Allow, {5, "allow pay House.cash -> House.suppliers by clerk when amount <= 5 EUR", "", "", 0}}};
  Move move;
  move.from = 0;
  move.to = 1;
  move.purpose = move.asset = 0;
  move.roles = 1;
  move.slots = {{SlotKind::Amount, kNone, kNone, 0, {}}, {SlotKind::Balance, 0, 0, 0, {}}};
  move.allows = {{0, false, {at_least_zero("amount <= 5 EUR", {{-1, 0}}, 500)}}};
  move.funds_slot = move.from_slot = 1;
  moves.moves = {move};
  return moves;
}

// ---- the rich one: names of what it declares

enum : Index { kUsdc, kBtc };
enum : Index { kTrader, kRiskEngine, kLiquidator, kTreasurer, kCfo };
enum : Index { kDeposit, kAllocate, kRelease, kFee, kPay };
enum : Index { kAcknowledgement, kReconciliation };
enum : Index { kClient, kPosition, kHouse, kBank };
enum : Index { kClientMoney, kVault, kPoolMoney };
enum : Index { kClientBank, kWallet, kMargin, kFees, kPool, kSuppliers };
enum : Index { kMaintenance, kFeeDue, kHaircut, kHolidays, kConsent };
enum : Index { kSystemMode, kClientMode, kMarginMode };
// Statements: rules 0 to 5, floors 6 and 7, limits 8 and 9, transitions 10 to 13, invariants 14 and 15.
enum : Index { kAllowDeposit, kAllowAllocate, kAllowRelease, kAllowFee, kAllowPay, kDenyHalted, kFloorMargin, kFloorPool, kLimitDay, kLimitRolling,
               kCall, kLiquidate, kRestore, kHalt, kCovered, kSolvent };

inline Vocabulary rich_vocabulary() {
  Vocabulary v;
  v.policy_name = "Rich \xE2\x82\xAC";
  v.policy_version = "2.1";
  v.policy_cite = "everything at once";
  v.assets = {{"USDC", 6, "a stable coin"}, {"BTC", 8, ""}};
  v.roles = {{"trader"}, {"risk_engine"}, {"liquidator"}, {"treasurer"}, {"cfo"}};
  v.purposes = {{"deposit"}, {"allocate"}, {"release"}, {"fee"}, {"pay"}};
  v.evidence = {{"acknowledgement"}, {"reconciliation"}};
  v.entities = {{"Client", true}, {"Position", true}, {"House", false}, {"Bank", false}};
  v.accounts = {{"Bank.client_money", kBank, {}, "omnibus"}, {"Client.vault", kClient, {kClient}, ""}, {"House.pool_money", kHouse, {}, ""}};
  v.buckets = {{"Client.bank", kClient, {kClient}, true, false, kNone, "outside"},
               {"Client.wallet", kClient, {kClient}, false, false, kClientMoney, "unallocated"},
               {"Client.margin", kClient, {kClient, kPosition}, false, false, kVault, ""},
               {"House.fees", kHouse, {}, false, false, kNone, ""},
               {"House.pool", kHouse, {}, false, true, kPoolMoney, "may be short"},
               {"House.suppliers", kHouse, {}, true, false, kNone, ""}};
  const Subject of_margin{SubjectKind::Bucket, kMargin, {kClient, kPosition}}, of_client{SubjectKind::Entity, kClient, {kClient}};
  const Subject of_house{SubjectKind::Entity, kHouse, {}}, of_system{};
  v.facts = {{"maintenance", of_margin, FactType::Amount, kUsdc, 0, kAmountMax, 10'000, "what must stay"},
             {"fee_due", of_client, FactType::Amount, kUsdc, 0, 1'000'000'000, 0, ""},
             {"haircut", of_system, FactType::Ratio, kNone, 0, 1'000'000, 60'000, ""},
             {"holidays", of_house, FactType::Number, kNone, -5, 366, 0, ""},
             {"consent", of_client, FactType::Flag, kNone, 0, 1, 0, ""}};
  v.machines = {{of_system, {"open", "halted"}}, {of_client, {"active", "frozen", "closed"}}, {of_margin, {"normal", "called", "liquidating"}}};
  v.fences = {{FenceKind::Between, {kClientBank, kWallet, kMargin}, {kFees, kPool, kSuppliers}, kNone, {}, false, 20, "segregate Client from House", "the act"},
              {FenceKind::Between, {kWallet}, {kPool}, kNone, {}, true, 21, "segregate Client.wallet from House.pool in custody", ""},
              {FenceKind::Each, {}, {}, kClient, {kClientBank, kWallet, kMargin}, false, 22, "segregate each Client", ""},
              {FenceKind::Each, {}, {}, kPosition, {kMargin}, true, 23, "segregate each Position in Client.margin in custody", "apart"}};
  return v;
}

/// allow deposit Client.bank -> Client.wallet by trader requires evidence acknowledgement when time between 08:00 and 18:00
/// limit deposit per Client 5 USDC per day unless consent
inline Move deposit_move() {
  Move m;
  m.from = kClientBank;
  m.to = kWallet;
  m.relation = 0;
  m.purpose = kDeposit;
  m.asset = kUsdc;
  m.roles = Mask{1} << kTrader;
  m.slots = {{SlotKind::Amount, kNone, kNone, 0, {}},      {SlotKind::TimeOfDay, kNone, kNone, 0, {}}, {SlotKind::Evidence, kAcknowledgement, kNone, 0, {}},
             {SlotKind::Balance, kWallet, kUsdc, 0, {from(0)}}, {SlotKind::Fact, kConsent, kNone, 0, {from(0)}}, {SlotKind::Used, 0, kUsdc, 0, {from(0)}}};
  const Node after_eight{{TestKind::AtLeastZero, {{1, 1}}, -28'800, 0}, 1, kFalse}, before_six{{TestKind::AtLeastZero, {{-1, 1}}, 64'799, 0}, kTrue, kFalse};
  const Clause shown = at_least_zero("evidence acknowledgement", {{1, 2}}, -1);
  m.allows = {{kAllowDeposit, false, {shown, {"time between 08:00 and 18:00", {after_eight, before_six}}}}};
  const Node consented{{TestKind::IsZero, {{1, 4}}, -1, 0}, kTrue, 1}, within{{TestKind::AtLeastZero, {{-1, 0}, {-1, 5}}, 5'000'000, 0}, kTrue, kFalse};
  m.limits = {{kLimitDay, false, {{"5 USDC unless consent", {consented, within}}}}};
  m.to_slot = 3;
  return m;
}

/// allow release Client.margin -> Client.wallet by trader, risk_engine passing title when mode is normal and approved by 2 of treasurer, cfo
/// deny release ... by trader when mode of system is halted and haircut > 50%
/// floor Client.margin >= maintenance unless mode is liquidating
/// limit release per Client, Position 3 USDC in any 24 h
inline Move release_move() {
  Move m;
  m.from = kMargin;
  m.to = kWallet;
  m.relation = 0;
  m.purpose = kRelease;
  m.asset = kUsdc;
  m.roles = Mask{1} << kTrader | Mask{1} << kRiskEngine;
  m.slots = {{SlotKind::Amount, kNone, kNone, 0, {}},
             {SlotKind::Approvals, kNone, kNone, Mask{1} << kTreasurer | Mask{1} << kCfo, {}},
             {SlotKind::Balance, kWallet, kUsdc, 0, {from(0)}},
             {SlotKind::Balance, kMargin, kUsdc, 0, {from(0), from(1)}},
             {SlotKind::BucketTotal, kMargin, kUsdc, 0, {from(0), summed()}},
             {SlotKind::AccountTotal, kVault, kUsdc, 0, {from(0)}},
             {SlotKind::Fact, kMaintenance, kNone, 0, {from(0), from(1)}},
             {SlotKind::Fact, kHaircut, kNone, 0, {}},
             {SlotKind::Mode, kSystemMode, kNone, 0, {}},
             {SlotKind::Mode, kMarginMode, kNone, 0, {from(0), from(1)}},
             {SlotKind::Used, 1, kUsdc, 0, {from(0), from(1)}}};
  m.allows = {{kAllowRelease, true, {in_set("mode is normal", 9, 1), at_least_zero("approved by 2 of treasurer, cfo", {{1, 1}}, -2)}}};
  m.denies = {{kDenyHalted, false, {in_set("mode of system is halted", 8, 2), at_least_zero("haircut > 50%", {{1, 7}}, -500'001)}}};
  const Node liquidating{{TestKind::InSet, {{1, 9}}, 0, 4}, kTrue, 1}, stays{{TestKind::AtLeastZero, {{1, 3}, {-1, 6}}, 0, 0}, kTrue, kFalse};
  m.floors = {{kFloorMargin, false, {{"Client.margin >= maintenance", {liquidating, stays}}}}};
  m.limits = {{kLimitRolling, false, {at_least_zero("3 USDC in any 24 h", {{-1, 0}, {-1, 10}}, 3'000'000)}}};
  m.funds_slot = m.from_slot = 3;
  m.to_slot = 2;
  return m;
}

/// allow allocate Client.wallet -> any Client.margin by trader passing title: with the same and with another client.
/// The wallet's second condition reads both sides: balance(to) + amount <= total(any Client.wallet).
inline Move allocate_move(Relation relation) {
  Move m;
  m.from = kWallet;
  m.to = kMargin;
  m.relation = relation;
  m.purpose = kAllocate;
  m.asset = kUsdc;
  m.roles = Mask{1} << kTrader;
  m.slots = {{SlotKind::Amount, kNone, kNone, 0, {}},
             {SlotKind::Balance, kWallet, kUsdc, 0, {from(0)}},
             {SlotKind::Balance, kMargin, kUsdc, 0, {relation == 0 ? from(0) : to(0), to(1)}},
             {SlotKind::BucketTotal, kWallet, kUsdc, 0, {summed()}},
             {SlotKind::Fact, kFeeDue, kNone, 0, {from(0)}}};
  m.allows = {{kAllowAllocate, relation == 0, {at_least_zero("balance(to) + amount <= total(any Client.wallet)", {{-1, 0}, {-1, 2}, {1, 3}}, 0)}}};
  m.funds_slot = m.from_slot = 1;
  m.to_slot = 2;
  return m;
}

/// allow fee Client.wallet -> House.fees by `role` passing title, when `condition`; in either asset
inline Move fee_move(Index asset, Index role) {
  Move m;
  m.from = kWallet;
  m.to = kFees;
  m.purpose = kFee;
  m.asset = asset;
  m.roles = Mask{1} << role;
  m.slots = {{SlotKind::Balance, kWallet, asset, 0, {from(0)}}, {SlotKind::Balance, kFees, asset, 0, {}}, {SlotKind::Mode, kClientMode, kNone, 0, {from(0)}}};
  m.allows = {{kAllowFee, true, role == kRiskEngine ? std::vector<Clause>{} : std::vector<Clause>{in_set("mode is not closed", 2, 3), {"true", {}}}}};
  m.funds_slot = m.from_slot = 0;
  m.to_slot = 1;
  return m;
}

/// allow pay House.pool -> House.suppliers by treasurer     (the pool may overdraw)
/// floor House.pool >= -2 * holidays ...
inline Move pay_move() {
  Move m;
  m.from = kPool;
  m.to = kSuppliers;
  m.purpose = kPay;
  m.asset = kBtc;
  m.roles = Mask{1} << kTreasurer;
  m.slots = {{SlotKind::Balance, kPool, kBtc, 0, {}}, {SlotKind::AccountTotal, kPoolMoney, kBtc, 0, {}}, {SlotKind::Fact, kHolidays, kNone, 0, {}}};
  m.allows = {{kAllowPay, false, {}}};
  m.floors = {{kFloorPool, false, {at_least_zero("House.pool >= -2 * holidays", {{1, 0}, {2, 2}}, 0)}}};
  m.funds_slot = 1;
  m.from_slot = 0;
  return m;
}

inline std::vector<Transition> rich_transitions() {
  const std::vector<Slot> margin = {{SlotKind::Balance, kMargin, kUsdc, 0, {from(0), from(1)}}, {SlotKind::Fact, kMaintenance, kNone, 0, {from(0), from(1)}}};
  const Clause below = at_least_zero("balance(Client.margin) < maintenance", {{-1, 0}, {1, 1}}, -1);
  const std::vector<Slot> evidence = {{SlotKind::Approvals, kNone, kNone, Mask{1} << kCfo, {}}, {SlotKind::Evidence, kReconciliation, kNone, 0, {}}};
  return {{kMarginMode, 1, 1, Mask{1} << kRiskEngine, margin, {kCall, false, {below}}, {}},
          {kMarginMode, 2, 2, Mask{1} << kLiquidator, margin, {kLiquidate, false, {below}}, {}},
          {kMarginMode, 6, 0, Mask{1} << kRiskEngine, {}, {kRestore, false, {}}, {}},
          {kSystemMode, 1, 1, Mask{1} << kCfo | Mask{1} << kTreasurer, evidence,
           {kHalt, false, {at_least_zero("evidence reconciliation", {{1, 1}}, -1), at_least_zero("approved by cfo", {{1, 0}}, -1)}}, {}},
          {kMarginMode, 1, 1, Mask{1} << kRiskEngine | Mask{1} << kTrader, {}, {kCall, false, {}}, {}}};
}

inline std::vector<Invariant> rich_invariants() {
  const std::vector<Slot> margin = {{SlotKind::Balance, kMargin, kUsdc, 0, {from(1), from(0)}},
                                    {SlotKind::Fact, kMaintenance, kNone, 0, {from(1), from(0)}},
                                    {SlotKind::Mode, kMarginMode, kNone, 0, {from(1), from(0)}}};
  Clause covered = at_least_zero("invariant balance(Client.margin) >= maintenance unless mode is liquidating", {{1, 0}, {-1, 1}}, 0);
  covered.nodes.insert(covered.nodes.begin(), {{TestKind::InSet, {{1, 2}}, 0, 4}, kTrue, 1});
  const std::vector<Slot> totals = {{SlotKind::BucketTotal, kWallet, kUsdc, 0, {summed()}}, {SlotKind::AccountTotal, kClientMoney, kUsdc, 0, {}}};
  return {{{kPosition, kClient}, margin, {kCovered, false, {covered}}},
          {{}, totals, {kSolvent, false, {at_least_zero("total(Bank.client_money) >= total(any Client.wallet)", {{-1, 0}, {1, 1}}, 0), {"true", {}}}}}};
}

inline Moves rich_moves() {
  Moves moves;
  moves.vocabulary = rich_vocabulary();
  const auto statement = [&](StatementKind kind, const char* text, const char* cite, const char* because, Mask notify) {
    moves.statements.push_back({kind, {static_cast<std::uint32_t>(30 + moves.statements.size()), text, cite, because, notify}});
  };
  statement(StatementKind::Allow, "allow deposit", "1.20", "", 0);
  statement(StatementKind::Allow, "allow allocate", "", "", 0);
  statement(StatementKind::Allow, "allow release", "excess margin only", "", Mask{1} << kCfo);
  statement(StatementKind::Allow, "allow fee", "", "", 0);
  statement(StatementKind::Allow, "allow pay", "", "", 0);
  statement(StatementKind::Deny, "deny release when halted", "", "no release while halted", 0);
  statement(StatementKind::Floor, "floor Client.margin >= maintenance", "", "", Mask{1} << kRiskEngine);
  statement(StatementKind::Floor, "floor House.pool", "", "", 0);
  statement(StatementKind::Limit, "limit deposit per Client 5 USDC per day", "", "", 0);
  statement(StatementKind::Limit, "limit release per Client, Position 3 USDC in any 24 h", "", "", 0);
  statement(StatementKind::Transition, "normal -> called", "", "", 0);
  statement(StatementKind::Transition, "called -> liquidating", "", "", 0);
  statement(StatementKind::Transition, "any -> normal", "", "", 0);
  statement(StatementKind::Transition, "open -> halted", "", "the chief", 0);
  statement(StatementKind::Invariant, "invariant balance(Client.margin) >= maintenance unless mode is liquidating", "4.2", "", 0);
  statement(StatementKind::Invariant, "invariant total(Bank.client_money) >= total(any Client.wallet)", "", "attributed", 0);
  moves.limits = {{kLimitDay, kUsdc, {kClient}, 0}, {kLimitRolling, kUsdc, {kClient, kPosition}, 86'400'000}};
  moves.moves = {deposit_move(), allocate_move(0), allocate_move(1), fee_move(kUsdc, kRiskEngine), fee_move(kUsdc, kTreasurer), fee_move(kBtc, kRiskEngine),
                 release_move(), pay_move()};
  moves.transitions = rich_transitions();
  moves.invariants = rich_invariants();
  moves.source_digest = std::string(64, 'a');
  return moves;
}

}  // namespace ringfence::sample
