// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says what is being done, from one second on, rewritten in place and wiped at the end. Nothing at all
// when standard error is not a terminal. What is being done may be set from any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace ringfence {

class Progress {
 public:
  explicit Progress(std::string_view doing);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void set(std::string_view doing);

 private:
  void show();

  std::mutex mutex_;
  std::condition_variable done_changed_;
  std::string doing_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace ringfence
