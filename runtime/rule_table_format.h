// SPDX-License-Identifier: Apache-2.0
// The records of a rule table's bytes, version 5: what `emit` writes and `load` checks, described with a worked dump in
// rule_table.md. Everything is little-endian and position independent: a reference is an index into a section. Reserved fields
// are zero. Nothing here is trusted before `load` has looked at it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "runtime/integer.h"
#include "runtime/kinds.h"
#include "runtime/limits.h"
#include "runtime/version.h"

namespace ringfence::format {

static_assert(std::endian::native == std::endian::little, "the table is read in place: a big-endian host needs a converter first");

inline constexpr std::array<char, 8> kMagic = {'R', 'F', 'T', 'A', 'B', 'L', 'E', '\n'};
inline constexpr std::uint32_t kVersion = RINGFENCE_TABLE_VERSION;
inline constexpr std::size_t kSectionAlignment = 16;
inline constexpr std::uint8_t kNoSlot = 0xFF;        ///< in a body: there is no such slot
inline constexpr std::uint16_t kNoClass = 0xFFFF;    ///< in a class map: no row of this lane or block has it
inline constexpr std::uint8_t kDestinationKey = 4;   ///< keys 0..3 are the source's, 4..7 the destination's, 0xFF sums over all ids
inline constexpr std::uint8_t kSummedKey = 0xFF;
inline constexpr std::uint32_t kTrueEnd = 0xFFFF'FFFEu, kFalseEnd = 0xFFFF'FFFFu;   ///< in a node: where a program ends
/// What all rows together may unfold to when decoded: one for each row, slot, statement, clause, node and term, and for every 64
/// bytes of text. Keeps a small hostile table, whose rows share everything, from unfolding to more than the memory.
inline constexpr std::uint64_t kUnfoldedMax = 100'000'000;
inline constexpr std::size_t kSlotPlacesMax = 32'000'000;   ///< entries of the slot list section: each costs `load` some memory

struct TextRef { std::uint32_t offset, bytes; };     ///< in the text section; UTF-8 without NUL, not terminated
struct ListRef { std::uint32_t first, count; };      ///< in the index section

struct AssetRecord   { TextRef name, text; std::uint32_t decimals; };
struct NameRecord    { TextRef name; };              ///< role, purpose, evidence, mode
struct EntityRecord  { TextRef name; std::uint32_t many; };
struct AccountRecord { TextRef name, text; std::uint32_t owner; ListRef keys; };
struct BucketRecord  { TextRef name, text; std::uint32_t owner; ListRef keys; std::uint32_t account; std::uint8_t external, may_overdraw; std::uint16_t reserved; };
struct SubjectRecord { std::uint32_t kind, index; ListRef keys; };
struct FactRecord    { Int128 min, max; std::int64_t fresh_within_ms; TextRef name, text; SubjectRecord subject; std::uint32_t type, asset; };
struct MachineRecord { SubjectRecord subject; std::uint32_t first_mode, mode_count; };
struct FenceRecord   { TextRef text, cite; ListRef left, right, within; std::uint32_t kind, entity, in_custody, line; };
struct StatementRecord { std::uint64_t notify; TextRef text, cite, because; std::uint32_t kind, line; };
struct LimitRecord   { std::int64_t window_ms; std::uint32_t statement, asset; ListRef per; };

struct SlotRecord    { std::uint64_t roles; std::uint32_t target, asset; std::uint8_t kind, key_count; std::array<std::uint8_t, kKeysMax> keys; std::uint16_t reserved; };
struct TermRecord    { std::int64_t coefficient; std::uint32_t slot, reserved; };   ///< slot: position in the row's slots
/// sum(terms) + constant, compared with zero; or, InSet, the set in the low half of `constant`. Goes on to a later node of its clause.
struct NodeRecord    { Int128 constant; std::uint32_t first_term, if_true, if_false; std::uint8_t term_count, kind; std::uint16_t reserved; };
struct ClauseRecord  { TextRef text; std::uint32_t first_node, node_count; };
/// `brings`, a Brought: the change to the mode `brings_mode` of the subject whose mode is the row's slot `brings_slot`.
struct GuardedRecord { std::uint32_t statement, first_clause, clause_count; std::uint8_t passing_title, brings, brings_slot, brings_mode; };
/// What rows share: slots (a run of the slot list section) and statements, those that allow first, then deny, floor, limit.
struct BodyRecord    { std::uint32_t first_slot; std::uint8_t slot_count, funds_slot, from_slot, to_slot, account_slot; std::array<std::uint8_t, 3> reserved;
                       std::uint32_t first_guarded, allow_count, deny_count, floor_count, limit_count; };
struct RowRecord     { std::uint64_t roles; std::uint32_t body; std::uint16_t from, to; std::uint8_t relation, purpose, asset, reserved; std::uint32_t reserved2; };
/// within_ms above 0, or a schedule: by the clock. Then there are no roles, one mode to lead out of, no slots and no clauses.
struct TransitionRecord { std::uint64_t from_modes, roles; std::int64_t within_ms; std::uint32_t machine, to_mode, first_slot, slot_count, guarded, schedule, business_day, reserved; };
/// The cut-offs of one time of day on the business days of one calendar: a run of the business days section.
struct ScheduleRecord { std::int64_t first_ms; TextRef name; std::uint32_t first_day, day_count; };
struct BusinessDayRecord { std::int64_t start_ms, cut_off_ms; };

/// Slots as a run of the slot list section, their keys as positions in `keys`; `guarded` is the claim.
struct InvariantRecord { ListRef keys; std::uint32_t first_slot, slot_count, guarded, reserved; };

// The way from a transfer to its row: source -> pair word -> block -> lane -> cell.
struct SourceRecord  { std::uint32_t first_word; std::uint16_t first_to_word, word_count; std::uint32_t key_count; };   ///< one per bucket
struct PairWord      { std::uint64_t bits; std::uint32_t first_block, reserved; };   ///< 64 destinations: a bit each, blocks of the set ones in order
struct BlockRecord   { std::uint32_t first_lane, purpose_map; std::uint16_t purpose_count; std::uint8_t relation_mask, reserved;
                       std::array<std::uint8_t, kKeysMax> from_keys, to_keys; };     ///< lanes: relation x purpose class
struct LaneRecord    { std::uint32_t first_cell, role_map, asset_map; std::uint16_t role_count, asset_count; };   ///< cells: role class x asset class

/// Every section, in the order in which they lie in the table. X(name, record)
#define RINGFENCE_TABLE_SECTIONS(X)                                                                                      \
  X(text, char) X(indexes, std::uint32_t) X(assets, AssetRecord) X(roles, NameRecord) X(purposes, NameRecord)            \
  X(evidence, NameRecord) X(entities, EntityRecord) X(accounts, AccountRecord) X(buckets, BucketRecord)                  \
  X(facts, FactRecord) X(machines, MachineRecord) X(modes, NameRecord) X(schedules, ScheduleRecord) X(business_days, BusinessDayRecord) X(fences, FenceRecord)                            \
  X(statements, StatementRecord) X(limits, LimitRecord) X(slots, SlotRecord) X(slot_lists, std::uint32_t)                \
  X(terms, TermRecord) X(nodes, NodeRecord) X(clauses, ClauseRecord) X(guarded, GuardedRecord) X(bodies, BodyRecord)     \
  X(rows, RowRecord) X(transitions, TransitionRecord) X(invariants, InvariantRecord)                 \
  X(sources, SourceRecord) X(pair_words, PairWord)                   \
  X(blocks, BlockRecord) X(lanes, LaneRecord) X(cells, std::uint32_t) X(purpose_maps, std::uint16_t)                     \
  X(role_maps, std::uint16_t) X(asset_maps, std::uint16_t)

enum class Section : std::uint8_t {
#define X(name, record) name,
  RINGFENCE_TABLE_SECTIONS(X)
#undef X
};
inline constexpr std::size_t kSectionCount = static_cast<std::size_t>(Section::asset_maps) + 1;

struct SectionRecord { std::uint64_t offset, count; };   ///< offset in bytes from the start, count in records
struct Header {
  std::array<char, 8> magic;
  std::uint32_t version, section_count;
  std::uint64_t table_bytes;
  std::uint64_t checksum;                                ///< XXH64, seed 0, of the whole table with this field zero
  std::array<std::uint8_t, 32> proof_digest;             ///< which proof it says that it has; zero: none
  TextRef source_digest, policy_name, policy_version, policy_cite;
  std::array<SectionRecord, kSectionCount> sections;
};

#define RINGFENCE_FORMAT(record, bytes) \
  static_assert(sizeof(record) == (bytes) && std::is_trivial_v<record> && std::is_standard_layout_v<record>)
RINGFENCE_FORMAT(TextRef, 8);          RINGFENCE_FORMAT(ListRef, 8);       RINGFENCE_FORMAT(AssetRecord, 20);
RINGFENCE_FORMAT(NameRecord, 8);       RINGFENCE_FORMAT(EntityRecord, 12); RINGFENCE_FORMAT(AccountRecord, 28);
RINGFENCE_FORMAT(BucketRecord, 36);    RINGFENCE_FORMAT(SubjectRecord, 16); RINGFENCE_FORMAT(FactRecord, 80);
RINGFENCE_FORMAT(MachineRecord, 24);   RINGFENCE_FORMAT(FenceRecord, 56);  RINGFENCE_FORMAT(StatementRecord, 40);
RINGFENCE_FORMAT(LimitRecord, 24);     RINGFENCE_FORMAT(SlotRecord, 24);   RINGFENCE_FORMAT(TermRecord, 16);
RINGFENCE_FORMAT(NodeRecord, 32);      RINGFENCE_FORMAT(ClauseRecord, 16); RINGFENCE_FORMAT(GuardedRecord, 16);
RINGFENCE_FORMAT(BodyRecord, 32);      RINGFENCE_FORMAT(RowRecord, 24);    RINGFENCE_FORMAT(TransitionRecord, 56);
RINGFENCE_FORMAT(ScheduleRecord, 24);   RINGFENCE_FORMAT(BusinessDayRecord, 16);
RINGFENCE_FORMAT(InvariantRecord, 24);
RINGFENCE_FORMAT(SourceRecord, 12);    RINGFENCE_FORMAT(PairWord, 16);     RINGFENCE_FORMAT(BlockRecord, 20);
RINGFENCE_FORMAT(LaneRecord, 16);      RINGFENCE_FORMAT(SectionRecord, 16);
RINGFENCE_FORMAT(Header, 8 + 8 + 8 + 8 + 32 + 32 + 16 * kSectionCount);
#undef RINGFENCE_FORMAT
static_assert(offsetof(Header, table_bytes) == 16 && offsetof(Header, checksum) == 24 && offsetof(Header, proof_digest) == 32 &&
              offsetof(Header, source_digest) == 64 && offsetof(Header, sections) == 96);
static_assert(offsetof(FactRecord, fresh_within_ms) == 32 && offsetof(FactRecord, subject) == 56 && offsetof(NodeRecord, term_count) == 28 &&
              offsetof(SlotRecord, kind) == 16 && offsetof(BodyRecord, first_guarded) == 12 && offsetof(RowRecord, relation) == 16 &&
              offsetof(BlockRecord, from_keys) == 12 && offsetof(LaneRecord, role_count) == 12);

/// XXH64 of the xxHash specification (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), seed 0. Finds accidents;
/// it is no signature, anybody can make a table with a matching one.
std::uint64_t xxh64(const std::byte* bytes, std::size_t count) noexcept;
/// The checksum of a whole table: as if Header::checksum were zero. `count` is at least sizeof(Header).
std::uint64_t table_checksum(const std::byte* bytes, std::size_t count) noexcept;

}  // namespace ringfence::format
