// SPDX-License-Identifier: Apache-2.0
// The text of a policy with the scenarios of further files behind it, as the one text that is compiled. In: their paths. Out: that text, and for each of
// its lines and diagnostics the file that it stands in, with the line there. Holds: each file begins on a line of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "command/verb.h"
#include "compiler/passes.h"

namespace ringfence {

class PolicyText {
 public:
  /// Lines count from 1.
  struct FilePlace { std::string_view path; std::uint32_t line = 0; };

  PolicyText(std::string path, std::string policy) { add(std::move(path), std::move(policy)); }
  /// What stands in one more file.
  void add(std::string path, std::string text);

  const std::string& text() const noexcept { return text_; }
  const std::string& path() const noexcept { return files_.front().path; }   ///< the policy's
  /// Of a line of `text()`.
  FilePlace place(std::uint32_t line) const;
  /// "line 12"; in a further file "policy.scenarios, line 12".
  std::string in_words(std::uint32_t line) const;
  /// What `text()` was told, by file.
  std::string render(const Diagnostics&) const;
  /// Why the files together are no policy though their text, which has no errors, is one: only scenarios may stand, whole, in a further file. One line, or nothing.
  std::optional<std::string> misplaced() const;

 private:
  struct File { std::string path; std::uint32_t begin, lines_before; };
  std::uint32_t end_of(std::size_t file) const noexcept;

  std::string text_;
  std::vector<File> files_;
};

/// The policy in `path` and the files of scenarios. What can't be read has been printed when there is none.
std::variant<PolicyText, ExitCode> read_policy_text(const std::string& path, const std::vector<std::string>& scenarios, std::ostream& err);

}  // namespace ringfence
