// SPDX-License-Identifier: Apache-2.0
// Trees, compiled to shared expressions, evaluated in three-valued logic: an `and` with a false part is false whatever the unknown
// parts are. See smt.h.
#include "smt.h"

#include <algorithm>

#include "sexpr.h"

namespace checker {
namespace {

constexpr std::uint64_t kStepsMax = 4'000'000'000;

const std::unordered_map<std::string_view, Op> kOps = {
    {"not", Op::Not}, {"and", Op::And}, {"or", Op::Or}, {"=>", Op::Implies}, {"ite", Op::Choose}, {"=", Op::Equal}, {"distinct", Op::Distinct},
    {"<", Op::Less}, {"<=", Op::LessEqual}, {">", Op::Greater}, {">=", Op::GreaterEqual}, {"+", Op::Add}, {"-", Op::Subtract}, {"*", Op::Multiply}};

/// A decimal, or false.
bool read_number(std::string_view atom, Wide& number) {
  if (atom.empty()) return false;
  for (const char c : atom) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(number, Wide{10}, &number) || __builtin_add_overflow(number, Wide{c - '0'}, &number)) throw TooLarge{"the invariant has a number beyond 128 bits"};
  }
  return true;
}

bool arity_fits(Op op, std::size_t count) {
  if (op == Op::Not) return count == 1;
  if (op == Op::Choose) return count == 3;
  return count >= (op == Op::And || op == Op::Or || op == Op::Add || op == Op::Subtract ? 1u : 2u);
}

}  // namespace

// ---- text to expressions

class Compiler {
 public:
  explicit Compiler(Definitions& out) : out_(out) {}

  void define(const Tree& command) {
    if (command.parts.size() != 5 || command.parts[1].atom.empty()) throw Unusable{"the certificate has a define-fun that is none"};
    Definitions::Function function{std::string(command.parts[1].atom), {}, 0};
    bound_.clear();
    for (const Tree& parameter : command.parts[2].parts) {
      if (parameter.parts.size() != 2) throw Unusable{"the certificate has a define-fun that is none"};
      bound_[parameter.parts[0].atom].push_back(add({Op::Parameter, static_cast<Wide>(function.parameters.size()), {}}));
      function.parameters.emplace_back(parameter.parts[0].atom);
    }
    function.body = compile(command.parts[4]);
    if (!out_.by_name_.emplace(function.name, static_cast<Index>(out_.functions_.size())).second) throw Unusable{"the certificate defines a function twice"};
    out_.functions_.push_back(std::move(function));
  }

 private:
  Index add(Definitions::Expression expression) {
    for (const Index part : expression.parts) expression.height = std::max(expression.height, out_.expressions_[part].height + 1);
    if (expression.op == Op::Call) expression.height += out_.expressions_[out_.body(static_cast<Index>(expression.number))].height + 1;
    if (expression.height >= kNestingMax) throw TooLarge{"a function is nested more than " + std::to_string(kNestingMax) + " deep, with lets and calls in their places"};
    out_.expressions_.push_back(std::move(expression));
    return static_cast<Index>(out_.expressions_.size() - 1);
  }

  Index compile(const Tree& tree) {
    if (tree.parts.empty()) return leaf(tree.atom);
    const std::string_view head = tree.parts[0].atom;
    if (head == "let") return let(tree);
    Definitions::Expression expression;
    if (const auto op = kOps.find(head); op != kOps.end()) {
      expression.op = op->second;
      if (!arity_fits(op->second, tree.parts.size() - 1)) throw Unusable{"the certificate gives a function the wrong number of arguments"};
    } else {
      expression.op = Op::Call;
      expression.number = called(head, tree.parts.size() - 1);
    }
    for (std::size_t i = 1; i < tree.parts.size(); ++i) expression.parts.push_back(compile(tree.parts[i]));
    return add(std::move(expression));
  }

  Wide called(std::string_view name, std::size_t arguments) const {
    if (name == "div" || name == "mod" || name == "abs") throw TooLarge{"the invariant uses '" + std::string(name) + "', which this program does not reckon with"};
    const auto found = out_.by_name_.find(std::string(name));
    if (found == out_.by_name_.end()) throw Unusable{"a function of the certificate uses '" + std::string(name) + "', which is not defined before it"};
    if (out_.functions_[found->second].parameters.size() != arguments) throw Unusable{"the certificate gives a function the wrong number of arguments"};
    return found->second;
  }

  Index leaf(std::string_view atom) {
    if (atom == "true" || atom == "false") return add({Op::Truth, atom == "true" ? 1 : 0, {}});
    if (const auto found = bound_.find(atom); found != bound_.end() && !found->second.empty()) return found->second.back();
    Wide number = 0;
    if (read_number(atom, number)) return add({Op::Number, number, {}});
    return add({Op::Call, called(atom, 0), {}});
  }

  Index let(const Tree& tree) {
    if (tree.parts.size() != 3) throw Unusable{"the certificate has a let that is none"};
    std::vector<std::pair<std::string_view, Index>> found;   // all are bound at once
    for (const Tree& binding : tree.parts[1].parts) {
      if (binding.parts.size() != 2) throw Unusable{"the certificate has a let that is none"};
      found.emplace_back(binding.parts[0].atom, compile(binding.parts[1]));
    }
    for (const auto& [name, expression] : found) bound_[name].push_back(expression);
    const Index body = compile(tree.parts[2]);
    for (const auto& [name, expression] : found) bound_[name].pop_back();
    return body;
  }

  Definitions& out_;
  std::unordered_map<std::string_view, std::vector<Index>> bound_;   ///< parameters and let-names, innermost last
};

Definitions Definitions::read(std::string_view text) {
  Definitions definitions;
  SexprReader reader(text);
  definitions.opening_ = reader.opening();
  for (Tree command; reader.next_function(command);) Compiler(definitions).define(command);
  return definitions;
}

Index Definitions::function(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

// ---- evaluation

Value Definitions::evaluate(Index function, const std::vector<Value>& arguments) const { return value(functions_[function].body, arguments); }

Value Definitions::value(Index index, const std::vector<Value>& arguments) const {
  if (++steps_ > kStepsMax) throw TooLarge{"the invariant takes too many steps to evaluate"};
  const Expression& expression = expressions_[index];
  switch (expression.op) {
    case Op::Number: case Op::Truth: return {true, expression.number};
    case Op::Parameter: return arguments[static_cast<std::size_t>(expression.number)];
    case Op::Call: {
      std::vector<Value> given;
      given.reserve(expression.parts.size());
      for (const Index part : expression.parts) given.push_back(value(part, arguments));
      return value(functions_[static_cast<std::size_t>(expression.number)].body, given);
    }
    case Op::Not: {
      const Value part = value(expression.parts[0], arguments);
      return {part.known, !part.number};
    }
    case Op::And: return connective(expression, arguments, false);
    case Op::Or: return connective(expression, arguments, true);
    case Op::Implies: {   // a => b => c: false only when all but the last are true and the last is not
      bool all_known = true;
      for (std::size_t i = 0; i < expression.parts.size(); ++i) {
        const Value part = value(expression.parts[i], arguments);
        const bool last = i + 1 == expression.parts.size();
        if (part.known && (part.number != 0) == last) return {true, 1};
        all_known = all_known && part.known;
      }
      return {all_known, 0};
    }
    case Op::Choose: {
      const Value condition = value(expression.parts[0], arguments);
      if (condition.known) return value(expression.parts[condition.number != 0 ? 1 : 2], arguments);
      const Value one = value(expression.parts[1], arguments), other = value(expression.parts[2], arguments);
      return {one.known && other.known && one.number == other.number, one.number};
    }
    case Op::Equal: case Op::Distinct: case Op::Less: case Op::LessEqual: case Op::Greater: case Op::GreaterEqual: return comparison(expression, arguments);
    case Op::Add: case Op::Subtract: case Op::Multiply: return arithmetic(expression, arguments);
  }
  return {};
}

/// `decides`: the part that settles it, true for `or`.
Value Definitions::connective(const Expression& expression, const std::vector<Value>& arguments, bool decides) const {
  bool all_known = true;
  for (const Index index : expression.parts) {
    const Value part = value(index, arguments);
    if (part.known && (part.number != 0) == decides) return {true, decides};
    all_known = all_known && part.known;
  }
  return {all_known, !decides};
}

Value Definitions::comparison(const Expression& expression, const std::vector<Value>& arguments) const {
  const auto holds = [&](Wide a, Wide b) {
    switch (expression.op) {
      case Op::Less: return a < b;
      case Op::LessEqual: return a <= b;
      case Op::Greater: return a > b;
      case Op::GreaterEqual: return a >= b;
      case Op::Distinct: return a != b;
      default: return a == b;
    }
  };
  const std::size_t count = expression.parts.size();
  bool all_known = true;
  Value before = value(expression.parts[0], arguments);
  for (std::size_t last = 1; last < count; ++last) {
    const Value next = value(expression.parts[last], arguments);
    if (before.known && next.known && !holds(before.number, next.number)) return {true, 0};
    all_known = all_known && before.known && next.known;
    before = next;
  }
  for (std::size_t last = 2; expression.op == Op::Distinct && last < count; ++last)   // neighbours are done; for distinct, all pairs
    for (std::size_t first = 0; first + 1 < last; ++first) {
      const Value one = value(expression.parts[first], arguments), other = value(expression.parts[last], arguments);
      if (one.known && other.known && one.number == other.number) return {true, 0};
    }
  return {all_known, 1};
}

Value Definitions::arithmetic(const Expression& expression, const std::vector<Value>& arguments) const {
  Wide result = 0;
  for (std::size_t i = 0; i < expression.parts.size(); ++i) {
    const Value part = value(expression.parts[i], arguments);
    if (!part.known) return {};
    bool overflow = false;
    const bool begins = i == 0 && !(expression.op == Op::Subtract && expression.parts.size() == 1);   // `(- a)` is 0 - a
    if (begins) result = part.number;
    else if (expression.op == Op::Add) overflow = __builtin_add_overflow(result, part.number, &result);
    else if (expression.op == Op::Subtract) overflow = __builtin_sub_overflow(result, part.number, &result);
    else overflow = __builtin_mul_overflow(result, part.number, &result);
    if (overflow) throw TooLarge{"the invariant computes with numbers beyond 128 bits"};
  }
  return {true, result};
}

}  // namespace checker
