// SPDX-License-Identifier: Apache-2.0
// See csv.h.
#include "command/csv.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/record_json.h"
#include "compiler/check_state.h"

namespace ringfence {
namespace {

using nlohmann::json;

const std::vector<std::string> kColumns{"batch", "id",       "purpose", "from",   "to", "amount", "by",    "person", "approvals",
                                         "evidence", "time",  "expect",  "change", "fact", "of",   "value", "holds",  "mode", "is", "since"};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// "bob:treasurer;eve:cfo+treasurer". A person's id may have colons: the last one is before the roles.
json approvals_of(const std::string& cell) {
  json approvals = json::array();
  for (const std::string& part : split(cell, ';')) {
    const std::size_t colon = part.rfind(':');
    const std::string roles = colon == std::string::npos ? std::string() : part.substr(colon + 1);
    approvals.push_back({{"person", part.substr(0, colon)}, {"roles", split(roles, '+')}});
  }
  return approvals;
}

json value_of(const std::string& column, const std::string& cell) {
  if (column == "approvals") return approvals_of(cell);
  if (column == "evidence" || column == "of") return split(cell, ';');
  return cell;
}

}  // namespace

std::optional<std::vector<std::string>> split_csv(std::string_view line) {
  std::vector<std::string> cells;
  std::size_t i = 0;
  while (true) {
    std::string cell;
    if (i < line.size() && line[i] == '"') {
      for (++i; i < line.size(); ++i) {
        if (line[i] != '"') cell += line[i];
        else if (i + 1 < line.size() && line[i + 1] == '"') cell += line[i++];
        else break;
      }
      if (i >= line.size()) return std::nullopt;
      ++i;
      if (i < line.size() && line[i] != ',') return std::nullopt;
    } else {
      const std::size_t end = std::min(line.find(',', i), line.size());
      cell = trimmed(line.substr(i, end - i));
      i = end;
    }
    cells.push_back(std::move(cell));
    if (i >= line.size()) return cells;
    ++i;
  }
}

std::variant<CsvHeader, std::string> CsvHeader::parse(std::string_view line) {
  const auto cells = split_csv(line);
  if (!cells) return "the header has a quote that is not closed";
  CsvHeader header;
  for (const std::string& column : *cells) {
    if (std::find(kColumns.begin(), kColumns.end(), column) == kColumns.end()) {
      const std::string question = checking::did_you_mean(column, kColumns);
      return fmt::format("there is no column `{}`{}", column, question.empty() ? question : "; " + question);
    }
    if (std::find(header.columns_.begin(), header.columns_.end(), column) != header.columns_.end())
      return fmt::format("column `{}` is there twice", column);
    header.columns_.push_back(column);
  }
  return header;
}

CsvHeader::Row CsvHeader::read(std::string_view line, std::uint32_t line_number) const {
  const auto cells = split_csv(line);
  if (!cells) return {{}, BadLine{line_number, "a quote is not closed, or not followed by a comma"}};
  json object = json::object();
  std::string batch;
  for (std::size_t i = 0; i < std::min(cells->size(), columns_.size()); ++i) {
    const std::string& cell = (*cells)[i];
    if (cell.empty()) continue;
    if (columns_[i] == "batch") batch = cell;
    else object[columns_[i]] = value_of(columns_[i], cell);
  }
  if (cells->size() != columns_.size())
    return {batch, BadLine{line_number, fmt::format("{} cells, where the header has {} columns", cells->size(), columns_.size())}};
  return {batch, read_record(object, line_number)};
}

}  // namespace ringfence
