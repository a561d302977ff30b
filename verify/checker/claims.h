// SPDX-License-Identifier: Apache-2.0
// Claims about every state: those that a certificate lists, read by the names of their parameters (README.md), and the invariant of the table
// that it names. Nothing is believed of them here.
#pragma once

#include <string>
#include <vector>

#include "formula.h"
#include "smt.h"

namespace checker {

struct Claim {
  std::string name;                      ///< "claim1_at_end"; of the table's: "line 12: invariant ..."
  std::vector<Index> entities;           ///< of its members, whichever they are
  std::vector<Slot> reads;               ///< keys: positions among the entities, or kAllIds. Of kind Amount: a member, of which nothing is read
  const Guarded* written = nullptr;      ///< of the table; otherwise:
  Index function = kNone;                ///< of the certificate
  bool at_end = false;                   ///< only at the end of a batch
  bool reads_fact() const;
};

/// The table's invariant that the certificate's opening names by line and text; nullptr when it names none.
const WrittenInvariant* named_invariant(const Table&, const std::vector<std::string>& opening);
Claim claim_of(const WrittenInvariant&);
/// The functions called claim0, claim1_at_end and so on. Throws Unusable for one that reads something that the table has not.
std::vector<Claim> listed_claims(const Definitions&, const Table&);
/// The claim, of these values of what it reads. Throws TooLarge for what is not linear.
Index truth(Formulas&, const Definitions&, const Claim&, const std::vector<Sum>& values);

}  // namespace checker
