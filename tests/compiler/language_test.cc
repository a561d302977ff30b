// SPDX-License-Identifier: Apache-2.0
// The language reference as a test: every block of grammar/language.md marked `ringfence` compiles, a fragment after the policy that the
// examples belong to, and its scenarios pass; every item has its number, title, sentence, rule and example; the tables of sections 9 and
// 12 are runtime/reasons.def and runtime/limits.h.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "command/run_scenarios.h"
#include "compiler/files_beside.h"
#include "compiler/passes.h"

namespace ringfence {
namespace {

using Lines = std::vector<std::string>;

Lines reference() {
  std::ifstream file(std::string(SOURCE_DIR) + "/grammar/language.md", std::ios::binary);
  REQUIRE(file);
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

struct Block { std::size_t line = 0; std::string text; };

/// The blocks between ```ringfence and ```, in order. A block that does not end is a failure.
std::vector<Block> blocks_of(const Lines& lines) {
  std::vector<Block> blocks;
  bool inside = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!inside && lines[i] == "```ringfence") {
      inside = true;
      blocks.push_back({i + 1, ""});
    } else if (inside && lines[i] == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += lines[i] + '\n';
    } else {
      INFO("line " << i + 1);
      CHECK(lines[i].rfind("```", 0) != 0);   // an example that is not marked would not be tested
    }
  }
  CHECK_FALSE(inside);
  return blocks;
}

bool is_whole(const Block& block) { return block.text.rfind("policy ", 0) == 0; }

/// The lines of section `number`, without its heading.
Lines section(const Lines& lines, int number) {
  const std::string heading = "## " + std::to_string(number) + ".";
  Lines found;
  bool inside = false;
  for (const std::string& line : lines) {
    if (line.rfind("## ", 0) == 0) inside = line.rfind(heading, 0) == 0;
    else if (inside) found.push_back(line);
  }
  return found;
}

/// The cells of a table's rows that come after its head.
std::vector<Lines> rows_of(const Lines& lines) {
  std::vector<Lines> rows;
  for (const std::string& line : lines) {
    if (line.rfind("| ", 0) != 0) continue;
    Lines cells;
    std::istringstream stream(line.substr(2));
    for (std::string cell; std::getline(stream, cell, '|');) {
      const std::size_t begin = cell.find_first_not_of(' '), end = cell.find_last_not_of(' ');
      if (begin != std::string::npos) cells.push_back(cell.substr(begin, end - begin + 1));
    }
    rows.push_back(std::move(cells));
  }
  REQUIRE_FALSE(rows.empty());
  rows.erase(rows.begin());
  return rows;
}

TEST_CASE("each example of the language reference compiles, and its scenarios pass") {
  const std::vector<Block> blocks = blocks_of(reference());
  REQUIRE(blocks.size() > 1);
  REQUIRE(is_whole(blocks.front()));
  std::size_t written_count = 0, run_count = 0;
  for (const Block& block : blocks) {
    for (std::size_t at = block.text.find("scenario \""); at != std::string::npos; at = block.text.find("scenario \"", at + 1)) ++written_count;
    const std::string source = is_whole(block) ? block.text : blocks.front().text + block.text;
    Passed<Compiled> passed = compile(source, {}, files_beside(std::string(SOURCE_DIR) + "/grammar/language.md"));
    INFO("grammar/language.md, line " << block.line << ":\n" << render(passed.diagnostics, "example", source));
    CHECK(passed.artefact);
    if (!passed.artefact) continue;
    auto loaded = RuleTable::load(std::move(passed.artefact->table));
    REQUIRE(std::holds_alternative<RuleTable>(loaded));
    const LoadedPolicy policy{std::move(passed.artefact->policy), std::move(passed.artefact->moves), std::move(std::get<RuleTable>(loaded))};
    for (const ScenarioResult& result : run_scenarios(policy).scenarios) {
      INFO(result.name << ", line " << result.failed_line << " of the policy with its fragment: " << result.failure);
      CHECK(result.passed);
      ++run_count;
    }
  }
  CHECK(run_count == written_count);
  CHECK(run_count > 0);
}

struct Item { bool rule = false, example = false; std::size_t block_count = 0; };

/// By number n.m. An item begins with its number and title in bold, and then, on the same line, its plain sentence.
std::map<std::pair<int, int>, Item> items_of(const Lines& lines) {
  static const std::regex title(R"(\*\*(\d+)\.(\d+) [^*]+\.\*\* \S.*)");
  std::map<std::pair<int, int>, Item> items;
  Item* item = nullptr;
  std::pair<int, int> last{0, 0};
  for (const std::string& line : lines) {
    std::smatch match;
    if (std::regex_match(line, match, title)) {
      const std::pair<int, int> number{std::stoi(match[1]), std::stoi(match[2])};
      INFO(line);
      CHECK(last < number);
      last = number;
      item = &items[number];
    } else if (line.rfind("## ", 0) == 0 || line.rfind("**", 0) == 0) {
      item = nullptr;
    }
    if (item == nullptr) continue;
    if (line.rfind("*Rule.* ", 0) == 0) {
      CHECK_FALSE(item->example);   // the rule comes first
      item->rule = true;
    }
    if (line.rfind("*Example.*", 0) == 0) item->example = true;
    if (line == "```ringfence") {
      CHECK(item->example);
      ++item->block_count;
    }
  }
  return items;
}

TEST_CASE("each numbered item of the language reference has a rule and an example") {
  // Comments in the code and names of tests cite these numbers: none may go or change its place.
  const std::map<int, int> counts = {{1, 6}, {2, 13}, {3, 8}, {4, 8}, {5, 2}, {6, 10}, {7, 2}, {8, 10}, {10, 5}, {11, 5}};
  const auto items = items_of(reference());
  std::size_t expected_count = 0;
  for (const auto& [chapter, count] : counts) {
    for (int i = 1; i <= count; ++i, ++expected_count) {
      INFO(chapter << "." << i);
      const auto found = items.find({chapter, i});
      REQUIRE(found != items.end());
      CHECK(found->second.rule);
      CHECK(found->second.example);
      if ((chapter >= 2 && chapter <= 7) || chapter == 11) CHECK(found->second.block_count >= 1);
    }
  }
  CHECK(items.size() == expected_count);
}

TEST_CASE("section 9 of the language reference lists the reasons, in their order") {
  const std::vector<Lines> expected = {
#define X(identifier, word, sentence) {"`" word "`", sentence},
#include "runtime/reasons.def"
#undef X
  };
  CHECK(rows_of(section(reference(), 9)) == expected);
}

/// "33,554,432 (32 MiB)" is 33554432.
std::size_t number_of(const std::string& text) {
  std::string digits;
  for (const char c : text.substr(0, text.find(' ')))
    if (c != ',') digits += c;
  REQUIRE_FALSE(digits.empty());
  REQUIRE(digits.find_first_not_of("0123456789") == std::string::npos);
  return std::stoull(digits);
}

TEST_CASE("section 12 of the language reference lists the limits") {
  const Limits limits;
  const std::map<std::string, std::size_t> expected = {
      {"source_bytes", limits.source_bytes}, {"nesting", limits.nesting}, {"name_bytes", limits.name_bytes}, {"text_bytes", limits.text_bytes},
      {"statement_tokens", limits.statement_tokens}, {"rules", limits.rules}, {"moves", limits.moves}, {"diagnostics", limits.diagnostics},
      {"table_bytes", limits.table_bytes}, {"transfer_line_bytes", limits.transfer_line_bytes}, {"kKeysMax", kKeysMax}, {"kRolesMax", kRolesMax},
      {"kEvidenceMax", kEvidenceMax}, {"kModesMax", kModesMax}, {"kPurposesMax", kPurposesMax}, {"kAssetsMax", kAssetsMax},
      {"kEntitiesMax", kEntitiesMax}, {"kBucketsMax", kBucketsMax}, {"kDecimalsMax", kDecimalsMax}, {"kApprovalsMax", kApprovalsMax},
      {"kSlotsMax", kSlotsMax}, {"kTermsMax", kTermsMax}, {"kBatchMax", kBatchMax}, {"kCalendarYearsMax", kCalendarYearsMax}, {"kBusinessDayMax", kBusinessDayMax}};
  std::map<std::string, std::size_t> listed;
  for (const Lines& cells : rows_of(section(reference(), 12))) {
    REQUIRE(cells.size() == 3);
    REQUIRE(cells[2].size() > 2);
    listed[cells[2].substr(1, cells[2].size() - 2)] = number_of(cells[1]);
  }
  CHECK(listed == expected);
}

}  // namespace
}  // namespace ringfence
