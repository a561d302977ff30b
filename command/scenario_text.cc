// SPDX-License-Identifier: Apache-2.0
// See scenario_text.h.
#include "command/scenario_text.h"

#include <fmt/format.h>

#include "compiler/print_value.h"
#include "runtime/limits.h"
#include "verify/trace.h"   // print_instance

namespace ringfence {
namespace {

/// In quotes, on one line, no longer than a text may be.
std::string in_quotes(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, Limits{}.text_bytes)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' || c == '\r' ? ' ' : c;
  }
  while (!text.empty() && name.size() > Limits{}.text_bytes && (static_cast<unsigned char>(text.back()) & 0x80u) != 0) text.pop_back();   // no half of a character
  return "\"" + text + "\"";
}

class Printer {
 public:
  explicit Printer(const Vocabulary& vocabulary) : v_(vocabulary) {}

  std::string print(const Scenario& scenario) const {
    std::string text = fmt::format("scenario {}{}\n", in_quotes(scenario.name), scenario.apart ? " apart" : "");
    for (const ScenarioStep& step : scenario.steps) text += print(step, "  ");
    return text;
  }

 private:
  std::string print(const ScenarioStep& step, const char* indent) const {
    switch (step.kind) {
      case StepKind::Holds: return fmt::format("{}given {} holds {}\n", indent, bucket(step.instance), money(step.value, step.asset));
      case StepKind::SetMode: return fmt::format("{}given mode of {} is {}\n", indent, machine(step.instance), v_.machines[step.instance.target].modes[step.mode]);
      case StepKind::SetFact: return fmt::format("{}with {} = {}\n", indent, print_instance(v_.facts[step.instance.target].name, step.instance.ids), value(step));
      case StepKind::SetTime: return fmt::format("{}at {}\n", indent, print_instant(step.time_ms));
      case StepKind::Transfer: return fmt::format("{}{}{}{}\n", indent, transfer(step), starter(step), expectation(step));
      case StepKind::Transition:
        return fmt::format("{}change {} to {}{}{}\n", indent, machine(step.instance), v_.machines[step.instance.target].modes[step.mode], starter(step), expectation(step));
      case StepKind::Together: break;
    }
    std::string text = fmt::format("{}together\n", indent);
    for (const ScenarioStep& leg : step.legs) text += fmt::format("{}  {}{}\n", indent, transfer(leg), starter(leg));
    return text + fmt::format("{}end{}\n", indent, expectation(step));
  }

  std::string transfer(const ScenarioStep& step) const {
    const ScenarioTransfer& asked = step.transfer;
    return fmt::format("{} {} from {} to {}", v_.purposes[asked.purpose].name, money(asked.amount, asked.asset), bucket(asked.from), bucket(asked.to));
  }

  std::string starter(const ScenarioStep& step) const {
    const std::string& role = v_.roles[step.role].name;
    std::string text = step.person.empty() || step.person == role ? " by " + role : fmt::format(" by {} as {}", step.person, role);
    for (std::size_t i = 0; i < step.approvals.size(); ++i)
      text += fmt::format("{}{} as {}", i == 0 ? " approved by " : ", ", step.approvals[i].person, names(v_.roles, step.approvals[i].roles, " and "));
    if (step.evidence != 0) text += " showing evidence " + names(v_.evidence, step.evidence, ", ");
    return text;
  }

  static std::string expectation(const ScenarioStep& step) {
    if (step.expect_allowed) return " -> allowed";
    return step.expect_reason.empty() ? " -> denied" : " -> denied by " + step.expect_reason;
  }

  template <class Declared>
  static std::string names(const std::vector<Declared>& declared, Mask mask, const char* separator) {
    std::string text;
    for (std::size_t i = 0; i < declared.size(); ++i)
      if ((mask >> i & 1u) != 0) text += (text.empty() ? "" : separator) + declared[i].name;
    return text;
  }

  std::string value(const ScenarioStep& step) const {
    return print_fact(v_, v_.facts[step.instance.target], step.value);
  }

  std::string money(Int128 amount, Index asset) const { return print_money(v_, amount, asset); }
  std::string bucket(const NamedInstance& instance) const { return print_instance(v_.buckets[instance.target].name, instance.ids); }
  std::string machine(const NamedInstance& instance) const { return print_instance(subject_name(v_, v_.machines[instance.target].subject), instance.ids); }

  const Vocabulary& v_;
};

}  // namespace

std::string print(const Vocabulary& vocabulary, const Scenario& scenario) { return Printer(vocabulary).print(scenario); }

}  // namespace ringfence
