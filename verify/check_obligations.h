// SPDX-License-Identifier: Apache-2.0
// Puts SMT-LIB text to Z3 and counts the answers. What it does not answer with `unsat` is not proved.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "verify/budget.h"
#include "verify/certificate.h"
#include "verify/proof_memory.h"

namespace ringfence {

class ObligationChecker {
 public:
  /// `prelude`: declarations, which stand before every obligation. With a memory, what was answered under the same prelude is not asked
  /// again, and what is answered is kept. Solvers are made when they are first asked.
  ObligationChecker(std::string prelude, const Budget&, ProofMemory* memory);
  ~ObligationChecker();
  /// True when every one of the obligations answers unsat, once and with nothing else. Many are put to two solvers at once. False too when
  /// Z3 does not accept the prelude, and when time is up.
  bool all_unsat(const Obligations&);

  struct Solver;

 private:
  using Open = std::vector<const std::string*>;
  bool ask(std::unique_ptr<Solver>&, const Open&, std::size_t first, std::size_t last) const;

  const std::string prelude_;
  const Budget budget_;
  const ProofMemory::Scope known_;
  std::unique_ptr<Solver> solver_, second_;
};

}  // namespace ringfence
