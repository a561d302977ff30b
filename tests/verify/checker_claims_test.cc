// SPDX-License-Identifier: Apache-2.0
// The independent checker on certificates of invariants: it confirms each, and refuses those with a claim left out, weakened by one or said to
// hold more often than it does, those of another invariant, and those of a table that permits one unit more.
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kWorld = R"(policy "test" version "1"
asset USDC decimals 2
role trader, officer
purpose pay, lend
entity Client many
entity Position many
entity House
entity Bank
external Client.bank
account Bank.pool
bucket Client.wallet in Bank.pool
bucket Client.margin[Position] in Bank.pool
bucket House.fund
bucket House.loan
bucket House.reserve
bucket House.credit in Bank.pool may overdraw
fact need of Client.margin : amount of USDC
mode of Client.margin : normal, liquidating
  normal -> liquidating by officer when balance(Client.margin) <= 9 USDC
mode of system : day, night
  day -> night by officer when balance(House.loan) = 0
  night -> day by officer
)";

PropertyVerdict proof_of(const RuleTable& table) {
  const PropertyVerdict verdict = verify(table).properties.back();
  INFO(verdict.claim << ": " << verdict.reason);
  REQUIRE(verdict.kind == PropertyKind::Invariant);
  REQUIRE(verdict.answer == Answer::Proved);
  return verdict;
}

/// What is kept, the part of a rule that keeps it, and what that becomes where it is weakened by one unit.
struct Case { std::string rules, kept_by, weakened; };

const std::vector<Case> kCases = {
    {"allow pay House.fund -> Client.wallet by trader when balance after(from) >= 10 USDC\ninvariant balance(House.fund) >= 10 USDC\n", "after(from) >= 10 USDC", "after(from) >= 9.99 USDC"},
    {"allow pay House.fund -> Client.wallet by trader\nfloor House.fund >= 10 USDC\ninvariant balance(House.fund) >= 10 USDC\n", "floor House.fund >= 10 USDC", "floor House.fund >= 9.99 USDC"},
    {"allow pay Client.margin -> Client.wallet by trader\nfloor Client.margin >= need unless mode is liquidating\ninvariant balance(Client.margin) >= need unless mode is liquidating\n",
     ">= need unless", ">= 99.99% of need unless"},
    {"allow pay Client.wallet -> other Client.wallet by trader when balance after(to) <= 7 USDC\ninvariant balance(Client.wallet) <= 7 USDC\n", "(to) <= 7 USDC", "(to) <= 7.01 USDC"},
    {"allow pay Client.bank -> Client.margin by trader when total(Client.margin[any Position]) + amount <= 7 USDC\ninvariant total(Client.margin[any Position]) <= 7 USDC\n",
     "amount <= 7 USDC", "amount <= 7.01 USDC"},
    {"allow pay Client.bank -> Client.margin by trader when total(Client.margin[any Position]) + amount <= 7 USDC\ninvariant balance(Client.margin) <= 7 USDC\n",
     "amount <= 7 USDC", "amount <= 7.01 USDC"},
    {"allow pay House.fund -> House.loan by trader when balance(House.reserve) > 0 USDC\ninvariant balance(House.reserve) = 0\ninvariant balance(House.loan) <= 5 USDC\n",
     "balance(House.reserve) > 0 USDC", "balance(House.reserve) >= 0 USDC"},
    {"allow lend House.fund -> House.loan by trader when mode of system is day\n"
     "allow pay House.fund -> House.reserve by trader when mode of system is night and balance(House.loan) >= 1 USDC\ninvariant balance(House.reserve) <= 10 USDC\n",
     "balance(House.loan) = 0", "balance(House.loan) <= 1 USDC"},
    // Every client has money, but there may be no client.
    {"allow pay Client.wallet -> House.fund by trader when balance after(from) >= 10 USDC\n"
     "allow lend House.fund -> House.loan by trader when total(any Client.wallet) < 10 USDC and total(any Client.wallet) > 0 USDC\n"
     "invariant balance(Client.wallet) >= 10 USDC\ninvariant balance(House.loan) = 0\n",
     "total(any Client.wallet) > 0 USDC", "total(any Client.wallet) >= 0 USDC"},
};

/// The functions called claim...: where each begins and ends.
std::vector<std::pair<std::size_t, std::size_t>> claims_of(const std::string& certificate) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t at = 0; (at = certificate.find("(define-fun claim", at)) != std::string::npos; ++at) found.emplace_back(at, certificate.find("\n", certificate.find("\n", at) + 1));
  return found;
}

/// The same with one of its numbers, from one digit on, more or less by one.
std::string nudged(const std::string& text, std::size_t digit, int by) {
  std::size_t end = digit;
  while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
  const long long number = std::stoll(text.substr(digit, end - digit)) + by;
  return text.substr(0, digit) + (number < 0 ? "(- " + std::to_string(-number) + ")" : std::to_string(number)) + text.substr(end);
}

}  // namespace

TEST_CASE("the checker confirms invariants that are kept, and refuses their certificates for a table that permits one unit more", "[invariants]") {
  for (const Case& each : kCases) {
    const std::string source = kWorld + each.rules;
    const std::string weaker_source = replaced(source, each.kept_by, each.weakened);
    INFO(weaker_source);
    const RuleTable table = table_of(source), weaker = table_of(weaker_source);
    const std::string certificate = proof_of(table).certificate;
    const auto [code, out] = checked(table, certificate);
    INFO(out << certificate);
    CHECK(code == kConfirmed);
    CHECK(verify(weaker).properties.back().answer != Answer::Proved);
    refused(weaker, certificate, "it is for another policy");
    const auto [weaker_code, weaker_out] = checked(weaker, made_out_for(certificate, table, weaker));
    INFO(weaker_out);
    CHECK(weaker_code == kWrong);
  }
}

TEST_CASE("the checker refuses a certificate with a claim left out", "[invariants]") {
  unsigned left_out = 0;
  for (const Case& each : kCases) {
    const RuleTable table = table_of(kWorld + each.rules);
    const std::string certificate = proof_of(table).certificate;
    for (const auto& [begin, end] : claims_of(certificate)) {
      const std::string less = certificate.substr(0, begin) + certificate.substr(end);
      const auto [code, out] = checked(table, less);
      INFO(each.rules << certificate.substr(begin, end - begin) << "\n" << out);
      CHECK(code == kWrong);
      ++left_out;
    }
  }
  CHECK(left_out > kCases.size());
}

TEST_CASE("the checker refuses a claim that is weakened by one, or that no start satisfies", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[0].rules);
  const std::string certificate = proof_of(table).certificate;
  refused(table, replaced(certificate, "(- 1000)", "(- 999)"), "its claims do not say that the invariant holds");
  refused(table, replaced(certificate, "(- 1000)", "(- 1001)"), "claim0 is not kept: a clean start can make it false");
  // A claim that two others rest on: one unit more or less in it is one too many.
  const RuleTable modes = table_of(kWorld + kCases[7].rules);
  const std::string strengthened = proof_of(modes).certificate;
  unsigned nudges = 0, refusals = 0;
  for (const auto& [begin, end] : claims_of(strengthened))
    for (std::size_t at = strengthened.find("(let", begin); at < end; ++at) {
      const bool number = std::isdigit(static_cast<unsigned char>(strengthened[at])) != 0 && (strengthened[at - 1] == ' ' || strengthened[at - 1] == '-');
      if (!number) continue;
      for (const int by : {-1, 1}) {
        const auto [code, out] = checked(modes, nudged(strengthened, at, by));
        ++nudges;
        refusals += code == kWrong;
        INFO(strengthened.substr(begin, end - begin) << "\n" << nudged(strengthened, at, by).substr(begin, end - begin) << "\n" << out);
        CHECK((code == kWrong || code == kConfirmed));
      }
    }
  CHECK(refusals >= 2);
  CHECK(nudges > refusals);   // a bound that need not be tight may move
}

TEST_CASE("the checker refuses a claim that only holds at the end of a batch as one of every transfer", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[1].rules);
  std::string certificate = proof_of(table).certificate;
  REQUIRE(certificate.find("claim0_at_end") != std::string::npos);
  certificate = replaced(certificate, "(define-fun claim0_at_end", "(define-fun claim0");
  refused(table, certificate, "claim0 is not kept: line 23: allow pay House.fund -> Client.wallet by trader (House.fund -> Client.wallet) can make it false");
}

TEST_CASE("the checker is told by the table what the invariant is", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[0].rules + "invariant balance(House.loan) <= 5 USDC\nallow pay House.reserve -> House.loan by officer\n");
  const Verdict verdict = verify(table);
  const auto& properties = verdict.properties;
  REQUIRE(properties.back().answer == Answer::Refuted);
  const std::string certificate = properties[properties.size() - 2].certificate;
  refused(table, replaced(certificate, "; Proved: line 24: invariant balance(House.fund) >= 10 USDC", "; Proved: line 25: invariant balance(House.loan) <= 5 USDC"),
          "its claims do not say that the invariant holds: line 25");
  refused(table, replaced(certificate, "; Proved: line 24: ", "; Proved: line 25: "), "it names no fence and no invariant of this table");
}

TEST_CASE("claims that the checker can't read confirm nothing", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[0].rules);
  const std::string certificate = proof_of(table).certificate;
  const std::string head = certificate.substr(0, certificate.find("(define-fun"));
  for (const char* parameter : {"b9_0", "b3_1", "b3", "x0", "b3_0_k0", "b2_0", "b2_0_s", "t3_0_s", "a0_0_k0", "m0_k0", "f0_k0_k2", "b0_0_k0", "b3_0x", "", "b2_0_k999", "b3_0_k0_k0", "e9_k0", "e0", "e0_s", "e0_k1"}) {
    const auto [code, out] = checked(table, head + "(define-fun claim0 ((" + parameter + " Int)) Bool true)\n");
    INFO(parameter << ": " << out);
    CHECK(code == kUnusable);
  }
  for (const char* body : {"(= 0 (* b3_0 b3_0))", "(= 0 (mod b3_0 2))", "(>= b3_0 99999999999999999999999999999999999999999)", "(= b3_0 (* 170141183460469231731687303715884105727 2))"}) {
    const auto [code, out] = checked(table, head + "(define-fun claim0 ((b3_0 Int)) Bool " + body + ")\n");
    INFO(body << ": " << out);
    CHECK(code == kUndecided);
  }
  for (const char* body : {"b3_0", "(and b3_0 true)", "(+ 1 b3_0)", "(= 0 (= b3_0 0))"}) {
    const auto [code, out] = checked(table, head + "(define-fun claim0 ((b3_0 Int)) Bool " + body + ")\n");
    INFO(body << ": " << out);
    CHECK(code == kUnusable);
  }
}

TEST_CASE("a claim may be written in any way that says the same", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[0].rules);
  const std::string certificate = proof_of(table).certificate;
  const std::string head = certificate.substr(0, certificate.find("(define-fun")) + "(define-fun bound () Bool true)";
  for (const char* body : {"(and bound (not (< b3_0 1000)) (< (- 1) b3_0))", "(and (not (< b3_0 1000)) (or false (=> (> 1 0) (< (- 1) b3_0))))", "(>= (ite (< b3_0 1000) 1 2) 2)",
                           "(= (< b3_0 1000) false)", "(distinct (>= b3_0 1000) false)", "(let ((x (- b3_0 1000))) (>= (* 3 x) (* x 2)))"}) {
    const auto [code, out] = checked(table, head + "(define-fun claim0 ((b3_0 Int)) Bool " + body + ")\n");
    INFO(body << ": " << out);
    CHECK(code == kConfirmed);
  }
  for (const char* body : {"(<= 1000 b3_0 5000)", "(>= (ite (= b3_0 0) 1 2) 0)", "(>= (ite (< b3_0 999) 1 2) 2)", "(= (< b3_0 999) false)", "(= (= b3_0 0) true)", "(distinct b3_0 999)"}) {
    const auto [code, out] = checked(table, head + "(define-fun claim0 ((b3_0 Int)) Bool " + body + ")\n");
    INFO(body << ": " << out);
    CHECK(code == kWrong);
  }
}

TEST_CASE("an invariant that no run could be about is not confirmed", "[invariants]") {
  const std::string source = kWorld + kCases[0].rules;
  const RuleTable table = table_of(source);
  const std::string certificate = proof_of(table).certificate;
  const std::string lend = "allow lend House.loan -> House.reserve by officer\nfloor House.loan >= 5 USDC\n";
  const std::string custody = "segregate Client from House in custody\ninvariant total(any Client.wallet) >= 1 USDC\n";
  struct Start { std::string none, some; };   // by one
  for (const Start& each : {Start{"invariant balance(House.fund) <= 9.99 USDC\n", "invariant balance(House.fund) <= 10 USDC\n"},
                            Start{lend + "invariant balance(House.loan) <= 4.99 USDC\n", lend + "invariant balance(House.loan) <= 5 USDC\n"},
                            Start{custody + "invariant balance(House.credit) >= 0.01 USDC\n", custody + "invariant balance(House.credit) >= 0 USDC\n"},
                            Start{"invariant balance(Client.margin) >= need and need >= 1 USDC\ninvariant total(Client.margin[any Position]) <= 1.99 USDC\n",
                                  "invariant balance(Client.margin) >= need and need >= 1 USDC\ninvariant total(Client.margin[any Position]) <= 2 USDC\n"}}) {
    const RuleTable none = table_of(source + each.none), some = table_of(source + each.some);
    INFO(each.none);
    CHECK(verify(none).properties.back().answer == Answer::Unknown);
    const auto [code, out] = checked(none, made_out_for(certificate, table, none));
    INFO(out);
    CHECK(code == kUndecided);
    CHECK(out.find("no start between two members of each entity was found") != std::string::npos);
    const auto [some_code, some_out] = checked(some, made_out_for(certificate, table, some));
    INFO(some_out);
    CHECK(some_code == kConfirmed);
  }
}

TEST_CASE("a claim is read at the limit of nesting, and one past it is not", "[invariants]") {
  const RuleTable table = table_of(kWorld + kCases[0].rules);
  const std::string certificate = proof_of(table).certificate, head = certificate.substr(0, certificate.find("(define-fun"));
  for (const auto& [definitions, also] : nested_to_the_limit()) {
    const auto [code, out] = checked(table, head + definitions + "(define-fun claim0 ((b3_0 Int)) Bool (and (>= b3_0 1000) " + also + "))\n");
    INFO(also.substr(0, 40) << ": " << out);
    CHECK(code == kConfirmed);
  }
  for (const auto& [definitions, also] : nested_past_the_limit()) {
    const auto [code, out] = checked(table, head + definitions + "(define-fun claim0 ((b3_0 Int)) Bool (and (>= b3_0 1000) " + also + "))\n");
    INFO(also.substr(0, 40) << ": " << out);
    CHECK(code == kUndecided);
    CHECK(out.find("is nested more than 1000 deep") != std::string::npos);
  }
}

TEST_CASE("no byte of a table makes the checker of claims fall over", "[invariants]") {
  const RuleTable table = table_of(kWorld + "allow pay Client.margin -> Client.wallet by trader when mode is normal\nfloor Client.margin >= need\n"
                                            "invariant balance(Client.margin) >= need unless mode is liquidating\n");
  const Bench bench;
  bench.write("c.smt2", proof_of(table).certificate);
  const auto bytes = table.bytes();
  const std::string good(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  unsigned unusable = 0;
  for (std::size_t at = 8; at < good.size(); at += 19) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x81);
    bench.write("table", bad);
    const auto [code, out] = bench.check("c.smt2");
    INFO("byte " << at << ": " << out);
    CHECK(code <= kUnusable);
    unusable += code == kUnusable;
  }
  CHECK(unusable > 50);
}
