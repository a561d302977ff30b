// SPDX-License-Identifier: Apache-2.0
// Invariants that authors write: for each kind one that is kept and one that is not, with the length of the shortest run that shows it.
// A proof must stand by its certificate alone, which the independent checker confirms; a refutation has been replayed through the compiled table.
#include "compiler/table_digest.h"
#include "verify/certificate.h"
#include "verify/invariant_run.h"
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kWorld = R"(policy "test" version "1"
asset USDC decimals 2
role trader, officer
purpose pay, lend, repay
entity Client many
entity Position many
entity House
entity Bank
external Client.bank
external House.suppliers
account Bank.pool
bucket Client.wallet in Bank.pool
bucket Client.margin[Position] in Bank.pool
bucket House.fund
bucket House.loan
bucket House.reserve
fact need of Client.margin : amount of USDC
fact drawn of Client : amount of USDC from 0 to 500 USDC
mode of Client.margin : normal, liquidating
  normal -> liquidating by officer
mode of system : day, night
  day -> night by officer when balance(House.loan) = 0
  night -> day by officer
)";

/// The verdict on the last invariant of the text.
PropertyVerdict judge_invariant(const std::string& rest) {
  const RuleTable table = table_of(kWorld + rest);
  const Verdict verdict = verify(table);
  REQUIRE(!verdict.properties.empty());
  const PropertyVerdict& last = verdict.properties.back();
  REQUIRE(last.kind == PropertyKind::Invariant);
  INFO(rest << "\n" << last.reason << (last.trace ? print(decode(table).vocabulary, *last.trace) : ""));
  CHECK(last.line > 0);
  return last;
}

void proved(const std::string& rest) {
  const PropertyVerdict verdict = judge_invariant(rest);
  INFO(rest << "\nreason: " << verdict.reason);
  CHECK(verdict.answer == Answer::Proved);
  CHECK(verdict.obligations > 0);
  CHECK(!verdict.trace);
  const auto [code, out] = checked(table_of(kWorld + rest), verdict.certificate);
  INFO(out << verdict.certificate);
  CHECK(code == kConfirmed);
}

void refuted(const std::string& rest, std::size_t steps) {
  const PropertyVerdict verdict = judge_invariant(rest);
  INFO(rest << "\nreason: " << verdict.reason);
  REQUIRE(verdict.answer == Answer::Refuted);
  REQUIRE(verdict.trace);
  CHECK(verdict.trace->steps.size() == steps);
  CHECK(verdict.certificate.empty());
}

void unknown(const std::string& rest) {
  const PropertyVerdict verdict = judge_invariant(rest);
  CHECK(verdict.answer == Answer::Unknown);
  CHECK(!verdict.reason.empty());
}

}  // namespace

TEST_CASE("a fund never below its floor", "[invariants]") {
  const std::string rules = "allow pay House.fund -> Client.wallet by trader\nallow pay Client.wallet -> House.fund by trader\n";
  const std::string claim = "invariant balance(House.fund) >= 1_000 USDC\n";
  proved(rules + "floor House.fund >= 1_000 USDC\n" + claim);
  refuted(rules + "floor House.fund >= 999 USDC\n" + claim, 1);
  refuted(rules + "floor House.fund >= 1_000 USDC unless approved by officer\n" + claim, 1);
  refuted(rules + claim, 1);
  proved("allow pay House.fund -> Client.wallet by trader when balance after(from) >= 1_000 USDC\n" + claim);
  refuted("allow pay House.fund -> Client.wallet by trader when balance(from) >= 1_000 USDC\n" + claim, 1);
}

TEST_CASE("an account's total is the sum of its buckets", "[invariants]") {
  const std::string rules = "allow pay Client.bank -> Client.wallet by trader\nallow pay Client.wallet -> Client.margin by trader\nallow pay Client.margin -> Client.bank by trader\n";
  proved(rules + "invariant total(Bank.pool) = total(any Client.wallet) + total(any Client.margin[any Position])\n");
  refuted(rules + "invariant total(Bank.pool) = total(any Client.wallet)\n", 1);
  proved(rules + "invariant total(Bank.pool) >= balance(Client.wallet) + balance(Client.margin)\n");
  proved(rules + "invariant total(any Client.wallet) >= balance(Client.wallet)\n");
  refuted(rules + "invariant total(any Client.wallet) <= 100 USDC\n", 1);
}

TEST_CASE("holdings cover requirements", "[invariants]") {
  const std::string claim = "invariant balance(Client.margin) >= need\n";
  const std::string in = "allow pay Client.wallet -> Client.margin by trader\n";
  proved(in + "allow pay Client.margin -> Client.wallet by trader when balance after(from) >= need\n" + claim);
  refuted(in + "allow pay Client.margin -> Client.wallet by trader when balance(from) >= need\n" + claim, 1);
  proved(in + "allow pay Client.margin -> Client.wallet by trader\nfloor Client.margin >= need\n" + claim);
  refuted(in + "allow pay Client.margin -> Client.wallet by trader\nfloor Client.margin >= 99% of need\n" + claim, 1);
}

TEST_CASE("only in some modes", "[invariants]") {
  const std::string rules = "allow pay Client.margin -> House.fund by trader when mode is liquidating or balance after(from) >= need\n";
  proved(rules + "invariant balance(Client.margin) >= need unless mode is liquidating\n");
  refuted(rules + "invariant balance(Client.margin) >= need\n", 2);
  refuted(rules + "invariant mode of Client.margin is normal\n", 1);
  proved("allow pay House.loan -> House.fund by trader when mode of system is day\nallow pay House.fund -> House.loan by trader when mode of system is day\n"
         "invariant balance(House.loan) = 0 unless mode of system is day\n");
  refuted("allow pay House.fund -> House.loan by trader\ninvariant balance(House.loan) = 0 unless mode of system is day\n", 2);
}

TEST_CASE("an intraday loan is drawn again only after its return", "[invariants]") {
  const std::string back = "allow repay House.loan -> House.fund by trader\ninvariant balance(House.loan) <= 100 USDC\n";
  proved("allow lend House.fund -> House.loan by trader when balance(to) = 0 and amount <= 100 USDC\n" + back);
  refuted("allow lend House.fund -> House.loan by trader when balance(to) <= 0.01 USDC and amount <= 100 USDC\n" + back, 1);
  refuted("allow lend House.fund -> House.loan by trader when balance(to) <= 100 USDC and balance(House.reserve) = 0 and amount <= 100 USDC\n" + back, 1);
}

TEST_CASE("what has to be strengthened is", "[invariants]") {
  // The loan alone does not say that the reserve is empty whenever it is drawn.
  const std::string rules = R"(
allow lend House.fund -> House.loan by trader when balance(House.reserve) = 0 and balance after(to) <= 100 USDC
allow pay House.fund -> House.reserve by trader when balance(House.reserve) > 0 and balance after(to) <= 50 USDC
)";
  proved(rules + "invariant balance(House.reserve) <= 50 USDC\ninvariant balance(House.loan) <= 100 USDC\n");
  // In the night nothing is lent, and it is not night while something is.
  const std::string modes = "allow lend House.fund -> House.loan by trader when mode of system is day\nallow pay House.fund -> House.reserve by trader when mode of system is night and balance(House.loan) > 0\n";
  proved(modes + "invariant balance(House.reserve) <= 10 USDC\n");
  refuted("allow lend House.fund -> House.loan by trader\nallow pay House.fund -> House.reserve by trader when mode of system is night and balance(House.loan) > 0\n"
          "invariant balance(House.reserve) <= 10 USDC\n", 3);
}

TEST_CASE("a batch is judged at its end", "[invariants]") {
  // A leg may take the fund below its floor where a later one makes up for it: then nothing is known of the other bucket meanwhile.
  const std::string rules = "allow pay House.fund -> House.reserve by trader\nallow pay House.reserve -> House.fund by trader\nfloor House.fund >= 10 USDC\n";
  proved(rules + "invariant balance(House.fund) >= 10 USDC\n");
  proved(rules + "invariant balance(House.fund) >= 9 USDC and balance(House.reserve) >= 0\n");
  // Kept by every transfer alone, not by a batch whose second leg reads the fund while it is below its floor.
  const std::string below = "allow pay Client.wallet -> House.loan by trader when balance(House.fund) < 10 USDC\ninvariant balance(House.loan) <= 5 USDC\n";
  refuted(rules + below, 3);
  const RuleTable table = table_of(kWorld + rules + below);
  const Trace trace = *verify(table).properties.back().trace;
  CHECK(trace.steps[0].linked);
  CHECK(trace.steps[1].linked);
  CHECK(!trace.steps[2].linked);
  CHECK(print(decode(table).vocabulary, trace).find("  1 to 3 in one batch, all or nothing\n  1. pay") != std::string::npos);
  // The same steps one by one are denied, and a batch without the last leg, which makes up for the floor.
  const Moves moves = decode(table);
  CHECK(replay_invariant(table, moves, 0, {}, trace).empty());
  Trace apart = trace;
  apart.steps[0].linked = apart.steps[1].linked = false;
  CHECK(replay_invariant(table, moves, 0, {}, apart) == "step 1: the table denies it: floor");
  Trace shorter = trace;
  shorter.steps.pop_back();
  CHECK(replay_invariant(table, moves, 0, {}, shorter) == "step 1: the table denies it: floor");
  // A batch after a change of mode.
  refuted(rules + "allow pay Client.wallet -> House.loan by trader when balance(House.fund) < 10 USDC and mode of system is night\ninvariant balance(House.loan) <= 5 USDC\n", 4);
  proved(rules + "allow pay Client.wallet -> House.loan by trader when balance(House.fund) < 0 USDC\ninvariant balance(House.loan) <= 5 USDC\n");
}

TEST_CASE("nobody need be there", "[invariants]") {
  // Every client has 10 USDC. Where there is no client, the wallets together have none.
  const std::string rules = "allow pay Client.wallet -> House.fund by trader when balance after(from) >= 10 USDC\ninvariant balance(Client.wallet) >= 10 USDC\n";
  unknown(rules + "allow lend House.fund -> House.loan by trader when total(any Client.wallet) < 10 USDC\ninvariant balance(House.loan) = 0\n");
  proved(rules + "allow lend House.fund -> House.loan by trader when total(any Client.wallet) < 10 USDC and total(any Client.wallet) > 0 USDC\ninvariant balance(House.loan) = 0\n");
}

TEST_CASE("what is claimed of members whose balances do not matter", "[invariants]") {
  // It is about clients, and says nothing where there are none.
  const std::string rules = "allow pay Client.bank -> Client.wallet by trader\nallow pay House.fund -> House.loan by trader when total(any Client.wallet) < 1 USDC\n";
  proved(rules + "invariant total(any Client.wallet) >= balance(Client.wallet) * 0 + 1 USDC\n");
  unknown(rules + "invariant total(any Client.wallet) >= balance(Client.wallet) * 0 + 1 USDC\ninvariant balance(House.loan) = 0\n");
  proved(rules + "invariant total(any Client.wallet) >= 1 USDC\ninvariant balance(House.loan) = 0\n");
}

TEST_CASE("what only holds at the end of a batch, by what holds all along", "[invariants]") {
  // Money moves between the two, and the fund has all of it whenever a batch ends.
  const std::string closed = "allow pay House.fund -> House.reserve by trader\nallow repay House.reserve -> House.fund by trader\ninvariant balance(House.fund) + balance(House.reserve) <= 10 USDC\n";
  proved(closed + "floor House.fund >= 10 USDC\ninvariant balance(House.reserve) = 0\n");
  refuted(closed + "floor House.fund >= 9.99 USDC\ninvariant balance(House.reserve) = 0\n", 1);
  proved(closed + "allow lend House.reserve -> House.loan by trader\nfloor House.fund >= 10 USDC\ninvariant balance(House.reserve) + balance(House.loan) <= 0 USDC\n");
  // A part of a sum that alone is large enough.
  const std::string parts = "allow pay House.loan -> House.fund by trader\ninvariant balance(House.loan) < balance(House.reserve)\n";
  proved(parts + "invariant balance(House.loan) + balance(House.reserve) >= 0.02 USDC\n");
  refuted(parts + "invariant balance(House.loan) + balance(House.reserve) >= 0.03 USDC\n", 1);
}

TEST_CASE("what no clean start satisfies is not proved", "[invariants]") {
  const std::string rules = "allow pay House.fund -> House.reserve by trader\n";
  unknown(rules + "invariant balance(House.fund) >= 5 USDC\ninvariant balance(House.fund) <= 4 USDC\n");
  unknown(rules + "floor House.fund >= 5 USDC\ninvariant balance(House.fund) <= 4 USDC\n");
  proved(rules + "floor House.reserve >= 5 USDC\ninvariant balance(House.fund) <= 4 USDC\n");
}

TEST_CASE("a member's own and another's", "[invariants]") {
  const std::string claim = "invariant balance(Client.wallet) <= 100 USDC\n";
  proved("allow pay Client.wallet -> other Client.wallet by trader when balance after(to) <= 100 USDC\n" + claim);
  refuted("allow pay Client.wallet -> other Client.wallet by trader when balance after(from) <= 100 USDC\n" + claim, 1);
  proved("allow pay Client.margin[Position] -> Client.margin[other Position] by trader\ninvariant total(Client.margin[any Position]) <= 100 USDC\n");
  refuted("allow pay Client.margin -> other Client.margin by trader\ninvariant total(Client.margin[any Position]) <= 100 USDC\n", 1);
}

TEST_CASE("another invariant is relied on only where it is proved", "[invariants]") {
  const std::string rules = "allow pay House.fund -> House.loan by trader when balance(House.reserve) > 0\n";
  proved(rules + "invariant balance(House.reserve) = 0\ninvariant balance(House.loan) <= 5 USDC\n");
  refuted(rules + "allow lend House.fund -> House.reserve by trader\ninvariant balance(House.reserve) = 0\ninvariant balance(House.loan) <= 5 USDC\n", 2);
}

TEST_CASE("the certificate of an invariant says what it is about, and on which claims it rests", "[invariants]") {
  const std::string text = kWorld + "allow pay House.fund -> Client.wallet by trader\nfloor House.fund >= 1_000 USDC\ninvariant balance(House.fund) >= 1_000 USDC\n";
  const RuleTable table = table_of(text);
  const PropertyVerdict verdict = verify(table).properties.back();
  REQUIRE(verdict.answer == Answer::Proved);
  const std::string& certificate = verdict.certificate;
  const std::string header = certificate.substr(0, certificate.find("\n("));
  CHECK(header.find(table_line(table_digest(table.bytes()))) != std::string::npos);
  CHECK(header.find("; SHA-256 of the policy's text: " + sha256(text) + "\n") != std::string::npos);
  CHECK(header.find(statement_line(verdict.line, "invariant balance(House.fund) >= 1_000 USDC")) != std::string::npos);
  CHECK(certificate.find("(define-fun claim0_at_end ((b4_0 Int)) Bool") != std::string::npos);
  CHECK(certificate.find("; claim0_at_end, written in line " + std::to_string(verdict.line) + ": invariant balance(House.fund)") != std::string::npos);
  std::size_t count = 0, said = 0;
  for (std::size_t at = 0; (at = certificate.find("(check-sat)", at)) != std::string::npos; ++at) ++count;
  for (const char* kind : {", start: ", ", transfer: ", ", change of mode: ", ", end: "})
    for (std::size_t at = 0; (at = certificate.find(kind, at)) != std::string::npos; ++at) ++said;
  CHECK(count == verdict.obligations);
  CHECK(said == count);
}

TEST_CASE("facts that only the invariant reads are in their range, too", "[invariants]") {
  const std::string cap = "fact cap : amount of USDC from 10 USDC to 20 USDC\nallow pay House.fund -> House.reserve by trader when mode of system is night\n"
                          "invariant balance(House.reserve) <= cap\n";
  const PropertyVerdict verdict = judge_invariant(cap);
  INFO(verdict.reason);
  REQUIRE(verdict.answer == Answer::Refuted);
  CHECK(verdict.trace->steps.size() == 2);
  for (const TraceStep& step : verdict.trace->steps)
    for (const TraceFact& fact : step.facts) {
      CHECK(fact.number >= 10'00);
      CHECK(fact.number <= 20'00);
    }
  const RuleTable table = table_of(kWorld + cap);
  Trace below = *verdict.trace;
  for (TraceStep& step : below.steps)
    for (TraceFact& fact : step.facts) fact.number = 9'99;
  CHECK(replay_invariant(table, decode(table), 0, {}, below).find("a fact is not in its range") != std::string::npos);
}

TEST_CASE("a trace that breaks nothing does not replay", "[invariants]") {
  const RuleTable table = table_of(kWorld + "allow pay House.fund -> Client.wallet by trader\ninvariant balance(House.fund) >= 10 USDC\n");
  const Moves moves = decode(table);
  const RunSearch search = break_invariant(table, Arena(moves), 0, 60'000);
  REQUIRE(search.trace);
  CHECK(replay_invariant(table, moves, 0, {}, *search.trace).empty());
  Trace less = *search.trace;
  less.steps[0].transfer.amount = 1;
  less.opening[0].balance = 10'00 + 5;
  CHECK(!replay_invariant(table, moves, 0, {}, less).empty());
  less.opening.clear();
  CHECK(replay_invariant(table, moves, 0, {}, less) == "an invariant is already false at the start");
}
