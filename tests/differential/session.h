// SPDX-License-Identifier: Apache-2.0
// One policy in two readings, side by side: the reference interpreter on the typed policy, and the real gate on the compiled and loaded
// table. Both get the same traffic; the first difference between their answers is kept, in words.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/passes.h"
#include "runtime/gate.h"
#include "tests/generate/traffic.h"
#include "tests/reference/interpreter.h"
#include "tests/size_of_run.h"

namespace ringfence::differential {

using test::kIsSanitized;
using test::number_from_environment;

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::Batch) + 1;

struct Tally {
  std::uint64_t policies = 0, rejected = 0, transfers = 0, mode_changes = 0, batches = 0, repeats = 0, modes_brought = 0;
  std::array<std::uint64_t, kReasonCount> reasons{};   ///< of single transfers, legs and mode changes, as the gate answered
};

/// Empty when the answers agree: the same reason (value_missing, value_stale and value_out_of_range count as one, because 8.3 leaves open
/// which value is named), and where a statement decides the same statement, and the same first failing condition.
std::string difference(const reference::Answer&, const Decision&);

struct LoadedPolicy {
  TypedPolicy policy;
  RuleTable table;
};
/// Compiles and loads; checks that decode(table) gives the moves again. Nothing, with `why`, when the text does not compile.
std::optional<LoadedPolicy> load_policy(const std::string& text, std::string& why);

class Session {
 public:
  /// `policy` is what the reference reads: in a test of the harness itself, not what `table` was made from.
  Session(const TypedPolicy& policy, const RuleTable& table, std::uint64_t seed);
  /// Submits one random transfer, batch, mode change, repeat or fact to both. False on a difference; then `report` says all.
  bool step(Tally&);
  /// Balances and modes of both agree.
  bool ends_equal();
  const std::string& report() const noexcept { return report_; }

 private:
  bool transfer(Tally&);
  bool mode_change(Tally&);
  bool batch(Tally&);
  bool repeat(Tally&);
  void fact();
  bool fail(const std::string& difference, const std::string& request);
  std::string next_id() { return "t" + std::to_string(next_id_++); }

  const TypedPolicy& policy_;
  Gate gate_;
  generate::Random random_;
  reference::State state_;
  std::int64_t now_ms_ = generate::kStartMs;
  std::uint64_t next_id_ = 0;
  struct Done { GateTransfer submitted; GateAnswer answer; };
  std::vector<Done> done_;
  std::string report_;
};

}  // namespace ringfence::differential
