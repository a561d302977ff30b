// SPDX-License-Identifier: Apache-2.0
// The small parts of statements: names, ids, texts, numbers, places, patterns. Language reference, 1.2 to 1.6 and 4.2, 4.3. Holds
// afterwards: no name, id or text is longer than its limit, unless that has been reported; ranges are exact.
#include <fmt/format.h>

#include "compiler/parse_build.h"

namespace ringfence {

using antlr4::tree::TerminalNode;

namespace {

Match match_of(TerminalNode* other, TerminalNode* any) { return other != nullptr ? Match::Other : any != nullptr ? Match::Any : Match::Same; }

}  // namespace

NameAst Builder::name(antlr4::ParserRuleContext* context) {
  const SourceRange range = range_of(context);
  if (range.end - range.begin > limits_.name_bytes)
    sink_.add("E0107", range, fmt::format("this name has {} bytes; a name has at most {}", range.end - range.begin, limits_.name_bytes),
              "choose a shorter name");
  return {std::string(text_of(source_, range)), range};
}

TextAst Builder::id(TerminalNode* node) {
  const SourceRange range = range_of(node);
  if (range.end - range.begin > limits_.name_bytes)
    sink_.add("E0107", range, fmt::format("this id has {} bytes; an id has at most {}", range.end - range.begin, limits_.name_bytes),
              "choose a shorter id");
  return verbatim(node);
}

NameAst Builder::id_name(TerminalNode* node) {
  const TextAst read = id(node);
  return {read.text, read.range};
}

TextAst Builder::verbatim(TerminalNode* node) {
  const SourceRange range = range_of(node);
  return {std::string(text_of(source_, range)), range};
}

TextAst Builder::text(TerminalNode* node) {
  const SourceRange range = range_of(node);
  const std::string_view inside = source_.substr(range.begin + 1, range.end - range.begin - 2);
  TextAst read{"", range};
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\') {
      ++i;   // the grammar lets no text end in a lone backslash
      if (inside[i] != '"' && inside[i] != '\\') {
        const auto at = static_cast<std::uint32_t>(range.begin + i);
        sink_.add("E0105", {at, at + 2}, "only `\\\"` and `\\\\` may follow a backslash in a text", "write `\\\\` for a backslash");
      }
    }
    read.text += inside[i];
  }
  if (read.text.size() > limits_.text_bytes)
    sink_.add("E0106", range, fmt::format("this text has {} bytes; a text has at most {}", read.text.size(), limits_.text_bytes), "shorten it");
  return read;
}

std::optional<TextAst> Builder::optional_text(TerminalNode* node) {
  if (node == nullptr) return std::nullopt;
  return text(node);
}

NamesAst Builder::names(Grammar::NameListContext* context) {
  NamesAst read;
  read.range = range_of(context);
  for (auto* one : context->name()) read.names.push_back(name(one));
  return read;
}

NamesAst Builder::whatever(Grammar::WhateverContext* context) {
  if (context->nameList() != nullptr) return names(context->nameList());
  return {true, {}, range_of(context)};
}

NamesAst Builder::whoever(Grammar::WhoeverContext* context) {
  if (context->nameList() != nullptr) return names(context->nameList());
  return {true, {}, range_of(context)};
}

NumberAst Builder::number(TerminalNode* node, bool percent) {
  const SourceRange range = range_of(node);
  std::string_view digits = text_of(source_, range);
  if (percent) digits.remove_suffix(1);
  return {std::string(digits), percent, range};
}

AmountAst Builder::literal(Grammar::LiteralContext* context) {
  AmountAst read;
  read.range = range_of(context);
  read.instant = context->INSTANT() != nullptr;
  read.number = context->PERCENT() != nullptr ? number(context->PERCENT(), true) : number(read.instant ? context->INSTANT() : context->NUMBER());
  if (context->name() != nullptr) read.unit = name(context->name());
  return read;
}

AmountAst Builder::bound(Grammar::BoundContext* context) {
  AmountAst read = literal(context->literal());
  read.negative = context->MINUS() != nullptr;
  read.range = range_of(context);
  return read;
}

DurationAst Builder::duration(Grammar::DurationContext* context) {
  return {number(context->NUMBER()), name(context->name()).text, range_of(context)};
}

PatternAst Builder::place(Grammar::PlaceContext* context) {
  PatternAst read;
  read.range = range_of(context);
  read.owner = name(context->name());
  read.bucket = name(context->word());
  read.brackets = context->nameList() != nullptr;
  if (read.brackets)
    for (auto* one : context->nameList()->name()) read.keys.push_back({Match::Same, name(one), false});
  return read;
}

PatternAst Builder::subject_place(Grammar::SubjectContext* context) {
  PatternAst read;
  read.range = range_of(context);
  if (context->name() != nullptr) read.owner = name(context->name());
  if (context->word() != nullptr) read.bucket = name(context->word());
  return read;
}

ReferenceAst Builder::subject(Grammar::SubjectContext* context) {
  if (context->SYSTEM() != nullptr) return {ReferenceAst::Kind::System, {}, range_of(context)};
  return {ReferenceAst::Kind::Pattern, subject_place(context), range_of(context)};
}

PatternAst Builder::pattern(Grammar::PatternContext* context) {
  PatternAst read;
  read.range = range_of(context);
  read.match = match_of(context->OTHER(), context->ANY());
  if (context->name() == nullptr) {
    read.everything = true;
    return read;
  }
  read.owner = name(context->name());
  read.all_of_owner = context->STAR() != nullptr;
  if (context->word() != nullptr) read.bucket = name(context->word());
  if (context->keys() != nullptr) {
    read.brackets = true;
    for (auto* one : context->keys()->key()) read.keys.push_back(key(one));
  }
  return read;
}

KeyAst Builder::key(Grammar::KeyContext* context) {
  const Match match = match_of(context->OTHER(), context->ANY());
  return {match, name(context->name()), match == Match::Any};
}

std::vector<PatternAst> Builder::side(Grammar::SideContext* context) {
  std::vector<PatternAst> read;
  for (auto* one : context->pattern()) read.push_back(pattern(one));
  return read;
}

ReferenceAst Builder::reference(Grammar::ReferenceContext* context) {
  using Kind = ReferenceAst::Kind;
  const SourceRange range = range_of(context);
  if (context->FROM() != nullptr) return {Kind::From, {}, range};
  if (context->TO() != nullptr) return {Kind::To, {}, range};
  if (context->SYSTEM() != nullptr) return {Kind::System, {}, range};
  return {Kind::Pattern, pattern(context->pattern()), range};
}

}  // namespace ringfence
