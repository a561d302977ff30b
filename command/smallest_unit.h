// SPDX-License-Identifier: Apache-2.0
// The smallest amount by which a sum of the language can change, as it is written: a minor unit of its asset, 1, or a millionth of a ratio. Found in the syntax
// tree, where nothing is typed yet: from whatever in the sum tells what it is measured in.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ast.h"

namespace ringfence {

class SmallestUnits {
 public:
  /// Borrows the tree.
  explicit SmallestUnits(const PolicyAst&);

  /// "0.01 USD", "1", "0.0001%". The sums are measured alike: the first that tells says it. `assets`: those that the rule's `of` names; null: it names none.
  /// Nothing: none of them tells, or it is money of several assets, of which none could be written.
  std::optional<std::string> of(std::initializer_list<const ExprAst*> sums, const NamesAst* assets) const;

 private:
  std::optional<std::string> of(const ExprAst&, const NamesAst* assets) const;
  std::optional<std::string> of_fact(const std::string& name) const;
  std::optional<std::string> of_transfer(const NamesAst* assets) const;
  std::optional<std::string> of_asset(const std::string& name) const;

  std::vector<const AssetDecl*> assets_;
  std::vector<const FactDecl*> facts_;
};

}  // namespace ringfence
