// SPDX-License-Identifier: Apache-2.0
// Language reference 2 to 7 and 11 as typed policies: a golden dump with every construct, and tables of (text, what it becomes) for
// units, relations and references. Where a limit holds, it is tested exactly at it and one past it.
#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "compiler/literals.h"
#include "compiler/passes.h"

namespace ringfence {
namespace {

const std::string kBase = R"(policy "T" version "1"
asset USDC decimals 6
role trader, cfo
purpose pay
evidence slip
entity Client many  entity Position many  entity House
external Client.bank
account House.pool
bucket Client.wallet in House.pool
bucket Client.margin[Position] in House.pool
bucket House.fees
fact need of Client.margin : amount of USDC
fact due of Client : amount of USDC
fact cut : ratio
fact count : number
fact ok of Client : flag
mode of Client: normal, called
  normal -> called by trader
)";

Passed<TypedPolicy> checked(const std::string& source, const Limits& limits = {}) {
  const auto tree = parse(source, limits);
  INFO(render(tree.diagnostics, "test.rf", source));
  REQUIRE(tree.artefact);
  return check(*tree.artefact, source, limits);
}

/// The codes of the errors, in order of place, or "ok".
std::string codes(const std::string& source, const Limits& limits = {}) {
  const auto passed = checked(source, limits);
  std::string out;
  for (const Diagnostic& d : passed.diagnostics)
    if (d.severity == Severity::Error) out += (out.empty() ? "" : " ") + d.code;
  CHECK(passed.artefact.has_value() == out.empty());
  return out.empty() ? "ok" : out;
}

/// What the statements after kBase become, one a line, without the words that they quote.
std::string typed(const std::string& statements) {
  const auto passed = checked(kBase + statements);
  INFO(render(passed.diagnostics, "test.rf", kBase + statements));
  REQUIRE(passed.artefact);
  const std::string text = dump(*passed.artefact);
  const std::size_t head = text.find("mode of Client [Client] : normal, called\n"), begin = text.find('\n', head) + 1;
  return text.substr(begin, text.find("transition of Client") - begin);
}

/// The condition of a rule on wallet -> margin of one client, as dumped, or the codes of its errors.
std::string condition(const std::string& guard) {
  const std::string statements = "allow pay Client.wallet -> Client.margin by trader when " + guard + "\n";
  const std::string wrong = codes(kBase + statements);
  if (wrong != "ok") return wrong;
  const std::string text = typed(statements);
  const std::size_t begin = text.find("  when ") + 7;
  return text.substr(begin, text.rfind(" \"") - begin);
}

/// The pairs of a rule, as dumped, or the codes of its errors.
std::string pairs(const std::string& rule) {
  const std::string wrong = codes(kBase + rule);
  if (wrong != "ok") return wrong;
  const std::string text = typed(rule);
  const std::size_t begin = text.find('\n') + 1;
  return text.substr(begin);
}

TEST_CASE("each construct of the language becomes what the reference says") {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "tests/compiler/golden_typed")) {
    if (entry.path().extension() != ".rf") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    const auto passed = checked(source);
    INFO(render(passed.diagnostics, entry.path().filename().string(), source));
    REQUIRE(passed.artefact);
    const fs::path expected = fs::path(entry.path()).replace_extension(".typed");
    const std::string actual = dump(*passed.artefact);
    if (std::getenv("RINGFENCE_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << actual;
    std::ifstream golden(expected, std::ios::binary);
    CHECK(actual == std::string(std::istreambuf_iterator<char>(golden), {}));
  }
}

TEST_CASE("6.2: sums are exact, with one unit on both sides") {
  const std::pair<const char*, const char*> table[] = {
      {"amount <= 100 USDC", "1*amount + 0 <= 100000000"},
      {"amount <= 0", "1*amount + 0 <= 0"},
      {"amount <= 25% of need", "1*amount + 0 <= 1/4*need + 0"},
      {"amount <= 25% * need", "1*amount + 0 <= 1/4*need + 0"},
      {"amount <= need * 0.1", "1*amount + 0 <= 1/10*need + 0"},
      {"amount <= 2 * 3 * need", "1*amount + 0 <= 6*need + 0"},
      {"amount <= 50% of 3 USDC", "1*amount + 0 <= 1500000"},
      {"amount - amount <= need - (due - 1 USDC)", "0 <= 1*need + -1*due + 1000000"},
      {"amount + amount >= - due", "2*amount + 0 >= -1*due + 0"},
      {"cut <= 12.5%", "1*cut + 0 <= 125000"},
      {"cut + 50% of cut != 0", "3/2*cut + 0 != 0"},
      {"count + 1 > 2.5", "1*count + 1 > 5/2"},
      {"25% * 4 < count", "1 < 1*count + 0"},
      {"0 * amount = 0", "0 = 0"},
      {"amount <= 5", "E0301"},
      {"amount <= 5%", "E0301"},
      {"cut <= 5", "E0301"},
      {"amount <= cut", "E0301"},
      {"amount + count <= need", "E0301"},
      {"amount * count <= need", "E0302"},
      {"cut * need >= amount", "E0302"},
      {"amount * amount > 0", "E0302"},
      {"count * 1 USDC < amount", "E0302"},
  };
  for (const auto& [guard, expected] : table) {
    INFO(guard);
    CHECK(condition(guard) == expected);
  }
}

TEST_CASE("6.2 and 7.1: numbers at their bounds and one past") {
  CHECK(condition("amount <= 79228162514264337593543.950335 USDC") == "1*amount + 0 <= 79228162514264337593543950335");
  CHECK(condition("amount <= 79228162514264337593543.950336 USDC") == "E0304");
  CHECK(condition("amount <= 0.000001 USDC") == "1*amount + 0 <= 1");
  CHECK(condition("amount <= 0.0000001 USDC") == "E0303");
  CHECK(condition("amount <= 1.5000000000 USDC") == "1*amount + 0 <= 1500000");
  CHECK(condition("4611686018427387904 * count > 0") == "4611686018427387904*count + 0 > 0");
  CHECK(condition("4611686018427387905 * count > 0") == "E0304");
  CHECK(condition("2305843009213693952 * count + 2305843009213693952 * count > 0") == "4611686018427387904*count + 0 > 0");
  CHECK(condition("2305843009213693952 * count + 2305843009213693953 * count > 0") == "E0304");
  CHECK(condition("count > 170141183460469231731687303715884105727") == "1*count + 0 > 170141183460469231731687303715884105727");
  CHECK(condition("count > 170141183460469231731687303715884105728") == "E0304");
  CHECK(condition("count > 170141183460469231731687303715884105727 + 1") == "E0304");
  CHECK(condition("0.000000000000000001 * count > 0") == "1/1000000000000000000*count + 0 > 0");
  CHECK(condition("0.0000000000000000001 * count > 0") == "E0304");
}

TEST_CASE("2.10: ranges at their bounds and one past") {
  CHECK(codes(kBase + "fact a : amount of USDC from -79228162514264337593543.950335 USDC to 79228162514264337593543.950335 USDC") == "ok");
  CHECK(codes(kBase + "fact a : amount of USDC from 0 to 79228162514264337593543.950336 USDC") == "E0304");
  CHECK(codes(kBase + "fact a : number from -9223372036854775807 to 9223372036854775807") == "ok");
  CHECK(codes(kBase + "fact a : number from 0 to 9223372036854775808") == "E0304");
  CHECK(codes(kBase + "fact a : ratio from 0.0001% to 100%") == "ok");
  CHECK(codes(kBase + "fact a : ratio from 0.00001% to 100%") == "E0303");
  CHECK(codes(kBase + "fact a : number from 5 to 5") == "ok");
  CHECK(codes(kBase + "fact a : number from 6 to 5") == "E0212");
}

TEST_CASE("4.3: which ids a rule relates") {
  const std::pair<const char*, const char*> table[] = {
      {"allow pay Client.wallet -> Client.margin by trader", "  Client.wallet -> Client.margin same Client\n"},
      {"deny pay Client.wallet -> Client.margin", "  Client.wallet -> Client.margin same Client\n"},
      {"allow pay Client.margin -> other Client.margin by trader", "  Client.margin -> Client.margin other Client same Position\n"},
      {"deny pay Client.margin -> other Client.margin", "  Client.margin -> Client.margin other Client any Position\n"},
      {"deny pay Client.margin -> Client.margin", "  Client.margin -> Client.margin same Client any Position\n"},
      {"allow pay Client.margin[Position] -> Client.margin[other Position] by trader", "  Client.margin -> Client.margin same Client other Position\n"},
      {"allow pay Client.margin -> Client.margin[any Position] by trader", "  Client.margin -> Client.margin same Client any Position\n"},
      {"allow pay any Client.margin[Position] -> Client.margin[other Position] by trader", "  Client.margin -> Client.margin any Client other Position\n"},
      {"deny pay * -> Client.wallet", "  Client.bank -> Client.wallet any Client\n  Client.wallet -> Client.wallet any Client\n"
                                      "  Client.margin -> Client.wallet any Client\n  House.fees -> Client.wallet\n"},
      {"allow pay * -> Client.wallet by trader", "  Client.bank -> Client.wallet same Client\n  Client.margin -> Client.wallet same Client\n  House.fees -> Client.wallet\n"},
      {"deny pay Client.* -> other Client.wallet", "  Client.bank -> Client.wallet other Client\n  Client.wallet -> Client.wallet other Client\n"
                                                   "  Client.margin -> Client.wallet other Client\n"},
      {"allow pay Client.wallet -> Client.wallet by trader", "E0311"},
      {"deny pay Client.wallet -> Client.wallet", "E0311"},
      {"allow pay Client.margin -> Client.margin by trader", "E0311"},
      {"allow pay House.fees -> House.* by trader", "E0311"},
      {"allow pay other Client.wallet -> other Client.wallet by trader", "E0316"},
      {"allow pay other Client.wallet -> any Client.wallet by trader", "E0316"},
      {"allow pay * -> other Client.wallet by trader", "E0313"},
      {"deny pay any Client.wallet -> House.fees", "E0313"},
      {"allow pay Client.margin[other Position] -> Client.wallet by trader", "E0313"},
      {"allow pay any House.fees -> Client.wallet by trader", "E0312"},
      {"allow pay Client.margin[Client] -> House.fees by trader", "E0314"},
  };
  for (const auto& [rule, expected] : table) {
    INFO(rule);
    CHECK(pairs(std::string(rule) + "\n") == expected);
  }
}

TEST_CASE("6.4: a reference means something on every pair and under every relation, or is an error") {
  const std::pair<const char*, const char*> table[] = {
      {"allow pay Client.wallet -> other Client.wallet by trader when due > 0", "E0305"},
      {"allow pay Client.wallet -> any Client.wallet by trader when due > 0", "E0305"},
      {"allow pay Client.wallet -> any Client.wallet by trader when due(from) > 0", "ok"},
      {"allow pay Client.wallet -> other Client.margin by trader when need > 0", "ok"},
      {"allow pay Client.wallet -> other Client.margin by trader when balance(Client.wallet) > 0", "ok"},
      {"allow pay Client.* -> House.fees by trader when balance(from) > 0", "E0305"},
      {"allow pay Client.* -> House.fees by trader when due > 0", "ok"},
      {"allow pay * -> House.* by trader when due > 0", "ok"},
      {"allow pay House.fees -> Client.bank by trader when need > 0", "E0305"},
      {"allow pay Client.wallet -> other Client.wallet by trader when mode is called", "E0305"},
      {"allow pay Client.wallet -> other Client.wallet by trader when mode of to is called", "ok"},
      {"allow pay Client.wallet -> other Client.wallet by trader when ok", "E0305"},
      {"allow pay Client.wallet -> other Client.wallet by trader when ok(to)", "ok"},
      {"limit pay Client.wallet -> any Client.wallet per Client due per day", "ok"},
      {"limit pay Client.wallet -> any Client.wallet in total due per day", "E0305"},
  };
  for (const auto& [rule, expected] : table) {
    INFO(rule);
    CHECK(codes(kBase + rule + "\n") == expected);
  }
}

TEST_CASE("5.2: a limit without a pattern speaks of the moves that allow rules permit") {
  CHECK(typed("allow pay Client.wallet -> House.fees by trader\nallow pay Client.bank -> Client.wallet by trader\nlimit pay per Client due per day\n") ==
        "allow pay of USDC by trader line 19 \"allow pay Client.wallet -> House.fees by trader\"\n  Client.wallet -> House.fees\n"
        "allow pay of USDC by trader line 20 \"allow pay Client.bank -> Client.wallet by trader\"\n  Client.bank -> Client.wallet same Client\n"
        "limit pay of USDC per [Client] at most 1*due(from) + 0 per day line 21 \"limit pay per Client due per day\"\n"
        "  Client.bank -> Client.wallet any Client\n  Client.wallet -> House.fees\n");
  CHECK(codes(kBase + "allow pay House.fees -> Client.bank by trader\nlimit pay per Position 1 USDC per day\n") == "E0321");
  CHECK(codes(kBase + "allow pay House.fees -> Client.bank by trader\nlimit pay in total 0.000001 USDC per day\n") == "ok");
  CHECK(codes(kBase + "allow pay House.fees -> Client.bank by trader\nlimit pay in total 0 USDC per day\n") == "E0325");
}

TEST_CASE("a wrong declaration is reported once, and its uses are not") {
  const std::string uses = "bucket Client.spot[Nobody]\nallow pay Client.spot -> House.fees by trader when shaky > 0 and mode of House is open\nfact shaky of Nothing : number\n"
                           "floor Client.spot >= 5 USDC\nsegregate Client.spot from House\nmode of House: open, open\n  open -> shut by trader\n";
  CHECK(codes(kBase + uses) == "E0204 E0204 E0202");
}

TEST_CASE("limits hold exactly at their bound and one past") {
  std::string roles = "role r0";
  for (int i = 1; i < 62; ++i) roles += ", r" + std::to_string(i);   // with trader and cfo: 64
  CHECK(codes(kBase + roles + "\n") == "ok");
  CHECK(codes(kBase + roles + ", r62\n") == "E0203");
  std::string modes = "mode of House: m0";
  for (int i = 1; i < 64; ++i) modes += ", m" + std::to_string(i);
  CHECK(codes(kBase + modes + "\n") == "ok");
  CHECK(codes(kBase + modes + ", m64\n") == "E0203");
  Limits limits;
  limits.moves = 16;
  CHECK(codes(kBase + "deny pay * -> *\n", limits) == "ok");   // four buckets
  CHECK(codes(kBase + "deny pay * -> *\ndeny pay House.fees -> Client.bank\n", limits) == "E0315");
  limits = {};
  limits.diagnostics = 2;
  CHECK(codes(kBase + "deny a * -> *\ndeny b * -> *\n", limits) == "E0204 E0204");
  CHECK(codes(kBase + "deny a * -> * by b\ndeny c * -> *\n", limits) == "E0204 E0204 E0200");
}

TEST_CASE("20,000 rules over 400 buckets are checked in time that grows with the text") {
  std::string source = kBase;
  for (int i = 0; i < 400; ++i) source += "bucket Client.b" + std::to_string(i) + "\n";
  for (int i = 0; i < 20'000; ++i)
    source += "allow pay Client.b" + std::to_string(i % 400) + " -> Client.b" + std::to_string((i + 1 + i / 400) % 400) + " by trader when amount <= 50% of due and mode is normal\n";
  const auto tree = parse(source);
  REQUIRE(tree.artefact);
  const auto start = std::chrono::steady_clock::now();
  const auto passed = check(*tree.artefact, source);
  const auto taken = std::chrono::steady_clock::now() - start;
  REQUIRE(passed.artefact);
  CHECK(passed.artefact->rules.size() == 20'000);
  CHECK(taken < std::chrono::seconds(10));   // quadratic work would take minutes; loose for a sanitized build on a busy machine
}

TEST_CASE("1.3 and 1.5: numbers, amounts, durations, times and instants are read exactly or not at all") {
  CHECK(parse_number("1_000.250") == WideRational{4001, 4});
  CHECK(parse_number("0.0") == WideRational{0, 1});
  CHECK(!parse_number("1.2.3"));
  CHECK(!parse_number(""));
  CHECK(parse_amount("1.000000", 2).minor_units == 100);
  CHECK(parse_amount("1.001", 2).fault == AmountFault::TooFine);
  CHECK(parse_amount("x", 2).fault == AmountFault::NotANumber);
  CHECK(parse_duration_ms("0.5", "s") == 500);
  CHECK(parse_duration_ms("7", "d") == 604'800'000);
  CHECK(parse_duration_ms("366000", "d") == 31'622'400'000'000);
  CHECK(!parse_duration_ms("366001", "d"));
  CHECK(!parse_duration_ms("0.0005", "s"));
  CHECK(!parse_duration_ms("1", "week"));
  CHECK(parse_time_of_day("23:59") == 86'340u);
  CHECK(!parse_time_of_day("24:00"));
  CHECK(parse_instant_ms("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_instant_ms("2026-01-05T09:30:00.25Z") == 1'767'605'400'250);
  CHECK(parse_instant_ms("2024-02-29T00:00:00Z") == 1'709'164'800'000);
  CHECK(!parse_instant_ms("2026-02-29T00:00:00Z"));
  CHECK(!parse_instant_ms("2026-01-05T09:30:00"));
}

TEST_CASE("7.1: fractions never leave their bounds") {
  const Rational most{kRationalMax, 1};
  CHECK(make_rational(kRationalMax, 1) == most);
  CHECK(!make_rational(Int128{kRationalMax} + 1, 1));
  CHECK(make_rational(6, -4) == Rational{-3, 2});
  CHECK(!add(most, Rational{1, 1}));
  CHECK(add(most, Rational{-1, 1}) == Rational{kRationalMax - 1, 1});
  CHECK(!multiply(most, Rational{2, 1}));
  CHECK(multiply(most, Rational{1, kRationalMax}) == Rational{1, 1});
  CHECK(!add(WideRational{kInt128Max, 1}, WideRational{1, 1}));
  CHECK(!multiply(WideRational{kInt128Max, 1}, Rational{2, 1}));
  CHECK(multiply(WideRational{kInt128Max, 1}, Rational{-1, 1}) == WideRational{-kInt128Max, 1});
}

}  // namespace
}  // namespace ringfence
