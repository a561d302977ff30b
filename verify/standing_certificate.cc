// SPDX-License-Identifier: Apache-2.0
// A row that is judged on the very balance that a property speaks of needs nothing of its guards; any other is asked about with all of them.
// See standing_certificate.h.
#include "verify/standing_certificate.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "verify/overflow.h"
#include "verify/persons.h"
#include "verify/row_floors.h"
#include "verify/row_slots.h"
#include "verify/smt_slots.h"
#include "verify/smt_text.h"

namespace ringfence {
namespace {

using Terms = std::vector<std::string>;

std::string value(std::size_t slot) { return fmt::format("v{}", slot); }
std::string left(const std::string& balance) { return fmt::format("(- {} amount)", balance); }
std::string at_least(const std::string& term, Int128 low) { return fmt::format("(>= {} {})", term, smt::number(low)); }
std::string at_most(const std::string& term, Int128 high) { return fmt::format("(<= {} {})", term, smt::number(high)); }

class Writer {
 public:
  explicit Writer(const Arena& arena) : arena_(arena), moves_(arena.moves), slots_(arena, 1), all_modes_(moves_.vocabulary.machines.size(), ~Mask{0}) {}

  Obligations write(PropertyKind kind) {
    if (kind == PropertyKind::Funds)
      for (const Move& move : moves_.moves) funds(move);
    if (kind == PropertyKind::Floors) floors();
    if (kind == PropertyKind::NoOverflow) {
      for (const Move& move : moves_.moves) range(move);
      for (const Move& move : moves_.moves) sums(move.slots, guards_of(move));
      for (const Transition& transition : moves_.transitions) sums(transition.slots, {&transition.guard});
      put_sums();
    }
    Obligations written;
    for (const Alike& each : order_) written.push_back(obligation(fmt::format("{}: {} such as {}", each.what, each.count, each.first), each.asserted));
    return written;
  }

 private:
  /// One question, and what asks it.
  struct Alike { std::string what, first; Terms asserted; std::size_t count = 0; };

  void put(const std::string& what, const std::string& first, Terms asserted) {
    const auto [known, is_new] = alike_.try_emplace(what + fmt::format("{}", fmt::join(asserted, "\n")), order_.size());
    if (is_new) order_.push_back({what, first, std::move(asserted), 0});
    ++order_[known->second].count;
  }
  void put(const std::string& what, const Move& move, Terms asserted) { put(what, row_words(moves_, move), std::move(asserted)); }

  // ---- a row with all that it asks for

  static Terms with(Terms terms, const Terms& more) {
    terms.insert(terms.end(), more.begin(), more.end());
    return terms;
  }
  /// The slots of the row, then those of `more` that it has not.
  static std::vector<Slot> slots_with(const Move& move, const std::vector<Slot>& more) {
    std::vector<Slot> slots = move.slots;
    for (const Slot& slot : more)
      if (slot_position(slots, slot) == kNone) slots.push_back(slot);
    return slots;
  }

  /// 8.4 to 8.9 but for floors, as the row judges them, over v0, v1 and so on for its slots.
  Terms passes(const Move& move, const std::vector<Slot>& slots) const {
    Terms terms = slots_.ranges(slots, all_modes_);
    terms.push_back(fmt::format("(<= 1 amount {})", smt::number(kAmountMax)));
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i].kind == SlotKind::Amount) terms.push_back(smt::equal(value(i), "amount"));
    if (move.funds_slot != kNone) terms.push_back(fmt::format("(>= {} amount)", value(move.funds_slot)));
    if (move.account_slot != kNone) terms.push_back(fmt::format("(>= {} amount)", value(move.account_slot)));
    if (move.from_slot != kNone) terms.push_back(at_least(left(value(move.from_slot)), -kAmountMax));
    if (move.to_slot != kNone) terms.push_back(at_most(fmt::format("(+ {} amount)", value(move.to_slot)), kAmountMax));
    Terms allows;
    for (const Guarded& allow : move.allows) allows.push_back(smt::holds(allow));
    terms.push_back(smt::any(allows));
    for (const Guarded& deny : move.denies) terms.push_back(smt::negation(smt::holds(deny)));
    for (const Guarded& limit : move.limits) terms.push_back(smt::holds(limit));
    return terms;
  }

  // ---- funds

  void funds(const Move& move) {
    if (arena_.bucket(move.from).external) return;
    covers(move, payer(arena_, move), move.funds_slot, "funds: rows whose source, or its account where it may overdraw, can have less than the amount");
    if (account_pays(arena_, move))
      covers(move, source_account_total(moves_.vocabulary, move), move.account_slot, "funds: rows that leave an account which can have less than the amount");
  }

  void covers(const Move& move, const Slot& paying, Index judged, const std::string& what) {
    if (judged != kNone && judged == slot_position(move.slots, paying)) return put(what, move, {"(>= v0 amount)", "(< v0 amount)"});
    const std::vector<Slot> slots = slots_with(move, {paying});
    put(what, move, with(passes(move, slots), {fmt::format("(< {} amount)", value(slot_position(slots, paying)))}));
  }

  // ---- floors

  void floors() {
    const FloorsOf all = floors_of(moves_);
    for (const Move& move : moves_.moves)
      if (const auto own = all.find({move.from, move.asset}); own != all.end())
        for (const CarriedFloor& floor : own->second) kept(move, floor);
  }

  /// The floor, where v0, v1 and so on are its own slots, on what the transfer leaves of the source.
  static std::string on_what_is_left(const std::vector<Slot>& slots, const Slot& source, const std::string& floor) {
    const Index own = slot_position(slots, source);
    return own == kNone ? floor : fmt::format("(let (({0} {1})) {2})", value(own), left(value(own)), floor);
  }

  void kept(const Move& move, const CarriedFloor& floor) {
    const Slot source = source_balance(moves_.vocabulary, move);
    const std::string what = fmt::format("floor: rows that can end below {}", statement_words(moves_, floor.floor));
    if (carries(move, floor, source)) {
      const std::string holds = on_what_is_left(floor.slots, source, smt::holds(floor.floor));
      return put(what, move, {holds, smt::negation(holds)});
    }
    std::vector<Slot> speaks_of = floor.slots;
    speaks_of.push_back(source);
    const std::vector<Slot> slots = slots_with(move, speaks_of);
    Terms terms = passes(move, slots);
    for (const Guarded& own : move.floors)
      terms.push_back(move.from_slot == kNone ? smt::holds(own) : fmt::format("(let (({0} {1})) {2})", value(move.from_slot), left(value(move.from_slot)), smt::holds(own)));
    terms.push_back(smt::negation(on_what_is_left(slots, source, smt::holds(renumbered(floor, slots)))));
    put(what, move, std::move(terms));
  }

  // ---- the integers that are counted in

  void range(const Move& move) {
    const Vocabulary& vocabulary = moves_.vocabulary;
    const bool takes = !arena_.bucket(move.from).external, gives = !arena_.bucket(move.to).external;
    const std::string what = "range: rows after which the balance of the source or of the destination can be beyond what is counted";
    std::vector<Slot> ends;
    if (takes) ends.push_back(source_balance(vocabulary, move));
    if (gives) ends.push_back(destination_balance(vocabulary, move));
    const bool judged = (!takes || move.from_slot == slot_position(move.slots, ends.front())) && (!gives || move.to_slot == slot_position(move.slots, ends.back()));
    const std::vector<Slot> slots = slots_with(move, ends);
    const std::string source = judged ? "v0" : takes ? value(slot_position(slots, ends.front())) : "", destination = judged ? "v1" : gives ? value(slot_position(slots, ends.back())) : "";
    Terms within, beyond;
    if (takes) within.push_back(at_least(left(source), -kAmountMax));
    if (gives) within.push_back(at_most(fmt::format("(+ {} amount)", destination), kAmountMax));
    for (const std::string& term : within) beyond.push_back(smt::negation(term));
    put(what, move, with(judged ? within : passes(move, slots), {smt::any(beyond)}));
  }

  /// Sums of the same magnitudes are one question, about the largest constant.
  using Magnitudes = std::vector<std::pair<Int128, Int128>>;   ///< of each term: of its coefficient, and of its value
  struct Largest { Int128 constant = 0; std::size_t count = 0; std::string first; };

  void sums(const std::vector<Slot>& slots, const std::vector<const Guarded*>& guards) {
    const std::vector<UInt128> largest = largest_values(arena_, slots);
    for (const Guarded* guarded : guards)
      for (const Clause& clause : guarded->clauses)
        for (const Node& node : clause.nodes) {
          if (node.test.kind == TestKind::InSet) continue;   // reads one mode, and counts nothing
          Magnitudes terms;
          for (const Term& term : node.test.terms) {
            const Int128 coefficient = term.coefficient;
            terms.emplace_back(coefficient < 0 ? -coefficient : coefficient, static_cast<Int128>(largest.at(term.slot)));
          }
          std::sort(terms.begin(), terms.end());
          Largest& known = sums_[terms];
          const Int128 constant = node.test.constant < 0 ? -node.test.constant : node.test.constant;
          if (known.count++ == 0 || constant > known.constant) {
            known.constant = constant;
            known.first = statement_words(moves_, *guarded);
          }
        }
  }

  /// Each term can be anything up to its magnitude, either way, so every part of the sum is within, in whatever order it is added up.
  void put_sums() {
    for (const auto& [terms, largest] : sums_) {
      Terms asserted, sum{value(terms.size())};
      for (std::size_t i = 0; i < terms.size(); ++i) {
        asserted.push_back(fmt::format("(<= {} {} {})", smt::number(-terms[i].second), value(i), smt::number(terms[i].second)));
        sum.push_back(fmt::format("(* {} {})", smt::number(terms[i].first), value(i)));
      }
      asserted.push_back(fmt::format("(<= {} {} {})", smt::number(-largest.constant), value(terms.size()), smt::number(largest.constant)));
      asserted.push_back(smt::negation(fmt::format("(<= {} {} {})", smt::number(-kInt128Max), smt::sum(sum), smt::number(kInt128Max))));
      put(fmt::format("sum: {} comparisons that can leave the integers of 128 bits", largest.count), largest.first, std::move(asserted));
    }
  }

  const Arena& arena_;
  const Moves& moves_;
  const smt::SlotText slots_;
  const std::vector<Mask> all_modes_;
  std::map<std::string, std::size_t> alike_;
  std::vector<Alike> order_;
  std::map<Magnitudes, Largest> sums_;
};

}  // namespace

std::string row_prelude(const Arena& arena) {
  std::size_t of_rows = 0, of_floors = 0;
  for (const Move& move : arena.moves.moves) of_rows = std::max(of_rows, move.slots.size());
  for (const Transition& transition : arena.moves.transitions) of_rows = std::max(of_rows, transition.slots.size());
  for (const auto& [bucket, floors] : floors_of(arena.moves))
    for (const CarriedFloor& floor : floors) of_floors = std::max(of_floors, floor.slots.size());
  std::string text = "(set-logic QF_LIA)\n(declare-fun amount () Int)\n";
  for (std::size_t i = 0; i < of_rows + of_floors + 2; ++i) text += fmt::format("(declare-fun v{} () Int)\n", i);   // 2: the ends, where a row does not read them
  for (std::size_t i = 0; i < (std::size_t{1} << kApprovalSetsMax); ++i) text += fmt::format("(declare-fun persons{} () Int)\n", i);
  return text;
}

Obligations row_obligations(const Arena& arena, PropertyKind kind) { return Writer(arena).write(kind); }

std::string row_certificate(const Arena& arena, const std::string& table_digest, PropertyKind kind, const Obligations& obligations) {
  std::string text = certificate_opening(arena.moves, table_digest, 0, property_claim(kind)) + how_to_check(obligations.size());
  for (const char* line : {
           "It is about single rows: whether a transfer that a row of the table lets through can do what is excluded. `amount` is what the transfer moves. Where a row",
           "judges the very balance that is spoken of, as its words say, its other guards don't matter and v0 (the destination's: v1) is that balance before the transfer;",
           "else v0, v1 and so on are the values that the row reads, in its order, and all that it asks for is asserted. Each obligation is one of:",
           "  funds  a transfer by these rows that takes more than its source has, or than its account has where some bucket in that may overdraw",
           "  floor  a transfer by these rows after which the floor does not hold of what is left in the source; v0, v1 and so on are what the floor reads",
           "  range  a transfer by these rows after which a balance is beyond 2^96-1, or below its opposite",
           "  sum    terms within the magnitudes that these comparisons can have, whose sum is beyond 2^127-1, or below its opposite; the last is the constant",
           "That these are the rows of the table, and judge those balances, is not for a solver to see: `ringfence-checker` derives it from the table. What else is",
           "assumed is listed in manifest.json."})
    text += smt::comment(line);
  text += row_prelude(arena);
  for (const std::string& one : obligations) text += one;
  return text;
}

}  // namespace ringfence
