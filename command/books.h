// SPDX-License-Identifier: Apache-2.0
// The state of a gate as it stands, for those who look at it and decide nothing: from the directory of a durable gate's journal, whose chain, signatures and
// decisions are checked on the way, or from a transfer file, applied record by record. Half a state is no state: a line or record that can't be read is an error.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "command/file.h"
#include "command/instance.h"
#include "command/load.h"
#include "command/transfer_run.h"
#include "runtime/durable/replay.h"

namespace ringfence {

class Books {
 public:
  /// `policy` outlives the books; in a journal it must be the one in force at the end.
  static std::variant<Books, FileError> open(const std::string& path, const LoadedPolicy& policy);

  const Gate& gate() const noexcept { return run_ ? run_->gate() : *replay_->gate(); }
  const Interner& names() const noexcept { return run_ ? run_->interner() : names_; }
  /// The number of an id in the books; 0, which no id has: they never saw it.
  std::uint64_t number_of(std::string_view id) const { return names().find(id); }
  /// The latest time in a fact, or in a transfer or change of mode that was allowed; 0: there is none.
  std::int64_t as_of_ms() const noexcept { return as_of_ms_; }

  /// A subject or bucket of which something was said, and of what kind it is.
  enum class Kind : std::uint8_t { Bucket, Fact, Machine };
  struct Known {
    Kind kind{};
    Index target = kNone;
    Ids ids{};
    auto operator<=>(const Known&) const = default;
  };
  /// Buckets that hold something, facts that were set, subjects whose mode was set or changed: each once.
  const std::set<Known>& known() const noexcept { return known_; }

 private:
  explicit Books(const LoadedPolicy& policy) : policy_(policy) {}
  std::optional<FileError> read_journal_at(const std::string& path);
  std::optional<FileError> read_transfers(const std::string& path);
  std::optional<std::string> apply(const Record&);
  void renumber(const RuleTable& before, const RuleTable& now);
  void note(const JournalRecord&);
  void note_time(std::int64_t time_ms) { as_of_ms_ = std::max(as_of_ms_, time_ms); }
  void note(Kind kind, const Instance& instance) { known_.insert({kind, instance.target, instance.ids}); }

  const LoadedPolicy& policy_;
  std::unique_ptr<TransferRun> run_;      // of a transfer file
  std::unique_ptr<Replay> replay_;        // of a journal
  Interner names_;
  std::int64_t as_of_ms_ = 0;
  std::set<Known> known_;
};

}  // namespace ringfence
