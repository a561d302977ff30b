// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_cells.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include <fmt/format.h>

namespace ringfence {
namespace {

using MoveKey = std::tuple<Index, Index, Relation, Index, Index>;
MoveKey key_of(const Move& move) { return {move.from, move.to, move.relation, move.purpose, move.asset}; }

// ---- equal as data

bool same_programs(const std::vector<Guarded>& one, const std::vector<Guarded>& two) {
  return std::equal(one.begin(), one.end(), two.begin(), two.end(), [](const Guarded& a, const Guarded& b) {
    return a.passing_title == b.passing_title && a.brings == b.brings && std::equal(a.clauses.begin(), a.clauses.end(), b.clauses.begin(), b.clauses.end(),
                                                            [](const Clause& x, const Clause& y) { return x.nodes == y.nodes; });
  });
}

/// Which balances the row takes from, gives to and pays with, as values.
std::array<Slot, 4> money_of(const Move& move) {
  std::array<Slot, 4> money;
  std::size_t next = 0;
  for (const Index slot : {move.funds_slot, move.account_slot, move.from_slot, move.to_slot}) {
    if (slot != kNone) money[next] = move.slots[slot];
    ++next;
  }
  return money;
}

bool same_rows(const Move& a, const Move& b) {
  return a.slots == b.slots && money_of(a) == money_of(b) && same_programs(a.allows, b.allows) && same_programs(a.denies, b.denies) && same_programs(a.floors, b.floors) &&
         same_programs(a.limits, b.limits);
}

template <class T>
void put(std::string& key, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_slot(std::string& key, const Slot& slot) {
  put(key, slot.kind);
  put(key, slot.target);
  put(key, slot.asset);
  put(key, slot.roles);
  put(key, slot.keys.size());
  for (const KeySource& source : slot.keys) {
    put(key, source.from);
    put(key, source.position);
  }
}

std::string content_of(const Clause& clause, const std::vector<Slot>& slots) {
  std::string key;
  for (const Node& node : clause.nodes) {
    put(key, node.test.kind);
    put(key, node.test.constant);
    put(key, node.test.set);
    put(key, node.if_true);
    put(key, node.if_false);
    put(key, node.test.terms.size());
    for (const Term& term : node.test.terms) {
      put(key, term.coefficient);
      put_slot(key, slots[term.slot]);
    }
  }
  return key;
}

/// Equal strings: the same guard, whatever the order of its conditions. `kind` tells allow, deny, floor and limit apart.
std::string content_of(char kind, const Guarded& guarded, const std::vector<Slot>& slots) {
  std::vector<std::string> clauses;
  for (const Clause& clause : guarded.clauses) clauses.push_back(content_of(clause, slots));
  std::sort(clauses.begin(), clauses.end());
  std::string key{kind, guarded.passing_title ? 'p' : 'k'};
  for (const std::string& clause : clauses) {
    put(key, static_cast<Index>(clause.size()));
    key += clause;
  }
  return key;
}

using Contents = std::map<std::string, std::vector<Index>>;   // by content: the statements

void add_contents(Contents& contents, char kind, const std::vector<Guarded>& group, const std::vector<Slot>& slots) {
  for (const Guarded& guarded : group) contents[content_of(kind, guarded, slots)].push_back(guarded.statement);
}

class Rows {
 public:
  explicit Rows(const Joint& joint) : joint_(joint) {}

  Cells run() {
    transfers();
    mode_changes();
    return std::move(cells_);
  }

 private:
  // ---- transfers

  using Keyed = std::vector<std::pair<MoveKey, Index>>;
  Keyed keyed(unsigned policy) const {
    Keyed all;
    const std::vector<Move>& moves = joint_.sides[policy].moves;
    for (Index i = 0; i < moves.size(); ++i) all.emplace_back(key_of(moves[i]), i);
    std::sort(all.begin(), all.end());
    return all;
  }

  void transfers() {
    const Keyed older = keyed(kOlder), newer = keyed(kNewer);
    std::size_t i = 0, j = 0;
    while (i < older.size() || j < newer.size()) {
      const MoveKey key = j == newer.size() || (i < older.size() && older[i].first < newer[j].first) ? older[i].first : newer[j].first;
      const std::size_t first_i = i, first_j = j;
      while (i < older.size() && older[i].first == key) ++i;
      while (j < newer.size() && newer[j].first == key) ++j;
      rows_of(key, {older.data() + first_i, i - first_i}, {newer.data() + first_j, j - first_j});
    }
  }

  void rows_of(const MoveKey& key, std::span<const Keyed::value_type> older, std::span<const Keyed::value_type> newer) {
    Mask by_older = 0, by_newer = 0;
    for (const auto& [same, row] : older) by_older |= roles(kOlder, row);
    for (const auto& [same, row] : newer) by_newer |= roles(kNewer, row);
    for (const auto& [same, row] : older) transfer(key, roles(kOlder, row) & ~by_newer, row, kNone);
    for (const auto& [same, row] : newer) transfer(key, roles(kNewer, row) & ~by_older, kNone, row);
    for (const auto& [same, row] : older)
      for (const auto& [also_same, other] : newer) transfer(key, roles(kOlder, row) & roles(kNewer, other), row, other);
  }

  Mask roles(unsigned policy, Index row) const { return joint_.sides[policy].moves[row].roles; }

  void transfer(const MoveKey& key, Mask roles, Index older, Index newer) {
    if (roles == 0) return;
    if (older != kNone && newer != kNone) {
      const Move &a = joint_.sides[kOlder].moves[older], &b = joint_.sides[kNewer].moves[newer];
      if (same_rows(a, b) && std::none_of(a.slots.begin(), a.slots.end(), [&](const Slot& slot) { return joint_.reads_differently(slot); })) {
        ++cells_.equal;
        return;
      }
    }
    Cell cell;
    std::tie(cell.kind.from, cell.kind.to, cell.kind.relation, cell.kind.purpose, cell.kind.asset) = key;
    cell.kind.roles = roles;
    if (older != kNone) cell.rows[kOlder] = {older};
    if (newer != kNone) cell.rows[kNewer] = {newer};
    add(std::move(cell));
  }

  // ---- mode changes

  void mode_changes() {
    using ChangeKey = std::tuple<Index, Index, Index>;   // machine, from, to
    std::map<ChangeKey, std::array<std::vector<Index>, 2>> candidates;
    for (const unsigned policy : {kOlder, kNewer}) {
      const std::vector<Transition>& transitions = joint_.sides[policy].transitions;
      for (Index i = 0; i < transitions.size(); ++i)
        for (Index from = 0; from < kModesMax; ++from)
          if (transitions[i].from_modes >> from & 1) candidates[{transitions[i].machine, from, transitions[i].to_mode}][policy].push_back(i);
    }
    for (const auto& [key, rows] : candidates) {
      std::map<std::array<std::vector<Index>, 2>, Mask> by_rows;   // roles for whom the same candidates stand
      for (Index role = 0; role < kRolesMax; ++role) {
        std::array<std::vector<Index>, 2> theirs;
        for (const unsigned policy : {kOlder, kNewer})
          for (const Index row : rows[policy])
            if (joint_.sides[policy].transitions[row].roles >> role & 1) theirs[policy].push_back(row);
        if (!theirs[kOlder].empty() || !theirs[kNewer].empty()) by_rows[theirs] |= Mask{1} << role;
      }
      for (const auto& [theirs, roles] : by_rows) {
        Cell cell;
        cell.kind.is_transfer = false;
        std::tie(cell.kind.machine, cell.kind.from_mode, cell.kind.to_mode) = key;
        cell.kind.roles = roles;
        cell.rows = theirs;
        add(std::move(cell));
      }
    }
  }

  // ---- what differs

  Contents contents(const Cell& cell, unsigned policy) const {
    Contents all;
    const Moves& side = joint_.sides[policy];
    for (const Index row : cell.rows[policy]) {
      if (!cell.kind.is_transfer) {
        add_contents(all, 't', {side.transitions[row].guard}, side.transitions[row].slots);
        continue;
      }
      const Move& move = side.moves[row];
      add_contents(all, 'a', move.allows, move.slots);
      add_contents(all, 'd', move.denies, move.slots);
      add_contents(all, 'f', move.floors, move.slots);
      add_contents(all, 'l', move.limits, move.slots);
    }
    return all;
  }

  void add(Cell cell) {
    const std::array<Contents, 2> both{contents(cell, kOlder), contents(cell, kNewer)};
    for (const unsigned policy : {kOlder, kNewer}) {
      for (const auto& [content, statements] : both[policy])
        if (!both[1 - policy].contains(content)) cell.statements[policy].insert(cell.statements[policy].end(), statements.begin(), statements.end());
      std::sort(cell.statements[policy].begin(), cell.statements[policy].end());
    }
    add_declarations(cell);
    const bool same_content = cell.statements[kOlder].empty() && cell.statements[kNewer].empty() && same_money(cell);
    if (same_content && cell.declarations.empty() && cell.rows[kOlder].empty() == cell.rows[kNewer].empty()) ++cells_.equal;
    else cells_.differing.push_back(std::move(cell));
  }

  bool same_money(const Cell& cell) const {
    if (!cell.kind.is_transfer || cell.rows[kOlder].empty() || cell.rows[kNewer].empty()) return true;
    return money_of(joint_.sides[kOlder].moves[cell.rows[kOlder][0]]) == money_of(joint_.sides[kNewer].moves[cell.rows[kNewer][0]]);
  }

  void add_declarations(Cell& cell) const {
    for (const unsigned policy : {kOlder, kNewer})
      for (const Slot& slot : slots_of(joint_, cell, policy))
        if (joint_.reads_differently(slot)) cell.declarations.push_back(declaration(slot));
    if (cell.kind.is_transfer) {
      const Bucket &a = joint_.vocabulary(kOlder).buckets[cell.kind.from], &b = joint_.vocabulary(kNewer).buckets[cell.kind.from];
      if (a.may_overdraw != b.may_overdraw) cell.declarations.push_back(fmt::format("bucket {}", a.name));
    }
    std::sort(cell.declarations.begin(), cell.declarations.end());
    cell.declarations.erase(std::unique(cell.declarations.begin(), cell.declarations.end()), cell.declarations.end());
  }

  std::string declaration(const Slot& slot) const {
    const Vocabulary& vocabulary = joint_.vocabulary(kNewer);
    switch (slot.kind) {
      case SlotKind::Fact: return fmt::format("fact {}", vocabulary.facts[slot.target].name);
      case SlotKind::Mode: return fmt::format("mode of {}", subject_name(vocabulary, vocabulary.machines[slot.target].subject));
      case SlotKind::AccountTotal: return fmt::format("account {}", vocabulary.accounts[slot.target].name);
      default: return fmt::format("bucket {}", vocabulary.buckets[slot.target].name);
    }
  }

  const Joint& joint_;
  Cells cells_;
};

}  // namespace

std::vector<Slot> slots_of(const Joint& joint, const Cell& cell, unsigned policy) {
  std::vector<Slot> all;
  const Moves& side = joint.sides[policy];
  for (const Index row : cell.rows[policy])
    for (const Slot& slot : cell.kind.is_transfer ? side.moves[row].slots : side.transitions[row].slots)
      if (std::find(all.begin(), all.end(), slot) == all.end()) all.push_back(slot);
  return all;
}

Cells pair_rows(const Joint& joint) { return Rows(joint).run(); }

}  // namespace ringfence
