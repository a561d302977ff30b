// SPDX-License-Identifier: Apache-2.0
// SQLite in memory: a row for each rule and role, an index on all that must be equal, and one prepared statement. Its numbers have 64 bits.
#include <sqlite3.h>

#include <fmt/format.h>

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

class Sqlite final : public Engine {
 public:
  explicit Sqlite(const RuleSet& set) : money_(set) {
    demand(sqlite3_open(":memory:", &database_) == SQLITE_OK, "SQLite does not open");
    run("CREATE TABLE rules(source, destination, purpose, role, asset, other, allows, least, most, approvals)");
    run("CREATE INDEX by_key ON rules(source, destination, purpose, role, asset, other, allows, least, most, approvals)");
    run("BEGIN");
    for (const Rule& rule : set.rules) {
      for (Index role = 0; role < kRoles; ++role) {
        if ((rule.roles >> role & 1) != 0)
          run(fmt::format("INSERT INTO rules VALUES({},{},{},{},{},{},{},{},{},{})", rule.from, rule.to, rule.purpose, role, rule.asset, static_cast<int>(rule.relation), rule.allows,
                          static_cast<std::int64_t>(rule.least), static_cast<std::int64_t>(rule.most), rule.approvals == 0 ? 99 : rule.approvals));
      }
    }
    run("COMMIT; ANALYZE");
    // 1 when some rule holds and all that hold allow.
    const char* const query = "SELECT min(allows) FROM rules WHERE source=?1 AND destination=?2 AND purpose=?3 AND role=?4 AND asset=?5 AND other=?6 AND least<=?7 AND (most>=?7 OR approvals<=?8)";
    demand(sqlite3_prepare_v3(database_, query, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) == SQLITE_OK, sqlite3_errmsg(database_));
  }
  ~Sqlite() override {
    sqlite3_finalize(statement_);
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      const Asked& asked = transfers[i];
      const std::int64_t values[] = {asked.from, asked.to, asked.purpose, asked.role, asked.asset, static_cast<std::int64_t>(relation_of(asked)), static_cast<std::int64_t>(asked.amount),
                                     count_approvals(asked)};
      for (int at = 0; at < 8; ++at) sqlite3_bind_int64(statement_, at + 1, values[at]);
      demand(sqlite3_step(statement_) == SQLITE_ROW, sqlite3_errmsg(database_));
      allowed[i] = sqlite3_column_int(statement_, 0) == 1 && money_.can_move(asked);
      sqlite3_reset(statement_);
    }
  }

 private:
  void run(const std::string& sql) { demand(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(database_)); }

  Money money_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite(const RuleSet& set) { return std::make_unique<Sqlite>(set); }

}  // namespace ringfence::bench
