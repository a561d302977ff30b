// SPDX-License-Identifier: Apache-2.0
// The places where a journal could be kept, behind one face for `journal_bench`: bare append and fdatasync, SQLite, LMDB, RocksDB. Each
// appends a batch in one synced transaction, as one row a batch or one row a record, and reads all rows in order. Anything that fails
// ends the program: there is no figure for work that was not done.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ringfence::bench {

class BatchStore {
 public:
  virtual ~BatchStore() = default;
  /// Synced when it returns. `rows` are kept in order, after those of the batch before.
  virtual void append(std::span<const std::string_view> rows) = 0;
  /// Bytes of all rows, read in order.
  virtual std::size_t read_all() = 0;
};

/// `path`: a directory that is empty.
std::unique_ptr<BatchStore> bare_file(const std::string& path);
std::unique_ptr<BatchStore> sqlite_store(const std::string& path, const char* journal_mode);
std::unique_ptr<BatchStore> lmdb_store(const std::string& path);
std::unique_ptr<BatchStore> rocksdb_store(const std::string& path);

/// Ends the program with `what` unless `good`.
void demand(bool good, const char* what);

}  // namespace ringfence::bench
