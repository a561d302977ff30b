// SPDX-License-Identifier: Apache-2.0
// The part of `load` that checks text, declarations and fences: language reference, sections 2 and 3. Afterwards every text is
// UTF-8 without NUL, every index of a declaration is in range, keys fit their owners, and every name is found by its index.
#include <cstring>
#include <limits>

#include "runtime/load_check.h"

namespace ringfence::load_check {
namespace {

using namespace format;

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

/// Bytes of the character at `at`, or 0 when it is not UTF-8 or is NUL.
std::size_t character_bytes(const char* at, const char* end) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(at[i])); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  const std::size_t count = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (count == 0 || static_cast<std::size_t>(end - at) < count) return 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (!is_continuation(at[i])) return 0;
  }
  const unsigned second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second >= 0xA0) || (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second >= 0x90)) return 0;
  return count;
}

/// Whether the next eight bytes are ASCII without NUL, as nearly all of a policy is.
bool are_ascii(const char* at, const char* end) noexcept {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101u, kTop = 0x80 * kEach;
  std::uint64_t bytes = 0;
  if (end - at < static_cast<std::ptrdiff_t>(sizeof bytes)) return false;
  std::memcpy(&bytes, at, sizeof bytes);
  return ((bytes | (bytes - kEach)) & kTop) == 0;   // a byte from 0x80 on has its top bit; the lowest NUL gets it by the subtraction
}

Failure check_characters(const Image& image) {
  const char* const end = image.sections.text.data() + image.sections.text.size();
  for (const char* at = image.sections.text.data(); at != end;) {
    if (are_ascii(at, end)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const std::size_t count = character_bytes(at, end);
    if (count == 0) return fail_at(image, *at, "a text is not UTF-8 without NUL");
    at += count;
  }
  return {};
}

Failure check_name(const Image& image, const TextRef& ref) {
  if (Failure failure = check_text(image, ref)) return failure;
  if (ref.bytes == 0) return fail_at(image, ref, "a name is empty");
  return {};
}

Failure check_flag(const Image& image, const std::uint32_t& flag) {
  if (flag > 1) return fail_at(image, flag, "a flag is neither 0 nor 1");
  return {};
}

Failure check_list(const Image& image, const ListRef& ref) {
  if (!is_run(ref.first, ref.count, image.sections.indexes.size())) return fail_at(image, ref, "a list reaches beyond the indexes");
  return {};
}

Failure check_digest(const Image& image) {
  const TextRef& ref = image.header->source_digest;
  if (Failure failure = check_text(image, ref)) return failure;
  const std::string_view digest = image.text(ref);
  const bool hex = digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!hex || (digest.size() != 64 && !digest.empty())) return fail_at(image, ref, "the source digest is not 64 hex digits");
  return {};
}

Failure check_counts(const Image& image) {
  const Sections& sections = image.sections;
  const struct { std::size_t count, most; Section section; const char* what; } counts[] = {
      {sections.assets.size(), kAssetsMax, Section::assets, "assets"},         {sections.roles.size(), kRolesMax, Section::roles, "roles"},
      {sections.purposes.size(), kPurposesMax, Section::purposes, "purposes"}, {sections.evidence.size(), kEvidenceMax, Section::evidence, "kinds of evidence"},
      {sections.entities.size(), kEntitiesMax, Section::entities, "entities"}, {sections.buckets.size(), kBucketsMax, Section::buckets, "buckets"},
      {sections.statements.size(), Limits{}.rules, Section::statements, "statements"}, {sections.rows.size(), Limits{}.moves, Section::rows, "rows"},
      {sections.slot_lists.size(), kSlotPlacesMax, Section::slot_lists, "slot places"}, {sections.text.size(), kNone - 1, Section::text, "bytes of text"},
  };
  for (const auto& [count, most, section, what] : counts) {
    if (count > most) return fail_in(image, section, std::string("there are too many ") + what);
  }
  return {};
}

/// Keys of a bucket or account: many-entities, the owner first if it is one, none twice.
Failure check_keys(const Image& image, const ListRef& ref, std::uint32_t owner) {
  if (Failure failure = check_list(image, ref)) return failure;
  if (ref.count > kKeysMax) return fail_at(image, ref, "there are more than 4 keys");
  const std::span<const Index> keys = image.list(ref);
  const auto& entities = image.sections.entities;
  if (owner >= entities.size()) return fail_at(image, ref, "an owner is no entity");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] >= entities.size() || entities[keys[i]].many == 0) return fail_at(image, keys[i], "a key is not a many-entity");
    if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) != keys.begin() + static_cast<std::ptrdiff_t>(i))
      return fail_at(image, keys[i], "a key is there twice");
    if ((keys[i] == owner) != (i == 0 && entities[owner].many != 0)) return fail_at(image, keys[i], "the owner is not the first key");
  }
  if (entities[owner].many != 0 && keys.empty()) return fail_at(image, ref, "the owner is not the first key");
  return {};
}

Failure check_account(const Image& image, const AccountRecord& account) {
  if (Failure failure = check_name(image, account.name)) return failure;
  if (Failure failure = check_text(image, account.text)) return failure;
  return check_keys(image, account.keys, account.owner);
}

Failure check_bucket(const Image& image, const BucketRecord& bucket) {
  if (Failure failure = check_name(image, bucket.name)) return failure;
  if (Failure failure = check_text(image, bucket.text)) return failure;
  if (Failure failure = check_keys(image, bucket.keys, bucket.owner)) return failure;
  if (bucket.external > 1 || bucket.may_overdraw > 1 || bucket.reserved != 0) return fail_at(image, bucket.external, "a flag is neither 0 nor 1");
  if (bucket.account == kNone) {
    if (bucket.may_overdraw != 0) return fail_at(image, bucket.may_overdraw, "a bucket that may overdraw is in no account");
    return {};
  }
  if (bucket.external != 0 || bucket.account >= image.sections.accounts.size()) return fail_at(image, bucket.account, "a bucket is in an account that it can't be in");
  const std::span<const Index> keys = image.list(bucket.keys);
  for (const Index key : image.list(image.sections.accounts[bucket.account].keys)) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) return fail_at(image, bucket.account, "an account has a key that its bucket has not");
  }
  return {};
}

/// The keys of a fact's or mode's subject are exactly those of what it is of.
Failure check_subject(const Image& image, const SubjectRecord& subject) {
  if (Failure failure = check_list(image, subject.keys)) return failure;
  const std::span<const Index> keys = image.list(subject.keys);
  const Sections& sections = image.sections;
  bool fits = false;
  switch (subject.kind) {
    case static_cast<std::uint32_t>(SubjectKind::System): fits = subject.index == kNone && keys.empty(); break;
    case static_cast<std::uint32_t>(SubjectKind::Entity):
      fits = subject.index < sections.entities.size() && keys.size() == sections.entities[subject.index].many && (keys.empty() || keys[0] == subject.index);
      break;
    case static_cast<std::uint32_t>(SubjectKind::Bucket):
      fits = subject.index < sections.buckets.size() && std::ranges::equal(keys, image.list(sections.buckets[subject.index].keys));
      break;
    default: break;
  }
  if (!fits) return fail_at(image, subject, "a subject does not fit what it is of");
  return {};
}

Failure check_fact(const Image& image, const FactRecord& fact) {
  if (Failure failure = check_name(image, fact.name)) return failure;
  if (Failure failure = check_text(image, fact.text)) return failure;
  if (Failure failure = check_subject(image, fact.subject)) return failure;
  if (fact.type > static_cast<std::uint32_t>(FactType::Duration)) return fail_at(image, fact.type, "a fact has no such type");
  const bool has_asset = fact.type == static_cast<std::uint32_t>(FactType::Amount);
  if (has_asset ? fact.asset >= image.sections.assets.size() : fact.asset != kNone) return fail_at(image, fact.asset, "a fact's asset is wrong");
  if (fact.min > fact.max || fact.min < -kAmountMax || fact.max > kAmountMax) return fail_at(image, fact.min, "a fact's range is wrong");
  if (fact.type == static_cast<std::uint32_t>(FactType::Flag) && (fact.min != 0 || fact.max != 1)) return fail_at(image, fact.min, "a flag is not 0 to 1");
  if (fact.type == static_cast<std::uint32_t>(FactType::Instant) && (fact.min < kInstantMin || fact.max > kInstantMax)) return fail_at(image, fact.min, "an instant is not from 1970 to 9999");
  if (fact.type == static_cast<std::uint32_t>(FactType::Duration) && (fact.min < -kDurationMax || fact.max > kDurationMax)) return fail_at(image, fact.min, "a duration is beyond 366000 days");
  if (fact.fresh_within_ms < 0) return fail_at(image, fact.fresh_within_ms, "a fact is fresh for less than no time");
  return {};
}

Failure check_machines(const Image& image) {
  std::uint32_t mode_count = 0;
  for (const MachineRecord& machine : image.sections.machines) {
    if (Failure failure = check_subject(image, machine.subject)) return failure;
    if (machine.first_mode != mode_count || machine.mode_count == 0 || machine.mode_count > kModesMax ||
        !is_run(machine.first_mode, machine.mode_count, image.sections.modes.size()))
      return fail_at(image, machine.first_mode, "a machine's modes are wrong");
    mode_count += machine.mode_count;
  }
  if (mode_count != image.sections.modes.size()) return fail_in(image, Section::modes, "a mode is of no machine");
  return {};
}

Failure check_schedule(const Image& image, const ScheduleRecord& schedule) {
  if (Failure failure = check_name(image, schedule.name)) return failure;
  if (!is_run(schedule.first_day, schedule.day_count, image.sections.business_days.size())) return fail_at(image, schedule.first_day, "a schedule's days are not there");
  std::int64_t after_ms = schedule.first_ms;
  for (const BusinessDayRecord& day : image.sections.business_days.subspan(schedule.first_day, schedule.day_count)) {
    if (day.start_ms < after_ms || day.cut_off_ms < day.start_ms || day.cut_off_ms == std::numeric_limits<std::int64_t>::max()) return fail_at(image, day, "a business day is not after the one before, or ends before it begins");
    after_ms = day.cut_off_ms + 1;
  }
  return {};
}

Failure check_side(const Image& image, const ListRef& ref) {
  if (Failure failure = check_list(image, ref)) return failure;
  const std::span<const Index> side = image.list(ref);
  for (std::size_t i = 0; i < side.size(); ++i) {
    if (side[i] >= image.sections.buckets.size() || (i != 0 && side[i - 1] >= side[i])) return fail_at(image, side[i], "the side of a fence is not a sorted list of buckets");
  }
  return {};
}

Failure check_fence(const Image& image, const FenceRecord& fence) {
  for (const TextRef* text : {&fence.text, &fence.cite}) {
    if (Failure failure = check_text(image, *text)) return failure;
  }
  for (const ListRef* side : {&fence.left, &fence.right, &fence.within}) {
    if (Failure failure = check_side(image, *side)) return failure;
  }
  if (Failure failure = check_flag(image, fence.in_custody)) return failure;
  if (fence.kind == static_cast<std::uint32_t>(FenceKind::Between)) {
    const std::span<const Index> left = image.list(fence.left), right = image.list(fence.right);
    const bool overlap = std::any_of(left.begin(), left.end(), [&](Index bucket) { return std::binary_search(right.begin(), right.end(), bucket); });
    if (overlap || fence.entity != kNone || fence.within.count != 0) return fail_at(image, fence, "the sides of a fence overlap, or it has more than sides");
    return {};
  }
  if (fence.kind != static_cast<std::uint32_t>(FenceKind::Each)) return fail_at(image, fence.kind, "there is no such kind of fence");
  if (fence.entity >= image.sections.entities.size() || image.sections.entities[fence.entity].many == 0 || fence.left.count + fence.right.count != 0)
    return fail_at(image, fence, "a fence keeps apart what is not a many-entity, or has sides");
  return {};
}

template <class Record, class Check>
Failure check_all(const Image& image, std::span<const Record> records, Check check) {
  for (const Record& record : records) {
    if (Failure failure = check(image, record)) return failure;
  }
  return {};
}

/// Indexes what `name_of` gives; fails at the second of two equal ones.
template <class Record, class NameOf>
Failure index_names(const Image& image, std::span<const Record> records, NameIndex& names, NameOf name_of) {
  names.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!names.emplace(name_of(records[i]), static_cast<Index>(i)).second) return fail_at(image, records[i], "a name is declared twice");
  }
  return {};
}

Failure check_declarations(const Image& image) {
  const Sections& sections = image.sections;
  const auto check_record_name = [](const Image& in, const NameRecord& record) { return check_name(in, record.name); };
  for (const auto names : {sections.roles, sections.purposes, sections.evidence, sections.modes}) {
    if (Failure failure = check_all(image, names, check_record_name)) return failure;
  }
  const auto check_asset = [](const Image& in, const AssetRecord& asset) -> Failure {
    if (Failure failure = check_name(in, asset.name)) return failure;
    if (asset.decimals > kDecimalsMax) return fail_at(in, asset.decimals, "an asset has more than 18 decimals");
    return check_text(in, asset.text);
  };
  const auto check_entity = [](const Image& in, const EntityRecord& entity) -> Failure {
    if (Failure failure = check_name(in, entity.name)) return failure;
    return check_flag(in, entity.many);
  };
  if (Failure failure = check_all(image, sections.assets, check_asset)) return failure;
  if (Failure failure = check_all(image, sections.entities, check_entity)) return failure;
  if (Failure failure = check_all(image, sections.accounts, check_account)) return failure;
  if (Failure failure = check_all(image, sections.buckets, check_bucket)) return failure;
  if (Failure failure = check_all(image, sections.facts, check_fact)) return failure;
  if (Failure failure = check_machines(image)) return failure;
  if (Failure failure = check_all(image, sections.schedules, check_schedule)) return failure;
  return check_all(image, sections.fences, check_fence);
}

Failure index_all_names(Image& image) {
  const Sections& sections = image.sections;
  const auto by_name = [&](const auto& record) { return image.text(record.name); };
  if (Failure failure = index_names(image, sections.assets, image.assets, by_name)) return failure;
  if (Failure failure = index_names(image, sections.roles, image.roles, by_name)) return failure;
  if (Failure failure = index_names(image, sections.purposes, image.purposes, by_name)) return failure;
  if (Failure failure = index_names(image, sections.evidence, image.evidence, by_name)) return failure;
  if (Failure failure = index_names(image, sections.buckets, image.buckets, by_name)) return failure;
  if (Failure failure = index_names(image, sections.facts, image.facts, by_name)) return failure;
  if (Failure failure = index_names(image, sections.entities, image.entities, by_name)) return failure;
  if (Failure failure = index_names(image, sections.accounts, image.accounts, by_name)) return failure;
  return index_names(image, sections.machines, image.machines, [&](const MachineRecord& machine) { return image.subject_name(machine.subject); });
}

Mask mask_of(std::size_t count) noexcept { return count == 64 ? ~Mask{0} : (Mask{1} << count) - 1; }

}  // namespace

Failure check_text(const Image& image, const TextRef& ref) {
  const auto& text = image.sections.text;
  if (!is_run(ref.offset, ref.bytes, text.size())) return fail_at(image, ref, "a text reaches beyond the texts");
  const std::size_t end = std::size_t{ref.offset} + ref.bytes;
  if ((ref.offset < text.size() && is_continuation(text[ref.offset])) || (end < text.size() && is_continuation(text[end])))
    return fail_at(image, ref, "a text begins or ends within a character");
  return {};
}

Failure check_vocabulary(Image& image) {
  if (Failure failure = check_counts(image)) return failure;
  if (Failure failure = check_characters(image)) return failure;
  if (Failure failure = check_digest(image)) return failure;
  const Header& header = *image.header;
  for (const TextRef* text : {&header.policy_name, &header.policy_version, &header.policy_cite}) {
    if (Failure failure = check_text(image, *text)) return failure;
  }
  if (Failure failure = check_declarations(image)) return failure;
  image.undeclared_roles = ~mask_of(image.sections.roles.size());
  image.undeclared_evidence = ~mask_of(image.sections.evidence.size());
  return index_all_names(image);
}

}  // namespace ringfence::load_check
