// SPDX-License-Identifier: Apache-2.0
// Places and carets: tabs, characters of several bytes and of two columns, long lines, ranges past the line, any bytes.
#include <catch2/catch.hpp>

#include <random>
#include <string>

#include "compiler/diagnostic.h"

namespace {

using namespace ringfence;

std::string shown(std::string source, SourceRange range) {
  const std::string text = render(Diagnostic{"E0110", Severity::Error, range, "message", ""}, "p.rf", source);
  return text.substr(text.find('\n') + 1);
}

TEST_CASE("a place is a line and a column of code points") {
  const std::string source = "ab\n\xC3\xA9x\r\nz";
  CHECK(place_of(source, 0).line == 1);
  CHECK(place_of(source, 1).column == 2);
  CHECK(place_of(source, 3).line == 2);
  CHECK(place_of(source, 5).column == 2);   // after a character of two bytes
  CHECK(place_of(source, 8).line == 3);
  CHECK(place_of(source, 99).line == 3);    // past the end: the last place
}

TEST_CASE("the caret stands under the range") {
  CHECK(shown("role tradr", {5, 10}) == "  role tradr\n       ^~~~~\n");
  CHECK(shown("role x", {5, 6}) == "  role x\n       ^\n");
  CHECK(shown("\trole x", {6, 7}) == "  \trole x\n  \t     ^\n");
  CHECK(shown("\xC3\xA9 x", {3, 4}) == "  \xC3\xA9 x\n    ^\n");
  CHECK(shown("\xE6\x97\xA5 x", {4, 5}) == "  \xE6\x97\xA5 x\n     ^\n");   // two columns wide
}

TEST_CASE("the caret stays on its line") {
  CHECK(shown("ab\ncd", {1, 5}) == "  ab\n   ^\n");
  CHECK(shown("ab\r\ncd", {0, 6}) == "  ab\n  ^~\n");
  CHECK(shown("ab", {2, 2}) == "  ab\n    ^\n");
  CHECK(shown("", {0, 0}) == "  \n  ^\n");
  CHECK(shown("ab", {70, 90}) == "  ab\n    ^\n");
}

TEST_CASE("a long line is cut around the caret") {
  std::string source(500, 'a');   // appended to, not added up: g++ 12 warns of the sum (its bug 105651)
  source.append("b").append(500, 'c');
  const std::string text = shown(source, {500, 501});
  CHECK(text == "  ..." + std::string(60, 'a') + "b" + std::string(99, 'c') + "...\n     " + std::string(60, ' ') + "^\n");
}

TEST_CASE("what would steer a terminal is not passed on") {
  CHECK(shown("a\x1B[2J", {0, 1}) == "  a?[2J\n  ^\n");
  CHECK(shown("a\xE2\x80\xAE", {0, 1}) == "  a?\n  ^\n");
  const Diagnostic diagnostic{"E0110", Severity::Warning, {}, "bell \x07", "help \x1B"};
  CHECK(render(diagnostic, "p.rf", "x") == "p.rf:1:1: warning E0110: bell ?\n  x\n  ^\n    help: help ?\n");
}

TEST_CASE("several are shown in order of place and counted") {
  const Diagnostics both{{"E0110", Severity::Error, {3, 4}, "second", ""}, {"W0501", Severity::Warning, {0, 1}, "first", ""}};
  CHECK(render(both, "p.rf", "a\n b") ==
        "p.rf:1:1: warning W0501: first\n  a\n  ^\np.rf:2:2: error E0110: second\n   b\n   ^\n1 error, 1 warning\n");
  CHECK(has_errors(both));
  CHECK_FALSE(has_errors({both[1]}));
  CHECK(render(Diagnostics{}, "p.rf", "").empty());
}

TEST_CASE("any bytes and any range are shown") {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string source(random() % 40, '\0');
    for (char& c : source) c = static_cast<char>(random());
    const SourceRange range{static_cast<std::uint32_t>(random() % 50), static_cast<std::uint32_t>(random() % 50)};
    const std::string text = shown(source, range);
    REQUIRE(text.find('^') != std::string::npos);
    REQUIRE(text.find('\x1B') == std::string::npos);
  }
}

}  // namespace
