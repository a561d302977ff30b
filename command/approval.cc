// SPDX-License-Identifier: Apache-2.0
// See approval.h.
#include "command/approval.h"

#include <fmt/core.h>

namespace ringfence {
namespace {

constexpr std::size_t kKeyLineBytes = 65, kApprovalBytesMax = 1024;

}  // namespace

std::variant<std::vector<PublicKey>, FileError> read_approvers(const std::string& path) {
  const auto read = read_file(path, {kApproversMax * kKeyLineBytes});
  if (const auto* error = std::get_if<FileError>(&read)) return *error;
  const std::string& text = std::get<std::string>(read);
  std::vector<PublicKey> keys;
  for (std::size_t at = 0; at < text.size(); at += kKeyLineBytes) {
    const std::string_view line = std::string_view(text).substr(at, kKeyLineBytes);
    const auto key = line.ends_with('\n') ? parse_hex(line.substr(0, line.size() - 1)) : std::nullopt;
    if (!key) return FileError{fmt::format("`{}`: line {} is no public key: 64 hex digits and a line end; at most {} of them", path, keys.size() + 1, kApproversMax)};
    keys.push_back(*key);
  }
  if (keys.empty()) return FileError{fmt::format("`{}` has no public key", path)};
  return keys;
}

std::variant<std::vector<PolicyApproval>, FileError> read_approvals(const std::vector<std::string>& paths) {
  std::vector<PolicyApproval> approvals;
  for (const std::string& path : paths) {
    const auto read = read_file(path, {kApprovalBytesMax});
    if (const auto* error = std::get_if<FileError>(&read)) return *error;
    const auto approval = parse_approval(std::get<std::string>(read));
    if (!approval) return FileError{fmt::format("`{}` is no approval: `ringfence approve` makes one", path)};
    approvals.push_back(*approval);
  }
  return approvals;
}

}  // namespace ringfence
