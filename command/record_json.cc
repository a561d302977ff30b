// SPDX-License-Identifier: Apache-2.0
// See record_json.h.
#include "command/record_json.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "compiler/check_state.h"
#include "compiler/literals.h"
#include "runtime/decision.h"

namespace ringfence {
namespace {

using nlohmann::json;

constexpr int kNestingMax = 8;   // an approval's roles in a batch's transfer are five deep

/// Every word that an expectation may be.
std::vector<std::string> expectations() {
  std::vector<std::string> words{"denied", "id_reused"};
#define X(identifier, word, sentence) words.push_back(word);
#include "runtime/reasons.def"
#undef X
  return words;
}

/// "; did you mean `id`?", or nothing.
std::string hint(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string question = checking::did_you_mean(name, candidates);
  return question.empty() ? question : "; " + question;
}

/// The fields of one object, each taken once by name. The first thing wrong is kept; what comes after it does not matter.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {
    if (!object.is_object()) fail("a record is an object: {...}");
  }

  bool has(const char* name) const { return object_.is_object() && object_.contains(name); }
  void fail(std::string message) { if (error_.empty()) error_ = std::move(message); }
  void fail(const char* name, std::string_view what) { fail(fmt::format("`{}` {}", name, what)); }

  const json* optional(const char* name) {
    taken_.emplace_back(name);
    return has(name) ? &object_[name] : nullptr;
  }
  const json* required(const char* name) {
    const json* value = optional(name);
    if (value == nullptr) fail(fmt::format("there is no `{}`", name));
    return value;
  }
  std::string text(const char* name, const json* value) {
    if (value == nullptr) return {};
    if (!value->is_string()) return fail(name, "must be a text"), std::string();
    if (value->get_ref<const std::string&>().empty()) fail(name, "is empty");
    return value->get<std::string>();
  }
  std::string text(const char* name) { return text(name, required(name)); }
  std::string id(const char* name, const json* value) {
    std::string result = text(name, value);
    if (value != nullptr && !is_id(result)) fail(name, "is no id: letters, digits and _ - . : @, 1 to 64 bytes");
    return result;
  }
  std::string id(const char* name) { return id(name, required(name)); }
  std::vector<std::string> texts(const char* name, const json* value) {
    std::vector<std::string> result;
    if (value == nullptr) return result;
    if (!value->is_array()) return fail(name, "must be a list of texts"), result;
    for (const json& entry : *value) result.push_back(text(name, &entry));
    return result;
  }
  InstanceText instance(const char* name) {
    const std::string written = text(name);
    const auto result = parse_instance(written);
    if (!result) fail(name, "must be like \"Client.margin of alice, p1\"");
    return result.value_or(InstanceText{});
  }
  AmountText amount(const char* name) {
    const std::string written = text(name);
    const std::size_t space = written.find(' ');
    if (space == std::string::npos) return fail(name, "must be a number and an asset, like \"60 USDC\""), AmountText{};
    AmountText result{written.substr(0, space), written.substr(written.find_last_of(' ') + 1)};
    Int128 value = 0;
    const char* begin = result.number.data();
    if (!parse_decimal(begin, begin + result.number.size(), kDecimalsMax, value)) fail(name, "is no amount that can be held: " + written);
    return result;
  }
  std::int64_t time(const char* name) {
    const auto result = parse_instant_ms(text(name));
    if (!result) fail(name, "must be an instant in UTC, like \"2026-01-05T09:30:00Z\"");
    return result.value_or(0);
  }
  std::string expectation() {
    const std::string word = text("expect", optional("expect"));
    if (word.empty() || is_expectation(word)) return word;
    fail("expect", "must be allowed, denied or a reason" + hint(word, expectations()));
    return {};
  }
  AuthorityText authority() {
    AuthorityText result;
    result.role = text("by");
    const json* person = optional("person");
    result.person = person == nullptr ? result.role : id("person", person);
    result.evidence = texts("evidence", optional("evidence"));
    result.time_ms = time("time");
    const json* approvals = optional("approvals");
    if (approvals == nullptr) return result;
    if (!approvals->is_array()) return fail("approvals", "must be a list"), result;
    for (const json& entry : *approvals) {
      Fields fields(entry);
      result.approvals.push_back({fields.id("person"), fields.texts("roles", fields.required("roles"))});
      if (const auto wrong = fields.wrong()) fail("approvals: " + *wrong);
    }
    return result;
  }

  /// What is wrong with the object, or nothing; call it when every field that it may have was taken.
  std::optional<std::string> wrong() const {
    if (!error_.empty()) return error_;
    for (const auto& [name, value] : object_.items()) {
      if (std::find(taken_.begin(), taken_.end(), name) != taken_.end()) continue;
      return fmt::format("there is no field `{}` here{}", name, hint(name, taken_));
    }
    return std::nullopt;
  }

 private:
  const json& object_;
  std::vector<std::string> taken_;
  std::string error_;
};

TransferRecord read_transfer(Fields& fields, std::uint32_t line) {
  TransferRecord record;
  record.line = line;
  record.id = fields.id("id");
  record.purpose = fields.text("purpose");
  record.from = fields.instance("from");
  record.to = fields.instance("to");
  record.amount = fields.amount("amount");
  record.authority = fields.authority();
  record.expect = fields.expectation();
  return record;
}

BatchRecord read_batch(Fields& fields, std::uint32_t line) {
  BatchRecord record;
  record.id = fields.id("batch");
  record.expect = fields.expectation();
  const json* transfers = fields.required("transfers");
  if (transfers == nullptr) return record;
  if (!transfers->is_array() || transfers->empty()) return fields.fail("transfers", "must be a list of at least one transfer"), record;
  for (const json& entry : *transfers) {
    Fields leg(entry);
    record.transfers.push_back(read_transfer(leg, line));
    if (const auto wrong = leg.wrong()) fields.fail(fmt::format("transfer {} of batch `{}`: {}", record.transfers.size(), record.id, *wrong));
  }
  return record;
}

ChangeRecord read_change(Fields& fields) {
  ChangeRecord record;
  record.id = fields.id("id");
  record.subject = fields.instance("change");
  record.mode = fields.text("to");
  record.authority = fields.authority();
  record.expect = fields.expectation();
  return record;
}

FactRecord read_fact(Fields& fields) {
  FactRecord record;
  record.fact = fields.text("fact");
  record.ids = fields.texts("of", fields.optional("of"));
  if (!std::all_of(record.ids.begin(), record.ids.end(), is_id)) fields.fail("of", "must be a list of ids");
  const json* value = fields.required("value");
  if (value != nullptr && value->is_boolean()) record.value = value->get<bool>() ? "true" : "false";
  else if (value != nullptr && !value->is_string()) fields.fail("value", "must be a text, like \"50 USDC\", \"25%\" or \"12\", or true or false");
  else record.value = fields.text("value", value);
  record.time_ms = fields.time("time");
  return record;
}

RecordContent read_content(Fields& fields, std::uint32_t line) {
  if (fields.has("batch")) return read_batch(fields, line);
  if (fields.has("change")) return read_change(fields);
  if (fields.has("fact")) return read_fact(fields);
  if (fields.has("holds")) {
    InstanceText bucket = fields.instance("holds");
    return HoldsRecord{std::move(bucket), fields.amount("amount")};
  }
  if (fields.has("mode")) {
    InstanceText subject = fields.instance("mode");
    std::string mode = fields.text("is");
    return ModeRecord{std::move(subject), std::move(mode), fields.has("since") ? std::optional(fields.time("since")) : std::nullopt};
  }
  return read_transfer(fields, line);
}

/// "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..." without what only a program wants.
std::string plain(std::string_view message) {
  if (const std::size_t bracket = message.find("] "); bracket != std::string_view::npos) message.remove_prefix(bracket + 2);
  if (const std::size_t place = message.find(": "); message.starts_with("parse error at line 1, ") && place != std::string_view::npos)
    return fmt::format("not JSON at {}: {}", message.substr(23, place - 23), message.substr(place + 2));
  return fmt::format("not JSON: {}", message);
}

}  // namespace

bool is_expectation(std::string_view word) {
  const auto words = expectations();
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::variant<Record, BadLine> read_record(const json& object, std::uint32_t line) {
  Fields fields(object);
  RecordContent content = read_content(fields, line);
  if (const auto wrong = fields.wrong()) return BadLine{line, *wrong};
  return Record{line, std::move(content)};
}

std::variant<Record, BadLine> parse_record(std::string_view text, std::uint32_t line) {
  std::vector<std::set<std::string>> open_objects;
  std::string wrong;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kNestingMax && wrong.empty()) wrong = "nested too deeply";
    if (event == json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == json::parse_event_t::object_end) open_objects.pop_back();
    if (event == json::parse_event_t::key && !open_objects.back().insert(parsed.get<std::string>()).second && wrong.empty())
      wrong = fmt::format("`{}` is given twice", parsed.get<std::string>());
    return true;
  };
  try {
    const json object = json::parse(text.begin(), text.end(), watch);
    if (!wrong.empty()) return BadLine{line, wrong};
    return read_record(object, line);
  } catch (const json::exception& error) {
    return BadLine{line, plain(error.what())};
  }
}

}  // namespace ringfence
