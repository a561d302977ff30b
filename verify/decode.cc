// SPDX-License-Identifier: Apache-2.0
// A loaded table goes in, the moves that it holds come out: what every proof is about. Loading has shown that its lookup leads to
// these rows and to nothing else. decode(load(emit(moves))) == moves.
#include "runtime/rule_table_image.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

using namespace format;
using Image = RuleTable::Image;

std::string text_of(const Image& image, TextRef ref) { return std::string(image.text(ref)); }
std::vector<Index> list_of(const Image& image, ListRef ref) {
  const std::span<const Index> list = image.list(ref);
  return {list.begin(), list.end()};
}

// ---- declarations

Subject decode_subject(const Image& image, const SubjectRecord& subject) {
  return {static_cast<SubjectKind>(subject.kind), subject.index, list_of(image, subject.keys)};
}

Fact decode_fact(const Image& image, const FactRecord& fact) {
  return {text_of(image, fact.name), decode_subject(image, fact.subject), static_cast<FactType>(fact.type), fact.asset,
          fact.min, fact.max, fact.fresh_within_ms, text_of(image, fact.text)};
}

ModeMachine decode_machine(const Image& image, const MachineRecord& machine) {
  ModeMachine decoded{decode_subject(image, machine.subject), {}};
  for (const NameRecord& mode : image.sections.modes.subspan(machine.first_mode, machine.mode_count)) decoded.modes.push_back(text_of(image, mode.name));
  return decoded;
}

Schedule decode_schedule(const Image& image, const ScheduleRecord& schedule) {
  Schedule decoded{text_of(image, schedule.name), schedule.first_ms, {}};
  for (const BusinessDayRecord& day : image.sections.business_days.subspan(schedule.first_day, schedule.day_count)) decoded.days.push_back({day.start_ms, day.cut_off_ms});
  return decoded;
}

Fence decode_fence(const Image& image, const FenceRecord& fence) {
  return {static_cast<FenceKind>(fence.kind), list_of(image, fence.left), list_of(image, fence.right), fence.entity, list_of(image, fence.within),
          fence.in_custody != 0, fence.line, text_of(image, fence.text), text_of(image, fence.cite)};
}

void decode_places(const Image& image, Vocabulary& vocabulary) {
  for (const AccountRecord& account : image.sections.accounts)
    vocabulary.accounts.push_back({text_of(image, account.name), account.owner, list_of(image, account.keys), text_of(image, account.text)});
  for (const BucketRecord& bucket : image.sections.buckets)
    vocabulary.buckets.push_back({text_of(image, bucket.name), bucket.owner, list_of(image, bucket.keys), bucket.external != 0, bucket.may_overdraw != 0,
                                  bucket.account, text_of(image, bucket.text)});
}

Vocabulary decode_vocabulary(const Image& image) {
  const Sections& sections = image.sections;
  Vocabulary vocabulary;
  vocabulary.policy_name = text_of(image, image.header->policy_name);
  vocabulary.policy_version = text_of(image, image.header->policy_version);
  vocabulary.policy_cite = text_of(image, image.header->policy_cite);
  for (const AssetRecord& asset : sections.assets) vocabulary.assets.push_back({text_of(image, asset.name), asset.decimals, text_of(image, asset.text)});
  for (const NameRecord& role : sections.roles) vocabulary.roles.push_back({text_of(image, role.name)});
  for (const NameRecord& purpose : sections.purposes) vocabulary.purposes.push_back({text_of(image, purpose.name)});
  for (const NameRecord& evidence : sections.evidence) vocabulary.evidence.push_back({text_of(image, evidence.name)});
  for (const EntityRecord& entity : sections.entities) vocabulary.entities.push_back({text_of(image, entity.name), entity.many != 0});
  decode_places(image, vocabulary);
  for (const FactRecord& fact : sections.facts) vocabulary.facts.push_back(decode_fact(image, fact));
  for (const MachineRecord& machine : sections.machines) vocabulary.machines.push_back(decode_machine(image, machine));
  for (const ScheduleRecord& schedule : sections.schedules) vocabulary.schedules.push_back(decode_schedule(image, schedule));
  for (const FenceRecord& fence : sections.fences) vocabulary.fences.push_back(decode_fence(image, fence));
  return vocabulary;
}

// ---- slots and guard programs

KeySource decode_key(std::uint8_t key) {
  if (key == kSummedKey) return {KeySource::From::Summed, 0};
  if (key < kDestinationKey) return {KeySource::From::Source, key};
  return {KeySource::From::Destination, static_cast<std::uint8_t>(key - kDestinationKey)};
}

std::vector<Slot> decode_slots(const Image& image, std::uint32_t first, std::uint32_t count) {
  std::vector<Slot> slots;
  for (const std::uint32_t place : image.sections.slot_lists.subspan(first, count)) {
    const SlotRecord& record = image.sections.slots[place];
    Slot slot{static_cast<SlotKind>(record.kind), record.target, record.asset, record.roles, {}};
    for (std::size_t i = 0; i < record.key_count; ++i) slot.keys.push_back(decode_key(record.keys[i]));
    slots.push_back(std::move(slot));
  }
  return slots;
}

Node decode_node(const Image& image, const NodeRecord& record) {
  Node node;
  node.test.kind = static_cast<TestKind>(record.kind);
  for (const TermRecord& term : image.sections.terms.subspan(record.first_term, record.term_count)) node.test.terms.push_back({term.coefficient, term.slot});
  if (node.test.kind == TestKind::InSet) node.test.set = static_cast<Mask>(record.constant);
  else node.test.constant = record.constant;
  node.if_true = record.if_true;    // kTrueEnd and kFalseEnd are kTrue and kFalse
  node.if_false = record.if_false;
  return node;
}
static_assert(kTrueEnd == kTrue && kFalseEnd == kFalse);

Guarded decode_guarded(const Image& image, const GuardedRecord& record) {
  Guarded guarded{record.statement, record.passing_title != 0, {}};
  const auto brings = static_cast<Brought>(record.brings);
  if (brings != Brought::Nothing) guarded.brings = Brings{brings == Brought::Before, record.brings_slot, record.brings_mode};
  for (const ClauseRecord& clause : image.sections.clauses.subspan(record.first_clause, record.clause_count)) {
    Clause decoded{text_of(image, clause.text), {}};
    for (const NodeRecord& node : image.sections.nodes.subspan(clause.first_node, clause.node_count)) decoded.nodes.push_back(decode_node(image, node));
    guarded.clauses.push_back(std::move(decoded));
  }
  return guarded;
}

/// `count` statements from `at` on. Moves `at` behind them.
std::vector<Guarded> decode_group(const Image& image, std::uint32_t& at, std::uint32_t count) {
  std::vector<Guarded> group;
  for (const GuardedRecord& record : image.sections.guarded.subspan(at, count)) group.push_back(decode_guarded(image, record));
  at += count;
  return group;
}

// ---- rows

Index slot_index(std::uint8_t slot) { return slot == kNoSlot ? kNone : Index{slot}; }

Move decode_row(const Image& image, const RowRecord& row) {
  const BodyRecord& body = image.sections.bodies[row.body];
  Move move;
  move.from = row.from;
  move.to = row.to;
  move.relation = row.relation;
  move.purpose = row.purpose;
  move.asset = row.asset;
  move.roles = row.roles;
  move.slots = decode_slots(image, body.first_slot, body.slot_count);
  std::uint32_t at = body.first_guarded;
  move.allows = decode_group(image, at, body.allow_count);
  move.denies = decode_group(image, at, body.deny_count);
  move.floors = decode_group(image, at, body.floor_count);
  move.limits = decode_group(image, at, body.limit_count);
  move.funds_slot = slot_index(body.funds_slot);
  move.account_slot = slot_index(body.account_slot);
  move.from_slot = slot_index(body.from_slot);
  move.to_slot = slot_index(body.to_slot);
  return move;
}

Transition decode_transition(const Image& image, const TransitionRecord& record) {
  std::optional<Deadline> deadline;
  if (record.within_ms != 0 || record.schedule != kNone) deadline = Deadline{record.within_ms, record.schedule, record.business_day};
  return {record.machine, record.from_modes, record.to_mode, record.roles, decode_slots(image, record.first_slot, record.slot_count),
          decode_guarded(image, image.sections.guarded[record.guarded]), deadline};
}

Invariant decode_invariant(const Image& image, const InvariantRecord& record) {
  return {list_of(image, record.keys), decode_slots(image, record.first_slot, record.slot_count), decode_guarded(image, image.sections.guarded[record.guarded])};
}

Statement decode_statement(const Image& image, const StatementRecord& record) {
  return {static_cast<StatementKind>(record.kind),
          {record.line, text_of(image, record.text), text_of(image, record.cite), text_of(image, record.because), record.notify}};
}

}  // namespace

Moves decode(const RuleTable& table) {
  const Image& image = table.image();
  const Sections& sections = image.sections;
  Moves moves;
  moves.vocabulary = decode_vocabulary(image);
  for (const StatementRecord& statement : sections.statements) moves.statements.push_back(decode_statement(image, statement));
  for (const LimitRecord& limit : sections.limits) moves.limits.push_back({limit.statement, limit.asset, list_of(image, limit.per), limit.window_ms});
  moves.moves.reserve(sections.rows.size());
  for (const RowRecord& row : sections.rows) moves.moves.push_back(decode_row(image, row));
  for (const TransitionRecord& transition : sections.transitions) moves.transitions.push_back(decode_transition(image, transition));
  for (const InvariantRecord& invariant : sections.invariants) moves.invariants.push_back(decode_invariant(image, invariant));
  moves.source_digest = text_of(image, image.header->source_digest);
  return moves;
}

}  // namespace ringfence
