// SPDX-License-Identifier: Apache-2.0
// Names, places and diagnostics of one run of the check pass. All lookups are hashed; a suggestion is looked for only for a
// diagnostic that will be shown, so that a text full of unknown names costs no more than Limits::diagnostics of them.
#include "compiler/check_state.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ringfence::checking {
namespace {

constexpr const char* kNouns[kKindCount] = {"asset", "role", "purpose", "kind of evidence", "entity", "bucket", "account", "fact", "calendar"};
/// How a declaration of each kind is written, around its name.
constexpr const char* kForms[kKindCount] = {"asset {} decimals 2", "role {}", "purpose {}", "evidence {}", "entity {}", "bucket {}", "account {}", "fact {} : number", "calendar {} in \"UTC\" from 2026 to 2030"};
constexpr Kind kKinds[kKindCount] = {Kind::Asset, Kind::Role, Kind::Purpose, Kind::Evidence, Kind::Entity, Kind::Place, Kind::Account, Kind::Fact, Kind::Calendar};

std::size_t position(Kind kind) { return static_cast<std::size_t>(kind); }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::string fold(std::string_view text) {
  std::string out;
  bool quoted = false, gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!quoted && c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
      gap = true;
    } else if (!quoted && is_space(c)) {
      gap = true;
    } else {
      if (gap && !out.empty()) out += ' ';
      gap = false;
      out += c;
      if (c == '"') quoted = !quoted;
      if (quoted && c == '\\' && i + 1 < text.size()) out += text[++i];
    }
  }
  return out;
}

/// Edit distance with transpositions, or `most` + 1 as soon as it must exceed `most`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    if (*std::min_element(row.begin(), row.end()) > most) return most + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

const char* noun(Kind kind) noexcept { return kNouns[position(kind)]; }

std::string with_article(Kind kind) {
  const std::string word = noun(kind);
  return (word[0] == 'a' || word[0] == 'e' ? "an " : "a ") + word;
}

std::string nearest(const std::string& name, const std::vector<std::string>& candidates) {
  std::size_t best_distance = name.size() <= 2 ? 1 : name.size() <= 5 ? 2 : 3;
  ++best_distance;
  std::string best;
  const std::string wanted = lower_case(name);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower_case(candidate), best_distance);
    if (distance < best_distance || (distance == best_distance && !best.empty() && candidate < best)) {
      if (distance >= candidate.size()) continue;   // nothing in common
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string near = nearest(name, candidates);
  return near.empty() ? "" : fmt::format("did you mean `{}`?", near);
}

State::State(const PolicyAst& tree, std::string_view text, const Limits& most, const FileReader& reader)
    : ast(tree), source(text), limits(most), read_file(reader), pairs_left(most.moves) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < source.size(); ++i)
    if (source[i] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
}

void State::add(Severity severity, const char* code, SourceRange range, std::string message, std::string help) {
  if (diagnostics_.size() >= limits.diagnostics) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back({code, severity, range, std::move(message), std::move(help)});
}

void State::error(const char* code, SourceRange range, std::string message, std::string help) {
  ++error_count_;
  add(Severity::Error, code, range, std::move(message), std::move(help));
}

void State::warn(const char* code, SourceRange range, std::string message, std::string help) {
  add(Severity::Warning, code, range, std::move(message), std::move(help));
}

Diagnostics State::take_diagnostics() {
  if (left_out_ != 0) {
    const auto end = static_cast<std::uint32_t>(source.size());
    diagnostics_.push_back({"E0200", error_count_ != 0 ? Severity::Error : Severity::Warning, {end, end},
                            fmt::format("{} more findings are not shown", left_out_), "correct those above first"});
  }
  return std::move(diagnostics_);
}

bool State::declare(Kind kind, const std::string& name, SourceRange range, Index index) {
  // A bucket, an external and an account may not share a name, so that `total(X)` speaks of one thing.
  const Symbol* known = lookup(kind, name);
  if (known == nullptr && kind == Kind::Place && (known = lookup(Kind::Account, name)) != nullptr) spoil(Kind::Place, name);
  if (known != nullptr) {
    const bool later = known->range.begin > range.begin;   // accounts are read before buckets
    const SourceRange first = later ? range : known->range, second = later ? known->range : range;
    error("E0201", second, fmt::format("`{}` is already declared, in line {}", name, line_of(first.begin)), "give one of the two another name, or remove it");
    return false;
  }
  symbols_[position(kind)].emplace(name, Symbol{index, range, false, false});
  return true;
}

void State::spoil(Kind kind, const std::string& name) {
  auto& table = symbols_[position(kind)];
  const auto [found, inserted] = table.try_emplace(name);
  found->second.bad = true;
}

const Symbol* State::lookup(Kind kind, const std::string& name) const {
  const auto& table = symbols_[position(kind)];
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

std::optional<Index> State::find(Kind kind, const NameAst& name) { return find(kind, name.text, name.range); }

std::optional<Index> State::find(Kind kind, const std::string& name, SourceRange range) {
  auto& table = symbols_[position(kind)];
  const auto found = table.find(name);
  if (found == table.end()) {
    report_unknown(kind, name, range);
    return std::nullopt;
  }
  found->second.used = true;
  if (found->second.bad) return std::nullopt;
  return found->second.index;
}

void State::report_unknown(Kind kind, const std::string& name, SourceRange range) {
  for (const Kind other : kKinds) {
    if (other == kind || lookup(other, name) == nullptr) continue;
    error("E0205", range, fmt::format("`{}` is {}; {} is expected here", name, with_article(other), with_article(kind)));
    return;
  }
  std::string help;
  if (diagnostics_.size() < limits.diagnostics) {
    std::vector<std::string> candidates;
    for (const auto& [candidate, symbol] : symbols_[position(kind)]) candidates.push_back(candidate);
    help = did_you_mean(name, candidates);
    if (help.empty()) help = "declare it, as in `" + fmt::format(fmt::runtime(kForms[position(kind)]), name) + "`";
  }
  error("E0204", range, fmt::format("there is no {} `{}`", noun(kind), name), std::move(help));
}

std::vector<Index> State::find_all(Kind kind, const NamesAst& list) {
  std::vector<Index> out;
  if (list.all) {
    for (Index i = 0; i < declared_count(kind); ++i) out.push_back(i);
    if (list.range.end != 0)   // written, as in `by anyone`
      for (auto& [name, symbol] : symbols_[position(kind)]) symbol.used = true;
    return out;
  }
  for (const NameAst& name : list.names) {
    const auto index = find(kind, name);
    if (!index) continue;
    if (std::find(out.begin(), out.end(), *index) != out.end())
      error("E0202", name.range, fmt::format("`{}` is named twice in this list", name.text), "remove one of them");
    else
      out.push_back(*index);
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool State::has_room(Kind kind, std::size_t most, SourceRange range) {
  if (declared_count(kind) < most) return true;
  if (!full_reported_[position(kind)])
    error("E0203", range, fmt::format("{} is one too many: a policy has at most {} of them", with_article(kind), most));
  full_reported_[position(kind)] = true;
  return false;
}

Mask State::find_mask(Kind kind, const NamesAst& list) {
  Mask mask = 0;
  for (const Index i : find_all(kind, list))
    if (i < 64) mask |= Mask{1} << i;
  return mask;
}

std::size_t State::declared_count(Kind kind) const {
  const Vocabulary& v = policy.vocabulary;
  switch (kind) {
    case Kind::Asset: return v.assets.size();
    case Kind::Role: return v.roles.size();
    case Kind::Purpose: return v.purposes.size();
    case Kind::Evidence: return v.evidence.size();
    case Kind::Entity: return v.entities.size();
    case Kind::Place: return v.buckets.size();
    case Kind::Account: return v.accounts.size();
    case Kind::Fact: return v.facts.size();
    case Kind::Calendar: return calendars.size();
  }
  return 0;
}

std::uint32_t State::line_of(std::uint32_t offset) const {
  return static_cast<std::uint32_t>(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin());
}

std::string State::folded(SourceRange range) const {
  const std::size_t end = std::min<std::size_t>(range.end, source.size()), begin = std::min<std::size_t>(range.begin, end);
  return fold(source.substr(begin, end - begin));
}

std::string State::first_line(SourceRange range) const {
  const std::uint32_t line = line_of(range.begin);   // the next line's start is known: no search through a long line
  if (line < line_starts_.size()) range.end = std::min(range.end, line_starts_[line]);
  return folded(range);
}

}  // namespace ringfence::checking
