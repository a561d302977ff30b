// SPDX-License-Identifier: Apache-2.0
// In: the text of a certificate. Out: its opening comments and its functions (define-fun), which can be evaluated where only some arguments
// are known. Nothing else in it is looked at (sexpr.h), and nothing that it claims is believed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "table.h"

namespace checker {

/// A value that may not be known yet. Truth is 0 or 1.
struct Value { bool known = false; Wide number = 0; };

enum class Op : std::uint8_t {
  Number, Truth, Parameter, Call, Not, And, Or, Implies, Choose, Equal, Distinct, Less, LessEqual, Greater, GreaterEqual, Add, Subtract, Multiply
};

class Definitions {
 public:
  /// Throws Unusable for text that is not SMT-LIB, and for what a function uses beyond Int and Bool terms and earlier functions; TooLarge for
  /// what is SMT-LIB, and beyond this program: `div`, `mod`, numbers beyond 128 bits, terms beyond kNestingMax (sexpr.h).
  static Definitions read(std::string_view text);

  const std::vector<std::string>& opening() const { return opening_; }   ///< comments before the first command, without "; "
  /// kNone when there is none of that name.
  Index function(const std::string& name) const;
  /// The same functions, written alike.
  bool has_functions_of(const Definitions& other) const { return functions_ == other.functions_ && expressions_ == other.expressions_; }
  const std::vector<std::string>& parameters(Index function) const { return functions_[function].parameters; }
  std::size_t function_count() const { return functions_.size(); }
  const std::string& name(Index function) const { return functions_[function].name; }

  /// A term as it was written, lets put in their places. number: itself; of a parameter or a called function, its index. height: how deep it is
  /// nested, calls put in their places, too; less than kNestingMax.
  struct Expression { Op op = Op::Number; Wide number = 0; std::vector<Index> parts; std::size_t height = 0; bool operator==(const Expression&) const = default; };
  const Expression& expression(Index index) const { return expressions_[index]; }
  Index body(Index function) const { return functions_[function].body; }

  /// Known only if it is the same whatever the unknown arguments are (the converse need not hold). Throws TooLarge after too many steps.
  Value evaluate(Index function, const std::vector<Value>& arguments) const;

 private:
  friend class Compiler;
  struct Function { std::string name; std::vector<std::string> parameters; Index body = 0; bool operator==(const Function&) const = default; };

  Value value(Index expression, const std::vector<Value>& arguments) const;
  Value connective(const Expression&, const std::vector<Value>& arguments, bool decides) const;
  Value comparison(const Expression&, const std::vector<Value>& arguments) const;
  Value arithmetic(const Expression&, const std::vector<Value>& arguments) const;

  std::vector<std::string> opening_;
  std::vector<Expression> expressions_;
  std::vector<Function> functions_;
  std::unordered_map<std::string, Index> by_name_;
  mutable std::uint64_t steps_ = 0;
};

}  // namespace checker
