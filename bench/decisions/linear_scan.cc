// SPDX-License-Identifier: Apache-2.0
// Every rule in turn, the one number that is compared first holding all that must be equal but the role.
#include <vector>

#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

std::uint64_t key_of(Index from, Index to, Index purpose, Index asset, Relation relation) {
  return std::uint64_t{from} << 40 | std::uint64_t{to} << 24 | std::uint64_t{purpose} << 16 | std::uint64_t{asset} << 8 | static_cast<std::uint64_t>(relation);
}

class LinearScan final : public Engine {
 public:
  explicit LinearScan(const RuleSet& set) : money_(set), rules_(set.rules) {
    for (const Rule& rule : rules_) keys_.push_back(key_of(rule.from, rule.to, rule.purpose, rule.asset, rule.relation));
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) allowed[i] = is_allowed(transfers[i]);
  }

 private:
  bool is_allowed(const Asked& asked) const {
    const std::uint64_t key = key_of(asked.from, asked.to, asked.purpose, asked.asset, relation_of(asked));
    bool found = false;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] != key || (rules_[i].roles >> asked.role & 1) == 0 || !amount_fits(rules_[i], asked)) continue;
      if (!rules_[i].allows) return false;
      found = true;
    }
    return found && money_.can_move(asked);
  }

  Money money_;
  const std::vector<Rule>& rules_;
  std::vector<std::uint64_t> keys_;
};

}  // namespace

std::unique_ptr<Engine> make_linear_scan(const RuleSet& set) { return std::make_unique<LinearScan>(set); }

}  // namespace ringfence::bench
