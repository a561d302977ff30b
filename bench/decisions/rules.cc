// SPDX-License-Identifier: Apache-2.0
#include "bench/decisions/rules.h"

#include <bit>
#include <random>

#include <fmt/format.h>

namespace ringfence::bench {
namespace {

constexpr Int128 kUnit = 100;   // two decimals

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t bound) { return below(bound) == 0; }

 private:
  std::mt19937_64 random_;
};

/// A third of them the house's; one external of each.
std::vector<Bucket> make_buckets(std::size_t count) {
  std::vector<Bucket> buckets = {{"Client.bank", true, true}, {"House.bank", false, true}};
  for (std::size_t i = buckets.size(); i < count; ++i) {
    const bool of_client = i % 3 != 0;
    buckets.push_back({fmt::format("{}.b{}", of_client ? "Client" : "House", i), of_client, false});
  }
  return buckets;
}

std::size_t bucket_count_for(std::size_t rules) { return rules < 50 ? 8 : rules < 500 ? 30 : rules < 5'000 ? 120 : 400; }

Rule draw_allow(Drawing& drawing, const std::vector<Bucket>& buckets) {
  Rule rule;
  rule.from = static_cast<Index>(drawing.below(buckets.size()));
  do rule.to = static_cast<Index>(drawing.below(buckets.size()));
  while (rule.to == rule.from);
  rule.purpose = static_cast<Index>(drawing.below(kPurposes));
  rule.asset = static_cast<Index>(drawing.below(kAssets));
  rule.roles = Mask{1} << drawing.below(kRoles) | Mask{1} << drawing.below(kRoles);
  if (buckets[rule.from].of_client && buckets[rule.to].of_client && drawing.one_in(4)) rule.relation = Relation::Other;
  rule.least = kUnit * static_cast<Int128>(1 + drawing.below(50));
  rule.most = rule.least + kUnit * static_cast<Int128>(1 + drawing.below(20'000'000));
  if (drawing.one_in(5)) rule.approvals = static_cast<Index>(1 + drawing.below(3));
  return rule;
}

/// Refuses a part of what an allow rule permits.
Rule draw_deny(Drawing& drawing, const Rule& allow) {
  Rule rule = allow;
  rule.allows = false;
  rule.approvals = 0;
  const auto units = static_cast<std::uint64_t>((allow.most - allow.least) / kUnit);
  rule.least = allow.least + kUnit * static_cast<Int128>(drawing.below(units));
  rule.most = rule.least + kUnit * static_cast<Int128>(drawing.below(1 + units / 4));
  return rule;
}

std::string role_list(Mask roles) {
  std::string list;
  for (Index role = 0; role < kRoles; ++role) {
    if ((roles >> role & 1) != 0) list += fmt::format("{}r{}", list.empty() ? "" : ", ", role);
  }
  return list;
}

std::string money(Int128 minor, Index asset) { return fmt::format("{} A{}", static_cast<std::int64_t>(minor / kUnit), asset); }

std::string rule_text(const RuleSet& set, const Rule& rule) {
  std::string most = fmt::format("amount <= {}", money(rule.most, rule.asset));
  if (rule.approvals != 0) most = fmt::format("({} or approved by {} of boss)", most, rule.approvals);
  return fmt::format("{} p{} {} -> {}{} of A{} by {}{} when amount >= {} and {}\n", rule.allows ? "allow" : "deny ", rule.purpose, set.buckets[rule.from].name,
                     rule.relation == Relation::Other ? "other " : "", set.buckets[rule.to].name, rule.asset, role_list(rule.roles),
                     rule.allows ? " passing title" : "", money(rule.least, rule.asset), most);
}

// ---- transfers

Asked draw_fitting(Drawing& drawing, const RuleSet& set, const Rule& rule) {
  Asked asked{rule.from, rule.to, rule.purpose, rule.asset, 0, 0, 0, 1 + drawing.below(8), {}, 0, 0, 0};
  do asked.role = static_cast<Index>(drawing.below(kRoles));
  while ((rule.roles >> asked.role & 1) == 0);
  if (set.buckets[rule.from].of_client) asked.from_client = 1 + drawing.below(1'000);
  if (set.buckets[rule.to].of_client) asked.to_client = asked.from_client == 0 || rule.relation == Relation::Other ? 1'001 + drawing.below(1'000) : asked.from_client;
  asked.amount = 1 + static_cast<Int128>(drawing.below(static_cast<std::uint64_t>(rule.most + rule.most / 3)));
  return asked;
}

void pick_other(Drawing& drawing, const RuleSet& set, Asked& asked) {
  switch (drawing.below(5)) {
    case 0: asked.role = static_cast<Index>(drawing.below(kRoles)); break;
    case 1: asked.asset = static_cast<Index>(drawing.below(kAssets)); break;
    default:
      asked.from = static_cast<Index>(drawing.below(set.buckets.size()));
      asked.to = static_cast<Index>((asked.from + 1 + drawing.below(set.buckets.size() - 1)) % set.buckets.size());
      asked.from_client = set.buckets[asked.from].of_client ? 1 + drawing.below(1'000) : 0;
      asked.to_client = !set.buckets[asked.to].of_client ? 0 : asked.from_client != 0 && drawing.one_in(2) ? asked.from_client : 1 + drawing.below(1'000);
  }
}

/// Persons 1 to 8; now and then the initiator, somebody twice, or somebody who is no boss.
void add_approvals(Drawing& drawing, std::vector<Approval>& approvals) {
  const std::uint64_t count = drawing.below(5);
  for (std::uint64_t i = 0; i < count; ++i) approvals.push_back({1 + drawing.below(8), Mask{1} << (drawing.one_in(6) ? 0 : kBoss)});
}

}  // namespace

RuleSet draw_rules(std::size_t count, std::uint64_t seed) {
  Drawing drawing(seed);
  RuleSet set{make_buckets(bucket_count_for(count)), {}};
  while (set.rules.size() < count) {
    const bool deny = !set.rules.empty() && set.rules.back().allows && drawing.one_in(6);
    set.rules.push_back(deny ? draw_deny(drawing, set.rules.back()) : draw_allow(drawing, set.buckets));
  }
  return set;
}

std::string policy_text(const RuleSet& set) {
  std::string text = "policy \"Decisions\" version \"1\"\nrole r0, r1, r2, r3, boss\npurpose p0, p1, p2, p3, p4, p5, p6, p7\n"
                     "asset A0 decimals 2\nasset A1 decimals 2\nasset A2 decimals 2\nentity Client many\nentity House\n";
  for (const Bucket& bucket : set.buckets) text += fmt::format("{} {}\n", bucket.external ? "external" : "bucket", bucket.name);
  for (const Rule& rule : set.rules) text += rule_text(set, rule);
  return text;
}

Stream draw_stream(const RuleSet& set, std::size_t count, std::uint64_t seed) {
  Drawing drawing(seed);
  Stream stream;
  std::vector<std::size_t> first_approval;
  for (std::size_t i = 0; i < count; ++i) {
    const Rule& rule = set.rules[drawing.below(set.rules.size())];
    Asked asked = draw_fitting(drawing, set, rule);
    if (drawing.one_in(4)) pick_other(drawing, set, asked);
    const bool can_pay = !drawing.one_in(10);
    if (!set.buckets[asked.from].external) asked.from_balance = can_pay ? asked.amount + static_cast<Int128>(drawing.below(1'000'000)) : asked.amount - 1;
    if (!set.buckets[asked.to].external) asked.to_balance = static_cast<Int128>(drawing.below(1'000'000));
    first_approval.push_back(stream.approvals.size());
    if (rule.approvals != 0 || drawing.one_in(8)) add_approvals(drawing, stream.approvals);
    stream.transfers.push_back(asked);
  }
  first_approval.push_back(stream.approvals.size());
  for (std::size_t i = 0; i < count; ++i)
    stream.transfers[i].approvals = std::span(stream.approvals).subspan(first_approval[i], first_approval[i + 1] - first_approval[i]);
  return stream;
}

Index count_approvals(const Asked& asked) {
  std::uint64_t persons = 0;   // 1 to 8
  for (const Approval& approval : asked.approvals) persons |= static_cast<std::uint64_t>(approval.person != asked.person && (approval.roles >> kBoss & 1) != 0) << approval.person;
  return static_cast<Index>(std::popcount(persons));
}

Relation relation_of(const Asked& asked) {
  return asked.from_client != 0 && asked.to_client != 0 && asked.from_client != asked.to_client ? Relation::Other : Relation::Same;
}

}  // namespace ringfence::bench
