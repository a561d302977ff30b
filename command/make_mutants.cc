// SPDX-License-Identifier: Apache-2.0
// See make_mutants.h. Edits are made at the ranges of the syntax tree; words that it keeps no range of (`when`, `other`) are found by cutting the statement
// into its words. "More" and "less" of a guard are meant as what its statement then permits: in a deny rule, and under a `not`, the other way round.
#include "command/make_mutants.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "command/smallest_unit.h"
#include "compiler/literals.h"

namespace ringfence {
namespace {

/// The words and signs of a range, without comments and white space.
std::vector<SourceRange> words_in(std::string_view source, SourceRange range) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  std::vector<SourceRange> words;
  for (std::uint32_t at = range.begin; at < range.end;) {
    const std::uint32_t begin = at;
    if (source[at] == '#') at = static_cast<std::uint32_t>(std::min<std::size_t>(source.find('\n', at), range.end));
    else if (std::isspace(static_cast<unsigned char>(source[at])) != 0) ++at;
    else {
      if (source[at] == '"') {
        for (++at; at < range.end && source[at] != '"'; ++at)
          if (source[at] == '\\') ++at;
        ++at;
      } else if (is_word(source[at])) {
        while (at < range.end && is_word(source[at])) ++at;
      } else {
        ++at;
      }
      words.push_back({begin, std::min(at, range.end)});
    }
  }
  return words;
}

class MutantMaker {
 public:
  MutantMaker(const PolicyAst& ast, std::string_view source) : ast_(ast), source_(source), units_(ast) {
    for (const StatementNode& node : ast.statements) {
      if (const auto* names = std::get_if<NamesDecl>(&node.statement); names != nullptr && names->kind == NamesDecl::Kind::Role)
        for (const NameAst& name : names->names.names) roles_.push_back(name.text);
    }
  }

  std::vector<Mutant> make() {
    for (const StatementNode& node : ast_.statements) {
      const std::size_t first = mutants_.size();
      statement_ = node.range;
      assets_here_ = nullptr;
      std::visit([this](const auto& statement) { mutate(statement); }, node.statement);
      std::stable_sort(mutants_.begin() + static_cast<std::ptrdiff_t>(first), mutants_.end(), [](const Mutant& a, const Mutant& b) { return a.kind < b.kind; });
    }
    return std::move(mutants_);
  }

 private:
  template <class Declaration>
  void mutate(const Declaration&) {}   // what is declared, claimed or told

  void mutate(const RuleDecl& rule) {
    const bool allow = rule.effect == Effect::Allow;
    assets_here_ = rule.assets ? &*rule.assets : nullptr;
    mutate_conditions(rule.clauses, allow);
    drop_then(rule.clauses);
    if (!allow) remove_statement("this deny rule");
    turn(rule.from.range, rule.to.range);
    lose_other(rule.from);
    lose_other(rule.to);
    if (!allow || !rule.roles) return;
    add_role(*rule.roles);
    if (!rule.clauses.passing_title) add(MutationKind::TitleAdded, rule.roles->range.end, "the rule passes title", {{at(rule.roles->range.end), " passing title"}});
  }

  void mutate(const FloorDecl& floor) {
    if (const auto unit = units_.of({&floor.minimum}, nullptr)) add(MutationKind::BoundWidened, floor.minimum.range.begin, fmt::format("the floor is {} lower", *unit), {{at(floor.minimum.range.end), " - " + *unit}});
    mutate_unless(floor.clauses);
    remove_statement("this floor");
  }

  void mutate(const LimitDecl& limit) {
    const SourceRange cap = limit.cap.range;
    if (const auto unit = units_.of({&limit.cap}, nullptr)) add(MutationKind::BoundWidened, cap.begin, fmt::format("the limit is {} higher", *unit), {{at(cap.end), " + " + *unit}});
    add(MutationKind::LimitTenfold, cap.begin, fmt::format("the limit is ten times `{}`", text(cap)), {{at(cap.begin), "10 * ("}, {at(cap.end), ")"}});
    mutate_unless(limit.clauses);
    remove_statement("this limit");
    if (!limit.from || !limit.to) return;
    turn(limit.from->range, limit.to->range);
    lose_other(*limit.from);
    lose_other(*limit.to);
  }

  void mutate(const ModeDecl& machine) {
    const SourceRange whole = statement_;
    for (const ModeStepAst& step : machine.steps) {
      statement_ = std::visit([](const auto& one) { return one.range; }, step);
      if (const auto* transition = std::get_if<TransitionAst>(&step)) mutate_transition(*transition);
      else mutate_deadline(std::get<DeadlineAst>(step));
    }
    statement_ = whole;
  }

  void mutate_transition(const TransitionAst& transition) {
    mutate_conditions(transition.clauses, true);
    if (transition.from) turn(transition.from->range, transition.to.range);
    add_role(transition.roles);
  }

  void mutate_deadline(const DeadlineAst& deadline) {
    remove_statement("this deadline");
    std::visit([this](const auto& when) { put_off(when); }, deadline.when);
  }

  void put_off(const DurationAst& within) {
    const NumberAst& number = within.number;
    if (const auto within_ms = parse_duration_ms(number.text, within.unit))
      add(MutationKind::BoundWidened, number.range.begin, "the deadline is 1 ms later", {{within.range, fmt::format("{} ms", *within_ms + 1)}});
    if (number.text.find('.') == std::string::npos)
      add(MutationKind::LimitTenfold, number.range.begin, fmt::format("the deadline is ten times `{}`", text(within.range)), {{at(number.range.end), "0"}});
  }

  void put_off(const CutOffAst& cut_off) {
    if (const auto second = parse_time_of_day(cut_off.time.text); second && *second + 60 < 86'400) {
      const std::uint32_t minute = *second / 60 + 1;
      add(MutationKind::BoundWidened, cut_off.time.range.begin, "the deadline is a minute later", {{cut_off.time.range, fmt::format("{:02}:{:02}", minute / 60, minute % 60)}});
    }
    const std::string later = cut_off.business_day ? fmt::format("business day {}", std::stoul(cut_off.business_day->text) + 1) : cut_off.next ? "business day 2" : "the next business day";
    add(MutationKind::BoundWidened, cut_off.range.begin, "the deadline is a business day later", {{cut_off.range, later}});
  }

  // ---- clauses and guards

  void mutate_conditions(const ClausesAst& clauses, bool permits) {
    for (const auto& condition : clauses.conditions) {
      if (condition.requires_evidence) drop_evidence(condition.guard);
      else if (condition.entering) drop(condition.guard.range, condition.guard.range);
      else mutate_whole(condition.guard, permits);
    }
  }
  void drop_then(const ClausesAst& clauses) {
    for (const auto& brings : clauses.brings)
      if (!brings.before) drop(brings.range, brings.range);
  }
  void mutate_unless(const ClausesAst& clauses) {
    for (const GuardAst& guard : clauses.unless) mutate_whole(guard, true);
  }
  /// A guard with the word that introduces it.
  void mutate_whole(const GuardAst& guard, bool permits) {
    if (guard.kind != GuardAst::Kind::And) drop({word_before(guard.range.begin).begin, guard.range.end}, guard.range);
    mutate_guard(guard, permits);
  }

  void drop_evidence(const GuardAst& guard) {
    const auto& names = guard.names.names;
    if (names.size() == 1) return drop({word_before(guard.range.begin).begin, guard.range.end}, guard.range);
    for (std::size_t i = 0; i < names.size(); ++i) drop(one_of(names, i), names[i].range);
  }

  void mutate_guard(const GuardAst& guard, bool permits) {
    switch (guard.kind) {
      case GuardAst::Kind::And: case GuardAst::Kind::Or:
        for (std::size_t i = 0; i < guard.parts.size(); ++i) {
          drop(one_of(guard.parts, i), guard.parts[i].range);
          mutate_guard(guard.parts[i], permits);
        }
        break;
      case GuardAst::Kind::Not: mutate_guard(guard.parts.front(), !permits); break;
      case GuardAst::Kind::Compare: widen(guard, permits); break;
      case GuardAst::Kind::Approved: widen_approval(guard, permits); break;
      case GuardAst::Kind::Flag: case GuardAst::Kind::Mode: case GuardAst::Kind::Evidence: case GuardAst::Kind::Time: break;
    }
  }

  /// A bound moved by one, so that the guard holds more often, or where that permits more, less often.
  void widen(const GuardAst& guard, bool more) {
    const SourceRange sign = comparator_of(guard);
    const auto replace = [&](const char* by) { add(MutationKind::BoundWidened, sign.begin, fmt::format("`{}` becomes `{}` in `{}`", text(sign), by, text(guard.range)), {{sign, by}}); };
    const auto move = [&](char by) {
      if (const auto unit = units_.of({&guard.left, &guard.right}, assets_here_))
        add(MutationKind::BoundWidened, guard.range.begin, fmt::format("`{} {}` is added to `{}`", by, *unit, text(guard.range)), {{at(guard.right.range.end), fmt::format(" {} {}", by, *unit)}});
    };
    switch (guard.comparator) {
      case Comparator::Less: more ? replace("<=") : move('-'); break;
      case Comparator::LessEqual: more ? move('+') : replace("<"); break;
      case Comparator::Greater: more ? replace(">=") : move('+'); break;
      case Comparator::GreaterEqual: more ? move('-') : replace(">"); break;
      case Comparator::Equal: if (more) replace("<="), replace(">="); break;
      case Comparator::NotEqual: if (!more) replace("<"), replace(">"); break;
    }
  }

  void widen_approval(const GuardAst& guard, bool more) {
    if (!guard.count) return;
    const auto count = parse_number(guard.count->text);
    if (!count || (more && count->numerator <= 1)) return;   // one fewer than one is the clause dropped
    const std::string other = to_string(count->numerator + (more ? -1 : 1));
    add(MutationKind::BoundWidened, guard.count->range.begin, fmt::format("{} approvals instead of {}", other, guard.count->text), {{guard.count->range, other}});
  }

  // ---- whole statements

  void remove_statement(const char* what) { add(MutationKind::ProtectionRemoved, statement_.begin, fmt::format("{} is left out", what), {{statement_, ""}}); }
  void turn(SourceRange from, SourceRange to) {
    if (text(from) == text(to)) return;
    add(MutationKind::ArrowTurned, from.begin, fmt::format("from `{}` to `{}`", text(to), text(from)), {{from, text(to)}, {to, text(from)}});
  }
  void lose_other(const PatternAst& pattern) {
    const auto words = words_in(source_, pattern.range);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
      if (text(words[i]) == "other") add(MutationKind::OtherLost, words[i].begin, fmt::format("`other` is left out of `{}`", text(pattern.range)), {{{words[i].begin, words[i + 1].begin}, ""}});
  }
  void add_role(const NamesAst& roles) {
    if (roles.all) return;
    for (const std::string& role : roles_) {
      if (std::any_of(roles.names.begin(), roles.names.end(), [&](const NameAst& name) { return name.text == role; })) continue;
      add(MutationKind::RoleAdded, roles.range.end, fmt::format("`{}` may do it too", role), {{at(roles.range.end), ", " + role}});
    }
  }

  // ---- text

  static SourceRange at(std::uint32_t place) { return {place, place}; }
  std::string text(SourceRange range) const { return std::string(source_.substr(range.begin, range.end - range.begin)); }
  /// The last word of the statement before `place`.
  SourceRange word_before(std::uint32_t place) const { return words_in(source_, {statement_.begin, place}).back(); }
  SourceRange comparator_of(const GuardAst& guard) const {
    const auto words = words_in(source_, {guard.left.range.end, guard.right.range.begin});
    return {words.front().begin, words.back().end};
  }
  /// The i-th of several that are joined by words, with the word that joins it.
  template <class Parts>
  static SourceRange one_of(const Parts& parts, std::size_t i) {
    if (i + 1 < parts.size()) return {parts[i].range.begin, parts[i + 1].range.begin};
    return {parts[i - 1].range.end, parts[i].range.end};
  }

  void drop(SourceRange range, SourceRange named) { add(MutationKind::ClauseDropped, named.begin, fmt::format("`{}` is left out", text(named)), {{range, ""}}); }

  void add(MutationKind kind, std::uint32_t place, std::string what, std::vector<Edit> edits) {
    std::ptrdiff_t lines_lost = 0;
    for (const Edit& edit : edits) {
      const std::string old = text(edit.range);
      lines_lost += std::count(old.begin(), old.end(), '\n') - std::count(edit.text.begin(), edit.text.end(), '\n');
    }
    if (lines_lost > 0) edits.back().text.append(static_cast<std::size_t>(lines_lost), '\n');   // lines keep their numbers
    std::replace(what.begin(), what.end(), '\n', ' ');
    mutants_.push_back({kind, place_of(source_, place).line, std::move(what), std::move(edits)});
  }

  const PolicyAst& ast_;
  std::string_view source_;
  SmallestUnits units_;
  std::vector<std::string> roles_;
  SourceRange statement_;                     // that is being mutated
  const NamesAst* assets_here_ = nullptr;     // those that its `of` names
  std::vector<Mutant> mutants_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

const char* mutation_word(MutationKind kind) noexcept {
  static constexpr const char* kWords[] = {
#define X(identifier, word, sentence) word,
#include "command/mutation.def"
#undef X
  };
  return kWords[static_cast<std::size_t>(kind)];
}

const char* mutation_sentence(MutationKind kind) noexcept {
  static constexpr const char* kSentences[] = {
#define X(identifier, word, sentence) sentence,
#include "command/mutation.def"
#undef X
  };
  return kSentences[static_cast<std::size_t>(kind)];
}

std::vector<Mutant> make_mutants(const PolicyAst& ast, std::string_view source) { return MutantMaker(ast, source).make(); }

std::string mutated(std::string_view source, const Mutant& mutant) {
  std::string text;
  std::uint32_t at = 0;
  for (const Edit& edit : mutant.edits) {
    text += source.substr(at, edit.range.begin - at);
    text += edit.text;
    at = edit.range.end;
  }
  return text += source.substr(at);
}

std::vector<std::string> changed_lines(std::string_view source, std::string_view mutated) {
  const auto before = lines_of(source), after = lines_of(mutated);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (before[i] == after[i]) continue;
    lines.push_back(fmt::format("- {}", before[i]));
    if (after[i].find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(fmt::format("+ {}", after[i]));
  }
  return lines;
}

}  // namespace ringfence
