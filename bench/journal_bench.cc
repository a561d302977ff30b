// SPDX-License-Identifier: Apache-2.0
// `journal_bench FOLDER`: what it costs to append batches of records, each batch in one synced transaction, and to read them all in order,
// in each store that the journal could be kept in, beside bare write and fdatasync of the same bytes. The batches of the stores are taken in
// turn, so that all see the same disk; ratios are of medians. FOLDER is on the disk in question.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "bench/journal_stores.h"

namespace ringfence::bench {
namespace {

constexpr std::size_t kRecordBytes = 64;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct Contender { const char* name; bool row_a_record; std::unique_ptr<BatchStore> store; std::vector<double> append; double read = 0; };

std::vector<Contender> contenders(const std::string& folder) {
  int made = 0;
  const auto fresh = [&] {
    const std::string path = folder + "/" + std::to_string(++made);
    demand(std::filesystem::create_directories(path), "folder is not empty");
    return path;
  };
  std::vector<Contender> all;
  all.push_back({"bare write + fdatasync", false, bare_file(fresh()), {}});
  for (const bool row_a_record : {false, true}) {
    all.push_back({"SQLite, wal", row_a_record, sqlite_store(fresh(), "wal"), {}});
    all.push_back({"SQLite, rollback", row_a_record, sqlite_store(fresh(), "persist"), {}});
    all.push_back({"LMDB", row_a_record, lmdb_store(fresh()), {}});
    all.push_back({"RocksDB", row_a_record, rocksdb_store(fresh()), {}});
  }
  return all;
}

void compare(const std::string& folder, std::size_t records, int batches) {
  std::vector<Contender> all = contenders(folder);
  std::mt19937_64 random(1);
  std::string bytes(records * kRecordBytes, '\0');
  std::vector<std::string_view> rows;
  for (std::size_t i = 0; i < records; ++i) rows.emplace_back(bytes.data() + i * kRecordBytes, kRecordBytes);
  const std::string_view whole = bytes;
  for (int batch = 0; batch < batches; ++batch) {
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (Contender& each : all)
      each.append.push_back(seconds([&] { each.store->append(each.row_a_record ? std::span<const std::string_view>(rows) : std::span(&whole, 1)); }));
  }
  const std::size_t written = bytes.size() * static_cast<std::size_t>(batches);
  for (Contender& each : all) each.read = seconds([&] { demand(each.store->read_all() == written, "what was read is not what was written"); });
  const double bare = median(all.front().append), bare_sum = std::accumulate(all.front().append.begin(), all.front().append.end(), 0.0);
  for (const Contender& each : all) {
    const double sum = std::accumulate(each.append.begin(), each.append.end(), 0.0);
    fmt::print("{:>7}  {:<24}{:<8}{:>12.3f}{:>14.2f}{:>14.2f}{:>14.0f}\n", records, each.name, each.row_a_record ? "record" : "batch", median(each.append) * 1e3,
               median(each.append) / bare, sum / bare_sum, static_cast<double>(written) / each.read / 1e6);
  }
}

int run(const std::string& folder) {
  fmt::print("{:>7}  {:<24}{:<8}{:>12}{:>14}{:>14}{:>14}\n", "batch", "store", "a row is", "median ms", "bare = 1", "sum, bare = 1", "read MB/s");
  for (const auto& [records, batches] : {std::pair<std::size_t, int>{8'192, 100}, {1, 200}}) {
    const std::string path = folder + "/" + std::to_string(records);
    compare(path, records, batches);
    std::filesystem::remove_all(path);
  }
  return 0;
}

}  // namespace
}  // namespace ringfence::bench

int main(int argc, char** argv) {
  if (argc == 2) return ringfence::bench::run(argv[1]);
  fmt::print(stderr, "usage: journal_bench FOLDER\n");
  return 3;
}
