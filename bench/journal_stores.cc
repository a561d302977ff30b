// SPDX-License-Identifier: Apache-2.0
// See journal_stores.h. Every store is set up as its manual says for commits that survive a power cut.
#include "bench/journal_stores.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <lmdb.h>
#include <rocksdb/db.h>
#include <sqlite3.h>
#include <unistd.h>

namespace ringfence::bench {
namespace {

/// Big-endian, so that rows sort by number where keys are bytes.
struct Key {
  unsigned char bytes[8];
  explicit Key(std::uint64_t number) { for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(number >> (56 - 8 * i)); }
};

class BareFile final : public BatchStore {
 public:
  explicit BareFile(const std::string& path) : file_(::open((path + "/bare").c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)) { demand(file_ >= 0, "open"); }
  ~BareFile() override { ::close(file_); }
  void append(std::span<const std::string_view> rows) override {
    joined_.clear();
    for (const std::string_view row : rows) joined_ += row;
    demand(::write(file_, joined_.data(), joined_.size()) == static_cast<ssize_t>(joined_.size()) && ::fdatasync(file_) == 0, "write");
  }
  std::size_t read_all() override {
    std::vector<char> buffer(1 << 20);
    std::size_t bytes = 0;
    for (off_t at = 0;; at = static_cast<off_t>(bytes)) {
      const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), at);
      demand(got >= 0, "read");
      if (got == 0) return bytes;
      bytes += static_cast<std::size_t>(got);
    }
  }

 private:
  int file_;
  std::string joined_;
};

class Sqlite final : public BatchStore {
 public:
  Sqlite(const std::string& path, const char* journal_mode) {
    demand(sqlite3_open((path + "/journal.db").c_str(), &db_) == SQLITE_OK, "sqlite3_open");
    run("pragma locking_mode = exclusive");
    run((std::string("pragma journal_mode = ") + journal_mode).c_str());
    run("pragma synchronous = full");
    run("create table journal (number integer primary key, bytes blob not null)");
    demand(sqlite3_prepare_v2(db_, "insert into journal values (?, ?)", -1, &insert_, nullptr) == SQLITE_OK, "prepare");
  }
  ~Sqlite() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  void append(std::span<const std::string_view> rows) override {
    run("begin immediate");
    for (const std::string_view row : rows) {
      sqlite3_bind_int64(insert_, 1, ++number_);
      sqlite3_bind_blob64(insert_, 2, row.data(), row.size(), SQLITE_STATIC);
      demand(sqlite3_step(insert_) == SQLITE_DONE && sqlite3_reset(insert_) == SQLITE_OK, "insert");
    }
    run("commit");
  }
  std::size_t read_all() override {
    sqlite3_stmt* select = nullptr;
    demand(sqlite3_prepare_v2(db_, "select bytes from journal order by number", -1, &select, nullptr) == SQLITE_OK, "prepare");
    std::size_t bytes = 0;
    while (sqlite3_step(select) == SQLITE_ROW) bytes += static_cast<std::size_t>(sqlite3_column_bytes(select, 0)), demand(sqlite3_column_blob(select, 0) != nullptr, "blob");
    sqlite3_finalize(select);
    return bytes;
  }

 private:
  void run(const char* sql) { demand(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::int64_t number_ = 0;
};

class Lmdb final : public BatchStore {
 public:
  explicit Lmdb(const std::string& path) {
    demand(mdb_env_create(&env_) == 0 && mdb_env_set_mapsize(env_, std::size_t{64} << 30) == 0 && mdb_env_open(env_, path.c_str(), 0, 0600) == 0, "mdb_env_open");
    MDB_txn* txn = nullptr;
    demand(mdb_txn_begin(env_, nullptr, 0, &txn) == 0 && mdb_dbi_open(txn, nullptr, 0, &dbi_) == 0 && mdb_txn_commit(txn) == 0, "mdb_dbi_open");
  }
  ~Lmdb() override { mdb_env_close(env_); }
  void append(std::span<const std::string_view> rows) override {
    MDB_txn* txn = nullptr;
    demand(mdb_txn_begin(env_, nullptr, 0, &txn) == 0, "mdb_txn_begin");
    for (const std::string_view row : rows) {
      Key number(++number_);
      MDB_val key{sizeof number.bytes, number.bytes}, value{row.size(), const_cast<char*>(row.data())};
      demand(mdb_put(txn, dbi_, &key, &value, MDB_APPEND) == 0, "mdb_put");
    }
    demand(mdb_txn_commit(txn) == 0, "mdb_txn_commit");
  }
  std::size_t read_all() override {
    MDB_txn* txn = nullptr;
    MDB_cursor* cursor = nullptr;
    demand(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn) == 0 && mdb_cursor_open(txn, dbi_, &cursor) == 0, "mdb_cursor_open");
    MDB_val key, value;
    std::size_t bytes = 0;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) bytes += std::string(static_cast<const char*>(value.mv_data), value.mv_size).size();
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return bytes;
  }

 private:
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
  std::uint64_t number_ = 0;
};

class RocksDb final : public BatchStore {
 public:
  explicit RocksDb(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    demand(rocksdb::DB::Open(options, path, &db).ok(), "rocksdb open");
    db_.reset(db);
  }
  void append(std::span<const std::string_view> rows) override {
    rocksdb::WriteBatch batch;
    for (const std::string_view row : rows) {
      const Key number(++number_);
      demand(batch.Put({reinterpret_cast<const char*>(number.bytes), sizeof number.bytes}, {row.data(), row.size()}).ok(), "rocksdb put");
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    demand(db_->Write(synced, &batch).ok(), "rocksdb write");
  }
  std::size_t read_all() override {
    const std::unique_ptr<rocksdb::Iterator> row(db_->NewIterator({}));
    std::size_t bytes = 0;
    for (row->SeekToFirst(); row->Valid(); row->Next()) bytes += row->value().ToString().size();
    return bytes;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::uint64_t number_ = 0;
};

}  // namespace

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "journal_bench: failed: %s\n", what);
  std::exit(3);
}

std::unique_ptr<BatchStore> bare_file(const std::string& path) { return std::make_unique<BareFile>(path); }
std::unique_ptr<BatchStore> sqlite_store(const std::string& path, const char* journal_mode) { return std::make_unique<Sqlite>(path, journal_mode); }
std::unique_ptr<BatchStore> lmdb_store(const std::string& path) { return std::make_unique<Lmdb>(path); }
std::unique_ptr<BatchStore> rocksdb_store(const std::string& path) { return std::make_unique<RocksDb>(path); }

}  // namespace ringfence::bench
