// SPDX-License-Identifier: Apache-2.0
// See junit.h. The elements and attributes are those that Jenkins' xunit schema names; no time is given, as a scenario has a time of its own.
#include "command/junit.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringfence {
namespace {

/// For text and attributes. XML 1.0 has no control characters but tab and line ends.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\t': out += "&#9;"; break;
      case '\n': out += "&#10;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return out;
}

}  // namespace

std::string print_junit(const PolicyText& source, std::string_view policy_name, const ScenarioRun& run) {
  const auto failures = std::count_if(run.scenarios.begin(), run.scenarios.end(), [](const ScenarioResult& result) { return !result.passed; });
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\"", run.scenarios.size(), failures);
  std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", counts, escaped(policy_name), counts);
  for (const ScenarioResult& result : run.scenarios) {
    const auto place = source.place(result.line);
    text += fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\"", escaped(result.name), escaped(policy_name), escaped(place.path), place.line);
    if (result.passed) text += "/>\n";
    else text += fmt::format(">\n      <failure message=\"{}: {}\" type=\"scenario\">{}:{}: {}</failure>\n    </testcase>\n", escaped(source.in_words(result.failed_line)), escaped(result.failure),
                             escaped(place.path), source.place(result.failed_line).line, escaped(result.failure));
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace ringfence
