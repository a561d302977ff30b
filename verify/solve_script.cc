// SPDX-License-Identifier: Apache-2.0
// See run_script.h.
#include <limits>

#include <z3.h>

#include "verify/run_script.h"
#include "verify/solve_watch.h"

namespace ringfence {
namespace {

/// Of each query in a text: Z3 takes that limit from the process alone, when a context reads its first command.
class QueryLimit {
 public:
  explicit QueryLimit(unsigned ms) { set(ms); }
  ~QueryLimit() { set(std::numeric_limits<unsigned>::max()); }   // none, as it was
  QueryLimit(const QueryLimit&) = delete;
  QueryLimit& operator=(const QueryLimit&) = delete;

 private:
  static void set(unsigned ms) { Z3_global_param_set("timeout", std::to_string(ms).c_str()); }
};

}  // namespace

std::string solver_name() {
  unsigned major = 0, minor = 0, build = 0, revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  std::string name = "Z3 ";
  name.append(std::to_string(major)).append(".").append(std::to_string(minor)).append(".").append(std::to_string(build));
  return name;
}

std::string run_script(const std::string& text, unsigned query_timeout_ms, std::chrono::steady_clock::time_point deadline) {
  const QueryLimit limit(query_timeout_ms);
  Z3_config config = Z3_mk_config();
  Z3_context context = Z3_mk_context(config);
  Z3_del_config(config);
  Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});  // errors are read from the answer, never thrown
  std::string printed;
  {
    Watch watch(context);
    watch.end_by(deadline);
    const char* answer = Z3_eval_smtlib2_string(context, text.c_str());
    printed = Z3_get_error_code(context) == Z3_OK && answer ? answer : "error";
  }
  Z3_del_context(context);
  return printed;
}

}  // namespace ringfence
