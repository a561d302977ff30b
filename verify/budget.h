// SPDX-License-Identifier: Apache-2.0
// How long solvers may think: about one question, and about all questions of a run. What is not answered in time is not answered.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ringfence {

/// Given to every part of a run by value, and the same for all of them: the end is an instant, so nothing needs to be counted.
struct Budget {
  using Instant = std::chrono::steady_clock::time_point;
  /// Milliseconds alone are those of one question, in a run without an end.
  Budget(std::uint32_t of_query_ms = 60'000, Instant of_run_end = Instant::max()) : query_ms(of_query_ms), end(of_run_end) {}

  std::uint32_t query_ms;   ///< of one question
  Instant end;              ///< of the run

  /// What a question asked now may take; 0: it must not be asked.
  std::uint32_t left_ms() const noexcept {
    if (end == Instant::max()) return query_ms;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 0, query_ms));
  }
  bool is_over() const noexcept { return left_ms() == 0; }
  Budget with_query_at_most(std::uint32_t ms) const noexcept { return {std::min(query_ms, ms), end}; }
};

/// Why something is UNKNOWN after the end.
inline constexpr const char* kTimeIsUp = "the time for the whole run was up";

}  // namespace ringfence
