// SPDX-License-Identifier: Apache-2.0
// What `load` makes besides the checked bytes says what they say: a table with its row index, compact bodies and tested bodies, and the same table without
// them, answer every transfer alike, in needs and in each part of the decision, also where the values are at hand. All ways are taken, and where rows crowd the
// table's own lookup finds those that are not in the index.
#include <catch2/catch.hpp>

#include <array>
#include <random>
#include <string>

#include <fmt/format.h>

#include "compiler/passes.h"
#include "runtime/decide.h"
#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

RuleTable load_bytes(std::vector<std::byte> bytes) { return std::get<RuleTable>(RuleTable::load(std::move(bytes))); }

/// Finds rows by the table's own lookup, and decides by guard programs.
RuleTable without_forms(std::vector<std::byte> bytes) {
  RuleTable table = load_bytes(std::move(bytes));
  auto& image = const_cast<RuleTable::Image&>(table.image());
  image.row_index = {};
  for (std::size_t row = 0; row < image.sections.rows.size(); ++row) image.compact_of[row] = kNone;
  for (std::uint32_t& tested : image.tested.of_body) tested = kNone;
  return table;
}

const char* const kDeclarations = R"(policy "Forms" version "1"
asset USD decimals 0     asset EUR decimals 0
role a, b, boss          purpose p, q
entity Client many       entity Market many      entity Position many     entity House
external Client.bank     external House.out      account House.vault
bucket Client.wallet     bucket Client.margin[Position]     bucket Market.pool[Client]     bucket Client.deep[Market, Position]
bucket House.fees        bucket Client.credit in House.vault may overdraw
fact cap : amount of USD      fact quote : amount of USD, fresh within 1 s      fact rate : amount of USD from 0 to 20 USD, fresh within 1 s
mode of Client : first, second, third
  any -> third by boss
)";

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  template <std::size_t kCount>
  const char* one_of(const char* const (&all)[kCount]) { return all[below(kCount)]; }

 private:
  std::mt19937_64 random_;
};

/// Where a bound no longer has 63 bits, or an amount 64.
constexpr Int128 kLarge[] = {(Int128{1} << 63) - 1, Int128{1} << 63, (Int128{1} << 64) - 1, Int128{1} << 64};

std::string draw_condition(Drawing& drawing) {
  const std::string bound = to_string(drawing.below(12) == 0 ? kLarge[drawing.below(4)] : static_cast<Int128>(1 + drawing.below(30)));
  const std::uint64_t approvals = 1 + drawing.below(3);
  switch (drawing.below(18)) {
    case 0: case 1: return fmt::format("amount >= {} USD", bound);
    case 2: case 3: return fmt::format("amount <= {} USD", bound);
    case 4: case 5: return fmt::format("(amount <= {} USD or approved by {} of boss)", bound, approvals);
    case 6: return fmt::format("not approved by {} of boss", approvals);
    case 7: return "amount <= cap";
    case 8: return fmt::format("(amount <= cap or amount >= {} USD)", bound);
    case 9: return fmt::format("cap - amount >= {} USD", bound);
    case 10: return "2 * amount <= cap";                 // no compact form
    case 11: return "amount <= quote";                   // none either, and below
    case 12: return "mode of Client is first";
    case 13: return "mode of Client is first or second";
    case 14: return "mode of Client is second";
    case 15: return fmt::format("balance after(from) >= {} USD", bound);
    case 16: return "balance(from) = 10 USD";
    default: return "amount <= rate";
  }
}

std::string draw_rule(Drawing& drawing) {
  static const char* const kPlaces[] = {"Client.bank", "House.out", "Client.wallet", "Client.margin", "Market.pool", "Client.deep", "House.fees", "Client.credit"};
  const bool allows = drawing.below(4) != 0;
  std::string rule = fmt::format("{} {} {}{} -> {}{} of USD by {}", allows ? "allow" : "deny", drawing.one_of({"p", "q"}), drawing.below(4) == 0 ? "other " : "",
                                 drawing.one_of(kPlaces), "", drawing.one_of(kPlaces), drawing.one_of({"a", "b", "a, b"}));
  if (allows) rule += " passing title";
  for (std::uint64_t i = drawing.below(4), first = i; i != 0; --i) rule += (i == first ? " when " : " and ") + draw_condition(drawing);
  return rule + "\n";
}

/// A floor or limit, which a body with a compact form has none of.
std::string draw_bound(Drawing& drawing) {
  const std::string unless = drawing.below(3) == 0 ? " unless mode of Client is second" : "";
  const std::uint64_t bound = 1 + drawing.below(30);
  switch (drawing.below(5)) {
    case 0: return fmt::format("floor Client.wallet >= {} USD{}\n", bound, unless);
    case 1: return "floor Client.margin >= rate" + unless + "\n";
    case 2: return fmt::format("floor Client.wallet >= {}% of rate\n", bound);   // no test of the balance after the move
    case 3: return fmt::format("limit {} per Client {} USD in any 10 s{}\n", drawing.one_of({"p", "q"}), 10 + bound, unless);
    default: return fmt::format("limit {} in total {} USD per day\n", drawing.one_of({"p", "q"}), 20 + bound);
  }
}

/// "not A" as the compiler never says it: by the opposite comparison, so that approvals are subtracted too.
void turn_round(Moves& moves) {
  for (Move& move : moves.moves) {
    for (auto* group : {&move.allows, &move.denies}) {
      for (Guarded& guarded : *group) {
        for (Clause& clause : guarded.clauses) {
          for (Node& node : clause.nodes) {
            if (node.if_true != kFalse || node.if_false != kTrue || node.test.kind != TestKind::AtLeastZero) continue;
            for (Term& term : node.test.terms) term.coefficient = -term.coefficient;
            node.test.constant = -node.test.constant - 1;
            std::swap(node.if_true, node.if_false);
          }
        }
      }
    }
  }
}

/// Those of the rules drawn that compile after the ones before.
std::vector<std::byte> draw_table(Drawing& drawing) {
  std::string text = kDeclarations;
  std::vector<std::byte> table;
  for (int i = 0; i < 14; ++i) {
    const std::string longer = text + (drawing.below(6) == 0 ? draw_bound(drawing) : draw_rule(drawing));
    auto compiled = compile(longer);
    if (!compiled.artefact) continue;
    text = longer;
    turn_round(compiled.artefact->moves);
    table = emit(compiled.artefact->moves);
  }
  return table;
}

struct Case {
  std::vector<Approval> approvals;
  std::vector<Value> values;
  Transfer transfer;
  Index other_row = kNone;   ///< most often another than the one that speaks of it
};

Case draw_case(Drawing& drawing, const RuleTable& table) {
  const auto& rows = table.image().sections.rows;
  const auto& row = rows[drawing.below(rows.size())];
  const auto at = [&](Index bucket) {
    Instance made{bucket, static_cast<std::uint8_t>(table.bucket(bucket).keys.size()), {}};
    for (std::size_t i = 0; i < made.id_count; ++i) made.ids[i] = 1 + drawing.below(2);
    return made;
  };
  Case made;
  made.transfer = {row.purpose, at(row.from), at(row.to), row.asset, static_cast<Int128>(1 + drawing.below(40)), {}};
  for (std::uint64_t i = drawing.below(7); i != 0; --i) made.approvals.push_back({drawing.below(6), Mask{1} << (drawing.below(4) == 0 ? 0 : 2)});
  made.transfer.authority = {drawing.below(6), static_cast<Index>(drawing.below(3)), made.approvals, 0, 1'000'000};
  switch (drawing.below(40)) {
    case 0: made.transfer.amount = drawing.below(2) == 0 ? 0 : kAmountMax + static_cast<Int128>(drawing.below(2)); break;
    case 1: made.transfer.from.ids[drawing.below(4)] = 3; break;
    case 2: ++made.transfer.to.id_count; break;
    case 3: made.transfer.asset = static_cast<Index>(drawing.below(300)); break;
    case 4: made.transfer.purpose = static_cast<Index>(drawing.below(300)); break;
    case 5: made.transfer.authority.role = static_cast<Index>(drawing.below(70)); break;
    case 6: made.transfer.to.target = static_cast<Index>(drawing.below(10)); break;
    case 7: made.transfer.to = made.transfer.from; break;
    case 8: made.approvals.push_back({1, Mask{1} << 3}); made.transfer.authority.approvals = made.approvals; break;
    case 10: case 11: made.transfer.amount = kLarge[drawing.below(4)] + static_cast<Int128>(drawing.below(3)) - 1; break;
    case 9: made.approvals.resize(drawing.below(40)); made.transfer.authority.approvals = made.approvals; break;
    default: break;
  }
  made.other_row = static_cast<Index>(drawing.below(rows.size()));
  for (const SlotView& slot : needs(table, made.transfer).slots) {
    if (slot.kind == SlotKind::Mode) {
      made.values.push_back({static_cast<Int128>(drawing.below(30) == 0 ? 3 : drawing.below(3)), 0, drawing.below(60) != 0});
      continue;
    }
    static constexpr Int128 kNumbers[] = {0, 5, 10, 20, 30, 1'000, kAmountMax, kAmountMax - 10, -1, kAmountMax + 1};
    made.values.push_back({kNumbers[drawing.below(drawing.below(8) == 0 ? 10 : 7)], 1'000'000 - static_cast<std::int64_t>(drawing.below(30) == 0 ? 2'000 : 0), drawing.below(60) != 0});
  }
  if (!made.values.empty() && drawing.below(50) == 0) made.values.pop_back();
  return made;
}

void same_needs(const Needs& one, const Needs& other) {
  REQUIRE(one.reason == other.reason);
  REQUIRE(one.row == other.row);
  REQUIRE(one.slots.size() == other.slots.size());
}

TEST_CASE("row index, compact and tested bodies answer as the table's own lookup and bodies do") {
  Drawing drawing(20261125);
  std::array<int, static_cast<std::size_t>(Reason::Batch) + 1> seen{};
  int compact = 0, tested = 0, other = 0;
  for (int policy = 0; policy < 250; ++policy) {
    const std::vector<std::byte> bytes = draw_table(drawing);
    if (bytes.empty()) continue;
    const RuleTable table = load_bytes(bytes), bare = without_forms(bytes);
    for (int i = 0; i < 2'000; ++i) {
      const Case one = draw_case(drawing, table);
      const Needs needed = needs(table, one.transfer), bare_needed = needs(bare, one.transfer);
      same_needs(needed, bare_needed);
      const Floors floors = drawing.below(8) == 0 ? Floors::Defer : Floors::Check;
      const Decision decision = decide(table, one.transfer, needed, one.values, floors);
      REQUIRE(decision == decide(bare, one.transfer, bare_needed, one.values, floors));
      const Decision checked = decide(bare, one.transfer, bare_needed, one.values), without_values = decide(bare, one.transfer, bare_needed, {});
      for (const RuleTable* by : {&table, &bare}) {
        REQUIRE(decide(*by, one.transfer, needed.row, one.values) == checked);
        REQUIRE(decide(*by, one.transfer, one.other_row, one.values) == (one.other_row == needed.row ? checked : without_values));
      }
      ++seen[static_cast<std::size_t>(decision.reason)];
      if (needed.row == kNone) continue;
      const RuleTable::Image& image = table.image();
      if (image.compact_of[needed.row] != kNone) ++compact;
      else ++(image.tested.of_body[image.sections.rows[needed.row].body] == kNone ? other : tested);
    }
  }
  for (const Reason reason : {Reason::Allowed, Reason::UnknownName, Reason::Malformed, Reason::AmountOutOfRange, Reason::SameInstance, Reason::NoRule, Reason::ValueMissing,
                              Reason::ValueStale, Reason::ValueOutOfRange, Reason::DenyRule, Reason::Condition, Reason::Funds, Reason::Overflow, Reason::Floor, Reason::Limit})
    CHECK(seen[static_cast<std::size_t>(reason)] > 20);
  CHECK(compact > 20'000);
  CHECK(tested > 20'000);
  CHECK(other > 2'000);
}

TEST_CASE("a tested body whose deny asks what its allow asks decides as its programs do") {
  const std::string text = R"(policy "Shared" version "1"
asset USD decimals 0
role r
purpose p, q
entity House
bucket House.a
bucket House.b
allow p House.a -> House.b by r when amount >= 5 USD and amount <= 20 USD
allow q House.a -> House.b by r when amount >= 5 USD and amount <= 20 USD
deny p House.a -> House.b when amount >= 5 USD
limit p in total 30 USD per day
limit q in total 30 USD per day
)";
  const std::vector<std::byte> bytes = compile(text).artefact->table;
  const RuleTable table = load_bytes(bytes), bare = without_forms(bytes);
  for (const std::uint32_t tested : table.image().tested.of_body) CHECK(tested != kNone);
  std::array<int, static_cast<std::size_t>(Reason::Batch) + 1> seen{};
  for (const Index purpose : {0u, 1u}) {
    for (Int128 amount = 1; amount < 25; ++amount) {
      for (const Int128 used : {0, 12}) {
        const Transfer transfer{purpose, {0, 0, {}}, {1, 0, {}}, 0, amount, {1, 0, {}, 0, 0}};
        const Needs needed = needs(table, transfer);
        std::vector<Value> values;
        for (const SlotView& slot : needed.slots) values.push_back({slot.kind == SlotKind::Used ? used : 100, 0, true});
        const Decision decision = decide(table, transfer, needed, values);
        CHECK(decision == decide(bare, transfer, needs(bare, transfer), values));
        ++seen[static_cast<std::size_t>(decision.reason)];
      }
    }
  }
  for (const Reason reason : {Reason::Allowed, Reason::DenyRule, Reason::Condition, Reason::Limit}) CHECK(seen[static_cast<std::size_t>(reason)] > 0);
}

TEST_CASE("where rows crowd most are found by the table's own lookup, and each role has its row") {
  std::string roles, rules;
  for (int i = 0; i < 40; ++i) {
    roles += fmt::format("{}r{}", i == 0 ? "" : ", ", i);
    rules += fmt::format("allow p House.a -> House.b by r{} when amount <= {} USD\n", i, 10 + i);
  }
  const std::string text = "policy \"Crowd\" version \"1\"\nasset USD decimals 0\nrole " + roles + "\npurpose p\nentity House\nbucket House.a\nbucket House.b\n" + rules;
  const RuleTable table = load_bytes(std::move(compile(text).artefact->table));
  int in_index = 0;
  for (Index role = 0; role < 40; ++role) {
    for (const Int128 over : {0, 1}) {
      const Transfer transfer{0, {0, 0, {}}, {1, 0, {}}, 0, 10 + static_cast<Int128>(role) + over, {1, role, {}, 0, 0}};
      const std::vector<Value> values(3, Value{1'000, 0, true});
      RowIndex::Found found;
      in_index += table.image().row_index.find(RowKey(transfer, 0), role, found);
      CHECK(decide(table, transfer, needs(table, transfer), values).allowed() == (over == 0));
      CHECK(decide(table, transfer, needs(table, transfer).row, values).allowed() == (over == 0));
    }
  }
  CHECK(in_index == 2 * 2);
}

TEST_CASE("an approval with a role that is not declared is malformed wherever it stands") {
  Drawing drawing(1);
  const RuleTable table = load_bytes(draw_table(drawing));
  Transfer transfer = draw_case(drawing, table).transfer;
  for (std::size_t count = 1; count <= kApprovalsMax + 1; ++count) {
    std::vector<Approval> approvals(count, Approval{1, Mask{1} << 2});
    transfer.authority.approvals = approvals;
    CHECK((needs(table, transfer).reason == Reason::Malformed) == (count > kApprovalsMax));
    for (Approval& approval : approvals) {
      approval.roles = Mask{1} << 3;
      CHECK(needs(table, transfer).reason == Reason::Malformed);
      approval.roles = Mask{1} << 2;
    }
  }
}

TEST_CASE("needs that no table gave are not decided upon") {
  Drawing drawing(1);
  const RuleTable table = load_bytes(draw_table(drawing));
  const Transfer transfer = draw_case(drawing, table).transfer;
  const std::vector<Value> values(kSlotsMax, Value{0, 0, true});
  const auto row_count = static_cast<Index>(table.image().sections.rows.size());
  for (const Index row : {row_count, row_count + 1, kNone})
    CHECK(decide(table, transfer, Needs{Reason::Allowed, row, {}}, values) == Decision{});
  for (const Reason reason : {Reason::UnknownName, Reason::NoRule, Reason::SameInstance})
    CHECK(decide(table, transfer, Needs{reason, 0, {}}, values) == Decision{reason, kNone, kNone, kNone, 0});
}

}  // namespace
}  // namespace ringfence
