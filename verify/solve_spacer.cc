// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <z3++.h>

#include "verify/balance_proof.h"
#include "verify/solve_watch.h"

namespace ringfence {
namespace {

/// `(define-fun inv ((pa0 Int) ...) Bool ...)`.
std::string definition(z3::context& context, const std::vector<std::string>& parameters, const z3::expr& meaning) {
  z3::expr_vector arguments(context);
  std::string typed;
  for (const std::string& name : parameters) {
    arguments.push_back(context.int_const(name.c_str()));
    typed += fmt::format("({} Int)", name);
  }
  z3::expr body = meaning;
  return fmt::format("(define-fun inv ({}) Bool\n  {})\n", typed, body.substitute(arguments).to_string());
}

}  // namespace

std::optional<std::string> find_invariant(const std::string& horn, const std::vector<std::string>& parameters, std::uint32_t processor_ms, std::uint32_t clock_ms) {
  try {
    z3::context context;
    z3::solver solver(context, "HORN");
    solver.from_string(horn.c_str());
    Watch watch(context);
    watch.end_by(std::chrono::steady_clock::now() + std::chrono::milliseconds(clock_ms), processor_ms);
    if (solver.check() != z3::sat) return std::nullopt;
    const z3::model model = solver.get_model();
    if (model.num_funcs() != 1) return std::nullopt;
    const z3::func_decl inv = model.get_func_decl(0);
    if (inv.arity() != parameters.size()) return std::nullopt;
    std::string found = definition(context, parameters, model.get_func_interp(inv).else_value());
    if (found.find("forall") != std::string::npos || found.find("exists") != std::string::npos) return std::nullopt;
    return found;
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

}  // namespace ringfence
