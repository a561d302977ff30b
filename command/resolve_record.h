// SPDX-License-Identifier: Apache-2.0
// A record's names looked up in a table, its ids as numbers, its amounts in minor units: what the gate takes. A name that the policy
// does not declare is no error in a transfer or mode change: the gate denies it (unknown_name), and `unknown` says which it was. In
// an opening balance, an opening mode or a fact there is no decision, so there it is what is wrong with the line.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "command/instance.h"
#include "command/record.h"
#include "runtime/gate.h"

namespace ringfence {

struct UnknownName {
  std::string kind;         ///< "purpose", "bucket", "role", ...
  std::string name;
  std::string suggestion;   ///< the nearest declared name, or empty
};

struct ResolvedTransfer { GateTransfer submitted; std::vector<UnknownName> unknown; };
struct ResolvedChange   { GateModeChange submitted; std::vector<UnknownName> unknown; };
struct ResolvedFact     { Instance subject; Int128 number = 0; std::int64_t time_ms = 0; };
struct ResolvedHolds    { Instance bucket; Index asset = kNone; Int128 balance = 0; };
struct ResolvedMode     { Instance machine; Index mode = kNone; std::optional<std::int64_t> entered_ms; };
/// What is wrong with the record, for a line that is then skipped.
struct Wrong { std::string message; };

std::variant<ResolvedTransfer, Wrong> resolve(const TransferRecord&, const RuleTable&, Interner&);
std::variant<ResolvedChange, Wrong> resolve(const ChangeRecord&, const RuleTable&, Interner&);
std::variant<ResolvedFact, Wrong> resolve(const FactRecord&, const RuleTable&, Interner&);
std::variant<ResolvedHolds, Wrong> resolve(const HoldsRecord&, const RuleTable&, Interner&);
std::variant<ResolvedMode, Wrong> resolve(const ModeRecord&, const RuleTable&, Interner&);

/// "system", "Client" or "Client.margin": what a machine, or a fact's subject, is called.
std::string subject_name(const RuleTable&, SubjectKind, Index subject);

}  // namespace ringfence
