// SPDX-License-Identifier: Apache-2.0
// Language reference, section 8, in its order, from 8.3 on (needs.cc has found the row). Reads its slots into a fixed array and runs guard programs over it
// (8.4 to 8.10), or answers its tests (decide_tested.h); a row with a compact body is decided by that (decide_compact.h). No allocation, no recursion, no
// exception; programs only jump forward, and load has shown that their sums stay within 128 bits.
#include "runtime/decide.h"

#include <algorithm>
#include <array>

#include "runtime/decide_compact.h"
#include "runtime/decide_numbers.h"
#include "runtime/decide_tested.h"
#include "runtime/rule_table_image.h"

namespace ringfence {

Int128 count_approvals(const Authority& authority, Mask roles) noexcept {
  const std::span<const Approval> approvals = authority.approvals;
  Int128 count = 0;
  for (std::size_t i = 0; i < approvals.size(); ++i) {
    bool counts = approvals[i].person != authority.person && (approvals[i].roles & roles) != 0;
    for (std::size_t j = 0; j < i && counts; ++j) counts = approvals[j].person != approvals[i].person || (approvals[j].roles & roles) == 0;
    count += counts;
  }
  return count;
}

namespace {

using namespace format;
using Image = RuleTable::Image;

// ---- 8.3: what the slots of the row hold

struct Failing { Reason reason = Reason::Allowed; Index slot = kNone; };

/// Fills in `numbers`, or says which slot is the first that can't be.
Failing read_slots(const Image& image, std::size_t first_place, std::span<const SlotView> slots, std::span<const Value> values, Int128 amount,
                   const Authority& authority, Numbers& numbers) noexcept {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!is_supplied(slots[i].kind)) {
      if (!has_number(slots[i], authority)) return {Reason::ValueOutOfRange, static_cast<Index>(i)};
      numbers[i] = known_number(slots[i], amount, authority);
      continue;
    }
    const Reason reason = i < values.size() ? judge_value(values[i], image.slot_ranges[first_place + i], authority.time_ms) : Reason::ValueMissing;
    if (reason != Reason::Allowed) return {reason, static_cast<Index>(i)};
    numbers[i] = values[i].number;
  }
  return {};
}

// ---- guard programs

bool clause_holds(const Sections& sections, const ClauseRecord& clause, const Numbers& numbers) noexcept {
  const NodeRecord* nodes = sections.nodes.data() + clause.first_node;
  std::uint32_t next = clause.node_count == 0 ? kTrueEnd : 0;
  while (next < clause.node_count) next = test_holds(sections, nodes[next], numbers) ? nodes[next].if_true : nodes[next].if_false;
  return next == kTrueEnd;
}

/// Position of the first clause that does not hold, or kNone.
Index first_failing(const Sections& sections, const GuardedRecord& guarded, const Numbers& numbers) noexcept {
  for (Index clause = 0; clause < guarded.clause_count; ++clause) {
    if (!clause_holds(sections, sections.clauses[guarded.first_clause + clause], numbers)) return clause;
  }
  return kNone;
}

/// The statements of a body in their order, by their guard programs over the numbers as they stand.
struct ByPrograms {
  const Sections& sections;
  const GuardedRecord* guarded;
  const Numbers& numbers;
  Index statement(std::uint32_t i) const noexcept { return guarded[i].statement; }
  Index first_failing(std::uint32_t i) const noexcept { return ringfence::first_failing(sections, guarded[i], numbers); }
};

// ---- 8.4 to 8.10

Decision refuse(Index row, Reason reason, Index statement = kNone, Index clause = kNone) noexcept { return {reason, statement, clause, kNone, row}; }

/// A statement, and the first of its conditions that fails; kNone: none does.
struct Judged { Index statement = kNone, failing = kNone; };

/// 8.5: the first allow whose conditions hold; else the first one.
template <class Statements>
Judged judge_allows(const Statements& statements, const BodyRecord& body) noexcept {
  const Index failing_of_first = statements.first_failing(0);
  if (failing_of_first == kNone) return {statements.statement(0), kNone};
  for (std::uint32_t i = 1; i < body.allow_count; ++i) {
    if (statements.first_failing(i) == kNone) return {statements.statement(i), kNone};
  }
  return {statements.statement(0), failing_of_first};
}

/// 8.6, 8.7.
Reason judge_money(const BodyRecord& body, const Numbers& numbers, Int128 amount) noexcept {
  if (body.funds_slot != kNoSlot && numbers[body.funds_slot] < amount) return Reason::Funds;
  if (body.account_slot != kNoSlot && numbers[body.account_slot] < amount) return Reason::Funds;
  if (body.from_slot != kNoSlot && numbers[body.from_slot] - amount < -kAmountMax) return Reason::Overflow;
  if (body.to_slot != kNoSlot && numbers[body.to_slot] + amount > kAmountMax) return Reason::Overflow;
  return Reason::Allowed;
}

/// 8.8, 8.9: the first floor or limit that does not hold. `skipped` statements come before them in the body.
template <class Statements>
Judged judge_bounds(const Statements& statements, std::uint32_t skipped, std::uint32_t count) noexcept {
  for (std::uint32_t i = skipped; i < skipped + count; ++i) {
    const Index failing = statements.first_failing(i);
    if (failing != kNone) return {statements.statement(i), failing};
  }
  return {};
}

template <class Statements>
Judged judge_floors(const Statements& statements, const BodyRecord& body) noexcept {
  return judge_bounds(statements, body.allow_count + body.deny_count, body.floor_count);
}

template <class Statements>
Decision judge(const Statements& statements, const BodyRecord& body, Index row, Numbers& numbers, Int128 amount, Floors floors) noexcept {
  for (std::uint32_t i = body.allow_count; i < body.allow_count + body.deny_count; ++i) {   // 8.4: the first deny whose conditions hold
    if (statements.first_failing(i) == kNone) return refuse(row, Reason::DenyRule, statements.statement(i));
  }
  const Judged allow = judge_allows(statements, body);
  if (allow.failing != kNone) return refuse(row, Reason::Condition, allow.statement, allow.failing);
  if (const Reason reason = judge_money(body, numbers, amount); reason != Reason::Allowed) return refuse(row, reason);
  if (floors == Floors::Check && body.floor_count != 0) {
    if (body.from_slot != kNoSlot) numbers[body.from_slot] -= amount;
    const Judged floor = judge_floors(statements, body);
    if (floor.failing != kNone) return refuse(row, Reason::Floor, floor.statement, floor.failing);
    if (body.from_slot != kNoSlot) numbers[body.from_slot] += amount;
  }
  const Judged limit = judge_bounds(statements, body.allow_count + body.deny_count + body.floor_count, body.limit_count);
  if (limit.failing != kNone) return refuse(row, Reason::Limit, limit.statement, limit.failing);
  return {Reason::Allowed, allow.statement, kNone, kNone, row};
}

Decision refuse_needs(const Needs& needed) noexcept { return {needed.reason, kNone, kNone, kNone, needed.row}; }

// Not inlined: a compact body needs none of their room on the stack.

[[gnu::noinline]] Decision decide_by_programs(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values, Floors floors) noexcept {
  const Image& image = table.image();
  const BodyRecord& body = image.sections.bodies[image.sections.rows[row].body];
  Numbers numbers;
  const Failing failing = read_slots(image, body.first_slot, table.slots(row), values, transfer.amount, transfer.authority, numbers);
  if (failing.reason != Reason::Allowed) return {failing.reason, kNone, kNone, failing.slot, row};
  return judge(ByPrograms{image.sections, image.sections.guarded.data() + body.first_guarded, numbers}, body, row, numbers, transfer.amount, floors);
}

[[gnu::noinline]] Decision decide_by_body(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values, Floors floors) noexcept {
  const Image& image = table.image();
  const BodyRecord& body = image.sections.bodies[image.sections.rows[row].body];
  const std::uint32_t at = image.tested.of_body[image.sections.rows[row].body];
  if (at == kNone) return decide_by_programs(table, transfer, row, values, floors);
  const TestedBody& tested = image.tested.bodies[at];
  Numbers numbers;
  const std::span<const SlotView> slots{image.slot_views.data() + body.first_slot, body.slot_count};
  if (!read_usable(tested, image.slot_ranges.data() + body.first_slot, slots, values, transfer, numbers)) return decide_by_programs(table, transfer, row, values, floors);
  const Int128 left = body.from_slot == kNoSlot ? 0 : numbers[body.from_slot] - transfer.amount;
  numbers[kNumberSourceAfter] = left < -kAmountMax ? 0 : left;   // 8.7 refuses that before any floor is asked; load counts on no sum with it
  const Mask answers = answer_tests(image.sections, std::span(image.tested.tests).subspan(tested.first_test, tested.test_count), numbers);
  const TestedStatement* const statements = image.tested.statements.data() + tested.first_statement;
  if ((answers & tested.asked) == tested.allowing) [[likely]] {
    const Reason money = judge_money(body, numbers, transfer.amount);
    return money == Reason::Allowed ? Decision{money, statements[0].statement, kNone, kNone, row} : refuse(row, money);
  }
  return judge(ByTests{statements, image.tested.clauses.data(), answers}, body, row, numbers, transfer.amount, floors);
}

/// A row that `needs` can't have given is not decided upon.
bool is_move(const Image& image, const Needs& needed) noexcept { return needed.reason == Reason::Allowed && needed.row < image.sections.rows.size(); }

// What is seldom needed is not inlined, so that what is needed mostly takes no stack.

/// A row that `needs` can't have given is not decided upon.
[[gnu::noinline]] Decision refuse_other_needs(const Needs& needed) noexcept { return refuse_needs(needed.reason == Reason::Allowed ? Needs{} : needed); }

/// A transfer without a row is decided as any other, by a body that says so: a quarter of all traffic may have none, and no branch asks.
[[gnu::always_inline]] inline Decision decide_one(const RuleTable& table, const Transfer& transfer, const Needs& needed, std::span<const Value> values,
                                                  Floors floors) noexcept {
  const Image& image = table.image();
  const std::uint32_t is_beyond = needed.row >= image.sections.rows.size();
  if (static_cast<std::uint32_t>(needed.reason) != is_beyond * static_cast<std::uint32_t>(Reason::NoRule)) [[unlikely]] return refuse_other_needs(needed);
  const Index if_row = is_beyond - 1, at = image.compact_of[needed.row & if_row] & if_row;
  if (at == kNone) return decide_by_body(table, transfer, needed.row, values, floors);
  const CompactBody& body = image.compact_bodies[at];
  if (!compact::is_usable(body, values) || !compact::is_in_range(transfer.amount)) [[unlikely]]
    return at == kCompactOfNone ? refuse_needs(needed) : decide_by_body(table, transfer, needed.row, values, floors);
  const std::uint32_t verdict = body.verdict_by_rank[compact::rank_of(body, transfer.amount)];
  if (verdict == kMoneyStates * kVerdictMore) [[unlikely]] return decide_more(table, transfer, needed.row, values, floors);
  return compact::judge(body, needed.row, verdict, transfer.amount, values);
}

}  // namespace

Decision decide_more(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values, Floors floors) noexcept {
  const CompactBody& body = table.image().compact_bodies[table.image().compact_of[row]];
  const std::uint32_t answers = compact::answer_all(body, transfer, values);
  if (answers == 0) return decide_by_body(table, transfer, row, values, floors);
  return compact::judge(body, row, kMoneyStates * verdict_of(body, answers), transfer.amount, values);
}

Decision decide(const RuleTable& table, const Transfer& transfer, const Needs& needed, std::span<const Value> values, Floors floors) noexcept {
  return decide_one(table, transfer, needed, values, floors);
}

std::size_t decide_many(const RuleTable& table, std::span<const Transfer> transfers, std::span<const Needs> needed, std::span<const Value> values,
                        std::span<Decision> decisions) noexcept {
  const std::size_t count = std::min({transfers.size(), needed.size(), decisions.size()});
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t taken = std::min(needed[i].slots.size(), values.size());
    decisions[i] = decide_one(table, transfers[i], needed[i], values.first(taken), Floors::Check);
    values = values.subspan(taken);
  }
  return count;
}

Decision decide_floors(const RuleTable& table, const Transfer& transfer, const Needs& needed, std::span<const Value> values) noexcept {
  const Image& image = table.image();
  if (!is_move(image, needed)) return refuse_needs(needed.reason == Reason::Allowed ? Needs{} : needed);
  const BodyRecord& body = image.sections.bodies[image.sections.rows[needed.row].body];
  // Totals and windows are the business of the other rules: floors read neither (5.1), and by the end they may have left their range.
  const std::span<const SlotView> slots = table.slots(needed.row);
  std::array<Value, kSlotsMax> at_end{};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotKind kind = slots[i].kind;
    const bool is_sum = kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal || kind == SlotKind::Used;
    if (is_sum) at_end[i] = {0, 0, true};
    else if (i < values.size()) at_end[i] = values[i];
  }
  Numbers numbers;
  const Failing failing = read_slots(image, body.first_slot, slots, at_end, transfer.amount, transfer.authority, numbers);
  if (failing.reason != Reason::Allowed) return {failing.reason, kNone, kNone, failing.slot, needed.row};
  const Judged floor = judge_floors(ByPrograms{image.sections, image.sections.guarded.data() + body.first_guarded, numbers}, body);
  return refuse(needed.row, floor.failing == kNone ? Reason::Allowed : Reason::Floor, floor.statement, floor.failing);
}

Decision decide_transition(const RuleTable& table, const ModeChange& change, const Needs& needed, std::span<const Value> values) noexcept {
  const Image& image = table.image();
  const Sections& sections = image.sections;
  if (needed.reason != Reason::Allowed) return refuse_needs(needed);
  if (needed.row < sections.rows.size() || needed.row - sections.rows.size() >= sections.transitions.size()) return refuse_needs({Reason::NoTransition, kNone, {}});
  const TransitionRecord& transition = sections.transitions[needed.row - sections.rows.size()];
  Numbers numbers;
  const Failing failing = read_slots(image, transition.first_slot, table.slots(needed.row), values, 0, change.authority, numbers);
  if (failing.reason != Reason::Allowed) return {failing.reason, kNone, kNone, failing.slot, needed.row};
  const GuardedRecord& guarded = sections.guarded[transition.guarded];
  const Index clause = first_failing(sections, guarded, numbers);
  return {clause == kNone ? Reason::Allowed : Reason::Condition, guarded.statement, clause, kNone, needed.row};
}

}  // namespace ringfence
