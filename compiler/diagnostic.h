// SPDX-License-Identifier: Apache-2.0
// What is wrong with a policy text, where, and what to write instead. Every code has one entry in diagnostics.def and at least one
// golden test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringfence {

/// Half-open range of bytes in the source.
struct SourceRange {
  std::uint32_t begin = 0, end = 0;
  bool operator==(const SourceRange&) const = default;
};

enum class Severity : std::uint8_t { Error, Warning };

struct Diagnostic {
  std::string code;        ///< "E0204": stable; listed in compiler/diagnostics.def
  Severity severity = Severity::Error;
  SourceRange range;
  std::string message;     ///< what is wrong, one sentence without a full stop
  std::string help;        ///< what to write instead; may be empty
};
using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics&) noexcept;

/// One diagnostic for people:
///   policy.rf:12:7: error E0204: there is no role `tradr`
///     allow deposit Client.bank -> Client.wallet by tradr
///                                                   ^~~~~
///     help: did you mean `trader`?
std::string render(const Diagnostic&, std::string_view file_name, std::string_view source);
/// All of them, in order of place, then a line that counts them.
std::string render(const Diagnostics&, std::string_view file_name, std::string_view source);

/// 1-based line and column (columns count code points) of a byte offset.
struct Place { std::uint32_t line = 1, column = 1; };
Place place_of(std::string_view source, std::uint32_t offset) noexcept;

}  // namespace ringfence
