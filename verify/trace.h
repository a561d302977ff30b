// SPDX-License-Identifier: Apache-2.0
// A concrete run: opening state, then steps, by themselves or in batches, with ids, amounts, facts and times, and what happens to the followed units of money.
// A trace is evidence only once `replay` has run it through the compiled table and has seen the fence broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/typed_policy.h"

namespace ringfence {

struct TraceHolding { NamedInstance bucket; Index asset = kNone; Int128 balance = 0; };
struct TraceFact { NamedInstance subject; Int128 number = 0; };      ///< target: the fact; observed at the step's time

struct TraceStep {
  bool linked = false;                   ///< with the step after it, in one batch: all or nothing, floors judged at its end
  bool is_transfer = true;               ///< else a mode change: of a role, or by the clock
  bool is_by_clock = false;              ///< a deadline has passed at `time_ms`: nobody asks for it
  std::int64_t time_ms = 0;
  std::vector<TraceFact> facts;          ///< as they stand for this step
  ScenarioTransfer transfer;
  NamedInstance subject; Index to_mode = kNone;   ///< mode change: the machine, the mode
  std::string person; Index role = kNone;
  std::vector<NamedApproval> approvals;
  Mask evidence = 0;
  std::optional<NamedInstance> lender;   ///< an overdraft that takes no followed unit: whose units pay for what the source lacks
  Index statement = kNone;               ///< the allow rule relied on (or the transition)
};

/// One followed unit: where it is and for whom, after each step. Index 0 is the opening state; `present` is false while it is outside.
struct CoinPlace { bool present = false; NamedInstance title, at; };
struct Trace {
  std::vector<TraceHolding> opening;
  std::vector<TraceStep> steps;
  Index coin_asset[2] = {kNone, kNone};
  std::vector<std::vector<CoinPlace>> coins;      ///< one or two coins; each steps.size() + 1 places
  std::string summary;                            ///< one sentence: what is mixed with what, where
};

/// The notation of an instance (language reference, 1.6): "Client.margin of alice, p1"; without `of` when there is no id.
std::string print_instance(std::string_view name, std::span<const std::string> ids);
/// One past the last step of the batch that begins at `first`; a step by itself is a batch of one.
std::size_t batch_end(const Trace&, std::size_t first);
/// For people: opening balances, then numbered steps in the words of the language, then what is mixed.
std::string print(const Vocabulary&, const Trace&);

}  // namespace ringfence
