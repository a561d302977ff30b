// SPDX-License-Identifier: Apache-2.0
// Properties of single rows in three ways that share no decision: the verifier asks Z3, a certificate's obligations are put to Z3 as text, and the
// checker judges the bytes of the table. They agree on sound tables and on damaged ones, also those that no loader would take.
#include <iostream>
#include <map>
#include <set>

#include "compiler/passes.h"
#include "tests/size_of_run.h"
#include "tests/verify/faults.h"
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"
#include "verify/check_obligations.h"
#include "verify/row_slots.h"
#include "verify/standing.h"
#include "verify/standing_certificate.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

constexpr std::size_t kPlaces = kIsSanitized ? 1 : 4;

constexpr std::uint32_t kTimeout = 10'000;
constexpr PropertyKind kKinds[] = {PropertyKind::Funds, PropertyKind::Floors, PropertyKind::NoOverflow};

PropertyVerdict prove(const Moves& moves, PropertyKind kind) {
  const Arena arena(moves);
  return kind == PropertyKind::Funds ? prove_funds(arena, kTimeout) : kind == PropertyKind::Floors ? prove_floors(arena, kTimeout) : prove_no_overflow(arena, kTimeout);
}

/// What the checker says of each kind, by its word: the rest of its line.
std::map<std::string, std::string> judged(const Moves& moves) {
  const Bench bench;
  const auto bytes = emit(moves);
  bench.write("table", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::string names;
  for (const PropertyKind kind : kKinds) {
    bench.write(property_word(kind), row_certificate(Arena(moves), "", kind, {}));
    names += std::string(property_word(kind)) + " ";
  }
  std::istringstream out(bench.check(names).second);
  std::map<std::string, std::string> said;
  for (std::string line; std::getline(out, line);)
    for (const PropertyKind kind : kKinds)
      if (line.find(std::string("CONFIRMED ") + property_word(kind) + ": ") != std::string::npos) said[property_word(kind)] = line;
  return said;
}

struct Count { std::size_t proved = 0, refuted = 0, no_table = 0; };

void compare(const Moves& moves, const std::string& what, Count& count) {
  const auto said = judged(moves);
  if (said.empty()) return void(++count.no_table);   // the checker finds the table itself wrong, and confirms nothing
  for (const PropertyKind kind : kKinds) {
    const PropertyVerdict verdict = prove(moves, kind);
    const std::string& line = said.at(property_word(kind));
    INFO(what << ": " << answer_word(verdict.answer) << " " << verdict.reason << (verdict.details.empty() ? "" : "; " + verdict.details[0].text) << "\n" << line);
    REQUIRE(verdict.answer != Answer::Unknown);
    const bool proved = verdict.answer == Answer::Proved;
    CHECK((line.rfind("CONFIRMED ", 0) == 0) == proved);
    if (proved || kind != PropertyKind::NoOverflow)
      CHECK(ObligationChecker(row_prelude(Arena(moves)), kTimeout, nullptr).all_unsat(row_obligations(Arena(moves), kind)) == proved);
    ++(proved ? count.proved : count.refuted);
  }
}

Moves moves_of(const std::string& rest) { return decode(table_of(with_world(rest))); }

}  // namespace

TEST_CASE("rows with every kind of seeded fault: verifier, obligations and checker agree") {
  const Passed<Compiled> passed = compile(kWorkshopPolicy);
  REQUIRE(passed.artefact);
  Count count;
  compare(passed.artefact->moves, "no fault", count);
  CHECK(count.proved == 3);
  for (const Fault& fault : all_faults())
    for (std::size_t n = 0; n < kPlaces; ++n) {
      Moves moves = passed.artefact->moves;
      if (!fault.plant(moves, n)) break;
      if (std::holds_alternative<RuleTable>(RuleTable::load(emit(moves)))) compare(moves, std::string(fault.name) + ", place " + std::to_string(n), count);
    }
  std::cout << "checker: of tables with a fault, " << count.proved << " properties of rows proved and confirmed, " << count.refuted << " refuted and not; "
            << count.no_table << " tables that it can't use" << std::endl;
  CHECK(count.refuted >= (kIsSanitized ? 1 : 3));   // fewer places are tried there
}

TEST_CASE("a row that judges another balance than its own is found, and a guard can stand in for what it does not judge") {
  const Moves moves = moves_of("bucket House.advance in Bank.pool may overdraw\nfloor Client.wallet >= 5 USDC\nfloor Client.wallet >= 1 USDC\n"
                               "allow pay   Client.wallet -> Client.bank by trader when amount <= 5 USDC\n"
                               "allow lend  Client.wallet -> other Client.wallet by trader, officer passing title\n"
                               "allow sweep House.transit -> House.fees by officer\nallow sweep House.advance -> House.suppliers by officer\n");
  Count count;
  compare(moves, "whole", count);
  CHECK(count.proved == 3);
  for (std::size_t row = 0; row < moves.moves.size(); ++row)
    for (Index Move::*const slot : {&Move::funds_slot, &Move::account_slot, &Move::from_slot, &Move::to_slot})
      for (Index other = 0; other <= moves.moves[row].slots.size(); ++other) {
        Moves damaged = moves;
        damaged.moves[row].*slot = other < moves.moves[row].slots.size() ? other : kNone;
        compare(damaged, "row " + std::to_string(row), count);
      }
  CHECK(count.refuted >= 6);
  CHECK(count.no_table == 0);

  struct Guarded { const char* rule; bool kept; };
  for (const Guarded& each : {Guarded{"when balance after(from) >= 0 USDC", true}, Guarded{"when balance after(from) >= 0.01 USDC", true},
                              Guarded{"when balance(from) + 0.01 USDC >= amount", false}}) {
    Moves guarded = moves_of(std::string("allow pay Client.wallet -> Client.bank by trader ") + each.rule);
    guarded.moves.at(0).funds_slot = kNone;
    INFO(each.rule);
    CHECK((prove(guarded, PropertyKind::Funds).answer == Answer::Proved) == each.kept);
    compare(guarded, each.rule, count);
  }
}

TEST_CASE("no balance leaves its range by one where a guard alone keeps it there") {
  const std::string overdrawn = "bucket House.advance in Bank.pool may overdraw\nallow pay House.advance -> House.suppliers by officer when balance after(from) >= 5 USDC\n";
  const std::string filled = "allow pay Client.bank -> Client.wallet by trader when balance(to) + amount <= 5 USDC\n";
  Count count;
  for (const Int128 beyond : {Int128{0}, Int128{1}}) {
    Moves source = moves_of(overdrawn), destination = moves_of(filled);
    source.moves.at(0).from_slot = destination.moves.at(0).to_slot = kNone;
    for (Moves* moves : {&source, &destination}) {
      Test& test = moves->moves.at(0).allows.at(0).clauses.at(0).nodes.at(0).test;
      REQUIRE((test.constant == -500 || test.constant == 500));
      test.constant = kAmountMax + beyond;   // of what is left -(2^96-1) or more, of what there is then 2^96-1 or less
      CHECK((prove(*moves, PropertyKind::NoOverflow).answer == Answer::Proved) == (beyond == 0));
      compare(*moves, "range", count);
    }
  }
  CHECK(count.no_table == 0);
}

TEST_CASE("a floor that one row does not carry is found, unless what it carries says as much") {
  const Moves moves = moves_of("fact least of Client : amount of USDC\nfloor Client.wallet >= least + 5 USDC\nfloor Client.wallet >= least + 1 USDC\n"
                               "allow pay Client.wallet -> Client.bank by trader\nallow sweep Client.wallet -> House.fees by officer passing title\n");
  const auto answer_without = [&](std::size_t floor, Count& count) {
    Moves damaged = moves;
    damaged.moves.at(0).floors.erase(damaged.moves.at(0).floors.begin() + static_cast<std::ptrdiff_t>(floor));
    compare(damaged, "a floor less", count);
    return prove(damaged, PropertyKind::Floors).answer;
  };
  Count count;
  CHECK(answer_without(0, count) == Answer::Refuted);
  CHECK(answer_without(1, count) == Answer::Proved);   // the first says more
  for (const int by : {-1, 1}) {
    Moves damaged = moves;
    damaged.moves.at(0).floors.at(0).clauses.at(0).nodes.at(0).test.constant += by;   // one row now carries another floor than the other
    compare(damaged, "a floor changed by one", count);
    CHECK(prove(damaged, PropertyKind::Floors).answer == Answer::Refuted);
  }
}

TEST_CASE("the certificate of a property of rows is written and names the table") {
  const RuleTable table = table_of(with_world("floor Client.wallet >= 5 USDC\nsegregate Client from House\nallow pay Client.wallet -> Client.bank by trader\n"));
  const RuleTable other = table_of(with_world("floor Client.wallet >= 5 USDC\nsegregate Client from House\nallow pay Client.wallet -> Client.bank by trader # another\n"));
  std::size_t written = 0;
  for (const PropertyVerdict& property : verify(table).properties) {
    const bool is_of_rows = std::count(std::begin(kKinds), std::end(kKinds), property.kind) != 0;
    CHECK(property.certificate.empty() != is_of_rows);
    if (!is_of_rows) continue;
    ++written;
    CHECK(checked(table, property.certificate).first == kConfirmed);
    refused(other, property.certificate, "it is for another policy");
    refused(table, replaced(property.certificate, "; Proved: no ", "; Proved: none "), "it names no fence and no invariant of this table");
    std::size_t obligations = 0;
    for (std::size_t at = 0; (at = property.certificate.find("(check-sat)", at)) != std::string::npos; ++at) ++obligations;
    CHECK(obligations == property.obligations);
  }
  CHECK(written == 3);
}

TEST_CASE("no byte of a table makes the checker of rows fall over") {
  const RuleTable table = table_of(with_world("fact least of Client : amount of USDC\nfloor Client.wallet >= least + 5 USDC\nsegregate Client from House\n"
                                              "allow pay Client.wallet -> House.fees by trader passing title when balance(from) >= 3 * least or approved by 2 of officer\n"));
  const Bench bench;
  std::string names;
  for (const PropertyVerdict& property : verify(table).properties) {
    if (std::count(std::begin(kKinds), std::end(kKinds), property.kind) == 0) continue;
    bench.write(property_word(property.kind), property.certificate);
    names += std::string(property_word(property.kind)) + " ";
  }
  const auto bytes = table.bytes();
  const std::string good(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  unsigned unusable = 0;
  for (std::size_t at = 8; at < good.size(); at += 19) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x81);
    bench.write("table", bad);
    const auto [code, out] = bench.check(names);
    INFO("byte " << at << ": " << out);
    CHECK(code <= kUnusable);
    unusable += code == kUnusable;
  }
  CHECK(unusable > 40);
}
