// SPDX-License-Identifier: Apache-2.0
// The syntax tree as text: one node a line, indented by depth. In: a tree. Out: lines that depend on nothing else; ranges are left
// out, so that layout and comments do not show.
#include "compiler/ast.h"

#include <fmt/format.h>

namespace ringfence {
namespace {

class Dump {
 public:
  std::string take() { return std::move(text_); }

  void policy(const PolicyAst& policy) {
    line("policy {} version {}{}", quoted(policy.name), quoted(policy.version), policy.cite ? " cite " + quoted(*policy.cite) : "");
    for (const StatementNode& node : policy.statements) std::visit([this](const auto& statement) { write(statement); }, node.statement);
  }

 private:
  struct Deeper {
    explicit Deeper(Dump& dump) : dump_(dump) { ++dump_.depth_; }
    ~Deeper() { --dump_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Dump& dump_;
  };

  template <class... Parts> void line(fmt::format_string<Parts...> format, Parts&&... parts) {
    text_.append(2 * depth_, ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Parts>(parts)...);
    text_ += '\n';
  }

  // ---- words

  static std::string quoted(const TextAst& text) {
    std::string written = "\"";
    for (char c : text.text) (c == '"' || c == '\\') ? written += '\\', written += c : written += c;
    return written + "\"";
  }
  static std::string optional_text(const std::optional<TextAst>& text) { return text ? " " + quoted(*text) : ""; }
  static std::string listed(const std::vector<NameAst>& names) {
    std::string written;
    for (const NameAst& one : names) written += (written.empty() ? "" : ", ") + one.text;
    return written;
  }
  static std::string listed(const NamesAst& names) { return names.all ? "all" : listed(names.names); }
  static std::string amount(const AmountAst& amount) {
    return (amount.negative ? "-" : "") + amount.number.text + (amount.number.percent ? "%" : "") + (amount.unit ? " " + amount.unit->text : "");
  }
  static std::string duration(const DurationAst& duration) { return duration.number.text + " " + duration.unit; }
  static const char* match(Match match) { return match == Match::Other ? "other " : match == Match::Any ? "any " : ""; }
  static std::string pattern(const PatternAst& pattern) {
    if (pattern.everything) return "*";
    std::string written = match(pattern.match) + (pattern.owner ? pattern.owner->text : "system");
    if (pattern.all_of_owner) written += ".*";
    if (pattern.bucket) written += "." + pattern.bucket->text;
    if (!pattern.brackets) return written;
    std::string keys;
    for (const KeyAst& key : pattern.keys) keys += (keys.empty() ? "" : ", ") + (match(key.match) + key.entity.text);
    return written + "[" + keys + "]";
  }
  static std::string patterns(const std::vector<PatternAst>& several) {
    std::string written;
    for (const PatternAst& one : several) written += (written.empty() ? "" : ", ") + pattern(one);
    return written;
  }
  static std::string reference(const ReferenceAst& reference) {
    switch (reference.kind) {
      case ReferenceAst::Kind::None: return "";
      case ReferenceAst::Kind::From: return "from";
      case ReferenceAst::Kind::To: return "to";
      case ReferenceAst::Kind::System: return "system";
      case ReferenceAst::Kind::Pattern: return pattern(reference.pattern);
    }
    return "";
  }
  static std::string instance(const InstanceAst& instance) {
    std::string ids;
    for (const TextAst& id : instance.ids) ids += (ids.empty() ? " of " : ", ") + id.text;
    return pattern(instance.place) + ids;
  }

  // ---- values and guards

  void write(const ExprAst& value) {
    const std::string in = value.asset ? " in " + value.asset->text : "";
    switch (value.kind) {
      case ExprAst::Kind::Literal: line("literal {}", amount(value.literal)); break;
      case ExprAst::Kind::Amount: line("amount"); break;
      case ExprAst::Kind::Now: line("now"); break;
      case ExprAst::Kind::Balance: line("balance{} {}{}", value.after ? " after" : "", reference(value.reference), in); break;
      case ExprAst::Kind::Total: line("total{} {}{}", value.after ? " after" : "", reference(value.reference), in); break;
      case ExprAst::Kind::Fact:
        line("fact {}{}", value.fact.text, value.reference.kind == ReferenceAst::Kind::None ? "" : " of " + reference(value.reference));
        break;
      case ExprAst::Kind::Negate: line("negate"); break;
      case ExprAst::Kind::Add: line("add"); break;
      case ExprAst::Kind::Subtract: line("subtract"); break;
      case ExprAst::Kind::Multiply: line("multiply"); break;
    }
    const Deeper deeper(*this);
    for (const ExprAst& operand : value.operands) write(operand);
  }

  void write(const GuardAst& guard) {
    static constexpr const char* kComparators[] = {"<", "<=", "=", "!=", ">=", ">"};
    const std::string of = guard.reference.kind == ReferenceAst::Kind::None ? "" : " of " + reference(guard.reference);
    switch (guard.kind) {
      case GuardAst::Kind::And: line("and"); break;
      case GuardAst::Kind::Or: line("or"); break;
      case GuardAst::Kind::Not: line("not"); break;
      case GuardAst::Kind::Compare: line("compare {}", kComparators[static_cast<std::size_t>(guard.comparator)]); break;
      case GuardAst::Kind::Flag: line("flag {}{}", guard.flag.text, of); break;
      case GuardAst::Kind::Mode: line("mode{} is {}{}", of, guard.negated ? "not " : "", listed(guard.names)); break;
      case GuardAst::Kind::Approved: line("approved by {}{}", guard.count ? guard.count->text + " of " : "", listed(guard.names)); break;
      case GuardAst::Kind::Evidence: line("evidence {}", listed(guard.names)); break;
      case GuardAst::Kind::Time: line("time between {} and {}", guard.start.text, guard.end.text); break;
    }
    const Deeper deeper(*this);
    if (guard.kind == GuardAst::Kind::Compare) write(guard.left), write(guard.right);
    for (const GuardAst& part : guard.parts) write(part);
  }

  void write(const ClausesAst& clauses) {
    const Deeper deeper(*this);
    if (clauses.passing_title) line("passing title");
    for (const auto& condition : clauses.conditions)
      if (!condition.entering) labelled(condition.requires_evidence ? "requires" : "when", condition.guard);
    for (const GuardAst& guard : clauses.unless) labelled("unless", guard);
    for (const auto& brings : clauses.brings) line("{} {}{}", brings.before ? "entering" : "then", brings.mode.text, brings.reference.kind == ReferenceAst::Kind::None ? "" : " of " + reference(brings.reference));
    for (const TextAst& text : clauses.cite) line("cite {}", quoted(text));
    for (const TextAst& text : clauses.because) line("because {}", quoted(text));
    for (const NamesAst& names : clauses.notify) line("notify {}", listed(names));
  }
  template <class Node> void labelled(const char* label, const Node& node) {
    line("{}", label);
    const Deeper deeper(*this);
    write(node);
  }

  // ---- statements

  void write(const AssetDecl& it) { line("asset {} decimals {}{}", it.name.text, it.decimals.text, optional_text(it.text)); }
  void write(const NamesDecl& it) {
    static constexpr const char* kKinds[] = {"role", "purpose", "evidence"};
    line("{} {}", kKinds[static_cast<std::size_t>(it.kind)], listed(it.names));
  }
  void write(const EntityDecl& it) { line("entity {}{}", it.name.text, it.many ? " many" : ""); }
  void write(const BucketDecl& it) {
    static constexpr const char* kKinds[] = {"bucket", "external", "account"};
    line("{} {}{}{}{}", kKinds[static_cast<std::size_t>(it.kind)], pattern(it.place), it.account ? " in " + pattern(*it.account) : "",
         it.may_overdraw ? " may overdraw" : "", optional_text(it.text));
  }
  void write(const FactDecl& it) {
    static constexpr const char* kTypes[] = {"amount", "number", "ratio", "flag", "instant", "duration"};
    line("fact {}{} : {}{}{}{}{}", it.name.text, it.subject.kind == ReferenceAst::Kind::None ? "" : " of " + reference(it.subject),
         kTypes[static_cast<std::size_t>(it.type)], it.asset ? " of " + it.asset->text : "",
         it.min && it.max ? " from " + amount(*it.min) + " to " + amount(*it.max) : "",
         it.fresh_within ? ", fresh within " + duration(*it.fresh_within) : "", optional_text(it.text));
  }
  void write(const ModeDecl& it) {
    line("mode of {} : {}", reference(it.subject), listed(it.modes));
    const Deeper deeper(*this);
    for (const ModeStepAst& one : it.steps) std::visit([this](const auto& step) { write(step); }, one);
  }
  void write(const TransitionAst& it) {
    line("transition {} -> {} by {}", it.from ? it.from->text : "any", it.to.text, listed(it.roles));
    write(it.clauses);
  }
  void write(const DeadlineAst& it) {
    line("deadline {} {}, else {}", it.mode.text, std::visit([](const auto& when) { return deadline(when); }, it.when), it.otherwise.text);
    write(it.clauses);
  }
  static std::string deadline(const DurationAst& within) { return "within " + duration(within); }
  static std::string deadline(const CutOffAst& cut_off) {
    const std::string day = cut_off.business_day ? "business day " + cut_off.business_day->text : cut_off.next ? "the next business day" : "the same business day";
    return fmt::format("by {} on {} of {}", cut_off.time.text, day, cut_off.calendar.text);
  }
  void write(const CalendarDecl& it) {
    line("calendar {} in {}{}{} from {} to {}", it.name.text, quoted(it.zone), it.closed.names.empty() ? "" : " closed " + listed(it.closed),
         it.holidays ? " holidays " + quoted(*it.holidays) : "", it.first_year.text, it.last_year.text);
  }
  void write(const FenceDecl& it) {
    std::string cites;
    for (const TextAst& text : it.cite) cites += " cite " + quoted(text);
    const std::string custody = it.in_custody ? " in custody" : "";
    if (it.each) line("segregate each {}{}{}{}", it.entity.text, it.left.empty() ? "" : " in " + patterns(it.left), custody, cites);
    else line("segregate {} from {}{}{}", patterns(it.left), patterns(it.right), custody, cites);
  }
  void write(const RuleDecl& it) {
    line("{} {} {} -> {}{}{}", it.effect == Effect::Allow ? "allow" : "deny", listed(it.purposes), pattern(it.from), pattern(it.to),
         it.assets ? " of " + listed(*it.assets) : "", it.roles ? " by " + listed(*it.roles) : "");
    write(it.clauses);
  }
  void write(const FloorDecl& it) {
    line("floor {}{}", pattern(it.bucket), it.assets ? " of " + listed(*it.assets) : "");
    const Deeper deeper(*this);
    labelled("minimum", it.minimum);
    write(it.clauses);
  }
  void write(const LimitDecl& it) {
    line("limit {}{}{}{}", listed(it.purposes), it.from && it.to ? " " + pattern(*it.from) + " -> " + pattern(*it.to) : "",
         it.per.empty() ? " in total" : " per " + listed(it.per), it.window ? " in any " + duration(*it.window) : " per day");
    const Deeper deeper(*this);
    labelled("cap", it.cap);
    write(it.clauses);
  }

  void write(const InvariantDecl& it) {
    line("invariant");
    const Deeper deeper(*this);
    labelled("holds", it.holds);
    write(it.clauses);
  }

  // ---- scenarios

  void write(const ScenarioDecl& it) {
    line("scenario {}{}", quoted(it.name), it.apart ? " apart" : "");
    const Deeper deeper(*this);
    for (const StepAst& step : it.steps) write(step);
  }
  void write(const StepAst& step) {
    switch (step.kind) {
      case StepKind::Holds: line("given {} holds {}", instance(step.instance), amount(step.amount)); break;
      case StepKind::SetMode: line("given mode of {} is {}", instance(step.instance), step.name.text); break;
      case StepKind::SetFact: {
        std::string ids;
        for (const TextAst& id : step.instance.ids) ids += (ids.empty() ? " of " : ", ") + id.text;
        line("with {}{} = {}", step.name.text, ids, !step.is_flag ? amount(step.amount) : step.flag_value ? "true" : "false");
        break;
      }
      case StepKind::SetTime: line("at {}", step.time.text); break;
      case StepKind::Transfer:
        line("{} {} from {} to {}{}", step.name.text, amount(step.amount), instance(step.from), instance(step.to), starter(step));
        break;
      case StepKind::Transition: line("change {} to {}{}", instance(step.instance), step.name.text, starter(step)); break;
      case StepKind::Together: {
        line("together{}", expectation(step));
        const Deeper deeper(*this);
        for (const StepAst& leg : step.legs) write(leg);
        break;
      }
    }
  }
  static std::string starter(const StepAst& step) {
    std::string written = " by " + (step.person ? step.person->text + " as " : "") + step.role.text;
    for (const ApprovalAst& one : step.approvals) written += " approved by " + one.person.text + " as " + listed(one.roles);
    if (!step.evidence.names.empty()) written += " showing " + listed(step.evidence);
    return written + expectation(step);
  }
  static std::string expectation(const StepAst& step) {
    if (!step.has_expectation) return "";
    return std::string(step.expect_allowed ? " -> allowed" : " -> denied") + (step.reason ? " by " + step.reason->text : "");
  }

  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string dump(const PolicyAst& policy) {
  Dump dump;
  dump.policy(policy);
  return dump.take();
}

}  // namespace ringfence
