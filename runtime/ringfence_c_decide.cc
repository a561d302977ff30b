// SPDX-License-Identifier: Apache-2.0
// The C interface to needs and decisions: what the caller gave is checked and put into the types of decide.h, on the stack, and the
// answer is put back. A call that is refused leaves a decision that is not allowed. No allocation.
#include <algorithm>
#include <memory>

#include "runtime/c_asked.h"
#include "runtime/mode_in_force.h"

using namespace ringfence;
using namespace ringfence::c;

namespace {

#define RINGFENCE_SAME(c, kind, identifier) static_assert(c == static_cast<int>(kind::identifier))
RINGFENCE_SAME(RINGFENCE_ALLOWED, Reason, Allowed);
RINGFENCE_SAME(RINGFENCE_UNKNOWN_NAME, Reason, UnknownName);
RINGFENCE_SAME(RINGFENCE_MALFORMED, Reason, Malformed);
RINGFENCE_SAME(RINGFENCE_AMOUNT_OUT_OF_RANGE, Reason, AmountOutOfRange);
RINGFENCE_SAME(RINGFENCE_SAME_INSTANCE, Reason, SameInstance);
RINGFENCE_SAME(RINGFENCE_TIME_WENT_BACK, Reason, TimeWentBack);
RINGFENCE_SAME(RINGFENCE_NO_RULE, Reason, NoRule);
RINGFENCE_SAME(RINGFENCE_VALUE_MISSING, Reason, ValueMissing);
RINGFENCE_SAME(RINGFENCE_VALUE_STALE, Reason, ValueStale);
RINGFENCE_SAME(RINGFENCE_VALUE_OUT_OF_RANGE, Reason, ValueOutOfRange);
RINGFENCE_SAME(RINGFENCE_DENY_RULE, Reason, DenyRule);
RINGFENCE_SAME(RINGFENCE_CONDITION, Reason, Condition);
RINGFENCE_SAME(RINGFENCE_FUNDS, Reason, Funds);
RINGFENCE_SAME(RINGFENCE_OVERFLOW, Reason, Overflow);
RINGFENCE_SAME(RINGFENCE_FLOOR, Reason, Floor);
RINGFENCE_SAME(RINGFENCE_LIMIT, Reason, Limit);
RINGFENCE_SAME(RINGFENCE_NO_TRANSITION, Reason, NoTransition);
RINGFENCE_SAME(RINGFENCE_BATCH, Reason, Batch);
RINGFENCE_SAME(RINGFENCE_BROUGHT_BEFORE, Brought, Before);
RINGFENCE_SAME(RINGFENCE_BROUGHT_AFTER, Brought, After);
RINGFENCE_SAME(RINGFENCE_SLOT_AMOUNT, SlotKind, Amount);
RINGFENCE_SAME(RINGFENCE_SLOT_TIME_OF_DAY, SlotKind, TimeOfDay);
RINGFENCE_SAME(RINGFENCE_SLOT_APPROVALS, SlotKind, Approvals);
RINGFENCE_SAME(RINGFENCE_SLOT_EVIDENCE, SlotKind, Evidence);
RINGFENCE_SAME(RINGFENCE_SLOT_BALANCE, SlotKind, Balance);
RINGFENCE_SAME(RINGFENCE_SLOT_BUCKET_TOTAL, SlotKind, BucketTotal);
RINGFENCE_SAME(RINGFENCE_SLOT_ACCOUNT_TOTAL, SlotKind, AccountTotal);
RINGFENCE_SAME(RINGFENCE_SLOT_FACT, SlotKind, Fact);
RINGFENCE_SAME(RINGFENCE_SLOT_MODE, SlotKind, Mode);
RINGFENCE_SAME(RINGFENCE_SLOT_USED, SlotKind, Used);
RINGFENCE_SAME(RINGFENCE_SLOT_NOW, SlotKind, Now);
#undef RINGFENCE_SAME

// ---- what the caller gave, as decide takes it

using Values = Raw<Value, kSlotsMax>;

/// `count` values from `first` on, of which there are kSlotsMax at most.
ringfence_status take_values(const ringfence_value* first, std::uint32_t size, std::size_t count, Values& values) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const ringfence_value& value = element(first, size, i);
    if (!is_readable(value, size)) return RINGFENCE_BAD_STRUCT;
    std::construct_at(values.at(i), Value{cpp_number(value.number), value.observed_ms, value.present == 1});
  }
  return RINGFENCE_OK;
}

/// `size`: as for is_readable. Needs that this table did not answer are refused, so that a row always means what it meant.
ringfence_status take_needs(const RuleTable& table, const ringfence_needs& given, std::uint32_t size, Needs& needed) noexcept {
  if (!is_readable(given, size)) return RINGFENCE_BAD_STRUCT;
  if (given.table != table.serial()) return RINGFENCE_OTHER_TABLE;
  if (given.reason > RINGFENCE_BATCH) return RINGFENCE_BAD_ARGUMENT;
  needed = {static_cast<Reason>(given.reason), given.row, {}};
  return RINGFENCE_OK;
}

// ---- answers, as the caller takes them

ringfence_needs c_needs(const RuleTable& table, const Needs& needed) noexcept {
  return {0, static_cast<std::uint32_t>(needed.reason), needed.row, static_cast<std::uint32_t>(needed.slots.size()), table.serial()};
}

ringfence_slot c_slot(const SlotView& slot, const Instance& from, const Instance& to) noexcept {
  ringfence_slot made{};
  made.kind = static_cast<std::uint32_t>(slot.kind);
  made.target = slot.target;
  made.asset = slot.asset;
  made.supplied = is_supplied(slot.kind) ? 1 : 0;
  made.id_count = static_cast<std::uint32_t>(slot.keys.size());
  for (std::size_t i = 0; i < slot.keys.size(); ++i) made.summed |= slot.keys[i] == kKeySummed ? 1u << i : 0u;
  std::ranges::copy(slot_ids(slot, from, to), made.ids);
  return made;
}

/// Writes those of the slots that fit, behind the `used` that are there.
void write_slots(std::span<const SlotView> views, const Instance& from, const Instance& to, ringfence_slot* slots, std::size_t used, std::size_t capacity) noexcept {
  for (std::size_t i = 0; i < views.size() && used + i < capacity; ++i) write_element(slots, used + i, c_slot(views[i], from, to));
}

// ---- transfers

struct Given {
  const RuleTable& table;
  const ringfence_transfer& transfer;
  std::uint32_t transfer_size;
  const ringfence_needs& needs;
  std::uint32_t needs_size;
};

/// Takes everything of one transfer and lets `answer` decide.
template <class Answer>
ringfence_status decide_one(const Given& given, const ringfence_value* values, std::uint32_t value_size, std::size_t value_count, ringfence_decision& decision,
                            Answer answer) noexcept {
  Approvals approvals;
  Values taken;
  Transfer transfer;
  Needs needed;
  if (const ringfence_status status = take_needs(given.table, given.needs, given.needs_size, needed); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = take(given.transfer, given.transfer_size, approvals, transfer); status != RINGFENCE_OK) return status;
  const std::size_t count = std::min(value_count, kSlotsMax);
  if (const ringfence_status status = take_values(values, value_size, count, taken); status != RINGFENCE_OK) return status;
  write(decision, c_decision(answer(transfer, needed, std::span<const Value>(taken.at(0), count))));
  return RINGFENCE_OK;
}

template <class Answer>
ringfence_status decide_alone(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs, const ringfence_value* values,
                              size_t value_count, ringfence_decision* decision, Answer answer) noexcept {
  if (const ringfence_status status = deny_first(decision, 1); status != RINGFENCE_OK) return status;
  if (table == nullptr || transfer == nullptr || needs == nullptr || (values == nullptr && value_count != 0)) return RINGFENCE_BAD_ARGUMENT;
  const Given given{cpp(table), *transfer, transfer->size, *needs, needs->size};
  return decide_one(given, values, value_count == 0 ? 0 : values->size, value_count, *decision, answer);
}

/// What `list` adds for a transfer with these needs, up to `capacity`; all of it is counted.
template <class Struct, class List>
ringfence_status list_for(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs, Struct* first, size_t capacity, size_t* count,
                          const List& list) {
  if (count == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *count = 0;
  if (table == nullptr || transfer == nullptr || needs == nullptr) return RINGFENCE_BAD_ARGUMENT;
  Approvals approvals;
  Transfer asked;
  Needs needed;
  if (const ringfence_status status = check_array(first, capacity); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = take_needs(cpp(table), *needs, needs->size, needed); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = take(*transfer, transfer->size, approvals, asked); status != RINGFENCE_OK) return status;
  list(asked, needed, [&](const Struct& made) {
    if (*count < capacity) write_element(first, *count, made);
    ++*count;
  });
  return RINGFENCE_OK;
}

}  // namespace

ringfence_status ringfence_get_needs(const ringfence_table* table, const ringfence_transfer* transfer, ringfence_needs* needs, ringfence_slot* slots,
                                     size_t slot_capacity) {
  size_t slot_count = 0;
  return ringfence_get_needs_many(table, transfer, 1, needs, slots, slot_capacity, &slot_count);
}

ringfence_status ringfence_get_needs_many(const ringfence_table* table, const ringfence_transfer* transfers, size_t count, ringfence_needs* needed,
                                          ringfence_slot* slots, size_t slot_capacity, size_t* slot_count) {
  if (slot_count == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *slot_count = 0;
  if (table == nullptr || (transfers == nullptr && count != 0)) return RINGFENCE_BAD_ARGUMENT;
  if (const ringfence_status status = check_array(needed, count); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = check_array(slots, slot_capacity); status != RINGFENCE_OK) return status;
  for (size_t i = 0; i < count; ++i) write_element(needed, i, c_needs(cpp(table), {Reason::NoRule, kNone, {}}));
  for (size_t i = 0; i < count; ++i) {
    Approvals approvals;
    Transfer transfer;
    const ringfence_status status = take(element(transfers, transfers->size, i), transfers->size, approvals, transfer);
    if (status != RINGFENCE_OK) return status;
    const Needs answer = needs(cpp(table), transfer);
    write_element(needed, i, c_needs(cpp(table), answer));
    write_slots(answer.slots, transfer.from, transfer.to, slots, *slot_count, slot_capacity);
    *slot_count += answer.slots.size();
  }
  return RINGFENCE_OK;
}

ringfence_status ringfence_decide(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs, const ringfence_value* values,
                                  size_t value_count, uint32_t floors, ringfence_decision* decision) {
  if (floors > RINGFENCE_DEFER_FLOORS) {
    const ringfence_status status = deny_first(decision, 1);
    return status == RINGFENCE_OK ? RINGFENCE_BAD_ARGUMENT : status;
  }
  return decide_alone(table, transfer, needs, values, value_count, decision, [&](const Transfer& asked, const Needs& needed, std::span<const Value> given) noexcept {
    return decide(cpp(table), asked, needed, given, floors == RINGFENCE_DEFER_FLOORS ? Floors::Defer : Floors::Check);
  });
}

ringfence_status ringfence_decide_at_hand(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* known, const ringfence_value* values,
                                          size_t value_count, ringfence_decision* decision) {
  return decide_alone(table, transfer, known, values, value_count, decision,
                      [&](const Transfer& asked, const Needs& needed, std::span<const Value> given) noexcept { return decide(cpp(table), asked, needed.row, given); });
}

ringfence_status ringfence_decide_floors(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs,
                                         const ringfence_value* values, size_t value_count, ringfence_decision* decision) {
  return decide_alone(table, transfer, needs, values, value_count, decision, [&](const Transfer& asked, const Needs& needed, std::span<const Value> given) noexcept {
    return decide_floors(cpp(table), asked, needed, given);
  });
}

ringfence_status ringfence_decide_many(const ringfence_table* table, const ringfence_transfer* transfers, const ringfence_needs* needs, size_t count,
                                       const ringfence_value* values, size_t value_count, ringfence_decision* decisions) {
  if (const ringfence_status status = deny_first(decisions, count); status != RINGFENCE_OK || count == 0) return status;
  if (table == nullptr || transfers == nullptr || needs == nullptr || (values == nullptr && value_count != 0)) return RINGFENCE_BAD_ARGUMENT;
  const std::uint32_t value_size = value_count == 0 ? 0 : values->size;
  std::size_t used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Given given{cpp(table), element(transfers, transfers->size, i), transfers->size, element(needs, needs->size, i), needs->size};
    const std::size_t taken = std::min<std::size_t>(given.needs.slot_count, value_count - used);
    const ringfence_value* own = taken == 0 ? nullptr : &element(values, value_size, used);
    const ringfence_status status =
        decide_one(given, own, value_size, taken, element(decisions, decisions->size, i),
                   [&](const Transfer& asked, const Needs& needed, std::span<const Value> read) noexcept { return decide(given.table, asked, needed, read); });
    if (status != RINGFENCE_OK) return status;
    used += taken;
  }
  return RINGFENCE_OK;
}

ringfence_status ringfence_get_counted(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs, ringfence_counted* counted,
                                       size_t capacity, size_t* count) {
  return list_for(table, transfer, needs, counted, capacity, count, [&](const Transfer& asked, const Needs& needed, const auto& add) {
    for (const RuleTable::Counted& limit : cpp(table).counted(needed.row)) {
      const SlotView sum{SlotKind::Used, limit.limit, kNone, 0, limit.keys};
      ringfence_counted made{0, limit.limit, static_cast<std::uint32_t>(limit.keys.size()), 0, {}};
      std::ranges::copy(slot_ids(sum, asked.from, asked.to), made.ids);
      add(made);
    }
  });
}

ringfence_status ringfence_get_brought_modes(const ringfence_table* table, const ringfence_transfer* transfer, const ringfence_needs* needs, ringfence_brought_mode* brought,
                                             size_t capacity, size_t* count) {
  return list_for(table, transfer, needs, brought, capacity, count, [&](const Transfer& asked, const Needs& needed, const auto& add) {
    for (const RuleTable::BroughtMode& mode : cpp(table).brought_modes(needed.row)) {
      const Instance subject = brought_change(cpp(table), asked, needed, mode).subject;
      ringfence_brought_mode made{0, mode.statement, static_cast<std::uint32_t>(mode.when), subject.target, mode.mode, subject.id_count, {}};
      std::ranges::copy(subject.ids, made.ids);
      add(made);
    }
  });
}

// ---- mode changes

ringfence_status ringfence_next_transition(const ringfence_table* table, const ringfence_mode_change* change, uint32_t mode_now, uint32_t row_before,
                                           ringfence_needs* needs, ringfence_slot* slots, size_t slot_capacity) {
  if (table == nullptr || change == nullptr) return RINGFENCE_BAD_ARGUMENT;
  if (const ringfence_status status = check_array(needs, 1); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = check_array(slots, slot_capacity); status != RINGFENCE_OK) return status;
  write(*needs, c_needs(cpp(table), {Reason::NoTransition, kNone, {}}));
  Approvals approvals;
  ModeChange asked;
  if (const ringfence_status status = take(*change, approvals, asked); status != RINGFENCE_OK) return status;
  const Needs needed = next_transition(cpp(table), asked, mode_now, row_before);
  write(*needs, c_needs(cpp(table), needed));
  write_slots(needed.slots, asked.subject, asked.subject, slots, 0, slot_capacity);
  return RINGFENCE_OK;
}

ringfence_status ringfence_decide_transition(const ringfence_table* table, const ringfence_mode_change* change, const ringfence_needs* needs,
                                             const ringfence_value* values, size_t value_count, ringfence_decision* decision) {
  if (const ringfence_status status = deny_first(decision, 1); status != RINGFENCE_OK) return status;
  if (table == nullptr || change == nullptr || needs == nullptr || (values == nullptr && value_count != 0)) return RINGFENCE_BAD_ARGUMENT;
  Approvals approvals;
  Values taken;
  ModeChange asked;
  Needs needed;
  const std::size_t count = std::min(value_count, kSlotsMax);
  if (const ringfence_status status = take_needs(cpp(table), *needs, needs->size, needed); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = take(*change, approvals, asked); status != RINGFENCE_OK) return status;
  if (const ringfence_status status = take_values(values, count == 0 ? 0 : values->size, count, taken); status != RINGFENCE_OK) return status;
  write(*decision, c_decision(decide_transition(cpp(table), asked, needed, {taken.at(0), count})));
  return RINGFENCE_OK;
}

ringfence_status ringfence_mode_in_force(const ringfence_table* table, uint32_t machine, const ringfence_kept_mode* kept, int64_t time_ms, ringfence_kept_mode* now) {
  if (now == nullptr) return RINGFENCE_BAD_ARGUMENT;
  if (!is_writable(*now)) return RINGFENCE_BAD_STRUCT;
  write(*now, {0, RINGFENCE_NONE, 0, 0, 0});
  if (table == nullptr || kept == nullptr) return RINGFENCE_BAD_ARGUMENT;
  if (!is_readable(*kept) || kept->has_entry > 1 || kept->reserved != 0) return RINGFENCE_BAD_STRUCT;
  if (machine >= cpp(table).machine_count() || kept->mode >= cpp(table).machine(machine).mode_count) return RINGFENCE_BAD_ARGUMENT;
  const auto entered_ms = kept->has_entry == 1 ? std::optional(kept->entered_ms) : std::nullopt;
  const std::optional<KeptMode> found = mode_in_force(cpp(table), machine, {kept->mode, entered_ms}, time_ms);
  if (found) write(*now, {0, found->mode, found->entered_ms ? 1u : 0u, 0, found->entered_ms.value_or(0)});
  return RINGFENCE_OK;
}

// ---- words

const char* ringfence_reason_word(uint32_t reason) { return reason > RINGFENCE_BATCH ? "" : reason_word(static_cast<Reason>(reason)); }
const char* ringfence_reason_sentence(uint32_t reason) { return reason > RINGFENCE_BATCH ? "" : reason_sentence(static_cast<Reason>(reason)); }

ringfence_text ringfence_clause_text(const ringfence_table* table, const ringfence_decision* decision) {
  if (table == nullptr || decision == nullptr || !is_readable(*decision) || decision->row == kNone) return {nullptr, 0};
  const std::string_view text = cpp(table).clause_text(decision->row, decision->statement, decision->clause);
  return text.empty() ? ringfence_text{nullptr, 0} : ringfence_text{text.data(), text.size()};
}
