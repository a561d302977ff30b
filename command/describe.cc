// SPDX-License-Identifier: Apache-2.0
// See describe.h.
#include "command/describe.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "compiler/print_value.h"

namespace ringfence {
namespace {

const char* kind_word(StatementKind kind) {
  switch (kind) {
    case StatementKind::Allow: return "allow";
    case StatementKind::Deny: return "deny";
    case StatementKind::Floor: return "floor";
    case StatementKind::Limit: return "limit";
    case StatementKind::Transition: return "transition";
    case StatementKind::Invariant: return "invariant";
  }
  return "";
}

/// Puts one decision into words, part by part.
class Describer {
 public:
  Describer(const LoadedPolicy& policy, const Interner& interner, const Asked& asked, const Decision& decision, bool at_batch_end)
      : policy_(policy), words_of_(policy, interner), asked_(asked), decision_(decision), at_batch_end_(at_batch_end) {}

  DecisionWords describe(std::span<const Value> values, const std::vector<UnknownName>& unknown) {
    words_.allowed = decision_.allowed();
    words_.reason = reason_word(decision_.reason);
    words_.sentence = reason_sentence(decision_.reason);
    say_statement();
    say_unknown(unknown);
    if (decision_.reason == Reason::Malformed) say_form();
    if (decision_.reason == Reason::NoRule || decision_.reason == Reason::NoTransition) say_asked();
    if (decision_.reason == Reason::ValueMissing && asked_.is_change && decision_.move == kNone) words_.values.push_back({"mode of " + words_of_.machine(asked_.from), "not known"});
    if (!words_.allowed && decision_.move != kNone) say_values(values);
    return std::move(words_);
  }

 private:
  void say_statement() {
    if (decision_.statement >= policy_.table.statement_count()) return;
    const StatementView view = policy_.table.statement(decision_.statement);
    words_.statement = StatementWords{kind_word(view.kind), std::string(view.text), std::string(view.cite), std::string(view.because), view.line};
    for (Index role = 0; role < policy_.table.role_count(); ++role)
      if ((view.notify >> role & 1u) != 0) words_.notify.emplace_back(policy_.table.role(role));
    if (decision_.clause != kNone) words_.clause = policy_.table.clause_text(decision_.move, decision_.statement, decision_.clause);
  }

  void say_unknown(const std::vector<UnknownName>& unknown) {
    for (const UnknownName& entry : unknown) {
      const std::string question = entry.suggestion.empty() ? "" : fmt::format(" (did you mean `{}`?)", entry.suggestion);
      words_.details.push_back(fmt::format("there is no {} `{}`{}", entry.kind, entry.name, question));
    }
  }

  /// Where no statement can be quoted, what was asked for.
  void say_asked() {
    const RuleTable& table = policy_.table;
    const bool is_known = asked_.is_change ? asked_.from.target < table.machine_count()
                                           : asked_.purpose < table.purpose_count() && asked_.asset < table.asset_count();
    if (!is_known || asked_.authority.role >= table.role_count()) return;
    const std::string_view role = table.role(asked_.authority.role);
    if (asked_.is_change)
      words_.details.push_back(fmt::format("change {} to {} by {}", words_of_.machine(asked_.from),
                                           table.mode_name(asked_.from.target, asked_.to_mode), role));
    else
      words_.details.push_back(fmt::format("{} {} from {} to {} by {}", table.purpose(asked_.purpose), words_of_.money(asked_.amount, asked_.asset),
                                           words_of_.bucket(asked_.from), words_of_.bucket(asked_.to), role));
  }

  void say_ids(const std::string& name, std::size_t given, std::span<const Index> keys) {
    if (given == keys.size()) return;
    std::string wanted;
    for (const Index key : keys) wanted += (wanted.empty() ? "" : ", ") + std::string(policy_.table.entity(key).name);
    const std::string count = given > kKeysMax ? fmt::format("more than {}", kKeysMax) : std::to_string(given);
    words_.details.push_back(keys.empty() ? fmt::format("{} takes no ids, {} given", name, count)
                                          : fmt::format("{} takes an id for each of {}, {} given", name, wanted, count));
  }

  void say_form() {
    const RuleTable& table = policy_.table;
    if (asked_.is_change && asked_.from.target < table.machine_count()) {
      const MachineView view = table.machine(asked_.from.target);
      say_ids(subject_name(table, view.subject_kind, view.subject), asked_.from.id_count, view.keys);
    }
    for (const Instance* endpoint : {&asked_.from, &asked_.to})
      if (!asked_.is_change && endpoint->target < table.bucket_count())
        say_ids(std::string(table.bucket(endpoint->target).name), endpoint->id_count, table.bucket(endpoint->target).keys);
    if (asked_.authority.approvals.size() > kApprovalsMax)
      words_.details.push_back(fmt::format("{} approvals, at most {} can be given", asked_.authority.approvals.size(), kApprovalsMax));
  }

  void say_values(std::span<const Value> given) {
    const std::span<const SlotView> slots = policy_.table.slots(decision_.move);
    if (given.empty() || given.size() > slots.size()) return;
    std::vector<Value> values = complete_values(slots, given, asked_);
    switch (decision_.reason) {
      case Reason::ValueMissing:
      case Reason::ValueOutOfRange: say_value(slots, values, decision_.slot); return;
      case Reason::ValueStale: say_age(slots, values); return;
      case Reason::Funds: say_funds(slots, values); return;
      case Reason::Floor: say_clauses(slots, after_move(values)); return;
      case Reason::Condition:
      case Reason::DenyRule:
      case Reason::Limit: say_clauses(slots, values); return;
      default: return;
    }
  }

  void say_value(std::span<const SlotView> slots, std::span<const Value> values, Index slot) {
    if (slot >= slots.size()) return;
    words_.values.push_back(words_of_.named(slots[slot], values[slot], asked_));
    if (decision_.reason != Reason::ValueOutOfRange) return;
    if (slots[slot].kind == SlotKind::Now) words_.details.push_back(fmt::format("a transfer's time is from {} to {}", print_instant(kInstantMin), print_instant(kInstantMax)));
    if (slots[slot].kind != SlotKind::Fact) return;
    const FactView fact = policy_.table.fact(slots[slot].target);
    const auto bound = [&](Int128 number) { return words_of_.value(slots[slot], Value{number, 0, true}, asked_); };
    words_.details.push_back(fmt::format("declared from {} to {}", bound(fact.min), bound(fact.max)));
  }

  void say_age(std::span<const SlotView> slots, std::span<const Value> values) {
    say_value(slots, values, decision_.slot);
    if (decision_.slot >= slots.size() || slots[decision_.slot].kind != SlotKind::Fact) return;
    words_.details.push_back(fmt::format("observed at {}, fresh within {}, asked at {}", print_instant(values[decision_.slot].observed_ms),
                                         print_duration(policy_.table.fact(slots[decision_.slot].target).fresh_within_ms),
                                         print_instant(asked_.authority.time_ms)));
  }

  void say_funds(std::span<const SlotView> slots, std::span<const Value> values) {
    if (decision_.move >= policy_.moves.moves.size()) return;
    const Move& move = policy_.moves.moves[decision_.move];
    say_value(slots, values, move.funds_slot);
    if (move.account_slot != kNone) say_value(slots, values, move.account_slot);
    words_.values.push_back({"amount", words_of_.money(asked_.amount, asked_.asset)});
  }

  /// The balance that a floor reads: with the amount gone, unless the values are those of a batch's end.
  std::vector<Value> after_move(std::vector<Value> values) {
    const Index from_slot = decision_.move < policy_.moves.moves.size() ? policy_.moves.moves[decision_.move].from_slot : kNone;
    if (from_slot >= values.size()) return values;
    after_slot_ = from_slot;
    if (!at_batch_end_) values[from_slot].number -= asked_.amount;
    return values;
  }

  /// What the clause that failed reads; of a deny rule, what all of its clauses do.
  void say_clauses(std::span<const SlotView> slots, const std::vector<Value>& values) {
    const Guarded* guarded = guarded_on(policy_.moves, decision_.move, decision_.statement);
    if (guarded == nullptr) return;
    std::vector<Index> read;
    for (Index i = 0; i < guarded->clauses.size(); ++i) {
      if (decision_.clause != kNone && decision_.clause != i) continue;
      for (const Index slot : slots_of(guarded->clauses[i]))
        if (std::find(read.begin(), read.end(), slot) == read.end()) read.push_back(slot);
    }
    for (const Index slot : read) {
      if (slot >= slots.size()) continue;
      NamedValue named = words_of_.named(slots[slot], values[slot], asked_);
      if (slot == after_slot_) named.name = "balance after" + named.name.substr(named.name.find('('));
      words_.values.push_back(std::move(named));
    }
  }

  const LoadedPolicy& policy_;
  ValueWords words_of_;
  const Asked& asked_;
  const Decision& decision_;
  bool at_batch_end_;
  Index after_slot_ = kNone;
  DecisionWords words_;
};

/// What the statement's own line does not quote already is said after it.
std::string statement_in_words(const StatementWords& statement) {
  const std::string text = fmt::format("line {}: {}", statement.line, statement.text);
  const auto is_new = [&](const std::string& quoted) { return !quoted.empty() && statement.text.find(quoted) == std::string::npos; };
  std::string quoted = is_new(statement.cite) ? statement.cite : "";
  if (is_new(statement.because)) quoted += (quoted.empty() ? "because " : "; because ") + statement.because;
  return quoted.empty() ? text : fmt::format("{} ({})", text, quoted);
}

template <class Parts, class Text>
std::string joined(const Parts& parts, const char* separator, const Text& text) {
  std::string result;
  for (const auto& part : parts) result += (result.empty() ? "" : separator) + text(part);
  return result;
}

}  // namespace

DecisionWords describe(const LoadedPolicy& policy, const Interner& interner, const Asked& asked, const Decision& decision,
                       std::span<const Value> values, const std::vector<UnknownName>& unknown, bool at_batch_end) {
  return Describer(policy, interner, asked, decision, at_batch_end).describe(values, unknown);
}

std::string print(const DecisionWords& words) {
  std::vector<std::string> parts;
  if (words.statement) parts.push_back(statement_in_words(*words.statement));
  if (words.reason == "condition" && !words.clause.empty()) parts.push_back(fmt::format("condition \"{}\" failed", words.clause));
  else if (!words.allowed) parts.push_back(words.sentence);
  if (!words.values.empty())
    parts.push_back(joined(words.values, ", ", [](const NamedValue& value) { return fmt::format("{} = {}", value.name, value.value); }));
  if (!words.details.empty()) parts.push_back(joined(words.details, "; ", [](const std::string& detail) { return detail; }));
  std::string text = words.allowed ? "allowed  " : "denied   ";
  text += joined(parts, ": ", [](const std::string& part) { return part; });
  for (const DecisionWords::BroughtMode& brought : words.modes) text += fmt::format("; {} is now {}", brought.subject, brought.mode);
  if (!words.notify.empty()) text += "; notify " + joined(words.notify, ", ", [](const std::string& role) { return role; });
  return printable(text);
}

nlohmann::ordered_json to_json(const DecisionWords& words) {
  nlohmann::ordered_json out{{"decision", words.allowed ? "allowed" : "denied"}, {"reason", words.reason}, {"sentence", words.sentence}};
  if (words.statement)
    out["statement"] = {{"kind", words.statement->kind}, {"line", words.statement->line}, {"text", words.statement->text},
                        {"cite", words.statement->cite}, {"because", words.statement->because}};
  if (!words.clause.empty()) out["condition"] = words.clause;
  if (!words.values.empty()) {
    out["values"] = nlohmann::ordered_json::array();
    for (const NamedValue& value : words.values) out["values"].push_back({{"name", value.name}, {"value", value.value}});
  }
  if (!words.details.empty()) out["details"] = words.details;
  for (const DecisionWords::BroughtMode& brought : words.modes) out["modes"].push_back({{"subject", brought.subject}, {"mode", brought.mode}, {"line", brought.line}});
  if (!words.notify.empty()) out["notify"] = words.notify;
  return out;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool second_control_set = byte == 0xC2 && next >= 0x80 && next < 0xA0;   // U+0080 to U+009F
    if (byte < 0x20 || byte == 0x7F) result += fmt::format("\\x{:02x}", byte);
    else if (second_control_set) result += fmt::format("\\x{:02x}", text[++i] & 0xFF);
    else result += text[i];
  }
  return result;
}

}  // namespace ringfence
