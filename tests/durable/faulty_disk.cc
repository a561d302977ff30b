// SPDX-License-Identifier: Apache-2.0
// See faulty_disk.h. Allocation never fails in here: the disk is not what is tested.
#include "tests/durable/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <random>

#include <sqlite3.h>

#include "tests/durable/faulty_memory.h"

namespace durable_test {

struct FaultyDisk::Handle : sqlite3_file {
  FaultyDisk* disk;
  std::string* name;
  bool deletes;
};

struct FaultyDisk::Vfs : sqlite3_vfs {
  FaultyDisk* disk;
  std::string own_name;

  static Handle& handle(sqlite3_file* file) { return *static_cast<Handle*>(file); }
  static Stored& stored(sqlite3_file* file) { return handle(file).disk->stored_[*handle(file).name]; }

  static int close(sqlite3_file* file) {
    delete handle(file).name;
    file->pMethods = nullptr;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
    const std::string& bytes = stored(file).now;
    const auto size = static_cast<std::size_t>(count), begin = std::min(static_cast<std::size_t>(offset), bytes.size());
    const std::size_t got = std::min(size, bytes.size() - begin);
    std::memcpy(out, bytes.data() + begin, got);
    std::memset(static_cast<char*>(out) + got, 0, size - got);
    return got == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static void put(Stored& file, const void* bytes, std::size_t count, std::size_t offset) {
    if (file.now.size() < offset + count) file.now.resize(offset + count);
    std::memcpy(file.now.data() + offset, bytes, count);
    file.unsynced.push_back({offset, std::string(static_cast<const char*>(bytes), count), false});
  }
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const MemoryWorks held;
    FaultyDisk& disk = *handle(file).disk;
    const int result = disk.begin(SQLITE_IOERR_WRITE);
    if (result != SQLITE_OK && disk.fault_ == Fault::Short) put(stored(file), bytes, static_cast<std::size_t>(count) / 2, static_cast<std::size_t>(offset));
    if (result != SQLITE_OK) return result;
    put(stored(file), bytes, static_cast<std::size_t>(count), static_cast<std::size_t>(offset));
    return SQLITE_OK;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const MemoryWorks held;
    if (const int result = handle(file).disk->begin(SQLITE_IOERR_TRUNCATE); result != SQLITE_OK) return result;
    stored(file).now.resize(static_cast<std::size_t>(size));
    stored(file).unsynced.push_back({static_cast<std::size_t>(size), {}, true});
    return SQLITE_OK;
  }
  static int sync(sqlite3_file* file, int) {
    const MemoryWorks held;
    if (const int result = handle(file).disk->begin(SQLITE_IOERR_FSYNC); result != SQLITE_OK) return result;
    Stored& synced = stored(file);
    synced.synced = synced.now;
    synced.exists_synced = true;
    synced.unsynced.clear();
    return SQLITE_OK;
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(stored(file).now.size());
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_reserved_lock(sqlite3_file*, int* held) { return *held = 0, SQLITE_OK; }
  static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 512; }
  static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }   // as SQLite's own VFS says

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* opened_as) {
    static const sqlite3_io_methods kMethods{1, close, read, write, truncate, sync, file_size, lock, lock, check_reserved_lock, file_control, sector_size, device_characteristics,
                                             nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
    const MemoryWorks held;
    FaultyDisk& disk = *static_cast<Vfs*>(vfs)->disk;
    file->pMethods = nullptr;
    if (const int result = disk.begin(SQLITE_CANTOPEN); result != SQLITE_OK) return result;
    if ((flags & SQLITE_OPEN_CREATE) == 0 && !disk.stored_.contains(name)) return SQLITE_CANTOPEN;
    disk.stored_[name];
    handle(file) = Handle{{&kMethods}, &disk, new std::string(name), false};
    if (opened_as != nullptr) *opened_as = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    const MemoryWorks held;
    FaultyDisk& disk = *static_cast<Vfs*>(vfs)->disk;
    if (const int result = disk.begin(SQLITE_IOERR_DELETE); result != SQLITE_OK) return result;
    return disk.stored_.erase(name) != 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* found) {
    const MemoryWorks held;
    *found = static_cast<Vfs*>(vfs)->disk->stored_.contains(name);
    return SQLITE_OK;
  }
  static int full_path_name(sqlite3_vfs*, const char* name, int size, char* out) { return sqlite3_snprintf(size, out, "%s", name), SQLITE_OK; }
  static int randomness(sqlite3_vfs*, int size, char* out) { return std::memset(out, 17, static_cast<std::size_t>(size)), size; }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int current_time(sqlite3_vfs*, double* days) { return *days = 2'461'000, SQLITE_OK; }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

FaultyDisk::FaultyDisk() : vfs_(std::make_unique<Vfs>()) {
  static int made = 0;
  vfs_->own_name = "faulty-disk-" + std::to_string(++made);
  static_cast<sqlite3_vfs&>(*vfs_) = sqlite3_vfs{1, sizeof(Handle), 512, nullptr, vfs_->own_name.c_str(), nullptr, Vfs::open, Vfs::remove, Vfs::access, Vfs::full_path_name,
                                                 nullptr, nullptr, nullptr, nullptr, Vfs::randomness, Vfs::sleep, Vfs::current_time, Vfs::last_error, nullptr, nullptr, nullptr, nullptr};
  vfs_->disk = this;
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(vfs_.get()); }

const char* FaultyDisk::vfs_name() const noexcept { return vfs_->own_name.c_str(); }

int FaultyDisk::begin(int failed_as) {
  ++operations_;
  const bool fails = fault_ != Fault::None && (operations_ == fail_at_ || (operations_ > fail_at_ && persistent_));
  if (!fails) return SQLITE_OK;
  has_failed_ = true;
  return fault_ == Fault::Full || fault_ == Fault::Short ? SQLITE_FULL : failed_as;
}

void FaultyDisk::fail(Fault fault, std::uint64_t at, bool persistent) {
  fault_ = fault;
  fail_at_ = at;
  persistent_ = persistent || fault == Fault::PowerCut;
  operations_ = 0;
  has_failed_ = false;
}

void FaultyDisk::cut_power() {
  fail(Fault::PowerCut, 1, true);
  has_failed_ = true;
}

void FaultyDisk::start_again(std::uint64_t seed) {
  const bool cut = fault_ == Fault::PowerCut && has_failed_;
  fault_ = Fault::None;
  if (!cut) return;
  std::mt19937_64 random(seed);
  std::erase_if(stored_, [&](const auto& entry) { return !entry.second.exists_synced && random() % 2 == 0; });
  for (auto& [name, file] : stored_) {
    file.now = file.synced;
    for (const Write& write : file.unsynced) {
      if (random() % 2 == 0) continue;
      if (write.truncates) file.now.resize(write.offset);
      const std::size_t sectors = write.bytes.size() / 512, kept = random() % 2 == 0 ? write.bytes.size() : sectors == 0 ? 0 : random() % sectors * 512;
      if (kept == 0) continue;
      if (file.now.size() < write.offset + kept) file.now.resize(write.offset + kept);
      std::memcpy(file.now.data() + write.offset, write.bytes.data(), kept);
    }
    file.synced = file.now;
    file.unsynced.clear();
    file.exists_synced = true;
  }
}

FaultyDisk::Files FaultyDisk::files() const {
  Files files;
  for (const auto& [name, file] : stored_) files[name] = file.now;
  return files;
}

void FaultyDisk::put_files(const Files& files) {
  stored_.clear();
  for (const auto& [name, bytes] : files) stored_[name] = Stored{bytes, bytes, {}, true};
}

}  // namespace durable_test
