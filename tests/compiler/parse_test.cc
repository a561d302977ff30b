// SPDX-License-Identifier: Apache-2.0
// What parse accepts, where its limits are, what it makes of any bytes, and that its time is linear. Messages are in golden/.
#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "compiler/passes.h"

namespace {

using namespace ringfence;

const std::string kPolicy = "policy \"P\" version \"1\"\n";

std::string sketch() {
  std::ifstream file(SOURCE_DIR "/tests/compiler/golden_ok/sketch.rf", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string code_of(const std::string& source, const Limits& limits = {}) {
  const auto parsed = parse(source, limits);
  REQUIRE(parsed.artefact.has_value() == parsed.diagnostics.empty());
  return parsed.diagnostics.empty() ? "ok" : parsed.diagnostics.front().code;
}

std::string repeated(std::size_t times, const std::string& text) {
  std::string all;
  all.reserve(times * text.size());
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("a word of the language may be a name where nothing is ambiguous") {
  CHECK(code_of(kPolicy + "entity Client many bucket Client.custody bucket Client.limit bucket Client.mode bucket Client.and") == "ok");
  CHECK(code_of(kPolicy + "role version, decimals, title purpose number, ratio, flag, day entity many many") == "ok");
  CHECK(code_of(kPolicy + "role trader, when") == "E0111");
}

TEST_CASE("layout does not matter") {
  const std::string spaced = kPolicy + "role a , b\n\n# comment\n\tasset USD # more\r\n decimals 2 \"t\"";
  const std::string tight = "\xEF\xBB\xBFpolicy\"P\"version\"1\"role a,b asset USD decimals 2\"t\"";
  REQUIRE(parse(spaced).artefact);
  REQUIRE(parse(tight).artefact);
  CHECK(dump(*parse(spaced).artefact) == dump(*parse(tight).artefact));
}

TEST_CASE("ranges are exact bytes") {
  const std::string source = kPolicy + "bucket Client.wallet \"\xC3\xA9\xC3\xA9\"  role trader # end\n";
  const auto parsed = parse(source);
  REQUIRE(parsed.artefact);
  const auto text_of = [&](SourceRange r) { return source.substr(r.begin, r.end - r.begin); };
  REQUIRE(parsed.artefact->statements.size() == 2);
  CHECK(text_of(parsed.artefact->statements[0].range) == "bucket Client.wallet \"\xC3\xA9\xC3\xA9\"");
  CHECK(text_of(parsed.artefact->statements[1].range) == "role trader");
}

TEST_CASE("a number before the next transition or step takes no unit from it") {
  const auto parsed = parse(kPolicy + "mode of Client : a, b a -> b by r when n < 5 b -> a by r when n < 5 USD\n"
                                      "scenario \"s\" with n = 5 pay 5 USD from A.b to A.c by r -> allowed");
  REQUIRE(parsed.artefact);
  const std::string text = dump(*parsed.artefact);
  CHECK(text.find("literal 5\n") != std::string::npos);
  CHECK(text.find("literal 5 USD\n") != std::string::npos);
  CHECK(text.find("with n = 5\n") != std::string::npos);
}

TEST_CASE("ids are cut by their characters") {
  const auto parsed = parse(kPolicy + "scenario \"s\"\n"
                                      "  given A.b of 2026-01.x:y@z, limit holds 5 USD\n"
                                      "  pay 5 USD from A.b of a-1, # comment\n 9 to A.b of to by ann-2 as r approved by b.c as r and s, 7 as r -> denied by floor\n"
                                      "  pay 5 USD from A.b of x to A.b of y by r-> allowed\n"
                                      "role r");
  REQUIRE(parsed.artefact);
  const std::string text = dump(*parsed.artefact);
  CHECK(text.find("given A.b of 2026-01.x:y@z, limit holds 5 USD\n") != std::string::npos);
  CHECK(text.find("pay 5 USD from A.b of a-1, 9 to A.b of to by ann-2 as r approved by b.c as r, s approved by 7 as r -> denied by floor\n") !=
        std::string::npos);
  CHECK(text.find("by r -> allowed\n") != std::string::npos);
  CHECK(text.find("role r\n") != std::string::npos);
}

TEST_CASE("each limit holds at its number and one past it") {
  Limits limits;
  const std::string role = kPolicy + "role abcd";
  limits.source_bytes = role.size();
  CHECK(code_of(role, limits) == "ok");
  CHECK(code_of(role + " ", limits) == "E0101");

  limits = {};
  limits.name_bytes = 4;
  CHECK(code_of(role, limits) == "ok");
  CHECK(code_of(role + "e", limits) == "E0107");

  limits = {};
  limits.text_bytes = 4;
  CHECK(code_of(kPolicy + "account A.b \"12\\\"4\"", limits) == "ok");
  CHECK(code_of(kPolicy + "account A.b \"12\\\"45\"", limits) == "E0106");

  limits = {};
  limits.rules = 2;
  CHECK(code_of(kPolicy + repeated(2, "deny a A.b -> A.c "), limits) == "ok");
  CHECK(code_of(kPolicy + repeated(3, "deny a A.b -> A.c "), limits) == "E0114");

  limits = {};
  limits.statement_tokens = 10;
  CHECK(code_of(kPolicy + "role a, b, c, d, e", limits) == "ok");
  CHECK(code_of(kPolicy + "role a, b, c, d, e, f", limits) == "E0113");
}

TEST_CASE("nesting holds at its limit and not past it") {
  const std::string floor = kPolicy + "floor A.b >= 5 unless ";
  const auto nested = [&](const char* open, std::size_t depth, const char* inside, const char* close) {
    return floor + repeated(depth, open) + inside + repeated(depth, close);
  };
  CHECK(code_of(nested("(", 64, "f", ")")) == "ok");
  CHECK(code_of(nested("(", 65, "f", ")")) == "E0108");
  CHECK(code_of(nested("not ", 64, "f", "")) == "ok");
  CHECK(code_of(nested("not ", 65, "f", "")) == "E0108");
  CHECK(code_of(nested("-", 64, "5 < 6", "")) == "ok");
  CHECK(code_of(nested("-", 65, "5 < 6", "")) == "E0108");
  CHECK(code_of(nested("5% of ", 64, "x < 6", "")) == "ok");
  CHECK(code_of(nested("5% of ", 65, "x < 6", "")) == "E0108");
  CHECK(code_of(nested("not (", 32, "f", ")")) == "ok");
  CHECK(code_of(nested("not (", 33, "f", ")")) == "E0108");
}

TEST_CASE("no more diagnostics than the limit") {
  for (std::size_t limit : {1u, 2u, 100u}) {
    Limits limits;
    limits.diagnostics = limit;
    const auto parsed = parse(kPolicy + repeated(200, "role 1\n"), limits);
    CHECK(parsed.diagnostics.size() == limit);
    CHECK(parsed.diagnostics.back().code == "E0115");
  }
}

double seconds_to_parse(const std::string& source) {
  const auto start = std::chrono::steady_clock::now();
  const auto parsed = parse(source);
  CHECK(parsed.diagnostics.size() <= Limits{}.diagnostics);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST_CASE("adversarial texts end") {
  constexpr std::size_t kBytes = 200'000;
  const std::string guard = kPolicy + "allow a A.b -> C.d by e when ";
  for (const char* piece : {"(", "[", "allow ", "allow\n", "\"", "\"\\", "\"\xC3\xA9\n", "not ", "- ", "5% of ", "a + ", "a and ", "#", "deny a A.b -> ",
                            "of ", "given ", "scenario \"s\" ", "together ", "mode of ", "->", "any ", "\r\n", ".", "5 "}) {
    INFO(piece);
    const std::size_t times = kBytes / std::string(piece).size();
    for (const std::string& before : {std::string(), guard, kPolicy + "scenario \"s\" given A.b of "})
      CHECK(seconds_to_parse(before + repeated(times, piece)) < 60);   // a bound on hanging, not a measurement
  }
}

TEST_CASE("random bytes never crash") {
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string source(random() % 400, '\0');
    for (char& c : source) c = static_cast<char>(i % 2 == 0 ? random() : 0x20 + random() % 0x5F);
    code_of(source);
  }
}

TEST_CASE("random words never crash") {
  const std::vector<std::string> words{
      "policy", "asset", "role", "purpose", "evidence", "entity", "external", "account", "bucket", "fact", "mode", "segregate", "allow", "deny",
      "floor", "limit", "scenario", "cite", "in", "of", "from", "to", "by", "per", "each", "custody", "any", "other", "anyone", "system", "passing",
      "title", "when", "unless", "requires", "because", "notify", "and", "or", "not", "is", "approved", "time", "between", "amount", "balance",
      "total", "after", "given", "with", "at", "change", "together", "end", "true", "many", "number", "day", "holds", "allowed", "denied", "showing",
      "as", "->", "<=", ">=", "!=", "<", "=", "+", "-", "*", ",", ":", ".", "(", ")", "[", "]", "x", "Client", "5", "25%", "08:00",
      "2026-01-05T09:30:00Z", "\"t\"", "\"", "\n", "#"};
  std::mt19937 random(13);
  for (int i = 0; i < 20'000; ++i) {
    std::string source = i % 4 == 0 ? "" : kPolicy;
    for (std::size_t n = random() % 60; n > 0; --n) source += words[random() % words.size()] + " ";
    code_of(source);
  }
}

TEST_CASE("mutated policies never crash") {
  const std::string sound = sketch();
  REQUIRE(code_of(sound) == "ok");
  std::mt19937 random(17);
  for (int i = 0; i < 3'000; ++i) {
    std::string source = sound;
    for (std::size_t n = 1 + random() % 3; n > 0; --n) {
      const std::size_t at = random() % source.size(), length = random() % 20;
      switch (random() % 4) {
        case 0: source.erase(at, length); break;
        case 1: source.insert(at, source.substr(random() % source.size(), length)); break;
        case 2: source[at] = static_cast<char>(0x20 + random() % 0x5F); break;
        default: source.resize(at + 1); break;
      }
    }
    code_of(source);
  }
}

TEST_CASE("20,000 rules are read in linear time") {
  const auto rules = [](std::size_t count) {
    return kPolicy + repeated(count, "allow withdraw Client.wallet -> Client.bank by trader\n  when amount <= 1_000 USDC or approved by 2 of treasurer\n");
  };
  seconds_to_parse(rules(2'000));   // fills ANTLR's tables
  const double small = seconds_to_parse(rules(2'000)), large = seconds_to_parse(rules(20'000));
  CHECK(large < 40 * small + 1);   // tenfold text; the rest is room for a busy machine
}

}  // namespace
