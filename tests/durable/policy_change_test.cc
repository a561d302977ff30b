// SPDX-License-Identifier: Apache-2.0
// Changes of a journal's policy: what approves one and what does not, what keeps one from happening, and that a gate goes on by the new policy and a
// replay by each in its time. Every refusal leaves journal and gate as they were.
#include <catch2/catch.hpp>

#include "compiler/table_digest.h"
#include "tests/durable/faulty_disk.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

struct Journaled {
  FaultyDisk disk;
  StreamTables tables = stream_tables();
  JournalPlace place() const { return {".", disk.vfs_name()}; }
  DurableGate open() const {
    auto opened = open_stream(place(), tables);
    if (const auto* failed = std::get_if<JournalError>(&opened)) FAIL(failed->message);
    return std::move(std::get<DurableGate>(opened));
  }
  std::vector<std::uint64_t> block_sizes() const {
    std::vector<std::uint64_t> sizes;
    const auto read = read_journal(place(), std::nullopt, {}, [&](const Block& block) { return sizes.push_back(block.record_count), std::nullopt; });
    REQUIRE(std::holds_alternative<ReadJournal>(read));
    return sizes;
  }
};

/// Why the gate refuses the change, which then must have changed nothing.
std::string refusal(DurableGate& gate, const RuleTable& next, std::span<const PolicyApproval> approvals) {
  const std::string seen = look_at(gate);
  const RuleTable* in_force = &gate.table();
  const Head head = gate.head().head;
  const auto failed = gate.change_policy(next, approvals);
  REQUIRE(failed);
  CHECK(failed->kind == JournalError::Kind::Refused);
  CHECK(look_at(gate) == seen);
  CHECK(&gate.table() == in_force);
  CHECK(gate.head().head == head);
  CHECK(!gate.commit());
  return failed->message;
}

/// The first thing that is wrong with a journal, as an audit finds it.
std::string audited(const JournalPlace& place) {
  Replay replay;
  const auto read = read_journal(place, std::nullopt, {}, [&](const Block& block) { return replay.apply(block); });
  const auto* failed = std::get_if<JournalError>(&read);
  return failed == nullptr ? "" : failed->message;
}

/// One more block, as who has the key may write it.
void append(const JournalPlace& place, const std::string& records, std::uint64_t count) {
  auto opened = Journal::open(place, test_key(), [](const Block&) { return std::nullopt; });
  REQUIRE(std::holds_alternative<Journal>(opened));
  REQUIRE(!std::get<Journal>(opened).append(records, count));
}

std::vector<std::byte> bytes_of(const RuleTable& table) { return {table.bytes().begin(), table.bytes().end()}; }

std::string with(std::string text, const std::string& part, const std::string& instead) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), instead);
}

}  // namespace

TEST_CASE("a change needs two different approvers of the journal, who signed this very change") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  const RuleTable &next = journaled.tables.second, another = table_of(with(kStreamPolicy, "version \"1\"", "version \"3\""));
  const ProposedPolicy proposed = gate.proposed(next);
  const PolicyApproval first = approve(approver_key(0), proposed), second = approve(approver_key(1), proposed);
  using Given = std::vector<PolicyApproval>;

  CHECK(refusal(gate, next, {}).find("the policy may not change: 0 of 2 approvals given") == 0);
  CHECK(refusal(gate, next, Given{first}).find("1 of 2 approvals given") != std::string::npos);
  CHECK(refusal(gate, next, Given{first, first}).find(print_hex(first.by.approver) + " approves twice") != std::string::npos);
  const PolicyApproval stranger = approve(approver_key(9), proposed), signer = approve(test_key(), proposed);
  CHECK(refusal(gate, next, Given{first, stranger}).find(print_hex(stranger.by.approver) + " is not among the approvers") != std::string::npos);
  CHECK(refusal(gate, next, Given{first, signer}).find("is not among the approvers") != std::string::npos);
  CHECK(refusal(gate, next, Given{first, second, stranger}).find("is not among the approvers") != std::string::npos);
  CHECK(refusal(gate, next, Given{first, approve(approver_key(1), gate.proposed(another))}).find("is of another table") != std::string::npos);

  // Who only says that an approval is of this change: the signature is of another.
  PolicyApproval passed_off = approve(approver_key(1), gate.proposed(another));
  passed_off.of = proposed;
  CHECK(refusal(gate, next, Given{first, passed_off}).find("what " + print_hex(passed_off.by.approver) + " signed is another change") != std::string::npos);
  passed_off = second;
  passed_off.by.signature[17] ^= 1;
  CHECK(refusal(gate, next, Given{first, passed_off}).find("signed is another change") != std::string::npos);
  passed_off = second;
  passed_off.by.approver = approver_key(2).public_key();
  CHECK(refusal(gate, next, Given{first, passed_off}).find("signed is another change") != std::string::npos);

  CHECK(journaled.block_sizes() == std::vector<std::uint64_t>{2});
  CHECK(!gate.change_policy(next, Given{first, second}));
  CHECK(journaled.block_sizes() == std::vector<std::uint64_t>{2, 1});
  CHECK(!gate.change_policy(next, {}));   // it is in force
  CHECK(journaled.block_sizes() == std::vector<std::uint64_t>{2, 1});
}

TEST_CASE("all three approvers may approve") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  std::vector<PolicyApproval> given = approvals(gate.proposed(journaled.tables.second));
  given.push_back(approve(approver_key(2), given.front().of));
  CHECK(!gate.change_policy(journaled.tables.second, given));
  CHECK(audited(journaled.place()) == "");
}

TEST_CASE("an approval of another journal is refused, though that has the same key, policy and approvers") {
  const Journaled one, other;
  DurableGate gate = one.open(), gate_of_other = other.open();
  const auto given = approvals(gate_of_other.proposed(one.tables.second));
  CHECK(refusal(gate, one.tables.second, given).find("is of another journal, or of a change from another policy") != std::string::npos);
  auto passed_off = given;
  for (PolicyApproval& each : passed_off) each.of = gate.proposed(one.tables.second);
  CHECK(refusal(gate, one.tables.second, passed_off).find("signed is another change") != std::string::npos);
}

TEST_CASE("an approval counts once: not again when the policy was changed back meanwhile") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  const auto& [first, second] = journaled.tables;
  const auto given = approvals(gate.proposed(second));
  CHECK(!gate.change_policy(second, given));
  CHECK(!gate.change_policy(first, approvals(gate.proposed(first))));
  CHECK(refusal(gate, second, given).find("from another policy than the one in force") != std::string::npos);
  auto passed_off = given;
  for (PolicyApproval& each : passed_off) each.of = gate.proposed(second);
  CHECK(refusal(gate, second, passed_off).find("signed is another change") != std::string::npos);
  CHECK(!gate.change_policy(second, approvals(gate.proposed(second))));
  CHECK(audited(journaled.place()) == "");
}

TEST_CASE("what approves the rules of a table does not approve them with another proof") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  std::vector<std::byte> bytes = bytes_of(journaled.tables.second);
  set_proof_digest(bytes, ProofDigest{1, 2, 3});
  auto proved = RuleTable::load(std::move(bytes));
  REQUIRE(std::holds_alternative<RuleTable>(proved));
  CHECK(refusal(gate, std::get<RuleTable>(proved), approvals(gate.proposed(journaled.tables.second))).find("is of another table") != std::string::npos);
}

TEST_CASE("a journal that was begun without approvers keeps its policy") {
  const Journaled journaled;
  auto opened = DurableGate::open(journaled.tables.first, test_key(), {journaled.place()});
  REQUIRE(std::holds_alternative<DurableGate>(opened));
  DurableGate& gate = std::get<DurableGate>(opened);
  CHECK(refusal(gate, journaled.tables.second, approvals(gate.proposed(journaled.tables.second))).find("begun without approvers, so its policy can't be changed") != std::string::npos);
  CHECK(journaled.block_sizes() == std::vector<std::uint64_t>{1});
}

TEST_CASE("who can't be the approvers of a journal") {
  const StreamTables tables = stream_tables();
  const auto refused = [&](const std::vector<PublicKey>& approvers) {
    const FaultyDisk disk;
    const auto opened = DurableGate::open(tables.first, test_key(), {{".", disk.vfs_name()}, {}, approvers, {}});
    const auto* failed = std::get_if<JournalError>(&opened);
    return failed == nullptr ? "" : failed->message;
  };
  const std::vector<PublicKey> keys = approver_keys();
  CHECK(refused({keys[0]}).find("1 approvers: there must be 2 to 64") == 0);
  CHECK(refused({keys[0], keys[1], keys[0]}) == print_hex(keys[0]) + " is an approver twice");
  CHECK(refused({keys[0], test_key().public_key()}).find("signs the journal, so it can't approve its policy") != std::string::npos);
  std::vector<PublicKey> many;
  for (std::uint8_t i = 0; i < kApproversMax; ++i) many.push_back(approver_key(i).public_key());
  CHECK(refused(many) == "");
  many.push_back(approver_key(100).public_key());
  CHECK(refused(many).find("65 approvers") == 0);
}

TEST_CASE("a journal is opened with the approvers that it was begun with, in any order, or without saying") {
  const Journaled journaled;
  const auto open_with = [&](const std::vector<PublicKey>& approvers) {
    const auto opened = DurableGate::open(journaled.tables.first, test_key(), {journaled.place(), {}, approvers, {}});
    const auto* failed = std::get_if<JournalError>(&opened);
    return failed == nullptr ? "" : failed->message;
  };
  const std::vector<PublicKey> keys = approver_keys();
  CHECK(open_with(keys) == "");
  CHECK(open_with({keys[2], keys[0], keys[1]}) == "");
  CHECK(open_with({}) == "");
  CHECK(open_with({keys[0], keys[1]}) == "`.` was begun with other approvers");
}

TEST_CASE("opening with a new policy and its approvals changes to it, once, however often") {
  const Journaled journaled;
  ProposedPolicy proposed;
  {
    DurableGate gate = journaled.open();
    for (std::uint64_t n = 0; n < 8; ++n) do_step(gate, journaled.tables, n);
    proposed = gate.proposed(journaled.tables.second);
    CHECK(!gate.commit());
  }
  const auto open_new = [&](const std::vector<PolicyApproval>& given) { return DurableGate::open(journaled.tables.second, test_key(), {journaled.place(), {}, {}, given}); };
  const auto not_approved = open_new({});
  REQUIRE(std::holds_alternative<JournalError>(not_approved));
  CHECK(std::get<JournalError>(not_approved).message.find("the policy in force in `.` is another one: \"Stream\"") == 0);
  CHECK(std::holds_alternative<JournalError>(open_new({approve(approver_key(0), proposed)})));
  CHECK(journaled.block_sizes().size() == 2);
  for (int i = 0; i < 3; ++i) {
    const auto opened = open_new(approvals(proposed));
    REQUIRE(std::holds_alternative<DurableGate>(opened));
    CHECK(journaled.block_sizes().size() == 3);
  }
}

TEST_CASE("a bucket with money that is gone, and a mode that is gone, keep a policy from taking over; the first example is named") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  gate.add_name("alice");
  gate.add_name("bob");
  const Instance wallet{gate.table().find_bucket("Client.wallet"), 1, {2}}, machine{gate.table().find_machine("Client"), 1, {1}};
  REQUIRE(gate.open_balance(wallet, 0, 41));
  REQUIRE(gate.open_mode(machine, 1));
  REQUIRE(!gate.commit());
  std::string gone = kStreamPolicy;
  for (std::size_t at = gone.find("Client.wallet"); at != std::string::npos; at = gone.find("Client.wallet")) gone.replace(at, 13, "Client.purse");
  const RuleTable no_wallet = table_of(gone), no_frozen = table_of(with(with(with(kStreamPolicy, "normal, frozen", "normal, closed"), "normal -> frozen", "normal -> closed"), "frozen -> normal", "closed -> normal"));
  CHECK(refusal(gate, no_wallet, approvals(gate.proposed(no_wallet))) ==
        "the policy can't take over the state: Client.wallet of bob holds 41 USD, and there is no bucket of that name with the same keys there");
  CHECK(refusal(gate, no_frozen, approvals(gate.proposed(no_frozen))) ==
        "the policy can't take over the state: Client of alice is in mode `frozen`, and there is none of that name there");
  CHECK(gate.submit(deposit(gate.table(), "x", 1, 5)).decision.allowed());
}

TEST_CASE("restarted after any step of a stream that changes its policy twice, the gate answers as without restart") {
  constexpr std::uint64_t kSteps = 2 * kChangeEvery + 20;
  const StreamTables tables = stream_tables();
  std::vector<Answers> expected;
  std::vector<std::string> seen = seen_after_steps(tables, kSteps);
  {
    Gate gate(tables.first);
    for (std::uint64_t n = 0; n < kSteps; ++n) expected.push_back(do_step(gate, tables, n));
  }
  const auto decided_otherwise = [&](const Answers& answer) { return answer.find("condition") != std::string::npos || answer.find("limit") != std::string::npos; };
  CHECK(std::any_of(expected.begin(), expected.end(), decided_otherwise));
  for (const std::uint64_t every : {1u, 7u}) {
    const Journaled journaled;
    for (std::uint64_t n = 0; n < kSteps; n += every) {
      DurableGate gate = journaled.open();
      REQUIRE(look_at(gate) == seen[n]);
      for (std::uint64_t step = n; step < std::min(n + every, kSteps); ++step) {
        CAPTURE(every, step);
        REQUIRE(do_step(gate, journaled.tables, step) == expected[step]);
      }
      REQUIRE(!gate.commit());
    }
    CHECK(audited(journaled.place()) == "");
  }
}

TEST_CASE("a stream that is given again after a change is answered as before, and moves nothing") {
  const Journaled journaled;
  DurableGate gate = journaled.open();
  for (std::uint64_t n = 0; n < 60; ++n) do_step(gate, journaled.tables, n);
  const std::string seen = look_at(gate);
  for (std::uint64_t n = 0; n < 60; ++n) {
    const Answers again = do_step(gate, journaled.tables, n);
    CAPTURE(n, again);
    CHECK((again == "fact" || again == kChanged || again[0] == '1' || (n % 10 == 8 && again[0] == '2')));   // repeated; an id used again
  }
  CHECK(look_at(gate) == seen);
}

TEST_CASE("an audit names the record after a change that was decided by the policy before it") {
  constexpr std::int64_t kLater = 1'893'456'000'000;
  const Journaled journaled;
  // A payment that leaves 1 USD: the policy before keeps 2 in a wallet, the one after it 1.
  const auto prepare = [&](auto& gate, const RuleTable& table) {
    GateTransfer in = deposit(table, "in", 7, kLater);
    in.transfer.amount = 5;
    gate.set_fact({table.find_fact("due"), 1, {7}}, 100, kLater);
    gate.submit(in);
    GateTransfer pay = in;
    pay.id = "late";
    pay.transfer = {table.find_purpose("pay"), in.transfer.to, {table.find_bucket("House.pot"), 0, {}}, in.transfer.asset, 4, in.transfer.authority};
    return pay;
  };
  GateTransfer pay;
  {
    DurableGate gate = journaled.open();
    REQUIRE(!gate.change_policy(journaled.tables.second, approvals(gate.proposed(journaled.tables.second))));
    pay = prepare(gate, journaled.tables.second);
    REQUIRE(!gate.commit());
  }
  Gate before(journaled.tables.first);
  const Decision by_first = before.submit(prepare(before, journaled.tables.first)).decision;
  REQUIRE(by_first.reason == Reason::Floor);
  std::string record;
  put_record(record, pay, by_first);
  append(journaled.place(), record, 1);
  CHECK(audited(journaled.place()).find("record 6 (block 4): `late` is decided otherwise: allowed") == 0);
  CHECK(audited(journaled.place()).find("the journal says: floor") != std::string::npos);
}

TEST_CASE("a record of a change is refused where no gate writes one, and unless it is approved and possible, though who has the key wrote it") {
  const StreamTables tables = stream_tables();
  const auto found = [&](const std::function<std::pair<std::string, std::uint64_t>(const Journaled&, const ProposedPolicy&)>& forge) {
    const Journaled journaled;
    ProposedPolicy proposed;
    {
      DurableGate gate = journaled.open();
      gate.open_balance({gate.table().find_bucket("Client.wallet"), 1, {1}}, 0, 5);
      CHECK(!gate.commit());
      proposed = gate.proposed(tables.second);
    }
    const auto [records, count] = forge(journaled, proposed);
    append(journaled.place(), records, count);
    const auto opened = open_stream(journaled.place(), tables);
    const auto* failed = std::get_if<JournalError>(&opened);
    CHECK((failed == nullptr ? "" : failed->message) == audited(journaled.place()));
    return audited(journaled.place());
  };
  const auto change_of = [&](const ProposedPolicy& proposed, std::uint8_t signatures) {
    JournalPolicyChange change{bytes_of(tables.second), {}};
    for (std::uint8_t i = 0; i < signatures; ++i) change.signatures.push_back(approve(approver_key(i), proposed).by);
    return change;
  };
  const auto record_of = [](const auto& record) {
    std::string bytes;
    put_record(bytes, record);
    return bytes;
  };
  CHECK(found([&](const Journaled&, const ProposedPolicy& proposed) { return std::pair{record_of(change_of(proposed, 2)), 1}; }) == "");
  CHECK(found([&](const Journaled&, const ProposedPolicy& proposed) { return std::pair{record_of(change_of(proposed, 1)), 1}; }) ==
        "record 4 (block 3): the policy may not change: 1 of 2 approvals given");
  CHECK(found([&](const Journaled&, const ProposedPolicy& proposed) { return std::pair{record_of(JournalName{"x"}) + record_of(change_of(proposed, 2)), 2}; }) ==
        "record 5 (block 3): a change of policy that is not in a block of its own");
  CHECK(found([&](const Journaled&, const ProposedPolicy&) { return std::pair{record_of(JournalApprovers{{}, approver_keys()}), 1}; }) ==
        "record 4 (block 3): approvers that were not there from the beginning");
  CHECK(found([&](const Journaled&, const ProposedPolicy&) { return std::pair{record_of(JournalPolicy{bytes_of(tables.second)}), 1}; }) == "record 4 (block 3): a second policy");
  CHECK(found([&](const Journaled&, const ProposedPolicy& proposed) {
          JournalPolicyChange change = change_of(proposed, 2);
          change.table.back() ^= std::byte{1};
          return std::pair{record_of(change), 1};
        }).find("signed is another change") != std::string::npos);
  CHECK(found([&](const Journaled&, const ProposedPolicy& proposed) {
          std::string gone = kStreamPolicy;
          for (std::size_t at = gone.find("Client.wallet"); at != std::string::npos; at = gone.find("Client.wallet")) gone.replace(at, 13, "Client.purse");
          const RuleTable no_wallet = table_of(gone);
          ProposedPolicy of = proposed;
          of.table = digest_of({reinterpret_cast<const char*>(no_wallet.bytes().data()), no_wallet.bytes().size()});
          JournalPolicyChange change = change_of(of, 2);
          change.table = bytes_of(no_wallet);
          return std::pair{record_of(change), 1};
        }) == "record 4 (block 3): the policy can't take over the state: Client.wallet of #1 holds 5 USD, and there is no bucket of that name with the same keys there");
}

TEST_CASE("an approval's line reads as it was printed, and no other line does") {
  const PolicyApproval approval = approve(approver_key(0), {{1, 2, 3}, {4, 5, 6}});
  const std::string line = print(approval);
  const auto read = parse_approval(line);
  REQUIRE(read);
  CHECK(print(*read) == line);
  CHECK(read->of == approval.of);
  for (std::size_t i = 0; i < line.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(parse_approval(std::string_view(line).substr(0, i)));
    std::string other = line;
    other[i] = '!';
    CHECK_FALSE(parse_approval(other));
  }
}
