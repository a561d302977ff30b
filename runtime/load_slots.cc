// SPDX-License-Identifier: Apache-2.0
// The part of `load` that checks statements, limits and slots: language reference, sections 5.2, 6.3 and 8.3. Afterwards every
// slot names something that is declared, with one key source for each of its keys, and knows the range of its value.
#include "runtime/load_check.h"

namespace ringfence::load_check {
namespace {

using namespace format;

constexpr Int128 kSecondsOfDay = 86'400;

Failure check_statement(const Image& image, const StatementRecord& statement) {
  for (const TextRef* text : {&statement.text, &statement.cite, &statement.because}) {
    if (Failure failure = check_text(image, *text)) return failure;
  }
  if (statement.kind > static_cast<std::uint32_t>(StatementKind::Invariant)) return fail_at(image, statement.kind, "there is no such kind of statement");
  if ((statement.notify & image.undeclared_roles) != 0) return fail_at(image, statement.notify, "a statement notifies a role that is not declared");
  return {};
}

Failure check_limit(const Image& image, const LimitRecord& limit) {
  const Sections& sections = image.sections;
  if (limit.statement >= sections.statements.size() || sections.statements[limit.statement].kind != static_cast<std::uint32_t>(StatementKind::Limit))
    return fail_at(image, limit.statement, "a limit's statement is no limit");
  if (limit.asset >= sections.assets.size()) return fail_at(image, limit.asset, "a limit's asset is not declared");
  if (limit.window_ms < 0) return fail_at(image, limit.window_ms, "a limit's window is shorter than no time");
  if (limit.per.count > kKeysMax || !is_run(limit.per.first, limit.per.count, sections.indexes.size())) return fail_at(image, limit.per, "a limit's ids are not a list of at most 4");
  for (const Index& entity : image.list(limit.per)) {
    if (entity >= sections.entities.size() || sections.entities[entity].many == 0) return fail_at(image, entity, "a limit is per something that is not a many-entity");
  }
  return {};
}

bool is_target(const Image& image, SlotKind kind, std::uint32_t target) noexcept {
  const Sections& sections = image.sections;
  switch (kind) {
    case SlotKind::Amount: case SlotKind::TimeOfDay: case SlotKind::Approvals: case SlotKind::Now: return target == kNone;
    case SlotKind::Evidence: return target < sections.evidence.size();
    case SlotKind::Balance: case SlotKind::BucketTotal: return target < sections.buckets.size() && sections.buckets[target].external == 0;
    case SlotKind::AccountTotal: return target < sections.accounts.size();
    case SlotKind::Fact: return target < sections.facts.size();
    case SlotKind::Mode: return target < sections.machines.size();
    case SlotKind::Used: return target < sections.limits.size();
  }
  return false;
}

bool is_asset(const Image& image, SlotKind kind, const SlotRecord& slot) noexcept {
  switch (kind) {
    case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: return slot.asset < image.sections.assets.size();
    case SlotKind::Used: return slot.asset == image.sections.limits[slot.target].asset;
    default: return slot.asset == kNone;
  }
}

Failure check_slot(const Image& image, const SlotRecord& slot) {
  if (slot.kind > static_cast<std::uint8_t>(SlotKind::Now)) return fail_at(image, slot.kind, "there is no such kind of slot");
  const auto kind = static_cast<SlotKind>(slot.kind);
  if (!is_target(image, kind, slot.target)) return fail_at(image, slot.target, "a slot's target is not declared");
  if (!is_asset(image, kind, slot)) return fail_at(image, slot.asset, "a slot's asset is wrong");
  const bool roles_fit = kind == SlotKind::Approvals ? slot.roles != 0 && (slot.roles & image.undeclared_roles) == 0 : slot.roles == 0;
  if (!roles_fit || slot.reserved != 0) return fail_at(image, slot.roles, "a slot's roles are wrong");
  if (slot.key_count != target_keys(image, slot).size()) return fail_at(image, slot.key_count, "a slot has another number of keys than its target");
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    const std::uint8_t& key = slot.keys[i];
    if (i >= slot.key_count ? key != 0 : key >= kDestinationKey + kKeysMax && (key != kSummedKey || kind != SlotKind::BucketTotal))
      return fail_at(image, key, "a slot has a key that comes from nowhere");
  }
  return {};
}

SlotRange range_of(const Image& image, const SlotRecord& slot) noexcept {
  const Sections& sections = image.sections;
  switch (static_cast<SlotKind>(slot.kind)) {
    case SlotKind::Amount: return {1, kAmountMax, 0};
    case SlotKind::TimeOfDay: return {0, kSecondsOfDay - 1, 0};
    case SlotKind::Now: return {kInstantMin, kInstantMax, 0};
    case SlotKind::Approvals: return {0, static_cast<Int128>(kApprovalsMax), 0};
    case SlotKind::Evidence: return {0, 1, 0};
    case SlotKind::Balance: case SlotKind::BucketTotal: return {sections.buckets[slot.target].may_overdraw != 0 ? -kAmountMax : Int128{0}, kAmountMax, 0};
    case SlotKind::AccountTotal: return {image.account_overdraws[slot.target] ? -kAmountMax : Int128{0}, kAmountMax, 0};
    case SlotKind::Used: return {0, kAmountMax, 0};
    case SlotKind::Fact: return {sections.facts[slot.target].min, sections.facts[slot.target].max, sections.facts[slot.target].fresh_within_ms};
    case SlotKind::Mode: return {0, static_cast<Int128>(sections.machines[slot.target].mode_count) - 1, 0};
  }
  return {};
}

}  // namespace

std::span<const Index> target_keys(const Image& image, const SlotRecord& slot) noexcept {
  const Sections& sections = image.sections;
  switch (static_cast<SlotKind>(slot.kind)) {
    case SlotKind::Amount: case SlotKind::TimeOfDay: case SlotKind::Approvals: case SlotKind::Evidence: case SlotKind::Now: return {};
    case SlotKind::Balance: case SlotKind::BucketTotal: return image.list(sections.buckets[slot.target].keys);
    case SlotKind::AccountTotal: return image.list(sections.accounts[slot.target].keys);
    case SlotKind::Fact: return image.list(sections.facts[slot.target].subject.keys);
    case SlotKind::Mode: return image.list(sections.machines[slot.target].subject.keys);
    case SlotKind::Used: return image.list(sections.limits[slot.target].per);
  }
  return {};
}

Int128 slot_magnitude(const Image& image, std::size_t place) noexcept {
  const SlotRange& range = image.slot_ranges[place];
  const auto kind = image.slot_views[place].kind;
  // A floor reads the source's balance as it is after the move: below zero, when it is asked of what was deferred.
  if (kind == SlotKind::Balance || kind == SlotKind::BucketTotal) return kAmountMax;
  return std::max(range.max, -range.min);
}

Failure check_statements(const Image& image) {
  for (const StatementRecord& statement : image.sections.statements) {
    if (Failure failure = check_statement(image, statement)) return failure;
  }
  const auto& limits = image.sections.limits;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (Failure failure = check_limit(image, limits[i])) return failure;
    if (i != 0 && limits[i - 1].statement >= limits[i].statement) return fail_at(image, limits[i].statement, "limits are not in the order of their statements");
  }
  return {};
}

Failure check_slots(Image& image) {
  for (const SlotRecord& slot : image.sections.slots) {
    if (Failure failure = check_slot(image, slot)) return failure;
  }
  image.account_overdraws.assign(image.sections.accounts.size(), false);
  for (const BucketRecord& bucket : image.sections.buckets)
    if (bucket.may_overdraw != 0) image.account_overdraws[bucket.account] = true;
  image.slot_views.reserve(image.sections.slot_lists.size());
  image.slot_ranges.reserve(image.sections.slot_lists.size());
  for (const std::uint32_t& place : image.sections.slot_lists) {
    if (place >= image.sections.slots.size()) return fail_at(image, place, "a list of slots names one that does not exist");
    const SlotRecord& slot = image.sections.slots[place];
    image.slot_views.push_back({static_cast<SlotKind>(slot.kind), slot.target, slot.asset, slot.roles, {slot.keys.data(), slot.key_count}});
    image.slot_ranges.push_back(range_of(image, slot));
  }
  return {};
}

}  // namespace ringfence::load_check
