// SPDX-License-Identifier: Apache-2.0
// How much of a test to run: whether this build is sanitized, where everything takes several times as long, and numbers from the environment.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace ringfence::test {

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

/// The variable as a number, where it is set: tests/README.md lists them.
inline std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace ringfence::test
