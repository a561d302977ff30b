// SPDX-License-Identifier: Apache-2.0
// Decimal text and exact integers: each row is (text, decimals) -> value or refused; what is printed reads back as itself.
#include <catch2/catch.hpp>

#include <string>

#include "runtime/decision.h"
#include "runtime/integer.h"

namespace ringfence {
namespace {

const char* const kMaxDigits = "79228162514264337593543950335";      // 2^96 - 1
const char* const kOnePastMax = "79228162514264337593543950336";     // 2^96

std::string read(const std::string& text, unsigned decimals) {
  Int128 value = 12345;
  if (!parse_decimal(text.data(), text.data() + text.size(), decimals, value)) {
    return value == 12345 ? "refused" : "refused, but changed";
  }
  return to_string(value);
}

TEST_CASE("decimal text is read exactly") {
  struct Row { const char* text; unsigned decimals; const char* value; };
  const Row rows[] = {
      {"0", 0, "0"}, {"-0", 0, "0"}, {"1", 0, "1"}, {"1_000_000", 0, "1000000"}, {"1.5", 6, "1500000"}, {"-1.5", 6, "-1500000"},
      {"0.000001", 6, "1"}, {"7", 18, "7000000000000000000"}, {"007", 0, "7"}, {"1.50", 2, "150"}, {"-2", 2, "-200"},
      {kMaxDigits, 0, kMaxDigits}, {"79228162514264337593543.950335", 6, kMaxDigits},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.decimals);
    CHECK(read(row.text, row.decimals) == row.value);
  }
  CHECK(read(std::string("-") + kMaxDigits, 0) == std::string("-") + kMaxDigits);
}

TEST_CASE("anything else is refused and leaves the value alone") {
  const char* const rows[] = {"", "-", "+1", " 1", "1 ", "_1", "1_", "1__0", "1.", ".5", "1.5.5", "1.1234567", "1e3", "0x10", "--1", "1._5",
                              "1.5_0", "1.-5", "79228162514264337593543.950336", "1,5", "a"};
  for (const char* text : rows) {
    CAPTURE(text);
    CHECK(read(text, 6) == "refused");
  }
  CHECK(read("1.0", 0) == "refused");
  CHECK(read(kOnePastMax, 0) == "refused");
  CHECK(read(std::string("-") + kOnePastMax, 0) == "refused");
  CHECK(read("79228162514264337593544", 6) == "refused");
  CHECK(read(std::string(10'000, '9'), 0) == "refused");
  CHECK(read(std::string("1\0", 2), 0) == "refused");
}

TEST_CASE("integers are printed in full") {
  CHECK(to_string(0) == "0");
  CHECK(to_string(-1) == "-1");
  CHECK(to_string(kAmountMax) == kMaxDigits);
  CHECK(to_string(kInt128Max) == "170141183460469231731687303715884105727");
  CHECK(to_string(-kInt128Max - 1) == "-170141183460469231731687303715884105728");
}

TEST_CASE("minor units are printed without trailing zeros") {
  CHECK(format_decimal(1'500'000, 6) == "1.5");
  CHECK(format_decimal(1'000'000, 6) == "1");
  CHECK(format_decimal(1, 6) == "0.000001");
  CHECK(format_decimal(0, 6) == "0");
  CHECK(format_decimal(-1'050, 3) == "-1.05");
  CHECK(format_decimal(-1, 1) == "-0.1");
  CHECK(format_decimal(120, 0) == "120");
  CHECK(format_decimal(kAmountMax, 18) == "79228162514.264337593543950335");
}

TEST_CASE("what is printed reads back as itself") {
  for (unsigned decimals = 0; decimals <= 18; ++decimals) {
    for (Int128 value = 1; value <= kAmountMax / 7; value = value * 7 + 3) {
      Int128 back = 0;
      const std::string text = format_decimal(-value, decimals);
      CAPTURE(text, decimals);
      REQUIRE(parse_decimal(text.data(), text.data() + text.size(), decimals, back));
      REQUIRE(to_string(back) == to_string(-value));
    }
  }
}

TEST_CASE("each reason has its own word") {
  CHECK(std::string(reason_word(Reason::Allowed)) == "allowed");
  CHECK(std::string(reason_word(Reason::Floor)) == "floor");
  CHECK(std::string(reason_word(Reason::Batch)) == "batch");
  CHECK(std::string(reason_sentence(Reason::Funds)) == "the source, or its account, does not hold the amount");
}

}  // namespace
}  // namespace ringfence
