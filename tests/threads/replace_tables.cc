// SPDX-License-Identifier: Apache-2.0
// Threads decide while their table is replaced as fast as it goes. Run under ThreadSanitizer, or under the address sanitizer in the
// sanitized build: a read of a destroyed table, and any access that is not ordered, ends it. Beside that every decision must be that of one
// table whole: tables differ in the amount that they allow, in the line and in the text of every statement, and in the name of the policy.
// Given tables of policies named by that amount ("3"). Some are loaded in place, into bytes that are overwritten as soon as `collect`
// says that nobody has them. It finds: a snapshot that does not look again at the present table, a writer that does not look at the hazards, and the
// loss of any release or acquire. It can't find, on a processor that orders stores as x86 does, that a hazard is written too weakly: that is argued only.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "runtime/ringfence.h"

namespace {

using namespace ringfence;

constexpr int kReaders = 4;            // more than there are processors, so that they are interrupted anywhere
constexpr int kReplacements = 2'000;
constexpr std::size_t kInPlaceEvery = 50;
constexpr std::size_t kRoom = 1 << 16;

/// What the table whose policy is named by `most` says of a payment of `amount`.
bool is_whole(const RuleTable& table, const Needs& needed, const Decision& decision, Int128 amount, Int128 most) {
  const std::string text = "allow pay House.cash -> House.suppliers by clerk when amount <= " + to_string(most) + " EUR";
  const std::string clause = "amount <= " + to_string(most) + " EUR";
  return needed.reason == Reason::Allowed && decision.reason == (amount <= most ? Reason::Allowed : Reason::Condition) && table.statement(decision.statement).text == text &&
         Int128{table.statement(decision.statement).line} == most && table.clause_text(decision.move, decision.statement, 0) == clause;
}

/// A payment of each amount from 1 to 9, all on one snapshot.
bool decide_all(const RuleTable& table) {
  const Int128 most = std::stoi(std::string(table.policy_name()));
  for (int amount = 1; amount <= 9; ++amount) {
    Transfer transfer{table.find_purpose("pay"), {table.find_bucket("House.cash"), 0, {}}, {table.find_bucket("House.suppliers"), 0, {}}, table.find_asset("EUR"), amount, {}};
    transfer.authority.role = table.find_role("clerk");
    const Needs needed = needs(table, transfer);
    const std::vector<Value> values(needed.slots.size(), Value{100, 0, true});
    if (!is_whole(table, needed, decide(table, transfer, needed, values), amount, most)) return false;
  }
  return true;
}

struct Shared {
  std::atomic<bool> stop{false};
  std::atomic<long> snapshots{0}, torn{0};
  std::atomic<int> started{0};
};

/// Half of the readers decide; half only look, so that what they mostly do is taking and leaving snapshots.
void read(LiveTable& live, Shared& shared, bool decides) {
  ++shared.started;
  long taken = 0, torn = 0;
  while (!shared.stop) {
    LiveTable::Reader reader(live);   // comes and goes, as threads do
    for (int i = 0; i < 100 || (!decides && i < 100'000 && !shared.stop); ++i, ++taken) {
      const auto table = reader.snapshot();
      torn += decides ? !decide_all(*table) : table->policy_name().size() != 1;
    }
  }
  shared.snapshots += taken;
  shared.torn += torn;
}

std::vector<std::byte> read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return {begin, begin + bytes.size()};
}

RuleTable table_of(std::variant<RuleTable, LoadError> loaded) {
  if (std::holds_alternative<LoadError>(loaded)) {
    std::fprintf(stderr, "a table does not load: %s\n", std::get<LoadError>(loaded).message.c_str());
    std::exit(2);
  }
  return std::get<RuleTable>(std::move(loaded));
}

/// One table in place, then another, and the bytes of the first are gone as soon as nobody has it.
void replace_in_place(LiveTable& live, const std::vector<std::byte>& bytes, const std::vector<std::byte>& next) {
  alignas(RuleTable::kAlignment) static std::byte place[kRoom];
  std::memcpy(place, bytes.data(), bytes.size());
  live.replace(table_of(RuleTable::load_in_place({place, bytes.size()})));
  std::this_thread::yield();
  live.replace(table_of(RuleTable::load(next)));
  while (live.collect() != 0) std::this_thread::yield();
  std::memset(place, 0xFF, kRoom);
}

}  // namespace

int main(int count, char** names) {
  std::vector<std::vector<std::byte>> tables;
  for (int i = 1; i < count; ++i) tables.push_back(read_file(names[i]));
  if (tables.size() < 2) return 2;
  for (const std::vector<std::byte>& table : tables) {
    if (table.size() > kRoom) return 2;
  }
  Shared shared;
  LiveTable live(table_of(RuleTable::load(tables[0])));
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back([&live, &shared, i] { read(live, shared, i % 2 == 0); });
  while (shared.started < kReaders) std::this_thread::yield();
  for (std::size_t i = 1; i <= kReplacements; ++i) {
    const std::vector<std::byte>& table = tables[i % tables.size()];
    if (i % kInPlaceEvery != 0) live.replace(table_of(RuleTable::load(table)));
    else replace_in_place(live, table, tables[(i + 1) % tables.size()]);
  }
  shared.stop = true;
  for (std::thread& reader : readers) reader.join();
  std::printf("%d times replaced, %ld snapshots, %ld of them torn, %zu replaced tables left\n", kReplacements, shared.snapshots.load(), shared.torn.load(), live.collect());
  return shared.torn == 0 && live.collect() == 0 && shared.snapshots > kReaders ? 0 : 1;
}
