// SPDX-License-Identifier: Apache-2.0
// See journal_json.h.
#include "command/journal_json.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "compiler/print_value.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUnknown = "unknown";

std::string fact_value(const FactView& fact, Int128 number, const ValueWords& words) {
  switch (fact.type) {
    case FactType::Amount: return words.money(number, fact.asset);
    case FactType::Number: return to_string(number);
    case FactType::Ratio: return format_decimal(number, kRatioDecimals);
    case FactType::Instant: return number < kInstantMin || number > kInstantMax ? to_string(number) : print_instant(static_cast<std::int64_t>(number));
    case FactType::Duration: return print_duration(static_cast<std::int64_t>(number));
    case FactType::Flag: break;
  }
  return number == 0 ? "false" : "true";
}

}  // namespace

std::vector<std::string> JournalJson::role_names(Mask mask) const {
  std::vector<std::string> roles;
  for (Index role = 0; role < table_.role_count(); ++role)
    if ((mask >> role & 1u) != 0) roles.emplace_back(table_.role(role));
  return roles;
}

void JournalJson::add_authority(Json& json, const Authority& authority, std::span<const Approval> approvals) const {
  json["by"] = authority.role < table_.role_count() ? std::string(table_.role(authority.role)) : kUnknown;
  json["person"] = names_.id_of(authority.person);
  for (const Approval& approval : approvals) json["approvals"].push_back(Json{{"person", names_.id_of(approval.person)}, {"roles", role_names(approval.roles)}});
  for (Index evidence = 0; evidence < table_.evidence_count(); ++evidence)
    if ((authority.evidence >> evidence & 1u) != 0) json["evidence"].push_back(table_.evidence(evidence));
  json["time"] = print_instant(authority.time_ms);
}

std::string JournalJson::mode_name(Index machine, Index mode) const {
  return machine < table_.machine_count() && mode < table_.machine(machine).mode_count ? std::string(table_.mode_name(machine, mode)) : kUnknown;
}

Json JournalJson::transfer(const GateTransfer& submitted, const Decision& decision) const {
  const Transfer& asked = submitted.transfer;
  const auto bucket = [&](const Instance& instance) { return instance.target < table_.bucket_count() ? words_.bucket(instance) : names_.print(kUnknown, instance); };
  Json json{{"id", submitted.id}};
  json["purpose"] = asked.purpose < table_.purpose_count() ? std::string(table_.purpose(asked.purpose)) : kUnknown;
  json["from"] = bucket(asked.from);
  json["to"] = bucket(asked.to);
  json["amount"] = asked.asset < table_.asset_count() ? words_.money(asked.amount, asked.asset) : fmt::format("{} {}", to_string(asked.amount), kUnknown);
  add_authority(json, asked.authority, submitted.approvals);
  json["expect"] = reason_word(decision.reason);
  return json;
}

Json JournalJson::operator()(const JournalBalance& balance) const { return {{"holds", words_.bucket(balance.bucket)}, {"amount", words_.money(balance.balance, balance.asset)}}; }

Json JournalJson::operator()(const JournalMode& mode) const {
  Json json{{"mode", words_.machine(mode.machine)}, {"is", mode_name(mode.machine.target, mode.mode)}};
  if (mode.entered_ms) json["since"] = print_instant(*mode.entered_ms);
  return json;
}

Json JournalJson::operator()(const JournalFact& fact) const {
  if (fact.subject.target >= table_.fact_count()) return {{"fact", kUnknown}};
  const FactView view = table_.fact(fact.subject.target);
  Json json{{"fact", view.name}};
  for (std::size_t i = 0; i < view.keys.size(); ++i) json["of"].push_back(names_.id_of(fact.subject.ids[i]));
  json["value"] = fact_value(view, fact.number, words_);
  json["time"] = print_instant(fact.observed_ms);
  return json;
}

Json JournalJson::operator()(const JournalTransfer& record) const { return transfer(record.submitted, record.decision); }

Json JournalJson::operator()(const JournalChange& record) const {
  const ModeChange& asked = record.submitted.change;
  const bool known = asked.subject.target < table_.machine_count();
  Json json{{"id", record.submitted.id}, {"change", known ? words_.machine(asked.subject) : names_.print(kUnknown, asked.subject)}};
  json["to"] = mode_name(asked.subject.target, asked.to_mode);
  add_authority(json, asked.authority, record.submitted.approvals);
  json["expect"] = reason_word(record.decision.reason);
  return json;
}

Json JournalJson::operator()(const JournalBatch& batch) const {
  Json json{{"batch", batch.id}, {"transfers", Json::array()}};
  for (std::size_t i = 0; i < batch.legs.size(); ++i) json["transfers"].push_back(transfer(batch.legs[i], batch.decisions[i]));
  return json;
}

}  // namespace ringfence
