// SPDX-License-Identifier: Apache-2.0
// A number is a list of cases, each a formula and a linear sum: an `ite` of numbers has more than one. See meaning.h.
#include "meaning.h"

#include <unordered_map>

namespace checker {
namespace {

constexpr std::size_t kStepsMax = 100'000;   ///< terms read, those of a function called again counted again
constexpr std::size_t kCasesMax = 4'000;     ///< of one number

struct Case { Index when; Sum value; };
struct Meaning { Index truth = kNone; std::vector<Case> cases; };   ///< of a Bool: truth; of an Int: just one of the cases holds

class Reading {
 public:
  Reading(Formulas& formulas, const Definitions& definitions) : formulas_(formulas), definitions_(definitions) {}

  Index truth(Index function, const std::vector<Sum>& arguments) {
    std::vector<Meaning> given;
    for (const Sum& each : arguments) given.push_back(number_of(each));
    Known known;
    return truth_of(read(definitions_.body(function), given, known));
  }

 private:
  using Expression = Definitions::Expression;
  using Known = std::unordered_map<Index, Meaning>;   ///< shared terms of one function's body

  static Meaning number_of(Sum value) { return {kNone, {{kAlways, std::move(value)}}}; }
  static Meaning truth(Index formula) { return {formula, {}}; }

  static Index truth_of(const Meaning& meaning) {
    if (meaning.truth == kNone) throw Unusable{"the certificate has a number where a condition should be"};
    return meaning.truth;
  }
  static const std::vector<Case>& cases_of(const Meaning& meaning) {
    if (meaning.truth != kNone) throw Unusable{"the certificate has a condition where a number should be"};
    return meaning.cases;
  }

  const Meaning& read(Index index, const std::vector<Meaning>& arguments, Known& known) {
    if (const auto found = known.find(index); found != known.end()) return found->second;
    if (++steps_ > kStepsMax) throw TooLarge{"a function of the certificate unfolds to more than this program reads"};
    return known.emplace(index, computed(definitions_.expression(index), arguments, known)).first->second;
  }

  Meaning computed(const Expression& expression, const std::vector<Meaning>& arguments, Known& known) {
    switch (expression.op) {
      case Op::Number: return number_of(number(expression.number));
      case Op::Truth: return truth(expression.number != 0 ? kAlways : kNever);
      case Op::Parameter: return arguments[static_cast<std::size_t>(expression.number)];
      case Op::And: return truth(connective(expression, kNever, arguments, known));
      case Op::Or: return truth(connective(expression, kAlways, arguments, known));
      case Op::Choose: {
        const Index when = truth_of(read(expression.parts[0], arguments, known));
        if (when == kAlways || when == kNever) return read(expression.parts[when == kAlways ? 1 : 2], arguments, known);
        return choice(when, read(expression.parts[1], arguments, known), read(expression.parts[2], arguments, known));
      }
      default: break;
    }
    std::vector<Meaning> of;
    for (const Index part : expression.parts) of.push_back(read(part, arguments, known));
    switch (expression.op) {
      case Op::Call: {
        Known within;
        return read(definitions_.body(static_cast<Index>(expression.number)), of, within);
      }
      case Op::Not: return truth(Formulas::negation(truth_of(of[0])));
      case Op::Implies: return truth(implication(of));
      case Op::Add: case Op::Subtract: case Op::Multiply: return arithmetic(expression.op, of);
      default: return truth(comparison(expression.op, of));
    }
  }

  /// Parts are read until one decides.
  Index connective(const Expression& expression, Index deciding, const std::vector<Meaning>& arguments, Known& known) {
    std::vector<Index> parts;
    for (const Index part : expression.parts) {
      parts.push_back(truth_of(read(part, arguments, known)));
      if (parts.back() == deciding) return deciding;
    }
    return deciding == kNever ? formulas_.all(parts) : formulas_.any(std::move(parts));
  }

  /// a => b => c: not a, or not b, or c.
  Index implication(const std::vector<Meaning>& of) {
    std::vector<Index> any;
    for (std::size_t i = 0; i < of.size(); ++i) any.push_back(i + 1 == of.size() ? truth_of(of[i]) : Formulas::negation(truth_of(of[i])));
    return formulas_.any(std::move(any));
  }

  Meaning choice(Index when, const Meaning& one, const Meaning& other) {
    if (one.truth != kNone) return truth(formulas_.choice(when, one.truth, truth_of(other)));
    Meaning chosen;
    for (const Case& each : one.cases) chosen.cases.push_back({formulas_.all({when, each.when}), each.value});
    for (const Case& each : cases_of(other)) chosen.cases.push_back({formulas_.all({Formulas::negation(when), each.when}), each.value});
    return chosen;
  }

  Meaning arithmetic(Op op, const std::vector<Meaning>& of) {
    Meaning result = number_of(number(op == Op::Multiply ? 1 : 0));
    for (std::size_t i = 0; i < of.size(); ++i) {
      const bool negative = op == Op::Subtract && (i != 0 || of.size() == 1);   // `(- a)` is 0 - a
      Meaning next;
      for (const Case& so_far : result.cases)
        for (const Case& each : cases_of(of[i])) {
          const Index when = formulas_.all({so_far.when, each.when});
          if (when == kNever) continue;
          next.cases.push_back({when, op == Op::Multiply ? times(so_far.value, each.value) : negative ? minus(so_far.value, each.value) : plus(so_far.value, each.value)});
        }
      if (next.cases.size() > kCasesMax) throw TooLarge{"a number of the certificate has too many cases"};
      result = std::move(next);
    }
    return result;
  }

  static Sum times(const Sum& a, const Sum& b) {
    if (!a.terms.empty() && !b.terms.empty()) throw TooLarge{"the certificate multiplies what is not known"};
    Sum product;
    product.add(a.terms.empty() ? b : a, a.terms.empty() ? a.constant : b.constant);
    return product;
  }

  /// Neighbours; for distinct, all pairs.
  Index comparison(Op op, const std::vector<Meaning>& of) {
    std::vector<Index> all;
    for (std::size_t j = 1; j < of.size(); ++j)
      for (std::size_t i = op == Op::Distinct ? 0 : j - 1; i < j; ++i) all.push_back(compared(op, of[i], of[j]));
    return formulas_.all(all);
  }

  Index compared(Op op, const Meaning& one, const Meaning& other) {
    if (one.truth != kNone && (op == Op::Equal || op == Op::Distinct)) {
      const Index same = formulas_.choice(one.truth, truth_of(other), Formulas::negation(truth_of(other)));
      return op == Op::Equal ? same : Formulas::negation(same);
    }
    std::vector<Index> any;
    for (const Case& a : cases_of(one))
      for (const Case& b : cases_of(other)) any.push_back(formulas_.all({a.when, b.when, compared(op, a.value, b.value)}));
    return formulas_.any(std::move(any));
  }

  Index compared(Op op, const Sum& a, const Sum& b) {
    switch (op) {
      case Op::Less: return Formulas::negation(formulas_.at_least_zero(minus(a, b)));
      case Op::LessEqual: return formulas_.at_least_zero(minus(b, a));
      case Op::Greater: return Formulas::negation(formulas_.at_least_zero(minus(b, a)));
      case Op::GreaterEqual: return formulas_.at_least_zero(minus(a, b));
      case Op::Distinct: return Formulas::negation(formulas_.is_zero(minus(a, b)));
      default: return formulas_.is_zero(minus(a, b));
    }
  }

  Formulas& formulas_;
  const Definitions& definitions_;
  std::size_t steps_ = 0;
};

}  // namespace

Index meaning(Formulas& formulas, const Definitions& definitions, Index function, const std::vector<Sum>& arguments) {
  return Reading(formulas, definitions).truth(function, arguments);
}

}  // namespace checker
