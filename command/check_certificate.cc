// SPDX-License-Identifier: Apache-2.0
// `ringfence check-certificate DIR`: whether a proof is whole, about its table, and right, by solvers that had no part in making it and by
// the independent checker. Exit code: 0 when all is PROVED and confirmed, 1 when something is wrong or not PROVED, otherwise 2 when
// something was not decided; 3 when the directory can't be used, or a program that was required is not there.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/certificate_directory.h"
#include "command/describe.h"
#include "command/interrupt.h"
#include "command/progress.h"
#include "command/run_process.h"
#include "command/smt_script.h"
#include "command/time_limits.h"
#include "command/verb_options.h"
#include "verify/certificate.h"
#include "verify/run_script.h"

namespace ringfence {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

struct CheckOptions {
  std::string directory, with = "all";
  std::vector<std::string> required;
  TimeLimits limits;
  bool regenerate = false, json = false;
};

enum class Outcome : std::uint8_t { Confirmed, NotDone, Undecided, Wrong };
const char* outcome_word(Outcome outcome) {
  constexpr const char* kWords[] = {"confirmed", "not done", "not decided", "WRONG"};
  return kWords[static_cast<std::size_t>(outcome)];
}

struct Finding { std::string by; Outcome outcome; std::string words; };
struct ClaimFindings { const ManifestClaim* claim; std::vector<Finding> findings; };

/// What a solver printed for a certificate, which must be `unsat` for each obligation and nothing else.
Finding judge_answers(const std::string& solver, const std::string& printed, std::uint32_t obligations) {
  std::istringstream lines(printed);
  std::uint32_t unsat = 0, unknown = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line == "unsat") ++unsat;
    else if (line == "unknown") ++unknown;
    else return {solver, Outcome::Wrong, fmt::format("answer {} of {} is `{}`", unsat + unknown + 1, obligations, line.substr(0, 200))};
  }
  if (unsat + unknown > obligations) return {solver, Outcome::Wrong, "there are more answers than obligations"};
  return {solver, unsat == obligations ? Outcome::Confirmed : Outcome::Undecided, fmt::format("{} of {} obligations unsat", unsat, obligations)};
}

class Checker {
 public:
  Checker(const CheckOptions& options, const CertificateDirectory& certificate, Progress& progress)
      : options_(options), certificate_(certificate), progress_(progress),
        budget_(options.limits.budget()), deadline_(std::min(budget_.end, Clock::now() + std::chrono::hours(24 * 365))) {
    std::error_code error;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
    checker_ = (own.parent_path() / "ringfence-checker").string();
    has_checker_ = !error && std::filesystem::exists(checker_, error);
    const auto version = run_process({"cvc5", "--version"}, Clock::now() + std::chrono::seconds(10));
    has_cvc5_ = version && version->exit_code == 0;
  }

  /// What was required and is not there; empty when all is.
  std::string missing() const {
    const auto required = [&](const char* name) { return std::count(options_.required.begin(), options_.required.end(), name) != 0; };
    if (required("cvc5") && !has_cvc5_) return "cvc5 is required, but it is not installed";
    if (required("checker") && !has_checker_) return fmt::format("the independent checker is required, but there is no `{}`", checker_);
    return {};
  }

  std::vector<ClaimFindings> check_claims() {
    std::vector<ClaimFindings> all;
    for (const ManifestClaim& claim : certificate_.manifest.claims) all.push_back({&claim, check(claim)});
    return all;
  }

  /// The table and the manifest, as one; then the proof made again.
  std::vector<Finding> check_whole(std::vector<ClaimFindings>& claims) {
    const auto read = read_table(certificate_);
    if (const auto* error = std::get_if<FileError>(&read)) return {{"table", Outcome::Wrong, error->message}};
    const RuleTable& table = std::get<RuleTable>(read);
    std::vector<Finding> findings{claims_of(table)};
    if (options_.regenerate) regenerate(table, claims);
    return findings;
  }

 private:
  std::vector<Finding> check(const ManifestClaim& claim) {
    if (claim.answer != Answer::Proved) {
      const Outcome outcome = claim.is_advice() ? Outcome::NotDone : claim.answer == Answer::Refuted ? Outcome::Wrong : Outcome::Undecided;
      return {{"manifest", outcome, fmt::format("it is {}", answer_word(claim.answer))}};
    }
    if (claim.file.empty()) return {};
    progress_.set(fmt::format("checking {}", claim.file));
    const auto read = read_claim(certificate_, claim);
    if (const auto* error = std::get_if<FileError>(&read)) return {{"file", Outcome::Wrong, error->message}};
    const std::string& text = std::get<std::string>(read);
    std::vector<Finding> findings{check_text(claim, text)};
    if (findings[0].outcome == Outcome::Wrong) return findings;
    if (options_.with != "cvc5") findings.push_back(by_z3(claim, text));
    if (options_.with != "z3") findings.push_back(by_cvc5(claim));
    if (claim.is_for_checker()) findings.push_back(by_checker(claim));
    return findings;
  }

  std::string path(const std::string& file) const { return certificate_.path + "/" + file; }

  /// Of which table and statement it is; only commands that can't answer for themselves, as many obligations as said, nothing contradictory before them.
  Finding check_text(const ManifestClaim& claim, const std::string& text) const {
    const auto wrong = [](const std::string& words) { return Finding{"text", Outcome::Wrong, words}; };
    const std::string header = text.substr(0, text.find("\n("));
    if (header.find(table_line(certificate_.manifest.table_digest)) == std::string::npos) return wrong("it is about another table");
    if (header.find(statement_line(claim.line, claim.text)) == std::string::npos) return wrong(fmt::format("it is about another {}", claim.is_about_rows() ? "property" : claim.kind));
    const auto read = read_script(text);
    if (const auto* why = std::get_if<std::string>(&read)) return wrong(*why);
    const SmtScript& script = std::get<SmtScript>(read);
    if (script.check_sats != claim.obligations) return wrong(fmt::format("it has {} obligations, the manifest says {}", script.check_sats, claim.obligations));
    const std::string before = run_script(script.prelude + "(check-sat)\n", query_timeout_ms(), deadline_);
    if (before == "unknown\n") return {"text", Outcome::Undecided, "whether what stands before the obligations is free of contradiction"};
    if (before != "sat\n") return wrong("what stands before the obligations is contradictory or no SMT-LIB: anything would follow from it");
    return {"text", Outcome::Confirmed, "of this table and claim, whole, and free of commands that answer for themselves"};
  }

  Finding by_z3(const ManifestClaim& claim, const std::string& text) const { return judge_answers(solver_name(), run_script(text, query_timeout_ms(), deadline_), claim.obligations); }

  Finding by_cvc5(const ManifestClaim& claim) const {
    if (!has_cvc5_) return {"cvc5", Outcome::NotDone, "it is not installed"};
    const auto end = run_process({"cvc5", "--incremental", "--lang", "smt2", fmt::format("--tlimit-per={}", query_timeout_ms()), path(claim.file)}, deadline_);
    if (!end || !end->exit_code) return {"cvc5", Outcome::Undecided, "it did not end in time"};
    return judge_answers("cvc5", end->out, claim.obligations);
  }

  Finding by_checker(const ManifestClaim& claim) const {
    const char* const name = "ringfence-checker";
    if (!has_checker_) return {name, Outcome::NotDone, fmt::format("there is no `{}`", checker_)};
    const auto end = run_process({checker_, path(kTableName), path(claim.file)}, deadline_);
    if (!end || !end->exit_code) return {name, Outcome::Undecided, "it did not end in time"};
    const std::string said = end->out.substr(0, end->out.find('\n'));
    if (end->exit_code == 0 && claim.is_about_rows()) return {name, Outcome::Confirmed, "no row of the table, read anew, lets a transfer through that does otherwise"};
    if (end->exit_code == 0) return {name, Outcome::Confirmed, fmt::format("the {} follows from the table, derived anew, and what the certificate claims of its states", claim.kind)};
    return {name, end->exit_code == 2 ? Outcome::Undecided : Outcome::Wrong, said};
  }

  /// The manifest claims what the table says: its policy, each of its fences, and each of its invariants.
  Finding claims_of(const RuleTable& table) const {
    const Manifest& manifest = certificate_.manifest;
    const Moves moves = decode(table);
    std::vector<Asked> fences, invariants;
    for (const Fence& fence : moves.vocabulary.fences) fences.emplace_back(fence.line, fence.text);
    for (const Invariant& invariant : moves.invariants) {
      const RuleText& words = moves.statements[invariant.claim.statement].words;
      invariants.emplace_back(words.line, words.text);
    }
    const bool same = manifest.policy == moves.vocabulary.policy_name && manifest.policy_version == moves.vocabulary.policy_version &&
                      manifest.source_digest == moves.source_digest && asked_in_manifest(&ManifestClaim::is_fence) == fences &&
                      asked_in_manifest(&ManifestClaim::is_invariant) == invariants;
    if (!same) return {"table", Outcome::Wrong, "the manifest does not name the policy, the fences and the invariants of this table"};
    if (fences.empty()) return {"table", Outcome::Wrong, "the policy has no fence: nothing is proved"};
    return {"table", Outcome::Confirmed, fmt::format("it has the digest in the manifest, {}these fences and invariants", manifest.all_proved() ? "carries the manifest's, and has " : "and ")};
  }

  /// Line and text of a statement that is proved.
  using Asked = std::pair<std::uint32_t, std::string>;
  std::vector<Asked> asked_in_manifest(bool (ManifestClaim::*is_kind)() const noexcept) const {
    std::vector<Asked> asked;
    for (const ManifestClaim& claim : certificate_.manifest.claims)
      if ((claim.*is_kind)()) asked.emplace_back(claim.line, claim.text);
    return asked;
  }

  /// Proves the table again, and compares each certificate byte by byte.
  void regenerate(const RuleTable& table, std::vector<ClaimFindings>& claims) {
    VerifyOptions how;
    how.budget = budget_;
    how.progress = [this](std::string_view doing) { progress_.set(doing); };
    const Verdict verdict = verify(table, how);
    const Manifest again = manifest_of(table, decode(table), verdict);
    for (ClaimFindings& each : claims) {
      if (each.claim->answer != Answer::Proved) continue;
      const auto made = std::find_if(again.claims.begin(), again.claims.end(), [&](const ManifestClaim& claim) { return claim.kind == each.claim->kind && claim.text == each.claim->text && claim.line == each.claim->line; });
      each.findings.push_back(made == again.claims.end() ? Finding{"made again", Outcome::NotDone, "it takes more than the table: `ringfence verify` proves it of the policy's text"}
                                                         : compare(*each.claim, *made));
    }
  }

  Finding compare(const ManifestClaim& claim, const ManifestClaim& made) const {
    const char* const by = "made again";
    if (made.answer == Answer::Unknown) return {by, Outcome::Undecided, "it is UNKNOWN this time"};
    if (made.answer != Answer::Proved) return {by, Outcome::Wrong, fmt::format("it is {}", answer_word(made.answer))};
    if (made.sha256 == claim.sha256 && made.obligations == claim.obligations) return {by, Outcome::Confirmed, claim.file.empty() ? "PROVED again" : "the same bytes"};
    if (certificate_.manifest.tool_version != RINGFENCE_VERSION) return {by, Outcome::Undecided, fmt::format("another text; ringfence {} wrote this one, and this is {}", certificate_.manifest.tool_version, RINGFENCE_VERSION)};
    return {by, Outcome::Wrong, "these are not the obligations of the table: another text is made from it"};
  }

  std::uint32_t query_timeout_ms() const { return budget_.query_ms; }

  const CheckOptions& options_;
  const CertificateDirectory& certificate_;
  Progress& progress_;
  const Budget budget_;
  const Clock::time_point deadline_;   ///< its end, or one that programs can be given
  std::string checker_;
  bool has_checker_ = false, has_cvc5_ = false;
};

// ---- what is said of it

Outcome worst(const std::vector<Finding>& findings) {
  Outcome outcome = Outcome::Confirmed;
  for (const Finding& finding : findings) outcome = std::max(outcome, finding.outcome);
  return outcome;
}

Outcome overall(const std::vector<Finding>& whole, const std::vector<ClaimFindings>& claims) {
  Outcome outcome = worst(whole);
  for (const ClaimFindings& each : claims) outcome = std::max(outcome, worst(each.findings));
  return outcome == Outcome::NotDone ? Outcome::Confirmed : outcome;
}

/// Whether something that reads the table itself has said that these are its obligations.
bool tied_to_table(const std::vector<ClaimFindings>& claims) {
  return std::all_of(claims.begin(), claims.end(), [](const ClaimFindings& each) {
    return !each.claim->is_for_checker() || each.claim->file.empty() || each.claim->answer != Answer::Proved || std::any_of(each.findings.begin(), each.findings.end(), [](const Finding& finding) {
      return finding.outcome == Outcome::Confirmed && (finding.by == "ringfence-checker" || finding.by == "made again");
    });
  });
}

std::string conclusion(Outcome outcome, const std::vector<ClaimFindings>& claims) {
  if (outcome == Outcome::Wrong) return "NOT CONFIRMED: something is wrong or not proved, as said above";
  if (outcome == Outcome::Undecided) return "NOT CONFIRMED: something was not decided, as said above";
  if (!tied_to_table(claims)) return "CONFIRMED, but for whether these are the obligations of the table: --regenerate and ringfence-checker say that";
  return "CONFIRMED";
}

void print_for_people(std::ostream& out, const Manifest& manifest, const std::vector<Finding>& whole, const std::vector<ClaimFindings>& claims) {
  const auto print_findings = [&](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) out << fmt::format("  {:11}  {}: {}\n", outcome_word(finding.outcome), finding.by, printable(finding.words));
  };
  out << printable(fmt::format("policy \"{}\" version \"{}\", table {}", manifest.policy, manifest.policy_version, manifest.table_digest)) << '\n';
  print_findings(whole);
  for (const ClaimFindings& each : claims) {
    out << printable(each.claim->line == 0 ? each.claim->text : fmt::format("line {}: {}", each.claim->line, each.claim->text)) << '\n';
    print_findings(each.findings);
    if (each.findings.empty()) out << "  not done     it has no certificate; --regenerate proves it again\n";
  }
  out << '\n' << conclusion(overall(whole, claims), claims) << '\n';
}

void print_json(std::ostream& out, const Manifest& manifest, const std::vector<Finding>& whole, const std::vector<ClaimFindings>& claims) {
  const auto to_json = [](const std::vector<Finding>& findings) {
    ordered_json list = ordered_json::array();
    for (const Finding& finding : findings) list.push_back({{"by", finding.by}, {"outcome", outcome_word(finding.outcome)}, {"words", finding.words}});
    return list;
  };
  ordered_json document{{"policy", manifest.policy}, {"version", manifest.policy_version}, {"table_digest", manifest.table_digest},
                        {"confirmed", overall(whole, claims) == Outcome::Confirmed}, {"obligations_of_the_table", tied_to_table(claims)},
                        {"conclusion", conclusion(overall(whole, claims), claims)}, {"findings", to_json(whole)}, {"claims", ordered_json::array()}};
  for (const ClaimFindings& each : claims)
    document["claims"].push_back({{"kind", each.claim->kind}, {"number", each.claim->number}, {"line", each.claim->line}, {"text", each.claim->text},
                                  {"file", each.claim->file}, {"findings", to_json(each.findings)}});
  out << document.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

ExitCode refuse(const std::string& message, Console& console) {
  console.err << "ringfence: " << printable(message) << '\n';
  return kUnusable;
}

ExitCode run_check_certificate(const CheckOptions& options, Console& console) {
  const auto opened = open_certificate(options.directory);
  if (const auto* error = std::get_if<FileError>(&opened)) return refuse(error->message, console);
  const auto& certificate = std::get<CertificateDirectory>(opened);
  end_on_interrupt();
  std::vector<Finding> whole;
  std::vector<ClaimFindings> claims;
  {
    Progress progress("checking the proof in " + options.directory);
    Checker checker(options, certificate, progress);
    if (const std::string missing = checker.missing(); !missing.empty()) return refuse(missing, console);
    claims = checker.check_claims();
    whole = checker.check_whole(claims);
  }
  if (options.json) print_json(console.out, certificate.manifest, whole, claims);
  else print_for_people(console.out, certificate.manifest, whole, claims);
  switch (overall(whole, claims)) {
    case Outcome::Wrong: return kFindings;
    case Outcome::Undecided: return kUndecided;
    case Outcome::Confirmed: case Outcome::NotDone: break;
  }
  return kSuccess;
}

}  // namespace

void add_check_certificate(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<CheckOptions>();
  VerbOptions verb(app, "check-certificate", "Check a proof again, by solvers and by a checker that had no part in it");
  verb.argument("DIR", options->directory, "Certificate directory, as verify --certificate writes it");
  verb.choice("--with", {"z3", "cvc5", "all"}, options->with, "Solvers");
  verb.choice("--require", {"cvc5", "checker"}, options->required, "Fail where this program is not there");
  verb.flag("--regenerate", options->regenerate, "Prove the table again, and compare the certificates byte by byte");
  add_time_limits(verb, options->limits);
  verb.flag("--json", options->json, "One JSON document");
  verb.runs(chosen, [options](Console& console) { return run_check_certificate(*options, console); });
}

}  // namespace ringfence
