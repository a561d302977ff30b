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
  /// True when every one of the obligations, and exactly as many as are counted, answers unsat.
  bool all_unsat(const Obligations&);

 private:
  struct Solver;
  std::unique_ptr<Solver> solver_;
};

}  // namespace ringfence
