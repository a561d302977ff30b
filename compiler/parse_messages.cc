// SPDX-License-Identifier: Apache-2.0
// Syntax errors in words. In: the token that does not fit and what the grammar could have taken. Out: one diagnostic. What the author
// meant is guessed from three things: signs of other languages (`==`, `&&`, typographic quotes), words that are nearly right, and the
// statement being read.
#include "compiler/parse_messages.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ringfence {
namespace {

using antlr4::Token;
using antlr4::misc::IntervalSet;

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 40;
  if (text.size() <= kShown) return fmt::format("`{}`", text);
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return fmt::format("`{}...`", text.substr(0, end));
}

std::string word(std::size_t type) {
  const std::string literal = Grammar::words().getLiteralName(type);   // 'allow'
  return literal.size() > 2 ? literal.substr(1, literal.size() - 2) : literal;
}

bool is_word(std::size_t type) { return type >= Grammar::POLICY && type <= Grammar::AS; }

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// The word among `types` that `written` is nearly, or "".
template <class Types> std::string nearest(std::string_view written, const Types& types) {
  if (written.size() < 2 || written.size() > 20) return "";
  std::string best;
  std::size_t fewest = written.size() < 4 ? 2 : 3;
  for (std::size_t type : types) {
    const std::size_t edits = is_word(type) ? edits_between(written, word(type)) : fewest;
    if (edits < fewest) fewest = edits, best = word(type);
  }
  return best;
}

std::vector<std::size_t> members(const IntervalSet& set) {
  std::vector<std::size_t> all;
  for (ssize_t one : set.toList()) all.push_back(static_cast<std::size_t>(one));
  return all;
}

void drop_words_that_names_may_be(std::vector<std::size_t>& types, const IntervalSet& set) {
  const std::size_t last = set.contains(static_cast<std::size_t>(Grammar::POLICY)) ? Grammar::POLICY : Grammar::VERSION;
  types.erase(std::remove_if(types.begin(), types.end(), [&](std::size_t t) { return t >= last && t <= Grammar::AS; }), types.end());
}

/// "a name", "`by`, `of` or `[`": what could have stood there; empty when that is nothing one can say in short.
std::string in_words(const IntervalSet& set) {
  const auto has = [&](std::size_t type) { return set.contains(type); };
  std::vector<std::size_t> types = members(set);
  std::vector<std::string> parts;
  const auto drop = [&](auto... dropped) {
    for (std::size_t one : {static_cast<std::size_t>(dropped)...}) types.erase(std::remove(types.begin(), types.end(), one), types.end());
  };
  if (has(Grammar::NAME)) drop_words_that_names_may_be(types, set);
  if (has(Grammar::LEFT_PARENTHESIS) && has(Grammar::AMOUNT)) {
    parts.push_back(has(Grammar::NOT) ? "a condition" : "a value");
    drop(Grammar::NAME, Grammar::NUMBER, Grammar::PERCENT, Grammar::MINUS, Grammar::LEFT_PARENTHESIS, Grammar::AMOUNT, Grammar::BALANCE,
         Grammar::TOTAL, Grammar::NOT, Grammar::MODE, Grammar::APPROVED, Grammar::EVIDENCE, Grammar::TIME, Grammar::NOW, Grammar::INSTANT);
  } else if (has(Grammar::NAME)) {
    parts.push_back("a name");
    drop(Grammar::NAME);
  }
  if (has(Grammar::LESS) && has(Grammar::EQUAL)) {
    parts.push_back("a comparison such as `<=`");
    drop(Grammar::LESS, Grammar::LESS_EQUAL, Grammar::EQUAL, Grammar::NOT_EQUAL, Grammar::GREATER, Grammar::GREATER_EQUAL);
  }
  for (std::size_t type : types) {
    if (type == Grammar::TEXT) parts.push_back("a text in double quotes");
    else if (type == Grammar::NUMBER) parts.push_back("a number");
    else if (type == Grammar::PERCENT) parts.push_back("a percentage");
    else if (type == Grammar::TIME_OF_DAY) parts.push_back("a time such as `08:00`");
    else if (type == Grammar::INSTANT) parts.push_back("an instant such as `2026-01-05T09:30:00Z`");
    else if (type == Grammar::ID) parts.push_back("an id");
    else if (type != Token::EPSILON && type != Token::EOF && type <= Grammar::RIGHT_BRACKET) parts.push_back("`" + word(type) + "`");
  }
  constexpr std::size_t kListed = 6;
  if (parts.empty() || parts.size() > kListed) return "";
  std::string text = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) text += (i + 1 == parts.size() ? " or " : ", ") + parts[i];
  return text;
}

/// What to write for a sign of another language or a word processor; "" for others.
std::string translation(std::string_view rest) {
  struct Sign { std::string_view written, meant; };
  static constexpr std::array<Sign, 24> kSigns{{
      {"==", "write `=` for equal"}, {"&", "write `and`"}, {"|", "write `or`"}, {"!", "write `not`, or `!=` for unequal"},
      {";", "remove it: statements need nothing between them"}, {"{", "remove it: statements need no braces"},
      {"}", "remove it: statements need no braces"}, {"'", "write texts in double quotes: `\"`"}, {"\xE2\x80\x9C", "write texts in plain double quotes: `\"`"},
      {"\xE2\x80\x9D", "write texts in plain double quotes: `\"`"}, {"\xE2\x80\x9E", "write texts in plain double quotes: `\"`"},
      {"\xE2\x86\x92", "write the arrow as `->`"}, {"\xE2\x80\x93", "write a minus sign as `-`, an arrow as `->`"},
      {"\xE2\x80\x94", "write a minus sign as `-`, an arrow as `->`"}, {"\xE2\x88\x92", "write a minus sign as `-`"}, {"\xE2\x89\xA4", "write `<=`"},
      {"\xE2\x89\xA5", "write `>=`"}, {"\xE2\x89\xA0", "write `!=`"}, {"\xC3\x97", "write `*`"}, {"/", "comments start with `#`; for a quotient, multiply the other side, or write a percentage"},
      {"$", "write the asset after the number: `100 USD`"}, {"\xE2\x82\xAC", "write the asset after the number: `100 EUR`"},
      {"\xC2\xA3", "write the asset after the number: `100 GBP`"}, {"\xC2\xA0", "this is a non-breaking space: write a plain one"}}};
  for (const Sign& sign : kSigns)
    if (rest.substr(0, sign.written.size()) == sign.written) return std::string(sign.meant);
  return "";
}

/// Tokens that fit nowhere. True when `found` was one, and has been reported.
bool report_strange(std::string_view source, Token* found, DiagnosticSink& sink) {
  const SourceRange range = range_of(found);
  if (found->getType() == Grammar::UNCLOSED) {
    sink.add("E0104", range, "this text does not end on its line", "close it with `\"`");
    return true;
  }
  if (found->getType() != Grammar::STRANGE) return false;
  sink.add("E0103", range, fmt::format("{} does not belong in a policy", quoted(text_of(source, range))), translation(source.substr(range.begin)));
  return true;
}

std::string help_for(std::size_t rule) {
  const std::string form = synopsis(rule);
  return form.empty() ? "" : "the form is: " + form;
}

/// How the steps of a scenario are written, by their first word.
std::string step_help(std::size_t first) {
  switch (first) {
    case Grammar::GIVEN: return "the form is: given BUCKET of ID holds AMOUNT, or given mode of SUBJECT of ID is MODE";
    case Grammar::WITH: return "the form is: with FACT of ID = VALUE";
    case Grammar::AT: return "the form is: at 2026-01-05T09:30:00Z";
    case Grammar::CHANGE: return "the form is: change SUBJECT of ID to MODE by ROLE -> allowed";
    case Grammar::TOGETHER: return "the form is: together, transfers without their own expectation, end -> allowed";
    default: return help_for(Grammar::RuleTransfer);
  }
}

/// How the innermost statement around the rule is written.
std::string help_around(antlr4::ParserRuleContext* context, const IntervalSet& expected) {
  if (expected.contains(static_cast<std::size_t>(Grammar::TIME_OF_DAY))) return "write hours and minutes with two digits each, in UTC: `08:00`";
  for (antlr4::tree::ParseTree* at = context; at != nullptr; at = at->parent) {
    auto* in = static_cast<antlr4::ParserRuleContext*>(at);
    if (in->getRuleIndex() == Grammar::RuleStep) return step_help(in->start->getType());
    if (const std::string help = help_for(in->getRuleIndex()); !help.empty()) return help;
  }
  return "";
}

std::string found_text(std::string_view source, Token* found) {
  return found->getType() == Token::EOF ? "the end of the text" : quoted(text_of(source, range_of(found)));
}

}  // namespace

std::string synopsis(std::size_t rule) {
  switch (rule) {
    case Grammar::RulePolicy: return "policy \"NAME\" version \"1.0\" [cite \"TEXT\"]";
    case Grammar::RuleAsset: return "asset USD decimals 2 [\"TEXT\"]";
    case Grammar::RuleRoles: return "role NAME, NAME";
    case Grammar::RulePurposes: return "purpose NAME, NAME";
    case Grammar::RuleEvidences: return "evidence NAME, NAME";
    case Grammar::RuleEntity: return "entity NAME [many]";
    case Grammar::RuleExternal: return "external Entity.name [\"TEXT\"]";
    case Grammar::RuleAccount: return "account Entity.name [\"TEXT\"]";
    case Grammar::RuleBucket: return "bucket Entity.name[Entity] [in Entity.account] [may overdraw] [\"TEXT\"]";
    case Grammar::RuleFact: return "fact NAME [of SUBJECT] : amount of ASSET | number | ratio | flag | instant | duration [from A to B] [, fresh within 10 s] [\"TEXT\"]";
    case Grammar::RuleMachine: return "mode of SUBJECT : MODE, MODE and then MODE -> MODE by ROLES [when CONDITION]";
    case Grammar::RuleTransition: return "MODE -> MODE by ROLES [when CONDITION] [requires evidence NAME]";
    case Grammar::RuleDeadline: return "MODE must end within 24 h | by 18:00 on the same business day of CALENDAR, else MODE [cite \"TEXT\"] [because \"TEXT\"] [notify ROLES]";
    case Grammar::RuleCalendar: return "calendar NAME in \"America/New_York\" [closed saturday, sunday] [holidays \"FILE\"] from 2026 to 2030";
    case Grammar::RuleFence: return "segregate A, B from C [in custody] or segregate each ENTITY [in A, B] [in custody]";
    case Grammar::RuleAllow: return "allow PURPOSES FROM -> TO [of ASSETS] by ROLES [passing title] [entering MODE] [when CONDITION] [requires evidence NAME]";
    case Grammar::RuleDeny: return "deny PURPOSES FROM -> TO [of ASSETS] [by ROLES] [when CONDITION] [because \"TEXT\"]";
    case Grammar::RuleFloorRule: return "floor BUCKET >= VALUE [of ASSETS] [unless CONDITION]";
    case Grammar::RuleLimitRule: return "limit PURPOSES [FROM -> TO] per ENTITY | in total VALUE per day | in any 24 h [unless CONDITION]";
    case Grammar::RuleInvariant: return "invariant CONDITION [unless CONDITION] [cite \"TEXT\"] [because \"TEXT\"]";
    case Grammar::RuleScenarioName: return "scenario \"NAME\" followed by steps";
    case Grammar::RuleTransfer: return "PURPOSE AMOUNT from BUCKET of ID to BUCKET of ID by ROLE [approved by ID as ROLE] [showing evidence NAME] -> allowed";
    default: return "";
  }
}

void report_unexpected(std::string_view source, Token* found, const IntervalSet& expected, antlr4::ParserRuleContext* context, DiagnosticSink& sink) {
  if (report_strange(source, found, sink)) return;
  const SourceRange range = range_of(found);
  const std::string_view written = text_of(source, range);
  const std::string form = help_around(context, expected);
  const std::string meant = in_words(expected);
  const bool doubled = written == "=" && range.begin > 0 && source[range.begin - 1] == '=';
  const std::string sign = translation(source.substr(range.begin - (doubled ? 1 : 0)));
  const bool first_on_line = [&] {
    const std::size_t before = source.find_last_not_of(" \t", range.begin == 0 ? 0 : range.begin - 1);
    return before == std::string_view::npos || source[before] == '\n';
  }();
  if (is_word(found->getType()) && expected.contains(static_cast<std::size_t>(Grammar::NAME)) && !first_on_line) {
    sink.add("E0111", range, fmt::format("`{}` is a word of the language, so it can't be a name here", written),
             fmt::format("choose another name, for instance `{}_`{}", written, form.empty() ? "" : "; " + form));
    return;
  }
  const std::string near = found->getType() == Grammar::NAME ? nearest(written, members(expected)) : "";
  const std::string message = meant.empty() ? fmt::format("{} does not fit here", found_text(source, found))
                                            : fmt::format("expected {}, but found {}", meant, found_text(source, found));
  sink.add("E0110", range, message, !near.empty() ? fmt::format("did you mean `{}`?", near) : !sign.empty() ? sign : form);
}

void report_no_statement(std::string_view source, Token* found, std::size_t previous, DiagnosticSink& sink) {
  if (report_strange(source, found, sink)) return;
  const SourceRange range = range_of(found);
  const std::string_view written = text_of(source, range);
  std::vector<std::size_t> words;
  for (std::size_t type = Grammar::POLICY; type <= Grammar::AS; ++type) words.push_back(type);
  const std::string near = found->getType() == Grammar::NAME ? nearest(written, words) : "";
  const std::string form = help_for(previous);
  const std::string sign = translation(source.substr(range.begin));
  const std::string help = !near.empty() ? fmt::format("did you mean `{}`?", near) : !sign.empty() ? sign
                           : !form.empty() ? "if it belongs to the statement before it, " + form
                                           : "statements begin with a word such as `asset`, `bucket` or `allow`";
  sink.add("E0112", range, fmt::format("{} begins no statement, and does not continue the one before it", found_text(source, found)), help);
}

}  // namespace ringfence
