// SPDX-License-Identifier: Apache-2.0
// A record of a journal as JSON: as a transfer file has it (README.md), with the decision as what is expected, so that what is printed can be
// given to a gate again. What the policy does not declare, which a denial may speak of, is called `unknown`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "command/load.h"
#include "command/values.h"
#include "runtime/durable/journal_record.h"

namespace ringfence {

/// `names` gives the ids of the numbers in the records.
class JournalJson {
 public:
  JournalJson(const LoadedPolicy& policy, const Interner& names) : table_(policy.table), names_(names), words_(policy, names) {}

  nlohmann::ordered_json operator()(const JournalBalance&) const;
  nlohmann::ordered_json operator()(const JournalMode&) const;
  nlohmann::ordered_json operator()(const JournalFact&) const;
  nlohmann::ordered_json operator()(const JournalTransfer&) const;
  nlohmann::ordered_json operator()(const JournalChange&) const;
  nlohmann::ordered_json operator()(const JournalBatch&) const;

 private:
  nlohmann::ordered_json transfer(const GateTransfer&, const Decision&) const;
  void add_authority(nlohmann::ordered_json&, const Authority&, std::span<const Approval>) const;
  std::vector<std::string> role_names(Mask) const;
  std::string mode_name(Index machine, Index mode) const;

  const RuleTable& table_;
  const Interner& names_;
  ValueWords words_;
};

}  // namespace ringfence
