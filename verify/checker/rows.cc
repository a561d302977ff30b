// SPDX-License-Identifier: Apache-2.0
// Each row is asked with all of its guards, and of the balances that it should be about, whether it reads them or not. See rows.h.
#include "rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sexpr.h"

namespace checker {
namespace {

constexpr std::array<const char*, 3> kSentences = {   // by RowProperty
    "no bucket pays what it does not have, unless it may overdraw, and no account ever does",
    "no allowed transfer, and no batch, leaves a bucket that it takes from below a floor of that bucket",
    "no comparison and no balance after an allowed transfer leaves the integers that the decision counts in"};

/// A floor as a row carries it.
struct Floor { const Guarded* guarded; const std::vector<Slot>* slots; };

bool same(const Floor& one, const Floor& other) {
  if (one.guarded->words != other.guarded->words || one.guarded->clauses.size() != other.guarded->clauses.size()) return false;
  const auto same_term = [&](const Term& a, const Term& b) { return a.coefficient == b.coefficient && (*one.slots)[a.slot] == (*other.slots)[b.slot]; };
  const auto same_node = [&](const Node& a, const Node& b) {
    return a.kind == b.kind && a.constant == b.constant && (a.kind != TestKind::InSet || a.set == b.set) && a.if_true == b.if_true && a.if_false == b.if_false &&
           std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(), same_term);
  };
  for (std::size_t i = 0; i < one.guarded->clauses.size(); ++i) {
    const Clause &a = one.guarded->clauses[i], &b = other.guarded->clauses[i];
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end(), same_node)) return false;
  }
  return true;
}

class Rows {
 public:
  Rows(const Table& table, const Guards& guards) : table_(table), guards_(guards) {
    std::set<std::tuple<Index, Index, Index, Index, std::uint8_t>> done;
    for (const Row& row : table.rows)
      if (done.insert({row.body, row.from, row.to, row.asset, row.relation}).second) rows_.push_back(&row);
  }

  void check_funds() {
    for (const Row* row : rows_) {
      if (table_.buckets[row->from].external) continue;
      const auto covers = [](Formulas& formulas, const std::vector<Sum>& values, const std::vector<std::size_t>& at, const Sum& amount) {
        return formulas.at_least_zero(minus(values[at[0]], amount));
      };
      if (!table_.buckets[row->from].may_overdraw) ask(*row, {source(*row)}, "can take more than its source has", covers);
      if (takes_from_overdrawn(*row)) ask(*row, {account_of_source(*row)}, "can take more than its account has", covers);
    }
  }

  void check_floors() {
    std::map<std::pair<Index, Index>, std::vector<Floor>> floors;   // by bucket and asset
    for (const Row* row : rows_)
      for (const Guarded& floor : table_.bodies[row->body].floors) {
        std::vector<Floor>& known = floors[{row->from, row->asset}];
        const Floor carried{&floor, &table_.bodies[row->body].slots};
        if (std::none_of(known.begin(), known.end(), [&](const Floor& each) { return same(each, carried); })) known.push_back(carried);
      }
    for (const Row* row : rows_)
      for (const Floor& floor : floors[{row->from, row->asset}]) check_kept(*row, floor);
  }

  void check_no_overflow() {
    for (const Row* row : rows_) {
      check_range(*row);
      const Body& body = table_.bodies[row->body];
      for (const auto* group : {&body.allows, &body.denies, &body.floors, &body.limits})
        for (const Guarded& guarded : *group) check_sums(guarded, body.slots);
    }
    for (const Transition& transition : table_.transitions) check_sums(transition.guard, transition.slots);
  }

  const std::string& undecided() const { return undecided_; }

 private:
  // ---- the values that a property speaks of

  Slot source(const Row& row) const {
    Slot slot{SlotKind::Balance, row.from, row.asset, 0, {}, table_.buckets[row.from].keys};
    for (std::size_t i = 0; i < slot.entities.size(); ++i) slot.keys.push_back(static_cast<std::uint8_t>(i));
    return slot;
  }

  /// An id that is the source's is named as the source's.
  Slot destination(const Row& row) const {
    const Bucket &from = table_.buckets[row.from], &to = table_.buckets[row.to];
    const std::vector<Index> shared = shared_keys(from, to);
    Slot slot{SlotKind::Balance, row.to, row.asset, 0, {}, to.keys};
    for (std::size_t i = 0; i < to.keys.size(); ++i) {
      const Index bit = position(shared, to.keys[i]);
      const bool is_same = bit != kNone && (row.relation >> bit & 1) == 0;
      slot.keys.push_back(static_cast<std::uint8_t>(is_same ? position(from.keys, to.keys[i]) : kDestinationKey + i));
    }
    return slot;
  }

  /// Whether the account's total must cover the amount: the source may overdraw, or another of the account instance that the money leaves.
  bool takes_from_overdrawn(const Row& row) const {
    const Bucket &from = table_.buckets[row.from], &to = table_.buckets[row.to];
    if (from.account == kNone || !table_.accounts[from.account].overdraws) return false;
    if (from.may_overdraw || to.account != from.account) return true;
    const std::vector<Index>& keys = table_.accounts[from.account].keys;
    const std::vector<Index> shared = shared_keys(from, to);
    return std::any_of(keys.begin(), keys.end(), [&](Index key) { return (row.relation >> position(shared, key) & 1) != 0; });
  }

  Slot account_of_source(const Row& row) const {
    const Bucket& bucket = table_.buckets[row.from];
    Slot slot{SlotKind::AccountTotal, bucket.account, row.asset, 0, {}, table_.accounts[bucket.account].keys};
    for (const Index key : slot.entities) slot.keys.push_back(static_cast<std::uint8_t>(position(bucket.keys, key)));
    return slot;
  }

  // ---- questions

  /// What must hold of a transfer, given where among the values those are that it speaks of.
  using Must = std::function<Index(Formulas&, const std::vector<Sum>& values, const std::vector<std::size_t>& at, const Sum& amount)>;

  void ask(const Row& row, const std::vector<Slot>& speaks_of, const std::string& what, const Must& must) {
    const std::vector<Slot>& slots = table_.bodies[row.body].slots;
    std::vector<Slot> more;
    std::vector<std::size_t> at;
    for (const Slot& slot : speaks_of) {
      const auto own = std::find(slots.begin(), slots.end(), slot);
      const auto added = std::find(more.begin(), more.end(), slot);
      const bool is_own = own != slots.end() && slot.kind != SlotKind::Used;   // whose window, and which, the table's reader does not say
      at.push_back(is_own ? static_cast<std::size_t>(own - slots.begin()) : slots.size() + static_cast<std::size_t>(added - more.begin()));
      if (!is_own && added == more.end()) more.push_back(slot);
    }
    const Solvable answer = guards_.can_pass(row, more, [&](Formulas& formulas, const std::vector<Sum>& values, const Sum& amount) {
      formulas.assume(Formulas::negation(must(formulas, values, at, amount)));
    });
    if (answer == Solvable::No) return;
    const Body& body = table_.bodies[row.body];
    const std::string words = (body.allows.empty() ? "a row" : body.allows[0].words) + " (" + table_.buckets[row.from].name + " -> " + table_.buckets[row.to].name + ") " + what;
    if (answer == Solvable::Maybe) throw Refused{words};
    if (undecided_.empty()) undecided_ = "whether " + words;
  }

  /// The row's own floors hold of what it says is left in the source; the floor holds of what is.
  void check_kept(const Row& row, const Floor& floor) {
    const Body& body = table_.bodies[row.body];
    std::vector<Slot> speaks_of = *floor.slots;
    const Slot left_in = source(row);
    ask(row, speaks_of, "can end below " + floor.guarded->words, [&](Formulas& formulas, const std::vector<Sum>& values, const std::vector<std::size_t>& at, const Sum& amount) {
      std::vector<Sum> own = values, after;
      if (body.from != kNone) own[body.from].add(amount, -1);
      std::vector<Index> judged;
      for (const Guarded& each : body.floors) judged.push_back(formulas.holds(each, own));
      for (std::size_t i = 0; i < at.size(); ++i) after.push_back(speaks_of[i] == left_in ? minus(values[at[i]], amount) : values[at[i]]);
      return formulas.any({Formulas::negation(formulas.all(judged)), formulas.holds(*floor.guarded, after)});
    });
  }

  void check_range(const Row& row) {
    const bool takes = !table_.buckets[row.from].external, gives = !table_.buckets[row.to].external;
    std::vector<Slot> ends;
    if (takes) ends.push_back(source(row));
    if (gives) ends.push_back(destination(row));
    ask(row, ends, "can leave a balance beyond what is counted", [&](Formulas& formulas, const std::vector<Sum>& values, const std::vector<std::size_t>& at, const Sum& amount) {
      std::vector<Index> within;
      if (takes) within.push_back(formulas.at_least_zero(plus(minus(values[at.front()], amount), number(kAmountMax))));
      if (gives) within.push_back(formulas.at_least_zero(minus(minus(number(kAmountMax), values[at.back()]), amount)));
      return formulas.all(within);
    });
  }

  Wide largest(const Slot& slot) const {
    switch (slot.kind) {
      case SlotKind::TimeOfDay: return 86'399;
      case SlotKind::Now: return kInstantMax;
      case SlotKind::Approvals: return 32;
      case SlotKind::Evidence: return 1;
      case SlotKind::Mode: return 63;
      case SlotKind::Fact: return std::max(magnitude(table_.facts[slot.target].low), magnitude(table_.facts[slot.target].high));
      default: return kAmountMax;   // of a balance less the amount, too: it is judged not to leave its range
    }
  }
  static Wide magnitude(Wide value) {
    Wide opposite = 0;
    if (__builtin_sub_overflow(Wide{0}, value, &opposite)) throw Refused{"a number of the table has no opposite in 128 bits"};
    return std::max(value, opposite);
  }

  /// Every part of a sum is within the sum of the magnitudes, in whatever order it is added up.
  void check_sums(const Guarded& guarded, const std::vector<Slot>& slots) const {
    for (const Clause& clause : guarded.clauses)
      for (const Node& node : clause) {
        if (node.kind == TestKind::InSet) continue;   // of one mode: nothing is added
        Wide sum = magnitude(node.constant);
        for (const Term& term : node.terms) {
          Wide product = 0;
          if (__builtin_mul_overflow(magnitude(term.coefficient), largest(slots[term.slot]), &product) || __builtin_add_overflow(sum, product, &sum))
            throw Refused{guarded.words + " has a comparison that can leave the integers of 128 bits"};
        }
      }
  }

  const Table& table_;
  const Guards& guards_;
  std::vector<const Row*> rows_;
  std::string undecided_;
};

}  // namespace

std::optional<RowProperty> named_row_property(const std::vector<std::string>& opening) {
  for (const std::string& line : opening)
    for (std::size_t i = 0; i < kSentences.size(); ++i)
      if (line == std::string("Proved: ") + kSentences[i]) return static_cast<RowProperty>(i);
  return std::nullopt;
}

std::string check_rows(const Table& table, const Guards& guards, RowProperty property) {
  Rows rows(table, guards);
  switch (property) {
    case RowProperty::Funds: rows.check_funds(); break;
    case RowProperty::Floors: rows.check_floors(); break;
    case RowProperty::NoOverflow: rows.check_no_overflow(); break;
  }
  if (!rows.undecided().empty()) throw TooLarge{rows.undecided()};
  return std::string(kSentences[static_cast<std::size_t>(property)]) + " (" + std::to_string(table.rows.size()) + " rows)";
}

}  // namespace checker
