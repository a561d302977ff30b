// SPDX-License-Identifier: Apache-2.0
#include "verify/property.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "verify/property_cases.h"
#include "verify/row_slots.h"

namespace ringfence {
namespace {

constexpr std::size_t kDetailsMax = 20;

}  // namespace

const char* property_word(PropertyKind kind) noexcept {
  switch (kind) {
#define X(identifier, word, claim) \
  case PropertyKind::identifier: return word;
#include "verify/property.def"
#undef X
  }
  return "";
}

const char* property_claim(PropertyKind kind) noexcept {
  switch (kind) {
#define X(identifier, word, claim) \
  case PropertyKind::identifier: return claim;
#include "verify/property.def"
#undef X
  }
  return "";
}

PropertyVerdict PropertyCases::verdict(const std::string& what) && {
  PropertyVerdict verdict;
  verdict.kind = kind_;
  verdict.claim = property_claim(kind_);
  if (!against_.empty()) {
    verdict.answer = Answer::Refuted;
    verdict.reason = fmt::format("{} of {} {}", against_.size(), judged_, what);
    std::stable_sort(against_.begin(), against_.end(), [](const PropertyDetail& a, const PropertyDetail& b) { return a.line < b.line; });
    if (against_.size() > kDetailsMax) against_.resize(kDetailsMax);
    verdict.details = std::move(against_);
  } else if (!open_.empty()) {
    verdict.reason = std::move(open_);
  } else {
    verdict.answer = Answer::Proved;
    verdict.obligations = judged_;
  }
  return verdict;
}

PropertyDetail row_detail(const Moves& moves, const Move& move, const std::string& what) {
  const bool has_line = !move.allows.empty() && move.allows.front().statement < moves.statements.size();
  return {has_line ? moves.statements[move.allows.front().statement].words.line : 0, fmt::format("{} {}", row_name(moves.vocabulary, move), what)};
}

}  // namespace ringfence
