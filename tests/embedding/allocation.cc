// SPDX-License-Identifier: Apache-2.0
// Counts every allocation of the process while it decides: by C++ and by C, one at a time and many, transfers and mode changes, allowed
// and denied, with a snapshot for each. Given the table of policies/isolated_margin/policy.rf. Ends with 0 when there is none, and when an
// allocation made on purpose is counted.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "runtime/ringfence.h"
#include "runtime/ringfence_c.h"

namespace {
std::atomic<long> allocations{0};
}

#ifdef __SANITIZE_ADDRESS__   // the sanitizer has taken that place: it calls us
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t), void (*)(const volatile void*));
[[maybe_unused]] static const int installed =
    __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});
#else
// Takes the place of malloc in the whole process, the libraries included; operator new ends up here too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) { ++allocations; return __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { ++allocations; return __libc_calloc(count, size); }
void* realloc(void* at, std::size_t size) { ++allocations; return __libc_realloc(at, size); }
void* memalign(std::size_t alignment, std::size_t size) { ++allocations; return __libc_memalign(alignment, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { ++allocations; return __libc_memalign(alignment, size); }
}
#endif

namespace {

using namespace ringfence;

constexpr std::int64_t kTime = 1'767'258'000'000;
constexpr Int128 kUnit = 1'000'000;
constexpr std::size_t kBatch = 16;

/// A withdrawal of Alice's; an amount of 0 and one above the limit are denied before and after the values are read.
Transfer withdrawal(const RuleTable& table, Int128 amount) {
  Transfer transfer{table.find_purpose("withdraw"), {table.find_bucket("Client.wallet"), 1, {1}}, {table.find_bucket("Client.bank"), 1, {1}}, 0, amount, {}};
  transfer.authority.role = table.find_role("trader");
  transfer.authority.time_ms = kTime;
  return transfer;
}

long decided = 0, allowed = 0;
void count(const Decision& decision) {
  ++decided;
  allowed += decision.allowed() ? 1 : 0;
}

void decide_transfers(const RuleTable& table) {
  std::array<Transfer, kBatch> transfers;
  std::array<Needs, kBatch> needed;
  std::array<Decision, kBatch> decisions;
  std::array<Value, kBatch * kSlotsMax> values;
  values.fill({2'000'000 * kUnit, kTime, true});
  for (std::size_t i = 0; i < kBatch; ++i) transfers[i] = withdrawal(table, Int128{50'000} * static_cast<int>(i) * kUnit);
  for (const Transfer& transfer : transfers) {
    const Needs one = needs(table, transfer);
    std::array<Value, kSlotsMax> own;
    for (std::size_t i = 0; i < one.slots.size(); ++i) own[i] = {one.slots[i].kind == SlotKind::Balance ? 2'000'000 * kUnit : Int128{0}, kTime, true};
    count(decide(table, transfer, one, own));
    count(decide(table, transfer, one.row, own));
    count(decide_floors(table, transfer, one, own));
  }
  needs_many(table, transfers, needed);
  decide_many(table, transfers, needed, values, decisions);
  for (const Decision& decision : decisions) count(decision);
}

void change_mode(const RuleTable& table) {
  const Index machine = table.find_machine("system");
  ModeChange change{{machine, 0, {}}, table.find_mode(machine, "open"), {}};
  change.authority.role = table.find_role("treasurer");
  count(decide_transition(table, change, next_transition(table, change, 1, kNone), {}));
  change.to_mode = table.find_mode(machine, "outage");
  change.authority.role = table.find_role("risk_engine");
  count(decide_transition(table, change, next_transition(table, change, 0, kNone), {}));
}

void decide_in_c(const ringfence_table* table) {
  std::array<ringfence_slot, RINGFENCE_SLOTS_MAX> slots{};
  std::array<ringfence_value, RINGFENCE_SLOTS_MAX> values{};
  slots[0].size = sizeof slots[0];
  for (ringfence_value& value : values) value = {sizeof value, 1, ringfence_number_of(0), kTime};
  ringfence_transfer transfer{};
  transfer.size = sizeof transfer;
  transfer.purpose = ringfence_find(table, RINGFENCE_PURPOSE, "deposit");
  transfer.from = {ringfence_find(table, RINGFENCE_BUCKET, "Client.bank"), 1, {1}};
  transfer.to = {ringfence_find(table, RINGFENCE_BUCKET, "Client.wallet"), 1, {1}};
  transfer.amount = ringfence_number_of(1);
  transfer.evidence = 1;
  ringfence_needs needed{};
  needed.size = sizeof needed;
  ringfence_decision decision{};
  decision.size = sizeof decision;
  if (ringfence_get_needs(table, &transfer, &needed, slots.data(), slots.size()) != RINGFENCE_OK) return;
  if (ringfence_decide(table, &transfer, &needed, values.data(), needed.slot_count, RINGFENCE_CHECK_FLOORS, &decision) != RINGFENCE_OK) return;
  ++decided;
  allowed += decision.allowed == 1 ? 1 : 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto loaded = RuleTable::load({reinterpret_cast<const std::byte*>(bytes.data()), reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size()});
  if (std::holds_alternative<LoadError>(loaded)) return 2;
  LiveTable live(std::get<RuleTable>(std::move(loaded)));
  LiveTable::Reader reader(live);
  ringfence_table* c_table = nullptr;
  if (ringfence_table_load(bytes.data(), bytes.size(), &c_table, nullptr) != RINGFENCE_OK) return 2;

  const long before = allocations;
  for (int round = 0; round < 100; ++round) {
    const LiveTable::Snapshot table = reader.snapshot();
    decide_transfers(*table);
    change_mode(*table);
    decide_in_c(c_table);
  }
  const long made = allocations - before;
  delete new volatile int(0);
  const bool counts = allocations == before + made + 1;
  ringfence_table_free(c_table);

  std::printf("%ld decisions, %ld of them allowed, %ld allocations\n", decided, allowed, made);
  if (!counts) std::puts("an allocation made on purpose was not counted");
  return made == 0 && counts && decided == 100 * (4 * static_cast<long>(kBatch) + 3) && allowed > 0 && allowed < decided ? 0 : 1;
}
