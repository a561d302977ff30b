# SPDX-License-Identifier: Apache-2.0
"""The Python module says what the library says: every expectation of the shipped transfer files is met through it, amounts are exact or refused, and what can't be
meant is an error in plain words. Needs PYTHONPATH, RINGFENCE_LIBRARY, RINGFENCE_TABLES (compiled policies) and RINGFENCE_SOURCE."""
import csv
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import ringfence
from ringfence import _c, _text

TABLES, SOURCE = pathlib.Path(os.environ["RINGFENCE_TABLES"]), pathlib.Path(os.environ["RINGFENCE_SOURCE"])
POLICIES = ("isolated_margin", "cass7_normal", "cftc_futures", "exchange_wallets")
TIME = "2026-01-05T09:30:00Z"


def load(name="isolated_margin"):
    return ringfence.Table.load(TABLES / f"{name}.rft")


def rows_of(name):
    """The records of a shipped transfer file as rows, each with what it expects: of a batch all of its transfers, with the batch's expectation."""
    for line in (SOURCE / "policies" / name / "policy.transfers.jsonl").read_text().splitlines():
        record = json.loads(line)
        for row in record.get("transfers", [record]):
            row = dict(row)
            if "transfers" in record:
                row["batch"] = record["batch"]
                row.setdefault("expect", record.get("expect", ""))
            row["approvals"] = [(each["person"], each["roles"]) for each in row.get("approvals", [])]
            yield {key: value for key, value in row.items() if value not in ([], "")}


def withdrawal(**other):
    fields = {"purpose": "withdraw", "source": "Client.wallet of alice", "to": "Client.bank of alice", "amount": "100 USDC", "by": "trader", "time": TIME}
    return ringfence.Transfer(**{**fields, **other})


class Layout(unittest.TestCase):
    def test_structs_have_the_sizes_of_version_1(self):
        sizes = {"Error": 256, "Text": 16, "Number": 16, "Asset": 8, "Account": 32, "Bucket": 40, "Fact": 80, "Machine": 40, "Limit": 40, "Statement": 72,
                 "Instance": 40, "Approval": 24, "Transfer": 152, "ModeChange": 96, "Slot": 64, "Needs": 24, "Value": 32, "Decision": 32}
        for name, size in sizes.items():
            self.assertEqual(ctypes.sizeof(getattr(_c, name)), size, name)

    def test_numbers_of_128_bits_come_back(self):
        for value in (0, 1, -1, (1 << 96) - 1, -(1 << 96) + 1, 1 << 64, -(1 << 64), (1 << 127) - 1, -(1 << 127)):
            self.assertEqual(int(_c.Number.of(value)), value)
        with self.assertRaises(OverflowError):
            _c.Number.of(1 << 127)


class Files(unittest.TestCase):
    def test_every_expectation_of_the_shipped_files_is_met(self):
        met = 0
        for name in POLICIES:
            rows = list(rows_of(name))
            expected = [row.get("expect", "") for row in rows if "id" in row or "batch" in row]
            for row, answer in zip(expected, ringfence.gate(load(name), rows)):
                word = answer.decision.reason if answer.outcome != "id_reused" else "id_reused"
                self.assertTrue(row in ("", word) or (row == "denied" and not answer.decision), f"{name} {answer}: expected {row}")
                met += row != ""
        self.assertGreater(met, 150)

    def test_as_many_answers_as_transfers_and_changes(self):
        for name in POLICIES:
            rows = list(rows_of(name))
            self.assertEqual(len(list(ringfence.gate(load(name), rows))), sum("id" in row or "batch" in row for row in rows))


class Texts(unittest.TestCase):
    def test_amounts_are_exact(self):
        self.assertEqual(_text.decimal("1_000.50", 2), 100050)
        self.assertEqual(_text.decimal("-0.000001", 6), -1)
        self.assertEqual(_text.decimal("1.500", 1), 15)
        for text, decimals in (("1.55", 1), ("1e3", 2), (".5", 2), ("5.", 2), ("", 2), ("１", 2), ("1__0", 2), ("0x1", 2), ("1,000", 2), (" 1", 2)):
            with self.assertRaises(ringfence.Error, msg=text):
                _text.decimal(text, decimals)

    def test_floats_are_no_amounts(self):
        table = load()
        for amount in (100.0, 1e2, True, None):
            with self.assertRaises(TypeError):
                table.decide(withdrawal(amount=amount, asset="USDC"), {})

    def test_instants(self):
        self.assertEqual(_text.instant("1970-01-01T00:00:01.5Z"), 1500)
        self.assertEqual(_text.instant("2026-01-01T09:00:00Z"), 1767258000000)
        self.assertEqual(_text.instant(7), 7)
        for text in ("2026-01-01", "2026-01-01T09:00:00", "2026-13-01T09:00:00Z", "2026-01-01T09:00:00+01:00", "now"):
            with self.assertRaises(ringfence.Error, msg=text):
                _text.instant(text)


    def test_durations(self):
        for text, length in (("30 d", 30 * 86_400_000), ("1.5 h", 5_400_000), ("-2 min", -120_000), ("1_000 ms", 1000), ("0.001 s", 1), ("7s", 7000)):
            self.assertEqual(_text.duration(text), length, text)
        for text in ("30", "d", "30 days", "0.5 ms", "1 d 2 h", "1e3 s", ""):
            with self.assertRaises(ringfence.Error, msg=text):
                _text.duration(text)


class Decide(unittest.TestCase):
    VALUES = {"Client.wallet of alice": "500_000 USDC", "mode system": "open"}

    def decide(self, values=VALUES, **other):
        return ringfence.decide(load(), withdrawal(**other), lambda slot: 0 if slot.kind == "used" else values.get(slot.name))

    def test_allowed_and_denied_at_the_bound(self):
        allowed, denied = self.decide(amount="100_000 USDC"), self.decide(amount=100_000_000_001, asset="USDC")
        self.assertTrue(allowed)
        self.assertEqual(allowed.statement.kind, "allow")
        self.assertIn("withdraw", str(allowed))
        self.assertFalse(denied)
        self.assertEqual((denied.reason, denied.condition), ("condition", "amount <= 100_000 USDC or approved by 2 of treasurer"))

    def test_approvals_count(self):
        two = {"amount": "200_000 USDC", "approvals": "bob:treasurer;eve:treasurer+risk_engine"}
        self.assertTrue(self.decide(**two))
        self.assertFalse(self.decide(**{**two, "approvals": "bob:treasurer"}))
        self.assertFalse(self.decide(**{**two, "person": "bob"}))

    def test_the_funds_that_are_there_and_not_more(self):
        balance = {**self.VALUES, "Client.wallet of alice": 100_000_000}   # minor units
        self.assertTrue(self.decide(balance))
        self.assertEqual(self.decide(balance, amount="100.000001 USDC").reason, "funds")

    def test_a_missing_value_denies_and_is_named(self):
        decision = ringfence.decide(load(), withdrawal(), {})
        self.assertEqual((decision.reason, decision.missing), ("value_missing", "Client.wallet of alice"))

    def test_a_mapping_is_a_transfer_too(self):
        row = {"purpose": "withdraw", "from": "Client.wallet of alice", "to": "Client.bank of alice", "amount": "1 USDC", "by": "trader", "time": TIME, "evidence": ""}
        values = {slot.name: self.VALUES.get(slot.name, "0 USDC") for slot in load().needs(row)}
        self.assertTrue(ringfence.decide(load(), row, values))
        with self.assertRaisesRegex(ringfence.Error, "no colour"):
            ringfence.decide(load(), {**row, "colour": "red"}, {})
        with self.assertRaisesRegex(ringfence.Error, "needs by"):
            ringfence.decide(load(), {**row, "by": ""}, {})


class Errors(unittest.TestCase):
    def test_the_library_says_what_is_wrong_with_a_table(self):
        data = bytearray((TABLES / "isolated_margin.rft").read_bytes())
        with self.assertRaisesRegex(ringfence.Error, "byte 10: this is not a rule table"):
            ringfence.Table(bytes(data[:10]))
        data[-1] ^= 1
        with self.assertRaisesRegex(ringfence.Error, "checksum"):
            ringfence.Table(data)

    def test_a_table_is_bytes(self):
        with self.assertRaisesRegex(TypeError, "Table.load"):
            ringfence.Table(str(TABLES / "isolated_margin.rft"))

    def test_a_record_that_cannot_be_meant_is_named_and_those_before_it_are_answered(self):
        good = {"id": "1", "purpose": "deposit", "from": "Client.bank of alice", "to": "Client.wallet of alice", "amount": "1 USDC", "by": "trader", "time": TIME}
        for bad, says in (({"amount": "1.0000001 USDC"}, "record 2: .*decimals"), ({"amount": "one"}, "record 2: "), ({"time": "now"}, "record 2: .*instant"),
                          ({"by": "nobody"}, "record 2: "), ({"from": ""}, "record 2: .*from"), ({"id": ""}, "record 2: it has no 'id'")):
            answers = []
            with self.assertRaisesRegex(ringfence.Error, says, msg=str(bad)):
                for answer in ringfence.gate(load(), [good, {**good, "id": "2", **bad}, {**good, "id": "3"}]):
                    answers.append(answer.id)
            self.assertEqual(answers, ["1"], str(bad))
        linked = [{**good, "batch": "b"}, {**good, "id": "2", "batch": "b", "amount": "1.0000001 USDC"}, {**good, "id": "3"}]
        with self.assertRaisesRegex(ringfence.Error, "record 2: "):
            list(ringfence.gate(load(), linked))

    def test_names_that_are_not_declared(self):
        table = load()
        for other, words in (({"purpose": "gift"}, "no purpose 'gift'"), ({"by": "king"}, "no role 'king'"), ({"amount": "1 EUR"}, "no asset 'EUR'"),
                             ({"to": "Client.pocket of alice"}, "no bucket or external"), ({"source": "Client.wallet"}, "needs 1 ids"), ({"amount": "1"}, "names no asset"),
                             ({"evidence": "song"}, "no kind of evidence"), ({"approvals": "bob:king"}, "no role")):
            with self.assertRaisesRegex(ringfence.Error, words):
                table.decide(withdrawal(**other), {})

    def test_values_of_another_kind(self):
        table = load()
        with self.assertRaises(ValueError):
            table.decide(withdrawal(), {"Client.wallet of alice": "much"})
        with self.assertRaises(TypeError):
            table.decide(withdrawal(), {"Client.wallet of alice": 1.5})


class GateTest(unittest.TestCase):
    def setUp(self):
        self.table = load()
        self.gate = ringfence.Gate(self.table)
        self.gate.open_balance("Client.wallet of alice", "500 USDC")

    def test_an_id_counts_once(self):
        first, again = self.gate.submit("t1", withdrawal()), self.gate.submit("t1", withdrawal())
        self.assertEqual((first.outcome, again.outcome, again.decision), ("decided", "repeated", first.decision))
        reused = self.gate.submit("t1", withdrawal(amount="101 USDC"))
        self.assertEqual((reused.outcome, bool(reused.decision)), ("id_reused", False))
        self.assertEqual(self.gate.balance("Client.wallet of alice", "USDC"), 400_000_000)

    def test_opening_ends_when_something_is_applied(self):
        self.assertTrue(self.gate.submit("t1", withdrawal()).decision)
        with self.assertRaisesRegex(ringfence.Error, "does not take this"):
            self.gate.open_balance("Client.wallet of alice", "1 USDC")

    def test_a_batch_is_all_or_nothing(self):
        answers = self.gate.submit_batch("b1", [("b1a", withdrawal(amount="300 USDC")), ("", withdrawal(amount="201 USDC"))])
        self.assertEqual([answer.decision.reason for answer in answers], ["batch", "funds"])
        self.assertEqual(self.gate.balance("Client.wallet of alice", "USDC"), 500_000_000)
        answers = self.gate.submit_batch("b2", [("b2a", withdrawal(amount="300 USDC")), ("", withdrawal(amount="200 USDC"))])
        self.assertTrue(all(answer.decision for answer in answers))
        self.assertEqual(self.gate.balance("Client.wallet of alice", "USDC"), 0)

    def test_modes(self):
        margin = "Client.margin of alice, ETH, p1"
        self.assertEqual(self.gate.mode(margin), "normal")
        self.gate.open_mode(margin, "liquidating")
        self.assertEqual(self.gate.mode(margin), "liquidating")
        with self.assertRaises(ringfence.Error):   # called must end within 24 h: since when?
            self.gate.open_mode(margin, "called")
        self.gate.open_mode(margin, "called", since=TIME)
        self.assertEqual(self.gate.mode(margin, at="2026-01-06T09:30:00Z"), "called")
        self.assertEqual(self.gate.mode(margin, at="2026-01-06T09:30:00.001Z"), "liquidating")
        self.assertEqual(self.gate.change("c1", margin, "liquidating", "trader", TIME).decision.reason, "no_transition")
        self.assertEqual(self.gate.change("c2", "system", "outage", "risk_engine", TIME).decision.reason, "allowed")
        self.assertEqual(self.gate.mode("system"), "outage")

    def test_no_float_is_a_balance(self):
        with self.assertRaises(TypeError):
            self.gate.open_balance("Client.wallet of bob", 5.0)


class Example(unittest.TestCase):
    def test_it_prints_a_line_a_transfer_and_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "day.csv"
            with open(file, "w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["id", "holds", "purpose", "from", "to", "amount", "by", "time"])
                writer.writerow(["", "Client.wallet of alice", "", "", "", "500 USDC", "", ""])
                for i, amount in enumerate(("100 USDC", "400.000001 USDC")):
                    writer.writerow([f"t{i}", "", "withdraw", "Client.wallet of alice", "Client.bank of alice", amount, "trader", TIME])
            script = SOURCE / "runtime/python/examples/gate_csv.py"
            said = subprocess.run([sys.executable, "-B", script, TABLES / "isolated_margin.rft", file], capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertTrue(said[0].startswith("t0  allowed; line "), said)
        self.assertEqual(said[1:], ["t1  denied, funds", "", "1 allowed", "1 funds"])


if __name__ == "__main__":
    unittest.main()
