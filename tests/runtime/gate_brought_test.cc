// SPDX-License-Identifier: Apache-2.0
// Changes of mode that come with a transfer (language reference, 4.8 and 10.5): made with it or not at all, alone and in a batch.
#include "runtime/ringfence_c.h"
#include "tests/runtime/gate_fixture.h"

namespace ringfence::test {
namespace {

const char* const kLoans = R"(
policy "Loans" version "1"
asset USD decimals 0
role trader, boss
purpose lend, give_back, gift
entity Loan many
entity House
external House.owners
bucket House.reserve
bucket House.drawn[Loan]
bucket House.gifts[Loan]
mode of House.drawn : clear, lent, overdue
  clear -> lent by trader, boss
  lent -> clear by trader, boss when balance(House.drawn in USD) = 0
  overdue -> clear by boss when balance(House.drawn in USD) = 0
  lent must end within 10 s, else overdue
mode of House.gifts : none, promised, done
  none -> promised by boss
  promised -> done by boss
allow lend      House.reserve -> House.drawn by trader, boss entering lent
allow give_back House.drawn -> House.reserve by trader, boss then clear
allow gift      House.reserve -> House.gifts by boss entering promised when amount <= 10 USD
allow gift      House.reserve -> House.gifts by boss entering done when amount <= 20 USD
allow gift      House.owners -> House.reserve by boss
)";

struct Loans : Fixture {
  explicit Loans(BroughtModes brought = BroughtModes::Made) : Fixture(kLoans, brought) { REQUIRE(open(at("House.reserve"), 100)); }
  GateTransfer lend(std::uint64_t loan, Int128 amount, const char* role = "trader") { return ask("lend", at("House.reserve"), at("House.drawn", loan), amount, role); }
  GateTransfer give_back(std::uint64_t loan, Int128 amount, const char* role = "trader") { return ask("give_back", at("House.drawn", loan), at("House.reserve"), amount, role); }
  GateTransfer gift(std::uint64_t to, Int128 amount) { return ask("gift", at("House.reserve"), at("House.gifts", to), amount, "boss"); }
  std::string mode(std::uint64_t loan, const char* subject = "House.drawn") const {
    const Instance of = machine(subject, loan);
    return std::string(table.mode_name(of.target, gate.mode(of, now)));
  }
  std::size_t brought() const { return gate.modes_brought().size(); }
};

TEST_CASE("a transfer enters the mode that it needs, and a return ends it once all is back") {
  Loans loans;
  CHECK(loans.submit(loans.lend(7, 60)) == Reason::Allowed);
  CHECK(loans.mode(7) == "lent");
  REQUIRE(loans.brought() == 1);
  CHECK(loans.gate.modes_brought()[0].subject == loans.machine("House.drawn", 7));
  CHECK(loans.table.statement(loans.gate.modes_brought()[0].statement).text == "clear -> lent by trader, boss");
  CHECK(loans.gate.kept_mode(loans.machine("House.drawn", 7)).entered_ms == loans.now);
  loans.now += 3 * kSecond;
  CHECK(loans.submit(loans.lend(7, 10)) == Reason::Allowed);   // in the mode already: its time still counts from the first
  CHECK(loans.brought() == 0);
  CHECK(loans.gate.kept_mode(loans.machine("House.drawn", 7)).entered_ms == loans.now - 3 * kSecond);
  CHECK(loans.submit(loans.give_back(7, 69)) == Reason::Allowed);
  CHECK(loans.mode(7) == "lent");
  CHECK(loans.submit(loans.give_back(7, 1)) == Reason::Allowed);
  CHECK(loans.mode(7) == "clear");
}

TEST_CASE("a transfer that is denied all the same changes no mode") {
  Loans loans;
  CHECK(loans.submit(loans.lend(7, 101)) == Reason::Funds);   // what still stands in its way, not the mode
  CHECK(loans.mode(7) == "clear");
  CHECK(loans.brought() == 0);
  CHECK_FALSE(loans.gate.values_of_denial().empty());
  CHECK(loans.submit(loans.change("House.drawn", 7, "clear")) == Reason::NoTransition);
  CHECK(loans.submit(loans.lend(7, 60)) == Reason::Allowed);
  loans.now += 10 * kSecond + 1;
  CHECK(loans.submit(loans.lend(7, 1)) == Reason::Condition);   // overdue: no transition leads back to lent
  CHECK(loans.mode(7) == "overdue");
  CHECK(loans.submit(loans.give_back(7, 60)) == Reason::Allowed);
  CHECK(loans.mode(7) == "overdue");   // a trader may not end that
  CHECK(loans.submit(loans.lend(8, 1)) == Reason::Allowed);
  CHECK(loans.submit(loans.lend(8, 1, "boss")) == Reason::Allowed);
  CHECK(loans.submit(loans.give_back(8, 2, "boss")) == Reason::Allowed);
  CHECK(loans.mode(8) == "clear");
}

TEST_CASE("the first rule in text order whose mode can be entered is the one that is tried") {
  Loans loans;
  CHECK(loans.submit(loans.gift(3, 15)) == Reason::Condition);   // promised can be entered, done can't yet; 15 are too many for a promise
  CHECK(loans.mode(3, "House.gifts") == "none");
  CHECK(loans.submit(loans.gift(3, 10)) == Reason::Allowed);
  CHECK(loans.mode(3, "House.gifts") == "promised");
  CHECK(loans.submit(loans.gift(3, 15)) == Reason::Allowed);
  CHECK(loans.mode(3, "House.gifts") == "done");
}

TEST_CASE("the legs of a batch enter their modes before the first, and end them after the last") {
  Loans loans;
  CHECK(reasons(loans.gate.submit_batch("b1", std::vector{loans.lend(1, 60), loans.lend(2, 41)})) == std::vector{Reason::Batch, Reason::Funds});
  CHECK(loans.mode(1) == "clear");
  CHECK(loans.brought() == 0);
  CHECK(loans.usd(loans.at("House.reserve")) == 100);
  std::vector legs{loans.lend(1, 60), loans.lend(2, 40)};
  legs[1].transfer.authority.time_ms += kSecond;
  CHECK(reasons(loans.gate.submit_batch("b2", legs)) == std::vector{Reason::Allowed, Reason::Allowed});
  CHECK(loans.brought() == 2);
  CHECK(loans.gate.kept_mode(loans.machine("House.drawn", 2)).entered_ms == loans.now);
  loans.now += 2 * kSecond;
  CHECK(reasons(loans.gate.submit_batch("b3", std::vector{loans.give_back(1, 30), loans.give_back(1, 30), loans.give_back(2, 39)})) ==
        std::vector(3, Reason::Allowed));
  CHECK(loans.mode(1) == "clear");
  CHECK(loans.mode(2) == "lent");
  CHECK(loans.brought() == 1);
  // Lent and given back in one batch: the mode was entered, and ended.
  CHECK(reasons(loans.gate.submit_batch("b4", std::vector{loans.lend(3, 5), loans.give_back(3, 5)})) == std::vector(2, Reason::Allowed));
  CHECK(loans.mode(3) == "clear");
  CHECK(loans.brought() == 2);
}

TEST_CASE("a repeat changes no mode again, and many at once are as one after the other") {
  Loans loans;
  const GateTransfer lend = loans.lend(7, 60);
  CHECK(loans.submit(lend) == Reason::Allowed);
  CHECK(loans.submit(loans.give_back(7, 60)) == Reason::Allowed);
  const GateAnswer again = loans.gate.submit(lend);
  CHECK(again.outcome == Outcome::Repeated);
  CHECK(again.decision.allowed());
  CHECK(loans.mode(7) == "clear");
  std::vector<GateTransfer> many;
  for (std::uint64_t loan = 20; loan < 40; ++loan) many.push_back(loans.lend(loan, 2));
  for (std::uint64_t loan = 20; loan < 30; ++loan) many.push_back(loans.give_back(loan, 2));
  std::vector<GateAnswer> answers(many.size());
  CHECK(loans.gate.submit_many(many, answers) == many.size());
  for (const GateAnswer& answer : answers) CHECK(answer.decision.allowed());
  CHECK(loans.mode(20) == "clear");
  CHECK(loans.mode(39) == "lent");
  CHECK(loans.brought() == 30);
}

TEST_CASE("where modes are kept apart, nothing comes with a transfer") {
  Loans loans(BroughtModes::Apart);
  CHECK(loans.submit(loans.lend(7, 60)) == Reason::Condition);
  GateModeChange change = loans.change("House.drawn", 7, "lent");
  CHECK(loans.submit(change) == Reason::Allowed);
  CHECK(loans.submit(loans.lend(7, 60)) == Reason::Allowed);
  CHECK(loans.submit(loans.give_back(7, 60)) == Reason::Allowed);
  CHECK(loans.mode(7) == "lent");
  CHECK(reasons(loans.gate.submit_batch("b", std::vector{loans.lend(8, 1)})) == std::vector{Reason::Condition});
}

TEST_CASE("C says which modes come with a transfer, as C++ does") {
  const Loans loans;
  const auto* rules = reinterpret_cast<const ringfence_table*>(&loans.table);
  ringfence_transfer transfer{};
  transfer.size = sizeof transfer;
  transfer.purpose = loans.table.find_purpose("gift");
  transfer.from = {loans.table.find_bucket("House.reserve"), 0, {}};
  transfer.to = {loans.table.find_bucket("House.gifts"), 1, {9, 0, 0, 0}};
  transfer.asset = loans.table.find_asset("USD");
  transfer.role = loans.table.find_role("boss");
  transfer.amount = ringfence_number_of(1);
  transfer.time_ms = loans.now;
  ringfence_needs needed{};
  needed.size = sizeof needed;
  REQUIRE(ringfence_get_needs(rules, &transfer, &needed, nullptr, 0) == RINGFENCE_OK);
  ringfence_brought_mode brought[3] = {};
  brought[0].size = sizeof brought[0];
  std::size_t count = 0;
  REQUIRE(ringfence_get_brought_modes(rules, &transfer, &needed, brought, 3, &count) == RINGFENCE_OK);
  REQUIRE(count == 2);
  const Index gifts = loans.table.find_machine("House.gifts");
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(brought[i].when == RINGFENCE_BROUGHT_BEFORE);
    CHECK(brought[i].machine == gifts);
    CHECK(brought[i].to_mode == loans.table.find_mode(gifts, i == 0 ? "promised" : "done"));
    CHECK(brought[i].id_count == 1);
    CHECK(brought[i].ids[0] == 9);
  }
  CHECK(ringfence_get_brought_modes(rules, &transfer, &needed, brought, 1, &count) == RINGFENCE_OK);
  CHECK(count == 2);
  transfer.purpose = loans.table.find_purpose("give_back");
  std::swap(transfer.from, transfer.to);
  transfer.from.target = loans.table.find_bucket("House.drawn");
  REQUIRE(ringfence_get_needs(rules, &transfer, &needed, nullptr, 0) == RINGFENCE_OK);
  REQUIRE(ringfence_get_brought_modes(rules, &transfer, &needed, brought, 3, &count) == RINGFENCE_OK);
  REQUIRE(count == 1);
  CHECK(brought[0].when == RINGFENCE_BROUGHT_AFTER);
  CHECK(brought[0].machine == loans.table.find_machine("House.drawn"));
}

}  // namespace
}  // namespace ringfence::test
