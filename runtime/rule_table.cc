// SPDX-License-Identifier: Apache-2.0
// What a loaded table says of its declarations and statements: views into the checked image. Nothing here can fail; an index is
// the caller's promise, as for operator[].
#include "runtime/rule_table.h"

#include <utility>

#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

Index count_of(std::size_t count) noexcept { return static_cast<Index>(count); }   // load has checked that it fits

Index find(const NameIndex& names, std::string_view name) noexcept {
  const auto found = names.find(name);
  return found == names.end() ? kNone : found->second;
}

SubjectKind subject_kind(const format::SubjectRecord& subject) noexcept { return static_cast<SubjectKind>(subject.kind); }

struct GuardedRun { std::uint32_t first, count; };
/// The statements at work on a row: a move's, or a transition's only one.
GuardedRun guarded_of(const format::Sections& sections, Index row) noexcept {
  if (row >= sections.rows.size()) return {sections.transitions[row - sections.rows.size()].guarded, 1};
  const format::BodyRecord& body = sections.bodies[sections.rows[row].body];
  return {body.first_guarded, body.allow_count + body.deny_count + body.floor_count + body.limit_count};
}

}  // namespace

RuleTable::RuleTable(std::unique_ptr<Image> image) noexcept : image_(std::move(image)) {}
RuleTable::RuleTable(RuleTable&&) noexcept = default;
RuleTable& RuleTable::operator=(RuleTable&&) noexcept = default;
RuleTable::~RuleTable() = default;

std::string_view RuleTable::Image::subject_name(const format::SubjectRecord& subject) const noexcept {
  switch (static_cast<SubjectKind>(subject.kind)) {
    case SubjectKind::System: return "system";
    case SubjectKind::Entity: return text(sections.entities[subject.index].name);
    case SubjectKind::Bucket: return text(sections.buckets[subject.index].name);
  }
  return {};
}

std::span<const std::byte> RuleTable::bytes() const noexcept { return image_->bytes; }
std::uint64_t RuleTable::serial() const noexcept { return image_->serial; }
std::optional<ProofDigest> RuleTable::proof_digest() const noexcept {
  const ProofDigest& digest = image_->header->proof_digest;
  return digest == ProofDigest{} ? std::nullopt : std::optional(digest);
}
std::string_view RuleTable::source_digest() const noexcept { return image_->text(image_->header->source_digest); }
std::string_view RuleTable::policy_name() const noexcept { return image_->text(image_->header->policy_name); }

Index RuleTable::asset_count() const noexcept { return count_of(image_->sections.assets.size()); }
Index RuleTable::entity_count() const noexcept { return count_of(image_->sections.entities.size()); }
Index RuleTable::bucket_count() const noexcept { return count_of(image_->sections.buckets.size()); }
Index RuleTable::account_count() const noexcept { return count_of(image_->sections.accounts.size()); }
Index RuleTable::fact_count() const noexcept { return count_of(image_->sections.facts.size()); }
Index RuleTable::machine_count() const noexcept { return count_of(image_->sections.machines.size()); }
Index RuleTable::role_count() const noexcept { return count_of(image_->sections.roles.size()); }
Index RuleTable::purpose_count() const noexcept { return count_of(image_->sections.purposes.size()); }
Index RuleTable::evidence_count() const noexcept { return count_of(image_->sections.evidence.size()); }
Index RuleTable::limit_count() const noexcept { return count_of(image_->sections.limits.size()); }
Index RuleTable::statement_count() const noexcept { return count_of(image_->sections.statements.size()); }

AssetView RuleTable::asset(Index index) const noexcept {
  const format::AssetRecord& asset = image_->sections.assets[index];
  return {image_->text(asset.name), asset.decimals};
}

EntityView RuleTable::entity(Index index) const noexcept {
  const format::EntityRecord& entity = image_->sections.entities[index];
  return {image_->text(entity.name), entity.many != 0};
}

BucketView RuleTable::bucket(Index index) const noexcept {
  const format::BucketRecord& bucket = image_->sections.buckets[index];
  return {image_->text(bucket.name), bucket.owner, image_->list(bucket.keys), bucket.external != 0, bucket.may_overdraw != 0, bucket.account};
}

AccountView RuleTable::account(Index index) const noexcept {
  const format::AccountRecord& account = image_->sections.accounts[index];
  return {image_->text(account.name), account.owner, image_->list(account.keys)};
}

FactView RuleTable::fact(Index index) const noexcept {
  const format::FactRecord& fact = image_->sections.facts[index];
  return {image_->text(fact.name), subject_kind(fact.subject), fact.subject.index, image_->list(fact.subject.keys),
          static_cast<FactType>(fact.type), fact.asset, fact.min, fact.max, fact.fresh_within_ms};
}

MachineView RuleTable::machine(Index index) const noexcept {
  const format::MachineRecord& machine = image_->sections.machines[index];
  return {subject_kind(machine.subject), machine.subject.index, image_->list(machine.subject.keys), machine.mode_count};
}

std::string_view RuleTable::machine_name(Index machine) const noexcept { return image_->subject_name(image_->sections.machines[machine].subject); }
std::string_view RuleTable::mode_name(Index machine, Index mode) const noexcept {
  return image_->text(image_->sections.modes[image_->sections.machines[machine].first_mode + mode].name);
}
std::string_view RuleTable::role(Index index) const noexcept { return image_->text(image_->sections.roles[index].name); }
std::string_view RuleTable::purpose(Index index) const noexcept { return image_->text(image_->sections.purposes[index].name); }
std::string_view RuleTable::evidence(Index index) const noexcept { return image_->text(image_->sections.evidence[index].name); }

LimitView RuleTable::limit(Index index) const noexcept {
  const format::LimitRecord& limit = image_->sections.limits[index];
  return {limit.statement, limit.asset, image_->list(limit.per), limit.window_ms};
}

StatementView RuleTable::statement(Index index) const noexcept {
  const format::StatementRecord& statement = image_->sections.statements[index];
  return {static_cast<StatementKind>(statement.kind), statement.line, image_->text(statement.text), image_->text(statement.cite),
          image_->text(statement.because), statement.notify};
}

Index RuleTable::find_asset(std::string_view name) const noexcept { return find(image_->assets, name); }
Index RuleTable::find_entity(std::string_view name) const noexcept { return find(image_->entities, name); }
Index RuleTable::find_account(std::string_view name) const noexcept { return find(image_->accounts, name); }
Index RuleTable::find_bucket(std::string_view name) const noexcept { return find(image_->buckets, name); }
Index RuleTable::find_fact(std::string_view name) const noexcept { return find(image_->facts, name); }
Index RuleTable::find_machine(std::string_view name) const noexcept { return find(image_->machines, name); }
Index RuleTable::find_role(std::string_view name) const noexcept { return find(image_->roles, name); }
Index RuleTable::find_purpose(std::string_view name) const noexcept { return find(image_->purposes, name); }
Index RuleTable::find_evidence(std::string_view name) const noexcept { return find(image_->evidence, name); }

Index RuleTable::find_mode(Index machine, std::string_view name) const noexcept {
  const Index mode_count = image_->sections.machines[machine].mode_count;
  for (Index mode = 0; mode < mode_count; ++mode) {
    if (mode_name(machine, mode) == name) return mode;
  }
  return kNone;
}

std::span<const SlotView> RuleTable::slots(Index row) const noexcept {
  const format::Sections& sections = image_->sections;
  if (row >= sections.rows.size()) {
    const format::TransitionRecord& transition = sections.transitions[row - sections.rows.size()];
    return {image_->slot_views.data() + transition.first_slot, transition.slot_count};
  }
  const format::BodyRecord& body = sections.bodies[sections.rows[row].body];
  return {image_->slot_views.data() + body.first_slot, body.slot_count};
}

std::string_view RuleTable::clause_text(Index row, Index statement, Index clause) const noexcept {
  const format::Sections& sections = image_->sections;
  if (row >= sections.rows.size() + sections.transitions.size()) return {};
  const GuardedRun run = guarded_of(sections, row);
  for (const format::GuardedRecord& guarded : sections.guarded.subspan(run.first, run.count)) {
    if (guarded.statement == statement && clause < guarded.clause_count) return image_->text(sections.clauses[guarded.first_clause + clause].text);
  }
  return {};
}

std::span<const RuleTable::Counted> RuleTable::counted(Index row) const noexcept {
  if (row >= image_->sections.rows.size()) return {};
  const Index body = image_->sections.rows[row].body;
  return {image_->counted.data() + image_->first_counted[body], image_->first_counted[body + 1] - image_->first_counted[body]};
}

std::span<const RuleTable::BroughtMode> RuleTable::brought_modes(Index row) const noexcept {
  if (row >= image_->sections.rows.size()) return {};
  const Index body = image_->sections.rows[row].body;
  return {image_->brought.data() + image_->first_brought[body], image_->first_brought[body + 1] - image_->first_brought[body]};
}

}  // namespace ringfence
