// SPDX-License-Identifier: Apache-2.0
// A policy text in, and its syntax tree; out come its mutants: texts that differ from it by one small mistake of mutation.def, each as the edits that
// make it. Holds: a mutant has as many lines as the policy, so that lines mean the same in both; mutants are in text order, by kind in a statement.
// Whether a mutant is still a policy, and whether it means something else, is not known here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ast.h"

namespace ringfence {

enum class MutationKind : std::uint8_t {
#define X(identifier, word, sentence) identifier,
#include "command/mutation.def"
#undef X
};
const char* mutation_word(MutationKind) noexcept;
const char* mutation_sentence(MutationKind) noexcept;

struct Edit { SourceRange range; std::string text; };
struct Mutant {
  MutationKind kind{};
  std::uint32_t line = 0;      ///< of the place that is changed
  std::string what;            ///< "`other` is left out of `Client.margin[other Position]`"
  std::vector<Edit> edits;     ///< ascending, none overlaps another
};

/// Scenarios, declarations, fences and invariants are left alone: the last two are what a mistake is noticed by.
std::vector<Mutant> make_mutants(const PolicyAst&, std::string_view source);

/// The mutant's text.
std::string mutated(std::string_view source, const Mutant&);
/// The lines that differ, each as it was after "- " and as it is after "+ ".
std::vector<std::string> changed_lines(std::string_view source, std::string_view mutated);

}  // namespace ringfence
