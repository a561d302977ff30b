// SPDX-License-Identifier: Apache-2.0
// A policy's text in, its loaded rule table out, for tests: the text must have no errors.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <catch2/catch.hpp>

#include "compiler/passes.h"
#include "runtime/rule_table.h"

namespace ringfence::test {

inline RuleTable table_of(const std::string& source) {
  auto compiled = compile(source);
  INFO(source << "\n" << render(compiled.diagnostics, "policy.rf", source));
  REQUIRE(compiled.artefact);
  auto loaded = RuleTable::load(std::move(compiled.artefact->table));
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  return std::move(std::get<RuleTable>(loaded));
}

}  // namespace ringfence::test
