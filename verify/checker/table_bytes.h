// SPDX-License-Identifier: Apache-2.0
// The bytes of a rule table, none of which is trusted: a field is read at its documented offset within its record, a record within its section, a
// section within the table. Whatever reaches beyond throws Unusable.
#pragma once

#include <array>

#include "table.h"

namespace checker {

enum Section : std::size_t {
  kText, kIndexes, kAssets, kRoles, kPurposes, kEvidence, kEntities, kAccounts, kBuckets, kFacts, kMachines, kModes, kSchedules, kBusinessDays, kFences, kStatements, kLimits, kSlots,
  kSlotLists, kTerms, kNodes, kClauses, kGuarded, kBodies, kRows, kTransitions, kInvariants, kSources, kPairWords, kBlocks, kLanes, kCells, kPurposeMaps, kRoleMaps,
  kAssetMaps, kSectionCount
};

class TableBytes {
 public:
  explicit TableBytes(std::string_view bytes);

  std::uint64_t count(Section section) const { return counts_[section]; }
  /// Where record `index` of a section begins.
  std::size_t record(Section, std::uint64_t index) const;
  /// A little-endian number of `width` bytes.
  std::uint64_t number(std::size_t at, std::size_t width) const;
  std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(number(at, 1)); }
  Wide wide(std::size_t at) const;
  std::string text(std::size_t at) const;
  Index index(std::size_t at) const { return static_cast<Index>(number(at, 4)); }
  /// An index into `section`, which must be one.
  Index index(std::size_t at, Section) const;
  /// A list of indexes into `section`.
  std::vector<Index> list(std::size_t at, Section) const;

 private:
  std::string_view bytes_;
  std::array<std::size_t, kSectionCount> offsets_{};
  std::array<std::uint64_t, kSectionCount> counts_{};
};

}  // namespace checker
