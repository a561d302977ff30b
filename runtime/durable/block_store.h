// SPDX-License-Identifier: Apache-2.0
// Where the blocks of a journal are kept: a directory with an SQLite database, a row a block, and the file `head` with the last signed head.
// The one place that knows SQLite; both files are reached through the same VFS, so that a test can make every write fail. Nothing here knows
// what blocks mean. One thread at a time; no other process has the journal open meanwhile.
//
// Why SQLite: compared with LMDB and RocksDB for this access pattern (bench/journal_bench.cc, figures in bench/README.md), a block of 8,192 records in one
// row of a write-ahead log costs less than bare append and fdatasync of the same bytes, because the log is overwritten in place; LMDB
// syncs twice a transaction. LMDB maps its file, so a truncated one ends the reader by a signal; RocksDB drops a damaged tail of its log by
// design, and is eight times as large. SQLite reads hostile files, has a VFS to fail by, and `sqlite3` is on every auditor's machine.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "journal_error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ringfence {

/// A row. Numbers are as they stand in the database: nothing is checked.
struct StoredBlock {
  std::int64_t number = 0, first_record = 0, record_count = 0;
  std::string_view records, digest, signature;   ///< borrowed
};

struct JournalPlace {
  std::string directory;
  const char* vfs = nullptr;   ///< nullptr: SQLite's own
};

class BlockStore {
 public:
  /// What a journal that is not there yet is made with.
  struct Creation { std::string head_of_none, public_key; };
  /// Takes the journal for itself until the store is gone; makes what is missing, the head first, so that a database without one is a fault.
  static std::variant<BlockStore, JournalError> open_to_append(const JournalPlace&, const Creation&);
  /// Changes nothing, but keeps others out meanwhile, unless the files may not be written at all.
  static std::variant<BlockStore, JournalError> open_to_read(const JournalPlace&);
  BlockStore(BlockStore&&) noexcept;
  BlockStore& operator=(BlockStore&&) = delete;
  ~BlockStore();

  const std::string& public_key() const noexcept { return public_key_; }
  /// All blocks by number. Stops at the first error, also one of `visit`.
  std::optional<JournalError> read(const std::function<std::optional<JournalError>(const StoredBlock&)>& visit) const;
  /// One block more, on the disk when this returns nothing. After an error it may or may not be there.
  std::optional<JournalError> append(const StoredBlock&);
  /// What was read is on the disk, even if who wrote it was killed before.
  std::optional<JournalError> settle();

  /// The file `head` has two places, each a sector of its own, so that one is whole whatever becomes of the other while it is written.
  using HeadLines = std::array<std::string, 2>;
  std::variant<HeadLines, JournalError> read_heads() const;
  /// In its place, the other one than before, not synced: after a power cut an older head may be there.
  std::optional<JournalError> write_head(std::uint64_t block, std::string_view line);

 private:
  class File;
  BlockStore() = default;
  std::optional<JournalError> open_database(const JournalPlace&, bool appending);
  std::optional<JournalError> create_head(const std::string& head_of_none);
  std::optional<JournalError> create_tables(const Creation&);
  std::optional<JournalError> check_database();
  std::optional<JournalError> run(const char* sql) const;
  std::variant<std::string, JournalError> text_of(const char* sql) const;
  JournalError error(const char* doing) const;

  struct Closed { void operator()(sqlite3*) const noexcept; };
  struct Finalized { void operator()(sqlite3_stmt*) const noexcept; };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalized>;
  std::variant<Statement, JournalError> prepare(const char* sql) const;

  std::string path_;                                  ///< of the database
  std::unique_ptr<File> head_;
  std::unique_ptr<sqlite3, Closed> database_;
  Statement insert_;
  std::string public_key_;
};

}  // namespace ringfence
