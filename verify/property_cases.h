// SPDX-License-Identifier: Apache-2.0
// A property judged case by case: each obligation is shown, refuted or left open, and the verdict follows from all of them. One case that
// is refuted refutes; else one that is open leaves UNKNOWN.
#pragma once

#include <string>
#include <vector>

#include "compiler/moves.h"
#include "verify/property.h"

namespace ringfence {

class PropertyCases {
 public:
  explicit PropertyCases(PropertyKind kind) : kind_(kind) {}
  void shown() { ++judged_; }
  void refuted(PropertyDetail detail) { ++judged_; against_.push_back(std::move(detail)); }
  /// `why`: what stood in the way, one sentence.
  void open(std::string why) { ++judged_; open_ = std::move(why); }
  /// `what`: "rows of the table can take more than there is"; said after "2 of 7". Cases beyond the first 20 are counted, not listed.
  PropertyVerdict verdict(const std::string& what) &&;

 private:
  PropertyKind kind_;
  std::uint32_t judged_ = 0;
  std::vector<PropertyDetail> against_;
  std::string open_;
};

/// The line of the row's first allow rule, and the row in words.
PropertyDetail row_detail(const Moves&, const Move&, const std::string& what);

}  // namespace ringfence
