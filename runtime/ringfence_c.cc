// SPDX-License-Identifier: Apache-2.0
// The C interface to versions, tables, names and declarations: each function checks its pointers, sizes and indexes, and then asks the
// RuleTable. The only exceptions below are those of memory that runs out; they end here.
#include "runtime/ringfence_c.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/c_struct.h"

using namespace ringfence;
using namespace ringfence::c;

static_assert(RINGFENCE_NONE == kNone && RINGFENCE_KEYS_MAX == kKeysMax && RINGFENCE_SLOTS_MAX == kSlotsMax && RINGFENCE_APPROVALS_MAX == kApprovalsMax &&
              RINGFENCE_ALIGNMENT == RuleTable::kAlignment);
static_assert(RINGFENCE_OF_BUCKET == static_cast<int>(SubjectKind::Bucket) && RINGFENCE_FACT_FLAG == static_cast<int>(FactType::Flag) &&
              RINGFENCE_FACT_INSTANT == static_cast<int>(FactType::Instant) && RINGFENCE_FACT_DURATION == static_cast<int>(FactType::Duration));

namespace {

ringfence_text c_text(std::string_view text) noexcept { return text.empty() ? ringfence_text{nullptr, 0} : ringfence_text{text.data(), text.size()}; }
ringfence_number c_number(Int128 number) noexcept { return {static_cast<std::uint64_t>(number), static_cast<std::int64_t>(number >> 64)}; }

template <class Struct>
void set_keys(Struct& to, std::span<const Index> keys) noexcept {
  to.key_count = static_cast<std::uint32_t>(keys.size());
  std::copy(keys.begin(), keys.end(), to.keys);
}

/// Checks the arguments of ringfence_get_...; what is there is then written by `make(table, index)`.
template <class Struct, class Make>
ringfence_status get(const ringfence_table* table, Index index, Index count, Struct* to, Make make) noexcept {
  if (to == nullptr || index >= count) return RINGFENCE_BAD_ARGUMENT;
  if (!is_writable(*to)) return RINGFENCE_BAD_STRUCT;
  write(*to, make(cpp(table), index));
  return RINGFENCE_OK;
}

void write_error(ringfence_error* to, const LoadError& error) noexcept {
  if (to == nullptr) return;
  ringfence_error made{};
  made.offset = error.offset;
  error.message.copy(made.message, sizeof made.message - 1);
  write(*to, made);
}

template <class Load>
ringfence_status load_with(Load load, const void* bytes, std::size_t byte_count, ringfence_table** table, ringfence_error* error) noexcept {
  if (table == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *table = nullptr;
  if (bytes == nullptr) return RINGFENCE_BAD_ARGUMENT;
  if (error != nullptr && !is_writable(*error)) return RINGFENCE_BAD_STRUCT;
  try {
    auto loaded = load(std::span(static_cast<const std::byte*>(bytes), byte_count));
    if (const auto* failure = std::get_if<LoadError>(&loaded)) {
      write_error(error, *failure);
      return RINGFENCE_BAD_TABLE;
    }
    *table = reinterpret_cast<ringfence_table*>(new RuleTable(std::get<RuleTable>(std::move(loaded))));
    return RINGFENCE_OK;
  } catch (...) {
    return RINGFENCE_NO_MEMORY;
  }
}

/// The functions of RuleTable that speak of one kind of declaration.
struct Kind {
  Index (RuleTable::*count)() const noexcept;
  Index (RuleTable::*find)(std::string_view) const noexcept;
  std::string_view (*name)(const RuleTable&, Index) noexcept;
};
constexpr Kind kKinds[] = {
    {&RuleTable::asset_count, &RuleTable::find_asset, [](const RuleTable& table, Index index) noexcept { return table.asset(index).name; }},
    {&RuleTable::role_count, &RuleTable::find_role, [](const RuleTable& table, Index index) noexcept { return table.role(index); }},
    {&RuleTable::purpose_count, &RuleTable::find_purpose, [](const RuleTable& table, Index index) noexcept { return table.purpose(index); }},
    {&RuleTable::evidence_count, &RuleTable::find_evidence, [](const RuleTable& table, Index index) noexcept { return table.evidence(index); }},
    {&RuleTable::entity_count, &RuleTable::find_entity, [](const RuleTable& table, Index index) noexcept { return table.entity(index).name; }},
    {&RuleTable::account_count, &RuleTable::find_account, [](const RuleTable& table, Index index) noexcept { return table.account(index).name; }},
    {&RuleTable::bucket_count, &RuleTable::find_bucket, [](const RuleTable& table, Index index) noexcept { return table.bucket(index).name; }},
    {&RuleTable::fact_count, &RuleTable::find_fact, [](const RuleTable& table, Index index) noexcept { return table.fact(index).name; }},
    {&RuleTable::machine_count, &RuleTable::find_machine, [](const RuleTable& table, Index index) noexcept { return table.machine_name(index); }},
};
static_assert(std::size(kKinds) == RINGFENCE_MACHINE + 1);

}  // namespace

ringfence_status ringfence_get_versions(ringfence_versions* versions) {
  if (versions == nullptr) return RINGFENCE_BAD_ARGUMENT;
  if (!is_writable(*versions)) return RINGFENCE_BAD_STRUCT;
  write(*versions, {0, RINGFENCE_VERSION_MAJOR, RINGFENCE_VERSION_MINOR, RINGFENCE_VERSION_PATCH, RINGFENCE_TABLE_VERSION, RINGFENCE_LANGUAGE_VERSION_MAJOR,
                    RINGFENCE_LANGUAGE_VERSION_MINOR, 0});
  return RINGFENCE_OK;
}

// ---- tables

ringfence_status ringfence_table_load(const void* bytes, size_t byte_count, ringfence_table** table, ringfence_error* error) {
  const auto copy = [](std::span<const std::byte> given) { return RuleTable::load({given.begin(), given.end()}); };
  return load_with(copy, bytes, byte_count, table, error);
}

ringfence_status ringfence_table_load_in_place(const void* bytes, size_t byte_count, ringfence_table** table, ringfence_error* error) {
  return load_with(RuleTable::load_in_place, bytes, byte_count, table, error);
}

void ringfence_table_free(ringfence_table* table) { delete reinterpret_cast<RuleTable*>(table); }

ringfence_text ringfence_policy_name(const ringfence_table* table) { return table == nullptr ? c_text({}) : c_text(cpp(table).policy_name()); }
ringfence_text ringfence_source_digest(const ringfence_table* table) { return table == nullptr ? c_text({}) : c_text(cpp(table).source_digest()); }

int ringfence_proof_digest(const ringfence_table* table, uint8_t digest[32]) {
  if (digest == nullptr) return 0;
  const auto found = table == nullptr ? std::nullopt : cpp(table).proof_digest();
  std::ranges::copy(found.value_or(ProofDigest{}), digest);
  return found ? 1 : 0;
}

// ---- names

uint32_t ringfence_count(const ringfence_table* table, uint32_t kind) {
  return table == nullptr || kind >= std::size(kKinds) ? 0 : (cpp(table).*kKinds[kind].count)();
}

uint32_t ringfence_find(const ringfence_table* table, uint32_t kind, const char* name) {
  return table == nullptr || name == nullptr || kind >= std::size(kKinds) ? kNone : (cpp(table).*kKinds[kind].find)(name);
}

ringfence_text ringfence_name(const ringfence_table* table, uint32_t kind, uint32_t index) {
  return index < ringfence_count(table, kind) ? c_text(kKinds[kind].name(cpp(table), index)) : c_text({});
}

uint32_t ringfence_find_mode(const ringfence_table* table, uint32_t machine, const char* name) {
  return name != nullptr && machine < ringfence_count(table, RINGFENCE_MACHINE) ? cpp(table).find_mode(machine, name) : kNone;
}

ringfence_text ringfence_mode_name(const ringfence_table* table, uint32_t machine, uint32_t mode) {
  const bool is_there = machine < ringfence_count(table, RINGFENCE_MACHINE) && mode < cpp(table).machine(machine).mode_count;
  return is_there ? c_text(cpp(table).mode_name(machine, mode)) : c_text({});
}

// ---- declarations

ringfence_status ringfence_get_asset(const ringfence_table* table, uint32_t index, ringfence_asset* asset) {
  return get(table, index, ringfence_count(table, RINGFENCE_ASSET), asset, [](const RuleTable& in, Index at) { return ringfence_asset{0, in.asset(at).decimals}; });
}

ringfence_status ringfence_get_account(const ringfence_table* table, uint32_t index, ringfence_account* account) {
  return get(table, index, ringfence_count(table, RINGFENCE_ACCOUNT), account, [](const RuleTable& in, Index at) {
    const AccountView view = in.account(at);
    ringfence_account made{};
    made.owner = view.owner;
    set_keys(made, view.keys);
    return made;
  });
}

ringfence_status ringfence_get_bucket(const ringfence_table* table, uint32_t index, ringfence_bucket* bucket) {
  return get(table, index, ringfence_count(table, RINGFENCE_BUCKET), bucket, [](const RuleTable& in, Index at) {
    const BucketView view = in.bucket(at);
    ringfence_bucket made{};
    made.owner = view.owner;
    made.account = view.account;
    made.external = view.external ? 1 : 0;
    made.may_overdraw = view.may_overdraw ? 1 : 0;
    set_keys(made, view.keys);
    return made;
  });
}

ringfence_status ringfence_get_fact(const ringfence_table* table, uint32_t index, ringfence_fact* fact) {
  return get(table, index, ringfence_count(table, RINGFENCE_FACT), fact, [](const RuleTable& in, Index at) {
    const FactView view = in.fact(at);
    ringfence_fact made{};
    made.type = static_cast<std::uint32_t>(view.type);
    made.subject_kind = static_cast<std::uint32_t>(view.subject_kind);
    made.subject = view.subject;
    made.asset = view.asset;
    set_keys(made, view.keys);
    made.fresh_within_ms = view.fresh_within_ms;
    made.min = c_number(view.min);
    made.max = c_number(view.max);
    return made;
  });
}

ringfence_status ringfence_get_machine(const ringfence_table* table, uint32_t index, ringfence_machine* machine) {
  return get(table, index, ringfence_count(table, RINGFENCE_MACHINE), machine, [](const RuleTable& in, Index at) {
    const MachineView view = in.machine(at);
    ringfence_machine made{};
    made.subject_kind = static_cast<std::uint32_t>(view.subject_kind);
    made.subject = view.subject;
    made.mode_count = view.mode_count;
    set_keys(made, view.keys);
    return made;
  });
}

ringfence_status ringfence_get_limit(const ringfence_table* table, uint32_t index, ringfence_limit* limit) {
  return get(table, index, table == nullptr ? 0 : cpp(table).limit_count(), limit, [](const RuleTable& in, Index at) {
    const LimitView view = in.limit(at);
    ringfence_limit made{};
    made.statement = view.statement;
    made.asset = view.asset;
    set_keys(made, view.per);
    made.window_ms = view.window_ms;
    return made;
  });
}

ringfence_status ringfence_get_statement(const ringfence_table* table, uint32_t index, ringfence_statement* statement) {
  return get(table, index, table == nullptr ? 0 : cpp(table).statement_count(), statement, [](const RuleTable& in, Index at) {
    const StatementView view = in.statement(at);
    return ringfence_statement{0, static_cast<std::uint32_t>(view.kind), view.line, 0, c_text(view.text), c_text(view.cite), c_text(view.because), view.notify};
  });
}
