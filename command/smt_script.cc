// SPDX-License-Identifier: Apache-2.0
// See smt_script.h.
#include "command/smt_script.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

namespace ringfence {
namespace {

constexpr std::array<std::string_view, 6> kPlain = {"set-logic", "declare-fun", "declare-const", "define-fun", "assert", "check-sat"};
constexpr std::array<std::string_view, 23> kCore = {"and", "or", "not", "xor", "=>", "=", "distinct", "ite", "let", "true", "false", "+",
                                                    "-", "*", "div", "mod", "abs", "<=", "<", ">=", ">", "forall", "exists"};

template <class Words>
bool is_one_of(std::string_view word, const Words& words) { return std::find(words.begin(), words.end(), word) != words.end(); }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::variant<SmtScript, std::string> read() {
    while (skip_blanks()) {
      const std::size_t begin = at_;
      if (!skip_command()) break;
      if (!take(text_.substr(begin, at_ - begin))) break;
    }
    if (wrong_.empty() && depth_ != 0) fail("a push is not popped");
    if (!wrong_.empty()) return wrong_;
    return std::move(script_);
  }

 private:
  bool fail(std::string_view why) {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n');
    if (wrong_.empty()) wrong_ = fmt::format("line {}: {}", line, why);
    return false;
  }

  /// To the next command: past blanks and comments. False at the end, and at a byte that has no place there.
  bool skip_blanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == ';') {
        while (at_ < text_.size() && text_[at_] != '\n')
          if (is_control(text_[at_++])) return fail("a control character in a comment");
        if (at_ == text_.size()) return false;
      } else if (c != ' ' && c != '\n' && c != '\t') {
        return c == '(' || fail("a command was expected");
      }
    }
    return false;
  }

  static bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }

  /// Past the closing parenthesis of the command that begins here.
  bool skip_command() {
    std::size_t open = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '|' || c == ';') return fail("a quote, a bar or a comment inside a command");
      if (c != '\n' && (is_control(c) || static_cast<unsigned char>(c) > 0x7E)) return fail("a character that no certificate has");
      if (c == '(') ++open;
      if (c == ')' && --open == 0) {
        ++at_;
        return true;
      }
    }
    return fail("the last command does not end");
  }

  /// The word of the command that begins at `from`, and moves behind it.
  static std::string_view word(std::string_view command, std::size_t& from) {
    from = std::min(command.find_first_not_of(" \t\n", from), command.size());
    const std::size_t end = std::min(command.find_first_of(" \t\n()", from), command.size());
    const std::string_view found = command.substr(from, end - from);
    from = end;
    return found;
  }

  bool take(std::string_view command) {
    std::size_t from = 1;
    const std::string_view name = word(command, from);
    if (name == "push" || name == "pop") {
      if (word(command, from) != "1" || command.substr(from) != ")") return fail("a push or pop of other than one level");
      if (name == "pop" && depth_ == 0) return fail("a pop without a push");
      depth_ += name == "push" ? 1 : -1;
      return true;
    }
    if (!is_one_of(name, kPlain)) return fail(fmt::format("the command `{}` is none that a certificate needs", name.substr(0, 40)));
    if (name.starts_with("de") && is_one_of(word(command, from), kCore)) return fail("a core word of the language is declared anew");
    if (name == "check-sat") {
      if (command != "(check-sat)") return fail("a check-sat with more in it");
      ++script_.check_sats;
    } else if (depth_ == 0) {
      script_.prelude.append(command).append("\n");
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  SmtScript script_;
  std::string wrong_;
};

}  // namespace

std::variant<SmtScript, std::string> read_script(std::string_view text) { return Reader(text).read(); }

}  // namespace ringfence
