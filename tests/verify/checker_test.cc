// SPDX-License-Identifier: Apache-2.0
// The independent checker as a program: it confirms what the verifier proved, for shipped, small and random policies, and refuses certificates
// that are damaged, of another policy, about another fence, or whose table permits more than the proof was about, though a solver finds
// nothing wrong with them. Its decisions share no code with the verifier's, so each also tests the other.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>

#include "tests/generate/policy.h"
#include "tests/shipped_policies.h"
#include "tests/size_of_run.h"
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"
#include "tests/verify/state_policies.h"
#include "verify/check_obligations.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

namespace fs = std::filesystem;

std::string proof_of(const std::string& source) {
  const FenceVerdict verdict = judge(source);
  REQUIRE(verdict.answer == Answer::Proved);
  return verdict.certificate;
}

/// The certificate with `inv` changed: `body` may use the parameters, and INV for what it was.
std::string with_invariant(const std::string& certificate, std::string body) {
  const std::string head = "(define-fun inv (";
  const std::size_t begin = certificate.find(head) + head.size(), end = certificate.find(") Bool", begin);
  REQUIRE(end != std::string::npos);
  const std::string parameters = certificate.substr(begin, end - begin);
  std::string call = "(was";
  for (std::size_t at = 0; (at = parameters.find('(', at)) != std::string::npos; ++at) {
    call += ' ';
    call += parameters.substr(at + 1, parameters.find(' ', at) - at - 1);
  }
  if (const std::size_t at = body.find("INV"); at != std::string::npos) body.replace(at, 3, call + ")");
  std::string changed = replaced(certificate, head, "(define-fun was (");
  changed += head;
  changed += parameters;
  changed += ") Bool ";
  return changed + body + ")\n";
}

const std::string kApart = "segregate Client from House\n";

}  // namespace

TEST_CASE("the checker confirms every fence that is proved of the shipped policies") {
  for (const ShippedPolicy& policy : shipped_policies()) {
    if (policy.path.stem() == "as_it_was") continue;
    INFO(policy.path);
    const RuleTable table = table_of(policy);
    const Bench bench;
    bench.write_table(table);
    std::string names;
    for (const FenceVerdict& fence : verify(table).fences) {
      REQUIRE(fence.answer == Answer::Proved);
      const std::string name = "fence_" + std::to_string(fence.fence);
      bench.write(name, fence.certificate);
      names += name + " ";
    }
    const auto [code, out] = bench.check(names);
    INFO(out);
    CHECK(code == kConfirmed);
    CHECK(out.find("NOT CONFIRMED") == std::string::npos);
  }
}

TEST_CASE("the checker confirms proofs that rest on guards, modes, denials, limits, approvals and custody") {
  const std::string modes = "mode of Client: normal, called, liquidating\n";
  const std::string seize = "allow pay Client.wallet -> House.fees by liquidator when mode is liquidating\n";
  const std::string custody = "segregate each Client in custody\n";
  for (const std::string& rest : {
           kApart + "allow pay Client.wallet -> House.fees by trader passing title",
           kApart + "allow pay Client.wallet -> House.fees by trader when amount < 0.01 USDC",
           kApart + "allow pay Client.wallet -> House.fees by trader when amount <= 5 USDC\ndeny pay Client.wallet -> House.fees when amount < 5.01 USDC",
           kApart + "allow pay Client.wallet -> House.fees by trader when balance(from) < amount",
           kApart + "allow pay Client.wallet -> House.fees by trader when balance(from) = 0 USDC",
           kApart + "allow pay Client.wallet -> House.fees by trader when approved by 2 of officer and not approved by officer",
           kApart + "allow pay Client.wallet -> House.fees by trader when approved by 2 of officer, trader and not approved by officer and not approved by trader",
           kApart + "allow pay Client.wallet -> House.fees by trader when total(any Client.wallet) < balance(from)",
           kApart + "allow pay Client.wallet -> House.fees by trader when amount > 5 USDC\nlimit pay in total 5 USDC per day",
           kApart + "allow pay Client.wallet -> House.fees by trader when time between 10:00 and 11:00 and not time between 09:00 and 12:00",
           kApart + "fact due of Client : amount of USDC from 0 to 10 USDC\nallow pay Client.wallet -> House.fees by trader when 2 * due < due",
           kApart + modes + "  normal -> called by officer\n" + seize,
           kApart + modes + "  normal -> called by officer\n  called -> liquidating by officer when balance(Client.wallet) < 0 USDC\n" + seize,
           kApart + "mode of system: open, halted\n  open -> halted by officer\nallow pay Client.wallet -> House.fees by trader when mode is halted and mode is open",
           std::string("segregate each Position\nallow pay Client.wallet -> Client.margin by trader passing title"),
           kApart + "bucket Client.pooled in Bank.pool\nbucket House.credit in Bank.pool may overdraw\nallow pay House.credit -> House.fees by officer when balance(from) >= amount",
           kApart + "mode of House.transit: free, taken\n  free -> taken by officer when balance(House.transit) = 0\nallow lend Client.wallet -> House.fees by trader when mode of House.transit is taken and balance(House.transit) < 0 USDC",
           custody + "allow pay Client.wallet -> Client.margin by trader",
           custody + "allow pay Client.wallet -> House.transit by trader when balance(to) = 0\n",
           std::string("segregate Client from House in custody\nallow pay Client.wallet -> House.transit by trader passing title\n")}) {
    INFO(rest);
    const RuleTable table = table_of(with_world(rest));
    const auto [code, out] = checked(table, proof_of(with_world(rest)));
    INFO(out);
    CHECK(code == kConfirmed);
  }
}

TEST_CASE("an invariant that leaves a start out, excludes nothing or is not kept is refused") {
  const std::string source = with_world(kApart + "allow pay Client.wallet -> House.fees by trader passing title\nallow lend Client.wallet -> Client.margin by trader\n");
  const RuleTable table = table_of(source);
  const std::string certificate = proof_of(source);
  refused(table, with_invariant(certificate, "false"), "the invariant leaves out a start: USDC held for Client.bank of client1 in Client.bank of client1");
  refused(table, with_invariant(certificate, "true"), "the invariant does not exclude what the fence forbids: USDC held for");
  for (std::size_t bucket = 0; bucket < decode(table).vocabulary.buckets.size(); ++bucket) {
    const std::string number = std::to_string(bucket);
    refused(table, with_invariant(certificate, "(and INV (not (= pb0 pb1 " + number + ")))"), "the invariant leaves out a start");
  }
  refused(table, with_invariant(certificate, "(and INV (not (and (= pb0 2) (= pb1 3))))"),
          "a step leaves the invariant: from USDC held for Client.wallet of client1 in Client.wallet of client1, line 18: allow lend Client.wallet -> Client.margin by "
          "trader (Client.wallet of client1 -> Client.margin of client1, position1) leads to USDC held for Client.wallet of client1 in Client.margin of client1, position1");
  // Larger than need be is fine, as long as it is kept and excludes.
  CHECK(checked(table, with_invariant(certificate, "(or INV (and (= pb0 4) (= pb1 1)))")).first == kConfirmed);
  refused(table, with_invariant(certificate, "(or INV (and (= pb0 4) (= pb1 2)))"), "the invariant does not exclude");
}

TEST_CASE("obligations that are not those of the table are not what the checker reads") {
  // All of them left out, all made trivial, or a solver's answers claimed: the invariant is judged, and nothing else.
  const std::string source = with_world(kApart + "allow pay Client.wallet -> House.fees by trader passing title\n");
  const RuleTable table = table_of(source);
  const std::string certificate = proof_of(source);
  CHECK(checked(table, certificate.substr(0, certificate.find("(push 1)"))).first == kConfirmed);
  const RuleTable more = table_of(with_world(kApart + "allow pay Client.wallet -> House.fees by trader\n"));
  refused(more, made_out_for(certificate.substr(0, certificate.find("(push 1)")), table, more), "line 17: allow pay Client.wallet -> House.fees by trader");
}

TEST_CASE("a certificate of another policy, fence or kind is refused") {
  const std::string source = with_world("segregate each Client in custody\nallow pay Client.wallet -> House.transit by trader when balance(to) = 0\n");
  const RuleTable table = table_of(source);
  const RuleTable other = table_of(source + "# another\n");
  const std::string certificate = proof_of(source);
  refused(other, certificate, "it is for another policy");
  refused(table, replaced(certificate, "; Proved: line 16: segregate each Client in custody", "; Proved: line 16: segregate each Client"), "it names no fence and no invariant of this table");
  // The table's fence is what counts: an invariant that keeps one fence says nothing about another.
  const std::string two = with_world("segregate Client from House.fees\nsegregate each Client\nallow pay Client.wallet -> other Client.wallet by trader\n");
  const RuleTable both = table_of(two);
  const Verdict verdict = verify(both);
  REQUIRE(verdict.fences[0].answer == Answer::Proved);
  REQUIRE(verdict.fences[1].answer == Answer::Refuted);
  refused(both, replaced(verdict.fences[0].certificate, "; Proved: line 16: segregate Client from House.fees", "; Proved: line 17: segregate each Client"),
          "the invariant does not exclude what the fence forbids: USDC held for Client.");
}

TEST_CASE("a table that permits more than was proved is refused, with the state and the move") {
  struct Case { std::string before, after, why; };
  const std::string modes = "mode of Client: normal, called, liquidating\n  normal -> called by officer\n";
  const std::string seize = "allow pay Client.wallet -> House.fees by liquidator when mode is liquidating\n";
  for (const Case& each : {
           Case{kApart + "allow pay Client.wallet -> House.fees by trader when amount < 0.01 USDC", kApart + "allow pay Client.wallet -> House.fees by trader when amount < 0.02 USDC", "line 17"},
           Case{kApart + "allow pay Client.wallet -> House.fees by trader\ndeny pay Client.* -> House.*", kApart + "allow pay Client.wallet -> House.fees by trader\ndeny pay Client.* -> House.* when amount > 1 USDC", "line 17"},
           Case{kApart + "allow pay Client.wallet -> House.fees by trader passing title", kApart + "allow pay Client.wallet -> House.fees by trader", "Client.wallet of client1 -> House.fees"},
           Case{kApart + modes + seize, kApart + modes + seize + "allow lend Client.wallet -> House.transit by trader\n", "line 20: allow lend"},
           Case{kApart + modes + seize, kApart + replaced(modes, "by officer\n", "by officer\n  called -> liquidating by officer\n") + seize, "liquidating"},
           Case{"segregate each Client in custody\nallow pay Client.wallet -> House.transit by trader when balance(to) = 0\n",
                "segregate each Client in custody\nallow pay Client.wallet -> House.transit by trader when balance(to) <= 0.01 USDC\n", "Client.wallet of client1 -> House.transit"},
           Case{"segregate each Client\nallow pay Client.wallet -> Client.margin by trader", "segregate each Client\nallow pay Client.wallet -> other Client.margin by trader", "Client.margin of client2"}}) {
    INFO(each.before << "\n-- then --\n" << each.after);
    const RuleTable proved = table_of(with_world(each.before)), weaker = table_of(with_world(each.after));
    const FenceVerdict broken = judge(with_world(each.after));
    REQUIRE(broken.answer == Answer::Refuted);
    refused(weaker, made_out_for(proof_of(with_world(each.before)), proved, weaker), each.why);
  }
}

TEST_CASE("what is no table or no certificate is said to be unusable") {
  const std::string source = with_world(kApart + "allow pay Client.wallet -> House.fees by trader passing title");
  const RuleTable table = table_of(source);
  const std::string certificate = proof_of(source);
  const std::string head = certificate.substr(0, certificate.find("(set-logic"));
  for (const std::string& text : {head, head + "(define-fun inv () Bool unknown)", head + "(define-fun inv ((x Int)) Bool true)", head + "(define-fun inv (", head + ")", head + "42",
                                  certificate.substr(0, certificate.find("(define-fun inv ("))}) {
    const auto [code, out] = checked(table, text);
    INFO(out);
    CHECK(code == kUnusable);
  }
  const auto [code, out] = checked(table, head + "(define-fun inv ((pb0 Int)) Bool (= 0 (* pb0 170141183460469231731687303715884105727)))");
  INFO(out);
  CHECK(code == kUndecided);
  CHECK(out.find("not decided") != std::string::npos);
  const Bench bench;
  bench.write("c.smt2", certificate);
  CHECK(bench.check("c.smt2").first == kUnusable);
  bench.write_table(table);
  CHECK(bench.check("").first == kUnusable);
  CHECK(bench.check("missing.smt2").first == kUnusable);
}

TEST_CASE("an invariant is read at the limit of nesting, and one past it is not") {
  const StatePolicy turns = state_policies()[7];   // with balances: read as a formula, too
  for (const std::string& source : {with_world(kApart + "allow pay Client.wallet -> House.fees by trader passing title"), turns.with(turns.kept)}) {
    const RuleTable table = table_of(source);
    const std::string certificate = proof_of(source);
    for (const auto& [definitions, also] : nested_to_the_limit()) {
      const auto [code, out] = checked(table, with_invariant(certificate + definitions, "(and INV " + also + ")"));
      INFO(also.substr(0, 40) << ": " << out);
      CHECK(code == kConfirmed);
    }
    for (const auto& [definitions, also] : nested_past_the_limit()) {
      const auto [code, out] = checked(table, with_invariant(certificate + definitions, "(and INV " + also + ")"));
      INFO(also.substr(0, 40) << ": " << out);
      CHECK(code == kUndecided);
      CHECK(out.find("is nested more than 1000 deep") != std::string::npos);
    }
    // What is no function may be nested as it will.
    CHECK(checked(table, certificate + "(assert " + std::string(100'000, '(') + std::string(100'000, ')') + ")\n").first == kConfirmed);
  }
}

TEST_CASE("proofs that rest on balances are confirmed, and refused for a table whose guard is weaker by one") {
  for (const StatePolicy& policy : tried_state_policies()) {
    INFO(policy.what);
    const std::string kept = policy.with(policy.kept), weakened = policy.with(policy.weakened);
    const RuleTable table = table_of(kept), weaker = table_of(weakened);
    const std::string certificate = proof_of(kept);
    const auto [code, out] = checked(table, certificate);
    INFO(out);
    CHECK(code == kConfirmed);
    refused(weaker, made_out_for(certificate, table, weaker), "a step leaves the invariant: from");
  }
}

namespace {

/// The certificate up to its first obligation, and each obligation.
std::pair<std::string, Obligations> pieces_of(const std::string& certificate) {
  static const std::string begin = "(push 1)\n", end = "(pop 1)\n";
  std::pair<std::string, Obligations> pieces{certificate.substr(0, certificate.find(begin)), {}};
  for (std::size_t at = certificate.find(begin); at != std::string::npos; at = certificate.find(begin, at))
    pieces.second.push_back(certificate.substr(at, certificate.find(end, at) + end.size() - at)), at += pieces.second.back().size();
  return pieces;
}

bool solver_confirms(const std::string& certificate) {
  const auto [prelude, obligations] = pieces_of(certificate);
  return ObligationChecker(prelude, 60'000, nullptr).all_unsat(obligations);
}

std::size_t end_of_term(const std::string& text, std::size_t at) {
  if (text[at] != '(') return text.find_first_of(" )\n", at);
  for (std::size_t depth = 0;; ++at) {
    depth += text[at] == '(';
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
}

/// The certificate with each conjunct of its `inv` left out in turn, and each number that a balance is compared with more or less by one.
std::vector<std::string> tampered(const std::string& certificate) {
  std::vector<std::string> found;
  const std::size_t inv = certificate.find("(define-fun inv ("), end = end_of_term(certificate, inv);
  for (std::size_t at = certificate.find("(and ", inv); at < end; at = certificate.find("(and ", at + 1))
    for (std::size_t part = at + 5; certificate[part] != ')';) {
      const std::size_t after = end_of_term(certificate, part);
      found.push_back(certificate.substr(0, part) + "true" + certificate.substr(after));
      part = certificate.find_first_not_of(" \n", after);
    }
  static const std::regex compared("pbal[0-9_]+ ([0-9]+)[)]");
  const std::string body = certificate.substr(inv, end - inv);
  for (auto each = std::sregex_iterator(body.begin(), body.end(), compared); each != std::sregex_iterator(); ++each)
    for (const char* by : {"(+ 1 ", "(- "})
      found.push_back(certificate.substr(0, inv + static_cast<std::size_t>(each->position(1))) + by + each->str(1) + (by[1] == '-' ? " 1)" : ")") +
                      certificate.substr(inv + static_cast<std::size_t>(each->position(1) + each->length(1))));
  return found;
}

}  // namespace

TEST_CASE("an invariant over balances with a conjunct less, or a bound off by one, is refused where a solver finds it wrong") {
  unsigned wrong = 0, right = 0;
  for (const StatePolicy& policy : tried_state_policies()) {
    if (!policy.balances_in_state || policy.what.find("custody") != std::string::npos) continue;
    const RuleTable table = table_of(policy.with(policy.kept));
    for (const std::string& certificate : tampered(proof_of(policy.with(policy.kept)))) {
      const auto [code, out] = checked(table, certificate);
      INFO(policy.what << "\n" << certificate.substr(certificate.find("(define-fun inv"), 4'000) << "\n" << out);
      const bool holds = solver_confirms(certificate);
      CHECK(code == (holds ? kConfirmed : kWrong));
      ++(holds ? right : wrong);
    }
  }
  std::cout << "checker: " << wrong << " invariants over balances that were made wrong, each refused; " << right << " that a change left right, each confirmed" << std::endl;
  CHECK(wrong >= (kIsSanitized ? 10 : 20));   // of a share of the policies
}

TEST_CASE("an invariant over balances by hand: each bound counts") {
  const StatePolicy policy = state_policies()[7];
  REQUIRE(policy.what.find("a transit bucket of each market") == 0);
  const std::string source = policy.with(policy.kept);
  const RuleTable table = table_of(source);
  const auto& buckets = decode(table).vocabulary.buckets;
  const auto number = [&](const std::string& name) {
    for (std::size_t i = 0; i < buckets.size(); ++i)
      if (buckets[i].name == name) return std::to_string(i);
    FAIL("no bucket " << name);
    return std::string();
  };
  const std::string retail = number("Retail.wallet"), pro = number("Pro.wallet"), transit = number("House.transit");
  const std::string retail_turn = "pbal" + number("House.retail_turn") + "_0_1", pro_turn = "pbal" + number("House.pro_turn") + "_0_1";
  const std::string certificate = proof_of(source);
  const auto claim = [&](const std::string& least, const std::string& most) {
    const auto kept_apart = [&](const std::string& one, const std::string& other) { return "(not (and (= pb0 " + one + ") (= pb1 " + other + ")))"; };
    const auto turn = [&](const std::string& title, const std::string& mine, const std::string& theirs) {
      return "(=> (and (= pb0 " + title + ") (= pb1 " + transit + ")) (and (>= " + mine + " " + least + ") (<= " + theirs + " " + most + ")))";
    };
    return "(and " + kept_apart(retail, pro) + kept_apart(pro, retail) + turn(retail, retail_turn, pro_turn) + turn(pro, pro_turn, retail_turn) + ")";
  };
  const auto [code, out] = checked(table, with_invariant(certificate, claim("100", "0")));
  INFO(out);
  CHECK(code == kConfirmed);
  CHECK(checked(table, with_invariant(certificate, claim("1", "0"))).first == kConfirmed);
  refused(table, with_invariant(certificate, claim("101", "0")), "a step leaves the invariant: from");
  // Nor after one with the same places and other bounds, for which all is well.
  const Bench bench;
  bench.write_table(table);
  bench.write("good", with_invariant(certificate, claim("100", "0")));
  bench.write("bad", with_invariant(certificate, claim("101", "0")));
  const auto [both, said_of_both] = bench.check("good good bad good");
  INFO(said_of_both);
  CHECK(both == kWrong);
  CHECK(said_of_both.find("NOT CONFIRMED bad: a step leaves the invariant: from") != std::string::npos);
  refused(table, with_invariant(certificate, claim("100", "(- 1)")), "a step leaves the invariant: from");
  refused(table, with_invariant(certificate, claim("0", "100")), "a step leaves the invariant: from");
  refused(table, with_invariant(certificate, "(and INV (<= " + pro_turn + " 5))"), "the invariant leaves out a start");
  refused(table, with_invariant(certificate, "(or INV (and (= pb0 " + retail + ") (= pb1 " + pro + ") (= " + pro_turn + " (- 1))))"), "the invariant does not exclude");
  // No balance is so: what is added has no state.
  CHECK(checked(table, with_invariant(certificate, "(or INV (and (= pb0 " + retail + ") (= pb1 " + pro + ") (= " + pro_turn + " 5)))")).first == kConfirmed);
  for (const std::string& beyond : {"(= 0 (mod " + pro_turn + " 2))", "(<= 0 (* " + pro_turn + " " + retail_turn + "))", "(<= " + pro_turn + " 999999999999999999999999999999999999999999)"}) {
    const auto [unread, said] = checked(table, with_invariant(certificate, "(and INV " + beyond + ")"));
    INFO(said);
    CHECK(unread == kUndecided);
  }
  for (const char* unknown : {"pbal99_0", "pbal0_9", "pbal0", "pbal" }) {
    INFO(unknown);
    CHECK(checked(table, replaced(certificate, "(" + pro_turn + " Int)", "(" + pro_turn + " Int)(" + std::string(unknown) + " Int)")).first == kUnusable);
  }
}

TEST_CASE("no byte of a table makes the checker fall over") {
  const std::string plain = with_world(kApart + "mode of Client: normal, called\n  normal -> called by officer\n"
                                                "allow pay Client.wallet -> House.fees by trader passing title when mode is called and amount <= balance(from)");
  const StatePolicy accounts = state_policies()[9];
  REQUIRE(accounts.what.find("the same with the total of an account") == 0);
  for (const std::string& source : {plain, accounts.with(accounts.kept)}) {
    const RuleTable table = table_of(source);
    const Bench bench;
    bench.write("c.smt2", proof_of(source));
    const auto bytes = table.bytes();
    const std::string good(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    unsigned unusable = 0;
    for (std::size_t at = 8; at < good.size(); at += 17) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x81);
      bench.write("table", bad);
      const auto [code, out] = bench.check("c.smt2");
      INFO("byte " << at << ": " << out);
      CHECK(code <= kUnusable);
      unusable += code == kUnusable;
    }
    CHECK(unusable > 50);
    bench.write("table", good.substr(0, good.size() / 2));
    CHECK(bench.check("c.smt2").first == kUnusable);
  }
}

namespace {

struct Count { unsigned policies = 0, proved = 0, confirmed = 0, undecided = 0, weakened = 0, caught = 0; };

/// Line `number` of the text with all from `from` on left out; empty when the line has no such part, or the fences would be cut.
std::string without(const std::string& source, std::size_t line, const std::string& from) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line && begin != std::string::npos; ++i) begin = source.find('\n', begin) + 1;
  const std::size_t end = source.find('\n', begin), at = source.find(from, begin);
  if (end == std::string::npos || at == std::string::npos || at >= end) return {};
  return source.substr(0, at) + source.substr(end);
}

/// The same policy with a deny, a condition or a `passing title` less. Where that breaks a fence, its old certificate must not be confirmed.
void weaken(const std::string& source, const RuleTable& table, const Verdict& verdict, Count& count) {
  const std::size_t lines = static_cast<std::size_t>(std::count(source.begin(), source.end(), '\n'));
  for (std::size_t line = 0; line < lines; ++line)
    for (const char* part : {"deny ", " when ", " passing title"}) {
      const std::string less = without(source, line, part);
      if (less.empty()) continue;
      auto compiled = compile(less);
      if (!compiled.artefact) continue;
      const RuleTable weaker = std::get<RuleTable>(RuleTable::load(std::move(compiled.artefact->table)));
      const Verdict now = verify(weaker);
      for (std::size_t f = 0; f < now.fences.size(); ++f) {
        if (verdict.fences[f].answer != Answer::Proved || now.fences[f].answer != Answer::Refuted) continue;
        const auto [code, out] = checked(weaker, made_out_for(verdict.fences[f].certificate, table, weaker));
        INFO(source << "\n-- weakened to --\n" << less << "\n" << out);
        CHECK(code == kWrong);
        ++count.weakened;
        count.caught += code == kWrong;
      }
    }
}

void check_random(std::uint64_t seed, const std::string& source, Count& count) {
  auto compiled = compile(source);
  if (!compiled.artefact) return;
  const RuleTable table = std::get<RuleTable>(RuleTable::load(std::move(compiled.artefact->table)));
  const Verdict verdict = verify(table);
  ++count.policies;
  for (const FenceVerdict& fence : verdict.fences) {
    if (fence.answer != Answer::Proved) continue;
    ++count.proved;
    const auto [code, out] = checked(table, fence.certificate);
    INFO("seed " << seed << "\n" << source << "\n" << out);
    CHECK((code == kConfirmed || code == kUndecided));
    count.confirmed += code == kConfirmed;
    count.undecided += code == kUndecided;
  }
  if (seed % 4 == 0) weaken(source, table, verdict, count);
}

}  // namespace

TEST_CASE("random policies: what is proved is confirmed, what is weakened is caught") {
  Count count;
  generate::Knobs small;
  small.buckets_max = 3;
  small.keys_max = 1;
  small.rules_max = 5;
  small.single_many = small.small_ranges = true;
  small.two_assets = small.overdraw = false;
  generate::Knobs keyed = small;       // two keys a bucket, and every relation between them
  keyed.single_many = false;
  keyed.keys_max = keyed.buckets_max = 2;
  keyed.dense = true;
  keyed.modes = keyed.balances = keyed.custody = false;
  generate::Knobs overdrawn = small;
  overdrawn.overdraw = true;
  overdrawn.modes = overdrawn.custody = false;
  constexpr std::uint64_t kSeeds = kIsSanitized ? 24 : 68;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    for (const generate::Knobs& knobs : {small, keyed, overdrawn}) check_random(seed, generate::random_policy(seed, knobs), count);
  std::cout << "checker: " << count.policies << " random policies, " << count.proved << " fences proved: " << count.confirmed << " confirmed, " << count.undecided
            << " too large to decide; " << count.weakened << " certificates kept after a rule was weakened so that the fence broke, " << count.caught << " caught" << std::endl;
  CHECK(count.undecided * 50 <= count.proved);
  CHECK(count.proved > kSeeds);
  CHECK(count.weakened > 0);
}

TEST_CASE("random policies in which balances decide: what is proved is confirmed, what is weakened is caught") {
  Count count;
  for (std::uint64_t seed = 24; seed < (kIsSanitized ? 26 : 40); ++seed) check_random(seed, generate::random_turns(seed), count);
  std::cout << "checker: " << count.policies << " random policies that take turns, " << count.proved << " fences proved: " << count.confirmed << " confirmed, " << count.undecided
            << " too large to decide; " << count.weakened << " certificates kept after a rule was weakened so that the fence broke, " << count.caught << " caught" << std::endl;
  CHECK(count.undecided * 10 <= count.proved);
  CHECK(count.weakened > 0);
}
