// SPDX-License-Identifier: Apache-2.0
// What is held for whom, and what of it is required: each account, in it each owner, of whom each bucket, in one asset at a time, as a daily segregation
// computation has them. A sum of requirements is of those in force, and there is none where one is not known;
// that money is missing shows at its bucket, for a sum may hide it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command/books.h"
#include "command/requirement.h"

namespace ringfence {

/// One bucket instance in one asset.
struct BucketRow {
  Instance bucket;
  Int128 held = 0;
  std::vector<Requirement> floors;
  std::string mode;                              ///< of the bucket, when it is not the first
  std::optional<Int128> required() const {       ///< by the floors in force; nothing: the policy states none, or it is not known
    std::optional<Int128> most;
    if (unknown()) return most;
    for (const Requirement& floor : floors)
      if (floor.measure && (!most || floor.measure->required > *most)) most = floor.measure->required;
    return most;
  }
  bool unknown() const { return std::any_of(floors.begin(), floors.end(), [](const Requirement& floor) { return !floor.unknown.empty(); }); }
  bool deficit() const { return std::any_of(floors.begin(), floors.end(), [](const Requirement& floor) { return !floor.met && floor.unknown.empty(); }); }
};

/// Those that belong together, and their sums.
struct Group {
  std::string name;
  std::vector<BucketRow> rows;
  Int128 held() const {
    Int128 sum = 0;
    for (const BucketRow& row : rows) sum += row.held;
    return sum;
  }
  /// Nothing: none of them has a requirement, or one is not known.
  std::optional<Int128> required() const {
    std::optional<Int128> sum;
    for (const BucketRow& row : rows) {
      if (row.unknown()) return std::nullopt;
      if (const auto required = row.required()) sum = sum.value_or(0) + *required;
    }
    return sum;
  }
};
struct AccountStatus { std::string name; Index asset = kNone; std::vector<Group> owners; Group all; };
/// `unknown`: why `mode` can't be told, otherwise empty.
struct ModeStatus { std::string subject, mode, unknown; };
/// A mode that must end, or had to: `subject` entered `mode` and falls, or has fallen, into another one right after `due_ms`.
struct ObligationStatus { std::string subject, mode, falls_into; std::int64_t entered_ms = 0, due_ms = 0; Index statement = kNone; bool has_passed = false; };
struct Status {
  std::int64_t at_ms = 0;
  std::vector<AccountStatus> accounts;
  std::vector<Requirement> invariants;
  std::vector<ModeStatus> modes;                 ///< all that are not the first, as in force
  std::vector<ObligationStatus> obligations;     ///< those not yet due, and those that have passed since the subject's last change of mode; soonest first
  std::vector<std::string> unasked;              ///< buckets that no floor speaks of
};

/// `policy` was made from text. `at_ms`: what facts must be fresh at, and modes in force.
Status make_status(const LoadedPolicy& policy, const Books&, std::int64_t at_ms);

}  // namespace ringfence
