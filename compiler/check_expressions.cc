// SPDX-License-Identifier: Apache-2.0
// Linear sums with their units. In: an expression tree. Out: coefficients and a constant, exact, in minor units or millionths. A product
// of two quantities is refused with the reason. Language reference, 6.2 to 6.4 and 7.1.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_guards.h"

namespace ringfence::checking {
namespace {

constexpr std::size_t kDepthMax = 256;   // of an expression tree; a chain of sums is as deep as it is long
constexpr const char* kOverflowHelp = "write it with fewer digits";

struct Linear {
  std::vector<LinearTerm> terms;
  WideRational constant;
  Unit unit;
};

std::string unit_name(const Vocabulary& v, const Unit& unit) {
  switch (unit.kind) {
    case Unit::Kind::Zero: return "a plain 0";
    case Unit::Kind::Number: return "a plain number";
    case Unit::Kind::Ratio: return "a ratio";
    case Unit::Kind::Money: return "an amount of " + v.assets[unit.asset].name;
    case Unit::Kind::TransferMoney: return "an amount of the transfer's own asset";
    case Unit::Kind::Instant: return "an instant";
    case Unit::Kind::Duration: return "a duration";
  }
  return {};
}

/// A transition and an invariant are read where nothing is transferred.
bool no_transfer_here(const Scope& scope) { return scope.kind == Scope::Kind::Transition || scope.kind == Scope::Kind::Invariant; }

std::string unit_help(const Vocabulary& v, const Unit& left, const Unit& right) {
  const auto is = [&](Unit::Kind kind) { return left.kind == kind || right.kind == kind; };
  const Unit& money = left.kind == Unit::Kind::Money ? left : right;
  if (is(Unit::Kind::Instant) && is(Unit::Kind::Duration)) return "say how far from which instant: `now >= notice_given + 30 d`, `now - notice_given >= 30 d`";
  if (is(Unit::Kind::Instant)) return "compare it with an instant, as in `now >= 2026-01-05T09:30:00Z`";
  if (is(Unit::Kind::Duration)) return "write the duration with its unit, as in `30 d`";
  if (is(Unit::Kind::TransferMoney) && is(Unit::Kind::Money))
    return fmt::format("say that the rule is only `of {0}`, or name the asset: `balance(from in {0})`", v.assets[money.asset].name);
  if (is(Unit::Kind::Money) && is(Unit::Kind::Number)) return fmt::format("write the asset after the number, as in `100 {}`", v.assets[money.asset].name);
  if (is(Unit::Kind::TransferMoney) && is(Unit::Kind::Number)) return "write an amount, as in `100 USDC`, and the asset that the rule is `of`";
  if (is(Unit::Kind::Ratio) && is(Unit::Kind::Number)) return "write the number as a percentage, as in `25%`";
  if (is(Unit::Kind::Ratio)) return "say of what: `25% of amount`";
  return "compare amounts of the same asset";
}

class Measurer {
 public:
  Measurer(State& state, Scope& scope) : state_(state), scope_(scope), v_(state.policy.vocabulary) {}

  std::optional<Linear> of(const ExprAst& expr, std::size_t depth) {
    if (depth > kDepthMax) {
      state_.error("E0326", expr.range, fmt::format("this expression is too long: more than {} operations inside each other", kDepthMax), "supply a part of it as a fact");
      return std::nullopt;
    }
    switch (expr.kind) {
      case ExprAst::Kind::Literal: return literal(expr.literal);
      case ExprAst::Kind::Amount: return amount(expr);
      case ExprAst::Kind::Now: return now(expr);
      case ExprAst::Kind::Balance: return balance(expr);
      case ExprAst::Kind::Total: return total(expr);
      case ExprAst::Kind::Fact: return fact(expr);
      case ExprAst::Kind::Negate: return negate(expr, depth);
      case ExprAst::Kind::Add: case ExprAst::Kind::Subtract: return sum(expr, depth);
      case ExprAst::Kind::Multiply: return product(expr, depth);
    }
    return std::nullopt;
  }

 private:
  std::optional<Linear> overflow(SourceRange range) {
    state_.error("E0304", range, "this number is too large, or has too many digits, to be exact", kOverflowHelp);
    return std::nullopt;
  }

  static std::optional<Linear> point_in_time(std::optional<std::int64_t> ms, Unit::Kind kind) {
    if (!ms) return std::nullopt;
    return Linear{{}, {*ms, 1}, {kind, kNone}};
  }

  std::optional<Linear> literal(const AmountAst& ast) {
    if (ast.instant) return point_in_time(instant_of(state_, ast.number.text, ast.range), Unit::Kind::Instant);
    if (is_duration(state_, ast)) return point_in_time(length_of(state_, ast), Unit::Kind::Duration);
    Linear out;
    if (ast.unit) {
      const auto asset = state_.find(Kind::Asset, *ast.unit);
      const auto value = asset ? amount_of(state_, ast, *asset) : std::nullopt;
      if (!value) return std::nullopt;
      out.constant.numerator = *value;
      out.unit = {Unit::Kind::Money, *asset};
      return out;
    }
    const auto value = parse_number(ast.number.text);
    const auto scaled = value && ast.number.percent ? multiply(*value, Rational{10'000, 1}) : value;   // a percentage in millionths
    if (!scaled) return overflow(ast.range);
    out.constant = *scaled;
    if (ast.negative) out.constant.numerator = -out.constant.numerator;
    out.unit.kind = ast.number.percent ? Unit::Kind::Ratio : value->numerator == 0 ? Unit::Kind::Zero : Unit::Kind::Number;
    return out;
  }

  /// Floors are read when nothing but facts is known of the source.
  bool only_facts(SourceRange range) {
    if (scope_.kind != Scope::Kind::Floor) return false;
    state_.error("E0323", range, "a floor is made of constants and facts: it can't read the amount, a balance or a total", "supply the value as a fact, or write a rule with `when`");
    return true;
  }

  /// What `amount`, and a balance without `in`, is measured in.
  Unit transfer_unit() const {
    if (scope_.assets.size() == 1) return {Unit::Kind::Money, scope_.assets.front()};
    return {Unit::Kind::TransferMoney, kNone};
  }

  std::optional<Linear> quantity(Quantity q, Unit unit, SourceRange range, bool mention) {
    if (mention) scope_.mentions.push_back({false, q, range});
    Linear out;
    out.terms.push_back({Rational{1, 1}, std::move(q)});
    out.unit = unit;
    return out;
  }

  std::optional<Linear> no_transfer(SourceRange range) {
    const ResolveError error{Unresolved::NoTransfer, kNone};
    state_.error("E0305", range, message(v_, error), help(v_, error));
    return std::nullopt;
  }

  std::optional<Linear> amount(const ExprAst& expr) {
    if (only_facts(expr.range)) return std::nullopt;
    if (no_transfer_here(scope_)) return no_transfer(expr.range);
    return quantity(Quantity{}, transfer_unit(), expr.range, false);
  }

  /// 3.8: an invariant is about a state, which has no time.
  std::optional<Linear> now(const ExprAst& expr) {
    if (scope_.kind != Scope::Kind::Invariant) return quantity({QuantityKind::Now, {}, kNone, false}, {Unit::Kind::Instant, kNone}, expr.range, false);
    state_.error("E0328", expr.range, "an invariant speaks of balances, totals, facts and modes: `now` is the time of a transfer", "compare with a fact, or write a rule with `when`");
    return std::nullopt;
  }

  /// The asset of a balance or a total, and its unit. False after a diagnostic.
  bool asset_of(const ExprAst& expr, Quantity& q, Unit& unit) {
    q.after = expr.after;
    unit = transfer_unit();
    if (expr.asset) {
      const auto asset = state_.find(Kind::Asset, *expr.asset);
      if (!asset) return false;
      q.asset = *asset;
    } else if (no_transfer_here(scope_)) {
      if (v_.assets.size() != 1) {
        const ResolveError error{Unresolved::NoAsset, kNone};
        state_.error("E0306", expr.range, message(v_, error), help(v_, error));
        return false;
      }
      q.asset = 0;
    }
    if (q.asset != kNone) unit = {Unit::Kind::Money, q.asset};
    return true;
  }

  bool endpoint(const ReferenceAst& reference, Quantity& q) {
    if (reference.kind != ReferenceAst::Kind::From && reference.kind != ReferenceAst::Kind::To) return false;
    q.reference.endpoint = true;
    q.reference.side = reference.kind == ReferenceAst::Kind::From ? Side::From : Side::To;
    return true;
  }

  std::optional<Linear> balance(const ExprAst& expr) {
    if (only_facts(expr.range)) return std::nullopt;
    Quantity q;
    q.kind = QuantityKind::Balance;
    Unit unit;
    if (!endpoint(expr.reference, q)) {
      const PatternAst& pattern = expr.reference.pattern;
      if (expr.reference.kind == ReferenceAst::Kind::Pattern && pattern.bucket && (pattern.match == Match::Any || any_key(pattern))) {
        state_.error("E0324", expr.reference.range, "a balance is of one instance; a sum over many is a total", "write `total(...)` instead of `balance(...)`");
        return std::nullopt;
      }
      if (expr.reference.kind != ReferenceAst::Kind::Pattern || !(pattern.bucket || pattern.owner)) {
        state_.error("E0324", expr.reference.range, "a balance is of `from`, of `to` or of one bucket");
        return std::nullopt;
      }
      const auto bucket = one_bucket(state_, pattern, "a balance");
      if (!bucket || external(*bucket, expr.reference.range)) return std::nullopt;
      q.reference.target = *bucket;
    }
    if (!asset_of(expr, q, unit)) return std::nullopt;
    return quantity(q, unit, expr.range, true);
  }

  static bool any_key(const PatternAst& pattern) {
    return std::any_of(pattern.keys.begin(), pattern.keys.end(), [](const KeyAst& key) { return key.summed || key.match == Match::Any; });
  }

  bool external(Index bucket, SourceRange range) {
    if (!v_.buckets[bucket].external) return false;
    const ResolveError error{Unresolved::ExternalBalance, kNone};
    state_.error("E0324", range, fmt::format("`{}` is an external: {}", v_.buckets[bucket].name, message(v_, error)), help(v_, error));
    return true;
  }

  std::optional<Linear> total(const ExprAst& expr) {
    if (only_facts(expr.range)) return std::nullopt;
    const PatternAst& pattern = expr.reference.pattern;
    Quantity q;
    q.kind = QuantityKind::Balance;   // with nothing summed; changed below
    Unit unit;
    if (!endpoint(expr.reference, q)) {
      if (expr.reference.kind != ReferenceAst::Kind::Pattern || !pattern.bucket || !pattern.owner) {
        state_.error("E0324", expr.reference.range, "a total is of an account or of a bucket", "write it as `total(any Client.wallet)` or `total(Bank.client_money)`");
        return std::nullopt;
      }
      const bool is_account = state_.lookup(Kind::Account, full_name(pattern)) != nullptr && state_.lookup(Kind::Place, full_name(pattern)) == nullptr;
      if (!(is_account ? account_total(pattern, q) : bucket_total(pattern, q))) return std::nullopt;
    }
    if (!asset_of(expr, q, unit)) return std::nullopt;
    return quantity(q, unit, expr.range, true);
  }

  bool account_total(const PatternAst& pattern, Quantity& q) {
    const auto found = state_.find(Kind::Account, full_name(pattern), pattern.range);
    if (!found || !no_words(state_, pattern, "the total of an account")) return false;
    const Account& account = v_.accounts[*found];
    if (!brackets_fit(state_, pattern, account.keys, v_.entities[account.owner].many, account.name)) return false;
    q.kind = QuantityKind::AccountTotal;
    q.reference.target = *found;
    return true;
  }

  bool bucket_total(const PatternAst& pattern, Quantity& q) {
    const auto found = state_.find(Kind::Place, full_name(pattern), pattern.range);
    if (!found || external(*found, pattern.range)) return false;
    const Bucket& bucket = v_.buckets[*found];
    const bool owner_many = v_.entities[bucket.owner].many;
    if (!brackets_fit(state_, pattern, bucket.keys, owner_many, bucket.name)) return false;
    std::vector<bool> summed(bucket.keys.size(), false);
    bool good = mark(pattern.match, owner_many ? 0 : bucket.keys.size(), pattern.range, summed);
    for (std::size_t i = 0; i < pattern.keys.size(); ++i)
      good = mark(pattern.keys[i].summed ? Match::Any : pattern.keys[i].match, i + (owner_many ? 1 : 0), pattern.keys[i].entity.range, summed) && good;
    q.reference.target = *found;
    if (std::find(summed.begin(), summed.end(), true) == summed.end()) return good;
    q.kind = QuantityKind::BucketTotal;
    q.reference.summed = std::move(summed);
    return good;
  }

  bool mark(Match match, std::size_t key, SourceRange range, std::vector<bool>& summed) {
    if (match == Match::Same) return true;
    if (match == Match::Any && key < summed.size()) {
      summed[key] = true;
      return true;
    }
    state_.error("E0324", range, match == Match::Other ? "a total can't be over `other` ids" : "there is only one of this entity, so there is nothing to sum over",
                 match == Match::Other ? "write `any` to sum over all ids" : "leave out `any`");
    return false;
  }

  std::optional<Linear> fact(const ExprAst& expr) {
    const auto index = state_.find(Kind::Fact, expr.fact);
    if (!index) return std::nullopt;
    const Fact& found = v_.facts[*index];
    if (found.type == FactType::Flag) {
      state_.error("E0319", expr.range, fmt::format("`{}` is a flag: it is true or false, not a number", found.name), fmt::format("write `{0}` or `not {0}` as a condition", found.name));
      return std::nullopt;
    }
    Quantity q;
    q.kind = QuantityKind::Fact;
    const auto reference = fact_reference(state_, scope_, *index, expr.reference, expr.range);
    if (!reference) return std::nullopt;
    q.reference = *reference;
    return quantity(q, unit_of(found), expr.range, true);
  }

  static Unit unit_of(const Fact& fact) {
    switch (fact.type) {
      case FactType::Amount: return {Unit::Kind::Money, fact.asset};
      case FactType::Ratio: return {Unit::Kind::Ratio, kNone};
      case FactType::Instant: return {Unit::Kind::Instant, kNone};
      case FactType::Duration: return {Unit::Kind::Duration, kNone};
      case FactType::Number: case FactType::Flag: break;
    }
    return {Unit::Kind::Number, kNone};
  }

  std::optional<Linear> negate(const ExprAst& expr, std::size_t depth) {
    auto operand = of(expr.operands.front(), depth + 1);
    if (!operand || !can_scale(operand->unit, expr.range)) return std::nullopt;
    return scaled(std::move(*operand), Rational{-1, 1}, expr.range);
  }

  std::optional<Linear> sum(const ExprAst& expr, std::size_t depth) {
    auto left = of(expr.operands.front(), depth + 1);
    for (std::size_t i = 1; i < expr.operands.size(); ++i) {
      const ExprAst& operand = expr.operands[i];
      const bool negated = operand.kind == ExprAst::Kind::Negate;   // what is taken away in a longer sum
      auto right = of(negated ? operand.operands.front() : operand, depth + 1);
      const bool minus = (expr.kind == ExprAst::Kind::Subtract) != negated;
      left = left && right ? added(std::move(*left), std::move(*right), minus, expr.range) : std::nullopt;
    }
    return left;
  }

  /// 6.10: two instants differ by a duration, and a duration leads from an instant to another.
  std::optional<Unit> unit_of_sum(const Unit& left, const Unit& right, bool minus, SourceRange range) {
    const bool from = left.kind == Unit::Kind::Instant, to = right.kind == Unit::Kind::Instant;
    if (!from && !to) return agree(state_, left, right, range);
    const auto is_length = [](const Unit& unit) { return unit.kind == Unit::Kind::Duration || unit.kind == Unit::Kind::Zero; };
    if (from && to && minus) return Unit{Unit::Kind::Duration, kNone};
    if (from && is_length(right)) return left;
    if (to && is_length(left) && !minus) return right;
    if (from == to || is_length(left))
      state_.error("E0301", range, from ? "two instants can't be added" : "an instant can't be taken from a duration", "write `now - notice_given` for the time between two instants, `notice_given + 30 d` for a later one");
    else
      agree(state_, left, right, range);
    return std::nullopt;
  }

  std::optional<Linear> added(Linear left, Linear right, bool minus, SourceRange range) {
    const auto unit = unit_of_sum(left.unit, right.unit, minus, range);
    auto more = unit && minus ? scaled(std::move(right), Rational{-1, 1}, range) : std::optional(std::move(right));
    if (!unit || !more) return std::nullopt;
    left.unit = *unit;
    return added(std::move(left), *more, range);
  }

  std::optional<Linear> added(Linear left, const Linear& right, SourceRange range) {
    const auto constant = add(left.constant, right.constant);
    if (!constant) return overflow(range);
    left.constant = *constant;
    for (const LinearTerm& term : right.terms) {
      const auto same = std::find_if(left.terms.begin(), left.terms.end(), [&](const LinearTerm& t) { return t.quantity == term.quantity; });
      if (same == left.terms.end()) {
        left.terms.push_back(term);
        continue;
      }
      const auto coefficient = add(same->coefficient, term.coefficient);
      if (!coefficient) return overflow(range);
      same->coefficient = *coefficient;
      if (coefficient->numerator == 0) left.terms.erase(same);
    }
    if (left.terms.size() <= kTermsMax) return left;
    state_.error("E0326", range, fmt::format("this sum has more than {} terms", kTermsMax), "supply a part of it as a fact");
    return std::nullopt;
  }

  std::optional<Linear> scaled(Linear value, const Rational& factor, SourceRange range) {
    const auto constant = multiply(value.constant, factor);
    if (!constant) return overflow(range);
    value.constant = *constant;
    if (factor.numerator == 0) value.terms.clear();
    for (LinearTerm& term : value.terms) {
      const auto coefficient = multiply(term.coefficient, factor);
      if (!coefficient) return overflow(range);
      term.coefficient = *coefficient;
    }
    return value;
  }

  static bool is_factor(const Linear& value) {
    return value.terms.empty() && (value.unit.kind == Unit::Kind::Zero || value.unit.kind == Unit::Kind::Number || value.unit.kind == Unit::Kind::Ratio);
  }

  /// An instant is a point in time, of which there is no multiple. False after a diagnostic.
  bool can_scale(const Unit& unit, SourceRange range) {
    if (unit.kind != Unit::Kind::Instant) return true;
    state_.error("E0301", range, "an instant can't be multiplied or negated", "write `now - notice_given` for the time between two instants, `notice_given + 30 d` for a later one");
    return false;
  }

  std::optional<Linear> product(const ExprAst& expr, std::size_t depth) {
    auto left = of(expr.operands.front(), depth + 1);
    for (std::size_t i = 1; i < expr.operands.size(); ++i) {
      auto right = of(expr.operands[i], depth + 1);
      left = left && right ? multiplied(std::move(*left), std::move(*right), expr.range) : std::nullopt;
    }
    return left;
  }

  /// One of the two is a number or a percentage; a percentage is a factor of the other (6.2).
  std::optional<Linear> multiplied(Linear left, Linear right, SourceRange range) {
    if (!is_factor(left) && !is_factor(right)) {
      report_product(left, right, range);
      return std::nullopt;
    }
    const bool swap = !is_factor(left) || (is_factor(right) && right.unit.kind == Unit::Kind::Ratio && left.unit.kind != Unit::Kind::Ratio);
    if (swap) std::swap(left, right);
    if (!can_scale(right.unit, range)) return std::nullopt;
    const bool percent = left.unit.kind == Unit::Kind::Ratio;
    const auto natural = percent ? multiply(left.constant, Rational{1, 1'000'000}) : std::optional(left.constant);
    const auto factor = natural ? make_rational(natural->numerator, natural->denominator) : std::nullopt;
    if (!factor) return overflow(range);
    return scaled(std::move(right), *factor, range);
  }

  void report_product(const Linear& left, const Linear& right, SourceRange range) {
    if (left.terms.empty() || right.terms.empty()) {
      state_.error("E0302", range, "only a plain number or a percentage can multiply", "write it as `3 * maintenance` or `25% of amount`");
      return;
    }
    state_.error("E0302", range, "this multiplies two quantities, and a guard is linear so that proofs end",
                 "supply the product as a fact of its own, as in `fact required_margin of Client : amount of USDC`");
  }

  State& state_;
  Scope& scope_;
  const Vocabulary& v_;
};

}  // namespace

std::optional<Unit> agree(State& state, const Unit& left, const Unit& right, SourceRange range) {
  const bool instant = left.kind == Unit::Kind::Instant || right.kind == Unit::Kind::Instant;
  if (left == right || (right.kind == Unit::Kind::Zero && !instant)) return left;
  if (left.kind == Unit::Kind::Zero && !instant) return right;
  const Vocabulary& v = state.policy.vocabulary;
  const bool own = (left.kind == Unit::Kind::TransferMoney && right.kind == Unit::Kind::Money) || (left.kind == Unit::Kind::Money && right.kind == Unit::Kind::TransferMoney);
  state.error(own ? "E0306" : "E0301", range, fmt::format("the left side is {}, the right side is {}", unit_name(v, left), unit_name(v, right)), unit_help(v, left, right));
  return std::nullopt;
}

std::optional<Reference> fact_reference(State& state, const Scope& scope, Index fact, const ReferenceAst& written, SourceRange range) {
  const Vocabulary& v = state.policy.vocabulary;
  Reference reference;
  reference.target = fact;
  if (written.kind == ReferenceAst::Kind::From || written.kind == ReferenceAst::Kind::To) {
    reference.side = written.kind == ReferenceAst::Kind::From ? Side::From : Side::To;
    const bool absent = no_transfer_here(scope) || (scope.kind == Scope::Kind::Floor && reference.side == Side::To);
    if (absent) {
      state.error("E0305", range, "there is only one side here, so `from` and `to` have no meaning", fmt::format("write `{}` alone", v.facts[fact].name));
      return std::nullopt;
    }
  } else if (written.kind != ReferenceAst::Kind::None) {
    state.error("E0305", written.range, "a fact is followed by `(from)`, `(to)` or nothing", fmt::format("write `{0}`, `{0}(from)` or `{0}(to)`", v.facts[fact].name));
    return std::nullopt;
  }
  reference.side = counted_side(scope, v.facts[fact].subject, reference.side);
  return reference;
}

Side counted_side(const Scope& scope, const Subject& subject, Side written) {
  if (scope.kind != Scope::Kind::Limit || written != Side::Either || subject.keys.empty()) return written;
  const bool counted = std::all_of(subject.keys.begin(), subject.keys.end(), [&](Index key) { return key_position(scope.per, key) != kNone; });
  return counted ? Side::From : written;
}

std::optional<Measured> measure(State& state, Scope& scope, const ExprAst& expr) {
  const auto linear = Measurer(state, scope).of(expr, 0);
  if (!linear) return std::nullopt;
  return Measured{{linear->terms, linear->constant.numerator, linear->constant.denominator}, linear->unit};
}

}  // namespace ringfence::checking
