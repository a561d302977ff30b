// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_text.h"

#include <fmt/format.h>

namespace ringfence::smt {
namespace {

std::string joined(const char* op, const std::vector<std::string>& terms, const char* none) {
  if (terms.empty()) return none;
  if (terms.size() == 1) return terms[0];
  return fmt::format("({} {})", op, fmt::join(terms, " "));
}

std::string test_holds(const Test& test) {
  if (test.kind == TestKind::InSet) return one_of(fmt::format("v{}", test.terms[0].slot), test.set);
  std::vector<std::string> terms;
  for (const Term& term : test.terms)
    terms.push_back(term.coefficient == 1 ? fmt::format("v{}", term.slot) : fmt::format("(* {} v{})", number(term.coefficient), term.slot));
  if (test.constant != 0 || terms.empty()) terms.push_back(number(test.constant));
  return fmt::format("({} {} 0)", test.kind == TestKind::AtLeastZero ? ">=" : "=", sum(terms));
}

/// A guard program, last node first, each node named so that shared ends are written once.
std::string clause_holds(const Clause& clause) {
  if (clause.nodes.empty()) return "true";
  const auto at = [](Index next) { return next == kTrue ? std::string("true") : next == kFalse ? std::string("false") : fmt::format("n{}", next); };
  std::string opened, closed;
  for (std::size_t i = clause.nodes.size(); i-- > 0;) {
    const Node& node = clause.nodes[i];
    opened += fmt::format("(let ((n{} (ite {} {} {}))) ", i, test_holds(node.test), at(node.if_true), at(node.if_false));
    closed += ")";
  }
  return opened + "n0" + closed;
}

}  // namespace

std::string comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return "; " + text + "\n";
}

std::string number(Int128 value) { return value < 0 ? fmt::format("(- {})", to_string(-value)) : to_string(value); }
std::string all(const std::vector<std::string>& terms) { return joined("and", terms, "true"); }
std::string any(const std::vector<std::string>& terms) { return joined("or", terms, "false"); }
std::string second_of_day(const std::string& instant) { return fmt::format("(mod (div {} 1000) 86400)", instant); }

std::string sum(const std::vector<std::string>& terms) { return joined("+", terms, "0"); }
std::string negation(const std::string& term) { return fmt::format("(not {})", term); }
std::string equal(const std::string& a, const std::string& b) { return fmt::format("(= {} {})", a, b); }
std::string choice(const std::string& condition, const std::string& a, const std::string& b) {
  return a == b ? a : fmt::format("(ite {} {} {})", condition, a, b);
}
std::string apply(const std::string& function, const std::vector<std::string>& arguments) {
  return arguments.empty() ? function : fmt::format("({} {})", function, fmt::join(arguments, " "));
}

std::string one_of(const std::string& term, const std::vector<Index>& sorted) {
  std::vector<std::string> cases;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t last = first;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    cases.push_back(first == last ? equal(term, std::to_string(sorted[first])) : fmt::format("(<= {} {} {})", sorted[first], term, sorted[last]));
    first = last + 1;
  }
  return any(cases);
}

std::string one_of(const std::string& term, Mask values) {
  std::vector<std::string> cases;
  for (unsigned value = 0; value < 64; ++value)
    if (values >> value & 1) cases.push_back(equal(term, std::to_string(value)));
  return any(cases);
}

std::string holds(const Guarded& guarded) {
  std::vector<std::string> clauses;
  for (const Clause& clause : guarded.clauses) clauses.push_back(clause_holds(clause));
  return all(clauses);
}

}  // namespace ringfence::smt
