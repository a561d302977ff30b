// SPDX-License-Identifier: Apache-2.0
// The bar: what somebody writes by hand who wants these decisions fast and nothing else. A dense table of pairs of buckets, in it one of
// purpose x role x asset x relation, in that a cell of one cache line with the bounds of one allow and one deny rule, compared without a branch. "No rule
// speaks of it" is a cell that nothing satisfies. It says allowed or not: no reason, no rule, no condition; its rules have one shape.
#include <array>
#include <vector>

#include "bench/decisions/engine.h"

namespace ringfence::bench {
namespace {

/// 96 bits of an amount, and 32 that would otherwise be padding.
struct Bound {
  std::uint64_t low;
  std::uint32_t high, extra;
};
Int128 amount_of(const Bound& bound) { return static_cast<Int128>(UInt128{bound.high} << 64 | bound.low); }
Bound bound_of(Int128 amount, std::uint32_t extra) {
  return {static_cast<std::uint64_t>(amount), static_cast<std::uint32_t>(amount >> 64), extra};
}

struct alignas(64) Cell {
  Bound allow_least = bound_of(1, 0);   ///< extra: approvals that stand in for allow_most; 0: none do
  Bound allow_most = bound_of(0, 0);    ///< extra: the next cell of the same place, 0: none
  Bound deny_least = bound_of(1, 0), deny_most = bound_of(0, 0);
};

using Block = std::array<std::uint16_t, 2 * kAssets * kRoles * kPurposes>;

bool is_within(Int128 amount, const Bound& least, const Bound& most) { return static_cast<bool>((amount >= amount_of(least)) & (amount <= amount_of(most))); }

std::size_t place(Index purpose, Index role, Index asset, Relation relation) {
  return ((purpose * kRoles + role) * kAssets + asset) * 2 + static_cast<std::size_t>(relation);
}

template <bool kChecks>
class DenseTable final : public Engine {
 public:
  explicit DenseTable(const RuleSet& set) : bucket_count_(set.buckets.size()), pairs_(bucket_count_ * bucket_count_), blocks_(1), cells_(1) {
    for (const Bucket& bucket : set.buckets) buckets_.push_back({bucket.of_client, bucket.external});
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      pairs_[i] = (set.buckets[i / bucket_count_].external ? kFromExternal : 0) | (set.buckets[i % bucket_count_].external ? kToExternal : 0);
    for (const Rule& rule : set.rules) add(rule);
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) allowed[i] = is_allowed(transfers[i]);
  }

  std::size_t bytes() const override { return pairs_.size() * sizeof pairs_[0] + blocks_.size() * sizeof blocks_[0] + cells_.size() * sizeof cells_[0]; }

 private:
  static constexpr std::uint32_t kFromExternal = 1u << 31, kToExternal = 1u << 30, kBlock = kToExternal - 1;
  struct Kind { bool of_client, external; };

  bool is_well_formed(const Asked& asked) const {
    if (asked.from >= bucket_count_ || asked.to >= bucket_count_ || asked.purpose >= kPurposes || asked.role >= kRoles || asked.asset >= kAssets) return false;
    return ((asked.from_client != 0) == buckets_[asked.from].of_client) & ((asked.to_client != 0) == buckets_[asked.to].of_client) &
           (asked.amount >= 1) & (asked.amount <= kAmountMax) & ((asked.from != asked.to) | (asked.from_client != asked.to_client)) & (asked.approvals.size() <= kApprovalsMax);
  }

  bool is_allowed(const Asked& asked) const {
    if (kChecks && !is_well_formed(asked)) return false;
    const std::uint32_t pair = pairs_[asked.from * bucket_count_ + asked.to];
    const Cell* cell = &cells_[blocks_[pair & kBlock][place(asked.purpose, asked.role, asked.asset, relation_of(asked))]];
    const bool has_money = ((pair & kFromExternal) != 0) | (asked.amount <= asked.from_balance);
    const bool has_room = ((pair & kToExternal) != 0) | (asked.to_balance + asked.amount <= kAmountMax);
    bool allowed = holds(*cell, asked), denied = is_within(asked.amount, cell->deny_least, cell->deny_most);
    while (cell->allow_most.extra != 0) {
      cell = &cells_[cell->allow_most.extra];
      allowed |= holds(*cell, asked);
      denied |= is_within(asked.amount, cell->deny_least, cell->deny_most);
    }
    return allowed & !denied & has_money & has_room;
  }

  /// The only likely branch is that no approval is needed.
  static bool holds(const Cell& cell, const Asked& asked) {
    const bool least = asked.amount >= amount_of(cell.allow_least), most = asked.amount <= amount_of(cell.allow_most);
    if (cell.allow_least.extra != 0 && !most) [[unlikely]] return least & (count_approvals(asked) >= cell.allow_least.extra);
    return least & most;
  }

  void add(const Rule& rule) {
    std::uint32_t& pair = pairs_[rule.from * bucket_count_ + rule.to];
    if ((pair & kBlock) == 0) {
      pair |= static_cast<std::uint32_t>(blocks_.size());
      blocks_.emplace_back();
    }
    for (Index role = 0; role < kRoles; ++role) {
      if ((rule.roles >> role & 1) != 0) add(rule, blocks_[pair & kBlock][place(rule.purpose, role, rule.asset, rule.relation)]);
    }
  }

  /// Into the first cell of the place that has room for it.
  void add(const Rule& rule, std::uint16_t& first) {
    std::size_t at = first;
    const auto has_room = [&](const Cell& cell) { return amount_of(rule.allows ? cell.allow_most : cell.deny_most) == 0; };
    while (at != 0 && !has_room(cells_[at]) && cells_[at].allow_most.extra != 0) at = cells_[at].allow_most.extra;
    if (at == 0 || !has_room(cells_[at])) {
      const auto added = static_cast<std::uint16_t>(cells_.size());
      (at == 0 ? void(first = added) : void(cells_[at].allow_most.extra = added));
      cells_.emplace_back();
      at = added;
    }
    Cell& cell = cells_[at];
    (rule.allows ? cell.allow_least : cell.deny_least) = bound_of(rule.least, rule.approvals);
    (rule.allows ? cell.allow_most : cell.deny_most) = bound_of(rule.most, rule.allows ? cell.allow_most.extra : 0);
  }

  std::size_t bucket_count_;
  std::vector<std::uint32_t> pairs_;   ///< block, 0 for none; whether its ends are external
  std::vector<Block> blocks_;          ///< cells, 0 for none
  std::vector<Cell> cells_;
  std::vector<Kind> buckets_;
};

}  // namespace

std::unique_ptr<Engine> make_dense_table(const RuleSet& set) { return std::make_unique<DenseTable<true>>(set); }
std::unique_ptr<Engine> make_dense_table_trusting(const RuleSet& set) { return std::make_unique<DenseTable<false>>(set); }

}  // namespace ringfence::bench
