// SPDX-License-Identifier: Apache-2.0
// From decoded moves to a verdict on every fence and every property. No Z3 type appears here. What each answer means:
//   PROVED   no run of allowed moves, however long, with however many members, breaks the fence; a certificate re-proves it
//   REFUTED  here is a shortest run that does, replayed through the compiled table
//   UNKNOWN  neither was established; `reason` says what stood in the way. Never counts as proved
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/moves.h"
#include "runtime/rule_table.h"
#include "verify/budget.h"
#include "verify/proof_memory.h"
#include "verify/property.h"
#include "verify/trace.h"

namespace ringfence {

/// Everything assumed and not proved: verify/trust.def, one sentence each. Every report prints what it rests on (trusted_in).
enum class Trust : std::uint8_t {
#define X(identifier, sentence) identifier,
#include "verify/trust.def"
#undef X
};
const char* trust_sentence(Trust) noexcept;

/// An allow rule that passes title from one side of a fence to the other: the only way across.
struct ReleasePoint {
  Index statement = kNone;               ///< Moves::statements
  Index from = kNone, to = kNone;
  Relation relation = 0;
  Mask roles = 0;
};

struct FenceVerdict {
  Index fence = kNone;
  Answer answer = Answer::Unknown;
  std::string reason;                    ///< UNKNOWN: what stood in the way; else empty
  std::optional<Trace> trace;            ///< REFUTED: shortest in steps of the followed money (soundness.md, 9), replayed
  std::string certificate;               ///< PROVED: SMT-LIB 2, every check-sat of which must answer unsat
  std::uint32_t obligations = 0;         ///< PROVED: number of check-sats in the certificate
  std::vector<ReleasePoint> release_points;
};

struct VerifyOptions {
  Budget budget;                         ///< of one query, and of the whole run. What is not answered in time is UNKNOWN
  std::size_t states_max = 2'000'000;         ///< abstract states of one fence; beyond: UNKNOWN
  std::function<void(std::string_view)> progress;  ///< called with one line of what is being done, by one thread at a time; may be empty
  ProofMemory* memory = nullptr;         ///< what was answered in proofs before: used, and added to. The verdict is the same without it
};

struct Verdict {
  std::vector<FenceVerdict> fences;      ///< one per fence, in text order
  std::vector<PropertyVerdict> properties;   ///< besides the fences; those asked of every policy first, in the order of property.def
  std::size_t taken_over = 0;            ///< different obligations that were not asked, on the word of whoever handed in an earlier proof
  std::size_t answered = 0;              ///< different obligations that a solver answered `unsat` for this proof; counted with a memory only
  Answer overall() const noexcept;       ///< REFUTED if any is, else UNKNOWN if any is, else PROVED. No fence: callers say so
};

/// What this verdict assumes: everything in trust.def, but for the earlier proof where nothing was taken over from one.
std::vector<Trust> trusted_in(const Verdict&);

/// Moves as the table says them: what every proof is about. The table has been loaded, so this can't fail.
Moves decode(const RuleTable&);
/// Proves or refutes each fence and each property of the *decoded* table. Throws nothing but for memory; a solver that fails gives UNKNOWN. Uses
/// two threads, four for a moment; they share the table, what is decoded of it, and the memory, which has a lock.
Verdict verify(const RuleTable&, const VerifyOptions& = {});

}  // namespace ringfence
