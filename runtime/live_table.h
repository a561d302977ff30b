// SPDX-License-Identifier: Apache-2.0
// The table that threads decide by, while another takes its place. A Reader, one a thread, takes a snapshot: the present table, which
// stays whole until the snapshot goes. `replace` puts in a new one, waits for no reader, and destroys an old one when no reader has it.
// The scheme is that of hazard pointers (Michael, 2004), one for each reader.
//
// Why a table that a snapshot has is never destroyed. A reader writes the pointer that it read into its hazard (H) and then reads the
// present table again (P): it goes on only when that is still the same. A writer first takes the table out (T) and afterwards reads
// every hazard (S), and destroys the table only when none is it. All four are sequentially consistent, so that they have one order. If P
// saw the table, P was before T; then H < P < T < S, and S sees what H wrote or what the same reader wrote later: when it let go. A table
// that comes to lie where a destroyed one lay changes nothing: P saw the one that is there now, and T is when that one is taken out.
// Why nothing is read after it is destroyed. Letting go is a release and S an acquire: all that the reader did with the table happened
// before the destruction. And `current_` is written after the table was made, by a release that the reader acquires: it sees it whole.
// Progress: a snapshot takes a store and two loads, and starts over only when a table was replaced just then. No lock, no system call,
// no allocation. Coming and going of readers, and writers among each other, take a lock that no snapshot touches.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "export.h"
#include "rule_table.h"

namespace ringfence {

class RINGFENCE_API LiveTable {
 public:
  explicit LiveTable(RuleTable first);
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;
  /// After all its readers.
  ~LiveTable();

  /// From now on snapshots are of `next`. Any thread; linear in the readers. When memory runs out it throws and changes nothing.
  void replace(RuleTable next);
  /// Destroys what was replaced and no reader has any more; how many replaced tables are still had. 0: the bytes of those that were
  /// loaded in place may go.
  std::size_t collect() noexcept;

  class Snapshot;

  /// One thread's access; it stays where it is, and dies before its table. Making and destroying one takes a lock.
  class RINGFENCE_API Reader {
   public:
    explicit Reader(LiveTable&);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    /// After all its snapshots.
    ~Reader();
    /// The present table; while another snapshot of this reader lives, the same one.
    Snapshot snapshot() noexcept;

   private:
    friend LiveTable;
    friend Snapshot;
    const RuleTable* acquire() noexcept;
    void release() noexcept;

    alignas(64) std::atomic<const RuleTable*> hazard_{nullptr};   // read by writers; in a cache line of its own
    LiveTable& live_;
    std::size_t depth_ = 0;                           // snapshots that live
  };

  class Snapshot {
   public:
    explicit Snapshot(Reader& reader) noexcept : reader_(reader), table_(*reader.acquire()) {}
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() { reader_.release(); }
    const RuleTable& operator*() const noexcept { return table_; }
    const RuleTable* operator->() const noexcept { return &table_; }

   private:
    Reader& reader_;
    const RuleTable& table_;
  };

 private:
  bool is_had(const RuleTable*) const noexcept;       // under the lock
  void destroy_unread() noexcept;                     // under the lock

  std::atomic<const RuleTable*> current_;             // owned
  std::mutex writers_;
  std::vector<const Reader*> readers_;                // under the lock
  std::vector<std::unique_ptr<const RuleTable>> retired_;   // under the lock: replaced, not yet destroyed
};

inline LiveTable::Snapshot LiveTable::Reader::snapshot() noexcept { return Snapshot(*this); }

}  // namespace ringfence
