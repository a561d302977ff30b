// SPDX-License-Identifier: Apache-2.0
// The part of `load` that checks guard programs, bodies, rows, transitions and invariants: language reference, sections 3.8 and 4 to 8. Afterwards
// every program only jumps forward and can't leave 128 bits for any values in range, every slot's keys come from ids that the move
// has, and funds are judged on the balance or account that the bucket's declaration demands.
#include "runtime/load_check.h"

#include <bit>
#include <tuple>

namespace ringfence::load_check {
namespace {

using namespace format;

/// Where programs are read: the slots of the body or transition that they belong to, and what has been unfolded so far.
struct Reading { const Image& image; std::size_t first_place; std::size_t slot_count; std::uint64_t unfolded; };

Failure spend(Reading& reading, std::uint64_t amount, const void* where) {
  reading.unfolded += amount;
  if (reading.unfolded <= kUnfoldedMax) return {};
  return fail_at(reading.image, *static_cast<const std::byte*>(where), "the rows share so much that they would unfold beyond all measure");
}

/// Adds |coefficient| * magnitude to `sum` unless that leaves 128 bits.
bool add_product(Int128& sum, std::int64_t coefficient, Int128 magnitude) noexcept {
  const Int128 factor = coefficient < 0 ? -Int128{coefficient} : Int128{coefficient};
  if (magnitude != 0 && factor > (kInt128Max - sum) / magnitude) return false;
  sum += factor * magnitude;
  return true;
}

Failure check_sum(const Reading& reading, const NodeRecord& node) {
  const Image& image = reading.image;
  if (node.constant < -kInt128Max) return fail_at(image, node.constant, "a comparison could overflow");
  Int128 sum = node.constant < 0 ? -node.constant : node.constant;
  std::uint32_t slot_before = kNone;
  for (const TermRecord& term : image.sections.terms.subspan(node.first_term, node.term_count)) {
    if (term.slot >= reading.slot_count || term.reserved != 0) return fail_at(image, term.slot, "a term reads a slot that its row does not have");
    if (term.coefficient == 0) return fail_at(image, term.coefficient, "a term has the coefficient zero");
    if (slot_before != kNone && term.slot <= slot_before) return fail_at(image, term.slot, "terms are not in the order of their slots");
    if (!add_product(sum, term.coefficient, slot_magnitude(image, reading.first_place + term.slot))) return fail_at(image, term.coefficient, "a comparison could overflow");
    slot_before = term.slot;
  }
  return {};
}

Failure check_set(const Reading& reading, const NodeRecord& node) {
  const Image& image = reading.image;
  if (node.term_count != 1 || node.constant < 0 || node.constant > static_cast<Int128>(~Mask{0})) return fail_at(image, node, "a test of a mode is wrong");
  const TermRecord& term = image.sections.terms[node.first_term];
  if (image.slot_views[reading.first_place + term.slot].kind != SlotKind::Mode) return fail_at(image, term.slot, "a test of a mode reads something else");
  return {};
}

Failure check_jump(const Image& image, const std::uint32_t& target, std::size_t position, std::size_t node_count) {
  if (target == kTrueEnd || target == kFalseEnd || (target > position && target < node_count)) return {};
  return fail_at(image, target, "a guard program does not go on to a later node");
}

Failure check_node(Reading& reading, const NodeRecord& node, std::size_t position, std::size_t node_count) {
  const Image& image = reading.image;
  if (node.kind > static_cast<std::uint8_t>(TestKind::InSet) || node.reserved != 0) return fail_at(image, node.kind, "there is no such kind of test");
  if (node.term_count > kTermsMax || !is_run(node.first_term, node.term_count, image.sections.terms.size())) return fail_at(image, node.first_term, "a comparison's terms are wrong");
  if (Failure failure = spend(reading, 1u + node.term_count, &node)) return failure;
  if (node.kind != static_cast<std::uint8_t>(TestKind::InSet)) {
    if (Failure failure = check_sum(reading, node)) return failure;
  } else {
    if (node.term_count != 1 || image.sections.terms[node.first_term].slot >= reading.slot_count) return fail_at(image, node.first_term, "a test of a mode is wrong");
    if (Failure failure = check_set(reading, node)) return failure;
    if (image.sections.terms[node.first_term].reserved != 0 || image.sections.terms[node.first_term].coefficient == 0)
      return fail_at(image, image.sections.terms[node.first_term], "a test of a mode is wrong");
  }
  if (Failure failure = check_jump(image, node.if_true, position, node_count)) return failure;
  return check_jump(image, node.if_false, position, node_count);
}

Failure check_clause(Reading& reading, const ClauseRecord& clause) {
  const Image& image = reading.image;
  if (Failure failure = check_text(image, clause.text)) return failure;
  if (Failure failure = spend(reading, 1u + clause.text.bytes / 64, &clause)) return failure;
  if (!is_run(clause.first_node, clause.node_count, image.sections.nodes.size())) return fail_at(image, clause.first_node, "a clause reaches beyond the nodes");
  for (std::size_t i = 0; i < clause.node_count; ++i) {
    if (Failure failure = check_node(reading, image.sections.nodes[clause.first_node + i], i, clause.node_count)) return failure;
  }
  return {};
}

/// 4.8: the change of mode that an allow rule brings is of a subject whose mode its row reads, to a mode of that machine.
Failure check_brought(const Reading& reading, const GuardedRecord& guarded, StatementKind kind) {
  const Image& image = reading.image;
  if (guarded.brings == static_cast<std::uint8_t>(Brought::Nothing)) {
    if (guarded.brings_slot != 0 || guarded.brings_mode != 0) return fail_at(image, guarded.brings, "a reserved field is not zero");
    return {};
  }
  if (kind != StatementKind::Allow || guarded.brings > static_cast<std::uint8_t>(Brought::After)) return fail_at(image, guarded.brings, "only an allow rule brings a change of mode, before or after");
  if (guarded.brings_slot >= reading.slot_count) return fail_at(image, guarded.brings_slot, "a rule brings a change of a mode that its row does not read");
  const SlotView& slot = image.slot_views[reading.first_place + guarded.brings_slot];
  if (slot.kind != SlotKind::Mode) return fail_at(image, guarded.brings_slot, "a rule brings a change of a mode that its row does not read");
  if (guarded.brings_mode >= image.sections.machines[slot.target].mode_count) return fail_at(image, guarded.brings_mode, "a rule brings a mode that its machine does not have");
  return {};
}

Failure check_guarded(Reading& reading, const GuardedRecord& guarded, StatementKind kind) {
  const Image& image = reading.image;
  if (guarded.statement >= image.sections.statements.size() || image.sections.statements[guarded.statement].kind != static_cast<std::uint32_t>(kind))
    return fail_at(image, guarded.statement, "a row's statement is of another kind");
  if (guarded.passing_title > (kind == StatementKind::Allow ? 1u : 0u)) return fail_at(image, guarded.passing_title, "only an allow rule passes title");
  if (Failure failure = check_brought(reading, guarded, kind)) return failure;
  if (!is_run(guarded.first_clause, guarded.clause_count, image.sections.clauses.size())) return fail_at(image, guarded.first_clause, "a statement reaches beyond the clauses");
  if (Failure failure = spend(reading, 1, &guarded)) return failure;
  for (std::size_t i = 0; i < guarded.clause_count; ++i) {
    if (Failure failure = check_clause(reading, image.sections.clauses[guarded.first_clause + i])) return failure;
  }
  return {};
}

/// `count` statements of one kind, in text order, none twice. Moves `at` behind them.
Failure check_group(Reading& reading, std::uint32_t& at, std::uint32_t count, StatementKind kind) {
  const auto& all = reading.image.sections.guarded;
  if (!is_run(at, count, all.size())) return fail_in(reading.image, Section::guarded, "a row reaches beyond the statements");
  for (std::uint32_t i = 0; i < count; ++i, ++at) {
    if (Failure failure = check_guarded(reading, all[at], kind)) return failure;
    if (i != 0 && all[at - 1].statement >= all[at].statement) return fail_at(reading.image, all[at].statement, "a row's statements are not in text order");
  }
  return {};
}

auto canonical_order(const SlotRecord& slot) noexcept { return std::tie(slot.kind, slot.target, slot.asset, slot.roles, slot.keys); }

Failure check_slot_run(const Image& image, const std::uint32_t& first, std::size_t count) {
  if (count > kSlotsMax || !is_run(first, count, image.sections.slot_lists.size())) return fail_at(image, first, "a row's slots are wrong");
  const auto slot = [&](std::size_t i) -> const SlotRecord& { return image.sections.slots[image.sections.slot_lists[first + i]]; };
  for (std::size_t i = 1; i < count; ++i) {
    if (!(canonical_order(slot(i - 1)) < canonical_order(slot(i)))) return fail_at(image, image.sections.slot_lists[first + i], "a row's slots are not in their order");
  }
  return {};
}

/// One window for each limit of the row, in the same order: what is limited is what is counted.
Failure check_counted(Image& image, const BodyRecord& body) {
  std::uint32_t limit = body.first_guarded + body.allow_count + body.deny_count + body.floor_count;
  const std::uint32_t end = limit + body.limit_count;
  for (const SlotView& view : std::span(image.slot_views).subspan(body.first_slot, body.slot_count)) {
    if (view.kind != SlotKind::Used) continue;
    if (limit == end || image.sections.guarded[limit].statement != image.sections.limits[view.target].statement)
      return fail_at(image, body.limit_count, "a row's windows are not those of its limits");
    image.counted.push_back({view.target, view.keys});
    ++limit;
  }
  if (limit != end) return fail_at(image, body.limit_count, "a row's windows are not those of its limits");
  return {};
}

Failure check_body(Image& image, const BodyRecord& body, std::uint64_t& unfolded) {
  if (Failure failure = check_slot_run(image, body.first_slot, body.slot_count)) return failure;
  if (body.reserved[0] != 0 || body.reserved[1] != 0 || body.reserved[2] != 0) return fail_at(image, body.reserved[0], "a reserved field is not zero");
  for (const std::uint8_t* slot : {&body.funds_slot, &body.account_slot, &body.from_slot, &body.to_slot}) {
    if (*slot != kNoSlot && *slot >= body.slot_count) return fail_at(image, *slot, "a row's balance is not among its slots");
  }
  if (body.allow_count == 0) return fail_at(image, body.allow_count, "a row has no allow rule");
  Reading reading{image, body.first_slot, body.slot_count, unfolded + body.slot_count};
  std::uint32_t at = body.first_guarded;
  if (Failure failure = check_group(reading, at, body.allow_count, StatementKind::Allow)) return failure;
  if (Failure failure = check_group(reading, at, body.deny_count, StatementKind::Deny)) return failure;
  if (Failure failure = check_group(reading, at, body.floor_count, StatementKind::Floor)) return failure;
  if (Failure failure = check_group(reading, at, body.limit_count, StatementKind::Limit)) return failure;
  unfolded = reading.unfolded;
  for (const GuardedRecord& allow : image.sections.guarded.subspan(body.first_guarded, body.allow_count)) {
    const auto when = static_cast<Brought>(allow.brings);
    if (when != Brought::Nothing) image.brought.push_back({allow.statement, when, allow.brings_slot, allow.brings_mode});
  }
  return check_counted(image, body);
}

// ---- rows: a body seen from one pair of buckets under one relation

struct Ends { std::span<const Index> from_keys, to_keys; std::uint8_t relation; std::size_t shared_count; };

std::size_t position_of(std::span<const Index> keys, Index entity) noexcept {
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), entity) - keys.begin());
}

/// Whether this key of the destination has the same id as one of the source's: then the source's is the one to name.
bool is_sources(const Ends& ends, std::size_t to_position) noexcept {
  unsigned bit = 0;
  for (const Index key : ends.from_keys) {
    const std::size_t there = position_of(ends.to_keys, key);
    if (there == ends.to_keys.size()) continue;
    if (there == to_position) return (ends.relation >> bit & 1u) == 0;
    ++bit;
  }
  return false;
}

bool is_key(const Ends& ends, std::uint8_t key, Index entity) noexcept {
  if (key == kSummedKey) return true;
  if (key < kDestinationKey) return key < ends.from_keys.size() && ends.from_keys[key] == entity;
  const std::size_t position = key - kDestinationKey;
  return position < ends.to_keys.size() && ends.to_keys[position] == entity && !is_sources(ends, position);
}

Failure check_slot_keys(const Image& image, const Ends& ends, std::span<const std::uint32_t> places) {
  for (const std::uint32_t place : places) {
    const SlotRecord& slot = image.sections.slots[place];
    const std::span<const Index> entities = target_keys(image, slot);
    for (std::size_t i = 0; i < slot.key_count; ++i) {
      if (!is_key(ends, slot.keys[i], entities[i])) return fail_at(image, slot.keys[i], "a slot's key is not one that its move has");
    }
  }
  return {};
}

/// Whether the slot is the balance (or the account's total) of the source or destination instance itself, in the row's asset.
bool is_own(const Image& image, const BodyRecord& body, std::uint8_t position, SlotKind kind, Index target, const RowRecord& row, const Ends& ends, bool source) {
  if (position == kNoSlot) return false;
  const SlotRecord& slot = image.sections.slots[image.sections.slot_lists[body.first_slot + position]];
  if (slot.kind != static_cast<std::uint8_t>(kind) || slot.target != target || slot.asset != row.asset) return false;
  const std::span<const Index> entities = target_keys(image, slot);
  for (std::size_t i = 0; i < slot.key_count; ++i) {
    const std::size_t there = position_of(ends.to_keys, entities[i]);
    const bool is_source_key = source || (there < ends.to_keys.size() && is_sources(ends, there));
    if (is_source_key != (slot.keys[i] < kDestinationKey)) return false;   // check_slot_keys has seen that the entity fits
  }
  return true;
}

/// Whether money of the row leaves an account instance that another bucket than its source may overdraw.
bool pays_from_overdrawn(const Image& image, const RowRecord& row, const Ends& ends) {
  const BucketRecord &from = image.sections.buckets[row.from], &to = image.sections.buckets[row.to];
  if (from.account == kNone || from.may_overdraw != 0 || !image.account_overdraws[from.account]) return false;
  if (to.account != from.account) return true;
  const std::span<const Index> keys = image.list(image.sections.accounts[from.account].keys);
  return std::any_of(keys.begin(), keys.end(), [&](Index key) { return !is_sources(ends, position_of(ends.to_keys, key)); });
}

Failure check_balances(const Image& image, const RowRecord& row, const BodyRecord& body, const Ends& ends) {
  const BucketRecord& from = image.sections.buckets[row.from];
  const BucketRecord& to = image.sections.buckets[row.to];
  const bool from_fits = from.external != 0 ? body.from_slot == kNoSlot : is_own(image, body, body.from_slot, SlotKind::Balance, row.from, row, ends, true);
  const bool to_fits = to.external != 0 ? body.to_slot == kNoSlot : is_own(image, body, body.to_slot, SlotKind::Balance, row.to, row, ends, false);
  const bool funds_fit = from.may_overdraw != 0 ? is_own(image, body, body.funds_slot, SlotKind::AccountTotal, from.account, row, ends, true)
                                                : body.funds_slot == body.from_slot;
  const bool account_fits = pays_from_overdrawn(image, row, ends) ? is_own(image, body, body.account_slot, SlotKind::AccountTotal, from.account, row, ends, true)
                                                                  : body.account_slot == kNoSlot;
  if (!from_fits || !to_fits || !funds_fit || !account_fits) return fail_at(image, row, "a row does not read the balances of its own buckets");
  return {};
}

Failure check_row(const Image& image, const RowRecord& row) {
  const Sections& sections = image.sections;
  if (row.from >= sections.buckets.size() || row.to >= sections.buckets.size() || row.purpose >= sections.purposes.size() || row.asset >= sections.assets.size())
    return fail_at(image, row, "a row names what is not declared");
  if (row.roles == 0 || (row.roles & image.undeclared_roles) != 0) return fail_at(image, row.roles, "a row's roles are wrong");
  if (row.body >= sections.bodies.size() || row.reserved != 0 || row.reserved2 != 0) return fail_at(image, row.body, "a row's body does not exist");
  Ends ends{image.list(sections.buckets[row.from].keys), image.list(sections.buckets[row.to].keys), row.relation, 0};
  for (const Index key : ends.from_keys) ends.shared_count += position_of(ends.to_keys, key) != ends.to_keys.size();
  if (row.relation >> ends.shared_count != 0) return fail_at(image, row.relation, "a row's relation speaks of keys that are not shared");
  const BodyRecord& body = sections.bodies[row.body];
  if (Failure failure = check_slot_keys(image, ends, sections.slot_lists.subspan(body.first_slot, body.slot_count))) return failure;
  for (const RuleTable::Counted& counted : std::span(image.counted).subspan(image.first_counted[row.body], image.first_counted[row.body + 1] - image.first_counted[row.body])) {
    if (sections.limits[counted.limit].asset != row.asset) return fail_at(image, row.asset, "a limit of a row is on another asset");
  }
  return check_balances(image, row, body, ends);
}

auto sort_key(const RowRecord& row) noexcept {
  return std::tuple(row.from, row.to, row.relation, row.purpose, row.asset, std::countr_zero(row.roles));
}

Failure check_all_rows(Image& image) {
  std::vector<std::uint64_t> body_unfolded;
  std::uint64_t unfolded = 0;
  for (const BodyRecord& body : image.sections.bodies) {
    const std::uint64_t before = unfolded;
    image.first_counted.push_back(static_cast<std::uint32_t>(image.counted.size()));
    image.first_brought.push_back(static_cast<std::uint32_t>(image.brought.size()));
    if (Failure failure = check_body(image, body, unfolded)) return failure;
    body_unfolded.push_back(unfolded - before);
  }
  image.first_counted.push_back(static_cast<std::uint32_t>(image.counted.size()));
  image.first_brought.push_back(static_cast<std::uint32_t>(image.brought.size()));
  unfolded = 0;
  const auto& rows = image.sections.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (Failure failure = check_row(image, rows[i])) return failure;
    if (i != 0 && !(sort_key(rows[i - 1]) < sort_key(rows[i]))) return fail_at(image, rows[i], "rows are not in their order");
    unfolded += 1 + body_unfolded[rows[i].body];
    if (unfolded > kUnfoldedMax) return fail_at(image, rows[i], "the rows share so much that they would unfold beyond all measure");
  }
  return {};
}

// ---- transitions

Failure check_transition(const Image& image, const TransitionRecord& transition, std::uint64_t& unfolded) {
  const Sections& sections = image.sections;
  if (transition.machine >= sections.machines.size()) return fail_at(image, transition.machine, "a transition's machine is not declared");
  const MachineRecord& machine = sections.machines[transition.machine];
  const Mask modes = machine.mode_count == 64 ? ~Mask{0} : (Mask{1} << machine.mode_count) - 1;
  if (transition.to_mode >= machine.mode_count || transition.from_modes == 0 || (transition.from_modes & ~modes) != 0)
    return fail_at(image, transition.from_modes, "a transition's modes are wrong");
  const bool has_schedule = transition.schedule != kNone, is_by_clock = has_schedule || transition.within_ms != 0;
  if (transition.within_ms < 0 || (has_schedule && transition.within_ms != 0)) return fail_at(image, transition.within_ms, "a deadline is before the mode is entered, or twice");
  if (has_schedule ? transition.schedule >= sections.schedules.size() || transition.business_day > kBusinessDayMax : transition.business_day != 0)
    return fail_at(image, transition.schedule, "a deadline has no such schedule or business day");
  if ((transition.roles == 0) != is_by_clock || (transition.roles & image.undeclared_roles) != 0) return fail_at(image, transition.roles, "a transition's roles are wrong");
  if (transition.guarded >= sections.guarded.size() || transition.reserved != 0) return fail_at(image, transition.guarded, "a transition's statement does not exist");
  if (Failure failure = check_slot_run(image, transition.first_slot, transition.slot_count)) return failure;
  const Ends ends{image.list(machine.subject.keys), {}, 0, 0};
  const auto places = sections.slot_lists.subspan(transition.first_slot, transition.slot_count);
  for (const std::uint32_t place : places) {
    const auto kind = static_cast<SlotKind>(sections.slots[place].kind);
    if (kind == SlotKind::Amount || kind == SlotKind::Used) return fail_at(image, transition.first_slot, "a transition reads something of a transfer");
  }
  if (Failure failure = check_slot_keys(image, ends, places)) return failure;
  Reading reading{image, transition.first_slot, transition.slot_count, unfolded + transition.slot_count};
  if (Failure failure = check_guarded(reading, sections.guarded[transition.guarded], StatementKind::Transition)) return failure;
  unfolded = reading.unfolded;
  return {};
}

// ---- invariants

Failure check_invariant_keys(const Image& image, const InvariantRecord& invariant) {
  const Sections& sections = image.sections;
  if (invariant.keys.count > kKeysMax || !is_run(invariant.keys.first, invariant.keys.count, sections.indexes.size()))
    return fail_at(image, invariant.keys, "an invariant's entities are not a list of at most 4");
  const std::span<const Index> keys = image.list(invariant.keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] >= sections.entities.size() || sections.entities[keys[i]].many == 0) return fail_at(image, keys[i], "an invariant is for each of something that is not a many-entity");
    if (position_of(keys, keys[i]) != i) return fail_at(image, keys[i], "an invariant names an entity twice");
  }
  return {};
}

bool is_of_state(SlotKind kind) noexcept {
  return kind == SlotKind::Balance || kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal || kind == SlotKind::Fact || kind == SlotKind::Mode;
}

Failure check_invariant(const Image& image, const InvariantRecord& invariant, std::uint64_t& unfolded) {
  const Sections& sections = image.sections;
  if (Failure failure = check_invariant_keys(image, invariant)) return failure;
  if (invariant.guarded >= sections.guarded.size() || invariant.reserved != 0) return fail_at(image, invariant.guarded, "an invariant's statement does not exist");
  if (Failure failure = check_slot_run(image, invariant.first_slot, invariant.slot_count)) return failure;
  const auto places = sections.slot_lists.subspan(invariant.first_slot, invariant.slot_count);
  for (const std::uint32_t place : places) {
    if (!is_of_state(static_cast<SlotKind>(sections.slots[place].kind))) return fail_at(image, invariant.first_slot, "an invariant reads something of a transfer");
  }
  if (Failure failure = check_slot_keys(image, Ends{image.list(invariant.keys), {}, 0, 0}, places)) return failure;
  Reading reading{image, invariant.first_slot, invariant.slot_count, unfolded + invariant.slot_count};
  if (Failure failure = check_guarded(reading, sections.guarded[invariant.guarded], StatementKind::Invariant)) return failure;
  unfolded = reading.unfolded;
  return {};
}

/// Every statement that claims something is proved: one invariant for each, in their order.
Failure check_invariants(const Image& image, std::uint64_t& unfolded) {
  const Sections& sections = image.sections;
  std::size_t next = 0;
  for (Index statement = 0; statement < sections.statements.size(); ++statement) {
    if (sections.statements[statement].kind != static_cast<std::uint32_t>(StatementKind::Invariant)) continue;
    if (next == sections.invariants.size()) return fail_at(image, sections.statements[statement], "a statement is an invariant that is not there");
    const InvariantRecord& invariant = sections.invariants[next++];
    if (Failure failure = check_invariant(image, invariant, unfolded)) return failure;
    if (sections.guarded[invariant.guarded].statement != statement) return fail_at(image, invariant.guarded, "invariants are not in the order of their statements");
  }
  if (next != sections.invariants.size()) return fail_at(image, sections.invariants[next], "an invariant has no statement");
  return {};
}

/// Groups transitions by the mode that they lead to, each group in text order.
void index_transitions(Image& image) {
  const Sections& sections = image.sections;
  const auto group = [&](const TransitionRecord& transition) { return sections.machines[transition.machine].first_mode + transition.to_mode; };
  image.first_transition.assign(sections.modes.size() + 1, 0);
  for (const TransitionRecord& transition : sections.transitions) ++image.first_transition[group(transition) + 1];
  for (std::size_t i = 1; i < image.first_transition.size(); ++i) image.first_transition[i] += image.first_transition[i - 1];
  std::vector<std::uint32_t> next = image.first_transition;
  image.transition_order.resize(sections.transitions.size());
  for (std::uint32_t i = 0; i < sections.transitions.size(); ++i) image.transition_order[next[group(sections.transitions[i])]++] = i;
}

}  // namespace

Failure check_rows(Image& image) {
  if (Failure failure = check_all_rows(image)) return failure;
  std::uint64_t unfolded = 0;
  for (const TransitionRecord& transition : image.sections.transitions) {
    if (Failure failure = check_transition(image, transition, unfolded)) return failure;
  }
  if (Failure failure = check_invariants(image, unfolded)) return failure;
  if (image.sections.rows.size() + image.sections.transitions.size() >= kNone) return fail_at(image, *image.header, "there are too many rows");
  index_transitions(image);
  return {};
}

}  // namespace ringfence::load_check
