// SPDX-License-Identifier: Apache-2.0
// The last part of `load`: bodies of a checked table go in, and for those that fit compact_body.h their compact form comes out. A compact form decides
// exactly as its body does wherever every value is there and in range; any doubt whether it would leaves the body without one.
#include "runtime/load_check.h"

#include <algorithm>

#include "runtime/decide.h"

namespace ringfence::load_check {
namespace {

using namespace format;

constexpr Int128 kConstantMax = (Int128{1} << 95) - 1;

class Compacting {
 public:
  Compacting(const Image& image, const BodyRecord& body) : image_(image), body_(body) {}

  /// Whether `made` is now the compact form of the body.
  bool make(CompactBody& made) {
    const auto& statements = image_.sections.guarded;
    if (body_.allow_count != 1 || body_.deny_count > 1 || body_.floor_count != 0 || body_.limit_count != 0) return false;
    if (body_.funds_slot != body_.from_slot || body_.account_slot != kNoSlot) return false;
    if (body_.from_slot == kNoSlot && body_.to_slot == kNoSlot) return false;
    made_ = {};
    made_.thresholds.fill(~std::uint64_t{0});
    if (!take_slots()) return false;
    const bool from_external = body_.from_slot == kNoSlot, to_external = body_.to_slot == kNoSlot;
    made_.money = static_cast<std::uint8_t>((from_external ? 0 : kNoFunds) | (to_external ? 0 : kNoRoom));
    static_assert(kCompactSlots * sizeof(Value) <= 256);
    made_.source = static_cast<std::uint8_t>((from_external ? body_.to_slot : body_.from_slot) * sizeof(Value));
    made_.destination = static_cast<std::uint8_t>((to_external ? body_.from_slot : body_.to_slot) * sizeof(Value));
    if (!take_statement(statements[body_.first_guarded], 0)) return false;
    made_.statements[0] = statements[body_.first_guarded].statement;
    if (body_.deny_count == 1) {
      if (!take_statement(statements[body_.first_guarded + 1], kCompactClauses)) return false;
      made_.statements[1] = statements[body_.first_guarded + 1].statement;
    }
    for (; test_count_ < kCompactTests; ++test_count_) made_.tests[test_count_] = {0, 0, kOperandZero, kOperandZero, kOperandZero, 0};
    take_verdicts();
    made = made_;
    return true;
  }

 private:
  /// What the bounds alone tell: whatever the other tests answer, which can only make more clauses hold.
  void take_verdicts() {
    std::sort(made_.thresholds.begin(), made_.thresholds.end());
    for (std::size_t rank = 0; rank <= kBoundsMax; ++rank) {
      std::uint32_t holding = 0;
      for (std::size_t i = 0; i < bound_count_; ++i) {
        const bool is_exceeded = rank != 0 && bounds_[i].threshold <= made_.thresholds[rank - 1];
        holding |= std::uint32_t{is_exceeded == bounds_[i].is_least} << i;
      }
      const std::uint32_t at_worst = 1u << kTestTrue | holding, at_best = at_worst | made_.more_tests;
      const bool tell = made_.others == 0 && failing_clauses(made_.clauses, at_worst) == failing_clauses(made_.clauses, at_best);
      made_.bounds_by_rank[rank] = static_cast<std::uint8_t>(holding);
      made_.verdict_by_rank[rank] = static_cast<std::uint8_t>(kMoneyStates * (tell ? verdict_of(made_, at_worst) : kVerdictMore));
    }
  }

  bool take_slots() {
    if (body_.slot_count > kCompactSlots) return false;
    made_.slot_count = body_.slot_count;
    for (std::uint8_t i = 0; i < body_.slot_count; ++i) {
      const SlotView& slot = image_.slot_views[body_.first_slot + i];
      const SlotRange& range = image_.slot_ranges[body_.first_slot + i];
      operands_[i] = i;
      if (is_supplied(slot.kind)) {
        if (range.min != 0 || range.max != kAmountMax || range.fresh_within_ms != 0) return false;
        if (i != body_.from_slot && i != body_.to_slot) made_.others = static_cast<std::uint8_t>(made_.others | 1u << i);
      } else if (slot.kind == SlotKind::Amount) {
        operands_[i] = kOperandAmount;
      } else if (slot.kind == SlotKind::Approvals && made_.approval_roles == 0) {
        operands_[i] = kOperandApprovals;
        made_.approval_roles = slot.roles;
      } else {
        return false;
      }
    }
    return true;
  }

  bool take_statement(const GuardedRecord& guarded, std::size_t first_clause) {
    if (guarded.clause_count > kCompactClauses) return false;
    for (std::size_t i = 0; i < kCompactClauses; ++i) {
      std::uint8_t tests = 1u << kTestTrue;
      if (i < guarded.clause_count && !take_clause(image_.sections.clauses[guarded.first_clause + i], tests)) return false;
      made_.clauses |= std::uint64_t{tests} << 8 * (first_clause + i);
    }
    return true;
  }

  /// Tests any of which makes the clause hold; a clause without any holds.
  bool take_clause(const ClauseRecord& clause, std::uint8_t& tests) {
    if (clause.node_count == 0) return true;
    tests = 0;
    for (std::uint32_t i = 0; i < clause.node_count; ++i) {
      const NodeRecord& node = image_.sections.nodes[clause.first_node + i];
      const std::uint32_t next = i + 1 == clause.node_count ? kFalseEnd : i + 1;
      if (node.if_true != kTrueEnd || node.if_false != next || node.kind != static_cast<std::uint8_t>(TestKind::AtLeastZero)) return false;
      if (!take_bound(node, tests) && !take_test(node, tests)) return false;
    }
    return true;
  }

  /// The first bounds on the amount alone, if they have 63 bits. An amount is at least 1.
  bool take_bound(const NodeRecord& node, std::uint8_t& tests) {
    if (node.term_count != 1) return false;
    const TermRecord& term = image_.sections.terms[node.first_term];
    if (operands_[term.slot] != kOperandAmount || (term.coefficient != 1 && term.coefficient != -1)) return false;
    const bool is_least = term.coefficient == 1;
    const Int128 bound = is_least ? -node.constant : node.constant;
    if (bound < 0 || bound >> 63 != 0 || bound_count_ == kBoundsMax) return false;
    const auto threshold = static_cast<std::uint64_t>(is_least ? std::max<Int128>(bound, 1) - 1 : bound);
    tests = static_cast<std::uint8_t>(tests | 1u << bound_count_);
    made_.thresholds[bound_count_] = threshold;
    bounds_[bound_count_++] = {threshold, is_least};
    return true;
  }

  bool take_test(const NodeRecord& node, std::uint8_t& tests) {
    if (test_count_ == kCompactTests || node.constant > kConstantMax || node.constant < -kConstantMax) return false;
    CompactTest test{static_cast<std::uint64_t>(node.constant), static_cast<std::int32_t>(node.constant >> 64), kOperandZero, kOperandZero, kOperandZero, 0};
    for (const TermRecord& term : image_.sections.terms.subspan(node.first_term, node.term_count)) {
      std::uint8_t& place = term.coefficient == 1 ? test.plus : test.minus == kOperandZero ? test.minus : test.minus_too;
      if ((term.coefficient != 1 && term.coefficient != -1) || place != kOperandZero) return false;
      place = operands_[term.slot];
    }
    const unsigned bit = 1u << (kTestFirst + test_count_);
    tests = static_cast<std::uint8_t>(tests | bit);
    made_.more_tests = static_cast<std::uint8_t>(made_.more_tests | bit);
    if (test.plus == kOperandApprovals || test.minus == kOperandApprovals || test.minus_too == kOperandApprovals)
      made_.approval_tests = static_cast<std::uint8_t>(made_.approval_tests | bit);
    made_.tests[test_count_++] = test;
    return true;
  }

  const Image& image_;
  const BodyRecord& body_;
  CompactBody made_;
  std::array<std::uint8_t, kCompactSlots> operands_{};
  std::size_t test_count_ = 0;
  struct Bound { std::uint64_t threshold; bool is_least; };   ///< holds when the amount exceeds it; one that is no least, when it does not
  std::array<Bound, kBoundsMax> bounds_{};
  std::size_t bound_count_ = 0;
};

/// So that a transfer without a row is decided as any other.
CompactBody of_no_row() {
  CompactBody body{};
  body.verdict_by_rank.fill(kMoneyStates * kVerdictNoRule);
  return body;
}

}  // namespace

void index_keys(Image& image) {
  for (const BucketRecord& bucket : image.sections.buckets) {
    const std::span<const Index> entities = image.list(bucket.keys);
    Keys& keys = image.bucket_keys.emplace_back();
    keys.fill(kNoKey);
    std::transform(entities.begin(), entities.end(), keys.begin(), [](Index entity) { return static_cast<std::uint16_t>(entity); });
    const auto unused = static_cast<std::uint16_t>(0xFFu << 2 * entities.size() & 0xFFu);
    image.key_counts.push_back({unused, static_cast<std::uint16_t>(unused << 8), static_cast<std::uint8_t>(entities.size())});
  }
}

void make_compact(Image& image) {
  const Sections& sections = image.sections;
  std::vector<Index> of_body(sections.bodies.size(), kNone);
  image.compact_bodies.reserve(sections.bodies.size() + 1);
  image.compact_bodies.push_back(of_no_row());
  for (std::size_t i = 0; i < sections.bodies.size(); ++i) {
    CompactBody made;
    if (!Compacting(image, sections.bodies[i]).make(made)) continue;
    of_body[i] = static_cast<Index>(image.compact_bodies.size());
    image.compact_bodies.push_back(made);
  }
  image.compact_of.reserve(sections.rows.size() + 1);
  for (const RowRecord& row : sections.rows) image.compact_of.push_back(of_body[row.body]);
  image.compact_of.push_back(kCompactOfNone);
}

}  // namespace ringfence::load_check
