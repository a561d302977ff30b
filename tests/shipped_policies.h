// SPDX-License-Identifier: Apache-2.0
// The policies that are shipped, for tests: each with its path, from which the files are found that it names.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "compiler/files_beside.h"
#include "compiler/passes.h"
#include "runtime/rule_table.h"

namespace ringfence::test {

/// A test may change the text.
struct ShippedPolicy { std::filesystem::path path; std::string text; };

/// By "isolated_margin/policy.rf".
inline ShippedPolicy shipped_policy(const std::filesystem::path& name) {
  const std::filesystem::path path = std::filesystem::path(SOURCE_DIR) / "policies" / name;
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {path, {std::istreambuf_iterator<char>(file), {}}};
}

/// All, by their paths.
inline std::vector<ShippedPolicy> shipped_policies() {
  const std::filesystem::path folder = std::filesystem::path(SOURCE_DIR) / "policies";
  std::vector<ShippedPolicy> policies;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".rf") policies.push_back(shipped_policy(entry.path().lexically_relative(folder)));
  std::sort(policies.begin(), policies.end(), [](const ShippedPolicy& one, const ShippedPolicy& other) { return one.path < other.path; });
  CHECK(policies.size() >= 30);
  return policies;
}

inline Compiled compiled(const ShippedPolicy& policy) {
  Passed<Compiled> passed = compile(policy.text, {}, files_beside(policy.path.string()));
  INFO(render(passed.diagnostics, policy.path.string(), policy.text));
  REQUIRE(passed.artefact);
  return *std::move(passed.artefact);
}

inline RuleTable table_of(const ShippedPolicy& policy) {
  auto loaded = RuleTable::load(compiled(policy).table);
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  return std::move(std::get<RuleTable>(loaded));
}

}  // namespace ringfence::test
