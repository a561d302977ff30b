// SPDX-License-Identifier: Apache-2.0
// A difference between a table and its policy in words: where it is, for which values it shows, what each of the two decides.
#pragma once

#include <string>
#include <vector>

#include "compiler/moves.h"
#include "verify/difference_example.h"

namespace ringfence::equivalence {

/// "fee from Client.wallet to House.fees, another Client, in USD, by teller".
std::string cell_in_words(const Vocabulary&, const Cell&);
/// "normal, called -> liquidating of Client.margin by risk_engine".
std::string transition_in_words(const Vocabulary&, Index machine, Mask from_modes, Index to_mode, Mask roles, const std::optional<Deadline>&);
/// What values are named after. Borrows all.
struct Names { const Vocabulary& vocabulary; const std::vector<Statement>& statements; const GuardDiagrams& diagrams; };
/// "balance(Client.margin[Position of the destination])", "counted under the limit of line 20": keys that are the source's are not said.
std::string value_name(const Names&, Index value);
/// "amount = 5 USD", "balance(Client.wallet) = 7 USD".
std::string value_in_words(const Names&, Index value, Int128 number, Index asset_of_transfer);
/// "the allow rule of line 12".
std::string statement_in_words(const std::vector<Statement>&, Index statement);
/// "allowed by the allow rule of line 12", "denied: limit, by the limit of line 20".
std::string judgement_in_words(const std::vector<Statement>&, const Judgement&);
/// The first line in which two dumps differ, as each has it; empty where one has no more.
struct LinePair { std::string first, second; };
LinePair first_difference(const std::string& first_dump, const std::string& second_dump);

}  // namespace ringfence::equivalence
