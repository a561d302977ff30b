// SPDX-License-Identifier: Apache-2.0
#include "command/diff_print.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/print_value.h"
#include "verify/diff_words.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

/// Moves, flows and needs of one kind that are printed one by one for people; the rest is counted. JSON has all.
constexpr std::size_t kListedMax = 12;

std::size_t count_of(const Difference& difference, Change change) {
  return static_cast<std::size_t>(
      std::count_if(difference.classes.begin(), difference.classes.end(), [&](const ChangeClass& each) { return each.change == change && each.example; }));
}
std::size_t unknown_count(const Difference& difference) {
  return static_cast<std::size_t>(std::count_if(difference.classes.begin(), difference.classes.end(), [](const ChangeClass& each) { return !each.example; }));
}
std::size_t flow_count(const Difference& difference, bool added) {
  return static_cast<std::size_t>(std::count_if(difference.flows.begin(), difference.flows.end(), [&](const FlowChange& flow) { return flow.added == added; }));
}

std::string counted(std::size_t count, const char* one, const char* many) { return fmt::format("{} {}", count, count == 1 ? one : many); }

const char* title_of(Change change) {
  switch (change) {
    case Change::Allowed: return "BECAME ALLOWED";
    case Change::Denied: return "BECAME DENIED";
    case Change::TitleMore: return "TREATS TITLE IN A NEW WAY";
    case Change::TitleLess: return "NO LONGER TREATS TITLE IN THE OLD WAY TOO";
  }
  return "";
}

class PeoplePrinter {
 public:
  PeoplePrinter(std::ostream& out, const ComparedPolicies& policies, const Difference& difference)
      : out_(out), own_{&policies.older.moves, &policies.newer.moves}, difference_(difference), joint_(difference.joint) {}

  void print() {
    out_ << summary(difference_) << "\n";
    if (difference_.permits_no_more && !difference_.same())
      out_ << fmt::format("PROVED: the new policy permits no more than the old; {} obligations, each unsatisfiable, and {} moves with equal rules.\n",
                          difference_.obligations, difference_.equal_moves);
    for (const ChangeClass& each : difference_.classes) print(each);
    print_flows();
    print_needs();
    print_declarations();
  }

 private:
  void print(const ChangeClass& each) {
    out_ << fmt::format("\n{}{}\n", each.example ? "" : "UNKNOWN, may be: ", title_of(each.change));
    print_statements(kOlder, each);
    print_statements(kNewer, each);
    for (const std::string& declaration : each.declarations) out_ << fmt::format("  declared otherwise: {}\n", declaration);
    print_list(each.covers, "  on ", [&](const RequestKind& kind) { return in_words(joint_, kind); });
    if (each.example) print(*each.example);
    else out_ << "  no example: " << each.unknown << "\n";
  }

  void print_statements(unsigned policy, const ChangeClass& each) {
    const char* name = policy == kOlder ? "old" : "new";
    for (std::size_t i = 0; i < each.statements[policy].size(); ++i) {
      const RuleText& words = own_[policy]->statements[each.statements[policy][i]].words;
      out_ << fmt::format("  {} line {}: {}{}\n", name, words.line, words.text, words.cite.empty() ? "" : fmt::format(" ({})", words.cite));
      for (const std::string& condition : each.conditions[policy][i]) out_ << fmt::format("      condition: {}\n", condition);
    }
    if (each.statements[policy].empty() && each.declarations.empty()) out_ << fmt::format("  {}: no such rule\n", name);
  }

  template <class List, class Words>
  void print_list(const List& list, const char* indent, const Words& words) {
    for (std::size_t i = 0; i < list.size() && i < kListedMax; ++i) out_ << indent << words(list[i]) << "\n";
    if (list.size() > kListedMax) out_ << fmt::format("{}{} more\n", indent, list.size() - kListedMax);
  }

  void print(const Example& example) {
    const Vocabulary& vocabulary = joint_.vocabulary(kNewer);
    if (example.kind.is_transfer)
      out_ << fmt::format("  for example: {} {} from {} to {}\n", vocabulary.purposes[example.kind.purpose].name,
                          print_money(vocabulary, example.amount, example.kind.asset), bucket_in_words(joint_, example.from), bucket_in_words(joint_, example.to));
    else
      out_ << fmt::format("  for example: change {} from {} to {}\n", subject_in_words(joint_, example.from),
                          vocabulary.machines[example.kind.machine].modes[example.kind.from_mode], vocabulary.machines[example.kind.machine].modes[example.kind.to_mode]);
    out_ << fmt::format("      by {}, at {}", vocabulary.roles[example.role].name, print_instant(example.time_ms));
    for (const Mask roles : example.approvals) out_ << ", approved by another person as " << roles_in_words(vocabulary, roles);
    for (std::size_t kind = 0; kind < vocabulary.evidence.size(); ++kind)
      if (example.evidence >> kind & 1) out_ << ", showing evidence " << vocabulary.evidence[kind].name;
    out_ << "\n";
    for (const Reading& reading : example.values) {
      if (!is_supplied(reading.slot.kind)) continue;
      const auto [name, value] = in_words(joint_, example, reading);
      out_ << fmt::format("      with {} = {}\n", name, value);
    }
    for (const unsigned policy : {kOlder, kNewer}) print_decision(example, policy);
  }

  void print_decision(const Example& example, unsigned policy) {
    const Decision& decision = example.decisions[policy];
    out_ << fmt::format("      {}: {}", policy == kOlder ? "old" : "new", decision_in_words(*own_[policy], decision));
    const bool title_differs = example.decisions[0].allowed() && example.decisions[1].allowed();
    if (example.kind.is_transfer && title_differs) out_ << ", " << title_in_words(example.keeps[policy], example.passes[policy]);
    out_ << "\n";
  }

  // ---- flows, needs, declarations

  void print_flows() {
    if (!difference_.flows_unknown.empty()) out_ << "\nFLOWS: UNKNOWN: " << difference_.flows_unknown << "\n";
    for (const bool added : {true, false}) {
      std::vector<const FlowChange*> flows;
      for (const FlowChange& flow : difference_.flows)
        if (flow.added == added) flows.push_back(&flow);
      if (flows.empty()) continue;
      out_ << (added ? "\nNEW FLOWS: money that can now come where it could not\n" : "\nFLOWS GONE: money that can no longer come there\n");
      for (std::size_t i = 0; i < flows.size() && i < kListedMax; ++i) print(*flows[i]);
      if (flows.size() > kListedMax) out_ << fmt::format("  {} more\n", flows.size() - kListedMax);
    }
  }

  void print(const FlowChange& flow) {
    out_ << fmt::format("  {}, by {}\n", in_words(joint_, flow.flow), fmt::join(flow.path, ", then "));
    if (flow.added && !flow.trace) out_ << "      no run was found that shows it: with balances left open the rules let it happen\n";
  }

  void print_needs() {
    for (const bool added : {true, false}) {
      bool any = false;
      for (const NeedChange& need : difference_.needs) {
        if (need.added != added) continue;
        if (!any) out_ << (added ? "\nNOW NEEDED: without it these are denied\n" : "\nNO LONGER NEEDED: these are decided without it\n");
        any = true;
        out_ << fmt::format("  {}, for {}{}\n", in_words(joint_, need.slot), in_words(joint_, need.covers.front()),
                            need.covers.size() == 1 ? "" : fmt::format(" and {} more", need.covers.size() - 1));
      }
    }
  }

  void print_declarations() {
    if (!difference_.declarations.empty()) out_ << "\nDECLARED OTHERWISE\n";
    for (const DeclarationChange& change : difference_.declarations) out_ << fmt::format("  {}: {}\n", change.kind, change.words);
  }

  std::ostream& out_;
  const std::array<const Moves*, 2> own_;
  const Difference& difference_;
  const Joint& joint_;
};

class JsonPrinter {
 public:
  JsonPrinter(const ComparedPolicies& policies, const Difference& difference)
      : own_{&policies.older.moves, &policies.newer.moves}, difference_(difference), joint_(difference.joint) {}

  ordered_json document() const {
    ordered_json out{{"old", policy(kOlder)}, {"new", policy(kNewer)}, {"same", difference_.same()}, {"summary", summary(difference_)},
                     {"permits_no_more", difference_.permits_no_more ? "PROVED" : "not proved"}, {"obligations", difference_.obligations},
                     {"equal_moves", difference_.equal_moves}};
    if (!difference_.joint.incomparable.empty()) out["incomparable"] = difference_.joint.incomparable;
    out["classes"] = ordered_json::array();
    for (const ChangeClass& each : difference_.classes) out["classes"].push_back(to_json(each));
    out["flows"] = ordered_json::array();
    for (const FlowChange& flow : difference_.flows)
      out["flows"].push_back({{"change", flow.added ? "new" : "gone"}, {"flow", in_words(joint_, flow.flow)}, {"path", flow.path}, {"shown_by_a_run", flow.trace.has_value()}});
    if (!difference_.flows_unknown.empty()) out["flows_unknown"] = difference_.flows_unknown;
    out["needs"] = ordered_json::array();
    for (const NeedChange& need : difference_.needs) out["needs"].push_back({{"change", need.added ? "added" : "removed"}, {"value", in_words(joint_, need.slot)}, {"moves", moves(need.covers)}});
    out["declarations"] = ordered_json::array();
    for (const DeclarationChange& change : difference_.declarations) out["declarations"].push_back({{"change", change.kind}, {"text", change.words}});
    return out;
  }

 private:
  ordered_json policy(unsigned which) const {
    const Vocabulary& vocabulary = own_[which]->vocabulary;
    return {{"policy", vocabulary.policy_name}, {"version", vocabulary.policy_version}, {"source_digest", own_[which]->source_digest}};
  }

  ordered_json moves(const std::vector<RequestKind>& kinds) const {
    ordered_json list = ordered_json::array();
    for (const RequestKind& kind : kinds) list.push_back(in_words(joint_, kind));
    return list;
  }

  ordered_json statements(unsigned which, const ChangeClass& each) const {
    ordered_json list = ordered_json::array();
    for (std::size_t i = 0; i < each.statements[which].size(); ++i) {
      const RuleText& words = own_[which]->statements[each.statements[which][i]].words;
      list.push_back({{"line", words.line}, {"text", words.text}, {"cite", words.cite}, {"conditions", each.conditions[which][i]}});
    }
    return list;
  }

  ordered_json to_json(const ChangeClass& each) const {
    ordered_json out{{"change", change_word(each.change)}, {"answer", each.example ? "SHOWN" : "UNKNOWN"}, {"old_statements", statements(kOlder, each)},
                     {"new_statements", statements(kNewer, each)}, {"declarations", each.declarations}, {"moves", moves(each.covers)}};
    if (each.example) out["example"] = to_json(*each.example);
    else out["reason"] = each.unknown;
    return out;
  }

  ordered_json to_json(const Example& example) const {
    const Vocabulary& vocabulary = joint_.vocabulary(kNewer);
    ordered_json out;
    if (example.kind.is_transfer) {
      out = {{"purpose", vocabulary.purposes[example.kind.purpose].name}, {"from", bucket_in_words(joint_, example.from)},
             {"to", bucket_in_words(joint_, example.to)}, {"amount", print_money(vocabulary, example.amount, example.kind.asset)}};
    } else {
      const std::vector<std::string>& modes = vocabulary.machines[example.kind.machine].modes;
      out = {{"change", subject_in_words(joint_, example.from)}, {"is", modes[example.kind.from_mode]}, {"to", modes[example.kind.to_mode]}};
    }
    out["by"] = vocabulary.roles[example.role].name;
    out["time"] = print_instant(example.time_ms);
    for (const Mask roles : example.approvals) out["approvals"].push_back(roles_in_words(vocabulary, roles));
    for (std::size_t kind = 0; kind < vocabulary.evidence.size(); ++kind)
      if (example.evidence >> kind & 1) out["evidence"].push_back(vocabulary.evidence[kind].name);
    out["values"] = ordered_json::array();
    for (const Reading& reading : example.values) {
      if (!is_supplied(reading.slot.kind)) continue;
      const auto [name, value] = in_words(joint_, example, reading);
      out["values"].push_back({{"name", name}, {"value", value}});
    }
    for (const unsigned which : {kOlder, kNewer}) {
      ordered_json decided{{"decision", example.decisions[which].allowed() ? "allowed" : "denied"}, {"reason", reason_word(example.decisions[which].reason)}};
      if (example.decisions[which].statement != kNone) decided["line"] = own_[which]->statements[example.decisions[which].statement].words.line;
      if (example.kind.is_transfer && example.decisions[which].allowed()) decided["title"] = title_in_words(example.keeps[which], example.passes[which]);
      out[which == kOlder ? "old" : "new"] = decided;
    }
    return out;
  }

  const std::array<const Moves*, 2> own_;
  const Difference& difference_;
  const Joint& joint_;
};

}  // namespace

std::string summary(const Difference& difference) {
  if (!difference.joint.incomparable.empty()) return "The policies can't be compared: " + difference.joint.incomparable + ".";
  if (difference.same()) return "The same: both policies decide every transfer and every change of mode alike, and declare the same.";
  std::string text = fmt::format("Became allowed: {}; became denied: {}", counted(count_of(difference, Change::Allowed), "class", "classes"),
                                 counted(count_of(difference, Change::Denied), "class", "classes"));
  if (const std::size_t title = count_of(difference, Change::TitleMore) + count_of(difference, Change::TitleLess)) text += fmt::format("; title treated otherwise: {}", counted(title, "class", "classes"));
  if (const std::size_t unknown = unknown_count(difference)) text += fmt::format("; UNKNOWN: {}", counted(unknown, "class", "classes"));
  if (!difference.flows_unknown.empty()) return text + "; flows: UNKNOWN.";
  return text + fmt::format("; flows: {} new, {} gone.", flow_count(difference, true), flow_count(difference, false));
}

void print_difference(std::ostream& out, const ComparedPolicies& policies, const Difference& difference, const std::optional<StateReport>& state) {
  PeoplePrinter(out, policies, difference).print();
  if (!state) return;
  out << "\nTHE BALANCES AS THEY STAND, under the new policy\n";
  for (const StateFinding& finding : state->findings) out << fmt::format("  {}: {}\n", finding.kind, finding.words);
  if (!state->unknown.empty()) out << "  UNKNOWN what may be mixed: " << state->unknown << "\n";
  else if (state->findings.empty()) out << "  nothing would be mixed, below a floor or without a place\n";
}

void print_difference_json(std::ostream& out, const ComparedPolicies& policies, const Difference& difference, const std::optional<StateReport>& state) {
  ordered_json document = JsonPrinter(policies, difference).document();
  if (state) {
    document["state"] = ordered_json::array();
    for (const StateFinding& finding : state->findings) document["state"].push_back({{"kind", finding.kind}, {"text", finding.words}});
    if (!state->unknown.empty()) document["state_unknown"] = state->unknown;
  }
  out << document.dump(2) << '\n';
}

}  // namespace ringfence
