// SPDX-License-Identifier: Apache-2.0
// See smallest_unit.h.
#include "command/smallest_unit.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/literals.h"
#include "runtime/integer.h"
#include "runtime/limits.h"

namespace ringfence {

SmallestUnits::SmallestUnits(const PolicyAst& ast) {
  for (const StatementNode& node : ast.statements) {
    if (const auto* asset = std::get_if<AssetDecl>(&node.statement)) assets_.push_back(asset);
    if (const auto* fact = std::get_if<FactDecl>(&node.statement)) facts_.push_back(fact);
  }
}

std::optional<std::string> SmallestUnits::of(std::initializer_list<const ExprAst*> sums, const NamesAst* assets) const {
  for (const ExprAst* sum : sums)
    if (auto unit = of(*sum, assets)) return unit;
  return std::nullopt;
}

std::optional<std::string> SmallestUnits::of(const ExprAst& sum, const NamesAst* assets) const {
  switch (sum.kind) {
    case ExprAst::Kind::Literal:
      if (sum.literal.instant) return "1 ms";
      return sum.literal.unit ? of_asset(sum.literal.unit->text) : std::nullopt;
    case ExprAst::Kind::Now: return "1 ms";
    case ExprAst::Kind::Fact: return of_fact(sum.fact.text);
    case ExprAst::Kind::Amount: return of_transfer(assets);
    case ExprAst::Kind::Balance: case ExprAst::Kind::Total: return sum.asset ? of_asset(sum.asset->text) : of_transfer(assets);
    case ExprAst::Kind::Negate: case ExprAst::Kind::Add: case ExprAst::Kind::Subtract: case ExprAst::Kind::Multiply: break;
  }
  for (const ExprAst& operand : sum.operands)
    if (auto unit = of(operand, assets)) return unit;
  return std::nullopt;
}

std::optional<std::string> SmallestUnits::of_fact(const std::string& name) const {
  const auto found = std::find_if(facts_.begin(), facts_.end(), [&](const FactDecl* fact) { return fact->name.text == name; });
  if (found == facts_.end()) return std::nullopt;
  switch ((*found)->type) {
    case FactType::Amount: return (*found)->asset ? of_asset((*found)->asset->text) : std::nullopt;
    case FactType::Ratio: return "0.0001%";
    case FactType::Number: return "1";
    case FactType::Instant: case FactType::Duration: return "1 ms";
    case FactType::Flag: break;
  }
  return std::nullopt;
}

std::optional<std::string> SmallestUnits::of_transfer(const NamesAst* assets) const {
  if (assets != nullptr) return assets->names.size() == 1 ? of_asset(assets->names.front().text) : std::nullopt;
  return assets_.size() == 1 ? of_asset(assets_.front()->name.text) : std::nullopt;
}

std::optional<std::string> SmallestUnits::of_asset(const std::string& name) const {
  for (const AssetDecl* declared : assets_) {
    if (declared->name.text != name) continue;
    const auto decimals = parse_number(declared->decimals.text);
    if (decimals && decimals->denominator == 1 && decimals->numerator <= static_cast<Int128>(kDecimalsMax))
      return fmt::format("{} {}", format_decimal(1, static_cast<unsigned>(decimals->numerator)), name);
    return std::nullopt;
  }
  return parse_duration_ms("1", name) ? std::optional<std::string>("1 ms") : std::nullopt;
}

}  // namespace ringfence
