// SPDX-License-Identifier: Apache-2.0
// Guards and values. Language reference, section 6. The grammar reads both in one way; here it is settled which is meant, and a
// condition in the place of a value, or the other way round, is reported. Holds afterwards: sums and products of any length are one
// flat node, so the tree is no deeper than the text's nesting. `a - b` is Subtract; in a longer sum what is taken away is negated.
#include <fmt/format.h>

#include "compiler/parse_build.h"

namespace ringfence {

GuardAst Builder::guard(Grammar::GuardContext* context) {
  const auto parts = context->both();
  if (parts.size() == 1) return both(parts.front());
  GuardAst read;
  read.kind = GuardAst::Kind::Or;
  read.range = range_of(context);
  for (auto* one : parts) read.parts.push_back(both(one));
  return read;
}

GuardAst Builder::both(Grammar::BothContext* context) {
  const auto parts = context->negation();
  if (parts.size() == 1) return negation(parts.front());
  GuardAst read;
  read.kind = GuardAst::Kind::And;
  read.range = range_of(context);
  for (auto* one : parts) read.parts.push_back(negation(one));
  return read;
}

GuardAst Builder::negation(Grammar::NegationContext* context) {
  if (context->test() != nullptr) return test(context->test());
  GuardAst read;
  read.kind = GuardAst::Kind::Not;
  read.range = range_of(context);
  read.parts.push_back(negation(context->negation()));
  return read;
}

GuardAst Builder::test(Grammar::TestContext* context) {
  if (context->MODE() != nullptr) return mode_test(context);
  if (!context->sum().empty()) return comparison(context);
  GuardAst read;
  read.range = range_of(context);
  if (context->APPROVED() != nullptr) {
    read.kind = GuardAst::Kind::Approved;
    if (context->NUMBER() != nullptr) read.count = number(context->NUMBER());
    read.names = names(context->nameList());
  } else if (context->EVIDENCE() != nullptr) {
    read.kind = GuardAst::Kind::Evidence;
    read.names = names(context->nameList());
  } else {
    read.kind = GuardAst::Kind::Time;
    read.start = verbatim(context->TIME_OF_DAY(0));
    read.end = verbatim(context->TIME_OF_DAY(1));
  }
  return read;
}

GuardAst Builder::mode_test(Grammar::TestContext* context) {
  GuardAst read;
  read.kind = GuardAst::Kind::Mode;
  read.range = range_of(context);
  read.negated = context->NOT() != nullptr;
  read.names = names(context->nameList());
  if (context->reference() != nullptr) read.reference = reference(context->reference());
  return read;
}

namespace {

Comparator comparator_of(Grammar::ComparatorContext* context) {
  switch (context->start->getType()) {
    case Grammar::LESS: return Comparator::Less;
    case Grammar::LESS_EQUAL: return Comparator::LessEqual;
    case Grammar::EQUAL: return Comparator::Equal;
    case Grammar::NOT_EQUAL: return Comparator::NotEqual;
    case Grammar::GREATER_EQUAL: return Comparator::GreaterEqual;
    default: return Comparator::Greater;
  }
}

/// The one primary that the sum is, or null when it computes something.
Grammar::PrimaryContext* only_primary(Grammar::SumContext* sum) {
  if (sum->product().size() != 1) return nullptr;
  auto* product = sum->product(0);
  return product->factor().size() == 1 ? product->factor(0)->primary() : nullptr;
}

/// The sum that the guard is, when it is a value and no condition; else null.
Grammar::SumContext* only_sum(Grammar::GuardContext* guard) {
  if (guard->both().size() != 1 || guard->both(0)->negation().size() != 1) return nullptr;
  auto* test = guard->both(0)->negation(0)->test();
  return test != nullptr && test->sum().size() == 1 ? test->sum(0) : nullptr;
}

}  // namespace

GuardAst Builder::comparison(Grammar::TestContext* context) {
  const auto values = context->sum();
  if (values.size() == 1) return bare(values.front());
  const SourceRange range = range_of(context);
  if (values.size() > 2) {
    const auto text = [&](std::size_t i) { return text_of(source_, range_of(values[i])); };
    const auto sign = [&](std::size_t i) { return text_of(source_, range_of(context->comparator(i))); };
    sink_.add("E0117", range, "three values are compared in one go",
              fmt::format("write `{} {} {} and {} {} {}`", text(0), sign(0), text(1), text(1), sign(1), text(2)));
  }
  GuardAst read;
  read.kind = GuardAst::Kind::Compare;
  read.range = range;
  read.left = sum(values[0]);
  read.right = sum(values[1]);
  read.comparator = comparator_of(context->comparator(0));
  return read;
}

/// A sum that is compared with nothing: a flag, or a condition in parentheses.
GuardAst Builder::bare(Grammar::SumContext* context) {
  GuardAst read;
  read.kind = GuardAst::Kind::Flag;
  read.range = range_of(context);
  auto* primary = only_primary(context);
  if (primary != nullptr && primary->group() != nullptr) {
    read = guard(primary->group()->guard());
    read.range = range_of(context);
  } else if (primary != nullptr && primary->name() != nullptr && primary->BALANCE() == nullptr && primary->TOTAL() == nullptr) {
    read.flag = name(primary->name());
    if (primary->reference() != nullptr) read.reference = reference(primary->reference());
  } else {
    sink_.add("E0116", read.range, fmt::format("`{}` is a value; a condition is needed here", text_of(source_, read.range)),
              "compare it with something, for instance `amount <= 100 USDC`");
  }
  return read;
}

ExprAst Builder::sum(Grammar::SumContext* context) {
  const auto products = context->product();
  if (products.size() == 1) return product(products.front());
  ExprAst read;
  read.range = range_of(context);
  bool minus = false;
  std::size_t next = 0;
  const bool pair = products.size() == 2;
  read.kind = pair && context->PLUS().empty() ? ExprAst::Kind::Subtract : ExprAst::Kind::Add;
  for (auto* child : context->children) {
    if (auto* sign = dynamic_cast<antlr4::tree::TerminalNode*>(child)) {
      minus = sign->getSymbol()->getType() == Grammar::MINUS;
      continue;
    }
    ExprAst operand = product(products[next++]);
    if (minus && !pair) {
      ExprAst negated;
      negated.kind = ExprAst::Kind::Negate;
      negated.range = operand.range;
      negated.operands.push_back(std::move(operand));
      operand = std::move(negated);
    }
    read.operands.push_back(std::move(operand));
  }
  return read;
}

ExprAst Builder::product(Grammar::ProductContext* context) {
  const auto factors = context->factor();
  if (factors.size() == 1) return factor(factors.front());
  ExprAst read;
  read.kind = ExprAst::Kind::Multiply;
  read.range = range_of(context);
  for (auto* one : factors) read.operands.push_back(factor(one));
  return read;
}

ExprAst Builder::factor(Grammar::FactorContext* context) {
  if (context->primary() != nullptr) return primary(context->primary());
  ExprAst read;
  read.kind = ExprAst::Kind::Negate;
  read.range = range_of(context);
  read.operands.push_back(factor(context->factor()));
  return read;
}

ExprAst Builder::primary(Grammar::PrimaryContext* context) {
  if (context->BALANCE() != nullptr || context->TOTAL() != nullptr) return balance_or_total(context);
  if (context->group() != nullptr) return group_value(context->group());
  ExprAst read;
  read.range = range_of(context);
  if (context->literal() != nullptr) {
    read.literal = literal(context->literal());
  } else if (context->factor() != nullptr) {   // 25% of x
    ExprAst share;
    share.range = range_of(context->PERCENT());
    share.literal.number = number(context->PERCENT(), true);
    share.literal.range = share.range;
    read.kind = ExprAst::Kind::Multiply;
    read.operands.push_back(std::move(share));
    read.operands.push_back(factor(context->factor()));
  } else if (context->AMOUNT() != nullptr) {
    read.kind = ExprAst::Kind::Amount;
  } else if (context->NOW() != nullptr) {
    read.kind = ExprAst::Kind::Now;
  } else {
    read.kind = ExprAst::Kind::Fact;
    read.fact = name(context->name());
    if (context->reference() != nullptr) read.reference = reference(context->reference());
  }
  return read;
}

ExprAst Builder::balance_or_total(Grammar::PrimaryContext* context) {
  ExprAst read;
  read.kind = context->BALANCE() != nullptr ? ExprAst::Kind::Balance : ExprAst::Kind::Total;
  read.range = range_of(context);
  read.after = context->AFTER() != nullptr;
  read.reference = reference(context->reference());
  if (context->name() != nullptr) read.asset = name(context->name());
  return read;
}

ExprAst Builder::group_value(Grammar::GroupContext* context) {
  const SourceRange range = range_of(context);
  ExprAst read;
  if (auto* inside = only_sum(context->guard())) {
    read = sum(inside);
  } else {
    sink_.add("E0116", range, fmt::format("`{}` is a condition; a value is needed here", text_of(source_, range)),
              "compare values, and join comparisons with `and` or `or`");
  }
  read.range = range;
  return read;
}

}  // namespace ringfence
