// SPDX-License-Identifier: Apache-2.0
// The decision library for C and for whatever can call C: the same decisions as ringfence.h. README.md shows a complete program and says what
// the binary interface promises.
//
// Structs. One with a `size` as its first member is set up by the caller: `ringfence_transfer t = {.size = sizeof t}` makes the rest zero, which is
// always a value that permits nothing. Such a struct may grow at its end in a later minor version. Given a longer one, of a program that was compiled
// against a later header, the library refuses it (RINGFENCE_BAD_STRUCT) unless what it doesn't know is zero; and it sets to zero what it doesn't know of
// a longer struct that it fills in. The elements of an array all have the size that the first one says; of an array that the library fills in it reads no
// other. Structs without a size never change. `reserved` is zero.
// Errors. A function that can fail returns a ringfence_status; anything else has one documented answer for whatever is not there. A refused call decides
// nothing: `allowed` is 0. Pointers are not null unless it says so; a null one is RINGFENCE_BAD_ARGUMENT. No exception leaves the library.
// Threads. A table never changes: any number of threads may use one. What changes is said where it is declared.
// Texts are UTF-8, not terminated, and live as long as the table. An index is a position in the order of declaration, RINGFENCE_NONE is no index.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "export.h"
#include "version.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RINGFENCE_NONE UINT32_C(0xFFFFFFFF)
#define RINGFENCE_KEYS_MAX 4        /* ids of one bucket, account, fact or mode */
#define RINGFENCE_SLOTS_MAX 64      /* values that one decision reads */
#define RINGFENCE_APPROVALS_MAX 32  /* approvals of one transfer; more are denied as malformed */
#define RINGFENCE_ALIGNMENT 16      /* of the bytes that ringfence_table_load_in_place takes */

typedef enum ringfence_status {
  RINGFENCE_OK = 0,
  RINGFENCE_BAD_ARGUMENT = 1,   ///< a null pointer, or a number that is none of those that are listed for it
  RINGFENCE_BAD_STRUCT = 2,     ///< a struct's size or reserved member is wrong, or it has a member that this library doesn't know
  RINGFENCE_BAD_TABLE = 3,      ///< the bytes are no rule table that this library can use: see ringfence_error
  RINGFENCE_OTHER_TABLE = 4,    ///< these needs were not answered by this table
  RINGFENCE_NO_MEMORY = 5,
  RINGFENCE_REFUSED = 6         ///< a gate does not take this (since 1.1)
} ringfence_status;

// ---- versions (README.md)

typedef struct ringfence_versions {
  uint32_t size;
  uint32_t library_major, library_minor, library_patch;   ///< of the library at work; RINGFENCE_VERSION_MAJOR and so on: of this header
  uint32_t table;                                         ///< the one version of rule tables that it loads
  uint32_t language_major, language_minor;                ///< of the language whose decisions it makes
  uint32_t reserved;
} ringfence_versions;
RINGFENCE_API ringfence_status ringfence_get_versions(ringfence_versions *versions);

// ---- tables

typedef struct ringfence_table ringfence_table;           ///< a checked table
typedef struct ringfence_error {
  uint32_t size, reserved;
  uint64_t offset;                                        ///< the byte at which the table is wrong
  char message[240];                                      ///< what is wrong there; terminated
} ringfence_error;

/// Checks the bytes and keeps a copy. Trusts nothing in them; linear in their number. `error` may be null; it is filled in for RINGFENCE_BAD_TABLE.
/// On success `*table` is to be freed, otherwise it is null.
RINGFENCE_API ringfence_status ringfence_table_load(const void *bytes, size_t byte_count, ringfence_table **table, ringfence_error *error);
/// The same without the copy: a file mapped into memory, say. The bytes begin at a multiple of RINGFENCE_ALIGNMENT, and stay where and as they are
/// until the table is freed (given to a ringfence_live: until ringfence_live_collect says 0 after it was replaced, or that is freed).
RINGFENCE_API ringfence_status ringfence_table_load_in_place(const void *bytes, size_t byte_count, ringfence_table **table, ringfence_error *error);
/// Frees a table that nobody uses any more, with all views and texts of it. Null is nothing to free.
RINGFENCE_API void ringfence_table_free(ringfence_table *table);

typedef struct ringfence_text { const char *data; size_t bytes; } ringfence_text;   ///< empty: {null, 0}

RINGFENCE_API ringfence_text ringfence_policy_name(const ringfence_table *table);
RINGFENCE_API ringfence_text ringfence_source_digest(const ringfence_table *table);   ///< SHA-256 of the policy text in hex, or empty
/// The proof that the table says it has (SHA-256 of its manifest): 1, or 0 and zeros for none. Whether that proof exists is not known here.
RINGFENCE_API int ringfence_proof_digest(const ringfence_table *table, uint8_t digest[32]);

// ---- names

typedef enum ringfence_kind {
  RINGFENCE_ASSET = 0,
  RINGFENCE_ROLE = 1,
  RINGFENCE_PURPOSE = 2,
  RINGFENCE_EVIDENCE = 3,
  RINGFENCE_ENTITY = 4,
  RINGFENCE_ACCOUNT = 5,
  RINGFENCE_BUCKET = 6,
  RINGFENCE_FACT = 7,
  RINGFENCE_MACHINE = 8          ///< the modes of one subject, by its name: "Client.margin", "Client", "system"
} ringfence_kind;

/// How many there are of this kind (ringfence_kind); 0 for an unknown one.
RINGFENCE_API uint32_t ringfence_count(const ringfence_table *table, uint32_t kind);
/// The index of a name (terminated), or RINGFENCE_NONE. Allocates nothing.
RINGFENCE_API uint32_t ringfence_find(const ringfence_table *table, uint32_t kind, const char *name);
/// The name of an index; empty when there is none.
RINGFENCE_API ringfence_text ringfence_name(const ringfence_table *table, uint32_t kind, uint32_t index);
RINGFENCE_API uint32_t ringfence_find_mode(const ringfence_table *table, uint32_t machine, const char *name);
RINGFENCE_API ringfence_text ringfence_mode_name(const ringfence_table *table, uint32_t machine, uint32_t mode);

// ---- declarations: what an embedder needs to know of them. `keys` are the entities whose ids fill one in, in the order of `ids`.

typedef enum ringfence_subject_kind { RINGFENCE_OF_SYSTEM = 0, RINGFENCE_OF_ENTITY = 1, RINGFENCE_OF_BUCKET = 2 } ringfence_subject_kind;
typedef enum ringfence_fact_type {
  RINGFENCE_FACT_AMOUNT = 0,     ///< minor units of its asset
  RINGFENCE_FACT_NUMBER = 1,
  RINGFENCE_FACT_RATIO = 2,      ///< millionths
  RINGFENCE_FACT_FLAG = 3,       ///< 0 or 1
  RINGFENCE_FACT_INSTANT = 4,    ///< Unix time in milliseconds, UTC
  RINGFENCE_FACT_DURATION = 5    ///< milliseconds
} ringfence_fact_type;
/// A whole number of 128 bits in two's complement: low + high * 2^64. Money in minor units of its asset, a ratio in millionths, a flag as 0 or 1, a mode as
/// its position, an instant in Unix milliseconds, a duration in milliseconds.
typedef struct ringfence_number { uint64_t low; int64_t high; } ringfence_number;
static inline ringfence_number ringfence_number_of(int64_t value) {
  ringfence_number number;
  number.low = (uint64_t)value;
  number.high = value < 0 ? -1 : 0;
  return number;
}

typedef struct ringfence_asset { uint32_t size, decimals; } ringfence_asset;
typedef struct ringfence_account { uint32_t size, owner, key_count, keys[RINGFENCE_KEYS_MAX], reserved; } ringfence_account;
typedef struct ringfence_bucket {
  uint32_t size, owner;                     ///< the entity that it belongs to
  uint32_t account;                         ///< the one that it is in, or RINGFENCE_NONE
  uint32_t external, may_overdraw;          ///< 1: yes
  uint32_t key_count, keys[RINGFENCE_KEYS_MAX];
} ringfence_bucket;
typedef struct ringfence_fact {
  uint32_t size, type;                      ///< ringfence_fact_type
  uint32_t subject_kind, subject, asset;    ///< RINGFENCE_NONE: no subject (of the system), no asset
  uint32_t key_count, keys[RINGFENCE_KEYS_MAX];
  int64_t fresh_within_ms;                  ///< 0: never stale
  ringfence_number min, max;                ///< inclusive
} ringfence_fact;
typedef struct ringfence_machine { uint32_t size, subject_kind, subject, mode_count, key_count, keys[RINGFENCE_KEYS_MAX], reserved; } ringfence_machine;
typedef struct ringfence_limit {
  uint32_t size, statement, asset;
  uint32_t key_count, keys[RINGFENCE_KEYS_MAX];   ///< per whom it counts
  int64_t window_ms;                              ///< counts what has a time in (t - window, t]; 0: the calendar day in UTC
} ringfence_limit;
typedef struct ringfence_statement {
  uint32_t size, kind;                      ///< 0 allow, 1 deny, 2 floor, 3 limit, 4 transition, 5 invariant
  uint32_t line, reserved;                  ///< in the policy text
  ringfence_text text, cite, because;       ///< as written; empty when it says none
  uint64_t notify;                          ///< a bit for each role that is to be told when this decides
} ringfence_statement;

// Each fills in what is at an index: RINGFENCE_BAD_ARGUMENT when there is none.
RINGFENCE_API ringfence_status ringfence_get_asset(const ringfence_table *table, uint32_t index, ringfence_asset *asset);
RINGFENCE_API ringfence_status ringfence_get_account(const ringfence_table *table, uint32_t index, ringfence_account *account);
RINGFENCE_API ringfence_status ringfence_get_bucket(const ringfence_table *table, uint32_t index, ringfence_bucket *bucket);
RINGFENCE_API ringfence_status ringfence_get_fact(const ringfence_table *table, uint32_t index, ringfence_fact *fact);
RINGFENCE_API ringfence_status ringfence_get_machine(const ringfence_table *table, uint32_t index, ringfence_machine *machine);
RINGFENCE_API ringfence_status ringfence_get_limit(const ringfence_table *table, uint32_t index, ringfence_limit *limit);
RINGFENCE_API ringfence_status ringfence_get_statement(const ringfence_table *table, uint32_t index, ringfence_statement *statement);

// ---- what asks for a decision

typedef struct ringfence_instance {
  uint32_t target;                          ///< bucket; in a mode change, machine
  uint32_t id_count;                        ///< the target's number of keys
  uint64_t ids[RINGFENCE_KEYS_MAX];         ///< any numbers, compared for equality; unused ones are 0
} ringfence_instance;
typedef struct ringfence_approval {
  uint32_t size, reserved;
  uint64_t person;                          ///< who approves: any number; counts once however often it is there
  uint64_t roles;                           ///< a bit for each role that this person holds
} ringfence_approval;
typedef struct ringfence_transfer {
  uint32_t size, purpose;
  ringfence_instance from, to;
  ringfence_number amount;                  ///< 1 to 2^96 - 1 minor units
  uint32_t asset;
  uint32_t role;                            ///< the one in which the person acts; authenticated by the caller, like all of the below
  uint64_t person;                          ///< who asks: never counts as an approval
  uint64_t evidence;                        ///< a bit for each kind that was shown
  int64_t time_ms;                          ///< Unix time in milliseconds, UTC
  const ringfence_approval *approvals;      ///< an array, or null for none
  uint32_t approval_count, reserved;
} ringfence_transfer;
typedef struct ringfence_mode_change {
  uint32_t size, to_mode;
  ringfence_instance subject;
  uint32_t reserved, role;
  uint64_t person, evidence;                ///< these as in a transfer
  int64_t time_ms;
  const ringfence_approval *approvals;
  uint32_t approval_count, reserved2;
} ringfence_mode_change;

// ---- needs: what to fetch before deciding

typedef enum ringfence_slot_kind {
  RINGFENCE_SLOT_AMOUNT = 0,          ///< these four, and NOW, are known from the transfer: their values are ignored
  RINGFENCE_SLOT_TIME_OF_DAY = 1,
  RINGFENCE_SLOT_APPROVALS = 2,
  RINGFENCE_SLOT_EVIDENCE = 3,
  RINGFENCE_SLOT_BALANCE = 4,         ///< of bucket `target` with `ids`, in `asset`, before the transfer
  RINGFENCE_SLOT_BUCKET_TOTAL = 5,    ///< the same, summed over all ids at the places in `summed`
  RINGFENCE_SLOT_ACCOUNT_TOTAL = 6,   ///< of all buckets in account `target` with `ids`
  RINGFENCE_SLOT_FACT = 7,            ///< fact `target` of `ids`, and when it was observed
  RINGFENCE_SLOT_MODE = 8,            ///< of machine `target` with `ids`
  RINGFENCE_SLOT_USED = 9,            ///< counted in the window of limit `target` for `ids`, before the transfer
  RINGFENCE_SLOT_NOW = 10             ///< the transfer's own time
} ringfence_slot_kind;
typedef struct ringfence_slot {
  uint32_t size, kind, target, asset;
  uint32_t supplied;                        ///< 1: the caller must supply the value; 0: it is known from the transfer
  uint32_t id_count, summed, reserved;      ///< summed: bit i is 1 where ids[i] stands for all ids
  uint64_t ids[RINGFENCE_KEYS_MAX];         ///< filled in from the transfer
} ringfence_slot;
typedef struct ringfence_needs {
  uint32_t size;
  uint32_t reason;                          ///< RINGFENCE_ALLOWED: go on and decide; otherwise what the decision will be, whatever the values
  uint32_t row;                             ///< of the table, or RINGFENCE_NONE
  uint32_t slot_count;                      ///< values that the decision reads
  uint64_t table;                           ///< which table answered
} ringfence_needs;

/// The row that speaks of the transfer and, up to `slot_capacity`, its slots; `slots` may be null when that is 0. RINGFENCE_SLOTS_MAX always suffice.
RINGFENCE_API ringfence_status ringfence_get_needs(const ringfence_table *table, const ringfence_transfer *transfer, ringfence_needs *needs,
                                                   ringfence_slot *slots, size_t slot_capacity);
/// The same for `count` transfers: `needs` has as many elements; the slots of one transfer follow those of the one before. `*slot_count` is how many
/// there are, of which the first `slot_capacity` are written.
RINGFENCE_API ringfence_status ringfence_get_needs_many(const ringfence_table *table, const ringfence_transfer *transfers, size_t count,
                                                        ringfence_needs *needs, ringfence_slot *slots, size_t slot_capacity, size_t *slot_count);

// ---- decisions. noexcept, no allocation, no lock.

typedef enum ringfence_reason {   // ringfence_reason_sentence says each in words, grammar/language.md section 9 precisely
  RINGFENCE_ALLOWED = 0,
  RINGFENCE_UNKNOWN_NAME = 1,
  RINGFENCE_MALFORMED = 2,
  RINGFENCE_AMOUNT_OUT_OF_RANGE = 3,
  RINGFENCE_SAME_INSTANCE = 4,
  RINGFENCE_TIME_WENT_BACK = 5,
  RINGFENCE_NO_RULE = 6,
  RINGFENCE_VALUE_MISSING = 7,
  RINGFENCE_VALUE_STALE = 8,
  RINGFENCE_VALUE_OUT_OF_RANGE = 9,
  RINGFENCE_DENY_RULE = 10,
  RINGFENCE_CONDITION = 11,
  RINGFENCE_FUNDS = 12,
  RINGFENCE_OVERFLOW = 13,
  RINGFENCE_FLOOR = 14,
  RINGFENCE_LIMIT = 15,
  RINGFENCE_NO_TRANSITION = 16,
  RINGFENCE_BATCH = 17
} ringfence_reason;
/// The word of scenarios and JSON ("floor"), and a sentence. Terminated, static; "" for a number that is no reason.
RINGFENCE_API const char *ringfence_reason_word(uint32_t reason);
RINGFENCE_API const char *ringfence_reason_sentence(uint32_t reason);

typedef struct ringfence_value {
  uint32_t size;
  uint32_t present;                         ///< 1; 0: not known, and so the transfer is denied
  ringfence_number number;
  int64_t observed_ms;                      ///< of a fact: when it was observed, Unix time in milliseconds
} ringfence_value;
typedef struct ringfence_decision {
  uint32_t size;
  uint32_t allowed;                         ///< 1: allowed. Anything else: not
  uint32_t reason;                          ///< ringfence_reason
  uint32_t statement;                       ///< what decided, or RINGFENCE_NONE: the allow rule; the deny rule, floor, limit or transition that refuses;
                                            ///< for RINGFENCE_CONDITION the first allow rule that speaks of the transfer
  uint32_t clause;                          ///< RINGFENCE_CONDITION, FLOOR, LIMIT: the first condition of it that failed (ringfence_clause_text)
  uint32_t slot;                            ///< RINGFENCE_VALUE_MISSING, STALE, OUT_OF_RANGE: position in the slots
  uint32_t row;                             ///< the row of the table that was consulted, or RINGFENCE_NONE
  uint32_t reserved;
} ringfence_decision;
typedef enum ringfence_floors { RINGFENCE_CHECK_FLOORS = 0, RINGFENCE_DEFER_FLOORS = 1 } ringfence_floors;   ///< defer: inside a batch, see below

/// Decides one transfer. `values[i]` is of slot i; those that the transfer itself says are ignored, those beyond `value_count` are missing. `floors`:
/// ringfence_floors. `needs` is the answer of ringfence_get_needs to the same table and this transfer.
RINGFENCE_API ringfence_status ringfence_decide(const ringfence_table *table, const ringfence_transfer *transfer, const ringfence_needs *needs,
                                                const ringfence_value *values, size_t value_count, uint32_t floors, ringfence_decision *decision);
/// Both in one, for who has the values already: `known` is what ringfence_get_needs has answered, with the same table, to a transfer like this one, and `values`
/// are of its slots. Where the table has another row for this transfer, they count as missing. Floors are checked. Since 1.5.
RINGFENCE_API ringfence_status ringfence_decide_at_hand(const ringfence_table *table, const ringfence_transfer *transfer, const ringfence_needs *known,
                                                        const ringfence_value *values, size_t value_count, ringfence_decision *decision);
/// Decides `count` transfers, each as if it were alone. The values of one transfer, slot_count of its needs, follow those of the one before. On an error
/// those before it are decided, it and all after it are not allowed.
RINGFENCE_API ringfence_status ringfence_decide_many(const ringfence_table *table, const ringfence_transfer *transfers, const ringfence_needs *needs,
                                                     size_t count, const ringfence_value *values, size_t value_count, ringfence_decision *decisions);
/// For linked transfers, all or nothing: decide each on what the ones before leave, with RINGFENCE_DEFER_FLOORS; then this for each, with values as they
/// stand at the end. grammar/language.md, 10.4.
RINGFENCE_API ringfence_status ringfence_decide_floors(const ringfence_table *table, const ringfence_transfer *transfer, const ringfence_needs *needs,
                                                       const ringfence_value *values, size_t value_count, ringfence_decision *decision);

/// The next transition, in text order, from `mode_now` to the mode of the change that its role may start; `row_before` is RINGFENCE_NONE at first, then
/// the row of the one before. A row of RINGFENCE_NONE ends the walk. The first candidate that ringfence_decide_transition allows decides; where none does,
/// the first candidate's decision is the answer, and where there is none, the reason of these needs.
RINGFENCE_API ringfence_status ringfence_next_transition(const ringfence_table *table, const ringfence_mode_change *change, uint32_t mode_now,
                                                         uint32_t row_before, ringfence_needs *needs, ringfence_slot *slots, size_t slot_capacity);
RINGFENCE_API ringfence_status ringfence_decide_transition(const ringfence_table *table, const ringfence_mode_change *change, const ringfence_needs *needs,
                                                           const ringfence_value *values, size_t value_count, ringfence_decision *decision);

// ---- modes that end by themselves (since 1.2)

/// A mode as a ledger keeps it.
typedef struct ringfence_kept_mode {
  uint32_t size, mode;
  uint32_t has_entry;                       ///< 1: `entered_ms` says since when; 0: nobody knows
  uint32_t reserved;
  int64_t entered_ms;                       ///< Unix time in milliseconds
} ringfence_kept_mode;
/// The mode that a subject of `machine` is in at `time_ms`, and since when: the kept one, or what it has fallen into at its deadline. Asked before a mode is
/// given to a decision. `now->mode` is RINGFENCE_NONE when it can't be told: the mode has a deadline and no entry; then give no value.
/// RINGFENCE_BAD_ARGUMENT: there is no such machine or mode.
RINGFENCE_API ringfence_status ringfence_mode_in_force(const ringfence_table *table, uint32_t machine, const ringfence_kept_mode *kept, int64_t time_ms,
                                                       ringfence_kept_mode *now);

/// What `clause` of a decision says, as written: the condition that failed. Empty when there is none.
RINGFENCE_API ringfence_text ringfence_clause_text(const ringfence_table *table, const ringfence_decision *decision);

typedef struct ringfence_counted {
  uint32_t size, limit, id_count, reserved;
  uint64_t ids[RINGFENCE_KEYS_MAX];
} ringfence_counted;
/// The windows that grow by the amount, at the transfer's time, when a transfer with these needs is carried out: up to `capacity`; `*count` is how many
/// there are. `counted` may be null when `capacity` is 0.
RINGFENCE_API ringfence_status ringfence_get_counted(const ringfence_table *table, const ringfence_transfer *transfer, const ringfence_needs *needs,
                                                     ringfence_counted *counted, size_t capacity, size_t *count);

typedef struct ringfence_brought_mode {
  uint32_t size, statement;            ///< the allow rule that brings it
  uint32_t when;                       ///< RINGFENCE_BROUGHT_BEFORE the transfer, where it would be denied without it; or RINGFENCE_BROUGHT_AFTER one that `statement` has allowed
  uint32_t machine, to_mode, id_count;
  uint64_t ids[RINGFENCE_KEYS_MAX];    ///< whose mode
} ringfence_brought_mode;
enum { RINGFENCE_BROUGHT_BEFORE = 1, RINGFENCE_BROUGHT_AFTER = 2 };
/// The changes of mode that rules for a transfer with these needs bring with it, in text order: up to `capacity`; `*count` is how many there are. A decision makes none:
/// ask for each as for any other (ringfence_next_transition), in the same transaction. `brought` may be null when `capacity` is 0. Since 1.4.
RINGFENCE_API ringfence_status ringfence_get_brought_modes(const ringfence_table *table, const ringfence_transfer *transfer, const ringfence_needs *needs,
                                                           ringfence_brought_mode *brought, size_t capacity, size_t *count);

// ---- replacing a table while threads decide (live_table.h says why this is right)

typedef struct ringfence_live ringfence_live;       ///< holds the present table; any thread may use it
typedef struct ringfence_reader ringfence_reader;   ///< one for each thread that decides; only that thread uses it

/// Takes over `table`, also when it fails: then the table is freed. `*live` is to be freed, after all its readers.
RINGFENCE_API ringfence_status ringfence_live_create(ringfence_table *table, ringfence_live **live);
RINGFENCE_API void ringfence_live_free(ringfence_live *live);
/// Puts `table` in place of the present one, and takes it over, also when it fails: then the table is freed and nothing changes. Waits for no reader.
RINGFENCE_API ringfence_status ringfence_live_replace(ringfence_live *live, ringfence_table *table);
/// Frees replaced tables that no reader has. How many are still had: 0 says that the bytes of replaced in-place tables may go.
RINGFENCE_API size_t ringfence_live_collect(ringfence_live *live);

RINGFENCE_API ringfence_status ringfence_reader_create(ringfence_live *live, ringfence_reader **reader);
RINGFENCE_API void ringfence_reader_free(ringfence_reader *reader);
/// The present table, which stays whole until ringfence_reader_release. Without a lock, allocation or system call. Again before the release: the same table.
RINGFENCE_API const ringfence_table *ringfence_reader_acquire(ringfence_reader *reader);
RINGFENCE_API void ringfence_reader_release(ringfence_reader *reader);

// ---- the gate in memory (since 1.1), for those without a ledger: it keeps balances, modes, facts, windows and ids, decides, and applies what is allowed

/// One thread at a time uses a gate. After RINGFENCE_NO_MEMORY nothing was applied and no id is used up, but by ringfence_gate_submit_many: the same can be submitted again.
typedef struct ringfence_gate ringfence_gate;
typedef enum ringfence_outcome {
  RINGFENCE_DECIDED = 0,         ///< the decision is new; when allowed, it is applied
  RINGFENCE_REPEATED = 1,        ///< the id was there with the same content: the decision is the first answer, nothing is applied again
  RINGFENCE_ID_REUSED = 2        ///< the id was there with other content: nothing is decided, and the decision is not allowed
} ringfence_outcome;

/// An empty gate. The table outlives it. On success `*gate` is to be freed, otherwise it is null.
RINGFENCE_API ringfence_status ringfence_gate_create(const ringfence_table *table, ringfence_gate **gate);
/// Null is nothing to free.
RINGFENCE_API void ringfence_gate_free(ringfence_gate *gate);

/// What a bucket holds, and in which mode a subject is, to begin with. RINGFENCE_REFUSED, and no change: a name, id or number is out of range, or
/// something has been applied.
RINGFENCE_API ringfence_status ringfence_gate_open_balance(ringfence_gate *gate, const ringfence_instance *bucket, uint32_t asset, ringfence_number balance);
RINGFENCE_API ringfence_status ringfence_gate_open_mode(ringfence_gate *gate, const ringfence_instance *machine, uint32_t mode);
/// The same, and since when: a mode with a deadline is RINGFENCE_REFUSED without (since 1.2).
RINGFENCE_API ringfence_status ringfence_gate_open_mode_since(ringfence_gate *gate, const ringfence_instance *machine, uint32_t mode, int64_t entered_ms);
/// At any time; replaces what was known. `subject->target` is the fact. A number outside of the fact's range is taken, so that what reads it is denied;
/// beyond +-(2^96 - 1) it is RINGFENCE_REFUSED.
RINGFENCE_API ringfence_status ringfence_gate_set_fact(ringfence_gate *gate, const ringfence_instance *subject, ringfence_number number, int64_t observed_ms);

/// Has the system give now 104 bytes for what will be known of each of so many more transfers, and what is kept of so many more subjects of each kind (clients, say), so that they
/// don't wait for it later. 104 bytes do for an id of 36 characters, one key that both sides share, and no approvals; further keys take up to 16 each, approvals up to 24. What windows
/// of limits count is not reserved. Changes no answer. RINGFENCE_NO_MEMORY: there is not as much; nothing is lost (since 1.6).
RINGFENCE_API ringfence_status ringfence_gate_reserve(ringfence_gate *gate, uint64_t transfers, uint64_t subjects);

/// Decides one transfer, or one change of mode, and applies it when it is allowed. `id`, terminated, is the caller's. `*outcome`: ringfence_outcome.
RINGFENCE_API ringfence_status ringfence_gate_submit(ringfence_gate *gate, const char *id, const ringfence_transfer *transfer, uint32_t *outcome,
                                                     ringfence_decision *decision);
RINGFENCE_API ringfence_status ringfence_gate_submit_change(ringfence_gate *gate, const char *id, const ringfence_mode_change *change, uint32_t *outcome,
                                                            ringfence_decision *decision);
/// Many transfers, each as if it were submitted alone, in order, in less time. Where one can't be read, none is decided. After RINGFENCE_NO_MEMORY some from
/// the beginning may have been: submitted again, those are RINGFENCE_REPEATED (since 1.4).
RINGFENCE_API ringfence_status ringfence_gate_submit_many(ringfence_gate *gate, const char *const *ids, const ringfence_transfer *transfers, size_t count,
                                                          uint32_t *outcomes, ringfence_decision *decisions);
/// All or nothing, in order: grammar/language.md, 10.4. `id` is the batch's; `ids` those of the transfers, "" for none, and may be null for none at all. An outcome and a
/// decision for each transfer.
RINGFENCE_API ringfence_status ringfence_gate_submit_batch(ringfence_gate *gate, const char *id, const char *const *ids, const ringfence_transfer *transfers,
                                                           size_t count, uint32_t *outcomes, ringfence_decision *decisions);

/// As the state stands. RINGFENCE_BAD_ARGUMENT: there is no such bucket, asset or machine, or it has another number of ids; then `*balance` is 0, `*mode` RINGFENCE_NONE.
RINGFENCE_API ringfence_status ringfence_gate_balance(const ringfence_gate *gate, const ringfence_instance *bucket, uint32_t asset, ringfence_number *balance);
/// The mode is the one in force when the last was applied, or at a time (since 1.2); RINGFENCE_NONE, and RINGFENCE_OK, where it can't be told.
RINGFENCE_API ringfence_status ringfence_gate_mode(const ringfence_gate *gate, const ringfence_instance *machine, uint32_t *mode);
RINGFENCE_API ringfence_status ringfence_gate_mode_at(const ringfence_gate *gate, const ringfence_instance *machine, int64_t time_ms, uint32_t *mode);

#ifdef __cplusplus
}
#endif
