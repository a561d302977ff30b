// SPDX-License-Identifier: Apache-2.0
// Language reference, section 8, in its order. `needs` finds the row (8.1, 8.2); the rest reads its slots (8.3) into a fixed array
// and runs guard programs over it (8.4 to 8.10). No allocation, no recursion, no exception; programs only jump forward, and load
// has shown that their sums stay within 128 bits.
#include "runtime/decide.h"

#include <array>

#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

using namespace format;
using Image = RuleTable::Image;
using Numbers = std::array<Int128, kSlotsMax>;

constexpr std::int64_t kDayMs = 86'400'000;

// ---- 8.1

bool is_known(const Image& image, const Authority& authority) noexcept {
  return authority.role < image.sections.roles.size() && (authority.evidence & ~image.evidence_mask) == 0;
}

bool has_keys(const Instance& instance, std::uint32_t key_count) noexcept {
  std::uint64_t unused = 0;
  for (std::uint32_t i = 0; i < kKeysMax; ++i) unused |= i < key_count ? 0 : instance.ids[i];
  return instance.id_count == key_count && unused == 0;
}

bool has_approvals(const Image& image, std::span<const Approval> approvals) noexcept {
  if (approvals.size() > kApprovalsMax) return false;
  Mask roles = 0;
  for (const Approval& approval : approvals) roles |= approval.roles;
  return (roles & ~image.role_mask) == 0;
}

Reason check_form(const Image& image, const Transfer& transfer) noexcept {
  const Sections& sections = image.sections;
  if (transfer.purpose >= sections.purposes.size() || transfer.asset >= sections.assets.size() || transfer.from.target >= sections.sources.size() ||
      transfer.to.target >= sections.sources.size() || !is_known(image, transfer.authority))
    return Reason::UnknownName;
  if (!has_keys(transfer.from, sections.sources[transfer.from.target].key_count) || !has_keys(transfer.to, sections.sources[transfer.to.target].key_count) ||
      !has_approvals(image, transfer.authority.approvals))
    return Reason::Malformed;
  if (transfer.amount < 1 || transfer.amount > kAmountMax) return Reason::AmountOutOfRange;
  return transfer.from == transfer.to ? Reason::SameInstance : Reason::Allowed;
}

Reason check_form(const Image& image, const ModeChange& change) noexcept {
  const Sections& sections = image.sections;
  if (change.subject.target >= sections.machines.size()) return Reason::UnknownName;
  const MachineRecord& machine = sections.machines[change.subject.target];
  if (change.to_mode >= machine.mode_count || !is_known(image, change.authority)) return Reason::UnknownName;
  if (!has_keys(change.subject, machine.subject.keys.count) || !has_approvals(image, change.authority.approvals)) return Reason::Malformed;
  return Reason::Allowed;
}

// ---- 8.2: source -> pair word -> block -> lane -> cell, each step one access

/// Bits set; without the instruction that not every processor has.
std::uint32_t count_bits(std::uint64_t bits) noexcept {
  bits -= bits >> 1 & 0x5555'5555'5555'5555u;
  bits = (bits & 0x3333'3333'3333'3333u) + (bits >> 2 & 0x3333'3333'3333'3333u);
  bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0Fu;
  return static_cast<std::uint32_t>(bits * 0x0101'0101'0101'0101u >> 56);
}

const BlockRecord* find_block(const Sections& sections, Index from, Index to) noexcept {
  const SourceRecord& source = sections.sources[from];
  const std::uint32_t word_position = to / 64 - source.first_to_word;   // wraps to beyond word_count when `to` is before the first
  if (word_position >= source.word_count) return nullptr;
  const PairWord& word = sections.pair_words[source.first_word + word_position];
  const std::uint64_t bit = std::uint64_t{1} << to % 64;
  if ((word.bits & bit) == 0) return nullptr;
  return &sections.blocks[word.first_block + count_bits(word.bits & (bit - 1))];
}

std::uint32_t relation_of(const BlockRecord& block, const Ids& from, const Ids& to) noexcept {
  std::uint32_t differs = 0;
  for (std::size_t i = 0; i < kKeysMax; ++i) differs |= static_cast<std::uint32_t>(from[block.from_keys[i]] != to[block.to_keys[i]]) << i;
  return differs & block.relation_mask;
}

Index find_row(const Sections& sections, const Transfer& transfer) noexcept {
  const BlockRecord* block = find_block(sections, transfer.from.target, transfer.to.target);
  if (block == nullptr) return kNone;
  const std::uint32_t purpose = sections.purpose_maps[block->purpose_map * sections.purposes.size() + transfer.purpose];
  if (purpose == kNoClass) return kNone;
  const LaneRecord& lane = sections.lanes[block->first_lane + relation_of(*block, transfer.from.ids, transfer.to.ids) * block->purpose_count + purpose];
  const std::uint32_t role = sections.role_maps[lane.role_map * sections.roles.size() + transfer.authority.role];
  const std::uint32_t asset = sections.asset_maps[lane.asset_map * sections.assets.size() + transfer.asset];
  if (role == kNoClass || asset == kNoClass) return kNone;
  return sections.cells[lane.first_cell + role * lane.asset_count + asset];
}

// ---- 8.3: what the slots of the row hold

std::int64_t second_of_day(std::int64_t time_ms) noexcept {
  const std::int64_t in_day = time_ms % kDayMs;
  return (in_day < 0 ? in_day + kDayMs : in_day) / 1000;
}

/// Different persons, without the initiator, each of whom holds one of the roles in any of their approvals.
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

/// A row that `needs` can't have given is not decided upon.
bool is_move(const Image& image, const Needs& needed) noexcept { return needed.reason == Reason::Allowed && needed.row < image.sections.rows.size(); }

}  // namespace

Needs needs(const RuleTable& table, const Transfer& transfer) noexcept {
  const Image& image = table.image();
  if (const Reason reason = check_form(image, transfer); reason != Reason::Allowed) return {reason, kNone, {}};
  const Index row = find_row(image.sections, transfer);
  if (row == kNone) return {Reason::NoRule, kNone, {}};
  return {Reason::Allowed, row, table.slots(row)};
}

Decision decide(const RuleTable& table, const Transfer& transfer, const Needs& needed, std::span<const Value> values, Floors floors) noexcept {
  const Image& image = table.image();
  if (!is_move(image, needed)) return refuse_needs(needed.reason == Reason::Allowed ? Needs{} : needed);
  const BodyRecord& body = image.sections.bodies[image.sections.rows[needed.row].body];
  Numbers numbers;
  const Failing failing = read_slots(image, body.first_slot, table.slots(needed.row), values, transfer.amount, transfer.authority, numbers);
  if (failing.reason != Reason::Allowed) return {failing.reason, kNone, kNone, failing.slot, needed.row};
  return judge({image.sections, body, needed.row}, numbers, transfer.amount, floors);
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

Needs next_transition(const RuleTable& table, const ModeChange& change, Index mode_now, Index row_before) noexcept {
  const Image& image = table.image();
  if (const Reason reason = check_form(image, change); reason != Reason::Allowed) return {reason, kNone, {}};
  const Sections& sections = image.sections;
  const MachineRecord& machine = sections.machines[change.subject.target];
  const Needs none{Reason::NoTransition, kNone, {}};
  if (mode_now >= machine.mode_count) return none;
  const std::uint32_t group = machine.first_mode + change.to_mode;
  for (std::uint32_t i = image.first_transition[group]; i < image.first_transition[group + 1]; ++i) {
    const TransitionRecord& transition = sections.transitions[image.transition_order[i]];
    const auto row = static_cast<Index>(sections.rows.size() + image.transition_order[i]);
    if (row_before != kNone && row <= row_before) continue;
    if ((transition.from_modes >> mode_now & 1) != 0 && (transition.roles >> change.authority.role & 1) != 0) return {Reason::Allowed, row, table.slots(row)};
  }
  return none;
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

Ids slot_ids(const SlotView& slot, const Instance& from, const Instance& to) noexcept {
  Ids ids{};
  for (std::size_t i = 0; i < slot.keys.size(); ++i) {
    const std::uint8_t key = slot.keys[i];
    if (key != kKeySummed) ids[i] = key < kDestinationKey ? from.ids[key] : to.ids[key - kDestinationKey];
  }
  return ids;
}

}  // namespace ringfence
