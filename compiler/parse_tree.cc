// SPDX-License-Identifier: Apache-2.0
// Bytes to tokens to the tree of one statement. In: bytes that scan_bytes let pass. Out: ANTLR's contexts, or a diagnostic in the
// sink. Holds: indexes are byte offsets; no rule is entered deeper than the nesting limit; no statement is longer than its limit.
#include "compiler/parse_tree.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "compiler/parse_messages.h"

namespace ringfence {

using antlr4::Token;

ByteStream::ByteStream(std::string_view source) : source_(source) {
  if (source_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;   // a byte order mark says "UTF-8" and nothing else
}

std::size_t ByteStream::LA(ssize_t ahead) {
  const std::size_t index = ahead > 0 ? at_ + static_cast<std::size_t>(ahead) - 1 : at_ + static_cast<std::size_t>(ahead);
  if (ahead == 0 || index >= source_.size()) return antlr4::IntStream::EOF;
  return std::min<std::size_t>(static_cast<unsigned char>(source_[index]), 0x7F);
}

std::string ByteStream::getText(const antlr4::misc::Interval& range) {
  if (range.a < 0 || range.b < range.a) return "";
  return std::string(source_.substr(static_cast<std::size_t>(range.a), static_cast<std::size_t>(range.b - range.a) + 1));
}

std::unique_ptr<Token> PolicyLexer::nextToken() {
  std::unique_ptr<Token> read = id_follows_ ? cut_id() : nullptr;
  if (!read) read = RingfenceLexer::nextToken();
  note(read->getType());
  return read;
}

std::unique_ptr<Token> PolicyLexer::cut_id() {
  const auto is_space = [](std::size_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  const auto is_id = [this](std::size_t c) {
    if (c == '-') return _input->LA(2) != '>';
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == ':' || c == '@';
  };
  for (std::size_t c = _input->LA(1); is_space(c) || c == '#'; c = _input->LA(1)) {
    if (c != '#') { _input->consume(); continue; }
    while (_input->LA(1) != antlr4::IntStream::EOF && _input->LA(1) != '\n') _input->consume();
  }
  const std::size_t begin = _input->index();
  while (is_id(_input->LA(1))) _input->consume();
  if (_input->index() == begin) return nullptr;
  return _factory->create({this, _input}, ID, "", DEFAULT_TOKEN_CHANNEL, begin, _input->index() - 1, 0, 0);
}

void PolicyLexer::note(std::size_t now) {
  id_follows_ = false;
  if (begins_statement(now) && last_ != DOT && !(now == MODE && last_ == GIVEN) && !(now == EVIDENCE && last_ == SHOWING))
    in_scenario_ = now == SCENARIO;
  if (in_scenario_ && last_ != DOT) {
    const bool of_ids = now == OF && !(last_ == MODE && last_but_one_ == GIVEN);
    if (of_ids || now == BY) ids_in_list_ = id_follows_ = true;
    else if (now == EVIDENCE) ids_in_list_ = false;
    else if (now == COMMA) id_follows_ = ids_in_list_;
  }
  last_but_one_ = last_;
  last_ = now;
}

namespace {

/// Gives up at the first error, where the parser is, with all that could have stood there.
class GiveUp final : public antlr4::DefaultErrorStrategy {
 public:
  Token* recoverInline(antlr4::Parser* parser) override { fail(parser, parser->getCurrentToken()); }
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override { fail(parser, error.getOffendingToken()); }
  void sync(antlr4::Parser* parser) override {
    const auto& atn = parser->getATN();
    const antlr4::misc::IntervalSet& next = atn.nextTokens(atn.states[parser->getState()]);
    if (!next.contains(Token::EPSILON) && !next.contains(parser->getTokenStream()->LA(1))) fail(parser, parser->getCurrentToken());
  }

 private:
  [[noreturn]] static void fail(antlr4::Parser* parser, Token* found) {
    const bool here = found == parser->getCurrentToken();
    static_cast<StatementParser*>(parser)->fail(found, here ? parser->getExpectedTokens() : antlr4::misc::IntervalSet());
  }
};

/// A level of nesting, as the limit counts it: a parenthesis, a `not`, what a minus sign or `25% of` stands before.
bool is_level(const antlr4::ParserRuleContext* context) {
  switch (context->getRuleIndex()) {
    case Grammar::RuleGroup: return true;
    case Grammar::RuleNegation: return context->start->getType() == Grammar::NOT;
    case Grammar::RuleFactor: return context->parent != nullptr && !antlrcpp::is<Grammar::ProductContext*>(context->parent);
    default: return false;
  }
}

constexpr std::size_t kNestingMax = 1000;   // whatever the caller allows: the parser and the passes after it recurse

}  // namespace

StatementParser::StatementParser(antlr4::TokenStream* tokens, std::string_view source, const Limits& limits, DiagnosticSink& sink)
    : Grammar(tokens), source_(source), nesting_max_(std::min(limits.nesting, kNestingMax)), tokens_max_(limits.statement_tokens), sink_(sink) {
  removeErrorListeners();
  setErrorHandler(std::make_shared<GiveUp>());
  getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
}

void StatementParser::begin() {
  getTreeTracker().reset();
  setContext(nullptr);
  setState(std::numeric_limits<std::size_t>::max());
  tokens_ = 0;
}

void StatementParser::enterRule(antlr4::ParserRuleContext* context, std::size_t state, std::size_t rule) {
  Grammar::enterRule(context, state, rule);
  if (!is_level(context)) return;
  std::size_t depth = 0;
  for (antlr4::tree::ParseTree* above = context; above != nullptr; above = above->parent)
    if (is_level(static_cast<antlr4::ParserRuleContext*>(above))) ++depth;
  if (depth <= nesting_max_) return;
  sink_.add("E0108", range_of(context->start), fmt::format("this is nested deeper than {} levels", nesting_max_),
            "split the condition into several `when` clauses or rules");
  throw StatementAbandoned{};
}

Token* StatementParser::consume() {
  if (++tokens_ > tokens_max_) {
    sink_.add("E0113", range_of(_input->LT(1)), fmt::format("this statement has more than {} words and signs", tokens_max_),
              "split it into several statements");
    throw StatementAbandoned{};
  }
  return Grammar::consume();
}

void StatementParser::fail(Token* found, const antlr4::misc::IntervalSet& expected) {
  report_unexpected(source_, found, expected, getContext(), sink_);
  throw StatementAbandoned{};
}

}  // namespace ringfence
