// SPDX-License-Identifier: Apache-2.0
// The sections of a table while it is being made. What many rows share is kept once: a pool gives equal runs of records the same
// place. Deterministic: places depend only on the order of the calls.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/rule_table_format.h"

namespace ringfence {

namespace format {
/// The records of every section, in growing vectors.
struct Draft {
#define X(name, record) std::vector<record> name;
  RINGFENCE_TABLE_SECTIONS(X)
#undef X
};
}  // namespace format
using format::Draft;

/// Runs of records in one section, equal ones once.
template <class Record>
class Pool {
 public:
  explicit Pool(std::vector<Record>& section) : section_(section) {}

  /// Index of the first record of a run equal to `run`. An empty run is at 0.
  std::uint32_t place(std::span<const Record> run) {
    if (run.empty()) return 0;
    const auto next = static_cast<std::uint32_t>(section_.size());
    const std::string key(reinterpret_cast<const char*>(run.data()), run.size_bytes());
    const auto [found, is_new] = places_.emplace(key, next);
    if (is_new) {
      assert(section_.size() + run.size() < kNone);
      section_.insert(section_.end(), run.begin(), run.end());
    }
    return found->second;
  }

 private:
  std::vector<Record>& section_;
  std::unordered_map<std::string, std::uint32_t> places_;
};

/// The draft with a pool for each section whose runs are shared.
struct Pools {
  explicit Pools(Draft& draft)
      : text(draft.text), indexes(draft.indexes), slots(draft.slots), slot_lists(draft.slot_lists), terms(draft.terms), nodes(draft.nodes),
        clauses(draft.clauses), guarded(draft.guarded), bodies(draft.bodies) {}

  Pool<char> text;
  Pool<std::uint32_t> indexes;
  Pool<format::SlotRecord> slots;
  Pool<std::uint32_t> slot_lists;
  Pool<format::TermRecord> terms;
  Pool<format::NodeRecord> nodes;
  Pool<format::ClauseRecord> clauses;
  Pool<format::GuardedRecord> guarded;
  Pool<format::BodyRecord> bodies;

  format::TextRef text_ref(std::string_view value) { return {text.place(value), static_cast<std::uint32_t>(value.size())}; }
  format::ListRef list_ref(std::span<const Index> list) { return {indexes.place(list), static_cast<std::uint32_t>(list.size())}; }
};

}  // namespace ringfence
