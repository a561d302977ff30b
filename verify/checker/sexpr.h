// SPDX-License-Identifier: Apache-2.0
// In: the text of a certificate. Out: its opening comments, and the trees of its function definitions, one after the other. Everything else in it,
// obligations, declarations and answers of solvers, is passed over.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace checker {

/// How deep a term may be nested: in parentheses as it is written, and once lets and calls are put in their places (smt.h). Whatever walks a term
/// may call itself for its parts: a thousand times deep fits on any stack.
inline constexpr std::size_t kNestingMax = 1'000;

struct Tree { std::string_view atom; std::vector<Tree> parts; };   ///< an atom, or a list

class SexprReader {
 public:
  explicit SexprReader(std::string_view text) : text_(text) {}

  /// Comments before the first command, without "; ". To be read first.
  std::vector<std::string> opening();
  /// The next define-fun; false at the end of the text. Throws Unusable for text that is not SMT-LIB, TooLarge beyond kNestingMax.
  bool next_function(Tree&);

 private:
  void skip();
  void pass_over_command();
  Tree read(std::size_t depth);
  std::string_view atom();

  std::string_view text_;
  std::size_t at_ = 0;
};

/// A text as a certificate writes it in one line of comment.
std::string as_comment(std::string text);

}  // namespace checker
