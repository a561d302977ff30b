// SPDX-License-Identifier: Apache-2.0
// See residual.h. A term is a list of cases, each a condition and a linear sum: an `ite` of numbers that hangs on balances has more than one.
#include "residual.h"

#include <optional>
#include <unordered_map>

namespace checker {

const Condition& always() {
  static const Condition truth = std::make_shared<Formula>(Formula{Formula::Kind::All, {}, {}});
  return truth;
}
const Condition& never() {
  static const Condition untruth = std::make_shared<Formula>(Formula{Formula::Kind::Any, {}, {}});
  return untruth;
}

namespace {

constexpr std::size_t kPartsMax = 4'000;   ///< of one condition, shared ones counted each time
constexpr std::size_t kDepthMax = 1'000;

Wide sum(Wide a, Wide b) {
  if (__builtin_add_overflow(a, b, &a)) throw TooLarge{"the invariant computes with numbers beyond 128 bits"};
  return a;
}
Wide product(Wide a, Wide b) {
  if (__builtin_mul_overflow(a, b, &a)) throw TooLarge{"the invariant computes with numbers beyond 128 bits"};
  return a;
}

/// one + factor * other.
Inequality plus(Inequality one, const Inequality& other, Wide factor) {
  for (std::size_t i = 0; i < one.coefficients.size(); ++i) one.coefficients[i] = sum(one.coefficients[i], product(other.coefficients[i], factor));
  one.constant = sum(one.constant, product(other.constant, factor));
  return one;
}

bool is_number(const Inequality& term) {
  for (const Wide coefficient : term.coefficients)
    if (coefficient != 0) return false;
  return true;
}

Condition joined(Formula::Kind kind, const std::vector<Condition>& parts) {
  const Condition& neutral = kind == Formula::Kind::All ? always() : never();
  const Condition& deciding = kind == Formula::Kind::All ? never() : always();
  Formula formula{kind, {}, {}};
  for (const Condition& part : parts) {
    if (part == deciding) return deciding;
    if (part != neutral) formula.parts.push_back(part);
  }
  if (formula.parts.empty()) return neutral;
  return formula.parts.size() == 1 ? formula.parts[0] : std::make_shared<Formula>(std::move(formula));
}
Condition both(const Condition& a, const Condition& b) { return joined(Formula::Kind::All, {a, b}); }
Condition either(const Condition& a, const Condition& b) { return joined(Formula::Kind::Any, {a, b}); }

Condition at_least_zero(Inequality term) {
  if (is_number(term)) return term.constant >= 0 ? always() : never();
  return std::make_shared<Formula>(Formula{Formula::Kind::AtLeastZero, std::move(term), {}});
}

Condition negated(const Condition& condition, std::size_t& budget) {
  if (condition == always()) return never();
  if (condition == never()) return always();
  if (budget-- == 0) throw TooLarge{"the invariant has too many cases"};
  if (condition->kind == Formula::Kind::AtLeastZero) {
    Inequality opposite{std::vector<Wide>(condition->inequality.coefficients.size(), 0), -1};   // not (t >= 0): -t - 1 >= 0
    return at_least_zero(plus(std::move(opposite), condition->inequality, -1));
  }
  std::vector<Condition> parts;
  for (const Condition& part : condition->parts) parts.push_back(negated(part, budget));
  return joined(condition->kind == Formula::Kind::All ? Formula::Kind::Any : Formula::Kind::All, parts);
}

}  // namespace

Condition negation(const Condition& condition) {
  std::size_t budget = kPartsMax;
  return negated(condition, budget);
}

/// One evaluation.
class Residual {
 public:
  Residual(const Definitions& definitions, Index variable_count) : definitions_(definitions), variable_count_(variable_count) {}

  struct Case { Condition when; Inequality value; };
  struct Meaning { Condition truth; std::vector<Case> cases; };   ///< of a Bool: truth; of an Int: one case holds
  using Known = std::unordered_map<Index, Meaning>;               ///< shared expressions of one function body

  Condition condition(Index function, const std::vector<Argument>& arguments) {
    std::vector<Meaning> given;
    for (const Argument& each : arguments) {
      Inequality value = number(each.is_variable ? 0 : each.number);
      if (each.is_variable) value.coefficients[each.variable] = 1;
      given.push_back(term(std::move(value)));
    }
    Known known;
    return truth_of(meaning(definitions_.body(function), given, known));
  }

 private:
  using Expression = Definitions::Expression;

  Inequality number(Wide value) const { return {std::vector<Wide>(variable_count_, 0), value}; }
  static Meaning term(Inequality value) { return {nullptr, {{always(), std::move(value)}}}; }

  static const Condition& truth_of(const Meaning& meaning) {
    if (!meaning.truth) throw Unusable{"the certificate has a number where a condition should be"};
    return meaning.truth;
  }
  static const std::vector<Case>& cases_of(const Meaning& meaning) {
    if (meaning.truth) throw Unusable{"the certificate has a condition where a number should be"};
    return meaning.cases;
  }

  Meaning meaning(Index index, const std::vector<Meaning>& arguments, Known& known) {
    if (const auto found = known.find(index); found != known.end()) return found->second;
    if (++made_ > kPartsMax || depth_ > kDepthMax) throw TooLarge{"the invariant has too many cases"};
    ++depth_;
    Meaning found = computed(definitions_.expression(index), arguments, known);
    --depth_;
    return known.emplace(index, std::move(found)).first->second;
  }

  Meaning computed(const Expression& expression, const std::vector<Meaning>& arguments, Known& known) {
    switch (expression.op) {
      case Op::Number: return term(number(expression.number));
      case Op::Truth: return {expression.number != 0 ? always() : never(), {}};
      case Op::Parameter: return arguments[static_cast<std::size_t>(expression.number)];
      case Op::Call: {
        Known within;
        return meaning(definitions_.body(static_cast<Index>(expression.number)), parts(expression, arguments, known), within);
      }
      case Op::And: return {connective(expression, Formula::Kind::All, arguments, known), {}};
      case Op::Or: return {connective(expression, Formula::Kind::Any, arguments, known), {}};
      case Op::Choose: {
        const Condition when = truth_of(meaning(expression.parts[0], arguments, known));
        if (when == always() || when == never()) return meaning(expression.parts[when == always() ? 1 : 2], arguments, known);
        return choice(when, meaning(expression.parts[1], arguments, known), meaning(expression.parts[2], arguments, known));
      }
      case Op::Not: return {negation(truth_of(meaning(expression.parts[0], arguments, known))), {}};
      default: break;
    }
    const std::vector<Meaning> of = parts(expression, arguments, known);
    switch (expression.op) {
      case Op::Implies: {   // a => b => c: not a, or not b, or c
        std::vector<Condition> any;
        for (std::size_t i = 0; i < of.size(); ++i) any.push_back(i + 1 < of.size() ? negation(truth_of(of[i])) : truth_of(of[i]));
        return {joined(Formula::Kind::Any, any), {}};
      }
      case Op::Add: case Op::Subtract: case Op::Multiply: return arithmetic(expression.op, of);
      default: return {comparison(expression.op, of), {}};
    }
  }

  std::vector<Meaning> parts(const Expression& expression, const std::vector<Meaning>& arguments, Known& known) {
    std::vector<Meaning> found;
    for (const Index part : expression.parts) found.push_back(meaning(part, arguments, known));
    return found;
  }

  /// Parts after one that decides are not looked at.
  Condition connective(const Expression& expression, Formula::Kind kind, const std::vector<Meaning>& arguments, Known& known) {
    std::vector<Condition> found;
    for (const Index part : expression.parts) {
      found.push_back(truth_of(meaning(part, arguments, known)));
      if (found.back() == (kind == Formula::Kind::All ? never() : always())) break;
    }
    return joined(kind, found);
  }

  static Meaning choice(const Condition& when, const Meaning& one, const Meaning& other) {
    const Condition otherwise = negation(when);
    if (one.truth) return {either(both(when, one.truth), both(otherwise, truth_of(other))), {}};
    Meaning chosen;
    for (const Case& each : one.cases) chosen.cases.push_back({both(when, each.when), each.value});
    for (const Case& each : cases_of(other)) chosen.cases.push_back({both(otherwise, each.when), each.value});
    return chosen;
  }

  Meaning arithmetic(Op op, const std::vector<Meaning>& of) const {
    Meaning result = term(number(op == Op::Multiply ? 1 : 0));
    for (std::size_t i = 0; i < of.size(); ++i) {
      const bool negative = op == Op::Subtract && (i != 0 || of.size() == 1);   // `(- a)` is 0 - a
      Meaning next;
      for (const Case& so_far : result.cases)
        for (const Case& each : cases_of(of[i])) {
          const Condition when = both(so_far.when, each.when);
          if (when == never()) continue;
          next.cases.push_back({when, op == Op::Multiply ? times(so_far.value, each.value) : plus(so_far.value, each.value, negative ? -1 : 1)});
        }
      if (next.cases.size() > kPartsMax) throw TooLarge{"the invariant has too many cases"};
      result = std::move(next);
    }
    return result;
  }

  Inequality times(const Inequality& a, const Inequality& b) const {
    if (!is_number(a) && !is_number(b)) throw TooLarge{"the invariant multiplies balances"};
    return is_number(a) ? plus(number(0), b, a.constant) : plus(number(0), a, b.constant);
  }

  /// Neighbours; for distinct, all pairs.
  Condition comparison(Op op, const std::vector<Meaning>& of) const {
    std::vector<Condition> all;
    for (std::size_t j = 1; j < of.size(); ++j)
      for (std::size_t i = op == Op::Distinct ? 0 : j - 1; i < j; ++i) all.push_back(compared(op, of[i], of[j]));
    return joined(Formula::Kind::All, all);
  }

  Condition compared(Op op, const Meaning& one, const Meaning& other) const {
    const bool negative = op == Op::Distinct;
    if (one.truth && (op == Op::Equal || negative)) {
      const Condition& a = one.truth;
      const Condition& b = truth_of(other);
      const Condition same = either(both(a, b), both(negation(a), negation(b)));
      return negative ? negation(same) : same;
    }
    std::vector<Condition> any;
    for (const Case& a : cases_of(one))
      for (const Case& b : cases_of(other)) any.push_back(both(both(a.when, b.when), compared(op, a.value, b.value)));
    return joined(Formula::Kind::Any, any);
  }

  Condition compared(Op op, const Inequality& a, const Inequality& b) const {
    const Condition above = at_least_zero(plus(a, b, -1)), below = at_least_zero(plus(b, a, -1));   // a >= b, b >= a
    switch (op) {
      case Op::Less: return negation(above);
      case Op::LessEqual: return below;
      case Op::Greater: return negation(below);
      case Op::GreaterEqual: return above;
      case Op::Distinct: return either(negation(above), negation(below));
      default: return both(above, below);
    }
  }

  const Definitions& definitions_;
  const Index variable_count_;
  std::size_t made_ = 0, depth_ = 0;
};

Condition residual(const Definitions& definitions, Index function, const std::vector<Argument>& arguments, Index variable_count) {
  return Residual(definitions, variable_count).condition(function, arguments);
}

}  // namespace checker
