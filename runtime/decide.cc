// SPDX-License-Identifier: Apache-2.0
// Language reference, section 8, in its order, from 8.3 on (needs.cc has found the row). Reads its slots into a fixed array and runs guard programs over it
// (8.4 to 8.10); a row with a compact body is decided by that (decide_compact.h). No allocation, no recursion, no exception; programs only jump forward,
// and load has shown that their sums stay within 128 bits.
#include "runtime/decide.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/decide_compact.h"
#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

using namespace format;
using Image = RuleTable::Image;
using Numbers = std::array<Int128, kSlotsMax>;

constexpr std::int64_t kDayMs = 86'400'000;

// ---- 8.3: what the slots of the row hold

std::int64_t second_of_day(std::int64_t time_ms) noexcept {
  const std::int64_t in_day = time_ms % kDayMs;
  return (in_day < 0 ? in_day + kDayMs : in_day) / 1000;
}

}  // namespace

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

/// Whether the value can't be used, and why. Fresh: observed at or before `time_ms`, by no more than the fact's duration.
Reason judge_value(const Value& value, const SlotRange& range, std::int64_t time_ms) noexcept {
  if (!value.present) return Reason::ValueMissing;
  const std::uint64_t age_ms = static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(value.observed_ms);
  if (range.fresh_within_ms != 0 && (time_ms < value.observed_ms || age_ms > static_cast<std::uint64_t>(range.fresh_within_ms))) return Reason::ValueStale;
  return value.number < range.min || value.number > range.max ? Reason::ValueOutOfRange : Reason::Allowed;
}

struct Failing { Reason reason = Reason::Allowed; Index slot = kNone; };

/// Fills in `numbers`, or says which slot is the first that can't be.
Failing read_slots(const Image& image, std::size_t first_place, std::span<const SlotView> slots, std::span<const Value> values, Int128 amount,
                   const Authority& authority, Numbers& numbers) noexcept {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    switch (slots[i].kind) {
      case SlotKind::Amount: numbers[i] = amount; continue;
      case SlotKind::TimeOfDay: numbers[i] = second_of_day(authority.time_ms); continue;
      case SlotKind::Now:
        if (authority.time_ms < kInstantMin || authority.time_ms > kInstantMax) return {Reason::ValueOutOfRange, static_cast<Index>(i)};
        numbers[i] = authority.time_ms;
        continue;
      case SlotKind::Approvals: numbers[i] = count_approvals(authority, slots[i].roles); continue;
      case SlotKind::Evidence: numbers[i] = static_cast<Int128>(authority.evidence >> slots[i].target & 1); continue;
      default: break;
    }
    const Reason reason = i < values.size() ? judge_value(values[i], image.slot_ranges[first_place + i], authority.time_ms) : Reason::ValueMissing;
    if (reason != Reason::Allowed) return {reason, static_cast<Index>(i)};
    numbers[i] = values[i].number;
  }
  return {};
}

// ---- guard programs

bool test_holds(const Sections& sections, const NodeRecord& node, const Numbers& numbers) noexcept {
  const TermRecord* terms = sections.terms.data() + node.first_term;
  if (node.kind == static_cast<std::uint8_t>(TestKind::InSet)) return (static_cast<Mask>(node.constant) >> static_cast<unsigned>(numbers[terms->slot]) & 1) != 0;
  Int128 sum = node.constant;
  for (std::uint32_t i = 0; i < node.term_count; ++i) sum += Int128{terms[i].coefficient} * numbers[terms[i].slot];
  return node.kind == static_cast<std::uint8_t>(TestKind::IsZero) ? sum == 0 : sum >= 0;
}

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

// ---- 8.4 to 8.10

struct Judging { const Sections& sections; const BodyRecord& body; Index row; };

Decision refuse(const Judging& judging, Reason reason, Index statement = kNone, Index clause = kNone) noexcept {
  return {reason, statement, clause, kNone, judging.row};
}

/// 8.5: the first allow whose conditions hold; else the first one, with its first failing condition.
Decision judge_allows(const Judging& judging, const Numbers& numbers) noexcept {
  Index failing_of_first = kNone;
  const GuardedRecord* allows = judging.sections.guarded.data() + judging.body.first_guarded;
  for (std::uint32_t i = 0; i < judging.body.allow_count; ++i) {
    const Index failing = first_failing(judging.sections, allows[i], numbers);
    if (failing == kNone) return {Reason::Allowed, allows[i].statement, kNone, kNone, judging.row};
    if (i == 0) failing_of_first = failing;
  }
  return refuse(judging, Reason::Condition, allows[0].statement, failing_of_first);
}

/// 8.4: the first deny whose conditions hold.
const GuardedRecord* find_deny(const Judging& judging, const Numbers& numbers) noexcept {
  const GuardedRecord* denies = judging.sections.guarded.data() + judging.body.first_guarded + judging.body.allow_count;
  for (std::uint32_t i = 0; i < judging.body.deny_count; ++i) {
    if (first_failing(judging.sections, denies[i], numbers) == kNone) return &denies[i];
  }
  return nullptr;
}

/// 8.6, 8.7.
Reason judge_money(const BodyRecord& body, const Numbers& numbers, Int128 amount) noexcept {
  if (body.funds_slot != kNoSlot && numbers[body.funds_slot] < amount) return Reason::Funds;
  if (body.account_slot != kNoSlot && numbers[body.account_slot] < amount) return Reason::Funds;
  if (body.from_slot != kNoSlot && numbers[body.from_slot] - amount < -kAmountMax) return Reason::Overflow;
  if (body.to_slot != kNoSlot && numbers[body.to_slot] + amount > kAmountMax) return Reason::Overflow;
  return Reason::Allowed;
}

/// 8.8, 8.9: the first floor or limit that does not hold is named, as `reason`. `skipped` statements come before them in the body.
Decision judge_bounds(const Judging& judging, std::uint32_t skipped, std::uint32_t count, Reason reason, const Numbers& numbers) noexcept {
  const GuardedRecord* bounds = judging.sections.guarded.data() + judging.body.first_guarded + skipped;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Index failing = first_failing(judging.sections, bounds[i], numbers);
    if (failing != kNone) return refuse(judging, reason, bounds[i].statement, failing);
  }
  return refuse(judging, Reason::Allowed);
}

Decision judge_floors(const Judging& judging, const Numbers& numbers) noexcept {
  return judge_bounds(judging, judging.body.allow_count + judging.body.deny_count, judging.body.floor_count, Reason::Floor, numbers);
}

Decision judge(const Judging& judging, Numbers& numbers, Int128 amount, Floors floors) noexcept {
  const BodyRecord& body = judging.body;
  if (const GuardedRecord* deny = find_deny(judging, numbers)) return refuse(judging, Reason::DenyRule, deny->statement);
  const Decision allowed = judge_allows(judging, numbers);
  if (!allowed.allowed()) return allowed;
  if (const Reason reason = judge_money(body, numbers, amount); reason != Reason::Allowed) return refuse(judging, reason);
  if (floors == Floors::Check && body.floor_count != 0) {
    if (body.from_slot != kNoSlot) numbers[body.from_slot] -= amount;
    const Decision floor = judge_floors(judging, numbers);
    if (!floor.allowed()) return floor;
    if (body.from_slot != kNoSlot) numbers[body.from_slot] += amount;
  }
  const std::uint32_t before_limits = body.allow_count + body.deny_count + body.floor_count;
  const Decision limit = judge_bounds(judging, before_limits, body.limit_count, Reason::Limit, numbers);
  return limit.allowed() ? allowed : limit;
}

Decision refuse_needs(const Needs& needed) noexcept { return {needed.reason, kNone, kNone, kNone, needed.row}; }

/// Not inlined: a compact body needs none of its room on the stack.
[[gnu::noinline]] Decision decide_by_body(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values, Floors floors) noexcept {
  const Image& image = table.image();
  const BodyRecord& body = image.sections.bodies[image.sections.rows[row].body];
  Numbers numbers;
  const Failing failing = read_slots(image, body.first_slot, table.slots(row), values, transfer.amount, transfer.authority, numbers);
  if (failing.reason != Reason::Allowed) return {failing.reason, kNone, kNone, failing.slot, row};
  return judge({image.sections, body, row}, numbers, transfer.amount, floors);
}

/// A row that `needs` can't have given is not decided upon.
bool is_move(const Image& image, const Needs& needed) noexcept { return needed.reason == Reason::Allowed && needed.row < image.sections.rows.size(); }

/// The rest of decide_one where the bounds on the amount do not decide by themselves. Not inlined, so that what they decide needs no stack.
[[gnu::noinline]] Decision decide_more(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values, Floors floors) noexcept {
  const CompactBody& body = table.image().compact_bodies[table.image().compact_of[row]];
  const std::uint32_t answers = compact::answer_more(body, transfer, values);
  if (answers == 0) return decide_by_body(table, transfer, row, values, floors);
  return compact::judge(body, row, compact::failing_clauses(body.clauses, answers), transfer.amount, values);
}

/// A transfer without a row is decided as any other, by a body that always allows, and then gets the reason that it has: a quarter of all traffic may
/// have none, and no branch asks.
inline Decision decide_one(const RuleTable& table, const Transfer& transfer, const Needs& needed, std::span<const Value> values, Floors floors) noexcept {
  const Image& image = table.image();
  const std::uint64_t row_count = image.sections.rows.size(), has_row = needed.reason == Reason::Allowed;
  const std::uint64_t is_beyond = (row_count + ~std::uint64_t{needed.row}) >> 63;   // row_count - 1 - row is below zero
  if ((is_beyond & has_row) != 0) [[unlikely]] return refuse_needs({});
  const Index at = image.compact_of[row_count ^ ((row_count ^ needed.row) & (std::uint64_t{0} - has_row))];
  if (at == kNone) return decide_by_body(table, transfer, needed.row, values, floors);
  const CompactBody& body = image.compact_bodies[at];
  if (!compact::is_usable(body, transfer.amount, values)) [[unlikely]]
    return has_row != 0 ? decide_by_body(table, transfer, needed.row, values, floors) : refuse_needs(needed);
  const std::uint32_t bounds = compact::answer_bounds(body, transfer.amount);
  const std::uint64_t failing = compact::failing_clauses(body.clauses, bounds);
  const std::uint64_t failing_at_best = compact::failing_clauses(body.clauses, bounds | body.more_tests);
  if (((failing ^ failing_at_best) | body.others) != 0) return decide_more(table, transfer, needed.row, values, floors);
  Decision decision = compact::judge(body, needed.row, failing, transfer.amount, values);
  const Reason reasons[] = {needed.reason, decision.reason};
  decision.reason = reasons[has_row];
  return decision;
}

}  // namespace

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
  return judge_floors({image.sections, body, needed.row}, numbers);
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
