// SPDX-License-Identifier: Apache-2.0
// See file.h.
#include "command/file.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringfence {
namespace {

FileError cannot(const char* verb, const std::string& path, int error) {
  return {fmt::format("can't {} `{}`: {}", verb, path, std::strerror(error))};
}

/// Closes on every way out; `close` says whether closing worked, which for some file systems is when a full disk is noticed.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { if (number_ >= 0) ::close(number_); }
  int number() const noexcept { return number_; }
  bool close() noexcept { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Where `path` leads when it is a link, so that the link stays and what it names is replaced.
std::string without_links(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string result = resolved;
  std::free(resolved);
  return result;
}

std::optional<FileError> write_directly(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0 || !write_all(file.number(), bytes) || !file.close()) return cannot("write", path, errno);
  return std::nullopt;
}

std::optional<FileError> write_and_rename(const std::string& path, std::string_view bytes, mode_t permissions) {
  std::string temporary = directory_of(path) + "/.ringfence-XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.number() < 0) return cannot("write", path, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const bool done = write_all(file.number(), bytes) && ::fchmod(file.number(), permissions & ~mask) == 0 && ::fsync(file.number()) == 0 &&
                    file.close() && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!done) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return cannot("write", path, error);
  }
  Descriptor directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() >= 0) ::fsync(directory.number());   // best effort: some file systems can't sync a directory
  return std::nullopt;
}

}  // namespace

std::variant<OpenFile, FileError> open_file(const std::string& path) {
  if (path == "-") return OpenFile(stdin);
  OpenFile file(std::fopen(path.c_str(), "rbe"));
  if (!file) return cannot("read", path, errno);
  struct stat status{};
  if (::fstat(::fileno(file.get()), &status) == 0 && S_ISDIR(status.st_mode)) return cannot("read", path, EISDIR);
  return file;
}

std::variant<std::string, FileError> read_file(const std::string& path, const ReadLimit& limit) {
  auto opened = open_file(path);
  if (auto* error = std::get_if<FileError>(&opened)) return *error;
  std::FILE* file = std::get<OpenFile>(opened).get();
  std::string bytes;
  char chunk[1u << 16];
  while (true) {
    const bool marked = !limit.mark.empty() && std::string_view(bytes).starts_with(limit.mark);
    const std::size_t bytes_max = marked ? limit.bytes_max_marked : limit.bytes_max;
    if (bytes.size() > bytes_max) break;
    const std::size_t wanted = std::min(sizeof chunk, bytes_max + 1 - bytes.size());
    const std::size_t count = std::fread(chunk, 1, wanted, file);
    bytes.append(chunk, count);
    if (count < wanted) break;
  }
  if (std::ferror(file) != 0) return cannot("read", path, errno);
  return bytes;
}

std::optional<FileError> write_file(const std::string& path, std::string_view bytes, Readers readers) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return cannot("write", path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) return write_directly(path, bytes);
  return write_and_rename(exists ? without_links(path) : path, bytes, readers == Readers::Owner ? 0600 : 0666);
}

}  // namespace ringfence
