// SPDX-License-Identifier: Apache-2.0
// See table_bytes.h.
#include "table_bytes.h"

namespace checker {
namespace {

constexpr std::array<std::size_t, kSectionCount> kRecordBytes = {1,  4, 20, 8,  8,  8,  12, 28, 36, 80, 24, 8,  24, 16, 56, 40, 24, 24,
                                                                 4, 16, 32, 16, 16, 32, 24, 56, 24, 12, 16, 20, 16, 4,  2,  2,  2};
constexpr std::size_t kSectionsAt = 96, kHeaderBytes = kSectionsAt + 16 * kSectionCount;
constexpr std::uint64_t kVersion = 5;

}  // namespace

TableBytes::TableBytes(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 8) != "RFTABLE\n") throw Unusable{"this is not a rule table"};
  if (number(8, 4) != kVersion) throw Unusable{"this rule table has version " + std::to_string(number(8, 4)) + "; this program reads version " + std::to_string(kVersion)};
  if (number(12, 4) != kSectionCount || number(16, 8) != bytes.size()) throw Unusable{"the table's header does not fit the table"};
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    const std::uint64_t offset = number(kSectionsAt + 16 * i, 8);
    counts_[i] = number(kSectionsAt + 16 * i + 8, 8);
    if (offset > bytes.size() || counts_[i] > (bytes.size() - offset) / kRecordBytes[i]) throw Unusable{"a section reaches beyond the end of the table"};
    offsets_[i] = offset;
  }
}

std::size_t TableBytes::record(Section section, std::uint64_t index) const {
  if (index >= counts_[section]) throw Unusable{"the table refers to a record that is not there"};
  return offsets_[section] + static_cast<std::size_t>(index) * kRecordBytes[section];
}

std::uint64_t TableBytes::number(std::size_t at, std::size_t width) const {
  if (at > bytes_.size() || width > bytes_.size() - at) throw Unusable{"the table ends within a field"};
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
  return value;
}

Index TableBytes::index(std::size_t at, Section section) const {
  record(section, number(at, 4));
  return index(at);
}

Wide TableBytes::wide(std::size_t at) const {
  const Wide high = static_cast<std::int64_t>(number(at + 8, 8));
  return high * (Wide{1} << 64) + static_cast<Wide>(number(at, 8));
}

std::string TableBytes::text(std::size_t at) const {
  const std::uint64_t first = number(at, 4), length = number(at + 4, 4);
  if (length == 0) return {};
  record(kText, first + length - 1);
  return std::string(bytes_.substr(record(kText, first), length));
}

std::vector<Index> TableBytes::list(std::size_t at, Section section) const {
  const std::uint64_t first = number(at, 4), length = number(at + 4, 4);
  if (length > counts_[kIndexes]) throw Unusable{"the table has a list that is longer than all lists"};
  std::vector<Index> found;
  for (std::uint64_t i = 0; i < length; ++i) found.push_back(index(record(kIndexes, first + i), section));
  return found;
}

}  // namespace checker
