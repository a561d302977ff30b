// SPDX-License-Identifier: Apache-2.0
// std::unordered_map from all that must be equal to the rules there.
#include <unordered_map>
#include <vector>

#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

std::uint64_t key_of(Index from, Index to, Index purpose, Index asset, Index role, Relation relation) {
  return std::uint64_t{from} << 40 | std::uint64_t{to} << 24 | std::uint64_t{purpose} << 16 | std::uint64_t{asset} << 8 | std::uint64_t{role} << 1 | static_cast<std::uint64_t>(relation);
}

struct Mixed {
  std::size_t operator()(std::uint64_t key) const noexcept { return (key ^ key >> 32) * 0x9E37'79B9'7F4A'7C15u >> 16; }
};

class HashMap final : public Engine {
 public:
  explicit HashMap(const RuleSet& set) : money_(set) {
    for (const Rule& rule : set.rules) {
      for (Index role = 0; role < kRoles; ++role) {
        if ((rule.roles >> role & 1) != 0) rules_[key_of(rule.from, rule.to, rule.purpose, rule.asset, role, rule.relation)].push_back(rule);
      }
    }
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) allowed[i] = is_allowed(transfers[i]);
  }

 private:
  bool is_allowed(const Asked& asked) const {
    const auto found = rules_.find(key_of(asked.from, asked.to, asked.purpose, asked.asset, asked.role, relation_of(asked)));
    if (found == rules_.end()) return false;
    bool allowed = false;
    for (const Rule& rule : found->second) {
      if (!amount_fits(rule, asked)) continue;
      if (!rule.allows) return false;
      allowed = true;
    }
    return allowed && money_.can_move(asked);
  }

  Money money_;
  std::unordered_map<std::uint64_t, std::vector<Rule>, Mixed> rules_;
};

}  // namespace

std::unique_ptr<Engine> make_hash_map(const RuleSet& set) { return std::make_unique<HashMap>(set); }

}  // namespace ringfence::bench
