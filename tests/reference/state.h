// SPDX-License-Identifier: Apache-2.0
// The state on which the reference interpreter decides: plain lists, searched from front to back. What is not listed is at its start:
// a balance is 0, a mode is the first, a fact is unknown (language reference, 10.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/vocabulary.h"
#include "runtime/transfer.h"

namespace ringfence::reference {

struct Holding { Instance bucket; Index asset = kNone; Int128 balance = 0; };
struct KnownFact { Instance subject; Int128 number = 0; std::int64_t observed_ms = 0; };   ///< target: the fact
/// target: the machine. As it was entered: at_time says what deadlines have made of it.
struct KnownMode { Instance subject; Index mode = 0; std::int64_t entered_ms = 0; };
/// A transfer that was applied: what the windows of limits count.
struct Moved { Index purpose = kNone; Instance from, to; Index asset = kNone; Int128 amount = 0; std::int64_t time_ms = 0; };

/// Of a deadline that lies beyond its calendar.
inline constexpr Index kModeNotKnown = kNone;

struct State {
  std::vector<Holding> holdings;
  std::vector<KnownFact> facts;
  std::vector<KnownMode> modes;
  std::vector<Moved> history;
  std::optional<std::int64_t> last_time_ms;   ///< of the last applied transfer or mode change

  Int128 balance(const Instance& bucket, Index asset) const;
  Index mode(const Instance& machine) const;
  const KnownFact* fact(const Instance& subject) const;
  void add(const Instance& bucket, Index asset, Int128 amount);
  void set_mode(const Instance& machine, Index mode, std::int64_t entered_ms);
  void set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms);
};

/// Position of `entity` in `keys`, or kNone.
Index position(const std::vector<Index>& keys, Index entity);

}  // namespace ringfence::reference
