// SPDX-License-Identifier: Apache-2.0
// See resolve_record.h.
#include "command/resolve_record.h"

#include <fmt/core.h>

#include "compiler/check_state.h"
#include "compiler/literals.h"
#include "compiler/vocabulary.h"

namespace ringfence {
namespace {

/// All names of one kind, for the suggestion of one that is not among them.
template <class NameAt>
std::vector<std::string> names(Index count, const NameAt& name_at) {
  std::vector<std::string> result;
  for (Index i = 0; i < count; ++i) result.emplace_back(name_at(i));
  return result;
}

/// Looks names up and collects those that there are none of.
class Names {
 public:
  explicit Names(const RuleTable& table) : table_(table) {}

  Index purpose(const std::string& name) {
    return found("purpose", name, table_.find_purpose(name), table_.purpose_count(), [&](Index i) { return table_.purpose(i); });
  }
  Index bucket(const std::string& name) {
    return found("bucket", name, table_.find_bucket(name), table_.bucket_count(), [&](Index i) { return table_.bucket(i).name; });
  }
  Index asset(const std::string& name) {
    return found("asset", name, table_.find_asset(name), table_.asset_count(), [&](Index i) { return table_.asset(i).name; });
  }
  Index role(const std::string& name) {
    return found("role", name, table_.find_role(name), table_.role_count(), [&](Index i) { return table_.role(i); });
  }
  Index evidence(const std::string& name) {
    return found("evidence", name, table_.find_evidence(name), table_.evidence_count(), [&](Index i) { return table_.evidence(i); });
  }
  Index fact(const std::string& name) {
    return found("fact", name, table_.find_fact(name), table_.fact_count(), [&](Index i) { return table_.fact(i).name; });
  }
  Index machine(const std::string& name) {
    return found("mode subject", name, table_.find_machine(name), table_.machine_count(), [&](Index i) {
      return subject_name(table_, table_.machine(i).subject_kind, table_.machine(i).subject);
    });
  }
  Index mode(Index machine, const std::string& name) {
    if (machine == kNone) return kNone;
    return found("mode", name, table_.find_mode(machine, name), table_.machine(machine).mode_count,
                 [&](Index i) { return table_.mode_name(machine, i); });
  }
  std::vector<UnknownName> take() { return std::move(unknown_); }
  const std::vector<UnknownName>& unknown() const { return unknown_; }

 private:
  template <class NameAt>
  Index found(const char* kind, const std::string& name, Index index, Index count, const NameAt& name_at) {
    if (index == kNone) unknown_.push_back({kind, name, checking::nearest(name, names(count, name_at))});
    return index;
  }

  const RuleTable& table_;
  std::vector<UnknownName> unknown_;
};

Mask bit(Index index) { return index == kNone ? Mask{0} : Mask{1} << index; }

/// Everything but `approvals`, which the gate keeps itself.
Authority authority_of(const AuthorityText& text, Names& names, Interner& interner) {
  Authority authority;
  authority.person = interner.number_of(text.person);
  authority.role = names.role(text.role);
  for (const std::string& evidence : text.evidence) authority.evidence |= bit(names.evidence(evidence));
  authority.time_ms = text.time_ms;
  return authority;
}

std::vector<Approval> approvals_of(const AuthorityText& text, Names& names, Interner& interner) {
  std::vector<Approval> approvals;
  for (const ApprovalText& approval : text.approvals) {
    Mask roles = 0;
    for (const std::string& role : approval.roles) roles |= bit(names.role(role));
    approvals.push_back({interner.number_of(approval.person), roles});
  }
  return approvals;
}

/// In place of the index of a purpose or mode, when anything in the record is unknown: no declared one, and another for every other
/// text, so that two records differ to the gate when they differ to the reader.
Index unknown_index(const std::string& name, const std::vector<UnknownName>& unknown, Interner& interner) {
  std::string all = name;
  for (const UnknownName& entry : unknown) all += "\n" + entry.kind + " " + entry.name;
  return kNone - static_cast<Index>(interner.number_of(all) & 0x7FFF'FFFFu);
}

/// Minor units, or what is wrong. With an unknown asset there are none: the transfer is denied for it.
std::variant<Int128, Wrong> minor_units(const AmountText& amount, Index asset, const RuleTable& table) {
  if (asset == kNone) return Int128{0};
  const unsigned decimals = table.asset(asset).decimals;
  const char* begin = amount.number.data();
  Int128 value = 0;
  if (parse_decimal(begin, begin + amount.number.size(), decimals, value)) return value;
  const ParsedAmount parsed = parse_amount(amount.number, decimals);
  switch (parsed.fault) {
    case AmountFault::None: return parsed.minor_units;
    case AmountFault::TooFine: return Wrong{fmt::format("{} {} is finer than its {} decimals", amount.number, amount.asset, decimals)};
    case AmountFault::TooLarge: return Wrong{fmt::format("{} {} is beyond 2^96-1 minor units", amount.number, amount.asset)};
    case AmountFault::NotANumber: break;
  }
  return Wrong{fmt::format("{} is no amount of {}", amount.number, amount.asset)};
}

std::string first_unknown(const Names& names) {
  const UnknownName& entry = names.unknown().front();
  const std::string question = entry.suggestion.empty() ? "" : fmt::format("; did you mean `{}`?", entry.suggestion);
  return fmt::format("there is no {} `{}`{}", entry.kind, entry.name, question);
}

std::variant<Int128, Wrong> decimal(std::string_view text, unsigned decimals, const char* wanted) {
  Int128 value = 0;
  if (parse_decimal(text.data(), text.data() + text.size(), decimals, value)) return value;
  return Wrong{fmt::format("`value` must be {}", wanted)};
}

std::variant<Int128, Wrong> amount_value(const std::string& text, Index asset, const RuleTable& table) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::size_t name = std::min(text.find_first_not_of(' ', space), text.size());
  if (text.substr(name) != table.asset(asset).name) return Wrong{fmt::format("`value` must be an amount of {}", table.asset(asset).name)};
  return minor_units({text.substr(0, space), text.substr(name)}, asset, table);
}

std::variant<Int128, Wrong> instant_value(const std::string& text) {
  if (const auto instant = parse_instant_ms(text)) return Int128{*instant};
  return Wrong{"`value` must be an instant from 1970 to 9999, such as \"2026-01-05T09:30:00Z\""};
}

std::variant<Int128, Wrong> duration_value(std::string_view text) {
  const std::size_t digits = text.starts_with('-') ? 1 : 0, space = std::min(text.find(' '), text.size());
  const std::string_view unit = text.substr(std::min(text.find_first_not_of(' ', space), text.size()));
  if (const auto length = digits <= space ? parse_duration_ms(text.substr(digits, space - digits), unit) : std::nullopt) return Int128{digits == 1 ? -*length : *length};
  return Wrong{"`value` must be a duration, such as \"30 d\""};
}

std::variant<Int128, Wrong> fact_value(const std::string& text, const FactView& fact, const RuleTable& table) {
  switch (fact.type) {
    case FactType::Amount: return amount_value(text, fact.asset, table);
    case FactType::Number: return decimal(text, 0, "a whole number");
    case FactType::Ratio:
      if (text.ends_with('%')) return decimal(std::string_view(text).substr(0, text.size() - 1), kRatioDecimals - 2, "a percentage, exact to a millionth");
      return decimal(text, kRatioDecimals, "a percentage, or a decimal number exact to a millionth");
    case FactType::Instant: return instant_value(text);
    case FactType::Duration: return duration_value(text);
    case FactType::Flag: break;
  }
  if (text == "true") return Int128{1};
  if (text == "false") return Int128{0};
  return Wrong{"`value` must be true or false"};
}

std::optional<Wrong> wrong_ids(std::string_view name, std::size_t given, std::size_t keys) {
  if (given == keys) return std::nullopt;
  return Wrong{fmt::format("`{}` has {} key{}, and {} id{} given", name, keys, keys == 1 ? "" : "s", given, given == 1 ? " is" : "s are")};
}

}  // namespace

std::string subject_name(const RuleTable& table, SubjectKind kind, Index subject) {
  switch (kind) {
    case SubjectKind::System: return "system";
    case SubjectKind::Entity: return std::string(table.entity(subject).name);
    case SubjectKind::Bucket: return std::string(table.bucket(subject).name);
  }
  return {};
}

std::variant<ResolvedTransfer, Wrong> resolve(const TransferRecord& record, const RuleTable& table, Interner& interner) {
  Names names(table);
  ResolvedTransfer resolved;
  GateTransfer& submitted = resolved.submitted;
  Transfer& transfer = submitted.transfer;
  submitted.id = record.id;
  transfer.purpose = names.purpose(record.purpose);
  transfer.from = interner.instance(names.bucket(record.from.name), record.from.ids);
  transfer.to = interner.instance(names.bucket(record.to.name), record.to.ids);
  transfer.asset = names.asset(record.amount.asset);
  const auto amount = minor_units(record.amount, transfer.asset, table);
  if (const auto* wrong = std::get_if<Wrong>(&amount)) return *wrong;
  transfer.amount = std::get<Int128>(amount);
  transfer.authority = authority_of(record.authority, names, interner);
  submitted.approvals = approvals_of(record.authority, names, interner);
  resolved.unknown = names.take();
  if (!resolved.unknown.empty()) transfer.purpose = unknown_index(record.purpose, resolved.unknown, interner);
  return resolved;
}

std::variant<ResolvedChange, Wrong> resolve(const ChangeRecord& record, const RuleTable& table, Interner& interner) {
  Names names(table);
  ResolvedChange resolved;
  ModeChange& change = resolved.submitted.change;
  resolved.submitted.id = record.id;
  change.subject = interner.instance(names.machine(record.subject.name), record.subject.ids);
  change.to_mode = names.mode(change.subject.target, record.mode);
  change.authority = authority_of(record.authority, names, interner);
  resolved.submitted.approvals = approvals_of(record.authority, names, interner);
  resolved.unknown = names.take();
  if (!resolved.unknown.empty()) change.to_mode = unknown_index(record.mode, resolved.unknown, interner);
  return resolved;
}

std::variant<ResolvedFact, Wrong> resolve(const FactRecord& record, const RuleTable& table, Interner& interner) {
  Names names(table);
  const Index fact = names.fact(record.fact);
  if (fact == kNone) return Wrong{first_unknown(names)};
  const FactView view = table.fact(fact);
  if (const auto wrong = wrong_ids(record.fact, record.ids.size(), view.keys.size())) return *wrong;
  const auto number = fact_value(record.value, view, table);
  if (const auto* wrong = std::get_if<Wrong>(&number)) return *wrong;
  return ResolvedFact{interner.instance(fact, record.ids), std::get<Int128>(number), record.time_ms};
}

std::variant<ResolvedHolds, Wrong> resolve(const HoldsRecord& record, const RuleTable& table, Interner& interner) {
  Names names(table);
  const Index bucket = names.bucket(record.bucket.name), asset = names.asset(record.amount.asset);
  if (bucket == kNone || asset == kNone) return Wrong{first_unknown(names)};
  const BucketView view = table.bucket(bucket);
  if (view.external) return Wrong{fmt::format("`{}` is an external: it has no balance", record.bucket.name)};
  if (const auto wrong = wrong_ids(record.bucket.name, record.bucket.ids.size(), view.keys.size())) return *wrong;
  const auto balance = minor_units(record.amount, asset, table);
  if (const auto* wrong = std::get_if<Wrong>(&balance)) return *wrong;
  if (std::get<Int128>(balance) < 0 && !view.may_overdraw) return Wrong{fmt::format("`{}` may not overdraw", record.bucket.name)};
  return ResolvedHolds{interner.instance(bucket, record.bucket.ids), asset, std::get<Int128>(balance)};
}

std::variant<ResolvedMode, Wrong> resolve(const ModeRecord& record, const RuleTable& table, Interner& interner) {
  Names names(table);
  const Index machine = names.machine(record.subject.name);
  const Index mode = names.mode(machine, record.mode);
  if (machine == kNone || mode == kNone) return Wrong{first_unknown(names)};
  if (const auto wrong = wrong_ids(record.subject.name, record.subject.ids.size(), table.machine(machine).keys.size())) return *wrong;
  return ResolvedMode{interner.instance(machine, record.subject.ids), mode, record.entered_ms};
}

}  // namespace ringfence
