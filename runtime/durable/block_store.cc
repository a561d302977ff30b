// SPDX-License-Identifier: Apache-2.0
// See block_store.h. The database is in write-ahead mode, held exclusively (then the log's index is in memory and not in a mapped file) and
// fully synced: a commit returns when its log is on the disk.
#include "runtime/durable/block_store.h"

#include <cstring>
#include <filesystem>
#include <new>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "runtime/durable/journal_chain.h"

namespace ringfence {
namespace {

constexpr const char* kDatabaseName = "journal.db";
constexpr const char* kHeadName = "head";
// "RFJL"; version 1. Auditors read the columns; the gate compares the text of the tables, so that no view or trigger stands in for them.
constexpr const char* kCreate =
    "pragma application_id = 1380338252; pragma user_version = 1;"
    "create table journal (public_key blob not null);"
    "create table block (number integer primary key, first_record integer not null, record_count integer not null, records blob not null,"
    " digest blob not null, signature blob not null);";
constexpr const char* kTables =
    "CREATE TABLE block (number integer primary key, first_record integer not null, record_count integer not null, records blob not null,"
    " digest blob not null, signature blob not null)\nCREATE TABLE journal (public_key blob not null)";

JournalError unusable(std::string message) { return {JournalError::Kind::Unusable, std::move(message)}; }
JournalError wrong(std::string message) { return {JournalError::Kind::Wrong, std::move(message)}; }

std::string in(const std::string& directory, const char* name) { return directory + "/" + name; }

std::string_view blob(sqlite3_stmt* row, int column) {
  const void* bytes = sqlite3_column_blob(row, column);
  const int size = sqlite3_column_bytes(row, column);
  return bytes == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

/// The directory, and its entry in the one above, on the disk.
std::optional<JournalError> make_directory(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool made = fs::create_directory(path, error);
  if (error) return unusable("can't make `" + path + "`: " + error.message());
  if (!made) return std::nullopt;
  const fs::path above = fs::absolute(path, error).lexically_normal().parent_path();
  const int folder = ::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  return synced ? std::nullopt : std::optional(unusable("can't sync `" + above.string() + "`"));
}

sqlite3_vfs* find_vfs(const JournalPlace& place) { return sqlite3_vfs_find(place.vfs); }

bool exists(const JournalPlace& place, const std::string& path) {
  sqlite3_vfs* vfs = find_vfs(place);
  int found = 0;
  return vfs != nullptr && vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &found) == SQLITE_OK && found != 0;
}

}  // namespace

/// The head file, written in place.
class BlockStore::File {
 public:
  static std::unique_ptr<File> open(const JournalPlace& place, const std::string& path, int flags) {
    std::unique_ptr<File> made(new File);
    sqlite3_vfs* vfs = find_vfs(place);
    if (vfs == nullptr) return nullptr;
    made->memory_ = std::make_unique<std::byte[]>(static_cast<std::size_t>(vfs->szOsFile));
    made->name_ = sqlite3_create_filename(path.c_str(), "", "", 0, nullptr);
    if (made->name_ == nullptr) return nullptr;
    int opened_as = 0;
    const int result = vfs->xOpen(vfs, made->name_, made->file(), flags | SQLITE_OPEN_MAIN_DB, &opened_as);
    return result == SQLITE_OK ? std::move(made) : nullptr;
  }
  ~File() {
    if (memory_ && file()->pMethods != nullptr) file()->pMethods->xClose(file());
    sqlite3_free_filename(const_cast<char*>(name_));
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool write(std::string_view bytes, std::size_t offset) {
    return file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), static_cast<sqlite3_int64>(offset)) == SQLITE_OK;
  }
  bool sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL) == SQLITE_OK; }
  std::optional<std::string> read(std::size_t bytes_max) {
    sqlite3_int64 size = 0;
    if (file()->pMethods->xFileSize(file(), &size) != SQLITE_OK) return std::nullopt;
    std::string bytes(std::min(static_cast<std::size_t>(size), bytes_max), '\0');
    if (!bytes.empty() && file()->pMethods->xRead(file(), bytes.data(), static_cast<int>(bytes.size()), 0) != SQLITE_OK) return std::nullopt;
    return bytes;
  }

 private:
  File() = default;
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }
  std::unique_ptr<std::byte[]> memory_;   // zeros: no methods until it is open
  const char* name_ = nullptr;
};

void BlockStore::Closed::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
void BlockStore::Finalized::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
BlockStore::BlockStore(BlockStore&&) noexcept = default;
BlockStore::~BlockStore() = default;

JournalError BlockStore::error(const char* doing) const {
  const int code = database_ ? sqlite3_errcode(database_.get()) : SQLITE_NOMEM;
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return unusable("`" + path_ + "` is in use by another process");
  std::string message = "can't " + std::string(doing) + " `" + path_ + "`: " + (database_ ? sqlite3_errmsg(database_.get()) : "out of memory");
  if (const int system = database_ ? sqlite3_system_errno(database_.get()) : 0; system != 0 && code != SQLITE_NOTADB) message += std::string(" (") + std::strerror(system) + ")";
  return unusable(std::move(message));
}

std::optional<JournalError> BlockStore::run(const char* sql) const {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return std::nullopt;
  return error("use");
}

std::variant<BlockStore::Statement, JournalError> BlockStore::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) return error("use");
  return Statement(statement);
}

/// The first column of each row, a line each.
std::variant<std::string, JournalError> BlockStore::text_of(const char* sql) const {
  auto prepared = prepare(sql);
  if (auto* failed = std::get_if<JournalError>(&prepared)) return std::move(*failed);
  sqlite3_stmt* statement = std::get<Statement>(prepared).get();
  std::string text;
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) text.append(text.empty() ? "" : "\n").append(blob(statement, 0));
  if (step != SQLITE_DONE) return error("read");
  return text;
}

std::optional<JournalError> BlockStore::open_database(const JournalPlace& place, bool appending) {
  // Files that may not be written, an auditor's copy, are read as they are; a log that is still to be read in needs writing.
  const bool has_log = exists(place, path_ + "-wal");
  const bool immutable = !appending && place.vfs == nullptr && ::access(path_.c_str(), W_OK) != 0 && !has_log;
  const std::string name = immutable ? "file:" + std::filesystem::absolute(path_).string() + "?immutable=1" : path_;
  const int flags = immutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE | (appending ? SQLITE_OPEN_CREATE : 0);
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, place.vfs);
  database_.reset(opened);
  if (result != SQLITE_OK) return error("open");
  sqlite3_extended_result_codes(opened, 0);
  for (const auto& [setting, on] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !appending && has_log ? 1 : 0}})
    if (sqlite3_db_config(opened, setting, on, nullptr) != SQLITE_OK) return error("open");
  if (auto failed = run("pragma locking_mode = exclusive; pragma cell_size_check = on; pragma synchronous = full;")) return failed;
  // Folding the log into the database syncs twice more: every 64 MiB, a hundred blocks or so, and not every 4.
  return appending ? run("pragma journal_mode = wal; pragma wal_autocheckpoint = 16384;") : run("pragma query_only = on");
}

/// Heads that are there without a database are of a creation that was cut short, or say that blocks are gone: `create_tables` tells.
std::optional<JournalError> BlockStore::create_head(const std::string& head_of_none) {
  const auto held = read_heads();
  if (const auto* failed = std::get_if<JournalError>(&held)) return *failed;
  for (const std::string& line : std::get<HeadLines>(held))
    if (parse_head(line) && line != head_of_none) return std::nullopt;
  for (const std::uint64_t place : {0u, 1u})
    if (auto failed = write_head(place, head_of_none)) return failed;
  return head_->sync() ? std::nullopt : std::optional(unusable("can't sync the file `head` beside `" + path_ + "`"));
}

std::optional<JournalError> BlockStore::create_tables(const Creation& creation) {
  const auto held = read_heads();
  if (const auto* failed = std::get_if<JournalError>(&held)) return *failed;
  if (std::get<HeadLines>(held) != HeadLines{creation.head_of_none, creation.head_of_none})
    return wrong("`" + path_ + "` holds nothing, and the file `head` beside it is not that of a new journal");
  if (auto failed = run("begin immediate")) return failed;
  if (auto failed = run(kCreate)) return failed;
  auto prepared = prepare("insert into journal values (?)");
  if (auto* failed = std::get_if<JournalError>(&prepared)) return std::move(*failed);
  sqlite3_stmt* insert = std::get<Statement>(prepared).get();
  sqlite3_bind_blob64(insert, 1, creation.public_key.data(), creation.public_key.size(), SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) return error("write");
  return run("commit");
}

/// That it is a sound database with our tables and nothing else in it, and whose it is.
std::optional<JournalError> BlockStore::check_database() {
  const std::pair<const char*, const char*> expected[] = {
      {"pragma quick_check(1)", "ok"}, {"pragma application_id", "1380338252"}, {"pragma user_version", "1"}, {"select sql from sqlite_schema order by name", kTables}};
  for (const auto& [sql, answer] : expected) {
    const auto text = text_of(sql);
    if (const auto* failed = std::get_if<JournalError>(&text)) return *failed;
    if (std::get<std::string>(text) == answer) continue;
    return wrong("`" + path_ + "` is no journal of this version, or damaged: `" + sql + "` answers `" + std::get<std::string>(text).substr(0, 200) + "`");
  }
  auto key = text_of("select public_key from journal");
  if (auto* failed = std::get_if<JournalError>(&key)) return std::move(*failed);
  public_key_ = std::move(std::get<std::string>(key));
  return public_key_.size() == sizeof(PublicKey) ? std::nullopt : std::optional(wrong("`" + path_ + "` has no public key"));
}

std::variant<BlockStore, JournalError> BlockStore::open_to_append(const JournalPlace& place, const Creation& creation) {
  if (auto failed = make_directory(place.directory)) return std::move(*failed);
  BlockStore store;
  store.path_ = in(place.directory, kDatabaseName);
  const std::string head_path = in(place.directory, kHeadName);
  const bool is_new = !exists(place, store.path_);
  store.head_ = File::open(place, head_path, SQLITE_OPEN_READWRITE | (is_new ? SQLITE_OPEN_CREATE : 0));
  if (!store.head_) return unusable("can't open `" + head_path + "`");
  if (is_new)
    if (auto failed = store.create_head(creation.head_of_none)) return std::move(*failed);
  if (auto failed = store.open_database(place, true)) return std::move(*failed);
  const auto tables = store.text_of("select name from sqlite_schema");
  if (const auto* failed = std::get_if<JournalError>(&tables)) return *failed;
  if (std::get<std::string>(tables).empty())
    if (auto failed = store.create_tables(creation)) return std::move(*failed);
  if (auto failed = store.check_database()) return std::move(*failed);
  auto insert = store.prepare("insert into block values (?, ?, ?, ?, ?, ?)");
  if (auto* failed = std::get_if<JournalError>(&insert)) return std::move(*failed);
  store.insert_ = std::move(std::get<Statement>(insert));
  return store;
}

std::variant<BlockStore, JournalError> BlockStore::open_to_read(const JournalPlace& place) {
  BlockStore store;
  store.path_ = in(place.directory, kDatabaseName);
  for (const char* name : {kDatabaseName, kHeadName})
    if (!exists(place, in(place.directory, name))) return unusable("there is no `" + in(place.directory, name) + "`");
  store.head_ = File::open(place, in(place.directory, kHeadName), SQLITE_OPEN_READONLY);
  if (!store.head_) return unusable("can't open `" + in(place.directory, kHeadName) + "`");
  if (auto failed = store.open_database(place, false)) return std::move(*failed);
  if (auto failed = store.check_database()) return std::move(*failed);
  return store;
}

std::optional<JournalError> BlockStore::read(const std::function<std::optional<JournalError>(const StoredBlock&)>& visit) const {
  auto prepared = prepare("select number, first_record, record_count, records, digest, signature from block order by number");
  if (auto* failed = std::get_if<JournalError>(&prepared)) return std::move(*failed);
  sqlite3_stmt* row = std::get<Statement>(prepared).get();
  int step = sqlite3_step(row);
  for (; step == SQLITE_ROW; step = sqlite3_step(row)) {
    const StoredBlock block{sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2), blob(row, 3), blob(row, 4), blob(row, 5)};
    if (auto stopped = visit(block)) return stopped;
  }
  return step == SQLITE_DONE ? std::nullopt : std::optional(error("read"));
}

std::optional<JournalError> BlockStore::append(const StoredBlock& block) {
  sqlite3_stmt* insert = insert_.get();
  sqlite3_bind_int64(insert, 1, block.number);
  sqlite3_bind_int64(insert, 2, block.first_record);
  sqlite3_bind_int64(insert, 3, block.record_count);
  int column = 3;
  for (const std::string_view bytes : {block.records, block.digest, block.signature})
    if (sqlite3_bind_blob64(insert, ++column, bytes.data(), bytes.size(), SQLITE_STATIC) != SQLITE_OK) return error("write");
  const bool written = sqlite3_step(insert) == SQLITE_DONE;   // a transaction of its own
  if (written && sqlite3_reset(insert) == SQLITE_OK) return std::nullopt;
  JournalError failed = error("write");
  sqlite3_reset(insert);
  return failed;
}

std::optional<JournalError> BlockStore::settle() {
  const int result = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  return result == SQLITE_OK ? std::nullopt : std::optional(error("sync"));
}

std::variant<BlockStore::HeadLines, JournalError> BlockStore::read_heads() const {
  const auto bytes = head_->read(2 * kHeadLineBytes);
  if (!bytes) return unusable("can't read the file `head` beside `" + path_ + "`");
  const std::string_view text = *bytes;
  return HeadLines{std::string(text.substr(0, kHeadLineBytes)), std::string(text.substr(std::min(kHeadLineBytes, text.size())))};
}

std::optional<JournalError> BlockStore::write_head(std::uint64_t block, std::string_view line) {
  return head_->write(line, block % 2 * kHeadLineBytes) ? std::nullopt : std::optional(unusable("can't write the file `head` beside `" + path_ + "`"));
}

}  // namespace ringfence
