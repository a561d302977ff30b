// SPDX-License-Identifier: Apache-2.0
// How parse meets ANTLR: bytes to tokens (a lexer that also cuts ids), tokens to one statement's tree at a time (a parser with
// limits, that gives up a statement at its first error). Only parse*.cc include this; only parse.cc calls what may throw.
#pragma once

#include <antlr4-runtime/antlr4-runtime.h>

#include <string_view>

#include "RingfenceLexer.h"
#include "RingfenceParser.h"
#include "compiler/parse_sink.h"
#include "runtime/limits.h"

namespace ringfence {

using Grammar = ringfence_grammar::RingfenceParser;

/// The source as ANTLR reads it, one symbol a byte, so that every index is a byte offset. A byte of a character beyond ASCII is
/// shown as 0x7F: the lexer caches its moves only for symbols up to that, and the grammar treats all such characters alike.
class ByteStream final : public antlr4::CharStream {
 public:
  explicit ByteStream(std::string_view source);
  void consume() override { ++at_; }
  std::size_t LA(ssize_t ahead) override;
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return source_.size(); }
  std::string getSourceName() const override { return "policy"; }
  std::string getText(const antlr4::misc::Interval& range) override;
  std::string toString() const override { return std::string(source_); }

 private:
  std::string_view source_;
  std::size_t at_ = 0;
};

/// Language reference, 1.6: in a scenario, what follows `of`, `by`, or a comma of their lists is one ID token, cut by its characters.
class PolicyLexer final : public ringfence_grammar::RingfenceLexer {
 public:
  using RingfenceLexer::RingfenceLexer;
  std::unique_ptr<antlr4::Token> nextToken() override;

 private:
  std::unique_ptr<antlr4::Token> cut_id();
  void note(std::size_t type);
  bool in_scenario_ = false, ids_in_list_ = false, id_follows_ = false;
  std::size_t last_ = 0, last_but_one_ = 0;
};

/// Thrown out of a statement that can't be read on; what was wrong is in the sink by then.
struct StatementAbandoned {};

class StatementParser final : public Grammar {
 public:
  StatementParser(antlr4::TokenStream*, std::string_view source, const Limits&, DiagnosticSink&);
  /// Reads one statement, step or policy line by calling `rule`; its tree lives until the next call. Null when abandoned.
  template <class Context> Context* read(Context* (Grammar::*rule)()) {
    begin();
    try { return (this->*rule)(); } catch (const StatementAbandoned&) { return nullptr; }
  }
  void enterRule(antlr4::ParserRuleContext*, std::size_t state, std::size_t rule) override;
  antlr4::Token* consume() override;
  [[noreturn]] void fail(antlr4::Token* found, const antlr4::misc::IntervalSet& expected);

 private:
  void begin();
  std::string_view source_;
  std::size_t nesting_max_, tokens_max_, tokens_ = 0;
  DiagnosticSink& sink_;
};

inline SourceRange range_of(antlr4::Token* token) {
  const auto begin = static_cast<std::uint32_t>(token->getStartIndex());
  if (token->getType() == antlr4::Token::EOF) return {begin, begin};
  return {begin, static_cast<std::uint32_t>(token->getStopIndex() + 1)};
}
inline SourceRange range_of(antlr4::ParserRuleContext* context) { return {range_of(context->start).begin, range_of(context->stop).end}; }
inline SourceRange range_of(antlr4::tree::TerminalNode* node) { return range_of(node->getSymbol()); }
inline std::string_view text_of(std::string_view source, SourceRange range) { return source.substr(range.begin, range.end - range.begin); }

/// The words `policy` to `scenario`, each of which begins a statement.
inline bool begins_statement(std::size_t type) { return type >= Grammar::POLICY && type <= Grammar::SCENARIO; }

}  // namespace ringfence
