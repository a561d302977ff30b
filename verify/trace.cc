// SPDX-License-Identifier: Apache-2.0
#include "verify/trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/print_value.h"

namespace ringfence {
namespace {

class Printer {
 public:
  Printer(const Vocabulary& vocabulary, const Trace& trace) : vocabulary_(vocabulary), trace_(trace) {}

  std::string print() const {
    std::string text = "  at the start\n";
    if (trace_.opening.empty()) text += "      every bucket is empty\n";
    for (const TraceHolding& opening : trace_.opening)
      text += fmt::format("      {} holds {}\n", bucket(opening.bucket), money(opening.balance, opening.asset));
    for (std::size_t first = 0; first < trace_.steps.size();) {
      const std::size_t end = batch_end(trace_, first);
      if (end > first + 1) text += fmt::format("  {} to {} in one batch, all or nothing\n", first + 1, end);
      for (; first < end; ++first) text += step(first);
    }
    return text + fmt::format("  so {}\n", trace_.summary);
  }

 private:
  std::string step(std::size_t index) const {
    const TraceStep& step = trace_.steps[index];
    std::string text = fmt::format("  {}. {}\n", index + 1, step.is_transfer ? transfer(step) : change(step));
    if (step.is_by_clock) return text + fmt::format("      by the clock, {}\n", print_instant(step.time_ms));
    text += fmt::format("      by {} as {}, {}", step.person, vocabulary_.roles[step.role].name, print_instant(step.time_ms));
    for (const NamedApproval& approval : step.approvals) text += fmt::format(", approved by {} as {}", approval.person, names(approval.roles));
    for (Index kind = 0; kind < vocabulary_.evidence.size(); ++kind)
      if (step.evidence >> kind & 1) text += fmt::format(", showing evidence {}", vocabulary_.evidence[kind].name);
    text += "\n";
    for (const TraceFact& given : step.facts) text += fmt::format("      with {}\n", fact(given));
    if (step.lender) text += fmt::format("      what {} lacks comes out of {}\n", bucket(step.transfer.from), bucket(*step.lender));
    for (const auto& places : trace_.coins) text += follow(places.at(index), places.at(index + 1));
    return text;
  }

  std::string transfer(const TraceStep& step) const {
    return fmt::format("{} {} from {} to {}", vocabulary_.purposes[step.transfer.purpose].name, money(step.transfer.amount, step.transfer.asset),
                       bucket(step.transfer.from), bucket(step.transfer.to));
  }

  std::string change(const TraceStep& step) const {
    const ModeMachine& machine = vocabulary_.machines[step.subject.target];
    return fmt::format("{} {} to {}", step.is_by_clock ? "time passes, and brings" : "change", print_instance(subject_name(vocabulary_, machine.subject), step.subject.ids), machine.modes[step.to_mode]);
  }

  std::string fact(const TraceFact& given) const {
    const Fact& fact = vocabulary_.facts[given.subject.target];
    return fmt::format("{} = {}", print_instance(fact.name, given.subject.ids), print_fact(vocabulary_, fact, given.number));
  }

  std::string follow(const CoinPlace& before, const CoinPlace& after) const {
    if (before.at == after.at && before.title == after.title) return "";
    const std::string passed = before.title == after.title ? "" : fmt::format(", now held for {}", bucket(after.title));
    return fmt::format("      takes money held for {} along{}\n", bucket(before.title), passed);
  }

  std::string bucket(const NamedInstance& instance) const { return print_instance(vocabulary_.buckets[instance.target].name, instance.ids); }
  std::string money(Int128 amount, Index asset) const {
    return print_money(vocabulary_, amount, asset);
  }
  std::string names(Mask roles) const {
    std::string text;
    for (Index role = 0; role < vocabulary_.roles.size(); ++role)
      if (roles >> role & 1) text += (text.empty() ? "" : "+") + vocabulary_.roles[role].name;
    return text;
  }

  const Vocabulary& vocabulary_;
  const Trace& trace_;
};

}  // namespace

std::string print_instance(std::string_view name, std::span<const std::string> ids) {
  return ids.empty() ? std::string(name) : fmt::format("{} of {}", name, fmt::join(ids, ", "));
}

std::size_t batch_end(const Trace& trace, std::size_t first) {
  while (first + 1 < trace.steps.size() && trace.steps[first].linked) ++first;
  return first + 1;
}

std::string print(const Vocabulary& vocabulary, const Trace& trace) { return Printer(vocabulary, trace).print(); }

}  // namespace ringfence
