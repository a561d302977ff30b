// SPDX-License-Identifier: Apache-2.0
// Bytes that anybody may have written go in; a rule table that needs no further check comes out, or the first thing wrong with it
// and where. This file checks the envelope and runs the other steps (load_check.h).
#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/load_check.h"

namespace ringfence {
namespace load_check {
namespace {

using format::Header;

constexpr std::size_t aligned(std::size_t offset) noexcept {
  return (offset + format::kSectionAlignment - 1) / format::kSectionAlignment * format::kSectionAlignment;
}
static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= RuleTable::kAlignment, "the bytes of a vector must be aligned for the records");
static_assert(RuleTable::kAlignment == format::kSectionAlignment && alignof(format::FactRecord) <= RuleTable::kAlignment);

/// Takes the section that must begin at `offset`, and moves `offset` behind it. Fails when it does not fit or is not packed.
template <class Record>
Failure take_section(const Image& image, const format::SectionRecord& entry, std::size_t& offset, std::span<const Record>& section) {
  const std::size_t begin = aligned(offset);
  if (begin > image.bytes.size() || entry.offset != begin) return fail_at(image, entry.offset, "a section is not where the one before ends");
  if (entry.count > (image.bytes.size() - begin) / sizeof(Record)) return fail_at(image, entry.count, "a section reaches beyond the end of the table");
  if (entry.count >= kNone) return fail_at(image, entry.count, "a section has more records than an index can name");
  for (std::size_t i = offset; i < begin; ++i) {
    if (image.bytes[i] != std::byte{0}) return fail_at(image, image.bytes[i], "the bytes between two sections are not zero");
  }
  const std::byte* at = image.bytes.data() + begin;
  section = {reinterpret_cast<const Record*>(at), static_cast<std::size_t>(entry.count)};
  offset = begin + section.size_bytes();
  return {};
}

Failure check_header(const Image& image) {
  const Header& header = *image.header;
  if (header.magic != format::kMagic) return fail_at(image, header.magic, "this is not a rule table");
  if (header.version != format::kVersion)
    return fail_at(image, header.version, "this rule table has version " + std::to_string(header.version) + "; this program reads version " + std::to_string(format::kVersion));
  if (header.section_count != format::kSectionCount) return fail_at(image, header.section_count, "the number of sections is wrong");
  if (header.table_bytes != image.bytes.size())
    return fail_at(image, header.table_bytes, "the table says that it has " + std::to_string(header.table_bytes) + " bytes, but there are " + std::to_string(image.bytes.size()));
  if (header.checksum != format::table_checksum(image.bytes.data(), image.bytes.size()))
    return fail_at(image, header.checksum, "the checksum is wrong: the table has been damaged");
  return {};
}

}  // namespace

Failure check_envelope(Image& image) {
  if (reinterpret_cast<std::uintptr_t>(image.bytes.data()) % RuleTable::kAlignment != 0) return LoadError{0, "the table does not begin at a multiple of 16 bytes in memory"};
  if (image.bytes.size() < sizeof(Header)) return LoadError{image.bytes.size(), "this is not a rule table: it ends within the header"};
  if (image.bytes.size() > Limits{}.table_bytes) return LoadError{Limits{}.table_bytes, "the table is larger than " + std::to_string(Limits{}.table_bytes) + " bytes"};
  image.header = reinterpret_cast<const Header*>(image.bytes.data());
  if (Failure failure = check_header(image)) return failure;
  std::size_t offset = sizeof(Header);
  std::size_t next = 0;
#define X(name, record) \
  if (Failure failure = take_section(image, image.header->sections[next++], offset, image.sections.name)) return failure;
  RINGFENCE_TABLE_SECTIONS(X)
#undef X
  if (offset != image.bytes.size()) return LoadError{offset, "there are bytes after the last section"};
  return {};
}

}  // namespace load_check

std::variant<RuleTable, LoadError> RuleTable::load(std::vector<std::byte> bytes) {
  auto image = std::make_unique<Image>();
  image->owned = std::move(bytes);
  image->bytes = image->owned;
  return check(std::move(image));
}

std::variant<RuleTable, LoadError> RuleTable::load_in_place(std::span<const std::byte> bytes) {
  auto image = std::make_unique<Image>();
  image->bytes = bytes;
  return check(std::move(image));
}

std::variant<RuleTable, LoadError> RuleTable::check(std::unique_ptr<Image> image) {
  static constinit std::atomic<std::uint64_t> serial_last{0};
  image->serial = serial_last.fetch_add(1, std::memory_order_relaxed) + 1;
  for (const auto step : {load_check::check_envelope, load_check::check_vocabulary}) {
    if (load_check::Failure failure = step(*image)) return *std::move(failure);
  }
  if (load_check::Failure failure = load_check::check_statements(*image)) return *std::move(failure);
  for (const auto step : {load_check::check_slots, load_check::check_rows, load_check::check_deadlines}) {
    if (load_check::Failure failure = step(*image)) return *std::move(failure);
  }
  if (load_check::Failure failure = load_check::check_lookup(*image)) return *std::move(failure);
  load_check::make_compact(*image);
  load_check::make_tested(*image);
  load_check::index_keys(*image);
  image->row_index = RowIndex(image->sections, image->compact_of);
  return RuleTable(std::move(image));
}

}  // namespace ringfence
