// SPDX-License-Identifier: Apache-2.0
// Where parse puts what it finds: at most `limit` diagnostics, the last of which says that there would be more.
#pragma once

#include <string>
#include <utility>

#include "compiler/diagnostic.h"

namespace ringfence {

class DiagnosticSink {
 public:
  explicit DiagnosticSink(std::size_t limit) : limit_(limit == 0 ? 1 : limit) {}
  void add(const char* code, SourceRange range, std::string message, std::string help = "") {
    if (full()) return;
    if (!stopped_ && diagnostics_.size() + 1 == limit_) {
      code = "E0115", message = "too many errors: what follows was not read", help = "correct the errors above first", stopped_ = true;
    }
    diagnostics_.push_back({code, Severity::Error, range, std::move(message), std::move(help)});
  }
  bool full() const { return stopped_; }
  bool empty() const { return diagnostics_.empty(); }
  /// Nothing more is taken: the text is not read on.
  void stop() { stopped_ = true; }
  Diagnostics take() { return std::move(diagnostics_); }

 private:
  std::size_t limit_;
  bool stopped_ = false;
  Diagnostics diagnostics_;
};

}  // namespace ringfence
