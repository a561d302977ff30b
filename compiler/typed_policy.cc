// SPDX-License-Identifier: Apache-2.0
// The text dump of a typed policy: the vocabulary, then one statement a line, its pairs and conditions indented below it. Every
// field is shown, so that two dumps are equal exactly when the policies are (places in the text aside).
#include "compiler/typed_policy.h"

#include <fmt/core.h>

#include <iterator>

namespace ringfence {
namespace {

class Dumper {
 public:
  explicit Dumper(const Vocabulary& vocabulary) : v_(vocabulary) {}

  std::string quantity(const Quantity& q) const {
    switch (q.kind) {
      case QuantityKind::Amount: return "amount";
      case QuantityKind::TimeOfDay: return "time_of_day";
      case QuantityKind::Now: return "now";
      case QuantityKind::Balance: return balance("balance", q, bucket(q.reference));
      case QuantityKind::BucketTotal: return balance("total", q, bucket(q.reference));
      case QuantityKind::AccountTotal:
        return balance("total", q, "account " + v_.accounts[q.reference.target].name + side(q.reference.side));
      case QuantityKind::Fact: return v_.facts[q.reference.target].name + side(q.reference.side);
    }
    return {};
  }

  std::string sum(const LinearSum& s) const {
    std::string out;
    for (const LinearTerm& term : s.terms) out += fmt::format("{}*{} + ", rational(term.coefficient), quantity(term.quantity));
    out += to_string(s.constant_numerator);
    return s.constant_denominator == 1 ? out : out + '/' + std::to_string(s.constant_denominator);
  }

  std::string guard(const Guard& g) const {
    static constexpr const char* kComparators[] = {"<", "<=", "=", "!=", ">=", ">"};
    switch (g.kind) {
      case GuardKind::All: return joined(g.parts, " and ");
      case GuardKind::AnyOf: return joined(g.parts, " or ");
      case GuardKind::Not: return "not " + joined(g.parts, " and ");
      case GuardKind::Compare: return fmt::format("{} {} {}", sum(g.left), kComparators[static_cast<std::size_t>(g.comparator)], sum(g.right));
      case GuardKind::Flag: return v_.facts[g.reference.target].name + side(g.reference.side);
      case GuardKind::ModeIs: return mode_is(g);
      case GuardKind::Approved: return fmt::format("approved by {} of {}", g.count, roles(g.roles));
      case GuardKind::HasEvidence: return "evidence " + names(v_.evidence, g.evidence);
      case GuardKind::TimeBetween: return fmt::format("time between {} and {}", g.start_second, g.end_second);
    }
    return {};
  }

  std::string roles(Mask mask) const { return names(v_.roles, mask); }

  std::string instance(const std::string& name, const NamedInstance& i) const {
    std::string out = name;
    for (std::size_t k = 0; k < i.ids.size(); ++k) out += (k == 0 ? " of " : ", ") + i.ids[k];
    return out;
  }

  std::string pairs(const std::vector<Pair>& list) const {
    static constexpr const char* kMatches[] = {"same", "other", "any"};
    std::string out;
    for (const Pair& pair : list) {
      out += fmt::format("  {} -> {}", v_.buckets[pair.from].name, v_.buckets[pair.to].name);
      const auto shared = shared_keys(v_.buckets[pair.from], v_.buckets[pair.to]);
      for (std::size_t i = 0; i < pair.matches.size(); ++i)
        out += fmt::format(" {} {}", kMatches[static_cast<std::size_t>(pair.matches[i])], v_.entities[shared[i]].name);
      out += '\n';
    }
    return out;
  }

  std::string conditions(const char* word, const std::vector<Condition>& list) const {
    std::string out;
    for (const Condition& c : list) out += fmt::format("  {} {} \"{}\"\n", word, guard(c.guard), c.text);
    return out;
  }

  std::string words(const RuleText& w) const {
    std::string out = fmt::format(" line {} \"{}\"", w.line, w.text);
    if (!w.cite.empty()) out += fmt::format(" cite \"{}\"", w.cite);
    if (!w.because.empty()) out += fmt::format(" because \"{}\"", w.because);
    if (w.notify != 0) out += " notify " + roles(w.notify);
    return out + '\n';
  }

  template <class Named>
  std::string listed(const std::vector<Named>& all, const std::vector<Index>& some) const {
    std::string out;
    for (const Index i : some) out += (out.empty() ? "" : ", ") + all[i].name;
    return out;
  }

  template <class Named>
  std::string names(const std::vector<Named>& all, Mask mask) const {
    std::string out;
    for (std::size_t i = 0; i < all.size() && i < 64; ++i)
      if ((mask >> i & 1) != 0) out += (out.empty() ? "" : ", ") + all[i].name;
    return out;
  }

  std::string brings(const TypedBrings& b) const {
    const ModeMachine& machine = v_.machines[b.reference.target];
    return fmt::format(" {} {} of {}{}", b.before ? "entering" : "then", machine.modes[b.mode], subject_name(v_, machine.subject), side(b.reference.side));
  }

 private:
  static std::string side(Side s) { return s == Side::From ? "(from)" : s == Side::To ? "(to)" : ""; }

  static std::string rational(const Rational& r) {
    return r.denominator == 1 ? std::to_string(r.numerator) : fmt::format("{}/{}", r.numerator, r.denominator);
  }

  std::string bucket(const Reference& r) const {
    if (r.endpoint) return r.side == Side::From ? "from" : "to";
    const Bucket& b = v_.buckets[r.target];
    std::string out = b.name + side(r.side);
    for (std::size_t i = 0; i < r.summed.size(); ++i)
      if (r.summed[i]) out += " any " + v_.entities[b.keys[i]].name;
    return out;
  }

  std::string balance(const char* word, const Quantity& q, const std::string& place) const {
    return fmt::format("{}{}({}{})", word, q.after ? " after" : "", place, q.asset == kNone ? "" : " in " + v_.assets[q.asset].name);
  }

  std::string joined(const std::vector<Guard>& parts, const char* word) const {
    std::string out = "(";
    for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : word) + guard(parts[i]);
    return out + ")";
  }

  std::string mode_is(const Guard& g) const {
    const ModeMachine& machine = v_.machines[g.reference.target];
    std::string modes;
    for (std::size_t i = 0; i < machine.modes.size(); ++i)
      if ((g.modes >> i & 1) != 0) modes += (modes.empty() ? "" : ", ") + machine.modes[i];
    return fmt::format("mode of {}{} is {}", subject_name(v_, machine.subject), side(g.reference.side), modes);
  }

  const Vocabulary& v_;
};

std::string dump_rule(const Dumper& d, const Vocabulary& v, const TypedRule& rule) {
  std::string out = rule.effect == Effect::Allow ? "allow" : "deny";
  out += fmt::format(" {} of {} by {}{}", d.listed(v.purposes, rule.purposes), d.listed(v.assets, rule.assets), d.roles(rule.roles),
                     rule.passing_title ? " passing title" : "");
  if (rule.brings) out += d.brings(*rule.brings);
  return out + d.words(rule.words) + d.pairs(rule.pairs) + d.conditions("when", rule.conditions);
}

std::string dump_floor(const Dumper& d, const Vocabulary& v, const TypedFloor& floor) {
  std::string out = fmt::format("floor {} of {} >= {}", v.buckets[floor.bucket].name, d.listed(v.assets, floor.assets), d.sum(floor.minimum));
  return out + d.words(floor.words) + d.conditions("unless", floor.unless);
}

std::string dump_limit(const Dumper& d, const Vocabulary& v, const TypedLimit& limit) {
  std::string out = fmt::format("limit {} of {} per [{}] at most {} ", d.listed(v.purposes, limit.purposes), v.assets[limit.asset].name,
                                d.listed(v.entities, limit.per), d.sum(limit.cap));
  out += limit.window_ms == 0 ? "per day" : fmt::format("in any {} ms", limit.window_ms);
  return out + d.words(limit.words) + d.pairs(limit.pairs) + d.conditions("unless", limit.unless);
}

std::string dump_transition(const Dumper& d, const Vocabulary& v, const TypedTransition& t) {
  const ModeMachine& machine = v.machines[t.machine];
  std::string from;
  for (std::size_t i = 0; i < machine.modes.size(); ++i)
    if ((t.from_modes >> i & 1) != 0) from += (from.empty() ? "" : ", ") + machine.modes[i];
  return fmt::format("transition of {}: {} -> {} by {}", subject_name(v, machine.subject), from, machine.modes[t.to_mode],
                     t.deadline ? "the clock, " + print(v, *t.deadline) : d.roles(t.roles)) +
         d.words(t.words) + d.conditions("when", t.conditions);
}

std::string dump_invariant(const Dumper& d, const Vocabulary& v, const TypedInvariant& invariant) {
  return fmt::format("invariant for each [{}]", d.listed(v.entities, invariant.keys)) + d.words(invariant.words) + d.conditions("holds", invariant.holds) +
         d.conditions("unless", invariant.unless);
}

std::string started_by(const Dumper& d, const Vocabulary& v, const ScenarioStep& step) {
  std::string out = fmt::format(" by {} as {}", step.person, v.roles[step.role].name);
  for (const NamedApproval& a : step.approvals) out += fmt::format(" approved by {} as {}", a.person, d.roles(a.roles));
  if (step.evidence != 0) out += " showing evidence " + d.names(v.evidence, step.evidence);
  return out;
}

std::string expectation(const ScenarioStep& step) {
  if (step.expect_allowed) return " -> allowed";
  return step.expect_reason.empty() ? " -> denied" : " -> denied by " + step.expect_reason;
}

std::string money(const Vocabulary& v, Int128 value, Index asset) {
  return asset == kNone ? to_string(value) : format_decimal(value, v.assets[asset].decimals) + ' ' + v.assets[asset].name;
}

std::string dump_step(const Dumper& d, const Vocabulary& v, const ScenarioStep& step, const std::string& indent, bool leg) {
  const auto machine = [&] { return d.instance("mode of " + subject_name(v, v.machines[step.instance.target].subject), step.instance); };
  const std::string end = leg ? "\n" : expectation(step) + '\n';
  switch (step.kind) {
    case StepKind::Holds:
      return fmt::format("{}given {} holds {}\n", indent, d.instance(v.buckets[step.instance.target].name, step.instance), money(v, step.value, step.asset));
    case StepKind::SetMode: return fmt::format("{}given {} is {}\n", indent, machine(), v.machines[step.instance.target].modes[step.mode]);
    case StepKind::SetFact:
      return fmt::format("{}with {} = {}\n", indent, d.instance(v.facts[step.instance.target].name, step.instance), money(v, step.value, step.asset));
    case StepKind::SetTime: return fmt::format("{}at {} ms\n", indent, step.time_ms);
    case StepKind::Transfer:
      return fmt::format("{}{} {} from {} to {}", indent, v.purposes[step.transfer.purpose].name, money(v, step.transfer.amount, step.transfer.asset),
                         d.instance(v.buckets[step.transfer.from.target].name, step.transfer.from),
                         d.instance(v.buckets[step.transfer.to.target].name, step.transfer.to)) + started_by(d, v, step) + end;
    case StepKind::Transition:
      return fmt::format("{}change {} to {}", indent, machine(), v.machines[step.instance.target].modes[step.mode]) + started_by(d, v, step) + end;
    case StepKind::Together: break;
  }
  std::string out = indent + "together" + end;
  for (const ScenarioStep& part : step.legs) out += dump_step(d, v, part, indent + "  ", true);
  return out;
}

}  // namespace

std::string dump(const TypedPolicy& policy) {
  const Vocabulary& v = policy.vocabulary;
  const Dumper d(v);
  std::string out = dump(v);
  for (const TypedRule& rule : policy.rules) out += dump_rule(d, v, rule);
  for (const TypedFloor& floor : policy.floors) out += dump_floor(d, v, floor);
  for (const TypedLimit& limit : policy.limits) out += dump_limit(d, v, limit);
  for (const TypedTransition& transition : policy.transitions) out += dump_transition(d, v, transition);
  for (const TypedInvariant& invariant : policy.invariants) out += dump_invariant(d, v, invariant);
  for (const Scenario& scenario : policy.scenarios) {
    out += fmt::format("scenario \"{}\" line {}\n", scenario.name, scenario.line);
    for (const ScenarioStep& step : scenario.steps) out += dump_step(d, v, step, "  ", false);
  }
  return out + "digest " + policy.source_digest + '\n';
}

}  // namespace ringfence
