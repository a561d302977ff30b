// SPDX-License-Identifier: Apache-2.0
// A difference in the words of the policies: moves, values and examples. Shared by what is printed for people and by JSON, so that both
// say the same.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "verify/diff.h"

namespace ringfence {

std::string roles_in_words(const Vocabulary&, Mask roles);                          ///< "trader, cfo"
/// "withdraw Client.wallet -> Client.bank, another Client, of USDC, by trader"; "mode of Client.margin: normal -> called, by risk_engine".
std::string in_words(const Joint&, const RequestKind&);
/// "Client.wallet of client1".
std::string bucket_in_words(const Joint&, const Instance&);
/// "Client.margin of client1, position1", or "system".
std::string subject_in_words(const Joint&, const Instance& machine);
/// Name and value of what was read: ("fee_due of client1", "5 USDC"), ("mode of Client of client1", "called").
std::pair<std::string, std::string> in_words(const Joint&, const Example&, const Reading&);
/// Without ids: "fact fee_due", "balance of House.fees", "mode of Client".
std::string in_words(const Joint&, const Slot&);
/// "allowed, line 31", "denied by condition, line 12".
std::string decision_in_words(const Moves& own, const Decision&);
/// "held for Client.wallet, in House.fees", "... of another Client".
std::string in_words(const Joint&, const Flow&);
/// "keeps its title", "passes, or keeps it".
std::string title_in_words(bool keeps, bool passes);

}  // namespace ringfence
