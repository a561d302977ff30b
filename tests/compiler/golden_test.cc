// SPDX-License-Identifier: Apache-2.0
// Every diagnostic as people see it: for each golden/NAME.rf, what `compile` reports must be golden/NAME.err; each code of
// diagnostics.def must be in one of them. For each golden_ok/NAME.rf, the syntax tree must be golden_ok/NAME.ast.
// A first line `# limit rules 2` lowers one of the Limits, so that a small file shows what a large one would get.
// RINGFENCE_UPDATE_GOLDEN=1 writes the files instead; read the difference before committing it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/passes.h"

namespace {

namespace fs = std::filesystem;
using namespace ringfence;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_in(const char* folder, const char* extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "tests/compiler" / folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

void check_golden(const fs::path& path, const std::string& actual) {
  if (std::getenv("RINGFENCE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  INFO(path.filename().string());
  CHECK(actual == read_file(path));
}

Limits limits_of(const std::string& source) {
  Limits limits;
  std::istringstream first_line(source.substr(0, source.find('\n')));
  std::string hash, limit, name;
  std::size_t value = 0;
  if (!(first_line >> hash >> limit >> name >> value) || hash != "#" || limit != "limit") return limits;
  if (name == "source_bytes") limits.source_bytes = value;
  else if (name == "statement_tokens") limits.statement_tokens = value;
  else if (name == "rules") limits.rules = value;
  else if (name == "moves") limits.moves = value;
  else if (name == "diagnostics") limits.diagnostics = value;
  else FAIL("a golden file lowers no limit called " << name);
  return limits;
}

TEST_CASE("each golden policy gets its diagnostics") {
  const auto policies = files_in("golden", ".rf");
  REQUIRE(!policies.empty());
  for (fs::path path : policies) {
    const std::string source = read_file(path);
    const std::string name = path.filename().string();
    check_golden(path.replace_extension(".err"), render(compile(source, limits_of(source)).diagnostics, name, source));
  }
}

TEST_CASE("each diagnostic is in a golden file") {
  std::string all;
  for (const fs::path& path : files_in("golden", ".err")) all += read_file(path);
#define X(code, about)      \
  INFO(#code ": " about);   \
  CHECK(all.find(" " #code ": ") != std::string::npos);
#include "compiler/diagnostics.def"
#undef X
}

TEST_CASE("each golden file belongs to a policy") {
  for (fs::path path : files_in("golden", ".err")) CHECK(fs::exists(path.replace_extension(".rf")));
  for (fs::path path : files_in("golden_ok", ".ast")) CHECK(fs::exists(path.replace_extension(".rf")));
}

TEST_CASE("each sound policy has its syntax tree") {
  const auto policies = files_in("golden_ok", ".rf");
  REQUIRE(!policies.empty());
  for (fs::path path : policies) {
    const std::string source = read_file(path);
    const auto parsed = parse(source);
    INFO(render(parsed.diagnostics, path.filename().string(), source));
    REQUIRE(parsed.artefact);
    check_golden(path.replace_extension(".ast"), dump(*parsed.artefact));
  }
}

}  // namespace
