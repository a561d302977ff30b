// SPDX-License-Identifier: Apache-2.0
// See decide.h. In one go, needs and decide where there is nothing unusual: a transfer that is well formed, a row that the index has, a compact body that the
// bounds on the amount decide. Everything else is asked of those two.
#include "runtime/decide.h"
#include "runtime/decide_compact.h"
#include "runtime/form.h"

namespace ringfence {
namespace {

[[gnu::noinline]] Decision decide_by_needs(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values) noexcept {
  const Needs needed = needs(table, transfer);
  return decide(table, transfer, needed, needed.row == row ? values : std::span<const Value>{});
}

}  // namespace

Decision decide(const RuleTable& table, const Transfer& transfer, Index row, std::span<const Value> values) noexcept {
  const RuleTable::Image& image = table.image();
  std::uint32_t differing;
  if (!is_well_formed(image, transfer, differing)) [[unlikely]] return decide_by_needs(table, transfer, row, values);
  RowIndex::Found found;
  if (!image.row_index.find(RowKey(transfer, differing), transfer.authority.role, found) || found.row != row || found.compact == kNone) [[unlikely]]
    return decide_by_needs(table, transfer, row, values);
  const CompactBody& body = image.compact_bodies[found.compact];
  if (!compact::is_usable(body, values)) [[unlikely]] return decide_by_needs(table, transfer, row, values);
  const std::uint32_t verdict = body.verdict_by_rank[compact::rank_of(body, transfer.amount)];
  if (verdict == kMoneyStates * kVerdictMore) [[unlikely]] return decide_more(table, transfer, row, values, Floors::Check);
  return compact::judge(body, row, verdict, transfer.amount, values);
}

}  // namespace ringfence
