// SPDX-License-Identifier: Apache-2.0
#include "command/live_state.h"

#include <optional>

#include <fmt/format.h>

#include "command/resolve_record.h"
#include "command/transfer_file.h"

namespace ringfence {
namespace {

class StateReader {
 public:
  StateReader(const LoadedPolicy& older, const LoadedPolicy& newer) : older_(older), newer_(newer) {}

  /// What is wrong with the record.
  std::optional<std::string> take(const RecordContent& content) {
    if (const auto* holds = std::get_if<HoldsRecord>(&content)) return take(*holds);
    if (const auto* mode = std::get_if<ModeRecord>(&content)) return take(*mode);
    if (const auto* fact = std::get_if<FactRecord>(&content)) return take(*fact);
    return "a state has balances, modes and facts only";
  }

  LiveState& state() { return state_; }

 private:
  std::optional<std::string> take(const HoldsRecord& record) {
    const bool known = newer_.table.find_bucket(record.bucket.name) != kNone || older_.table.find_bucket(record.bucket.name) != kNone;
    if (!known) return fmt::format("neither policy has a bucket `{}`", record.bucket.name);
    const RuleTable& table = newer_.table.find_asset(record.amount.asset) != kNone ? newer_.table : older_.table;
    const Index asset = table.find_asset(record.amount.asset);
    if (asset == kNone) return fmt::format("neither policy has an asset `{}`", record.amount.asset);
    LiveBalance balance{record.bucket.name, record.bucket.ids, record.amount.asset, 0};
    const char* begin = record.amount.number.data();
    if (!parse_decimal(begin, begin + record.amount.number.size(), table.asset(asset).decimals, balance.balance))
      return fmt::format("{} is no amount of {}", record.amount.number, record.amount.asset);
    state_.balances.push_back(std::move(balance));
    return std::nullopt;
  }

  std::optional<std::string> take(const ModeRecord& record) {
    if (newer_.table.find_machine(record.subject.name) == kNone) return std::nullopt;
    const auto resolved = resolve(record, newer_.table, interner_);
    if (const auto* wrong = std::get_if<Wrong>(&resolved)) return wrong->message;
    const auto& mode = std::get<ResolvedMode>(resolved);
    state_.modes.push_back({mode.machine.target, record.subject.ids, Int128{mode.mode}});
    return std::nullopt;
  }

  std::optional<std::string> take(const FactRecord& record) {
    if (newer_.table.find_fact(record.fact) == kNone) return std::nullopt;
    const auto resolved = resolve(record, newer_.table, interner_);
    if (const auto* wrong = std::get_if<Wrong>(&resolved)) return wrong->message;
    const auto& fact = std::get<ResolvedFact>(resolved);
    state_.facts.push_back({fact.subject.target, record.ids, fact.number});
    return std::nullopt;
  }

  const LoadedPolicy& older_;
  const LoadedPolicy& newer_;
  Interner interner_;
  LiveState state_;
};

}  // namespace

std::variant<LiveState, FileError> read_live_state(const std::string& path, const LoadedPolicy& older, const LoadedPolicy& newer) {
  auto opened = TransferFile::open(path);
  if (auto* error = std::get_if<FileError>(&opened)) return *error;
  auto& file = std::get<TransferFile>(opened);
  StateReader reader(older, newer);
  for (;;) {
    const auto next = file.next();
    if (const auto* end = std::get_if<TransferFile::End>(&next)) {
      if (end->error) return *end->error;
      return std::move(reader.state());
    }
    if (const auto* bad = std::get_if<BadLine>(&next)) return FileError{fmt::format("`{}`, line {}: {}", path, bad->line, bad->message)};
    const Record& record = std::get<Record>(next);
    if (const auto wrong = reader.take(record.content)) return FileError{fmt::format("`{}`, line {}: {}", path, record.line, *wrong)};
  }
}

}  // namespace ringfence
