// SPDX-License-Identifier: Apache-2.0
// See claims.h.
#include "claims.h"

#include <algorithm>
#include <charconv>

namespace checker {
namespace {

struct NoClaim {};

/// A number at the front of `rest`, which is taken off it.
Index take_number(std::string_view& rest) {
  Index value = 0;
  const auto [end, wrong] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (wrong != std::errc{} || rest.empty() || rest[0] < '0' || rest[0] > '9') throw NoClaim{};
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

void take(std::string_view& rest, std::string_view word) {
  if (rest.substr(0, word.size()) != word) throw NoClaim{};
  rest.remove_prefix(word.size());
}

template <class Declared>
const Declared& named(const std::vector<Declared>& all, Index index) {
  if (index >= all.size()) throw NoClaim{};
  return all[index];
}

/// What a parameter says that it is: b2_0_k0, t2_0_k0_s, a1_0_k0, f3_k0, m4_k0, e1_k0.
Slot read_parameter(std::string_view name, const Table& table) {
  Slot slot;
  const char letter = name.empty() ? ' ' : name[0];
  name.remove_prefix(name.empty() ? 0 : 1);
  slot.target = take_number(name);
  if (letter == 'b' || letter == 't' || letter == 'a') {
    take(name, "_");
    slot.asset = take_number(name);
    named(table.assets, slot.asset);
  }
  switch (letter) {
    case 'b': case 't': slot.kind = letter == 'b' ? SlotKind::Balance : SlotKind::BucketTotal; slot.entities = named(table.buckets, slot.target).keys; break;
    case 'a': slot.kind = SlotKind::AccountTotal; slot.entities = named(table.accounts, slot.target).keys; break;
    case 'f': slot.kind = SlotKind::Fact; slot.entities = named(table.facts, slot.target).keys; break;
    case 'm': slot.kind = SlotKind::Mode; slot.entities = named(table.machines, slot.target).keys; break;
    case 'e': named(table.entities, slot.target); slot.entities = {slot.target}; break;
    default: throw NoClaim{};
  }
  if ((letter == 'b' || letter == 't') && table.buckets[slot.target].external) throw NoClaim{};
  while (!name.empty()) {
    take(name, "_");
    const bool all = letter == 't' && name[0] == 's';
    take(name, all ? "s" : "k");
    const Index key = all ? kAllIds : take_number(name);
    if (key >= kAllIds + (all ? 1u : 0u)) throw NoClaim{};
    slot.keys.push_back(static_cast<std::uint8_t>(key));
  }
  if (slot.keys.size() != slot.entities.size()) throw NoClaim{};
  return slot;
}

/// The entity of each member, which must be the same wherever the claim names it.
std::vector<Index> members(const std::vector<Slot>& reads) {
  std::vector<Index> entities;
  for (const Slot& slot : reads)
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      if (slot.keys[i] == kAllIds) continue;
      if (slot.keys[i] >= entities.size()) entities.resize(slot.keys[i] + std::size_t{1}, kNone);
      Index& entity = entities[slot.keys[i]];
      if (entity != kNone && entity != slot.entities[i]) throw NoClaim{};
      entity = slot.entities[i];
    }
  if (contains(entities, kNone)) throw NoClaim{};
  return entities;
}

bool is_claim(std::string_view name, bool& at_end) {
  constexpr std::string_view kStart = "claim", kEnd = "_at_end";
  if (name.substr(0, kStart.size()) != kStart) return false;
  name.remove_prefix(kStart.size());
  at_end = name.size() > kEnd.size() && name.substr(name.size() - kEnd.size()) == kEnd;
  if (at_end) name.remove_suffix(kEnd.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
}

/// A function of the certificate over given sums.
class Reading {
 public:
  Reading(Formulas& formulas, const Definitions& definitions) : formulas_(formulas), definitions_(definitions) {}

  Index truth(Index index, const std::vector<Sum>& arguments) {
    const Nested nested(*this);
    const auto& expression = definitions_.expression(index);
    const auto& parts = expression.parts;
    switch (expression.op) {
      case Op::Truth: return expression.number != 0 ? formulas_.all({}) : formulas_.any({});
      case Op::Call: {
        std::vector<Sum> given;
        for (const Index part : parts) given.push_back(sum(part, arguments));
        return truth(definitions_.body(static_cast<Index>(expression.number)), given);
      }
      case Op::Not: return formulas_.negation(truth(parts[0], arguments));
      case Op::And: return formulas_.all(truths(parts, arguments));
      case Op::Or: return formulas_.any(truths(parts, arguments));
      case Op::Choose: return formulas_.choice(truth(parts[0], arguments), truth(parts[1], arguments), truth(parts[2], arguments));
      case Op::Equal: case Op::Less: case Op::LessEqual: case Op::Greater: case Op::GreaterEqual: return comparison(expression, arguments);
      default: throw TooLarge{"a claim is more than this program reads"};
    }
  }

 private:
  /// Counts what is read, and how deep: a stranger's text can be made to unfold without end.
  class Nested {
   public:
    explicit Nested(Reading& reading) : reading_(reading) {
      if (reading.steps_ >= kStepsMax || reading.depth_ >= kDepthMax) throw TooLarge{"a claim is larger than this program reads"};
      ++reading.steps_;
      ++reading.depth_;
    }
    ~Nested() { --reading_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Reading& reading_;
  };

  std::vector<Index> truths(const std::vector<Index>& parts, const std::vector<Sum>& arguments) {
    std::vector<Index> made;
    for (const Index part : parts) made.push_back(truth(part, arguments));
    return made;
  }

  /// Neighbours are compared, as SMT-LIB has it.
  Index comparison(const Definitions::Expression& expression, const std::vector<Sum>& arguments) {
    std::vector<Index> pairs;
    for (std::size_t i = 0; i + 1 < expression.parts.size(); ++i) {
      const Sum one = sum(expression.parts[i], arguments), other = sum(expression.parts[i + 1], arguments);
      switch (expression.op) {
        case Op::Less: pairs.push_back(formulas_.at_least_zero(minus(minus(other, one), number(1)))); break;
        case Op::LessEqual: pairs.push_back(formulas_.at_least_zero(minus(other, one))); break;
        case Op::Greater: pairs.push_back(formulas_.at_least_zero(minus(minus(one, other), number(1)))); break;
        case Op::GreaterEqual: pairs.push_back(formulas_.at_least_zero(minus(one, other))); break;
        default: pairs.push_back(formulas_.is_zero(minus(one, other)));
      }
    }
    return formulas_.all(std::move(pairs));
  }

  Sum sum(Index index, const std::vector<Sum>& arguments) {
    const Nested nested(*this);
    const auto& expression = definitions_.expression(index);
    const auto& parts = expression.parts;
    switch (expression.op) {
      case Op::Number: return number(expression.number);
      case Op::Parameter: return arguments[static_cast<std::size_t>(expression.number)];
      case Op::Add: case Op::Subtract: {
        Sum made = expression.op == Op::Subtract && parts.size() == 1 ? minus(number(0), sum(parts[0], arguments)) : sum(parts[0], arguments);
        for (std::size_t i = 1; i < parts.size(); ++i) made.add(sum(parts[i], arguments), expression.op == Op::Add ? 1 : -1);
        return made;
      }
      case Op::Multiply: {
        Sum made = sum(parts[0], arguments);
        for (std::size_t i = 1; i < parts.size(); ++i) {
          Sum next = sum(parts[i], arguments);
          if (!made.terms.empty()) std::swap(made, next);
          if (!made.terms.empty()) throw TooLarge{"a claim is not linear"};
          Sum product;
          product.add(next, made.constant);
          made = product;
        }
        return made;
      }
      default: throw TooLarge{"a claim is more than this program reads"};
    }
  }

  static constexpr std::size_t kStepsMax = 100'000, kDepthMax = 2'000;

  Formulas& formulas_;
  const Definitions& definitions_;
  std::size_t steps_ = 0, depth_ = 0;
};

}  // namespace

bool Claim::reads_fact() const {
  return std::any_of(reads.begin(), reads.end(), [](const Slot& slot) { return slot.kind == SlotKind::Fact; });
}

const WrittenInvariant* named_invariant(const Table& table, const std::vector<std::string>& opening) {
  for (const std::string& line : opening)
    for (const WrittenInvariant& written : table.invariants)
      if (line == "Proved: " + as_comment(written.claim.words)) return &written;
  return nullptr;
}

Claim claim_of(const WrittenInvariant& written) { return {written.claim.words, written.entities, written.slots, &written.claim, kNone, false}; }

std::vector<Claim> listed_claims(const Definitions& definitions, const Table& table) {
  std::vector<Claim> claims;
  for (Index function = 0; function < definitions.function_count(); ++function) {
    Claim claim;
    claim.name = definitions.name(function);
    claim.function = function;
    if (!is_claim(claim.name, claim.at_end)) continue;
    try {
      for (const std::string& parameter : definitions.parameters(function)) claim.reads.push_back(read_parameter(parameter, table));
      claim.entities = members(claim.reads);
    } catch (const NoClaim&) {
      throw Unusable{"its function " + claim.name + " has a parameter that says nothing of this table's states"};
    }
    claims.push_back(std::move(claim));
  }
  return claims;
}

Index truth(Formulas& formulas, const Definitions& definitions, const Claim& claim, const std::vector<Sum>& values) {
  return claim.written ? formulas.holds(*claim.written, values) : Reading(formulas, definitions).truth(definitions.body(claim.function), values);
}

}  // namespace checker
