// SPDX-License-Identifier: Apache-2.0
// A disk in memory for SQLite that can fail: a VFS on which the N-th operation fails, once or from then on, or at which the power is cut. It knows
// which bytes were synced: after a power cut of what was not, each write is there, in part or not at all, as the seed says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace durable_test {

enum class Fault : std::uint8_t {
  None,
  InputOutput,   ///< EIO
  Full,          ///< ENOSPC, before anything is written
  Short,         ///< ENOSPC, after half of it was written
  PowerCut,      ///< this operation and all after it fail, and nothing of them reaches the disk
};

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  const char* vfs_name() const noexcept;
  /// From now on counts writes, truncations, syncs, deletions and openings from 1, and fails the one numbered `at`; `persistent`: and those after it.
  void fail(Fault, std::uint64_t at, bool persistent);
  std::uint64_t operations() const noexcept { return operations_; }
  bool has_failed() const noexcept { return has_failed_; }
  /// The power is cut now.
  void cut_power();
  /// The process is gone, the disk works again. After a power cut, what was not synced is as `seed` says.
  void start_again(std::uint64_t seed);

  using Files = std::map<std::string, std::string>;
  Files files() const;              ///< as a process sees them
  void put_files(const Files&);     ///< all synced

 private:
  struct Vfs;
  struct Handle;
  struct Write { std::size_t offset; std::string bytes; bool truncates; };
  struct Stored { std::string now, synced; std::vector<Write> unsynced; bool exists_synced = false; };
  /// SQLITE_OK, or how the operation that is begun fails.
  int begin(int failed_as);

  std::unique_ptr<Vfs> vfs_;
  std::map<std::string, Stored> stored_;
  Fault fault_ = Fault::None;
  std::uint64_t fail_at_ = 0, operations_ = 0;
  bool persistent_ = false, has_failed_ = false;
};

}  // namespace durable_test
