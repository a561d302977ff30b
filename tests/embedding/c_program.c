/* SPDX-License-Identifier: Apache-2.0
   A pure C program, compiled with -std=c11 -Wall -Wextra -pedantic -Werror against ringfence_c.h and linked with the shared library: every function of
   the C interface, its answers and its refusals, and the layout of every struct as version 1 has it. Given the table of policies/isolated_margin/policy.rf.
   Ends with 0 when all of it holds; names each line that does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/ringfence_c.h"

/* The binary interface of version 1: a size may grow, by members at the end; nothing else here may change before the SONAME does. */
#define LAYOUT(type, bytes, last, offset) \
  _Static_assert(sizeof(type) == (bytes) && offsetof(type, last) == (offset), "the layout of " #type " is not that of version 1")
LAYOUT(ringfence_versions, 32, reserved, 28);
LAYOUT(ringfence_error, 256, message, 16);
LAYOUT(ringfence_text, 16, bytes, 8);
LAYOUT(ringfence_number, 16, high, 8);
LAYOUT(ringfence_asset, 8, decimals, 4);
LAYOUT(ringfence_account, 32, reserved, 28);
LAYOUT(ringfence_bucket, 40, keys, 24);
LAYOUT(ringfence_fact, 80, max, 64);
LAYOUT(ringfence_machine, 40, reserved, 36);
LAYOUT(ringfence_limit, 40, window_ms, 32);
LAYOUT(ringfence_statement, 72, notify, 64);
LAYOUT(ringfence_instance, 40, ids, 8);
LAYOUT(ringfence_approval, 24, roles, 16);
LAYOUT(ringfence_transfer, 152, reserved, 148);
LAYOUT(ringfence_mode_change, 96, reserved2, 92);
LAYOUT(ringfence_slot, 64, ids, 32);
LAYOUT(ringfence_needs, 24, table, 16);
LAYOUT(ringfence_value, 32, observed_ms, 24);
LAYOUT(ringfence_decision, 32, reserved, 28);
LAYOUT(ringfence_counted, 48, ids, 16);
LAYOUT(ringfence_brought_mode, 56, ids, 24);
LAYOUT(ringfence_kept_mode, 24, entered_ms, 16);

static int failures = 0;
#define CHECK(condition)                                                   \
  do {                                                                     \
    if (!(condition)) {                                                    \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
      ++failures;                                                          \
    }                                                                      \
  } while (0)

enum { kAlice = 1, kTom = 2, kTina = 3, kUnit = 1000000, kNine = 1767258, kDay = 86400000 };   /* kNine: 2026-01-01T09:00:00Z, in 1,000,000 ms */
static const int64_t kTime = (int64_t)kNine * 1000000;

static int is(ringfence_text text, const char *expected) { return text.bytes == strlen(expected) && (text.bytes == 0 || memcmp(text.data, expected, text.bytes) == 0); }

struct file { void *bytes; size_t size; };
/* Aligned for loading in place. */
static struct file read_file(const char *name) {
  struct file file = {NULL, 0};
  FILE *in = fopen(name, "rb");
  if (in == NULL) return file;
  fseek(in, 0, SEEK_END);
  file.size = (size_t)ftell(in);
  rewind(in);
  file.bytes = aligned_alloc(RINGFENCE_ALIGNMENT, (file.size + RINGFENCE_ALIGNMENT - 1) / RINGFENCE_ALIGNMENT * RINGFENCE_ALIGNMENT);
  if (file.bytes == NULL || fread(file.bytes, 1, file.size, in) != file.size) abort();
  fclose(in);
  return file;
}

static void check_versions(void) {
  ringfence_versions versions = {.size = sizeof versions};
  CHECK(ringfence_get_versions(&versions) == RINGFENCE_OK);
  CHECK(versions.library_major == RINGFENCE_VERSION_MAJOR && versions.library_minor == RINGFENCE_VERSION_MINOR && versions.library_patch == RINGFENCE_VERSION_PATCH);
  CHECK(versions.table == RINGFENCE_TABLE_VERSION);
  CHECK(versions.language_major == RINGFENCE_LANGUAGE_VERSION_MAJOR && versions.language_minor == RINGFENCE_LANGUAGE_VERSION_MINOR);
  CHECK(ringfence_get_versions(NULL) == RINGFENCE_BAD_ARGUMENT);
  versions.size -= 4;
  CHECK(ringfence_get_versions(&versions) == RINGFENCE_BAD_STRUCT);
}

static void check_load(struct file file) {
  ringfence_table *table = (ringfence_table *)&file;
  ringfence_error error = {.size = sizeof error};
  unsigned char *bytes = file.bytes;
  bytes[16] ^= 1;
  CHECK(ringfence_table_load(bytes, file.size, &table, &error) == RINGFENCE_BAD_TABLE);
  CHECK(table == NULL && error.offset == 16 && strstr(error.message, "bytes, but there are") != NULL);
  CHECK(ringfence_table_load_in_place(bytes, file.size, &table, NULL) == RINGFENCE_BAD_TABLE);
  bytes[16] ^= 1;
  CHECK(ringfence_table_load(bytes, 10, &table, &error) == RINGFENCE_BAD_TABLE && error.offset == 10);
  CHECK(ringfence_table_load_in_place(bytes + 8, file.size - 8, &table, &error) == RINGFENCE_BAD_TABLE);
  CHECK(strstr(error.message, "multiple of 16") != NULL);
  CHECK(ringfence_table_load(NULL, 0, &table, &error) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_table_load(bytes, file.size, NULL, &error) == RINGFENCE_BAD_ARGUMENT);
  error.size = 8;
  CHECK(ringfence_table_load(bytes, file.size, &table, &error) == RINGFENCE_BAD_STRUCT && table == NULL);
  ringfence_table_free(NULL);
}

static void check_names(const ringfence_table *table) {
  static const char *const kNames[] = {"USDC", "treasurer", "withdraw", "bank_confirmation", "Position", "Market.vault", "Client.margin", "fee_due", "system"};
  CHECK(strncmp(ringfence_policy_name(table).data, "Isolated margin", 15) == 0);
  CHECK(ringfence_source_digest(table).bytes == 64);
  uint8_t digest[32];
  memset(digest, 1, sizeof digest);
  CHECK(ringfence_proof_digest(table, digest) == 0 && digest[0] == 0 && digest[31] == 0);
  for (uint32_t kind = RINGFENCE_ASSET; kind <= RINGFENCE_MACHINE; ++kind) {
    const uint32_t index = ringfence_find(table, kind, kNames[kind]);
    CHECK(index < ringfence_count(table, kind));
    CHECK(is(ringfence_name(table, kind, index), kNames[kind]));
    CHECK(ringfence_find(table, kind, "nobody") == RINGFENCE_NONE);
    CHECK(ringfence_name(table, kind, ringfence_count(table, kind)).bytes == 0);
  }
  CHECK(ringfence_count(table, RINGFENCE_MACHINE + 1) == 0 && ringfence_find(table, RINGFENCE_MACHINE + 1, "system") == RINGFENCE_NONE);
  const uint32_t machine = ringfence_find(table, RINGFENCE_MACHINE, "Client.margin");
  CHECK(ringfence_find_mode(table, machine, "liquidating") == 2 && is(ringfence_mode_name(table, machine, 2), "liquidating"));
  CHECK(ringfence_find_mode(table, machine, "open") == RINGFENCE_NONE && ringfence_find_mode(table, 99, "open") == RINGFENCE_NONE);
  CHECK(ringfence_mode_name(table, machine, 3).bytes == 0 && ringfence_mode_name(table, 99, 0).bytes == 0);
}

static void check_declarations(const ringfence_table *table) {
  ringfence_asset asset = {.size = sizeof asset};
  CHECK(ringfence_get_asset(table, 0, &asset) == RINGFENCE_OK && asset.decimals == 6);
  CHECK(ringfence_get_asset(table, 1, &asset) == RINGFENCE_BAD_ARGUMENT);
  ringfence_bucket bucket = {.size = sizeof bucket};
  CHECK(ringfence_get_bucket(table, ringfence_find(table, RINGFENCE_BUCKET, "Client.margin"), &bucket) == RINGFENCE_OK);
  CHECK(bucket.key_count == 3 && !bucket.external && !bucket.may_overdraw && is(ringfence_name(table, RINGFENCE_ENTITY, bucket.keys[2]), "Position"));
  CHECK(is(ringfence_name(table, RINGFENCE_ACCOUNT, bucket.account), "Bank.client_money"));
  CHECK(ringfence_get_bucket(table, ringfence_find(table, RINGFENCE_BUCKET, "Client.bank"), &bucket) == RINGFENCE_OK);
  CHECK(bucket.external == 1 && bucket.account == RINGFENCE_NONE && bucket.key_count == 1 && bucket.keys[1] == 0);
  ringfence_account account = {.size = sizeof account};
  CHECK(ringfence_get_account(table, ringfence_find(table, RINGFENCE_ACCOUNT, "Market.vault"), &account) == RINGFENCE_OK);
  CHECK(account.key_count == 1 && is(ringfence_name(table, RINGFENCE_ENTITY, account.owner), "Market"));
  ringfence_fact fact = {.size = sizeof fact};
  CHECK(ringfence_get_fact(table, ringfence_find(table, RINGFENCE_FACT, "liquidation_buffer"), &fact) == RINGFENCE_OK);
  CHECK(fact.type == RINGFENCE_FACT_AMOUNT && fact.subject_kind == RINGFENCE_OF_ENTITY && fact.max.low == UINT64_C(1000000000000) && fact.max.high == 0);
  CHECK(ringfence_get_fact(table, ringfence_find(table, RINGFENCE_FACT, "feeds_agree"), &fact) == RINGFENCE_OK);
  CHECK(fact.type == RINGFENCE_FACT_FLAG && fact.fresh_within_ms == 10000 && fact.asset == RINGFENCE_NONE);
  ringfence_machine machine = {.size = sizeof machine};
  CHECK(ringfence_get_machine(table, ringfence_find(table, RINGFENCE_MACHINE, "system"), &machine) == RINGFENCE_OK);
  CHECK(machine.mode_count == 2 && machine.subject_kind == RINGFENCE_OF_SYSTEM && machine.subject == RINGFENCE_NONE);
  ringfence_limit limit = {.size = sizeof limit};
  CHECK(ringfence_get_limit(table, 1, &limit) == RINGFENCE_OK && limit.window_ms == 60000 && limit.key_count == 1);
  CHECK(ringfence_get_limit(table, 2, &limit) == RINGFENCE_BAD_ARGUMENT);
  ringfence_statement statement = {.size = sizeof statement};
  CHECK(ringfence_get_statement(table, limit.statement, &statement) == RINGFENCE_OK);
  CHECK(statement.kind == 3 && statement.notify == UINT64_C(1) << ringfence_find(table, RINGFENCE_ROLE, "risk_engine") && statement.because.bytes == 0);
  CHECK(strncmp(statement.text.data, "limit liquidate", 15) == 0 && is(statement.cite, "Margin call feedback loop: a cap on forced outflows"));
  CHECK(ringfence_get_statement(table, RINGFENCE_NONE, &statement) == RINGFENCE_BAD_ARGUMENT);
}

/* Alice withdraws an amount of whole USDC from her wallet. */
static ringfence_transfer withdrawal(const ringfence_table *table, int64_t amount) {
  ringfence_transfer transfer = {.size = sizeof transfer};
  transfer.purpose = ringfence_find(table, RINGFENCE_PURPOSE, "withdraw");
  transfer.from = (ringfence_instance){ringfence_find(table, RINGFENCE_BUCKET, "Client.wallet"), 1, {kAlice}};
  transfer.to = (ringfence_instance){ringfence_find(table, RINGFENCE_BUCKET, "Client.bank"), 1, {kAlice}};
  transfer.asset = ringfence_find(table, RINGFENCE_ASSET, "USDC");
  transfer.amount = ringfence_number_of(amount * kUnit);
  transfer.person = kAlice;
  transfer.role = ringfence_find(table, RINGFENCE_ROLE, "trader");
  transfer.time_ms = kTime;
  return transfer;
}

/* The values of what a withdrawal needs: a balance of 2,000,000, nothing withdrawn yet, the system open. */
static size_t fetch(const ringfence_slot *slots, size_t count, ringfence_value *values) {
  for (size_t i = 0; i < count; ++i) {
    values[i] = (ringfence_value){.size = sizeof values[i], .present = slots[i].supplied};
    if (slots[i].kind == RINGFENCE_SLOT_BALANCE) values[i].number = ringfence_number_of(INT64_C(2000000) * kUnit);
    if (slots[i].kind == RINGFENCE_SLOT_BALANCE) CHECK(slots[i].ids[0] == kAlice && slots[i].id_count == 1 && slots[i].summed == 0 && slots[i].asset == 0);
  }
  return count;
}

static ringfence_slot slots[RINGFENCE_SLOTS_MAX] = {{.size = sizeof slots[0]}};
static ringfence_value values[RINGFENCE_SLOTS_MAX];

static ringfence_decision decide(const ringfence_table *table, const ringfence_transfer *transfer) {
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_get_needs(table, transfer, &needs, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK);
  const size_t count = fetch(slots, needs.slot_count, values);
  CHECK(ringfence_decide(table, transfer, &needs, values, count, RINGFENCE_CHECK_FLOORS, &decision) == RINGFENCE_OK);
  return decision;
}

static void check_decisions(const ringfence_table *table) {
  ringfence_statement statement = {.size = sizeof statement};
  ringfence_transfer transfer = withdrawal(table, 100000);
  ringfence_decision decision = decide(table, &transfer);
  CHECK(decision.allowed == 1 && decision.reason == RINGFENCE_ALLOWED && decision.clause == RINGFENCE_NONE);
  CHECK(ringfence_get_statement(table, decision.statement, &statement) == RINGFENCE_OK && statement.kind == 0 && statement.line > 0);
  CHECK(strncmp(statement.text.data, "allow withdraw", 14) == 0);

  transfer = withdrawal(table, 100001);
  decision = decide(table, &transfer);
  CHECK(decision.allowed == 0 && decision.reason == RINGFENCE_CONDITION);
  CHECK(is(ringfence_clause_text(table, &decision), "amount <= 100_000 USDC or approved by 2 of treasurer"));
  const uint64_t treasurer = UINT64_C(1) << ringfence_find(table, RINGFENCE_ROLE, "treasurer");
  ringfence_approval approvals[2] = {{sizeof approvals[0], 0, kTom, treasurer}, {sizeof approvals[0], 0, kTom, treasurer}};
  transfer.approvals = approvals;
  transfer.approval_count = 2;
  CHECK(decide(table, &transfer).reason == RINGFENCE_CONDITION);   /* the same person twice */
  approvals[1].person = kTina;
  CHECK(decide(table, &transfer).allowed == 1);

  transfer = withdrawal(table, 0);
  CHECK(decide(table, &transfer).reason == RINGFENCE_AMOUNT_OUT_OF_RANGE);
  transfer = withdrawal(table, 1);
  transfer.amount.high = INT64_C(1) << 32;                          /* 2^96 and more */
  CHECK(decide(table, &transfer).reason == RINGFENCE_AMOUNT_OUT_OF_RANGE);
  transfer = withdrawal(table, 1);
  transfer.from.id_count = 257;                                     /* not 1 */
  CHECK(decide(table, &transfer).reason == RINGFENCE_MALFORMED);
  transfer = withdrawal(table, 1);
  transfer.purpose = RINGFENCE_NONE;
  decision = decide(table, &transfer);
  CHECK(decision.reason == RINGFENCE_UNKNOWN_NAME && decision.row == RINGFENCE_NONE && ringfence_clause_text(table, &decision).bytes == 0);
  CHECK(strcmp(ringfence_reason_word(decision.reason), "unknown_name") == 0 && strncmp(ringfence_reason_sentence(decision.reason), "a name", 6) == 0);
  CHECK(*ringfence_reason_word(RINGFENCE_BATCH + 1) == 0 && *ringfence_reason_sentence(RINGFENCE_NONE) == 0);
}

static void check_missing_values(const ringfence_table *table) {
  const ringfence_transfer transfer = withdrawal(table, 1);
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_get_needs(table, &transfer, &needs, NULL, 0) == RINGFENCE_OK && needs.slot_count > 3);
  CHECK(ringfence_decide(table, &transfer, &needs, NULL, 0, RINGFENCE_CHECK_FLOORS, &decision) == RINGFENCE_OK);
  CHECK(decision.reason == RINGFENCE_VALUE_MISSING && decision.slot < needs.slot_count && decision.allowed == 0);
}

/* Three transfers in one call; their values one after the other. */
static void check_many(const ringfence_table *table) {
  enum { kCount = 3 };
  const ringfence_transfer transfers[kCount] = {withdrawal(table, 1), withdrawal(table, 0), withdrawal(table, 100001)};
  ringfence_needs needs[kCount] = {{.size = sizeof needs[0]}};
  ringfence_decision decisions[kCount] = {{.size = sizeof decisions[0]}};
  size_t slot_count = 0;
  CHECK(ringfence_get_needs_many(table, transfers, kCount, needs, slots, RINGFENCE_SLOTS_MAX, &slot_count) == RINGFENCE_OK);
  CHECK(slot_count == needs[0].slot_count + needs[2].slot_count && needs[1].slot_count == 0);
  fetch(slots, slot_count, values);
  CHECK(ringfence_decide_many(table, transfers, needs, kCount, values, slot_count, decisions) == RINGFENCE_OK);
  CHECK(decisions[0].allowed == 1 && decisions[1].reason == RINGFENCE_AMOUNT_OUT_OF_RANGE && decisions[2].reason == RINGFENCE_CONDITION);
  CHECK(ringfence_decide_many(table, transfers, needs, kCount, values, slot_count - 1, decisions) == RINGFENCE_OK);
  CHECK(decisions[0].allowed == 1 && decisions[2].reason == RINGFENCE_VALUE_MISSING);
  needs[1].table = 0;
  CHECK(ringfence_decide_many(table, transfers, needs, kCount, values, slot_count, decisions) == RINGFENCE_OTHER_TABLE);
  CHECK(decisions[0].allowed == 1 && decisions[1].allowed == 0 && decisions[2].allowed == 0 && decisions[2].reason == RINGFENCE_NO_RULE);
}

static void check_counted(const ringfence_table *table) {
  const ringfence_transfer transfer = withdrawal(table, 1);
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_counted counted = {.size = sizeof counted};
  size_t count = 0;
  CHECK(ringfence_get_needs(table, &transfer, &needs, NULL, 0) == RINGFENCE_OK);
  CHECK(ringfence_get_counted(table, &transfer, &needs, &counted, 1, &count) == RINGFENCE_OK);
  CHECK(count == 1 && counted.limit == 0 && counted.id_count == 1 && counted.ids[0] == kAlice && counted.ids[1] == 0);
  CHECK(ringfence_get_brought_modes(table, &transfer, &needs, NULL, 0, &count) == RINGFENCE_OK && count == 0);
}

/* In one call, by what was asked for another transfer of the same kind; by what was asked for one of another kind, the values are missing. */
static void check_at_hand(const ringfence_table *table) {
  ringfence_transfer transfer = withdrawal(table, 5);
  ringfence_needs known = {.size = sizeof known};
  CHECK(ringfence_get_needs(table, &transfer, &known, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK && known.slot_count > 0);
  const size_t count = fetch(slots, known.slot_count, values);
  for (int64_t thousands = 99; thousands <= 101; ++thousands) {
    transfer = withdrawal(table, 1000 * thousands);
    ringfence_decision at_hand = {.size = sizeof at_hand}, missing = at_hand;
    CHECK(ringfence_decide_at_hand(table, &transfer, &known, values, count, &at_hand) == RINGFENCE_OK);
    CHECK(at_hand.allowed == (thousands <= 100));
    const ringfence_decision asked = decide(table, &transfer);
    CHECK(memcmp(&at_hand, &asked, sizeof asked) == 0);
    ringfence_needs other = known;
    other.row = known.row == 0 ? 1 : 0;
    CHECK(ringfence_decide_at_hand(table, &transfer, &other, values, count, &missing) == RINGFENCE_OK && missing.reason == RINGFENCE_VALUE_MISSING);
  }
  transfer.asset = RINGFENCE_NONE;
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_decide_at_hand(table, &transfer, &known, values, count, &decision) == RINGFENCE_OK && decision.reason == RINGFENCE_UNKNOWN_NAME);
  known.table ^= 1;
  CHECK(ringfence_decide_at_hand(table, &transfer, &known, values, count, &decision) == RINGFENCE_OTHER_TABLE && decision.allowed == 0);
  CHECK(ringfence_decide_at_hand(table, &transfer, NULL, values, count, &decision) == RINGFENCE_BAD_ARGUMENT && decision.allowed == 0);
}

/* Releasing below the floor: seen at once, or at the end of a batch. */
static void check_floors(const ringfence_table *table) {
  ringfence_transfer transfer = withdrawal(table, 60);
  transfer.purpose = ringfence_find(table, RINGFENCE_PURPOSE, "settle");
  transfer.from = (ringfence_instance){ringfence_find(table, RINGFENCE_BUCKET, "Client.margin"), 3, {kAlice, 7, 8}};
  transfer.to = (ringfence_instance){ringfence_find(table, RINGFENCE_BUCKET, "Market.settlement"), 1, {7}};
  transfer.role = ringfence_find(table, RINGFENCE_ROLE, "risk_engine");
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_get_needs(table, &transfer, &needs, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK);
  uint32_t margin = RINGFENCE_NONE;
  for (uint32_t i = 0; i < needs.slot_count; ++i) {
    values[i] = (ringfence_value){.size = sizeof values[i], .present = 1, .observed_ms = kTime};
    if (slots[i].kind == RINGFENCE_SLOT_FACT) values[i].number = ringfence_number_of(60 * kUnit);   /* loss_due and maintenance */
    if (slots[i].kind == RINGFENCE_SLOT_BALANCE && slots[i].target == transfer.from.target) margin = i;
  }
  CHECK(margin != RINGFENCE_NONE && slots[margin].ids[2] == 8);
  values[margin].number = ringfence_number_of(100 * kUnit);
  CHECK(ringfence_decide(table, &transfer, &needs, values, needs.slot_count, RINGFENCE_CHECK_FLOORS, &decision) == RINGFENCE_OK);
  CHECK(decision.reason == RINGFENCE_FLOOR && ringfence_clause_text(table, &decision).bytes > 0);
  CHECK(ringfence_decide(table, &transfer, &needs, values, needs.slot_count, RINGFENCE_DEFER_FLOORS, &decision) == RINGFENCE_OK && decision.allowed == 1);
  values[margin].number = ringfence_number_of(40 * kUnit);
  CHECK(ringfence_decide_floors(table, &transfer, &needs, values, needs.slot_count, &decision) == RINGFENCE_OK && decision.reason == RINGFENCE_FLOOR);
  values[margin].number = ringfence_number_of(60 * kUnit);
  CHECK(ringfence_decide_floors(table, &transfer, &needs, values, needs.slot_count, &decision) == RINGFENCE_OK && decision.allowed == 1);
  CHECK(ringfence_decide(table, &transfer, &needs, values, needs.slot_count, 2, &decision) == RINGFENCE_BAD_ARGUMENT && decision.allowed == 0);
}

/* outage -> open by the treasurer, when the risk engine approves. */
static void check_transitions(const ringfence_table *table) {
  ringfence_mode_change change = {.size = sizeof change};
  change.subject.target = ringfence_find(table, RINGFENCE_MACHINE, "system");
  change.to_mode = ringfence_find_mode(table, change.subject.target, "open");
  change.role = ringfence_find(table, RINGFENCE_ROLE, "treasurer");
  change.person = kTom;
  const uint32_t outage = ringfence_find_mode(table, change.subject.target, "outage");
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_next_transition(table, &change, outage, RINGFENCE_NONE, &needs, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK);
  CHECK(needs.reason == RINGFENCE_ALLOWED && needs.slot_count == 1 && slots[0].kind == RINGFENCE_SLOT_APPROVALS && slots[0].supplied == 0);
  CHECK(ringfence_decide_transition(table, &change, &needs, NULL, 0, &decision) == RINGFENCE_OK);
  CHECK(decision.reason == RINGFENCE_CONDITION && is(ringfence_clause_text(table, &decision), "approved by risk_engine"));
  const ringfence_approval approval = {sizeof approval, 0, kTina, UINT64_C(1) << ringfence_find(table, RINGFENCE_ROLE, "risk_engine")};
  change.approvals = &approval;
  change.approval_count = 1;
  CHECK(ringfence_decide_transition(table, &change, &needs, NULL, 0, &decision) == RINGFENCE_OK && decision.allowed == 1);
  const uint32_t row = needs.row;
  CHECK(ringfence_next_transition(table, &change, outage, row, &needs, NULL, 0) == RINGFENCE_OK);
  CHECK(needs.row == RINGFENCE_NONE && needs.reason == RINGFENCE_NO_TRANSITION);
  CHECK(ringfence_next_transition(table, &change, 0, RINGFENCE_NONE, &needs, NULL, 0) == RINGFENCE_OK && needs.reason == RINGFENCE_NO_TRANSITION);
  needs.table = 0;
  CHECK(ringfence_decide_transition(table, &change, &needs, NULL, 0, &decision) == RINGFENCE_OTHER_TABLE && decision.allowed == 0);
}

/* A struct of a later version: what is not known here must be zero, and is set to zero. */
struct later_transfer { ringfence_transfer known; uint64_t later; };
struct later_decision { ringfence_decision known; uint64_t later; };

static void check_sizes(const ringfence_table *table) {
  struct later_transfer transfer = {withdrawal(table, 1), 0};
  struct later_decision decision = {{.size = sizeof decision}, 5};
  transfer.known.size = sizeof transfer;
  ringfence_needs needs = {.size = sizeof needs};
  CHECK(ringfence_get_needs(table, &transfer.known, &needs, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK);
  fetch(slots, needs.slot_count, values);
  CHECK(ringfence_decide(table, &transfer.known, &needs, values, needs.slot_count, 0, &decision.known) == RINGFENCE_OK);
  CHECK(decision.known.allowed == 1 && decision.known.size == sizeof decision && decision.later == 0);
  transfer.later = 1;
  CHECK(ringfence_decide(table, &transfer.known, &needs, values, needs.slot_count, 0, &decision.known) == RINGFENCE_BAD_STRUCT && decision.known.allowed == 0);
  transfer.later = 0;
  values[1].size = sizeof values[1] - 8;                            /* not the size of the first */
  CHECK(ringfence_decide(table, &transfer.known, &needs, values, needs.slot_count, 0, &decision.known) == RINGFENCE_BAD_STRUCT && decision.known.allowed == 0);
  fetch(slots, needs.slot_count, values);
  const uint32_t wrong[] = {0, sizeof transfer.known - 8, sizeof transfer - 4, 8192, UINT32_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    transfer.known.size = wrong[i];
    CHECK(ringfence_decide(table, &transfer.known, &needs, values, needs.slot_count, 0, &decision.known) == RINGFENCE_BAD_STRUCT && decision.known.allowed == 0);
    CHECK(ringfence_get_needs(table, &transfer.known, &needs, NULL, 0) == RINGFENCE_BAD_STRUCT && needs.reason == RINGFENCE_NO_RULE);
  }
  transfer.known = withdrawal(table, 1);
  transfer.known.reserved = 1;
  CHECK(ringfence_get_needs(table, &transfer.known, &needs, NULL, 0) == RINGFENCE_BAD_STRUCT);
  transfer.known = withdrawal(table, 1);
  transfer.known.approval_count = 1;                                /* of none */
  CHECK(ringfence_get_needs(table, &transfer.known, &needs, NULL, 0) == RINGFENCE_BAD_ARGUMENT);
  decision.known.size = 0;
  CHECK(ringfence_decide(table, &transfer.known, &needs, values, 0, 0, &decision.known) == RINGFENCE_BAD_STRUCT);
}

static void check_null(const ringfence_table *table) {
  const ringfence_transfer transfer = withdrawal(table, 1);
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  size_t count = 0;
  CHECK(ringfence_get_needs(NULL, &transfer, &needs, NULL, 0) == RINGFENCE_BAD_ARGUMENT && ringfence_get_needs(table, NULL, &needs, NULL, 0) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_get_needs(table, &transfer, NULL, NULL, 0) == RINGFENCE_BAD_ARGUMENT && ringfence_get_needs(table, &transfer, &needs, NULL, 1) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_get_needs_many(table, &transfer, 1, &needs, NULL, 0, NULL) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_decide(NULL, &transfer, &needs, NULL, 0, 0, &decision) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_decide(table, &transfer, &needs, NULL, 1, 0, &decision) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_decide(table, &transfer, &needs, NULL, 0, 0, NULL) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_get_brought_modes(table, &transfer, &needs, NULL, 0, NULL) == RINGFENCE_BAD_ARGUMENT && ringfence_get_brought_modes(NULL, &transfer, &needs, NULL, 0, &count) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_get_counted(table, &transfer, &needs, NULL, 0, NULL) == RINGFENCE_BAD_ARGUMENT && ringfence_get_counted(table, NULL, &needs, NULL, 0, &count) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_policy_name(NULL).bytes == 0 && ringfence_count(NULL, 0) == 0 && ringfence_find(table, 0, NULL) == RINGFENCE_NONE);
  CHECK(ringfence_get_asset(NULL, 0, NULL) == RINGFENCE_BAD_ARGUMENT && ringfence_get_limit(NULL, 0, NULL) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_decide_many(table, NULL, NULL, 0, NULL, 0, NULL) == RINGFENCE_OK);
}

/* Needs of one table mean nothing to the next; a snapshot stays whole while its table is replaced. */
static void check_live(struct file file) {
  ringfence_table *first = NULL, *second = NULL;
  ringfence_live *live = NULL;
  ringfence_reader *reader = NULL;
  CHECK(ringfence_table_load_in_place(file.bytes, file.size, &first, NULL) == RINGFENCE_OK && ringfence_table_load(file.bytes, file.size, &second, NULL) == RINGFENCE_OK);
  CHECK(ringfence_live_create(first, &live) == RINGFENCE_OK && ringfence_reader_create(live, &reader) == RINGFENCE_OK);
  const ringfence_table *before = ringfence_reader_acquire(reader);
  const ringfence_transfer transfer = withdrawal(before, 1);
  ringfence_needs needs = {.size = sizeof needs};
  ringfence_decision decision = {.size = sizeof decision};
  CHECK(ringfence_get_needs(before, &transfer, &needs, slots, RINGFENCE_SLOTS_MAX) == RINGFENCE_OK);
  fetch(slots, needs.slot_count, values);
  CHECK(ringfence_live_replace(live, second) == RINGFENCE_OK && ringfence_live_collect(live) == 1);
  CHECK(ringfence_reader_acquire(reader) == before);
  CHECK(ringfence_decide(before, &transfer, &needs, values, needs.slot_count, 0, &decision) == RINGFENCE_OK && decision.allowed == 1);
  ringfence_reader_release(reader);
  CHECK(ringfence_live_collect(live) == 0);
  const ringfence_table *after = ringfence_reader_acquire(reader);
  CHECK(ringfence_decide(after, &transfer, &needs, values, needs.slot_count, 0, &decision) == RINGFENCE_OTHER_TABLE && decision.allowed == 0);
  ringfence_reader_release(reader);
  ringfence_reader_release(reader);
  ringfence_reader_free(reader);
  ringfence_live_free(live);
  CHECK(ringfence_live_create(NULL, &live) == RINGFENCE_BAD_ARGUMENT && live == NULL && ringfence_reader_create(NULL, &reader) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_live_replace(NULL, NULL) == RINGFENCE_BAD_ARGUMENT && ringfence_reader_acquire(NULL) == NULL && ringfence_live_collect(NULL) == 0);
}

static int is_number(ringfence_number number, int64_t expected) { return number.low == (uint64_t)expected && number.high == 0; }

/* The gate in memory: opening, ids, batches, modes, and what it refuses. */
static void check_gate(const ringfence_table *table) {
  ringfence_gate *gate = (ringfence_gate *)&gate;
  CHECK(ringfence_gate_create(NULL, &gate) == RINGFENCE_BAD_ARGUMENT && gate == NULL && ringfence_gate_create(table, NULL) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_create(table, &gate) == RINGFENCE_OK);
  const uint32_t asset = ringfence_find(table, RINGFENCE_ASSET, "USDC");
  ringfence_transfer transfer = withdrawal(table, 1);
  const ringfence_instance wallet = transfer.from, bank = transfer.to;
  const ringfence_number five = ringfence_number_of(INT64_C(5) * kUnit), too_much = {0, INT64_C(1) << 32};
  ringfence_number balance = five;
  CHECK(ringfence_gate_open_balance(gate, &wallet, asset, five) == RINGFENCE_OK);
  CHECK(ringfence_gate_open_balance(gate, &bank, asset, five) == RINGFENCE_REFUSED && ringfence_gate_open_balance(gate, &wallet, asset + 1, five) == RINGFENCE_REFUSED);
  CHECK(ringfence_gate_open_balance(gate, &wallet, asset, too_much) == RINGFENCE_REFUSED && ringfence_gate_open_balance(gate, NULL, asset, five) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_balance(gate, &wallet, asset, &balance) == RINGFENCE_OK && is_number(balance, INT64_C(5) * kUnit));

  const ringfence_instance margin = {ringfence_find(table, RINGFENCE_MACHINE, "Client.margin"), 3, {kAlice, 7, 8, 0}};
  uint32_t mode = 9;
  CHECK(ringfence_gate_mode(gate, &margin, &mode) == RINGFENCE_OK && mode == 0);
  CHECK(ringfence_gate_open_mode(gate, &margin, 2) == RINGFENCE_OK && ringfence_gate_open_mode(gate, &margin, 3) == RINGFENCE_REFUSED);
  CHECK(ringfence_gate_open_mode(gate, &margin, 1) == RINGFENCE_REFUSED);   /* called must end within 24 h: since when? */
  CHECK(ringfence_gate_mode(gate, &margin, &mode) == RINGFENCE_OK && mode == 2);
  CHECK(ringfence_gate_open_mode_since(gate, &margin, 1, kTime) == RINGFENCE_OK && ringfence_gate_open_mode_since(gate, &margin, 3, kTime) == RINGFENCE_REFUSED);
  CHECK(ringfence_gate_mode_at(gate, &margin, kTime + kDay, &mode) == RINGFENCE_OK && mode == 1);
  CHECK(ringfence_gate_mode_at(gate, &margin, kTime + kDay + 1, &mode) == RINGFENCE_OK && mode == 2);
  CHECK(ringfence_gate_mode_at(gate, NULL, kTime, &mode) == RINGFENCE_BAD_ARGUMENT && mode == RINGFENCE_NONE && ringfence_gate_open_mode_since(NULL, &margin, 2, kTime) == RINGFENCE_BAD_ARGUMENT);
  ringfence_kept_mode kept = {.size = sizeof kept, .mode = 2}, now = {.size = sizeof now};   /* no deadline: the mode stays, and needs no entry */
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime, &now) == RINGFENCE_OK && now.mode == 2 && now.has_entry == 0);
  kept.mode = 1;   /* a deadline: it can't be told without an entry, and falls into the other mode after a day */
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime, &now) == RINGFENCE_OK && now.mode == RINGFENCE_NONE);
  kept.has_entry = 1;
  kept.entered_ms = kTime;
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime + kDay, &now) == RINGFENCE_OK && now.mode == 1 && now.has_entry == 1 && now.entered_ms == kTime);
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime + kDay + 1, &now) == RINGFENCE_OK && now.mode == 2 && now.entered_ms == kTime + kDay);
  kept.has_entry = 2;
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime, &now) == RINGFENCE_BAD_STRUCT && now.mode == RINGFENCE_NONE);
  kept.has_entry = 0;
  kept.mode = 3;
  CHECK(ringfence_mode_in_force(table, margin.target, &kept, kTime, &now) == RINGFENCE_BAD_ARGUMENT && ringfence_mode_in_force(table, 99, &kept, kTime, &now) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_mode_in_force(NULL, 0, &kept, kTime, &now) == RINGFENCE_BAD_ARGUMENT && ringfence_mode_in_force(table, 0, NULL, kTime, &now) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_mode_in_force(table, 0, &kept, kTime, NULL) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_open_mode(gate, &margin, 2) == RINGFENCE_OK);
  const ringfence_instance fee = {ringfence_find(table, RINGFENCE_FACT, "fee_due"), 1, {kAlice, 0, 0, 0}}, no_fee = {fee.target, 2, {kAlice, 1, 0, 0}};
  CHECK(ringfence_gate_set_fact(gate, &fee, five, kTime) == RINGFENCE_OK && ringfence_gate_set_fact(gate, &no_fee, five, kTime) == RINGFENCE_REFUSED);
  CHECK(ringfence_gate_set_fact(gate, &fee, too_much, kTime) == RINGFENCE_REFUSED);

  uint32_t outcome = 9;
  ringfence_decision decision = {.size = sizeof decision};
  transfer.amount = ringfence_number_of(kUnit);
  CHECK(ringfence_gate_submit(gate, "t1", &transfer, &outcome, &decision) == RINGFENCE_OK && outcome == RINGFENCE_DECIDED && decision.allowed == 1);
  CHECK(ringfence_gate_submit(gate, "t1", &transfer, &outcome, &decision) == RINGFENCE_OK && outcome == RINGFENCE_REPEATED && decision.allowed == 1);
  transfer.amount = ringfence_number_of(kUnit + 1);
  CHECK(ringfence_gate_submit(gate, "t1", &transfer, &outcome, &decision) == RINGFENCE_OK && outcome == RINGFENCE_ID_REUSED && decision.allowed == 0);
  CHECK(ringfence_gate_balance(gate, &wallet, asset, &balance) == RINGFENCE_OK && is_number(balance, INT64_C(4) * kUnit));
  CHECK(ringfence_gate_open_balance(gate, &wallet, asset, five) == RINGFENCE_REFUSED && ringfence_gate_open_mode(gate, &margin, 0) == RINGFENCE_REFUSED);

  ringfence_transfer both[2] = {withdrawal(table, 1), withdrawal(table, 1)};
  both[0].amount = ringfence_number_of(INT64_C(3) * kUnit);
  both[1].amount = ringfence_number_of(INT64_C(2) * kUnit);
  uint32_t outcomes[2] = {9, 9};
  ringfence_decision decisions[2] = {{.size = sizeof decision}, {.size = sizeof decision}};
  const char *const ids[2] = {"b1", ""}, *const no_ids[2] = {"b2", NULL};
  CHECK(ringfence_gate_submit_batch(gate, "b", ids, both, 2, outcomes, decisions) == RINGFENCE_OK && outcomes[1] == RINGFENCE_DECIDED);
  CHECK(decisions[0].allowed == 0 && decisions[0].reason == RINGFENCE_BATCH && decisions[1].allowed == 0 && decisions[1].reason == RINGFENCE_FUNDS);
  both[1].amount = ringfence_number_of(kUnit);
  CHECK(ringfence_gate_submit_batch(gate, "c", no_ids, both, 2, outcomes, decisions) == RINGFENCE_BAD_ARGUMENT && decisions[0].allowed == 0);
  CHECK(ringfence_gate_submit_batch(gate, "c", NULL, both, 2, outcomes, decisions) == RINGFENCE_OK && decisions[0].allowed == 1 && decisions[1].allowed == 1);
  CHECK(ringfence_gate_balance(gate, &wallet, asset, &balance) == RINGFENCE_OK && is_number(balance, 0));
  CHECK(ringfence_gate_submit_batch(gate, "d", NULL, NULL, 0, NULL, NULL) == RINGFENCE_OK);

  const char *const apart[2] = {"n1", "t1"}, *const missing[2] = {"n2", NULL};
  both[0].amount = both[1].amount = ringfence_number_of(1);
  CHECK(ringfence_gate_submit_many(gate, missing, both, 2, outcomes, decisions) == RINGFENCE_BAD_ARGUMENT && decisions[0].allowed == 0);
  CHECK(ringfence_gate_submit_many(gate, NULL, both, 2, outcomes, decisions) == RINGFENCE_BAD_ARGUMENT && ringfence_gate_submit_many(NULL, apart, both, 2, outcomes, decisions) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_submit_many(gate, apart, both, 2, outcomes, decisions) == RINGFENCE_OK && outcomes[0] == RINGFENCE_DECIDED && decisions[0].reason == RINGFENCE_FUNDS);
  CHECK(outcomes[1] == RINGFENCE_ID_REUSED && decisions[1].allowed == 0);
  CHECK(ringfence_gate_submit_many(gate, apart, both, 1, outcomes, decisions) == RINGFENCE_OK && outcomes[0] == RINGFENCE_REPEATED && decisions[0].reason == RINGFENCE_FUNDS);
  CHECK(ringfence_gate_submit_many(gate, NULL, NULL, 0, NULL, NULL) == RINGFENCE_OK);

  CHECK(ringfence_gate_reserve(gate, 1000, 10) == RINGFENCE_OK && ringfence_gate_reserve(gate, 0, 0) == RINGFENCE_OK && ringfence_gate_reserve(NULL, 1, 1) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_reserve(gate, UINT64_MAX, 0) == RINGFENCE_NO_MEMORY && ringfence_gate_reserve(gate, UINT64_C(1) << 40, 0) == RINGFENCE_NO_MEMORY);
  CHECK(ringfence_gate_reserve(gate, 0, UINT64_MAX) == RINGFENCE_NO_MEMORY);
  CHECK(ringfence_gate_submit_many(gate, apart, both, 1, outcomes, decisions) == RINGFENCE_OK && outcomes[0] == RINGFENCE_REPEATED);

  ringfence_mode_change change = {.size = sizeof change};
  change.subject = (ringfence_instance){ringfence_find(table, RINGFENCE_MACHINE, "system"), 0, {0}};
  change.role = ringfence_find(table, RINGFENCE_ROLE, "risk_engine");
  change.to_mode = ringfence_find_mode(table, change.subject.target, "outage");
  change.time_ms = kTime;
  CHECK(ringfence_gate_submit_change(gate, "m1", &change, &outcome, &decision) == RINGFENCE_OK && outcome == RINGFENCE_DECIDED && decision.allowed == 1);
  CHECK(ringfence_gate_mode(gate, &change.subject, &mode) == RINGFENCE_OK && mode == change.to_mode);

  transfer.size -= 8;
  decision.allowed = 1;
  CHECK(ringfence_gate_submit(gate, "t2", &transfer, &outcome, &decision) == RINGFENCE_BAD_STRUCT && decision.allowed == 0);
  change.reserved2 = 1;
  CHECK(ringfence_gate_submit_change(gate, "m2", &change, &outcome, &decision) == RINGFENCE_BAD_STRUCT && decision.allowed == 0);
  CHECK(ringfence_gate_submit(gate, NULL, &both[0], &outcome, &decision) == RINGFENCE_BAD_ARGUMENT && ringfence_gate_submit(NULL, "t2", &both[0], &outcome, &decision) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_submit(gate, "t2", &both[0], NULL, &decision) == RINGFENCE_BAD_ARGUMENT && ringfence_gate_submit(gate, "t2", &both[0], &outcome, NULL) == RINGFENCE_BAD_ARGUMENT);
  const ringfence_instance nowhere = {RINGFENCE_NONE, 0, {0}};
  CHECK(ringfence_gate_balance(gate, &nowhere, asset, &balance) == RINGFENCE_BAD_ARGUMENT && ringfence_gate_balance(gate, &wallet, 99, &balance) == RINGFENCE_BAD_ARGUMENT);
  CHECK(ringfence_gate_mode(gate, &nowhere, &mode) == RINGFENCE_BAD_ARGUMENT && mode == RINGFENCE_NONE && ringfence_gate_mode(NULL, &margin, &mode) == RINGFENCE_BAD_ARGUMENT);
  ringfence_gate_free(gate);
  ringfence_gate_free(NULL);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  const struct file file = read_file(arguments[1]);
  if (file.bytes == NULL) return 2;
  ringfence_table *table = NULL;
  check_versions();
  check_load(file);
  CHECK(ringfence_table_load(file.bytes, file.size, &table, NULL) == RINGFENCE_OK);
  if (table == NULL) return 1;
  check_names(table);
  check_declarations(table);
  check_decisions(table);
  check_missing_values(table);
  check_many(table);
  check_counted(table);
  check_at_hand(table);
  check_floors(table);
  check_transitions(table);
  check_sizes(table);
  check_null(table);
  check_gate(table);
  check_live(file);
  ringfence_table_free(table);
  free(file.bytes);
  return failures == 0 ? 0 : 1;
}
