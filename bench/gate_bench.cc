// SPDX-License-Identifier: Apache-2.0
// `gate_bench FOLDER [SYNC_MS]`: transfers a second through the gate, on one core: in memory, one by one and many together, handed over by 128 from the cache, as when
// they have just arrived; and durable in blocks of 8,192 records and of one, each beside bare write and fdatasync of the same bytes in turn in the same run, with p50 and p99.
// Before that, what a gate takes in memory. The policy reads balances and modes, has a floor and counts two limits; clients are drawn at random; every transfer has an id of its own. FOLDER is on the
// disk in question. Durable gates have their memory reserved beforehand (Gate::reserve); by the queue it is measured without too. At last, how fast a start reads its journal. With SYNC_MS each sync, ours and the bare one, takes at least so long, as on a disk that does: what is late is waited for, nothing else is slower.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compiler/passes.h"
#include "runtime/durable/gate_queue.h"

namespace {

std::chrono::milliseconds sync_takes{0};
std::size_t sync_count = 0;

/// What stands in for the C library's in this program, for SQLite too.
int sync_slowly(long system_call, int file) {
  const auto until = std::chrono::steady_clock::now() + sync_takes;
  const auto result = static_cast<int>(::syscall(system_call, file));
  std::this_thread::sleep_until(until);
  ++sync_count;
  return result;
}

}  // namespace

extern "C" int fdatasync(int file) { return sync_slowly(SYS_fdatasync, file); }
extern "C" int fsync(int file) { return sync_slowly(SYS_fsync, file); }

namespace ringfence::bench {
namespace {

const char* const kPolicy = R"(
policy "Bench" version "1"
asset USD decimals 2
role trader, boss
purpose deposit, allocate, release
entity Client many
entity House
external Client.bank
account House.vault
bucket Client.wallet in House.vault
bucket Client.margin in House.vault
mode of Client : normal, frozen
  normal -> frozen by boss
segregate each Client
allow deposit  Client.bank   -> Client.wallet by trader
allow allocate Client.wallet -> Client.margin by trader when mode of Client is normal
allow release  Client.margin -> Client.wallet by trader when mode of Client is normal and balance(from) - amount >= 1 USD
floor Client.wallet >= 1 USD
limit allocate per Client 1_000_000 USD in any 10 s
limit deposit  per Client 1_000_000 USD per day
)";

void demand(bool good, const std::string& what) {
  if (good) return;
  fmt::print(stderr, "gate_bench: {}\n", what);
  std::exit(3);
}

RuleTable bench_table() {
  auto compiled = compile(kPolicy);
  demand(compiled.artefact.has_value(), render(compiled.diagnostics, "bench", kPolicy));
  auto loaded = RuleTable::load(std::move(compiled.artefact->table));
  demand(std::holds_alternative<RuleTable>(loaded), "the table does not load");
  return std::move(std::get<RuleTable>(loaded));
}

/// Deposits first, then allocations and releases, most of them allowed.
std::vector<GateTransfer> stream(const RuleTable& table, std::size_t count, std::uint64_t clients) {
  const Index bank = table.find_bucket("Client.bank"), wallet = table.find_bucket("Client.wallet"), margin = table.find_bucket("Client.margin");
  const Index deposit = table.find_purpose("deposit"), allocate = table.find_purpose("allocate"), release = table.find_purpose("release");
  std::mt19937_64 random(1);
  std::vector<GateTransfer> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t client = 1 + random() % clients, kind = random() % 4;
    all[i].id = fmt::format("t{}", i);
    const auto at = [&](Index bucket) { return Instance{bucket, 1, {client}}; };
    if (kind < 2) all[i].transfer = Transfer{deposit, at(bank), at(wallet), 0, 10'000, {}};
    else if (kind == 2) all[i].transfer = Transfer{allocate, at(wallet), at(margin), 0, 5'000, {}};
    else all[i].transfer = Transfer{release, at(margin), at(wallet), 0, 100, {}};
    all[i].transfer.authority.person = 7;
    all[i].transfer.authority.role = 0;
    all[i].transfer.authority.time_ms = 1'767'225'600'000 + static_cast<std::int64_t>(i / 100);
  }
  return all;
}

constexpr std::uint64_t kDurableClients = 100'000;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The smallest that so many percent of all are no larger than.
double percentile(std::vector<double> values, std::size_t percent) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>((values.size() * percent + 99) / 100 - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double median(const std::vector<double>& values) { return percentile(values, 50); }

/// Seconds that `work` takes on all of it, handed over by 128, each time a copy that is in the cache.
double seconds_by_chunk(const std::vector<GateTransfer>& all, const std::function<void(std::span<const GateTransfer>)>& work) {
  constexpr std::size_t kChunk = 128;
  double taken = 0;
  for (std::size_t first = 0; first < all.size(); first += kChunk) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<GateTransfer> chunk(begin, begin + static_cast<std::ptrdiff_t>(std::min(kChunk, all.size() - first)));
    taken += seconds([&] { work(chunk); });
  }
  return taken;
}

/// In memory, and the decisions alone, without state and ids, beside it.
void in_memory(const RuleTable& table, std::size_t count, std::uint64_t clients) {
  const std::vector<GateTransfer> all = stream(table, count, clients);
  std::vector<double> single_times, many_times, decide_times;
  std::size_t allowed = 0;
  volatile std::uint64_t sink = 0;
  std::vector<GateAnswer> answers(all.size());
  const std::vector<Value> values{{1'000'000, 0, true}, {1'000'000, 0, true}, {1'000'000, 0, true}, {0, 0, true}, {0, 0, true}};   // the fourth is a mode
  for (int run = 0; run < 3; ++run) {
    Gate single(table), many(table);
    allowed = 0;
    single_times.push_back(seconds_by_chunk(all, [&](auto chunk) { for (const GateTransfer& each : chunk) allowed += single.submit(each).decision.allowed(); }));
    many_times.push_back(seconds_by_chunk(all, [&](auto chunk) { many.submit_many(chunk, answers); }));
    demand(single.holdings() == many.holdings(), "one by one and together come to different balances");
    decide_times.push_back(seconds_by_chunk(all, [&](auto chunk) {
      for (const GateTransfer& each : chunk) sink = sink + decide(table, each.transfer, needs(table, each.transfer), values).statement;
    }));
  }
  const auto each = static_cast<double>(count);
  const double single = median(single_times), many = median(many_times), decided = median(decide_times);
  fmt::print("{:>9} clients, in memory: {:>10.0f} transfers/s one by one, {:>10.0f} together, decide alone {:>10.0f}; ratios {:.2f} and {:.2f}; {} of {} allowed\n", clients,
             each / single, each / many, each / decided, single / decided, many / decided, allowed, count);
}

/// Of this process, as the system counts it.
std::size_t resident_bytes() {
  std::ifstream counts("/proc/self/statm");
  std::size_t pages = 0, resident_pages = 0;
  counts >> pages >> resident_pages;
  return resident_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Two buckets for each client, with their totals, the client's mode and room for what limits count; then what a transfer adds.
void memory(const RuleTable& table) {
  constexpr std::uint64_t kClients = 500'000;
  const std::vector<GateTransfer> all = stream(table, 1'000'000, kClients);
  const std::size_t before = resident_bytes();
  Gate gate(table);
  for (std::uint64_t client = 1; client <= kClients; ++client)
    for (const char* bucket : {"Client.wallet", "Client.margin"}) demand(gate.open_balance({table.find_bucket(bucket), 1, {client}}, 0, 1'000'000), "a balance is refused");
  const std::size_t opened = resident_bytes();
  for (const GateTransfer& each : all) gate.submit(each);
  const std::size_t moved = resident_bytes();
  fmt::print("memory: {:.0f} bytes for each live bucket instance ({} of them), {:.0f} more for each transfer\n", static_cast<double>(opened - before) / (2.0 * kClients), 2 * kClients,
             static_cast<double>(moved - opened) / static_cast<double>(all.size()));
}

void durable(const RuleTable& table, const std::string& folder, std::size_t block, std::size_t blocks) {
  const std::vector<GateTransfer> all = stream(table, block * blocks, kDurableClients);
  auto opened = DurableGate::open(table, SigningKey::generate(), {{folder + "/journal-" + std::to_string(block)}});
  demand(std::holds_alternative<DurableGate>(opened), "the journal can't be opened");
  DurableGate& gate = std::get<DurableGate>(opened);
  gate.reserve(all.size(), kDurableClients);
  const int bare = ::open((folder + "/bare-" + std::to_string(block)).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<double> stage_times, commit_times, both_times, bare_times;
  std::vector<GateAnswer> answers(block);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::span<const GateTransfer> batch = std::span(all).subspan(i * block, block);
    std::string bytes;
    for (const GateTransfer& each : batch) put_record(bytes, each, Decision{});
    stage_times.push_back(seconds([&] { gate.submit_many(batch, answers); }));
    commit_times.push_back(seconds([&] { demand(!gate.commit(), "commit failed"); }));
    both_times.push_back(stage_times.back() + commit_times.back());
    bare_times.push_back(seconds([&] { demand(::write(bare, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fdatasync(bare) == 0, "write failed"); }));
  }
  const double stage = median(stage_times), commit = median(commit_times), both = median(both_times), bare_median = median(bare_times);
  fmt::print("blocks of {:>5}: median ms: decided and staged {:.3f}, committed {:.3f}, bare {:.3f}; commit/bare {:.2f} (by sums {:.2f}); to bare p50: both p50 {:.2f} and p99 {:.2f}, bare p99 {:.2f}; "
             "{:.0f} transfers/s one after the other\n", block, stage * 1e3, commit * 1e3, bare_median * 1e3, commit / bare_median,
             std::accumulate(commit_times.begin(), commit_times.end(), 0.0) / std::accumulate(bare_times.begin(), bare_times.end(), 0.0), both / bare_median,
             percentile(both_times, 99) / bare_median, percentile(bare_times, 99) / bare_median, static_cast<double>(block) / both);
  ::close(bare);
}

/// Two producers on a GateQueue, by turns, so that a block is decided while the one before is written; after that bare write and fdatasync of as many bytes in as
/// many blocks.
void queued(const RuleTable& table, const SigningKey& key, const std::string& journal, std::size_t blocks, bool reserves) {
  constexpr std::size_t kProducers = 2;
  const std::vector<GateTransfer> all = stream(table, kCommitRecordsMax * blocks, kDurableClients);
  auto opened = DurableGate::open(table, key, {{journal}});
  demand(std::holds_alternative<DurableGate>(opened), "the journal can't be opened");
  DurableGate& gate = std::get<DurableGate>(opened);
  if (reserves) gate.reserve(all.size(), kDurableClients);
  const std::uint64_t blocks_before = gate.head().head.blocks;
  const std::size_t synced_before = sync_count;
  const double taken = seconds([&] {
    GateQueue queue(gate);
    std::vector<std::thread> producers;
    for (std::size_t first = 0; first < kProducers; ++first)
      producers.emplace_back([&, first] {
        for (std::size_t i = first; i < blocks; i += kProducers) {
          const auto answer = queue.submit_many(table, std::span(all).subspan(i * kCommitRecordsMax, kCommitRecordsMax));
          demand(std::holds_alternative<GateQueue::Answers>(answer), "the queue fails");
        }
      });
    for (std::thread& producer : producers) producer.join();
  });
  const std::uint64_t written = gate.head().head.blocks - blocks_before;
  const auto syncs = static_cast<double>(sync_count - synced_before);
  std::string bytes;
  for (const GateTransfer& each : all) put_record(bytes, each, Decision{});
  const int bare = ::open((journal + "-bare").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const std::size_t block = bytes.size() / written;
  const double bare_taken = seconds([&] {
    for (std::size_t i = 0; i < written; ++i) demand(::write(bare, bytes.data() + i * block, block) == static_cast<ssize_t>(block) && ::fdatasync(bare) == 0, "write failed");
  });
  ::close(bare);
  const auto count = static_cast<double>(all.size());
  fmt::print("queue, {}, blocks of {:>5.0f}: {:.0f} transfers/s, {:.1f} syncs a block; bare {:.0f}/s; {:.2f} of bare\n", reserves ? "memory reserved" : "nothing reserved", count / static_cast<double>(written), count / taken,
             syncs / static_cast<double>(written), count / bare_taken, bare_taken / taken);
}

/// A start of the gate whose journal that was: all of it is read, checked and decided again.
void opened_again(const RuleTable& table, const SigningKey& key, const std::string& journal) {
  std::uint64_t records = 0;
  const double taken = seconds([&] {
    const auto opened = DurableGate::open(table, key, {{journal}});
    demand(std::holds_alternative<DurableGate>(opened), "the journal can't be opened again");
    records = std::get<DurableGate>(opened).head().head.records;
  });
  fmt::print("opened again: {} records in {:.2f} s, {:.0f} a second\n", records, taken, static_cast<double>(records) / taken);
}

int run(const std::string& folder) {
  demand(std::filesystem::create_directories(folder), "the folder is there already");
  const RuleTable table = bench_table();
  memory(table);
  for (const std::uint64_t clients : {1'000u, 100'000u}) in_memory(table, 1'000'000, clients);
  durable(table, folder, kCommitRecordsMax, 100);
  durable(table, folder, 1, 2'000);
  const SigningKey key = SigningKey::generate();
  queued(table, key, folder + "/queued", 100, false);
  queued(table, key, folder + "/reserved", 100, true);
  opened_again(table, key, folder + "/reserved");
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace ringfence::bench

int main(int argc, char** argv) {
  if (argc == 3) sync_takes = std::chrono::milliseconds(std::strtoul(argv[2], nullptr, 10));
  if (argc == 2 || sync_takes.count() > 0) return ringfence::bench::run(argv[1]);
  fmt::print(stderr, "usage: gate_bench FOLDER [SYNC_MS]\n");
  return 3;
}
