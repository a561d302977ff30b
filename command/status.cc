// SPDX-License-Identifier: Apache-2.0
// `ringfence status POLICY STATE`: what each account holds for whom, what the policy's floors and invariants require of it, and what is in excess or missing, laid
// out as a daily segregation computation. Exit code: 0 all that is required is there; 1 something is missing; otherwise 2 something required is not known; 3
// when a file can't be read or STATE is of another policy.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "command/books.h"
#include "command/describe.h"
#include "compiler/print_value.h"
#include "command/make_status.h"
#include "command/verb_options.h"
#include "compiler/literals.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

struct StatusOptions { std::string policy, state, at; bool json = false; };

// ---- for people

/// "60.00": so that numbers stand one below the other.
std::string with_all_decimals(Int128 value, unsigned decimals) {
  std::string text = format_decimal(value, decimals);
  if (decimals == 0) return text;
  if (text.find('.') == std::string::npos) text += '.';
  text.append(decimals - (text.size() - text.find('.') - 1), '0');
  return text;
}

std::vector<std::string> roles_of(const Vocabulary& vocabulary, Mask roles) {
  std::vector<std::string> names;
  for (Index role = 0; role < vocabulary.roles.size(); ++role)
    if ((roles >> role & 1u) != 0) names.push_back(vocabulary.roles[role].name);
  return names;
}

class StatusPrinter {
 public:
  StatusPrinter(std::ostream& out, const LoadedPolicy& policy, const Books& books) : out_(out), v_(policy.moves.vocabulary), statements_(policy.moves.statements), words_(policy, books.names()) {}

  void print(const Status& status) {
    out_ << fmt::format("Segregation computation, \"{}\" version \"{}\", as of {}\n", printable(v_.policy_name), printable(v_.policy_version), print_instant(status.at_ms));
    for (const AccountStatus& account : status.accounts) print(account);
    if (status.accounts.empty()) out_ << "\nNothing is held, and nothing is required.\n";
    if (!status.invariants.empty()) out_ << "\nRequired by invariants\n";
    for (const Requirement& invariant : status.invariants) print_invariant(invariant);
    if (!status.modes.empty()) out_ << "\nNot in their first mode\n";
    for (const ModeStatus& mode : status.modes) out_ << fmt::format("  {}: {}{}\n", mode.subject, mode.mode, mode.unknown.empty() ? "" : ": " + mode.unknown);
    if (!status.obligations.empty()) out_ << "\nObligations\n";
    for (const ObligationStatus& obligation : status.obligations) print(obligation);
    if (!status.unasked.empty()) out_ << fmt::format("\nThe policy states no floor for {}: nothing is required of them alone.\n", fmt::join(status.unasked, ", "));
  }

 private:
  void print(const AccountStatus& account) {
    const std::string& asset = v_.assets[account.asset].name;
    out_ << fmt::format("\n{:<52}{:>22}{:>22}{:>22}\n", fmt::format("{}, {}", account.name, asset), "held", "required", "excess");
    for (const Group& owner : account.owners) {
      line("  " + owner.name, owner.held(), owner.required(), account.asset, "");
      for (const BucketRow& row : owner.rows) print(row, account.asset);
    }
    line("  in the account", account.all.held(), account.all.required(), account.asset, "");
  }

  void print(const ObligationStatus& obligation) {
    const RuleText& words = statements_[obligation.statement].words;
    out_ << fmt::format("  {:<6}  {}: {} since {}, {} {}, {} {} (line {}{})\n", obligation.has_passed ? "PASSED" : "due", obligation.subject, obligation.mode,
                        print_instant(obligation.entered_ms), obligation.has_passed ? "had to end by" : "must end by", print_instant(obligation.due_ms),
                        obligation.has_passed ? "fell into" : "else", obligation.falls_into, words.line, words.cite.empty() ? "" : ", " + printable(words.cite));
    if (words.notify != 0) out_ << fmt::format("          concerns {}\n", fmt::join(roles_of(v_, words.notify), ", "));
  }

  void print(const BucketRow& row, Index asset) {
    line("    " + words_.bucket(row.bucket), row.held, row.required(), asset, row.mode + (row.deficit() ? "  DEFICIT" : ""));
    for (const Requirement& floor : row.floors) {
      if (!floor.unknown.empty()) out_ << fmt::format("      required by line {} is NOT KNOWN: {}\n", floor.line, floor.unknown);
      if (floor.lifted) out_ << fmt::format("      line {} is lifted by its `unless`\n", floor.line);
    }
  }

  void line(const std::string& name, Int128 held, const std::optional<Int128>& required, Index asset, const std::string& note) {
    const unsigned decimals = v_.assets[asset].decimals;
    const auto number = [&](const std::optional<Int128>& value) { return value ? with_all_decimals(*value, decimals) : std::string("-"); };
    out_ << fmt::format("{:<52}{:>22}{:>22}{:>22}{}{}\n", name, number(held), number(required), number(required ? std::optional(held - *required) : std::nullopt), note.empty() ? "" : "  ", note);
  }

  void print_invariant(const Requirement& invariant) {
    const std::string of = invariant.of.empty() ? "" : " for " + invariant.of;
    const char* verdict = invariant.lifted ? "lifted" : !invariant.unknown.empty() ? "NOT KNOWN" : invariant.met ? "met" : "NOT MET";
    out_ << fmt::format("  {:<9}  line {}: {}{}", verdict, invariant.line, printable(invariant.text), of);
    if (invariant.measure) out_ << fmt::format(": {}, required {} {}, excess {}", number(invariant.measure->held, invariant.asset), invariant.bound,
                                               number(invariant.measure->required, invariant.asset), number(invariant.measure->excess, invariant.asset));
    out_ << (invariant.unknown.empty() ? "\n" : fmt::format(": {}\n", invariant.unknown));
  }

  std::string number(Int128 value, Index asset) const { return asset == kNone ? to_string(value) : words_.money(value, asset); }

  std::ostream& out_;
  const Vocabulary& v_;
  const std::vector<Statement>& statements_;
  ValueWords words_;
};

// ---- for programs

class StatusJson {
 public:
  StatusJson(const LoadedPolicy& policy, const Books& books) : policy_(policy), v_(policy.moves.vocabulary), words_(policy, books.names()) {}

  ordered_json document(const Status& status, const char* answer) const {
    ordered_json out{{"policy", v_.policy_name}, {"version", v_.policy_version}, {"source_digest", policy_.moves.source_digest}, {"as_of", print_instant(status.at_ms)},
                     {"answer", answer}, {"accounts", ordered_json::array()}, {"invariants", ordered_json::array()}, {"modes", ordered_json::array()}, {"obligations", ordered_json::array()}, {"without_floor", status.unasked}};
    for (const AccountStatus& account : status.accounts) out["accounts"].push_back(of(account));
    for (const Requirement& invariant : status.invariants) out["invariants"].push_back(of(invariant));
    for (const ModeStatus& mode : status.modes) {
      out["modes"].push_back({{"subject", mode.subject}, {"mode", mode.mode}});
      if (!mode.unknown.empty()) out["modes"].back()["unknown"] = mode.unknown;
    }
    for (const ObligationStatus& obligation : status.obligations) out["obligations"].push_back(of(obligation));
    return out;
  }

 private:
  ordered_json sums(Int128 held, const std::optional<Int128>& required, Index asset) const {
    ordered_json out{{"held", words_.money(held, asset)}};
    out["required"] = required ? ordered_json(words_.money(*required, asset)) : ordered_json(nullptr);
    out["excess"] = required ? ordered_json(words_.money(held - *required, asset)) : ordered_json(nullptr);
    return out;
  }

  ordered_json of(const ObligationStatus& obligation) const {
    const RuleText& words = policy_.moves.statements[obligation.statement].words;
    return {{"subject", obligation.subject}, {"mode", obligation.mode}, {"since", print_instant(obligation.entered_ms)}, {"due", print_instant(obligation.due_ms)},
            {"else", obligation.falls_into}, {"passed", obligation.has_passed}, {"line", words.line}, {"text", words.text}, {"cite", words.cite},
            {"notify", roles_of(v_, words.notify)}};
  }

  ordered_json of(const AccountStatus& account) const {
    ordered_json out{{"account", account.name}, {"asset", v_.assets[account.asset].name}};
    out.update(sums(account.all.held(), account.all.required(), account.asset));
    for (const Group& owner : account.owners) {
      ordered_json group{{"owner", owner.name}};
      group.update(sums(owner.held(), owner.required(), account.asset));
      for (const BucketRow& row : owner.rows) group["buckets"].push_back(of(row, account.asset));
      out["owners"].push_back(group);
    }
    return out;
  }

  ordered_json of(const BucketRow& row, Index asset) const {
    ordered_json out{{"bucket", words_.bucket(row.bucket)}};
    out.update(sums(row.held, row.required(), asset));
    if (!row.mode.empty()) out["mode"] = row.mode;
    for (const Requirement& floor : row.floors) out["floors"].push_back(of(floor));
    return out;
  }

  ordered_json of(const Requirement& required) const {
    ordered_json out{{"line", required.line}, {"text", required.text}, {"lifted", required.lifted}, {"met", required.met}};
    if (!required.of.empty()) out["of"] = required.of;
    if (!required.unknown.empty()) out["unknown"] = required.unknown;
    if (!required.measure) return out;
    const auto number = [&](Int128 value) { return required.asset == kNone ? to_string(value) : words_.money(value, required.asset); };
    out["bound"] = required.bound;
    out["held"] = number(required.measure->held);
    out["required"] = number(required.measure->required);
    out["excess"] = number(required.measure->excess);
    return out;
  }

  const LoadedPolicy& policy_;
  const Vocabulary& v_;
  ValueWords words_;
};

ExitCode exit_code_of(const Status& status) {
  bool missing = false, unknown = false;
  const auto judge = [&](const Requirement& required) {
    unknown = unknown || !required.unknown.empty();
    missing = missing || (!required.met && required.unknown.empty());
  };
  for (const Requirement& invariant : status.invariants) judge(invariant);
  for (const AccountStatus& account : status.accounts)
    for (const BucketRow& row : account.all.rows)
      for (const Requirement& floor : row.floors) judge(floor);
  return missing ? kFindings : unknown ? kUndecided : kSuccess;
}

ExitCode refuse(Console& console, const std::string& message) {
  console.err << "ringfence: " << printable(message) << '\n';
  return kUnusable;
}

ExitCode run_status(const StatusOptions& options, Console& console) {
  const auto at = options.at.empty() ? std::optional<std::int64_t>(0) : parse_instant_ms(options.at);
  if (!at) return refuse(console, fmt::format("--at: `{}` is not an instant, as in 2026-01-05T09:30:00Z", options.at));
  const auto loaded = load_policy(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code == kFindings ? kUnusable : *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const auto books = Books::open(options.state, policy);
  if (const auto* error = std::get_if<FileError>(&books)) return refuse(console, error->message);
  const Books& held = std::get<Books>(books);
  const Status status = make_status(policy, held, options.at.empty() ? held.as_of_ms() : *at);
  const ExitCode code = exit_code_of(status);
  if (!options.json) StatusPrinter(console.out, policy, held).print(status);
  else console.out << StatusJson(policy, held).document(status, code == kSuccess ? "met" : code == kFindings ? "missing" : "unknown").dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  return code;
}

}  // namespace

void add_status(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<StatusOptions>();
  VerbOptions verb(app, "status", "What each account holds for whom, what the policy requires, and what is missing");
  verb.argument("POLICY", options->policy, "Policy text");
  verb.argument("STATE", options->state, "The directory of a gate's journal, or a transfer file; - is standard input");
  verb.option("--at", "INSTANT", options->at, "The time that facts must be fresh at, when it is not that of the last thing that happened");
  verb.flag("--json", options->json, "One JSON document");
  verb.runs(chosen, [options](Console& console) { return run_status(*options, console); });
}

}  // namespace ringfence
