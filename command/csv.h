// SPDX-License-Identifier: Apache-2.0
// CSV as transfer files use it (RFC 4180, one record a line): a header that names the columns, then a row a record. A row becomes the
// JSON object that says the same, so that both formats are checked in one place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "command/record.h"

namespace ringfence {

/// The cells of one line; nothing when a quote is not closed, or is followed by anything but a comma.
std::optional<std::vector<std::string>> split_csv(std::string_view line);

class CsvHeader {
 public:
  /// What is wrong with it, else the header: an unknown column, or one twice.
  static std::variant<CsvHeader, std::string> parse(std::string_view line);
  /// The row without its `batch`. Empty cells are fields left out.
  struct Row { std::string batch; std::variant<Record, BadLine> record; };
  Row read(std::string_view line, std::uint32_t line_number) const;

 private:
  std::vector<std::string> columns_;
};

}  // namespace ringfence
