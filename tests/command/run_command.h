// SPDX-License-Identifier: Apache-2.0
// Runs the real program in a directory of its own, and keeps what it printed and how it ended.
#pragma once

#include <string>
#include <string_view>

namespace command_test {

struct Ran {
  int code = -1;             ///< exit code; 128 and more: it was killed by a signal
  std::string out, err;
};

/// A directory that is gone with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const noexcept { return path_; }
  void write(const std::string& name, std::string_view bytes) const;
  std::string read(const std::string& name) const;      ///< empty when there is no such file
  int count() const;                                    ///< files in it, hidden ones too
  /// `ringfence ARGUMENTS` with this as the working directory; the arguments go through a shell. Standard output goes to `out_path`
  /// when that is given, and is then not kept.
  Ran run(const std::string& arguments, std::string_view input = {}, const std::string& out_path = {}) const;

 private:
  std::string path_;
};

/// A device on which every write fails for want of space: the system's, or on a bare one made for the test, which takes root. Without
/// either, `path` is empty.
class FullDevice {
 public:
  FullDevice();
  ~FullDevice();
  FullDevice(const FullDevice&) = delete;
  FullDevice& operator=(const FullDevice&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_, made_;
};

std::size_t count_of(std::string_view text, std::string_view part);
/// A policy that the tests share: deposits, releases with a condition, a floor, a limit, a mode, approvals, a deny rule.
extern const char* const kPolicy;

}  // namespace command_test
