// SPDX-License-Identifier: Apache-2.0
// A decision in words: what was decided, by which statement, on what values, and whom it tells. Made once, then printed for people
// or as JSON, so that both say the same.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "command/resolve_record.h"
#include "command/values.h"
#include "runtime/gate.h"

namespace ringfence {

struct StatementWords { std::string kind, text, cite, because; std::uint32_t line = 0; };

struct DecisionWords {
  bool allowed = false;
  std::string reason, sentence;               ///< runtime/reasons.def
  std::optional<StatementWords> statement;    ///< what decided
  std::string clause;                         ///< the condition that failed, as written
  std::vector<NamedValue> values;             ///< what that condition, floor, limit or check read
  std::vector<std::string> details;           ///< what no value says: unknown names, ids that do not fit, a fact's age
  std::vector<std::string> notify;            ///< roles to tell
  struct BroughtMode { std::string subject, mode; std::uint32_t line = 0; };
  std::vector<BroughtMode> modes;             ///< that came with the transfer, or with its batch, and the line of the transition
};

/// `values`: what the decision was made on, as Gate::values_of_denial gives it; may be empty, then no values are said.
/// `at_batch_end`: a floor's balance in `values` is the one after the batch, not the one before the transfer.
DecisionWords describe(const LoadedPolicy&, const Interner&, const Asked&, const Decision&, std::span<const Value> values,
                       const std::vector<UnknownName>& unknown, bool at_batch_end);

/// "denied   line 31: allow release ...: condition "..." failed: balance(from) = 60 USDC, ...", on one line.
std::string print(const DecisionWords&);
/// {"decision":"denied","reason":"condition",...}: README.md.
nlohmann::ordered_json to_json(const DecisionWords&);

/// With what a terminal would act on replaced, so that no file can write what it likes on it.
std::string printable(std::string_view);

}  // namespace ringfence
