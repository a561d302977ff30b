// SPDX-License-Identifier: Apache-2.0
// See run_script.h.
#include <condition_variable>
#include <mutex>
#include <thread>

#include <z3.h>

#include "verify/run_script.h"

namespace ringfence {
namespace {

/// Stops what a context works on at the deadline, and everything after it.
class StopAt {
 public:
  StopAt(Z3_context context, std::chrono::steady_clock::time_point deadline) : thread_([this, context, deadline] {
    std::unique_lock lock(mutex_);
    if (done_changed_.wait_until(lock, deadline, [this] { return done_; })) return;
    do Z3_interrupt(context);   // each ends one query
    while (!done_changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return done_; }));
  }) {}
  ~StopAt() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    done_changed_.notify_one();
    thread_.join();
  }
  StopAt(const StopAt&) = delete;
  StopAt& operator=(const StopAt&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  std::thread thread_;
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
  Z3_config config = Z3_mk_config();
  Z3_set_param_value(config, "timeout", std::to_string(query_timeout_ms).c_str());
  Z3_context context = Z3_mk_context(config);
  Z3_del_config(config);
  Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});  // errors are read from the answer, never thrown
  std::string printed;
  {
    const StopAt stop(context, deadline);
    const char* answer = Z3_eval_smtlib2_string(context, text.c_str());
    printed = Z3_get_error_code(context) == Z3_OK && answer ? answer : "error";
  }
  Z3_del_context(context);
  return printed;
}

}  // namespace ringfence
