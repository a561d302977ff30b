// SPDX-License-Identifier: Apache-2.0
// See policy_text.h.
#include "command/policy_text.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "command/load.h"

namespace ringfence {

void PolicyText::add(std::string path, std::string text) {
  if (!text_.empty() && text_.back() != '\n') text_ += '\n';
  files_.push_back({std::move(path), static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(std::count(text_.begin(), text_.end(), '\n'))});
  text_ += text;
}

PolicyText::FilePlace PolicyText::place(std::uint32_t line) const {
  const auto after = std::find_if(files_.begin() + 1, files_.end(), [&](const File& file) { return file.lines_before >= line; });
  const File& file = *(after - 1);
  return {file.path, line - file.lines_before};
}

std::string PolicyText::in_words(std::uint32_t line) const {
  const FilePlace found = place(line);
  return found.path == path() ? fmt::format("line {}", found.line) : fmt::format("{}, line {}", found.path, found.line);
}

std::uint32_t PolicyText::end_of(std::size_t file) const noexcept {
  return file + 1 < files_.size() ? files_[file + 1].begin : static_cast<std::uint32_t>(text_.size());
}

std::string PolicyText::render(const Diagnostics& diagnostics) const {
  std::string rendered;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::uint32_t begin = files_[i].begin, end = end_of(i);
    const bool is_last = i + 1 == files_.size();   // what is missing at the end is told there
    Diagnostics here;
    for (Diagnostic each : diagnostics) {
      if (each.range.begin < begin || (each.range.begin >= end && !is_last)) continue;
      each.range = {each.range.begin - begin, each.range.end - begin};
      here.push_back(std::move(each));
    }
    rendered += ringfence::render(here, files_[i].path, std::string_view(text_).substr(begin, end - begin));
  }
  return rendered;
}

std::optional<std::string> PolicyText::misplaced() const {
  if (files_.size() == 1) return std::nullopt;
  const PolicyAst policy = *parse(text_).artefact;
  for (std::size_t i = 1; i < files_.size(); ++i) {
    const std::uint32_t begin = files_[i].begin;
    const auto refuse = [&](std::uint32_t at, const char* why) {
      return fmt::format("`{}`, line {}: {}", files_[i].path, place_of(text_, std::max(at, begin)).line - files_[i].lines_before, why);
    };
    constexpr const char* kScenariosOnly = "only scenarios may stand here, behind the policy";
    if (policy.range.end > begin) return refuse(policy.range.begin, kScenariosOnly);
    for (const StatementNode& statement : policy.statements) {
      if (statement.range.end <= begin) continue;
      if (statement.range.begin < begin) return refuse(begin, "a file of scenarios begins with `scenario`; this goes on with what the file before ends with");
      if (!std::holds_alternative<ScenarioDecl>(statement.statement)) return refuse(statement.range.begin, kScenariosOnly);
    }
  }
  return std::nullopt;
}

std::variant<PolicyText, ExitCode> read_policy_text(const std::string& path, const std::vector<std::string>& scenarios, std::ostream& err) {
  auto policy = read_policy(path, err);
  if (const auto* code = std::get_if<ExitCode>(&policy)) return *code;
  PolicyText text(path, std::move(std::get<std::string>(policy)));
  for (const std::string& file : scenarios) {
    auto read = read_policy(file, err);
    if (const auto* code = std::get_if<ExitCode>(&read)) return *code;
    text.add(file, std::move(std::get<std::string>(read)));
  }
  return text;
}

}  // namespace ringfence
