// SPDX-License-Identifier: Apache-2.0
// `ringfence verify POLICY|TABLE`: proves or refutes each fence and each property of the rule table, and says what that rests on. Exit code:
// 0 when all are PROVED, 1 when one is REFUTED, otherwise 2 when one is UNKNOWN; 3 when a certificate can't be written.
#include <algorithm>
#include <tuple>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "command/certificate_directory.h"
#include "command/describe.h"
#include "command/file.h"
#include "command/instance.h"
#include "command/interrupt.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/since.h"
#include "command/time_limits.h"
#include "command/trace_scenario.h"
#include "command/verb_options.h"
#include "compiler/print_value.h"
#include "verify/equivalence.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

struct VerifyVerbOptions { std::string policy, text, certificates, since, scenarios; bool json = false; TimeLimits limits; };

/// What a release point is, looked up: the rule, who may use it, on what conditions.
struct ReleaseWords { const Statement* statement; std::string pair, roles; std::vector<std::string> conditions; };

std::string roles_in_words(const Vocabulary& vocabulary, Mask roles) {
  std::string text;
  for (std::size_t role = 0; role < vocabulary.roles.size(); ++role)
    if ((roles >> role & 1u) != 0) text += (text.empty() ? "" : ", ") + vocabulary.roles[role].name;
  return text;
}

/// "Client.wallet -> House.fees", with the entities whose ids differ.
std::string pair_in_words(const Vocabulary& vocabulary, const ReleasePoint& point) {
  const Bucket& from = vocabulary.buckets[point.from];
  const Bucket& to = vocabulary.buckets[point.to];
  std::string text = fmt::format("{} -> {}", from.name, to.name);
  const std::vector<Index> shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if ((point.relation >> i & 1u) != 0) text += fmt::format(", another {}", vocabulary.entities[shared[i]].name);
  return text;
}

ReleaseWords words_of(const Moves& moves, const ReleasePoint& point) {
  ReleaseWords words{&moves.statements[point.statement], pair_in_words(moves.vocabulary, point), roles_in_words(moves.vocabulary, point.roles), {}};
  const auto place = [](const auto& each) { return std::tuple(each.from, each.to, each.relation); };
  const auto before = [&](const Move& move, const ReleasePoint& sought) { return place(move) < place(sought); };
  for (auto move_at = std::lower_bound(moves.moves.begin(), moves.moves.end(), point, before); move_at != moves.moves.end() && place(*move_at) == place(point); ++move_at) {
    const Move& move = *move_at;
    if ((move.roles & point.roles) == 0) continue;
    for (const Guarded& allow : move.allows) {
      if (allow.statement != point.statement) continue;
      for (const Clause& clause : allow.clauses) words.conditions.push_back(clause.text);
      return words;
    }
  }
  return words;
}

// ---- for people

void print_release_points(std::ostream& out, const Moves& moves, const std::vector<ReleasePoint>& points) {
  if (points.empty()) return;
  out << "  title passes across it only by:\n";
  for (const ReleasePoint& point : points) {
    const ReleaseWords words = words_of(moves, point);
    out << fmt::format("    line {}: {}\n      {}, by {}", words.statement->words.line, words.statement->words.text, words.pair, words.roles);
    for (const std::string& condition : words.conditions) out << fmt::format("\n      when {}", condition);
    if (!words.statement->words.cite.empty()) out << fmt::format("\n      cites {}", words.statement->words.cite);
    out << '\n';
  }
}

void print_fence(std::ostream& out, const Moves& moves, const FenceVerdict& verdict) {
  const Fence& fence = moves.vocabulary.fences[verdict.fence];
  out << fmt::format("{}  line {}: {}", answer_word(verdict.answer), fence.line, fence.text);
  if (!fence.cite.empty() && fence.text.find(fence.cite) == std::string::npos) out << fmt::format(" ({})", fence.cite);
  out << '\n';
  if (verdict.answer == Answer::Proved) out << fmt::format("  holds in every run; {} obligations, each unsatisfiable\n", verdict.obligations);
  if (verdict.answer == Answer::Unknown) out << "  " << verdict.reason << '\n';
  if (verdict.trace) out << print(moves.vocabulary, *verdict.trace);
  print_release_points(out, moves, verdict.release_points);
  out << '\n';
}

/// What is proved takes one line.
void print_property(std::ostream& out, const Moves& moves, const PropertyVerdict& property) {
  out << answer_word(property.answer) << "  ";
  if (property.line != 0) out << fmt::format("line {}: ", property.line);
  out << property.claim << '\n';
  if (!property.reason.empty()) out << "  " << property.reason << '\n';
  for (const PropertyDetail& detail : property.details)
    out << (detail.line != 0 ? fmt::format("    line {}: {}\n", detail.line, detail.text) : fmt::format("    {}\n", detail.text));
  if (property.trace) out << print(moves.vocabulary, *property.trace);
}

template <class Verdicts>
std::string counted(const Verdicts& verdicts) {
  const auto count = [&](Answer answer) {
    return std::count_if(verdicts.begin(), verdicts.end(), [&](const auto& verdict) { return verdict.answer == answer; });
  };
  return fmt::format("{} proved, {} refuted, {} unknown", count(Answer::Proved), count(Answer::Refuted), count(Answer::Unknown));
}

void print_for_people(std::ostream& out, const Moves& moves, const Verdict& verdict, bool compared_with_text, const std::string& since) {
  for (const FenceVerdict& fence : verdict.fences) print_fence(out, moves, fence);
  if (verdict.fences.empty()) out << "The policy has no fence: nothing is said of whose money goes where.\n\n";
  for (const PropertyVerdict& property : verdict.properties) print_property(out, moves, property);
  if (!compared_with_text) out << "The table was not compared with a policy text; `--policy FILE` does that.\n";
  if (!verdict.properties.empty() || !compared_with_text) out << '\n';
  out << "This rests on what is assumed and not proved:\n";
  for (const Trust trust : trusted_in(verdict)) out << "  - " << trust_sentence(trust) << '\n';
  out << fmt::format("\nfences: {}\nproperties: {}\n", counted(verdict.fences), counted(verdict.properties));
  if (!since.empty()) out << fmt::format("obligations: {} taken over from {}, {} answered anew\n", verdict.taken_over, since, verdict.answered);
}

// ---- for programs

ordered_json instance_json(const std::string& name, const NamedInstance& instance) { return print_instance(name, instance.ids); }

class TraceJson {
 public:
  explicit TraceJson(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  ordered_json trace(const Trace& trace) const {
    ordered_json out{{"summary", trace.summary}, {"opening", ordered_json::array()}, {"steps", ordered_json::array()}, {"coins", ordered_json::array()}};
    for (const TraceHolding& holding : trace.opening)
      out["opening"].push_back({{"holds", bucket(holding.bucket)}, {"amount", money(holding.balance, holding.asset)}});
    for (std::size_t first = 0; first < trace.steps.size();) {
      const std::size_t end = batch_end(trace, first);
      out["steps"].push_back(end == first + 1 ? step(trace.steps[first]) : batch(trace, first, end));
      first = end;
    }
    for (std::size_t i = 0; i < trace.steps.size(); ++i)   // apart from the steps, which a gate can read
      if (trace.steps[i].lender) out["lenders"].push_back({{"step", i + 1}, {"lender", bucket(*trace.steps[i].lender)}});
    for (const auto& places : trace.coins) {
      ordered_json coin = ordered_json::array();
      for (const CoinPlace& place : places)
        coin.push_back(place.present ? ordered_json{{"title", bucket(place.title)}, {"at", bucket(place.at)}} : ordered_json(nullptr));
      out["coins"].push_back(coin);
    }
    return out;
  }

 private:
  std::string money(Int128 amount, Index asset) const {
    return print_money(vocabulary_, amount, asset);
  }
  ordered_json bucket(const NamedInstance& instance) const { return instance_json(vocabulary_.buckets[instance.target].name, instance); }

  std::string fact_value(const TraceFact& given) const {
    return print_fact(vocabulary_, vocabulary_.facts[given.subject.target], given.number);
  }

  ordered_json batch(const Trace& trace, std::size_t first, std::size_t end) const {
    ordered_json out{{"batch", fmt::format("b{}", first + 1)}, {"transfers", ordered_json::array()}};
    for (; first < end; ++first) out["transfers"].push_back(step(trace.steps[first]));
    return out;
  }

  /// The record of a transfer file that does the same, so that a step can be fed to `gate`; of a deadline that passes, what it brings.
  ordered_json step(const TraceStep& step) const {
    ordered_json out;
    for (const TraceFact& fact : step.facts)
      out["facts"].push_back({{"fact", vocabulary_.facts[fact.subject.target].name}, {"of", fact.subject.ids}, {"value", fact_value(fact)}});
    if (step.is_by_clock) {
      const ModeMachine& machine = vocabulary_.machines[step.subject.target];
      out["by_the_clock"] = instance_json(subject_name(vocabulary_, machine.subject), step.subject);
      out["to"] = machine.modes[step.to_mode];
      out["time"] = print_instant(step.time_ms);
      return out;
    }
    if (step.is_transfer) {
      out["purpose"] = vocabulary_.purposes[step.transfer.purpose].name;
      out["from"] = bucket(step.transfer.from);
      out["to"] = bucket(step.transfer.to);
      out["amount"] = money(step.transfer.amount, step.transfer.asset);
    } else {
      const ModeMachine& machine = vocabulary_.machines[step.subject.target];
      out["change"] = instance_json(subject_name(vocabulary_, machine.subject), step.subject);
      out["to"] = machine.modes[step.to_mode];
    }
    out["by"] = vocabulary_.roles[step.role].name;
    out["person"] = step.person;
    for (const NamedApproval& approval : step.approvals) {
      ordered_json roles = ordered_json::array();
      for (std::size_t role = 0; role < vocabulary_.roles.size(); ++role)
        if ((approval.roles >> role & 1u) != 0) roles.push_back(vocabulary_.roles[role].name);
      out["approvals"].push_back({{"person", approval.person}, {"roles", roles}});
    }
    for (std::size_t kind = 0; kind < vocabulary_.evidence.size(); ++kind)
      if ((step.evidence >> kind & 1u) != 0) out["evidence"].push_back(vocabulary_.evidence[kind].name);
    out["time"] = print_instant(step.time_ms);
    return out;
  }

  const Vocabulary& vocabulary_;
};

ordered_json to_json(const Moves& moves, const FenceVerdict& verdict) {
  const Fence& fence = moves.vocabulary.fences[verdict.fence];
  ordered_json out{{"fence", verdict.fence + 1}, {"line", fence.line}, {"text", fence.text}, {"cite", fence.cite}, {"answer", answer_word(verdict.answer)}};
  if (verdict.answer == Answer::Proved) out["obligations"] = verdict.obligations;
  if (verdict.answer == Answer::Unknown) out["reason"] = verdict.reason;
  if (verdict.trace) out["trace"] = TraceJson(moves.vocabulary).trace(*verdict.trace);
  out["release_points"] = ordered_json::array();
  for (const ReleasePoint& point : verdict.release_points) {
    const ReleaseWords words = words_of(moves, point);
    out["release_points"].push_back({{"line", words.statement->words.line}, {"text", words.statement->words.text}, {"move", words.pair},
                                     {"roles", words.roles}, {"conditions", words.conditions}, {"cite", words.statement->words.cite}});
  }
  return out;
}

ordered_json to_json(const Moves& moves, const PropertyVerdict& property) {
  ordered_json out{{"property", property_word(property.kind)}, {"claim", property.claim}, {"answer", answer_word(property.answer)}};
  if (property.line != 0) out["line"] = property.line;
  if (property.answer == Answer::Proved) out["obligations"] = property.obligations;
  if (!property.reason.empty()) out["reason"] = property.reason;
  if (!property.details.empty()) out["details"] = ordered_json::array();
  for (const PropertyDetail& detail : property.details)
    out["details"].push_back({{"line", detail.line != 0 ? ordered_json(detail.line) : ordered_json(nullptr)}, {"text", detail.text}});
  if (property.trace) out["trace"] = TraceJson(moves.vocabulary).trace(*property.trace);
  return out;
}

void print_json(std::ostream& out, const Moves& moves, const Verdict& verdict, bool compared_with_text, const std::string& since) {
  ordered_json document{{"policy", moves.vocabulary.policy_name}, {"version", moves.vocabulary.policy_version},
                        {"source_digest", moves.source_digest}, {"compared_with_text", compared_with_text}, {"answer", answer_word(verdict.overall())},
                        {"fences", ordered_json::array()}, {"properties", ordered_json::array()}, {"trusted", ordered_json::array()}};
  for (const FenceVerdict& fence : verdict.fences) document["fences"].push_back(to_json(moves, fence));
  for (const PropertyVerdict& property : verdict.properties) document["properties"].push_back(to_json(moves, property));
  for (const Trust trust : trusted_in(verdict)) document["trusted"].push_back(trust_sentence(trust));
  if (!since.empty()) document["since"] = {{"directory", since}, {"taken_over", verdict.taken_over}, {"answered", verdict.answered}};
  out << document.dump(2) << '\n';
}

ExitCode exit_code_of(Answer answer) {
  switch (answer) {
    case Answer::Proved: return kSuccess;
    case Answer::Refuted: return kFindings;
    case Answer::Unknown: break;
  }
  return kUndecided;
}

/// The policy text that the table is to be: that of --policy, else the one that was given; nothing when a table was given alone.
std::variant<std::optional<TypedPolicy>, ExitCode> text_to_compare(const VerifyVerbOptions& options, const LoadedPolicy& given, std::ostream& err) {
  if (options.text.empty()) return given.typed;
  auto loaded = load_policy(options.text, err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  return std::move(std::get<LoadedPolicy>(loaded).typed);
}

ExitCode refuse(const FileError& error, Console& console) {
  console.err << "ringfence: " << error.message << '\n';
  return kUnusable;
}

ExitCode run_verify(const VerifyVerbOptions& options, Console& console) {
  const Budget budget = options.limits.budget();
  const auto loaded = load_policy_or_table(options.policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&loaded)) return *code;
  const LoadedPolicy& policy = std::get<LoadedPolicy>(loaded);
  const auto compared = text_to_compare(options, policy, console.err);
  if (const auto* code = std::get_if<ExitCode>(&compared)) return *code;
  const auto& text = std::get<std::optional<TypedPolicy>>(compared);
  if (!options.certificates.empty()) {   // before the work, not after it
    if (const auto error = may_write_certificate(options.certificates)) return refuse(*error, console);
  }
  end_on_interrupt();
  std::optional<ProofMemory> since;
  if (!options.since.empty()) {
    if (const auto error = take_over(options.since, since.emplace())) return refuse(*error, console);
  }
  Verdict verdict;
  {
    Progress progress("proving the fences of " + options.policy);
    VerifyOptions how;
    how.budget = budget;
    how.memory = since ? &*since : nullptr;
    how.progress = [&progress](std::string_view doing) { progress.set(doing); };
    verdict = verify(policy.table, how);
    if (text) verdict.properties.push_back(as_property(prove_equivalent(*text, policy.table, {budget})));
  }
  if (options.json) print_json(console.out, policy.moves, verdict, text.has_value(), options.since);
  else print_for_people(console.out, policy.moves, verdict, text.has_value(), options.since);
  if (!options.certificates.empty()) {
    const InterruptsHeld held;
    if (const auto error = write_certificate(options.certificates, policy, verdict)) return refuse(*error, console);
  }
  if (!options.scenarios.empty()) {
    if (const auto error = write_file(options.scenarios, print_holes(policy.moves, verdict))) return refuse(*error, console);
  }
  return exit_code_of(verdict.overall());
}

}  // namespace

void add_verify(CLI::App& app, Run& chosen) {
  const auto options = std::make_shared<VerifyVerbOptions>();
  VerbOptions verb(app, "verify", "Prove or refute the fences of a policy");
  verb.argument("POLICY", options->policy, "Policy text or rule table");
  verb.option("--policy", "FILE", options->text, "Policy text that a given table is compared with");
  verb.option("--certificate", "DIR", options->certificates, "Directory for the proof: one SMT-LIB file per proved fence, the table, a manifest");
  verb.flag("--json", options->json, "One JSON document");
  verb.option("--since", "DIR", options->since, "Certificate directory of an earlier proof, whose obligations are taken over where they are the same");
  verb.option("--scenarios", "FILE", options->scenarios, "Write each run that refutes a claim as a scenario, which `test` runs beside the policy's own");
  add_time_limits(verb, options->limits);
  verb.runs(chosen, [options](Console& console) { return run_verify(*options, console); });
}

}  // namespace ringfence
