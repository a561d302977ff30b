// SPDX-License-Identifier: Apache-2.0
#include "verify/balance_proof.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/smt_fence.h"
#include "verify/smt_move.h"
#include "verify/smt_text.h"

namespace ringfence {
namespace {

using Terms = std::vector<std::string>;

void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

/// A balance that is part of the state: b<position>, after a step b<position>_.
struct Tracked { Index bucket = kNone, asset = kNone; bool operator==(const Tracked&) const = default; };

class System {
 public:
  System(const Arena& arena, const std::vector<Mask>& possible, unsigned coin_count)
      : arena_(arena), possible_(possible), coin_count_(coin_count), state_(arena, coin_count, false), slots_(arena, coin_count, false),
        parts_{{}, std::vector<Index>(arena.moves.vocabulary.buckets.size(), kNone)}, move_(arena, state_, slots_, parts_, coin_count) {
    for (const Move& move : arena.moves.moves) track(move.slots);
    for (const Transition& transition : arena.moves.transitions) track(transition.slots);
  }

  std::optional<BalanceSystem> write(const Fence& fence) {
    if (tracked_.empty() || tracked_.size() > kBalancesMax) return std::nullopt;
    declare();
    Terms start = start_terms(arena_, state_, coin_count_);
    append(start, bounds());
    step("start: every unit titled to the bucket that it is in, every mode the first, any balances", std::move(start), inv("", ""));
    for (const Move& move : arena_.moves.moves) moves(move);
    for (const Transition& transition : arena_.moves.transitions) changes(transition);
    step("fence: what it forbids is outside the invariant", {inv("", ""), smt::breaks(arena_, fence)}, "false");
    Obligations never = never_obligations(arena_, possible_);
    system_.obligations.insert(system_.obligations.begin(), never.begin(), never.end());
    return std::move(system_);
  }

 private:
  // ---- which balances

  void track(const std::vector<Slot>& slots) {
    for (const Slot& slot : slots) {
      if (slot.kind == SlotKind::Balance && slot.keys.empty()) add({slot.target, slot.asset});
      if (slot.kind == SlotKind::AccountTotal && sums_tracked(slot.target))
        for (const Index bucket : in_account(slot.target)) add({bucket, slot.asset});
    }
  }

  void add(const Tracked& balance) {
    if (std::find(tracked_.begin(), tracked_.end(), balance) == tracked_.end()) tracked_.push_back(balance);
  }

  std::vector<Index> in_account(Index account) const {
    std::vector<Index> inside;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
      if (arena_.bucket(bucket).account == account) inside.push_back(bucket);
    return inside;
  }

  /// An account whose every bucket is one instance: its total is their sum.
  bool sums_tracked(Index account) const {
    const auto inside = in_account(account);
    return std::all_of(inside.begin(), inside.end(), [&](Index bucket) { return arena_.bucket(bucket).keys.empty(); });
  }

  // ---- terms

  void declare() {
    system_.declarations = state_.declarations();
    for (std::size_t i = 0; i < tracked_.size(); ++i) {
      system_.declarations += smt::comment(fmt::format("b{}: the balance of {} in {}", i, arena_.bucket(tracked_[i].bucket).name, arena_.moves.vocabulary.assets[tracked_[i].asset].name));
      system_.declarations += fmt::format("(declare-fun b{0} () Int)\n(declare-fun b{0}_ () Int)\n", i);
    }
    const std::string applied = inv("", "");
    const auto arguments = static_cast<std::size_t>(std::count(applied.begin(), applied.end(), ' '));
    system_.horn = fmt::format("(declare-fun inv ({}) Bool)\n", fmt::join(Terms(arguments, "Int"), " "));
  }

  /// Suffixes of the followed units and of the balances: "" before the step, "_" after it. A transition changes modes only.
  std::string inv(const std::string& units, const std::string& balances, const Transition* changed = nullptr) const {
    std::string applied = state_.invariant_holds("inv", 0, units, nullptr);
    if (changed) applied = state_.invariant_holds("inv", 0, units, changed);
    applied.pop_back();
    for (std::size_t i = 0; i < tracked_.size(); ++i) applied += fmt::format(" b{}{}", i, balances);
    return applied + ")";
  }

  /// A balance is within its range, and at least the followed units in its bucket where nothing there can be below zero.
  Terms bounds() const {
    Terms terms;
    for (std::size_t i = 0; i < tracked_.size(); ++i) {
      const bool may_be_below = arena_.bucket(tracked_[i].bucket).may_overdraw;
      terms.push_back(fmt::format("(and (<= {} b{}) (<= b{} {}))", smt::number(may_be_below ? -kAmountMax : Int128{0}), i, i, smt::number(kAmountMax)));
      if (may_be_below) continue;
      Terms units;
      for (unsigned coin = 0; coin < coin_count_; ++coin)
        units.push_back(fmt::format("(ite (and (= at{0} {1}) (= asset{0} {2})) 1 0)", coin, tracked_[i].bucket, tracked_[i].asset));
      terms.push_back(fmt::format("(>= b{} {})", i, smt::sum(units)));
    }
    return terms;
  }

  /// What the slots read is the state's.
  Terms bound(const std::vector<Slot>& slots) const {
    Terms terms;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      Terms summed;
      for (std::size_t i = 0; i < tracked_.size(); ++i) {
        const bool counts = slots[slot].asset == tracked_[i].asset &&
                            ((slots[slot].kind == SlotKind::Balance && slots[slot].target == tracked_[i].bucket) ||
                             (slots[slot].kind == SlotKind::AccountTotal && sums_tracked(slots[slot].target) && arena_.bucket(tracked_[i].bucket).account == slots[slot].target));
        if (counts) summed.push_back(fmt::format("b{}", i));
      }
      if (!summed.empty()) terms.push_back(smt::equal(fmt::format("v{}", slot), smt::sum(summed)));
    }
    return terms;
  }

  bool touches(const Move& move) const {
    return std::any_of(tracked_.begin(), tracked_.end(), [&](const Tracked& each) { return each.asset == move.asset && (each.bucket == move.from || each.bucket == move.to); });
  }

  Terms balances_after(const Move& move) const {
    Terms terms;
    for (std::size_t i = 0; i < tracked_.size(); ++i) {
      const bool same_asset = tracked_[i].asset == move.asset;
      const std::string before = fmt::format("b{}", i);
      terms.push_back(smt::equal(before + "_", same_asset && tracked_[i].bucket == move.from ? fmt::format("(- {} amount)", before)
                                               : same_asset && tracked_[i].bucket == move.to ? fmt::format("(+ {} amount)", before)
                                                                                            : before));
    }
    return terms;
  }

  // ---- steps

  void moves(const Move& move) {
    const RuleText& rule = arena_.moves.statements[move.allows[0].statement].words;
    const std::string words = fmt::format("{} -> {}, line {}: {}", arena_.bucket(move.from).name, arena_.bucket(move.to).name, rule.line, rule.text);
    const auto body = [&](Terms step_terms) {
      Terms terms{inv("", "")};
      for (const Terms& more : {bounds(), step_terms, bound(move.slots), balances_after(move)}) append(terms, more);
      return terms;
    };
    Terms taking = body(move_.step(move, possible_));
    taking.push_back(smt::negation(move_.pair_ends(move)));
    step("move: " + words, std::move(taking), inv("_", "_"));
    if (touches(move)) step("move of other money: " + words, body(move_.bystander_step(move, possible_)), inv("", "_"));
  }

  void changes(const Transition& transition) {
    const auto& machines = state_.machines();
    if (std::find(machines.begin(), machines.end(), transition.machine) == machines.end()) return;
    Terms terms{inv("", "")};
    append(terms, bounds());
    terms.push_back(smt::one_of(fmt::format("mode{}", transition.machine), transition.from_modes));
    append(terms, slots_.ranges(transition.slots, possible_));
    append(terms, slots_.known(transition.slots, {}, {}));
    append(terms, bound(transition.slots));
    terms.push_back(smt::holds(transition.guard));
    const RuleText& rule = arena_.moves.statements[transition.guard.statement].words;
    step(fmt::format("change of mode: line {}: {}", rule.line, rule.text), std::move(terms), inv("", "", &transition));
  }

  /// One step, as a clause and as an obligation.
  void step(const std::string& meaning, Terms body, const std::string& head) {
    body.erase(std::remove(body.begin(), body.end(), "true"), body.end());
    system_.horn += horn_clause(system_.declarations, body, head);
    if (head != "false") body.push_back(smt::negation(head));
    system_.obligations.push_back(obligation(meaning, body));
  }

  const Arena& arena_;
  const std::vector<Mask>& possible_;
  const unsigned coin_count_;
  const smt::StateText state_;
  const smt::SlotText slots_;
  const smt::InvariantParts parts_;
  const smt::MoveText move_;
  std::vector<Tracked> tracked_;
  BalanceSystem system_;
};

}  // namespace

std::optional<BalanceSystem> balance_system(const Arena& arena, const std::vector<Mask>& possible, const Fence& fence, unsigned coin_count) {
  return System(arena, possible, coin_count).write(fence);
}

std::string horn_clause(const std::string& declarations, const std::vector<std::string>& body, const std::string& head) {
  const std::string text = smt::all(body) + " " + head;
  const auto mentions = [&](const std::string& name) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const bool begins = at > 0 && (text[at - 1] == ' ' || text[at - 1] == '(');
      const std::size_t end = at + name.size();
      if (begins && (end == text.size() || text[end] == ' ' || text[end] == ')')) return true;
    }
    return false;
  };
  static constexpr std::string_view kDeclared = "(declare-fun ", kConstant = " () ";
  std::string variables;
  for (std::size_t at = declarations.find(kDeclared); at != std::string::npos; at = declarations.find(kDeclared, at + 1)) {
    const std::size_t begin = at + kDeclared.size(), end = declarations.find(' ', begin);
    const std::string name = declarations.substr(begin, end - begin);
    if (declarations.compare(end, kConstant.size(), kConstant) != 0 || !mentions(name)) continue;
    const std::size_t sort = end + kConstant.size();
    variables += fmt::format("({} {})", name, declarations.substr(sort, declarations.find(')', sort) - sort));
  }
  return fmt::format("(assert (forall ({}) (=> {})))\n", variables, text);
}

}  // namespace ringfence
