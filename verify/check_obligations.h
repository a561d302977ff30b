// SPDX-License-Identifier: Apache-2.0
// Puts SMT-LIB text to Z3 and counts the answers. What it does not answer with `unsat` is not proved.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "verify/certificate.h"

namespace ringfence {

class ObligationChecker {
 public:
  explicit ObligationChecker(std::uint32_t timeout_ms);
  ~ObligationChecker();
  ObligationChecker(ObligationChecker&&) noexcept;
  /// Declarations, which stay for what follows. False when Z3 does not accept them.
  bool declare(const std::string& text);
  /// True when every one of the obligations answers unsat, once and with nothing else. Many are put to two solvers at once.
  bool all_unsat(const Obligations&);

  struct Solver;

 private:
  std::unique_ptr<Solver> solver_, second_;
  std::string declared_;
};

}  // namespace ringfence
