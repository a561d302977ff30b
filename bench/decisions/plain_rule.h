// SPDX-License-Identifier: Apache-2.0
// A rule evaluated as it stands, for the engines that only find rules in a way of their own.
#pragma once

#include "bench/decisions/rules.h"

namespace ringfence::bench {

/// What is left to see when everything up to the relation matches.
inline bool amount_fits(const Rule& rule, const Asked& asked) {
  return asked.amount >= rule.least && (asked.amount <= rule.most || (rule.approvals != 0 && count_approvals(asked) >= rule.approvals));
}

class Money {
 public:
  explicit Money(const RuleSet& set) : buckets_(set.buckets) {}
  bool can_move(const Asked& asked) const {
    return (buckets_[asked.from].external || asked.amount <= asked.from_balance) && (buckets_[asked.to].external || asked.to_balance + asked.amount <= kAmountMax);
  }

 private:
  const std::vector<Bucket>& buckets_;
};

}  // namespace ringfence::bench
