// SPDX-License-Identifier: Apache-2.0
// The last part of `load` with load_compact.cc: bodies of a checked table go in, and for those without compact form that fit tested_body.h their tested form comes
// out. It decides exactly as its body does wherever every value is there and in range; any doubt whether it would leaves the body without one.
#include <algorithm>

#include "runtime/load_check.h"

namespace ringfence::load_check {
namespace {

using namespace format;

class Testing {
 public:
  Testing(Image& image, const BodyRecord& body) : image_(image), body_(body), out_(image.tested), first_test_(out_.tests.size()) {}

  /// Whether the form was added. Where it was not, nothing is left of it.
  bool add() {
    TestedBody made;
    made.first_test = static_cast<std::uint32_t>(first_test_);
    made.first_statement = static_cast<std::uint32_t>(out_.statements.size());
    const std::size_t first_clause = out_.clauses.size();
    if (!add_statements()) {
      out_.tests.resize(first_test_);
      out_.statements.resize(made.first_statement);
      out_.clauses.resize(first_clause);
      return false;
    }
    made.test_count = static_cast<std::uint32_t>(out_.tests.size() - first_test_);
    for (std::size_t i = 0; i < body_.slot_count; ++i) {
      if (slot(i).kind == SlotKind::Amount) made.amount = static_cast<std::uint8_t>(i);   // one at most: no slot is there twice
      else (is_supplied(slot(i).kind) ? made.supplied : made.known) |= Mask{1} << i;
    }
    say_what_allows(made);
    out_.bodies.push_back(made);
    return true;
  }

 private:
  const SlotView& slot(std::size_t i) const { return image_.slot_views[body_.first_slot + i]; }

  bool add_statements() {
    const std::uint32_t first_floor = body_.allow_count + body_.deny_count, first_limit = first_floor + body_.floor_count;
    for (std::uint32_t i = 0; i < first_limit + body_.limit_count; ++i) {
      const GuardedRecord& guarded = image_.sections.guarded[body_.first_guarded + i];
      is_floor_ = i >= first_floor && i < first_limit;
      out_.statements.push_back({guarded.statement, static_cast<std::uint32_t>(out_.clauses.size()), guarded.clause_count});
      for (const ClauseRecord& clause : image_.sections.clauses.subspan(guarded.first_clause, guarded.clause_count))
        if (!add_clause(clause)) return false;
    }
    return true;
  }

  /// See TestedBody::asked.
  void say_what_allows(TestedBody& made) const {
    Mask allowing = 0, denying = 0;
    for (std::uint32_t i = 0; made.first_statement + i < out_.statements.size(); ++i) {
      const TestedStatement& statement = out_.statements[made.first_statement + i];
      const bool is_deny = i >= body_.allow_count && i < body_.allow_count + body_.deny_count;
      if (is_deny && statement.clause_count == 0) return;
      if (i != 0 && i < body_.allow_count) continue;
      for (const Mask tests : std::span(out_.clauses).subspan(statement.first_clause, statement.clause_count)) (is_deny ? denying : allowing) |= tests;
    }
    if ((allowing & denying) != 0) return;
    made.asked = allowing | denying;
    made.allowing = allowing;
  }

  bool add_clause(const ClauseRecord& clause) {
    Mask tests = clause.node_count == 0 ? always() : 0;
    for (std::uint32_t i = 0; i < clause.node_count; ++i) {
      const NodeRecord& node = image_.sections.nodes[clause.first_node + i];
      const std::uint32_t next = i + 1 == clause.node_count ? kFalseEnd : i + 1;
      if (node.if_true != kTrueEnd || node.if_false != next) return false;
      const auto test = test_of(clause.first_node + i, node);
      if (!test) return false;
      tests |= bit_of(*test);
    }
    out_.clauses.push_back(tests);
    return tests != 0;
  }

  /// Of the same test, if the body has it, or a new one. 0: the body has too many.
  Mask bit_of(const BodyTest& test) {
    const auto is_same = [&](const BodyTest& other) {
      return other.constant == test.constant && other.plus == test.plus && other.minus == test.minus && other.minus_too == test.minus_too && other.node == test.node;
    };
    const auto begin = out_.tests.begin() + static_cast<std::ptrdiff_t>(first_test_);
    const auto position = static_cast<std::size_t>(std::find_if(begin, out_.tests.end(), is_same) - begin);
    if (position == kTestsMax) return 0;
    if (first_test_ + position == out_.tests.size()) out_.tests.push_back(test);
    return Mask{1} << position;
  }
  Mask always() { return bit_of({}); }

  /// Nothing: a floor that can't be asked of the balance after the move.
  std::optional<BodyTest> test_of(std::uint32_t index, const NodeRecord& node) const {
    const auto terms = image_.sections.terms.subspan(node.first_term, node.term_count);
    if (const auto sum = sum_of(node, terms)) return sum;
    const bool reads_source = std::any_of(terms.begin(), terms.end(), [&](const TermRecord& term) { return term.slot == body_.from_slot; });
    if (is_floor_ && reads_source) return std::nullopt;
    return BodyTest{0, kNumberZero, kNumberZero, kNumberZero, index};
  }

  std::optional<BodyTest> sum_of(const NodeRecord& node, std::span<const TermRecord> terms) const {
    if (node.kind == static_cast<std::uint8_t>(TestKind::InSet)) return modes_up_to_one(static_cast<Mask>(node.constant), terms.front().slot);
    if (node.kind != static_cast<std::uint8_t>(TestKind::AtLeastZero)) return std::nullopt;
    BodyTest test;
    test.constant = node.constant;
    for (const TermRecord& term : terms) {
      std::uint8_t& place = term.coefficient == 1 ? test.plus : test.minus == kNumberZero ? test.minus : test.minus_too;
      if ((term.coefficient != 1 && term.coefficient != -1) || place != kNumberZero) return std::nullopt;
      place = is_floor_ && term.slot == body_.from_slot ? kNumberSourceAfter : static_cast<std::uint8_t>(term.slot);
    }
    return test;
  }

  /// The first modes of a machine are those of at most a number.
  static std::optional<BodyTest> modes_up_to_one(Mask set, std::uint32_t slot) {
    if (set == 0 || (set & (set + 1)) != 0) return std::nullopt;
    BodyTest test;
    test.constant = std::bit_width(set) - 1;
    test.minus = static_cast<std::uint8_t>(slot);
    return test;
  }

  Image& image_;
  const BodyRecord& body_;
  TestedBodies& out_;
  const std::size_t first_test_;
  bool is_floor_ = false;
};

}  // namespace

void make_tested(Image& image) {
  const Sections& sections = image.sections;
  std::vector<bool> is_compact(sections.bodies.size(), false);
  for (std::size_t row = 0; row < sections.rows.size(); ++row)
    if (image.compact_of[row] != kNone) is_compact[sections.rows[row].body] = true;
  for (std::size_t i = 0; i < sections.bodies.size(); ++i) {
    const bool is_tested = !is_compact[i] && Testing(image, sections.bodies[i]).add();
    image.tested.of_body.push_back(is_tested ? static_cast<std::uint32_t>(image.tested.bodies.size() - 1) : kNone);
  }
}

}  // namespace ringfence::load_check
