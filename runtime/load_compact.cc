// SPDX-License-Identifier: Apache-2.0
// The last part of `load`: bodies of a checked table go in, and for those that fit compact_body.h their compact form comes out. A compact form decides
// exactly as its body does wherever every value is there and in range; any doubt whether it would leaves the body without one.
#include "runtime/load_check.h"

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
    if (!take_slots()) return false;
    made_.from_external = body_.from_slot == kNoSlot;
    made_.to_external = body_.to_slot == kNoSlot;
    made_.source = made_.from_external ? body_.to_slot : body_.from_slot;
    made_.destination = made_.to_external ? body_.from_slot : body_.to_slot;
    if (!take_statement(statements[body_.first_guarded], 0)) return false;
    made_.statements[0] = statements[body_.first_guarded].statement;
    if (body_.deny_count == 1) {
      if (!take_statement(statements[body_.first_guarded + 1], kCompactClauses)) return false;
      made_.statements[1] = statements[body_.first_guarded + 1].statement;
    }
    for (; test_count_ < kCompactTests; ++test_count_) made_.tests[test_count_] = {0, 0, kOperandZero, kOperandZero, kOperandZero, 0};
    made = made_;
    return true;
  }

 private:
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

  /// The first two lower and the first two upper bounds on the amount alone, if they have 63 bits.
  bool take_bound(const NodeRecord& node, std::uint8_t& tests) {
    if (node.term_count != 1) return false;
    const TermRecord& term = image_.sections.terms[node.first_term];
    if (operands_[term.slot] != kOperandAmount || (term.coefficient != 1 && term.coefficient != -1)) return false;
    const bool is_least = term.coefficient == 1;
    const Int128 bound = is_least ? -node.constant : node.constant;
    std::uint8_t& taken = is_least ? least_taken_ : most_taken_;
    if (bound < 0 || bound >> 63 != 0 || taken == made_.least.size()) return false;
    (is_least ? made_.least : made_.most)[taken] = static_cast<std::uint64_t>(bound);
    tests = static_cast<std::uint8_t>(tests | 1u << ((is_least ? kTestLeast : kTestMost) + taken));
    ++taken;
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
  std::uint8_t least_taken_ = 0, most_taken_ = 0;
};

/// Allows by no statement: so that a transfer without a row is decided as any other, and then gets the reason that it has.
CompactBody of_no_row() {
  CompactBody body{};
  body.clauses = 0x8080'8080u;
  body.statements = {kNone, kNone};
  return body;
}

}  // namespace

void make_compact(Image& image) {
  const Sections& sections = image.sections;
  std::vector<Index> of_body(sections.bodies.size(), kNone);
  image.compact_bodies.reserve(sections.bodies.size() + 1);
  for (std::size_t i = 0; i < sections.bodies.size(); ++i) {
    CompactBody made;
    if (!Compacting(image, sections.bodies[i]).make(made)) continue;
    of_body[i] = static_cast<Index>(image.compact_bodies.size());
    image.compact_bodies.push_back(made);
  }
  image.compact_of.reserve(sections.rows.size() + 1);
  for (const RowRecord& row : sections.rows) image.compact_of.push_back(of_body[row.body]);
  image.compact_of.push_back(static_cast<Index>(image.compact_bodies.size()));
  image.compact_bodies.push_back(of_no_row());
}

}  // namespace ringfence::load_check
