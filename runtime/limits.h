// SPDX-License-Identifier: Apache-2.0
// Every limit on what a stranger can make large, in one place: the compiler reports one exceeded as a diagnostic, the loader
// and the gate as a refusal. The language reference, section 12, is this list in words.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringfence {

struct Limits {
  std::size_t source_bytes = 32u << 20;          ///< bytes of one policy text
  std::size_t nesting = 64;                      ///< parentheses, brackets and `not` inside each other in one guard
  std::size_t name_bytes = 64;                   ///< bytes of one name, and of one id
  std::size_t text_bytes = 1024;                 ///< bytes of one quoted text
  std::size_t statement_tokens = 400'000;        ///< words, numbers and signs of one statement; in a scenario, of one step
  std::size_t rules = 200'000;                   ///< rules, floors, limits, invariants, transitions and deadlines of one policy
  std::size_t moves = 2'000'000;                 ///< rows that the rules expand to
  std::size_t diagnostics = 100;                 ///< errors reported in one run; the rest are counted
  std::size_t table_bytes = std::size_t{1} << 30;///< bytes of one rule table
  std::size_t transfer_line_bytes = 64u << 10;   ///< bytes of one line of a transfer file
};

// Fixed by the shape of the rule table, not by choice.
inline constexpr std::size_t kKeysMax = 4;        ///< many-entities that key one bucket, account, fact or mode
inline constexpr std::size_t kRolesMax = 64;      ///< roles of one policy: a role set is one 64-bit word
inline constexpr std::size_t kEvidenceMax = 64;   ///< kinds of evidence: a set is one 64-bit word
inline constexpr std::size_t kModesMax = 64;      ///< modes of one machine: a set is one 64-bit word
inline constexpr std::size_t kPurposesMax = 256;
inline constexpr std::size_t kAssetsMax = 256;
inline constexpr std::size_t kEntitiesMax = 256;
inline constexpr std::size_t kBucketsMax = 16'384;  ///< buckets and externals together
inline constexpr std::size_t kDecimalsMax = 18;     ///< decimals of one asset
inline constexpr std::size_t kApprovalsMax = 32;    ///< approvals on one transfer
inline constexpr std::size_t kSlotsMax = 64;        ///< different values that one move's rules read
inline constexpr std::size_t kTermsMax = 32;        ///< terms of one comparison
inline constexpr std::size_t kBatchMax = 8'192;     ///< transfers linked in one batch
inline constexpr std::size_t kCalendarYearsMax = 100;  ///< years of one calendar
inline constexpr std::size_t kBusinessDayMax = 250;    ///< business days that a deadline counts

}  // namespace ringfence
