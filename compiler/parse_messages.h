// SPDX-License-Identifier: Apache-2.0
// What to tell an author whose text does not fit the grammar: what was found, what could stand there in words of the language, and
// how the statement at hand is written.
#pragma once

#include "compiler/parse_tree.h"

namespace ringfence {

/// `found` can't stand where it is. `expected` may be empty (not known); `context` is the innermost rule being read, or null.
void report_unexpected(std::string_view source, antlr4::Token* found, const antlr4::misc::IntervalSet& expected,
                       antlr4::ParserRuleContext* context, DiagnosticSink&);
/// `found` begins no statement. `previous` is the rule of the statement before it, or kNoRule.
inline constexpr std::size_t kNoRule = ~std::size_t{0};
void report_no_statement(std::string_view source, antlr4::Token* found, std::size_t previous, DiagnosticSink&);
/// How a statement is written, for a rule of the grammar that is one; else empty.
std::string synopsis(std::size_t rule);

}  // namespace ringfence
