// SPDX-License-Identifier: Apache-2.0
// Text to syntax tree, one statement at a time. In: any bytes. Out: the tree, or diagnostics for every statement that can't be read.
// Holds: time and memory are linear in the text; after an error, reading goes on at the next statement, without its echoes; no exception
// of ANTLR leaves this file. Language reference, sections 1 to 6 and 11; the grammar is grammar/Ringfence.g4.
#include <fmt/format.h>

#include "compiler/parse_build.h"
#include "compiler/parse_messages.h"
#include "compiler/parse_scan.h"
#include "compiler/passes.h"

namespace ringfence {
namespace {

using antlr4::Token;

/// Keeps the tokens that a tree points to; without one, the stream forgets what was read.
class Window {
 public:
  explicit Window(antlr4::TokenStream& tokens) : tokens_(tokens), mark_(tokens.mark()) {}
  ~Window() { tokens_.release(mark_); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

 private:
  antlr4::TokenStream& tokens_;
  ssize_t mark_;
};

class Reader {
 public:
  Reader(std::string_view source, const Limits& limits, DiagnosticSink& sink)
      : source_(source), limits_(limits), sink_(sink), stream_(source), lexer_(&stream_), tokens_(&lexer_),
        parser_(&tokens_, source, limits, sink), builder_(source, limits, sink) {
    lexer_.removeErrorListeners();
  }

  PolicyAst read() {
    read_policy_line();
    while (next() != Token::EOF && !sink_.full()) {
      const std::size_t begin = tokens_.index();
      if (!read_statement()) skip(begin, false);
    }
    return std::move(policy_);
  }

 private:
  std::size_t next() { return tokens_.LA(1); }

  void read_policy_line() {
    if (next() == Grammar::POLICY) return;
    sink_.add("E0109", range_of(tokens_.LT(1)), "a policy begins with its name and version",
              "write `policy \"NAME\" version \"1.0\"` before everything else");
    has_policy_line_ = true;   // said once
  }

  /// False when what is there could not be read.
  bool read_statement() {
    if (next() == Grammar::POLICY) return read_policy();
    if (next() == Grammar::SCENARIO) return read_scenario();
    if (begins_statement(next())) return read_plain_statement();
    report_no_statement(source_, tokens_.LT(1), previous_rule_, sink_);
    return false;
  }

  bool read_policy() {
    const Window window(tokens_);
    auto* context = parser_.read(&Grammar::policy);
    if (context == nullptr) {
      has_policy_line_ = true;
      return false;
    }
    if (has_policy_line_ && policy_.range.end != 0)
      sink_.add("E0109", range_of(context->start), "the policy has its name already", "remove this second `policy` statement");
    else if (!has_policy_line_)
      builder_.policy(context, policy_);
    has_policy_line_ = true;
    previous_rule_ = Grammar::RulePolicy;
    return true;
  }

  bool read_plain_statement() {
    const Window window(tokens_);
    auto* context = parser_.read(&Grammar::statement);
    if (context == nullptr) return false;
    previous_rule_ = static_cast<antlr4::ParserRuleContext*>(context->children.front())->getRuleIndex();
    if (!begins_statement(next()) && next() != Token::EOF) {   // it was cut short: what it says so far may not be what it means
      report_no_statement(source_, tokens_.LT(1), previous_rule_, sink_);
      return false;
    }
    add(builder_.statement(context), range_of(context));
    return true;
  }

  void add(StatementAst statement, SourceRange range) {
    std::size_t rules = 0;
    if (const auto* machine = std::get_if<ModeDecl>(&statement)) rules = machine->steps.size();
    if (std::holds_alternative<RuleDecl>(statement) || std::holds_alternative<FloorDecl>(statement) || std::holds_alternative<LimitDecl>(statement) ||
        std::holds_alternative<InvariantDecl>(statement))
      rules = 1;
    rules_ += rules;
    if (rules_ > limits_.rules && rules != 0) {
      sink_.add("E0114", range, fmt::format("the policy has more than {} rules, floors, limits, invariants, transitions and deadlines", limits_.rules), "split the policy");
      sink_.stop();
    }
    policy_.statements.push_back({std::move(statement), range});
  }

  bool read_scenario() {
    ScenarioDecl scenario;
    SourceRange range;
    if (!read_scenario_name(scenario, range)) return false;
    while (!begins_statement(next()) && next() != Token::EOF && !sink_.full()) {
      const std::size_t begin = tokens_.index();
      if (read_step(scenario)) range.end = scenario.steps.back().range.end;
      else skip(begin, true);
    }
    previous_rule_ = Grammar::RuleScenario;
    add(std::move(scenario), range);
    return true;
  }

  bool read_scenario_name(ScenarioDecl& scenario, SourceRange& range) {
    const Window window(tokens_);
    auto* context = parser_.read(&Grammar::scenarioName);
    if (context == nullptr) return false;
    range = range_of(context);
    scenario = builder_.scenario(context);
    return true;
  }

  bool read_step(ScenarioDecl& scenario) {
    const Window window(tokens_);
    auto* context = parser_.read(&Grammar::step);
    if (context == nullptr) return false;
    scenario.steps.push_back(builder_.step(context));
    return true;
  }

  /// To where reading can go on, past where it began: the next word that begins a statement; in a scenario, or the next line.
  void skip(std::size_t begin, bool to_line) {
    for (; next() != Token::EOF; tokens_.consume())
      if (tokens_.index() > begin && (can_begin_statement() || (to_line && first_on_line() && next() != Grammar::END))) return;
  }
  bool can_begin_statement() {
    if (!begins_statement(next())) return false;
    if (first_on_line()) return true;
    const bool stands_inside_statements = next() == Grammar::MODE || next() == Grammar::EVIDENCE || next() == Grammar::PURPOSE;
    const std::size_t before = source_.substr(0, tokens_.LT(1)->getStartIndex()).find_last_not_of(" \t");
    return !stands_inside_statements && before != std::string_view::npos && source_[before] != ',' && source_[before] != '.';
  }
  bool first_on_line() {
    std::size_t at = tokens_.LT(1)->getStartIndex();
    while (at > 0 && (source_[at - 1] == ' ' || source_[at - 1] == '\t')) --at;
    return at == 0 || source_[at - 1] == '\n';
  }

  std::string_view source_;
  const Limits& limits_;
  DiagnosticSink& sink_;
  ByteStream stream_;
  PolicyLexer lexer_;
  antlr4::UnbufferedTokenStream tokens_;
  StatementParser parser_;
  Builder builder_;
  PolicyAst policy_;
  std::size_t rules_ = 0, previous_rule_ = kNoRule;
  bool has_policy_line_ = false;
};

}  // namespace

Passed<PolicyAst> parse(std::string_view source, const Limits& limits) {
  DiagnosticSink sink(limits.diagnostics);
  Passed<PolicyAst> passed;
  scan_bytes(source, limits, sink);
  if (sink.empty()) {
    try {
      passed.artefact = Reader(source, limits, sink).read();
    } catch (const std::exception& unexpected) {
      sink.add("E0110", {}, fmt::format("the text can't be read: {}", unexpected.what()), "report this text as a bug");
    }
  }
  if (!sink.empty()) passed.artefact.reset();
  passed.diagnostics = sink.take();
  return passed;
}

}  // namespace ringfence
