// SPDX-License-Identifier: Apache-2.0
// DPDK's classifier of packets, with transfers for packets: exact fields and ranges of 32 bits, a deny above every allow. A rule that approvals can stand in
// for is two. Classifies a chunk in one call, as it is made to; the balances are compared afterwards.
#include <rte_acl.h>
#include <rte_eal.h>
#include <rte_log.h>

#include <array>
#include <atomic>
#include <bit>
#include <vector>

#include <fmt/format.h>

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

/// In network byte order; the classifier reads a first byte, and then four bytes at a time.
struct Key {
  std::uint8_t purpose;
  std::array<std::uint8_t, 3> padding;
  std::uint16_t from, to;
  std::uint8_t role, asset, relation, approvals;
  std::uint32_t amount;
};
enum Field : std::uint8_t { kPurpose, kFrom, kTo, kRole, kAsset, kRelation, kApprovals, kAmount, kFields };

constexpr rte_acl_field_def field(Field which, std::uint8_t size, std::uint8_t group, std::size_t offset) {
  return {RTE_ACL_FIELD_TYPE_RANGE, size, which, group, static_cast<std::uint32_t>(offset)};
}
const rte_acl_field_def kDefinition[kFields] = {
    field(kPurpose, 1, 0, offsetof(Key, purpose)), field(kFrom, 2, 1, offsetof(Key, from)),         field(kTo, 2, 1, offsetof(Key, to)),
    field(kRole, 1, 2, offsetof(Key, role)),       field(kAsset, 1, 2, offsetof(Key, asset)),       field(kRelation, 1, 2, offsetof(Key, relation)),
    field(kApprovals, 1, 2, offsetof(Key, approvals)), field(kAmount, 4, 3, offsetof(Key, amount))};

RTE_ACL_RULE_DEF(AclRule, kFields);
constexpr std::uint32_t kAllow = 1, kDeny = 2;

void start_dpdk() {
  static const bool is_started = [] {
    std::array<std::string, 8> words = {"decision_bench", "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "1024", "--log-level=error"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    return rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0;
  }();
  demand(is_started, "DPDK does not start");
}

class Acl final : public Engine {
 public:
  explicit Acl(const RuleSet& set) : money_(set) {
    start_dpdk();
    static std::atomic<int> made{0};
    const std::string name = fmt::format("rules{}", made++);
    const rte_acl_param parameters{name.c_str(), 0, RTE_ACL_RULE_SZ(kFields), static_cast<std::uint32_t>(set.rules.size() * 4)};
    context_ = rte_acl_create(&parameters);
    demand(context_ != nullptr, "no classifier");
    for (const Rule& rule : set.rules) {
      for (Index role = 0; role < kRoles; ++role) {
        if ((rule.roles >> role & 1) == 0) continue;
        add(rule, role, rule.most, 0);
        if (rule.approvals != 0) add(rule, role, Int128{~std::uint32_t{0}}, static_cast<std::uint8_t>(rule.approvals));
      }
    }
    rte_acl_config config{};
    config.num_categories = 1;
    config.num_fields = kFields;
    std::copy(std::begin(kDefinition), std::end(kDefinition), config.defs);
    demand(rte_acl_build(context_, &config) == 0, "the classifier can't be built");
  }
  ~Acl() override { rte_acl_free(context_); }
  Acl(const Acl&) = delete;
  Acl& operator=(const Acl&) = delete;

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    std::array<Key, kChunk> keys;
    std::array<const std::uint8_t*, kChunk> places;
    std::array<std::uint32_t, kChunk> found;
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      const Asked& asked = transfers[i];
      demand(asked.amount >> 32 == 0, "the classifier's ranges have 32 bits");
      keys[i] = {static_cast<std::uint8_t>(asked.purpose), {}, big(static_cast<std::uint16_t>(asked.from)), big(static_cast<std::uint16_t>(asked.to)), static_cast<std::uint8_t>(asked.role),
                 static_cast<std::uint8_t>(asked.asset), static_cast<std::uint8_t>(relation_of(asked)), static_cast<std::uint8_t>(count_approvals(asked)),
                 __builtin_bswap32(static_cast<std::uint32_t>(asked.amount))};
      places[i] = reinterpret_cast<const std::uint8_t*>(&keys[i]);
    }
    demand(rte_acl_classify(context_, places.data(), found.data(), static_cast<std::uint32_t>(transfers.size()), 1) == 0, "the classifier fails");
    for (std::size_t i = 0; i < transfers.size(); ++i) allowed[i] = found[i] == kAllow && money_.can_move(transfers[i]);
  }

 private:
  static std::uint16_t big(std::uint16_t number) { return __builtin_bswap16(number); }

  void add(const Rule& rule, Index role, Int128 most, std::uint8_t approvals) {
    AclRule made{};
    made.data.userdata = rule.allows ? kAllow : kDeny;
    made.data.category_mask = 1;
    made.data.priority = rule.allows ? 1 : 2;
    const auto exactly = [&](Field which, std::uint32_t value) { made.field[which].value.u32 = made.field[which].mask_range.u32 = value; };
    exactly(kPurpose, rule.purpose);
    exactly(kFrom, rule.from);
    exactly(kTo, rule.to);
    exactly(kRole, role);
    exactly(kAsset, rule.asset);
    exactly(kRelation, static_cast<std::uint32_t>(rule.relation));
    made.field[kApprovals].value.u32 = approvals;
    made.field[kApprovals].mask_range.u32 = 255;
    made.field[kAmount].value.u32 = static_cast<std::uint32_t>(rule.least);
    made.field[kAmount].mask_range.u32 = static_cast<std::uint32_t>(most);
    demand(rte_acl_add_rules(context_, reinterpret_cast<const rte_acl_rule*>(&made), 1) == 0, "the classifier does not take a rule");
  }

  Money money_;
  rte_acl_ctx* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_acl(const RuleSet& set) { return std::make_unique<Acl>(set); }

}  // namespace ringfence::bench
