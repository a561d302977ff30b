// SPDX-License-Identifier: Apache-2.0
// `ringfence reconcile POLICY|TABLE STATE STATEMENT.csv`: compares what a gate's books hold with what a depository says, place by place, and lists each break with
// the buckets that it is in. Exit code: 0 all agree; 1 there is a break, also one of something that only one of the two has; 3 when a file can't be read: half
// a statement is none.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command/books.h"
#include "command/csv.h"
#include "command/describe.h"
#include "command/verb_options.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

struct ReconcileOptions { std::string policy, state, statement; bool json = false; };

/// One row of a statement: an account or a bucket of the policy, and what is there.
struct StatementRow { bool is_account = false; Index target = kNone; Ids ids{}; std::string place; Index asset = kNone; Int128 amount = 0; };
using Statement = std::vector<StatementRow>;

class StatementReader {
 public:
  StatementReader(const LoadedPolicy& policy, const Books& books, std::string path) : table_(policy.table), books_(books), path_(std::move(path)) {}

  std::variant<Statement, FileError> read() {
    auto file = read_file(path_, {kBytesMax});
    if (auto* error = std::get_if<FileError>(&file)) return std::move(*error);
    std::string_view text = std::get<std::string>(file);
    if (text.size() > kBytesMax) return FileError{fmt::format("`{}` is too large for a statement", path_)};
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (std::size_t begin = 0; begin < text.size() && wrong_.empty();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      ++line_;
      std::string_view line = text.substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") != std::string_view::npos) read_line(line);
      begin = end + 1;
    }
    if (wrong_.empty() && place_column_ == kNone) fail("it has no header with the columns `place` and `amount`");
    if (!wrong_.empty()) return FileError{fmt::format("`{}`, line {}: {}", path_, line_, wrong_)};
    return std::move(rows_);
  }

 private:
  static constexpr std::size_t kBytesMax = 64u << 20;

  void fail(std::string what) { wrong_ = std::move(what); }

  void read_line(std::string_view line) {
    const auto cells = split_csv(line);
    if (!cells) return fail("a quote is not closed");
    if (place_column_ == kNone) return read_header(*cells);
    if (cells->size() != column_count_) return fail(fmt::format("it has {} cells, the header {}", cells->size(), column_count_));
    read_row((*cells)[place_column_], (*cells)[amount_column_]);
  }

  /// Other columns are the depository's own, and are not read.
  void read_header(const std::vector<std::string>& cells) {
    const auto column = [&](const char* name) {
      return std::count(cells.begin(), cells.end(), name) == 1 ? static_cast<std::size_t>(std::find(cells.begin(), cells.end(), name) - cells.begin()) : kNone;
    };
    place_column_ = column("place");
    amount_column_ = column("amount");
    column_count_ = cells.size();
    if (place_column_ == kNone || amount_column_ == kNone) fail("the header must have one column `place` and one `amount`");
  }

  void read_row(const std::string& place, const std::string& amount) {
    StatementRow row;
    const auto instance = parse_instance(place);
    if (!instance) return fail(fmt::format("`{}` is no account or bucket", place));
    row.is_account = table_.find_account(instance->name) != kNone;
    row.target = row.is_account ? table_.find_account(instance->name) : table_.find_bucket(instance->name);
    if (row.target == kNone || (!row.is_account && table_.bucket(row.target).external)) return fail(fmt::format("the policy has no account or bucket `{}`", instance->name));
    const std::size_t key_count = row.is_account ? table_.account(row.target).keys.size() : table_.bucket(row.target).keys.size();
    if (instance->ids.size() != key_count) return fail(fmt::format("`{}` needs {} ids", instance->name, key_count));
    row.ids = ids_of(instance->ids);
    row.place = print_instance(instance->name, instance->ids);
    if (!read_amount(amount, row)) return;
    const auto same = [&](const StatementRow& other) { return other.place == row.place && other.asset == row.asset; };
    if (std::any_of(rows_.begin(), rows_.end(), same)) return fail(fmt::format("`{}` stands twice in the same asset", row.place));
    rows_.push_back(std::move(row));
  }

  bool read_amount(const std::string& amount, StatementRow& row) {
    const std::size_t space = amount.find_last_of(' ');
    const std::string number = amount.substr(0, amount.find_first_of(' '));
    row.asset = space == std::string::npos ? kNone : table_.find_asset(amount.substr(space + 1));
    if (row.asset == kNone) return fail(fmt::format("`{}` must be a number and an asset of the policy, as in `60 USDC`", amount)), false;
    const bool below_zero = number.starts_with('-');
    const char* begin = number.data() + (below_zero ? 1 : 0);
    if (!parse_decimal(begin, number.data() + number.size(), table_.asset(row.asset).decimals, row.amount)) return fail(fmt::format("{} is no amount of {}", number, table_.asset(row.asset).name)), false;
    if (below_zero) row.amount = -row.amount;
    return true;
  }

  /// An id that the books never saw has a number that no instance in them has.
  Ids ids_of(const std::vector<std::string>& ids) {
    Ids numbers{};
    for (std::size_t i = 0; i < ids.size(); ++i) numbers[i] = books_.number_of(ids[i]);
    return numbers;
  }

  const RuleTable& table_;
  const Books& books_;
  std::string path_, wrong_;
  std::uint32_t line_ = 0;
  std::size_t place_column_ = kNone, amount_column_ = kNone, column_count_ = 0;
  Statement rows_;
};

struct Part { std::string bucket; std::string amount; };
/// One place in one asset, on the statement or in the books.
struct Compared { std::string place; Index asset = kNone; std::optional<Int128> stated; Int128 booked = 0; std::vector<Part> parts; bool agrees() const { return stated == booked; } };

class Reconciler {
 public:
  Reconciler(const LoadedPolicy& policy, const Books& books) : table_(policy.table), words_(policy, books.names()), holdings_(books.gate().holdings()) {}

  std::vector<Compared> compare(const Statement& statement) {
    std::vector<Compared> all;
    std::vector<bool> stated(holdings_.size());
    for (const StatementRow& row : statement) all.push_back(compare(row, stated));
    for (std::size_t i = 0; i < holdings_.size(); ++i)
      if (!stated[i]) all.push_back(unstated(holdings_[i]));
    return all;
  }

 private:
  Compared compare(const StatementRow& row, std::vector<bool>& stated) const {
    Compared compared{row.place, row.asset, row.amount, 0, {}};
    for (std::size_t i = 0; i < holdings_.size(); ++i) {
      const Gate::Holding& holding = holdings_[i];
      if (holding.asset != row.asset || !is_in(holding.bucket, row)) continue;
      stated[i] = true;
      compared.booked += holding.balance;
      compared.parts.push_back(part(holding));
    }
    return compared;
  }

  bool is_in(const Instance& bucket, const StatementRow& row) const {
    if (!row.is_account) return bucket.target == row.target && bucket.ids == row.ids;
    const BucketView view = table_.bucket(bucket.target);
    if (view.account != row.target) return false;
    const auto keys = table_.account(row.target).keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto position = std::find(view.keys.begin(), view.keys.end(), keys[i]) - view.keys.begin();
      if (bucket.ids[static_cast<std::size_t>(position)] != row.ids[i]) return false;
    }
    return true;
  }

  Compared unstated(const Gate::Holding& holding) const { return {words_.bucket(holding.bucket), holding.asset, std::nullopt, holding.balance, {part(holding)}}; }
  Part part(const Gate::Holding& holding) const { return {words_.bucket(holding.bucket), words_.money(holding.balance, holding.asset)}; }

  const RuleTable& table_;
  ValueWords words_;
  std::vector<Gate::Holding> holdings_;
};

void print_for_people(std::ostream& out, const ValueWords& words, const std::vector<Compared>& all) {
  std::size_t breaks = 0;
  for (const Compared& each : all) {
    if (each.agrees()) {
      out << fmt::format("agrees  {}: {}\n", each.place, words.money(each.booked, each.asset));
      continue;
    }
    ++breaks;
    if (!each.stated) {
      out << fmt::format("BREAK   {}: the books have {}, the statement says nothing of it\n", each.place, words.money(each.booked, each.asset));
      continue;
    }
    out << fmt::format("BREAK   {}: the statement says {}, the books {}: {} {}\n", each.place, words.money(*each.stated, each.asset), words.money(each.booked, each.asset),
                       words.money(*each.stated > each.booked ? *each.stated - each.booked : each.booked - *each.stated, each.asset),
                       *each.stated > each.booked ? "more than is booked" : "missing");
    for (const Part& part : each.parts) out << fmt::format("          {}: {}\n", part.bucket, part.amount);
    if (each.parts.empty()) out << "          no bucket of it holds anything\n";
  }
  out << fmt::format("\n{} agree, {} break{}\n", all.size() - breaks, breaks, breaks == 1 ? "" : "s");
}

void print_json(std::ostream& out, const ValueWords& words, const std::vector<Compared>& all) {
  ordered_json document{{"agrees", std::all_of(all.begin(), all.end(), [](const Compared& each) { return each.agrees(); })}, {"places", ordered_json::array()}};
  for (const Compared& each : all) {
    ordered_json place{{"place", each.place}, {"agrees", each.agrees()}, {"books", words.money(each.booked, each.asset)}};
    place["statement"] = each.stated ? ordered_json(words.money(*each.stated, each.asset)) : ordered_json(nullptr);
    place["buckets"] = ordered_json::array();
    for (const Part& part : each.parts) place["buckets"].push_back({{"bucket", part.bucket}, {"amount", part.amount}});
    document["places"].push_back(place);
  }
  out << document.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

ExitCode refuse(Console& console, const FileError& error) {
  console.err << "ringfence: " << printable(error.message) << '\n';
  return kUnusable;
}

ExitCode run_reconcile(const ReconcileOptions& options, Console& console) {
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (std::holds_alternative<ExitCode>(loaded)) return kUnusable;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const auto opened = Books::open(options.state, policy);
  if (const auto* error = std::get_if<FileError>(&opened)) return refuse(console, *error);
  const Books& books = std::get<Books>(opened);
  const auto statement = StatementReader(policy, books, options.statement).read();
  if (const auto* error = std::get_if<FileError>(&statement)) return refuse(console, *error);
  const auto compared = Reconciler(policy, books).compare(std::get<Statement>(statement));
  const ValueWords words(policy, books.names());
  if (options.json) print_json(console.out, words, compared);
  else print_for_people(console.out, words, compared);
  return std::all_of(compared.begin(), compared.end(), [](const Compared& each) { return each.agrees(); }) ? kSuccess : kFindings;
}

}  // namespace

void add_reconcile(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<ReconcileOptions>();
  VerbOptions verb(app, "reconcile", "Compare the books of a gate with a depository's statement");
  verb.argument("POLICY", options->policy, "Policy text or rule table");
  verb.argument("STATE", options->state, "The directory of a gate's journal, or a transfer file; - is standard input");
  verb.argument("STATEMENT", options->statement, "CSV with the columns `place` and `amount`");
  verb.flag("--json", options->json, "One JSON document");
  verb.runs(chosen, [options](Console& console) { return run_reconcile(*options, console); });
}

}  // namespace ringfence
