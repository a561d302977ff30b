// SPDX-License-Identifier: Apache-2.0
// Scenarios: names, ids, amounts and expectations of every step. Language reference, section 11. What a scenario asks may well be denied;
// only what can't be asked at all is an error.
#include <fmt/core.h>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

constexpr const char* kReasonWords[] = {
#define X(identifier, word, sentence) word,
#include "runtime/reasons.def"
#undef X
};

class StepChecker {
 public:
  explicit StepChecker(State& state) : state_(state), v_(state.policy.vocabulary) {}

  std::optional<ScenarioStep> check(const StepAst& ast, bool leg) {
    ScenarioStep step;
    step.kind = ast.kind;
    step.line = state_.line_of(ast.range.begin);
    bool good = fill(ast, step);
    if (!leg) good = expectation(ast, step) && good;
    return good ? std::optional(std::move(step)) : std::nullopt;
  }

 private:
  bool fill(const StepAst& ast, ScenarioStep& step) {
    switch (ast.kind) {
      case StepKind::Holds: return holds(ast, step);
      case StepKind::SetMode: return machine(ast, step);
      case StepKind::SetFact: return fact(ast, step);
      case StepKind::SetTime: return time(ast, step);
      case StepKind::Transfer: return transfer(ast, step);
      case StepKind::Transition: { const bool known = machine(ast, step); return starter(ast, step) && known; }
      case StepKind::Together: return together(ast, step);
    }
    return false;
  }

  std::string key_names(const std::vector<Index>& keys) const {
    std::string out;
    for (const Index key : keys) out += (out.empty() ? "" : ", ") + v_.entities[key].name;
    return out;
  }

  bool ids(const InstanceAst& ast, const std::vector<Index>& keys, const std::string& name, SourceRange range, NamedInstance& out) {
    for (const TextAst& id : ast.ids) out.ids.push_back(id.text);
    if (out.ids.size() == keys.size()) return true;
    state_.error("E0341", range, fmt::format("`{}` needs {} id{}, but {} {} written", name, keys.size(), keys.size() == 1 ? "" : "s", out.ids.size(), out.ids.size() == 1 ? "is" : "are"),
                 keys.empty() ? fmt::format("write `{}` alone", name) : fmt::format("write one id for each of {}, in this order, after `of`", key_names(keys)));
    return false;
  }

  bool bucket(const InstanceAst& ast, NamedInstance& out) {
    const auto found = one_bucket(state_, ast.place, "a step");
    if (!found) return false;
    out.target = *found;
    return ids(ast, v_.buckets[*found].keys, v_.buckets[*found].name, ast.range, out);
  }

  /// An amount with its asset; zero and more.
  bool amount(const AmountAst& ast, Index& asset, Int128& value) {
    if (!ast.unit) {
      state_.error("E0342", ast.range, "an amount needs its asset", fmt::format("write `{} {}`", ast.instant ? "100" : ast.number.text, v_.assets.empty() ? "USDC" : v_.assets.front().name));
      return false;
    }
    const auto found = state_.find(Kind::Asset, *ast.unit);
    const auto read = found ? amount_of(state_, ast, *found) : std::nullopt;
    if (!read) return false;
    if (*read < 0) {
      state_.error("E0342", ast.range, "an amount is not below zero", "swap `from` and `to` to move the other way");
      return false;
    }
    asset = *found;
    value = *read;
    return true;
  }

  bool holds(const StepAst& ast, ScenarioStep& step) {
    const bool known = bucket(ast.instance, step.instance);
    if (known && v_.buckets[step.instance.target].external) {
      state_.error("E0342", ast.instance.range, fmt::format("`{}` is an external: it has no balance", v_.buckets[step.instance.target].name), "leave this step out: an external always has funds");
      return false;
    }
    return amount(ast.amount, step.asset, step.value) && known;
  }

  bool is_system(const PatternAst& place) const {
    return !place.bucket && !place.everything && (!place.owner || place.owner->text == "system");
  }

  bool machine(const StepAst& ast, ScenarioStep& step) {
    ReferenceAst reference;
    reference.kind = is_system(ast.instance.place) ? ReferenceAst::Kind::System : ReferenceAst::Kind::Pattern;
    reference.pattern = ast.instance.place;
    reference.range = ast.instance.range;
    const auto subject = find_subject(state_, reference, "a mode");
    if (!subject) return false;
    const auto found = state_.machine_of.find(subject_name(v_, *subject));
    if (found == state_.machine_of.end()) {
      state_.error("E0317", ast.instance.range, fmt::format("`{}` has no modes", subject_name(v_, *subject)), fmt::format("declare them: `mode of {}: normal, ...`", subject_name(v_, *subject)));
      return false;
    }
    if (found->second == kNone) return false;
    step.instance.target = found->second;
    const ModeMachine& declared = v_.machines[found->second];
    for (Index i = 0; i < declared.modes.size(); ++i)
      if (declared.modes[i] == ast.name.text) step.mode = i;
    if (step.mode == kNone)
      state_.error("E0204", ast.name.range, fmt::format("`{}` has no mode `{}`", subject_name(v_, *subject), ast.name.text), did_you_mean(ast.name.text, declared.modes));
    return ids(ast.instance, subject->keys, subject_name(v_, *subject), ast.instance.range, step.instance) && step.mode != kNone;
  }

  bool fact(const StepAst& ast, ScenarioStep& step) {
    const auto found = state_.find(Kind::Fact, ast.name);
    if (!found) return false;
    const Fact& declared = v_.facts[*found];
    step.instance.target = *found;
    step.asset = declared.asset;
    bool good = ids(ast.instance, declared.subject.keys, declared.name, ast.name.range, step.instance);
    if (ast.is_flag != (declared.type == FactType::Flag)) {
      state_.error("E0342", ast.name.range, ast.is_flag ? fmt::format("`{}` is a value, not a flag", declared.name) : fmt::format("`{}` is a flag", declared.name),
                   ast.is_flag ? "write a value of its type" : "write `true` or `false`");
      return false;
    }
    if (ast.is_flag) {
      step.value = ast.flag_value ? 1 : 0;
      return good;
    }
    const auto value = value_of_type(state_, ast.amount, declared.type, declared.asset);
    if (value) step.value = *value;
    return good && value;
  }

  bool time(const StepAst& ast, ScenarioStep& step) {
    const auto instant = instant_of(state_, ast.time.text, ast.time.range);
    if (instant) step.time_ms = *instant;
    return instant.has_value();
  }

  bool starter(const StepAst& ast, ScenarioStep& step) {
    const auto role = state_.find(Kind::Role, ast.role);
    if (role) step.role = *role;
    step.person = ast.person ? ast.person->text : ast.role.text;
    for (const ApprovalAst& approval : ast.approvals) step.approvals.push_back({approval.person.text, state_.find_mask(Kind::Role, approval.roles)});
    step.evidence = state_.find_mask(Kind::Evidence, ast.evidence);
    return role.has_value();
  }

  bool transfer(const StepAst& ast, ScenarioStep& step) {
    const auto purpose = state_.find(Kind::Purpose, ast.name);
    if (purpose) step.transfer.purpose = *purpose;
    const bool paid = amount(ast.amount, step.transfer.asset, step.transfer.amount);
    const bool from = bucket(ast.from, step.transfer.from), to = bucket(ast.to, step.transfer.to);
    return starter(ast, step) && purpose && paid && from && to;
  }

  bool together(const StepAst& ast, ScenarioStep& step) {
    if (ast.legs.empty() || ast.legs.size() > kBatchMax) {
      state_.error("E0346", ast.range, fmt::format("{} transfers can't be linked: a batch has 1 to {}", ast.legs.size(), kBatchMax));
      return false;
    }
    bool good = true;
    for (const StepAst& part : ast.legs) {
      auto made = check(part, true);
      good = good && made;
      if (made) step.legs.push_back(std::move(*made));
    }
    return good;
  }

  bool expectation(const StepAst& ast, ScenarioStep& step) {
    step.expect_allowed = ast.expect_allowed;
    if (!ast.reason) return true;
    step.expect_reason = ast.reason->text;
    std::vector<std::string> words;
    for (const char* word : kReasonWords) {
      const std::string known = word;
      if (known == "allowed") continue;
      if (known == step.expect_reason) return true;
      words.push_back(known);
    }
    std::string help = did_you_mean(step.expect_reason, words);
    if (help.empty()) {
      for (const std::string& known : words) help += (help.empty() ? "the reasons are " : ", ") + known;
    }
    state_.error("E0343", ast.reason->range, fmt::format("there is no reason `{}`", step.expect_reason), std::move(help));
    return false;
  }

  State& state_;
  const Vocabulary& v_;
};

}  // namespace

void check_scenarios(State& state) {
  std::unordered_map<std::string, std::uint32_t> names;
  for (const StatementNode& node : state.ast.statements) {
    const auto* decl = std::get_if<ScenarioDecl>(&node.statement);
    if (decl == nullptr) continue;
    Scenario scenario{decl->name.text, state.line_of(node.range.begin), {}, decl->apart};
    const auto [first, is_new] = names.try_emplace(scenario.name, scenario.line);
    if (!is_new)
      state.error("E0201", decl->name.range, fmt::format("a scenario \"{}\" is already in line {}", scenario.name, first->second), "give one of the two another name");
    for (const StepAst& step : decl->steps)
      if (auto made = StepChecker(state).check(step, false)) scenario.steps.push_back(std::move(*made));
    state.policy.scenarios.push_back(std::move(scenario));
  }
}

}  // namespace ringfence::checking
