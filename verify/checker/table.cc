// SPDX-License-Identifier: Apache-2.0
// What the sections of a table say, checked as they are read. See table.h.
#include "table.h"

#include <algorithm>

#include "table_bytes.h"

namespace checker {
namespace {

constexpr std::size_t kUnfoldedMax = 50'000'000;   ///< guard nodes and slots of all bodies together
constexpr Wide kConstantMax = Wide{1} << 126;

template <class Enumeration>
Enumeration kind_of(std::uint64_t value, Enumeration last) {
  if (value > static_cast<std::uint64_t>(last)) throw Unusable{"the table has a kind that this program does not know"};
  return static_cast<Enumeration>(value);
}

class TableReader {
 public:
  explicit TableReader(std::string_view bytes) : in_(bytes) {}

  Table read() {
    table_.source_digest = in_.text(64);
    for (std::uint64_t i = 0; i < in_.count(kAssets); ++i) table_.assets.push_back(in_.text(in_.record(kAssets, i)));
    for (std::uint64_t i = 0; i < in_.count(kEntities); ++i) table_.entities.push_back(in_.text(in_.record(kEntities, i)));
    for (std::uint64_t i = 0; i < in_.count(kAccounts); ++i) {
      const std::size_t at = in_.record(kAccounts, i);
      table_.accounts.push_back({in_.text(at), keys(at + 20), false});
    }
    for (std::uint64_t i = 0; i < in_.count(kBuckets); ++i) table_.buckets.push_back(bucket(in_.record(kBuckets, i)));
    for (std::uint64_t i = 0; i < in_.count(kFacts); ++i) {
      const std::size_t at = in_.record(kFacts, i);
      table_.facts.push_back({in_.wide(at), in_.wide(at + 16), keys(at + 64)});
    }
    for (std::uint64_t i = 0; i < in_.count(kMachines); ++i) table_.machines.push_back(machine(in_.record(kMachines, i)));
    for (std::uint64_t i = 0; i < in_.count(kFences); ++i) table_.fences.push_back(fence(in_.record(kFences, i)));
    for (std::uint64_t i = 0; i < in_.count(kBodies); ++i) table_.bodies.push_back(body(in_.record(kBodies, i)));
    for (std::uint64_t i = 0; i < in_.count(kRows); ++i) table_.rows.push_back(row(in_.record(kRows, i)));
    for (std::uint64_t i = 0; i < in_.count(kTransitions); ++i) table_.transitions.push_back(transition(in_.record(kTransitions, i)));
    for (std::uint64_t i = 0; i < in_.count(kInvariants); ++i) table_.invariants.push_back(invariant(in_.record(kInvariants, i)));
    return std::move(table_);
  }

 private:
  // ---- declarations

  std::vector<Index> keys(std::size_t at) {
    std::vector<Index> found = in_.list(at, kEntities);
    if (found.size() > 4) throw Unusable{"the table has a bucket with more than 4 keys"};
    for (std::size_t i = 0; i < found.size(); ++i)
      if (position(found, found[i]) != i) throw Unusable{"the table has a bucket with the same key twice"};
    return found;
  }

  Bucket bucket(std::size_t at) {
    Bucket bucket{in_.text(at), in_.index(at + 16, kEntities), keys(at + 20), in_.index(at + 28), in_.byte(at + 32) != 0, in_.byte(at + 33) != 0};
    if (bucket.account == kNone) {
      if (bucket.may_overdraw) throw Unusable{"the table has a bucket that may overdraw and is in no account"};
      return bucket;
    }
    if (bucket.account >= table_.accounts.size() || bucket.external) throw Unusable{"the table has a bucket in an account that it can't be in"};
    Account& account = table_.accounts[bucket.account];
    for (const Index key : account.keys)
      if (!contains(bucket.keys, key)) throw Unusable{"the table has an account with a key that its bucket has not"};
    account.overdraws = account.overdraws || bucket.may_overdraw;
    return bucket;
  }

  Machine machine(std::size_t at) {
    const std::uint64_t kind = in_.number(at, 4), first = in_.number(at + 16, 4), count = in_.number(at + 20, 4);
    if (kind > 2 || count == 0 || count > 64) throw Unusable{"the table has a mode machine that makes no sense"};
    Machine machine{kind == 0 ? "system" : in_.text(in_.record(kind == 1 ? kEntities : kBuckets, in_.number(at + 4, 4))), keys(at + 8), {}};
    for (std::uint64_t i = 0; i < count; ++i) machine.modes.push_back(in_.text(in_.record(kModes, first + i)));
    return machine;
  }

  std::vector<bool> buckets(std::size_t at) {
    std::vector<bool> listed(table_.buckets.size());
    for (const Index bucket : in_.list(at, kBuckets)) listed[bucket] = true;
    return listed;
  }

  Fence fence(std::size_t at) {
    Fence fence{in_.text(at), in_.index(at + 52), in_.number(at + 40, 4) == 1, in_.number(at + 48, 4) != 0, in_.index(at + 44),
                buckets(at + 16), buckets(at + 24), buckets(at + 32)};
    if (in_.number(at + 40, 4) > 1) throw Unusable{"the table has a fence of a kind that this program does not know"};
    if (fence.each) in_.index(at + 44, kEntities);
    return fence;
  }

  // ---- guards

  void spend() {
    if (++unfolded_ > kUnfoldedMax) throw Unusable{"the table unfolds to more than this program reads"};
  }

  Slot slot(std::size_t at) {
    spend();
    Slot slot{kind_of(in_.byte(at + 16), SlotKind::Now), in_.index(at + 8), in_.index(at + 12), in_.number(at, 8), {}, {}};
    for (std::size_t i = 0; i < std::min<std::size_t>(in_.byte(at + 17), 4); ++i) slot.keys.push_back(in_.byte(at + 18 + i));
    switch (slot.kind) {
      case SlotKind::Balance: case SlotKind::BucketTotal: slot.entities = named(table_.buckets, slot.target).keys; break;
      case SlotKind::AccountTotal: slot.entities = named(table_.accounts, slot.target).keys; break;
      case SlotKind::Mode: slot.entities = named(table_.machines, slot.target).keys; break;
      case SlotKind::Fact: slot.entities = named(table_.facts, slot.target).keys; break;
      default: slot.keys.clear();   // whose window it is does not matter: any value is tried
    }
    if (slot.keys.size() != slot.entities.size()) throw Unusable{"the table has a value with too many or too few ids"};
    return slot;
  }

  template <class Declared>
  static const Declared& named(const std::vector<Declared>& all, Index index) {
    if (index >= all.size()) throw Unusable{"the table reads a value of something that is not declared"};
    return all[index];
  }

  std::vector<Slot> slots(std::uint64_t first, std::uint64_t count) {
    std::vector<Slot> found;
    for (std::uint64_t i = 0; i < count; ++i) found.push_back(slot(in_.record(kSlots, in_.number(in_.record(kSlotLists, first + i), 4))));
    return found;
  }

  Node node(std::size_t at, std::uint64_t number, std::uint64_t node_count, std::size_t slot_count) {
    spend();
    Node node{kind_of(in_.byte(at + 29), TestKind::InSet), {}, in_.wide(at), in_.number(at, 8), in_.index(at + 20), in_.index(at + 24)};
    if (node.constant > kConstantMax || node.constant < -kConstantMax) throw Unusable{"the table has a comparison that could overflow"};
    const std::uint64_t first = in_.number(at + 16, 4);
    for (std::uint64_t i = 0; i < in_.byte(at + 28); ++i) {
      const std::size_t term = in_.record(kTerms, first + i);
      node.terms.push_back({static_cast<std::int64_t>(in_.number(term, 8)), in_.index(term + 8)});
      if (node.terms.back().slot >= slot_count) throw Unusable{"the table has a test of a value that its row does not read"};
    }
    for (const Index next : {node.if_true, node.if_false})
      if (next != kTrue && next != kFalse && (next <= number || next >= node_count)) throw Unusable{"the table has a guard that does not go forward"};
    if (node.kind == TestKind::InSet && node.terms.size() != 1) throw Unusable{"the table has a test of a mode that tests no single mode"};
    return node;
  }

  Guarded guarded(std::size_t at, const std::vector<Slot>& slots) {
    spend();
    const std::size_t statement = in_.record(kStatements, in_.number(at, 4));
    Guarded guarded{"line " + std::to_string(in_.number(statement + 36, 4)) + ": " + in_.text(statement + 8), in_.number(at + 12, 1) != 0, {}};
    for (std::uint64_t i = 0; i < in_.number(at + 8, 4); ++i) {
      spend();
      const std::size_t clause = in_.record(kClauses, in_.number(at + 4, 4) + i);
      const std::uint64_t first = in_.number(clause + 8, 4), count = in_.number(clause + 12, 4);
      Clause nodes;
      for (std::uint64_t n = 0; n < count; ++n) nodes.push_back(node(in_.record(kNodes, first + n), n, count, slots.size()));
      for (const Node& each : nodes)
        if (each.kind == TestKind::InSet && slots[each.terms[0].slot].kind != SlotKind::Mode) throw Unusable{"the table has a test of a mode that reads no mode"};
      guarded.clauses.push_back(std::move(nodes));
    }
    return guarded;
  }

  Body body(std::size_t at) {
    Body body;
    body.slots = slots(in_.number(at, 4), in_.byte(at + 4));
    Index* const own[] = {&body.funds, &body.from, &body.to, &body.account};
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t place = in_.byte(at + 5 + i);
      if (place == 255) continue;
      if (place >= body.slots.size()) throw Unusable{"the table has a row whose balance is not among its values"};
      *own[i] = place;
    }
    std::uint64_t next = in_.number(at + 12, 4);
    std::vector<Guarded>* const groups[] = {&body.allows, &body.denies, &body.floors, &body.limits};
    for (std::size_t group = 0; group < 4; ++group)
      for (std::uint64_t i = 0; i < in_.number(at + 16 + 4 * group, 4); ++i) groups[group]->push_back(guarded(in_.record(kGuarded, next++), body.slots));
    return body;
  }

  // ---- rows and transitions

  void check_keys(const std::vector<Slot>& slots, const std::vector<Index>& from, const std::vector<Index>& to) const {
    for (const Slot& slot : slots)
      for (std::size_t i = 0; i < slot.keys.size(); ++i) {
        if (slot.keys[i] == kAllIds && slot.kind == SlotKind::BucketTotal) continue;
        const bool is_source = slot.keys[i] < kDestinationKey;
        const std::vector<Index>& given = is_source ? from : to;
        const std::size_t key = is_source ? slot.keys[i] : slot.keys[i] - kDestinationKey;
        if (key >= given.size() || given[key] != slot.entities[i]) throw Unusable{"the table has a value whose id is not one that its move has"};
      }
  }

  Row row(std::size_t at) {
    Row row{in_.index(at + 8, kBodies), static_cast<Index>(in_.number(at + 12, 2)), static_cast<Index>(in_.number(at + 14, 2)), in_.byte(at + 18), in_.byte(at + 16)};
    if (row.from >= table_.buckets.size() || row.to >= table_.buckets.size() || row.asset >= table_.assets.size())
      throw Unusable{"the table has a row about something that is not declared"};
    check_keys(table_.bodies[row.body].slots, table_.buckets[row.from].keys, table_.buckets[row.to].keys);
    return row;
  }

  Transition transition(std::size_t at) {
    Transition transition{in_.index(at + 24, kMachines), in_.index(at + 28), in_.number(at, 8), slots(in_.number(at + 32, 4), in_.number(at + 36, 4)), {}};
    const Machine& machine = table_.machines[transition.machine];
    if (transition.to_mode >= machine.modes.size()) throw Unusable{"the table has a change to a mode that is not declared"};
    check_keys(transition.slots, machine.keys, {});
    transition.guard = guarded(in_.record(kGuarded, in_.number(at + 40, 4)), transition.slots);
    if (in_.number(at + 8, 8) == 0 && !transition.guard.clauses.empty()) throw Unusable{"the table has a deadline with a condition"};
    return transition;
  }

  WrittenInvariant invariant(std::size_t at) {
    WrittenInvariant written{keys(at), slots(in_.number(at + 8, 4), in_.number(at + 12, 4)), {}};
    for (const Slot& slot : written.slots)
      if (slot.kind < SlotKind::Balance || slot.kind > SlotKind::Mode) throw Unusable{"the table has an invariant that reads something of a transfer"};
    check_keys(written.slots, written.entities, {});
    written.claim = guarded(in_.record(kGuarded, in_.number(at + 16, 4)), written.slots);
    return written;
  }

  TableBytes in_;
  Table table_;
  std::size_t unfolded_ = 0;
};

}  // namespace

Table read_table(std::string_view bytes) { return TableReader(bytes).read(); }

Index position(const std::vector<Index>& list, Index value) {
  const auto found = std::find(list.begin(), list.end(), value);
  return found == list.end() ? kNone : static_cast<Index>(found - list.begin());
}

bool contains(const std::vector<Index>& list, Index value) { return position(list, value) != kNone; }

std::vector<Index> shared_keys(const Bucket& from, const Bucket& to) {
  std::vector<Index> shared;
  for (const Index key : from.keys)
    if (contains(to.keys, key)) shared.push_back(key);
  return shared;
}

}  // namespace checker
