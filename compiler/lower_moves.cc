// SPDX-License-Identifier: Apache-2.0
// In: typed rules, floors and limits. Out: the sorted rows that they expand to. Every statement's pairs are sorted together, so that
// one pair's statements stand side by side; within a pair, rows come from its allow rules alone, and the rest is attached to them.
// A statement is lowered once for each relation and asset, whatever number of purposes and role sets share it.
#include "compiler/lower_moves.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <map>
#include <span>
#include <tuple>
#include <unordered_set>

namespace ringfence {
namespace {

/// One pair of one rule or limit.
struct Application { Index from = kNone, to = kNone, statement = kNone, pair = kNone; };
/// One (purpose, asset) of one allow rule that speaks of the pair and relation at hand.
struct Cell { Index purpose = kNone, asset = kNone, statement = kNone; };

bool contains(const std::vector<Index>& sorted, Index index) { return std::binary_search(sorted.begin(), sorted.end(), index); }

std::uint64_t pair_key(Index from, Index to) { return std::uint64_t{from} << 32 | to; }

bool admits(const Pair& pair, Relation relation) {
  for (std::size_t i = 0; i < pair.matches.size(); ++i)
    if (pair.matches[i] == ((unsigned{relation} >> i & 1u) != 0 ? Match::Same : Match::Other)) return false;
  return true;
}

/// Splits the roles into classes that no mask cuts through, by their lowest role.
std::vector<Mask> role_classes(Mask all, const std::vector<Mask>& masks) {
  std::vector<Mask> classes{all};
  for (const Mask mask : masks) {
    const std::size_t count = classes.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Mask inside = classes[i] & mask, outside = classes[i] & ~mask;
      if (inside == 0 || outside == 0) continue;
      classes[i] = inside;
      classes.push_back(outside);
    }
  }
  std::sort(classes.begin(), classes.end(), [](Mask a, Mask b) { return std::countr_zero(a) < std::countr_zero(b); });
  return classes;
}

class MoveLowering {
 public:
  MoveLowering(const TypedPolicy& policy, const Limits& limits, Report& report)
      : policy_(policy), vocabulary_(policy.vocabulary), order_(policy), limits_(limits), report_(report), floors_(vocabulary_.buckets.size()), used_(order_.transitions) {
    for (Index i = 0; i < policy.floors.size(); ++i) floors_[policy.floors[i].bucket].push_back(i);
  }

  /// Walks twice: what is too much is found by counting, before any of it is made.
  std::vector<Move> run() {
    for (Index rule = 0; rule < order_.floors; ++rule)
      if (is_allow(rule) && rows_of(rule) > limits_.moves) refuse(rule);
    if (full_) return {};
    const std::vector<Application> all = applications();
    walk(all);
    if (full_) return {};
    counting_ = false;
    moves_.reserve(rows_);
    walk(all);
    lower_unused();
    return std::move(moves_);
  }

 private:
  void walk(const std::vector<Application>& all) {
    for (std::size_t begin = 0, end = 0; begin < all.size() && !full_; begin = end) {
      while (end < all.size() && all[end].from == all[begin].from && all[end].to == all[begin].to) ++end;
      lower_pair({all.data() + begin, end - begin});
    }
  }

  bool is_rule(Index statement) const { return statement < order_.floors; }
  bool is_allow(Index statement) const { return is_rule(statement) && policy_.rules[statement].effect == Effect::Allow; }
  const TypedLimit& limit(Index statement) const { return policy_.limits[statement - order_.limits]; }
  const std::vector<Pair>& pairs(Index statement) const { return is_rule(statement) ? policy_.rules[statement].pairs : limit(statement).pairs; }
  Mask roles(Index statement) const { return is_rule(statement) ? policy_.rules[statement].roles : ~Mask{0}; }
  SourceRange where(Index statement) const { return is_rule(statement) ? policy_.rules[statement].where : limit(statement).where; }

  bool speaks_of(Index statement, Index purpose, Index asset) const {
    if (!is_rule(statement)) return limit(statement).asset == asset && contains(limit(statement).purposes, purpose);
    return contains(policy_.rules[statement].purposes, purpose) && contains(policy_.rules[statement].assets, asset);
  }

  template <class Use>
  void each_pair(Index statement, const Use& use) const {
    for (Index i = 0; i < pairs(statement).size(); ++i) use(Application{pairs(statement)[i].from, pairs(statement)[i].to, statement, i});
  }

  /// Every allow's pairs, and those pairs of denies and limits that some allow has too; by pair, then in text order.
  std::vector<Application> applications() const {
    std::vector<Application> all;
    std::unordered_set<std::uint64_t> allowed;
    for (Index rule = 0; rule < order_.floors; ++rule)
      if (is_allow(rule)) each_pair(rule, [&](const Application& application) {
        all.push_back(application);
        allowed.insert(pair_key(application.from, application.to));
      });
    const auto add_if_allowed = [&](const Application& application) {
      if (allowed.contains(pair_key(application.from, application.to))) all.push_back(application);
    };
    for (Index rule = 0; rule < order_.floors; ++rule)
      if (!is_allow(rule)) each_pair(rule, add_if_allowed);
    for (Index statement = order_.limits; statement < order_.transitions; ++statement) each_pair(statement, add_if_allowed);
    std::sort(all.begin(), all.end(), [](const Application& a, const Application& b) {
      return std::tie(a.from, a.to, a.statement) < std::tie(b.from, b.to, b.statement);
    });
    return all;
  }

  void lower_pair(std::span<const Application> applications) {
    const Application& first = applications.front();
    Pair any{first.from, first.to, {}};
    any.matches.assign(shared_keys(vocabulary_.buckets[first.from], vocabulary_.buckets[first.to]).size(), Match::Any);
    for (const Relation relation : relations_of(vocabulary_, any)) lower_relation(applications, relation);
  }

  /// Counts what there is to make or to look at, so that no text can ask for unbounded work. False when it is too much.
  bool spend(std::size_t& spent, std::size_t count, std::size_t most, Index statement) {
    if (!counting_) return true;
    spent += count;
    if (spent > most && !full_) refuse(statement);
    return !full_;
  }

  void refuse(Index statement) {
    full_ = true;
    report_.add({"E0405", fmt::format("the rules stand for more than {} moves", limits_.moves),
                 "name fewer buckets, purposes or assets: `*`, `any purpose` and a rule without `of` multiply"}, where(statement));
  }

  /// What one rule alone stands for: quick to find, and the usual way to be too much.
  std::size_t rows_of(Index rule) const {
    std::size_t relations = 0;
    for (const Pair& pair : pairs(rule)) relations += relations_of(vocabulary_, pair).size();
    return relations * policy_.rules[rule].purposes.size() * policy_.rules[rule].assets.size();
  }

  void lower_relation(std::span<const Application> applications, Relation relation) {
    std::vector<Index> others;
    std::vector<Cell> cells;
    for (const Application& application : applications) {
      const Index statement = application.statement;
      if (!admits(pairs(statement)[application.pair], relation)) continue;
      if (!is_allow(statement)) {
        others.push_back(statement);
        continue;
      }
      const TypedRule& rule = policy_.rules[statement];
      if (!spend(examined_, rule.purposes.size() * rule.assets.size(), kExaminedPerMove * limits_.moves, statement)) return;
      for (const Index purpose : rule.purposes)
        for (const Index asset : rule.assets) cells.push_back({purpose, asset, statement});
    }
    lower_cells({applications.front().from, applications.front().to, relation, kNone, kNone, 0, {}, {}, {}, {}, {}, kNone, kNone, kNone}, cells, others);
  }

  void lower_cells(Move row, std::vector<Cell>& cells, const std::vector<Index>& others) {
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
      return std::tie(a.purpose, a.asset, a.statement) < std::tie(b.purpose, b.asset, b.statement);
    });
    lowered_.clear();
    for (std::size_t i = 0; i < cells.size() && !full_;) {
      row.purpose = cells[i].purpose;
      row.asset = cells[i].asset;
      std::vector<Index> statements;
      for (; i < cells.size() && cells[i].purpose == row.purpose && cells[i].asset == row.asset; ++i) statements.push_back(cells[i].statement);
      if (!spend(examined_, others.size(), kExaminedPerMove * limits_.moves, statements.front())) return;
      for (const Index other : others)
        if (speaks_of(other, row.purpose, row.asset)) statements.push_back(other);
      for (const Index floor : floors_[row.from])
        if (contains(policy_.floors[floor].assets, row.asset)) statements.push_back(order_.floors + floor);
      split_by_role(row, statements);
    }
  }

  /// `statements`: the allows that speak of the row, then what else does; each kind in text order.
  void split_by_role(Move row, const std::vector<Index>& statements) {
    Mask allowed = 0;
    std::vector<Mask> masks;
    for (const Index statement : statements) {
      if (!is_rule(statement)) continue;
      masks.push_back(roles(statement));
      if (is_allow(statement)) allowed |= roles(statement);
    }
    if (allowed == 0) return;
    for (const Mask roles_of_row : role_classes(allowed, masks)) {
      row.roles = roles_of_row;
      if (!counting_) assemble(row, statements);
      else if (!count_row(row, statements)) return;
    }
  }

  bool count_row(const Move& row, const std::vector<Index>& statements) {
    std::size_t parts = 0;
    for (const Index statement : statements)
      if (applies(statement, row.roles)) parts += 1 + (is_rule(statement) ? policy_.rules[statement].conditions.size() : 1);
    return spend(rows_, 1, limits_.moves, statements.front()) && spend(parts_, parts, kPartsPerMove * limits_.moves, statements.front());
  }

  bool applies(Index statement, Mask roles_of_row) const { return !is_rule(statement) || (policy_.rules[statement].roles & roles_of_row) != 0; }

  void assemble(Move move, const std::vector<Index>& statements) {
    std::vector<const Lowered*> active;
    for (const Index statement : statements)
      if (applies(statement, move.roles)) active.push_back(&lowered(move, statement));
    if (report_.failed()) return;
    add_slots(move, active, statements.front());
    if (report_.failed()) return;
    for (const Lowered* statement : active) list_of(move, statement->guarded.statement).push_back(renumber(*statement, move.slots));
    moves_.push_back(std::move(move));
  }

  std::vector<Guarded>& list_of(Move& move, Index statement) const {
    if (is_rule(statement)) return is_allow(statement) ? move.allows : move.denies;
    return statement < order_.limits ? move.floors : move.limits;
  }

  Lowered lower_on(const Site& site, Index statement) {
    used_[statement] = true;
    if (is_rule(statement)) return lower_rule(vocabulary_, site, policy_.rules[statement], statement, report_);
    if (statement >= order_.limits) return lower_limit(vocabulary_, site, limit(statement), statement, statement - order_.limits, report_);
    const Site source = floor_site(vocabulary_, site.from, site.asset);
    return lower_floor(vocabulary_, source, policy_.floors[statement - order_.floors], statement, report_);
  }

  const Lowered& lowered(const Move& move, Index statement) {
    const auto [entry, is_new] = lowered_.try_emplace({statement, move.asset});
    if (is_new) entry->second = lower_on(move_site(vocabulary_, move.from, move.to, move.relation, move.asset), statement);
    return entry->second;
  }

  /// A statement that no move needs must compile all the same (7.2): it is read on the first place that it speaks of.
  void lower_unused() {
    for (Index statement = 0; statement < order_.transitions; ++statement) {
      if (used_[statement]) continue;
      const bool is_floor = !is_rule(statement) && statement < order_.limits;
      const std::vector<Index> assets = assets_of(statement);
      if (assets.empty()) continue;
      if (is_floor) lower_on(floor_site(vocabulary_, policy_.floors[statement - order_.floors].bucket, assets.front()), statement);
      else if (!pairs(statement).empty()) lower_unused_on(pairs(statement).front(), assets.front(), statement);
    }
  }

  void lower_unused_on(const Pair& pair, Index asset, Index statement) {
    const std::vector<Relation> relations = relations_of(vocabulary_, pair);
    if (!relations.empty()) lower_on(move_site(vocabulary_, pair.from, pair.to, relations.front(), asset), statement);
  }

  std::vector<Index> assets_of(Index statement) const {
    if (is_rule(statement)) return policy_.rules[statement].assets;
    return statement < order_.limits ? policy_.floors[statement - order_.floors].assets : std::vector<Index>{limit(statement).asset};
  }

  /// What the statements read, and what 8.3 always needs: the balances of both ends, and what pays.
  void add_slots(Move& move, const std::vector<const Lowered*>& active, Index first) {
    const Site site = move_site(vocabulary_, move.from, move.to, move.relation, move.asset);
    const auto balance = [&](Side side) { return std::get<Slot>(resolve(vocabulary_, site, {QuantityKind::Balance, {true, kNone, side, {}}, kNone, false})); };
    const Bucket& from = vocabulary_.buckets[move.from];
    const bool overdrawn = pays_from_overdrawn(vocabulary_, move.from, move.to, move.relation);
    Slot source, funds, account, destination;
    for (const Lowered* statement : active) move.slots.insert(move.slots.end(), statement->slots.begin(), statement->slots.end());
    if (!from.external) {
      source = funds = balance(Side::From);
      if (from.may_overdraw || overdrawn) account = std::get<Slot>(resolve(vocabulary_, site, {QuantityKind::AccountTotal, {false, from.account, Side::From, {}}, kNone, false}));
      if (from.may_overdraw) funds = account;
      move.slots.insert(move.slots.end(), {source, funds});
      if (overdrawn) move.slots.push_back(account);
    }
    const bool arrives = !vocabulary_.buckets[move.to].external;
    if (arrives) move.slots.push_back(destination = balance(Side::To));
    sort_slots(move.slots);
    if (move.slots.size() > kSlotsMax) {
      report_.add({"E0404", fmt::format("the rules of `{}` -> `{}` read {} different values together, {} at most are possible", from.name,
                                        vocabulary_.buckets[move.to].name, move.slots.size(), kSlotsMax), "supply some of them together as one fact"}, where(first));
      return;
    }
    if (!from.external) move.from_slot = find_slot(move.slots, source), move.funds_slot = find_slot(move.slots, funds);
    if (overdrawn) move.account_slot = find_slot(move.slots, account);
    if (arrives) move.to_slot = find_slot(move.slots, destination);
  }

  static constexpr std::size_t kExaminedPerMove = 64, kPartsPerMove = 8;

  const TypedPolicy& policy_;
  const Vocabulary& vocabulary_;
  const StatementOrder order_;
  const Limits& limits_;
  Report& report_;
  std::vector<std::vector<Index>> floors_;                       // of each bucket, in text order
  std::vector<bool> used_;                                       // of each statement: lowered at least once
  std::map<std::pair<Index, Index>, Lowered> lowered_;           // of the pair and relation at hand, by (statement, asset)
  std::size_t examined_ = 0, rows_ = 0, parts_ = 0;
  bool counting_ = true, full_ = false;
  std::vector<Move> moves_;
};

}  // namespace

StatementOrder::StatementOrder(const TypedPolicy& policy)
    : floors(static_cast<Index>(policy.rules.size())), limits(floors + static_cast<Index>(policy.floors.size())),
      transitions(limits + static_cast<Index>(policy.limits.size())), invariants(transitions + static_cast<Index>(policy.transitions.size())) {}

std::vector<Move> lower_moves(const TypedPolicy& policy, const Limits& limits, Report& report) {
  return MoveLowering(policy, limits, report).run();
}

}  // namespace ringfence
