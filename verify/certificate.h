// SPDX-License-Identifier: Apache-2.0
// The proof as text that any SMT-LIB 2 solver can check without this program: the states that the search found are written down as
// an invariant, and three kinds of obligation say that it holds at every clean start, that no transfer and no change of mode leaves
// it, and that it excludes what the fence forbids. Each obligation is the negation of what is claimed: the answer must be `unsat`.
// Whether the search was right does not matter to it: an invariant that is too small fails the check.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verify/explore.h"

namespace ringfence {

namespace smt { class StateText; }

/// Pieces of SMT-LIB with one check-sat each.
using Obligations = std::vector<std::string>;

/// One obligation: what is asserted together must be unsatisfiable.
std::string obligation(const std::string& meaning, const std::vector<std::string>& asserted);
/// For each mode that is never reached: the transitions into it have guards that can't hold.
Obligations never_obligations(const Arena&, const std::vector<Mask>& modes_possible);
/// Every followed unit is titled to the bucket that it is in, and every mode that the state tells is the first.
std::vector<std::string> start_terms(const Arena&, const smt::StateText&, unsigned coin_count);

/// The invariant made of the states in `reach`, for one or two followed units, and why every run stays in it.
struct InductiveProof {
  std::string prelude;          ///< declarations and the invariant
  Obligations obligations;      ///< it holds at every clean start and is kept by every move and every transition
};
InductiveProof inductive_proof(const Arena&, const Reach&, const std::vector<Mask>& modes_possible, unsigned coin_count);
/// The invariant excludes what the fence forbids. A custody fence may be asked of two units that each keep a one-unit invariant.
std::string fence_obligation(const Arena&, const Fence&, unsigned coin_count);
/// Comment lines in plain language: which policy and table, which fence, how to check it, and what each kind of obligation means.
std::string certificate_header(const Arena&, const std::string& table_digest, const Fence&, unsigned coin_count, std::size_t obligations);
/// The lines with which the header of every certificate begins: policy, table, and the statement that is proved.
std::string certificate_opening(const Moves&, const std::string& table_digest, std::uint32_t line, const std::string& statement);
/// The lines of the opening that name the table (compiler/table_digest.h) and the statement: a fence or an invariant by line and text, what every
/// policy is asked by its text, with line 0.
std::string table_line(const std::string& table_digest);
std::string statement_line(std::uint32_t line, const std::string& statement);
/// How a solver is asked, in comment lines: it must answer `unsat` so many times.
std::string how_to_check(std::size_t obligations);
/// "Client.wallet -> House.fees (USDC relation 0), line 18: allow ...": the ends of the row and its first rule.
std::string row_words(const Moves&, const Move&);
/// "line 18: allow ..."
std::string statement_words(const Moves&, const Guarded&);

}  // namespace ringfence
