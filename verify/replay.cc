// SPDX-License-Identifier: Apache-2.0
#include "verify/replay.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "runtime/gate.h"
#include "verify/coin_state.h"

namespace ringfence {
namespace {

/// The same member gets the same number, per entity for spots and over all for the gate.
class Members {
 public:
  std::uint64_t number(const std::string& id) { return numbers_.try_emplace(id, numbers_.size() + 1).first->second; }
  std::uint8_t small(Index entity, const std::string& id) {
    auto& known = small_[entity];
    return known.try_emplace(id, static_cast<std::uint8_t>(known.size())).first->second;
  }

 private:
  std::map<std::string, std::uint64_t> numbers_;
  std::map<Index, std::map<std::string, std::uint8_t>> small_;
};

class Replayer {
 public:
  Replayer(const RuleTable& table, const Moves& moves, const Fence* fence, const Trace& trace)
      : table_(table), moves_(moves), arena_(moves), fence_(fence), trace_(trace), gate_(table, BroughtModes::Apart) {}

  std::string run() {
    if (std::string wrong = open(); !wrong.empty()) return wrong;
    for (std::size_t i = 0; i < trace_.steps.size(); ++i)
      if (std::string wrong = step(i); !wrong.empty()) return fmt::format("step {}: {}", i + 1, wrong);
    return broken() ? "" : "the fence still stands after the last step";
  }

 private:
  using Holding = std::tuple<Index, std::array<std::uint8_t, kKeysMax>, Index>;

  // ---- from names to instances

  Instance instance(const NamedInstance& named) {
    Instance result{named.target, static_cast<std::uint8_t>(named.ids.size()), {}};
    for (std::size_t i = 0; i < named.ids.size() && i < kKeysMax; ++i) result.ids[i] = members_.number(named.ids[i]);
    return result;
  }

  Spot spot(const NamedInstance& named) {
    Spot result{named.target, {}};
    const auto& keys = arena_.bucket(named.target).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) result.ids[i] = members_.small(keys[i], named.ids.at(i));
    return result;
  }

  static Holding holding(const Spot& at, Index asset) { return {at.bucket, at.ids, asset}; }

  Coin coin(std::size_t which, std::size_t place) {
    const CoinPlace& where = trace_.coins[which].at(place);
    return {trace_.coin_asset[which], spot(where.title), spot(where.at)};
  }

  // ---- the start

  std::string open() {
    if (trace_.coins.empty() || trace_.coins.size() > 2) return "it follows no unit of money";
    std::vector<Coin> held;
    for (const TraceHolding& opening : trace_.opening) {
      if (opening.balance <= 0 || !gate_.open_balance(instance(opening.bucket), opening.asset, opening.balance)) return "an opening balance is not possible";
      const Spot at = spot(opening.bucket);
      units_[holding(at, opening.asset)] = opening.balance;
      for (const Coin& other : held)
        if (!clean(other, {opening.asset, at, at})) return "a custody fence is already broken at the start";
      held.push_back({opening.asset, at, at});
    }
    for (std::size_t i = 0; i < trace_.coins.size(); ++i) {
      const Coin start = coin(i, 0);
      if (!(start.title == start.at)) return "a followed unit does not start titled to where it is";
    }
    return room_for_coins(0);
  }

  bool clean(const Coin& one, const Coin& two) const {
    return std::none_of(moves_.vocabulary.fences.begin(), moves_.vocabulary.fences.end(),
                        [&](const Fence& fence) { return breaks_custody(arena_, fence, one, two); });
  }

  /// Every followed unit is one of the units where it is said to be.
  std::string room_for_coins(std::size_t place) {
    std::map<Holding, Int128> counts;
    for (std::size_t i = 0; i < trace_.coins.size(); ++i) {
      const Coin where = coin(i, place);
      if (!arena_.bucket(where.at.bucket).external) ++counts[holding(where.at, where.asset)];
    }
    for (const auto& [at, count] : counts)
      if (units_[at] < count) return "a followed unit is where there is no money";
    return "";
  }

  // ---- one step

  std::string step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    for (const TraceFact& fact : step.facts)
      if (!gate_.set_fact(instance(fact.subject), fact.number, step.time_ms)) return "a fact is not in its range";
    Authority authority{members_.number("person " + step.person), step.role, {}, step.evidence, step.time_ms};
    std::vector<Approval> approvals;
    for (const NamedApproval& approval : step.approvals) approvals.push_back({members_.number("person " + approval.person), approval.roles});
    const std::string id = fmt::format("step {}", index + 1);
    if (step.is_by_clock) return gate_.mode(instance(step.subject), step.time_ms) == step.to_mode ? stay(index) : "the deadline has not passed";
    if (!step.is_transfer) {
      const GateModeChange change{id, {instance(step.subject), step.to_mode, authority}, approvals};
      const Decision decision = gate_.submit(change).decision;
      return decision.allowed() ? stay(index) : fmt::format("the table denies the change of mode: {}", reason_word(decision.reason));
    }
    GateTransfer transfer{id, {step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset, step.transfer.amount, authority}, approvals};
    transfer.transfer.authority.approvals = approvals;
    const Needs need = needs(table_, transfer.transfer);
    if (need.reason != Reason::Allowed) return fmt::format("the table denies it: {}", reason_word(need.reason));
    const auto values = gate_.fetch(need, transfer.transfer.from, transfer.transfer.to, step.time_ms);
    const Decision decision = gate_.submit(transfer).decision;
    if (!decision.allowed()) return fmt::format("the table denies it: {}", reason_word(decision.reason));
    const Guarded* relied = rule_relied_on(need, step, transfer.transfer, values);
    if (!relied) return "the rule relied on does not let it through";
    return move_units(index, step, relied->passing_title);
  }

  std::string stay(std::size_t index) {
    for (std::size_t i = 0; i < trace_.coins.size(); ++i)
      if (!(coin(i, index) == coin(i, index + 1))) return "money moves in a change of mode";
    return "";
  }

  /// The row of the decoded table that this transfer is decided by.
  const Move* row_of(const TraceStep& step) {
    const Spot from = spot(step.transfer.from), to = spot(step.transfer.to);
    const auto shared = shared_keys(arena_.bucket(from.bucket), arena_.bucket(to.bucket));
    Relation relation = 0;
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (class_at(arena_, from, shared[i]) != class_at(arena_, to, shared[i])) relation = static_cast<Relation>(relation | 1u << i);
    for (const Index index : arena_.moves_from[from.bucket]) {
      const Move& move = moves_.moves[index];
      if (move.to == to.bucket && move.relation == relation && move.purpose == step.transfer.purpose && move.asset == step.transfer.asset &&
          (move.roles >> step.role & 1))
        return &move;
    }
    return nullptr;
  }

  const Guarded* rule_relied_on(const Needs& need, const TraceStep& step, const Transfer& transfer, const std::vector<Value>& supplied) {
    const Move* move = row_of(step);
    if (!move || need.slots.size() != move->slots.size()) return nullptr;
    std::vector<Int128> values;
    for (std::size_t i = 0; i < move->slots.size(); ++i) values.push_back(value_of(move->slots[i], transfer, supplied[i]));
    for (const Guarded& allow : move->allows)
      if (allow.statement == step.statement && holds(allow, values)) return &allow;
    return nullptr;
  }

  static Int128 value_of(const Slot& slot, const Transfer& transfer, const Value& supplied) {
    const Authority& authority = transfer.authority;
    switch (slot.kind) {
      case SlotKind::Amount: return transfer.amount;
      case SlotKind::TimeOfDay: return (authority.time_ms / 1000 % 86'400 + 86'400) % 86'400;
      case SlotKind::Now: return authority.time_ms;
      case SlotKind::Evidence: return authority.evidence >> slot.target & 1;
      case SlotKind::Approvals: {
        std::map<std::uint64_t, Mask> held;
        for (const Approval& approval : authority.approvals) held[approval.person] |= approval.roles;
        held.erase(authority.person);
        return std::count_if(held.begin(), held.end(), [&](const auto& person) { return (person.second & slot.roles) != 0; });
      }
      default: return supplied.number;
    }
  }

  static bool holds(const Guarded& guarded, const std::vector<Int128>& values) {
    return std::all_of(guarded.clauses.begin(), guarded.clauses.end(), [&](const Clause& clause) {
      Index at = clause.nodes.empty() ? kTrue : 0;
      while (at != kTrue && at != kFalse) at = holds(clause.nodes[at].test, values) ? clause.nodes[at].if_true : clause.nodes[at].if_false;
      return at == kTrue;
    });
  }

  static bool holds(const Test& test, const std::vector<Int128>& values) {
    if (test.kind == TestKind::InSet) return test.set >> static_cast<unsigned>(values[test.terms[0].slot]) & 1;
    Int128 sum = test.constant;
    for (const Term& term : test.terms) sum += term.coefficient * values[term.slot];
    return test.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
  }

  // ---- titles and units: language reference, 3.4 to 3.6

  std::string move_units(std::size_t index, const TraceStep& step, bool passing_title) {
    const Spot from = spot(step.transfer.from), to = spot(step.transfer.to);
    const Index asset = step.transfer.asset;
    Int128 own = 0, others = 0, left = 0;
    for (std::size_t i = 0; i < trace_.coins.size(); ++i) {
      const Coin before = coin(i, index), after = coin(i, index + 1);
      const bool at_source = before.at == from && before.asset == asset && !is_gone(arena_, before);
      if (before == after) {
        left += at_source;
        continue;
      }
      if (before.asset != asset || is_gone(arena_, before) || !(after.at == to)) return "a followed unit moves against the transfer";
      const Spot title = passing_title && theirs(before, from) ? to : before.title;
      if (!(after.title == title)) return "a title changes against the rule";
      if (!at_source && !borrowed(before, from)) return "a followed unit is taken from where the source can't reach";
      (at_source ? own : others) += 1;
    }
    if (own + others > step.transfer.amount) return "more followed units move than the amount";
    if (!arena_.bucket(from.bucket).external)
      if (std::string wrong = pay(index, from, asset, step.transfer.amount, others, left); !wrong.empty()) return wrong;
    if (!arena_.bucket(to.bucket).external) units_[holding(to, asset)] += step.transfer.amount;
    return room_for_coins(index + 1);
  }

  bool theirs(const Coin& coin, const Spot& from) const {
    const Bucket& title = arena_.bucket(coin.title.bucket);
    if (title.owner != arena_.bucket(from.bucket).owner) return false;
    for (const Index entity : shared_keys(title, arena_.bucket(from.bucket)))
      if (class_at(arena_, coin.title, entity) != class_at(arena_, from, entity)) return false;
    return true;
  }

  bool borrowed(const Coin& coin, const Spot& from) const {
    const Index account = arena_.bucket(from.bucket).account;
    return account != kNone && arena_.account_overdraws[account] && !arena_.bucket(coin.at.bucket).external &&
           custody_of(arena_, coin.at) == custody_of(arena_, from);
  }

  /// The source pays with its own units first. What is beyond them comes from where the followed units are taken: all of it where that
  /// is one place, a unit each where it is two.
  std::string pay(std::size_t index, const Spot& from, Index asset, Int128 amount, Int128 others, Int128 left) {
    Int128& own = units_[holding(from, asset)];
    const Int128 beyond = amount > own ? amount - own : 0;
    own -= amount - beyond;
    if (own < left) return "a unit stays behind where none is left";
    std::vector<Holding> lenders;
    for (std::size_t i = 0; i < trace_.coins.size(); ++i) {
      const Coin before = coin(i, index);
      const Holding lender = holding(before.at, asset);
      const bool taken_there = !(before == coin(i, index + 1)) && !(before.at == from);
      if (taken_there && std::find(lenders.begin(), lenders.end(), lender) == lenders.end()) lenders.push_back(lender);
    }
    if (lenders.empty() && beyond > 0) {
      const auto& lender = trace_.steps[index].lender;
      const Index account = arena_.bucket(from.bucket).account;
      const bool shares = lender && account != kNone && arena_.account_overdraws[account] && custody_of(arena_, spot(*lender)) == custody_of(arena_, from);
      if (!shares) return "the source lacks units, and nobody who shares its account lends them";
      lenders.push_back(holding(spot(*lender), asset));
    }
    const bool matches = lenders.size() == 1 ? beyond >= others : beyond == others;
    if (!matches) return "units are taken elsewhere that the source has, or has not, itself";
    for (const Holding& lender : lenders) {
      units_[lender] -= lenders.size() == 1 ? beyond : 1;
      if (units_[lender] < 0) return "more is borrowed than is there";
    }
    return "";
  }

  bool broken() {
    if (!fence_) return true;
    const std::size_t last = trace_.steps.size();
    if (fence_->in_custody) return trace_.coins.size() == 2 && breaks_custody(arena_, *fence_, coin(0, last), coin(1, last));
    return breaks_attribution(arena_, *fence_, coin(0, last));
  }

  const RuleTable& table_;
  const Moves& moves_;
  const Arena arena_;
  const Fence* fence_;   ///< null: none has to be broken
  const Trace& trace_;
  Gate gate_;
  Members members_;
  std::map<Holding, Int128> units_;
};

}  // namespace

std::string replay(const RuleTable& table, const Moves& moves, const Fence& fence, const Trace& trace) {
  return Replayer(table, moves, &fence, trace).run();
}

std::string replay(const RuleTable& table, const Moves& moves, const Trace& trace) { return Replayer(table, moves, nullptr, trace).run(); }

}  // namespace ringfence
