// SPDX-License-Identifier: Apache-2.0
// See sexpr.h.
#include "sexpr.h"

#include <algorithm>

#include "table.h"

namespace checker {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::vector<std::string> SexprReader::opening() {
  std::vector<std::string> lines;
  while (at_ < text_.size() && (text_[at_] == ';' || is_space(text_[at_]))) {
    const std::size_t begin = at_;
    if (is_space(text_[at_++])) continue;
    at_ = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(begin, at_ - begin);
    lines.emplace_back(line.substr(line.substr(0, 2) == "; " ? 2 : 1));
  }
  return lines;
}

bool SexprReader::next_function(Tree& tree) {
  for (skip(); at_ < text_.size(); skip()) {
    const std::size_t begin = at_;
    if (text_[at_++] != '(') throw Unusable{"this is not a certificate: it has something that is no command"};
    skip();
    const bool is_function = at_ < text_.size() && text_[at_] != '(' && text_[at_] != ')' && atom() == "define-fun";
    at_ = begin;
    if (is_function) {
      tree = read(0);
      return true;
    }
    pass_over_command();
  }
  return false;
}

void SexprReader::skip() {
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == ';') at_ = std::min(text_.find('\n', at_), text_.size() - 1);
    else if (!is_space(text_[at_])) return;
  }
}

void SexprReader::pass_over_command() {
  std::size_t open = 0;
  do {
    if (at_ == text_.size()) throw Unusable{"the certificate ends within a command"};
    if (text_[at_] == '(' || text_[at_] == ')') open += text_[at_++] == '(' ? std::size_t{1} : std::size_t{0} - 1;
    else atom();
    skip();
  } while (open != 0);
}

Tree SexprReader::read(std::size_t depth) {
  skip();
  if (at_ == text_.size() || text_[at_] == ')') throw Unusable{"the certificate is not well formed"};
  if (text_[at_] != '(') return {atom(), {}};
  if (depth == kNestingMax) throw TooLarge{"a function is nested more than " + std::to_string(kNestingMax) + " deep"};
  Tree tree;
  for (++at_, skip(); at_ < text_.size() && text_[at_] != ')'; skip()) tree.parts.push_back(read(depth + 1));
  if (at_ == text_.size()) throw Unusable{"the certificate ends within a command"};
  ++at_;
  return tree;
}

std::string_view SexprReader::atom() {
  const std::size_t begin = at_;
  if (const char quote = text_[at_]; quote == '|' || quote == '"') {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) throw Unusable{"the certificate ends within a quoted word"};
    at_ = end + 1;
  } else {
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '(' && text_[at_] != ')' && text_[at_] != ';') ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

std::string as_comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

}  // namespace checker
