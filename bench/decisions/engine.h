// SPDX-License-Identifier: Apache-2.0
// One way to decide: the rules go in once, then transfers, an answer each. One file an engine; those that need a package of their own are there only
// where it is installed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bench/decisions/rules.h"

namespace ringfence::bench {

class Engine {
 public:
  virtual ~Engine() = default;
  /// Not timed: puts transfers into the form in which a caller of this engine has them anyway. The next `decide` is of these.
  virtual void prepare(std::span<const Asked>) {}
  /// `allowed[i]` is 1 when transfer i is allowed, else 0. At most kChunk transfers.
  virtual void decide(std::span<const Asked>, std::span<std::uint8_t> allowed) = 0;
  /// Of what it reads when it decides; 0 where that can't be known.
  virtual std::size_t bytes() const { return 0; }
};

/// Transfers that are handed over together: few enough that they stay in the first-level cache, as a transfer is that was just made.
inline constexpr std::size_t kChunk = 128;

using EngineOf = std::unique_ptr<Engine>(const RuleSet&);
EngineOf make_ringfence;          ///< needs and decide, one by one
EngineOf make_ringfence_at_hand;  ///< decide, with values and the row that they are of
EngineOf make_ringfence_many;     ///< needs_many and decide_many
EngineOf make_dense_table;        ///< written by hand: the bar
EngineOf make_dense_table_trusting;
EngineOf make_hash_map;
EngineOf make_linear_scan;
EngineOf make_acl;
EngineOf make_sqlite;
EngineOf make_clips;
EngineOf make_prolog;

}  // namespace ringfence::bench
