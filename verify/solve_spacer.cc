// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <z3++.h>

#include "verify/balance_proof.h"
#include "verify/solve_watch.h"

namespace ringfence {
namespace {

/// `(define-fun inv ((x0 Int) ...) Bool ...)`.
std::string definition(z3::context& context, const z3::func_decl& inv, const z3::expr& meaning) {
  z3::expr_vector arguments(context);
  std::string typed;
  for (unsigned i = 0; i < inv.arity(); ++i) {
    const std::string name = fmt::format("x{}", i);
    arguments.push_back(context.int_const(name.c_str()));
    typed += fmt::format("({} Int)", name);
  }
  z3::expr body = meaning;
  return fmt::format("(define-fun inv ({}) Bool\n  {})\n", typed, body.substitute(arguments).to_string());
}

}  // namespace

std::optional<std::string> find_invariant(const std::string& horn, std::uint32_t timeout_ms) {
  try {
    z3::context context;
    z3::solver solver(context, "HORN");
    solver.from_string(horn.c_str());
    Watch watch(context);
    watch.end_by(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
    if (solver.check() != z3::sat) return std::nullopt;
    const z3::model model = solver.get_model();
    if (model.num_funcs() != 1) return std::nullopt;
    const z3::func_decl inv = model.get_func_decl(0);
    std::string found = definition(context, inv, model.get_func_interp(inv).else_value());
    if (found.find("forall") != std::string::npos || found.find("exists") != std::string::npos) return std::nullopt;
    return found;
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

}  // namespace ringfence
