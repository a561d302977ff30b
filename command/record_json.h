// SPDX-License-Identifier: Apache-2.0
// One record from JSON: from the text of a line, or from the same object made out of a CSV row. Everything that is not exactly the
// format is refused: unknown fields, fields given twice, wrong types, bad ids, amounts and instants.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json_fwd.hpp>

#include "command/record.h"

namespace ringfence {

std::variant<Record, BadLine> read_record(const nlohmann::json&, std::uint32_t line);
std::variant<Record, BadLine> parse_record(std::string_view text, std::uint32_t line);
/// Whether an expectation is one: "allowed", "denied", "id_reused" or a reason word.
bool is_expectation(std::string_view);

}  // namespace ringfence
