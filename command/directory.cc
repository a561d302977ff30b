// SPDX-License-Identifier: Apache-2.0
// See directory.h.
#include "command/directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringfence {
namespace {

namespace fs = std::filesystem;

FileError cannot(const char* verb, const std::string& path, int error) { return {fmt::format("can't {} `{}`: {}", verb, path, std::strerror(error))}; }

/// Absolute, without links and final slashes, so that a name beside it is on the same file system.
fs::path resolved(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::path(path) : whole.has_filename() ? whole : whole.parent_path();
}

/// A new directory beside `path`, which is gone with the object unless it was renamed.
class Beside {
 public:
  explicit Beside(const fs::path& path) : path_((path.parent_path() / ".ringfence-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) error_ = errno;
  }
  ~Beside() {
    std::error_code ignored;
    if (error_ == 0) fs::remove_all(path_, ignored);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  const std::string& path() const noexcept { return path_; }
  int error() const noexcept { return error_; }

 private:
  std::string path_;
  int error_ = 0;
};

/// Zero, or the error. A directory with files in it can't be renamed over: it changes places with the new one, which its name is left to.
int take_place(const std::string& made, const fs::path& path) {
  if (::rename(made.c_str(), path.c_str()) == 0) return 0;
  if (errno != ENOTEMPTY && errno != EEXIST) return errno;
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  const Beside aside(path);   // no exchange on this file system: for an instant there is none
  if (aside.error() != 0) return aside.error();
  if (::rename(path.c_str(), aside.path().c_str()) != 0) return errno;
  if (::rename(made.c_str(), path.c_str()) == 0) return 0;
  const int error = errno;
  ::rename(aside.path().c_str(), path.c_str());
  return error;
}

void sync_directory(const fs::path& path) {   // best effort: some file systems can't
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::variant<std::vector<std::string>, FileError> names_in(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) names.push_back(entry->path().filename().string());
  if (error) return cannot("read", directory, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<FileError> replace_directory(const std::string& path, std::span<const DirectoryFile> files) {
  const fs::path target = resolved(path);
  const Beside made(target);
  if (made.error() != 0) return cannot("write", path, made.error());
  for (const DirectoryFile& file : files)
    if (auto error = write_file(made.path() + "/" + file.name, file.bytes)) return error;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::chmod(made.path().c_str(), 0777 & ~mask) != 0) return cannot("write", path, errno);
  if (const int error = take_place(made.path(), target); error != 0) return cannot("write", path, error);
  sync_directory(target.parent_path());
  return std::nullopt;
}

}  // namespace ringfence
