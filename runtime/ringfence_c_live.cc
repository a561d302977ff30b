// SPDX-License-Identifier: Apache-2.0
// The C interface to LiveTable. A table that was given is taken over whatever happens, so that a caller never has to ask.
#include <memory>
#include <optional>
#include <utility>

#include "runtime/c_struct.h"
#include "runtime/live_table.h"

using namespace ringfence;
using namespace ringfence::c;

struct ringfence_live { LiveTable table; };

struct ringfence_reader {
  LiveTable::Reader reader;
  std::optional<LiveTable::Snapshot> snapshot;
};

namespace {

/// Runs `with` on the table, which is gone afterwards.
template <class With>
ringfence_status take_over(ringfence_table* given, With with) noexcept {
  if (given == nullptr) return RINGFENCE_BAD_ARGUMENT;
  const std::unique_ptr<RuleTable> table(reinterpret_cast<RuleTable*>(given));
  try {
    return with(std::move(*table));
  } catch (...) {
    return RINGFENCE_NO_MEMORY;
  }
}

}  // namespace

ringfence_status ringfence_live_create(ringfence_table* table, ringfence_live** live) {
  if (live != nullptr) *live = nullptr;
  return take_over(table, [&](RuleTable&& first) {
    if (live == nullptr) return RINGFENCE_BAD_ARGUMENT;
    *live = new ringfence_live{LiveTable(std::move(first))};
    return RINGFENCE_OK;
  });
}

void ringfence_live_free(ringfence_live* live) { delete live; }

ringfence_status ringfence_live_replace(ringfence_live* live, ringfence_table* table) {
  return take_over(table, [&](RuleTable&& next) {
    if (live == nullptr) return RINGFENCE_BAD_ARGUMENT;
    live->table.replace(std::move(next));
    return RINGFENCE_OK;
  });
}

size_t ringfence_live_collect(ringfence_live* live) { return live == nullptr ? 0 : live->table.collect(); }

ringfence_status ringfence_reader_create(ringfence_live* live, ringfence_reader** reader) {
  if (reader == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *reader = nullptr;
  if (live == nullptr) return RINGFENCE_BAD_ARGUMENT;
  try {
    *reader = new ringfence_reader{LiveTable::Reader(live->table), {}};
    return RINGFENCE_OK;
  } catch (...) {
    return RINGFENCE_NO_MEMORY;
  }
}

void ringfence_reader_free(ringfence_reader* reader) { delete reader; }

const ringfence_table* ringfence_reader_acquire(ringfence_reader* reader) {
  if (reader == nullptr) return nullptr;
  if (!reader->snapshot) reader->snapshot.emplace(reader->reader);
  return reinterpret_cast<const ringfence_table*>(&**reader->snapshot);
}

void ringfence_reader_release(ringfence_reader* reader) {
  if (reader != nullptr) reader->snapshot.reset();
}
