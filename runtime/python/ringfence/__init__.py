# SPDX-License-Identifier: Apache-2.0
"""Ringfence for analysts: decide transfers by a rule table, one by one or with the state that they leave.

    import csv, ringfence
    table = ringfence.Table.load("policy.rft")              # made by: ringfence compile policy.rf -o policy.rft
    for answer in ringfence.gate(table, csv.DictReader(open("day.csv"))):
        print(answer.id, answer.decision)

Plain Python over the library's C interface (ctypes): nothing to build, and the decisions are the library's own. Amounts are exact: whole numbers of minor
units, or texts such as "1_000.50 USD"; a float is a TypeError. What is refused because it can't be meant (a name that the policy does not declare, a text that is
no amount) is a ringfence.Error; that a transfer is denied is an answer and no error. One thread at a time uses a Table and its gates: names of clients and
persons become numbers as they are first seen.
"""
import ctypes
import dataclasses
import typing

from . import _c, _text
from ._text import Error

__all__ = ["Answer", "Decision", "Error", "Gate", "Slot", "Statement", "Table", "Transfer", "decide", "gate"]

_KINDS = ("allow", "deny", "floor", "limit", "transition", "invariant")
_SLOTS = ("amount", "time_of_day", "approvals", "evidence", "balance", "total", "account_total", "fact", "mode", "used", "now")
_WORDS = {_c.ASSET: "asset", _c.ROLE: "role", _c.PURPOSE: "purpose", _c.EVIDENCE: "kind of evidence", _c.ENTITY: "entity", _c.ACCOUNT: "account",
          _c.BUCKET: "bucket or external", _c.FACT: "fact", _c.MACHINE: "subject with modes"}
_STATUS = {_c.BAD_ARGUMENT: "this is not what the library takes", _c.BAD_STRUCT: "the library is older than this module",
           _c.OTHER_TABLE: "another table said what this needs", _c.NO_MEMORY: "there is no memory left",
           _c.REFUSED: "the gate does not take this: out of range, or too late because something has been applied"}
_OUTCOMES = ("decided", "repeated", "id_reused")


def _check(status, what):
    if status != _c.OK:
        raise Error(f"{what}: {_STATUS.get(status, status)}")


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement of the policy, as written there. `notify` are the roles to tell when it decides."""
    kind: str
    line: int
    text: str
    cite: str
    because: str
    notify: typing.Tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Decision:
    """`reason` is "allowed", or the word of what stands against it; `statement` decided, where one did; `condition` is the first one that failed;
    `missing` is the value that is missing, stale or out of range, as Slot.name has it. True when allowed."""
    allowed: bool
    reason: str
    sentence: str
    statement: typing.Optional[Statement]
    condition: str
    missing: str

    def __bool__(self):
        return self.allowed

    def __str__(self):
        parts = ["allowed" if self.allowed else f"denied, {self.reason}"]
        if self.statement is not None:
            parts.append(f"line {self.statement.line}: {self.statement.text}")
        parts += [part for part in (self.condition and f"failed: {self.condition}", self.missing and f"value: {self.missing}") if part]
        return "; ".join(parts)


@dataclasses.dataclass(frozen=True)
class Slot:
    """A value that a decision reads, as it is before the transfer. `name` is how to give it to `decide`: "Client.wallet of alice" (balance),
    "fact maintenance of alice, p1", "mode Client.margin of alice, p1", "total Client.wallet", "total Bank.client_money", "used line 17 of alice"."""
    kind: str
    name: str
    asset: str


@dataclasses.dataclass(frozen=True)
class Answer:
    """Of a gate. `outcome`: "decided"; "repeated", the id was there with the same content and this is the first answer; "id_reused", it was
    there with other content and nothing was decided (`decision` is then a denial)."""
    id: str
    outcome: str
    decision: Decision


@dataclasses.dataclass(frozen=True)
class Transfer:
    """What asks for a decision, in the words of a transfer file. `source` and `to`: "Client.wallet of alice". `amount`: "60 USDC", or a whole number of
    minor units beside `asset`. `by`: the role; `person`: who acts in it, the role's name unless said. `time`: "2026-01-05T09:30:00Z", or Unix
    milliseconds. `approvals`: "bob:treasurer;eve:cfo+treasurer", or pairs of person and roles. `evidence`: "a;b", or a list."""
    purpose: str
    source: str
    to: str
    amount: typing.Union[str, int]
    by: str
    time: typing.Union[str, int] = 0
    asset: str = ""
    person: str = ""
    approvals: typing.Union[str, typing.Sequence[typing.Tuple[str, typing.Sequence[str]]]] = ()
    evidence: typing.Union[str, typing.Sequence[str]] = ()

    @classmethod
    def from_row(cls, row):
        """Of a mapping with the columns of a transfer file, `from` among them, such as csv.DictReader gives. Empty cells are left out."""
        columns = {"purpose", "from", "to", "amount", "by", "time", "asset", "person", "approvals", "evidence"}
        given = {name: value for name, value in row.items() if value not in (None, "")}
        unknown = set(given) - columns - {"id", "expect"}
        if unknown:
            raise Error(f"a transfer has no {', '.join(sorted(map(str, unknown)))}")
        missing = {"purpose", "from", "to", "amount", "by"} - set(given)
        if missing:
            raise Error(f"a transfer needs {', '.join(sorted(missing))}")
        return cls(source=given["from"], **{name: given[name] for name in columns - {"from"} if name in given})


class Table:
    """A checked rule table. Made of its bytes, or by `Table.load` of a file."""

    def __init__(self, data):
        self._table = ctypes.c_void_p()
        if isinstance(data, str):
            raise TypeError("a table's bytes; Table.load reads a file")
        error = _c.Error()
        status = _c.lib.ringfence_table_load(bytes(data), len(data), ctypes.byref(self._table), ctypes.byref(error))
        if status == _c.BAD_TABLE:
            raise Error(f"byte {error.offset}: {error.message.decode()}")
        _check(status, "the table")
        self._numbers = {}

    @classmethod
    def load(cls, path):
        """The table in a file."""
        with open(path, "rb") as file:
            return cls(file.read())

    def __del__(self):
        if getattr(self, "_table", None):
            _c.lib.ringfence_table_free(self._table)

    @property
    def policy(self):
        """The policy's name."""
        return str(_c.lib.ringfence_policy_name(self._table))

    @property
    def source_digest(self):
        """SHA-256 of the policy text, in hex; empty when the table was made without one."""
        return str(_c.lib.ringfence_source_digest(self._table))

    @property
    def proof_digest(self):
        """Which proof the table says that it has, in hex; empty: none. Whether that proof exists is not known here."""
        digest = (_c.u8 * 32)()
        return bytes(digest).hex() if _c.lib.ringfence_proof_digest(self._table, digest) else ""

    def names(self, kind):
        """All names of a kind, in their order: "asset", "role", "purpose", "entity", "account", "fact", "bucket or external", ..."""
        number = next((number for number, word in _WORDS.items() if word == kind), None)
        if number is None:
            raise Error(f"{kind!r} is none of: {', '.join(_WORDS.values())}")
        return [self._name(number, index) for index in range(_c.lib.ringfence_count(self._table, number))]

    def needs(self, transfer):
        """The values that deciding this transfer reads and that the caller must give, as Slots. None: it is denied whatever they are."""
        return [self._slot(slot) for slot in self._needs(self._transfer(transfer))[1] if slot.supplied]

    def decide(self, transfer, values):
        """The decision on one transfer, and nothing else: no state is kept. `values`: a mapping from Slot.name to the value, or a function of a
        Slot; what it does not have, or None, is missing, and the transfer is denied. A value is as `Slot` says: an amount of the slot's asset
        ("60 USDC", "60" or minor units), a fact of its type ("25%", "12", True), a mode by its name. A pair is a value and when it was observed."""
        c_transfer = self._transfer(transfer)
        needs, slots = self._needs(c_transfer)
        look_up = values if callable(values) else lambda slot: values.get(slot.name)
        given = (_c.Value * max(1, len(slots)))()
        for value, slot in zip(given, slots):
            value.size = ctypes.sizeof(_c.Value)
            if slot.supplied:
                self._set_value(value, slot, look_up(self._slot(slot)), c_transfer.time_ms)
        decision = _c.Decision()
        _check(_c.lib.ringfence_decide(self._table, c_transfer, needs, given, len(slots), 0, decision), "deciding")
        return self._decision(decision, slots)

    # ---- names and numbers

    def _name(self, kind, index):
        return str(_c.lib.ringfence_name(self._table, kind, index))

    def _find(self, kind, name):
        index = _c.lib.ringfence_find(self._table, kind, name.encode())
        if index == _c.NONE:
            raise Error(f"the policy has no {_WORDS[kind]} {name!r}")
        return index

    def _number(self, name):
        """Of an id: 1 for the first that was seen, and so on."""
        return self._numbers.setdefault(_text.checked_id(name), len(self._numbers) + 1)

    def _id(self, number):
        return next((name for name, given in self._numbers.items() if given == number), str(number))

    def _get(self, what, index):
        found = getattr(_c, what.capitalize())()
        _check(getattr(_c.lib, f"ringfence_get_{what}")(self._table, index, found), what)
        return found

    def _instance(self, kind, name, ids):
        target = self._find(kind, name)
        keys = self._get({_c.BUCKET: "bucket", _c.FACT: "fact", _c.MACHINE: "machine"}[kind], target).key_count
        if len(ids) != keys:
            raise Error(f"{name} needs {keys} ids, and has {len(ids)}")
        return _c.Instance(target, keys, (_c.u64 * _c.KEYS_MAX)(*(self._number(each) for each in ids)))

    def _bucket(self, text):
        return self._instance(_c.BUCKET, *_text.instance(text))

    def _amount(self, amount, asset=None):
        """(asset's index, minor units) of "60 USDC"; of "60" or minor units where the asset is known."""
        if isinstance(_text.no_float(amount), str):
            number, _, named = amount.strip().partition(" ")
            asset = named.strip() or asset
        if not asset:
            raise Error(f"{amount!r} names no asset")
        index = self._find(_c.ASSET, asset)
        return index, amount if isinstance(amount, int) else _text.decimal(number, self._get("asset", index).decimals)

    def _roles(self, names):
        return sum({1 << self._find(_c.ROLE, name) for name in names})

    # ---- what the library takes

    def _set_authority(self, asked, by, person, time, approvals, evidence):
        asked.role = self._find(_c.ROLE, by)
        asked.person = self._number(person or by)
        asked.time_ms = _text.instant(time)
        asked.evidence = sum({1 << self._find(_c.EVIDENCE, kind) for kind in _text.words(evidence)})
        pairs = _text.approvals(approvals)
        asked.approvals = (_c.Approval * max(1, len(pairs)))(*(_c.Approval(person=self._number(person), roles=self._roles(roles)) for person, roles in pairs))
        asked.approval_count = len(pairs)
        return asked

    def _transfer(self, transfer):
        if not isinstance(transfer, Transfer):
            transfer = Transfer.from_row(transfer)
        asset, amount = self._amount(transfer.amount, transfer.asset)
        made = _c.Transfer(purpose=self._find(_c.PURPOSE, transfer.purpose), source=self._bucket(transfer.source), destination=self._bucket(transfer.to), asset=asset,
                           amount=_c.Number.of(amount))
        return self._set_authority(made, transfer.by, transfer.person, transfer.time, transfer.approvals, transfer.evidence)

    def _needs(self, c_transfer):
        needs, slots = _c.Needs(), (_c.Slot * _c.SLOTS_MAX)()
        slots[0].size = ctypes.sizeof(_c.Slot)
        _check(_c.lib.ringfence_get_needs(self._table, c_transfer, needs, slots, _c.SLOTS_MAX), "the transfer")
        return needs, slots[:needs.slot_count]

    def _fact_number(self, index, value):
        """Of a fact's value by its type: money in minor units, a ratio in millionths, a flag as 0 or 1, an instant in Unix milliseconds, a duration in milliseconds."""
        fact = self._get("fact", index)
        if fact.type == 3:
            flags = {True: 1, False: 0, "true": 1, "false": 0}
            if isinstance(value, (int, float)) and not isinstance(value, bool) or value not in flags:
                raise Error(f"{value!r} is no flag: True or False")
            return flags[value]
        if fact.type == 0:
            asset, number = self._amount(value, self._name(_c.ASSET, fact.asset))
            if asset != fact.asset:
                raise Error(f"{value!r} is of another asset than the fact")
            return number
        if isinstance(_text.no_float(value), int):
            return value
        if fact.type == 4:
            return _text.instant(value)
        if fact.type == 5:
            return _text.duration(value)
        if fact.type == 2:
            return _text.decimal(value[:-1], 4) if value.endswith("%") else _text.decimal(value, 6)
        return _text.decimal(value, 0)

    def _set_value(self, value, slot, given, time_ms):
        if given is None:
            return
        given, observed = given if isinstance(given, tuple) else (given, time_ms)
        kind = _SLOTS[slot.kind]
        if kind == "fact":
            number = self._fact_number(slot.target, given)
        elif kind == "mode":
            number = _c.lib.ringfence_find_mode(self._table, slot.target, given.encode())
            if number == _c.NONE:
                raise Error(f"there is no mode {given!r} of {self._name(_c.MACHINE, slot.target)}")
        else:
            asset, number = self._amount(given, self._name(_c.ASSET, slot.asset))
            if asset != slot.asset:
                raise Error(f"{given!r} is of another asset than the value")
        value.present, value.number, value.observed_ms = 1, _c.Number.of(number), _text.instant(observed)

    # ---- what the library says

    def _slot(self, slot):
        kind = _SLOTS[slot.kind]
        name = {"balance": lambda: self._name(_c.BUCKET, slot.target), "total": lambda: "total " + self._name(_c.BUCKET, slot.target),
                "account_total": lambda: "total " + self._name(_c.ACCOUNT, slot.target), "fact": lambda: "fact " + self._name(_c.FACT, slot.target),
                "mode": lambda: "mode " + self._name(_c.MACHINE, slot.target),
                "used": lambda: f"used line {self._get('statement', self._get('limit', slot.target).statement).line}"}.get(kind, lambda: kind)()
        ids = ["*" if slot.summed >> i & 1 else self._id(slot.ids[i]) for i in range(slot.id_count)]
        return Slot(kind, name + (" of " + ", ".join(ids) if ids else ""), self._name(_c.ASSET, slot.asset) if slot.asset != _c.NONE else "")

    def _statement(self, index):
        if index == _c.NONE:
            return None
        found = self._get("statement", index)
        notify = tuple(name for i, name in enumerate(self.names("role")) if found.notify >> i & 1)
        return Statement(_KINDS[found.kind], found.line, str(found.text), str(found.cite), str(found.because), notify)

    def _decision(self, decision, slots):
        word, sentence = _c.lib.ringfence_reason_word(decision.reason).decode(), _c.lib.ringfence_reason_sentence(decision.reason).decode()
        missing = self._slot(slots[decision.slot]).name if decision.slot < len(slots) else ""
        return Decision(decision.allowed == 1, word, sentence, self._statement(decision.statement), str(_c.lib.ringfence_clause_text(self._table, decision)), missing)


class Gate:
    """Decides transfers and keeps what they leave: balances, modes, facts, windows and ids, in memory. Opening state comes first."""

    def __init__(self, table):
        self._table, self._gate = table, ctypes.c_void_p()
        _check(_c.lib.ringfence_gate_create(table._table, ctypes.byref(self._gate)), "the gate")

    def __del__(self):
        if getattr(self, "_gate", None):
            _c.lib.ringfence_gate_free(self._gate)

    def open_balance(self, bucket, amount):
        """What a bucket holds before anything is applied: "Client.wallet of alice", "500 USDC"."""
        asset, number = self._table._amount(amount)
        _check(_c.lib.ringfence_gate_open_balance(self._gate, self._table._bucket(bucket), asset, _c.Number.of(number)), f"{bucket} holds {amount}")

    def open_mode(self, subject, mode, since=""):
        """In which mode a subject is before anything is applied: "Client.margin of alice, p1", "called"; and since when, which a mode with a deadline needs."""
        machine, number = self._mode(subject, mode)
        status = _c.lib.ringfence_gate_open_mode_since(self._gate, machine, number, _text.instant(since)) if since else _c.lib.ringfence_gate_open_mode(self._gate, machine, number)
        _check(status, f"{subject} is {mode}")

    def set_fact(self, fact, value, observed):
        """"maintenance of alice, p1", "50 USDC", "2026-01-05T09:00:00Z". Replaces what was known before."""
        subject = self._table._instance(_c.FACT, *_text.instance(fact))
        number = _c.Number.of(self._table._fact_number(subject.target, value))
        _check(_c.lib.ringfence_gate_set_fact(self._gate, subject, number, _text.instant(observed)), f"{fact} = {value}")

    def submit(self, id, transfer):
        """Decides one transfer, applies it if it is allowed, and gives the Answer. The same id again with the same content moves nothing."""
        outcome, decision, c_transfer = _c.u32(), _c.Decision(), self._table._transfer(transfer)
        slots = self._table._needs(c_transfer)[1]
        _check(_c.lib.ringfence_gate_submit(self._gate, id.encode(), c_transfer, outcome, decision), id)
        return Answer(id, _OUTCOMES[outcome.value], self._table._decision(decision, slots))

    def submit_batch(self, id, transfers):
        """Linked transfers, all or nothing: a list of pairs of an id, "" for none, and a Transfer. An Answer each."""
        pairs = list(transfers)
        made = [self._table._transfer(transfer) for _, transfer in pairs]
        count = len(pairs)
        ids = (ctypes.c_char_p * max(1, count))(*(each.encode() for each, _ in pairs))
        outcomes, decisions = (_c.u32 * max(1, count))(), (_c.Decision * max(1, count))(*(_c.Decision() for _ in pairs))
        _check(_c.lib.ringfence_gate_submit_batch(self._gate, id.encode(), ids, (_c.Transfer * max(1, count))(*made), count, outcomes, decisions), id)
        return [Answer(each, _OUTCOMES[outcome], self._table._decision(decision, self._table._needs(c_transfer)[1]))
                for (each, _), c_transfer, outcome, decision in zip(pairs, made, outcomes, decisions)]

    def change(self, id, subject, to, by, time=0, person="", approvals=(), evidence=()):
        """Changes the mode of a subject, if a transition allows it. Words as in Transfer."""
        machine, mode = self._mode(subject, to)
        change = self._table._set_authority(_c.ModeChange(subject=machine, to_mode=mode), by, person, time, approvals, evidence)
        outcome, decision = _c.u32(), _c.Decision()
        _check(_c.lib.ringfence_gate_submit_change(self._gate, id.encode(), change, outcome, decision), id)
        return Answer(id, _OUTCOMES[outcome.value], self._table._decision(decision, []))

    def balance(self, bucket, asset):
        """What a bucket holds, in minor units."""
        number = _c.Number()
        _check(_c.lib.ringfence_gate_balance(self._gate, self._table._bucket(bucket), self._table._find(_c.ASSET, asset), number), bucket)
        return int(number)

    def mode(self, subject, at=""):
        """The name of the mode that a subject is in: at a time, or when the last was applied. Empty where it can't be told."""
        machine, number = self._table._instance(_c.MACHINE, *_text.instance(subject)), _c.u32()
        status = _c.lib.ringfence_gate_mode_at(self._gate, machine, _text.instant(at), number) if at else _c.lib.ringfence_gate_mode(self._gate, machine, number)
        _check(status, subject)
        return str(_c.lib.ringfence_mode_name(self._table._table, machine.target, number))

    def _mode(self, subject, mode):
        machine = self._table._instance(_c.MACHINE, *_text.instance(subject))
        number = _c.lib.ringfence_find_mode(self._table._table, machine.target, mode.encode())
        if number == _c.NONE:
            raise Error(f"there is no mode {mode!r} of {subject}")
        return machine, number


def decide(table, transfer, values):
    """The decision on one transfer (a Transfer, or a mapping with the columns of a transfer file): see Table.decide."""
    return table.decide(transfer, values)


def gate(table, rows):
    """Applies the records of a transfer file, in their order, to a new gate, and yields an Answer for each transfer and change of mode. A record is a mapping with the columns of
    command/README.md, by which its kind is known: `holds`, `fact`, `mode`, `change`, or a transfer. `expect` is left to the caller; rows with the same `batch` that follow one
    another are linked. A record that can't be meant raises an Error that says which one it is, the first being 1 (a batch: its last); those before it are applied and answered. To
    pass over such a record, submit one by one to a Gate."""
    state = Gate(table)
    for number, batch, linked in _records(rows):
        try:
            answers = _apply(state, linked[0]) if batch is None else state.submit_batch(batch, [(row.get("id", ""), Transfer.from_row(row)) for row in linked])
        except Error as error:
            raise Error(f"record {number}: {error}") from error
        except KeyError as error:
            raise Error(f"record {number}: it has no {error}") from error
        yield from answers


def _records(rows):
    """Each batch, and each record by itself: the number of its last row, the batch or None, and its rows without empty cells."""
    batch, linked, number = None, [], 0
    for number, row in enumerate(rows, 1):
        row = {name: value for name, value in row.items() if value not in (None, "")}
        if linked and row.get("batch") != batch:
            yield number - 1, batch, linked
            linked = []
        batch = row.pop("batch", None)
        if batch is None:
            yield number, None, [row]
        else:
            linked.append(row)
    if linked:
        yield number, batch, linked


def _apply(state, row):
    """The answers to one record that is in no batch."""
    if "holds" in row:
        state.open_balance(row["holds"], row["amount"])
    elif "fact" in row:
        ids = ", ".join(_text.words(row.get("of", "")))
        state.set_fact(row["fact"] + (" of " + ids if ids else ""), row["value"], row["time"])
    elif "mode" in row:
        state.open_mode(row["mode"], row["is"], row.get("since", ""))
    elif "change" in row:
        return [state.change(row["id"], row["change"], row["to"], row["by"], *(row.get(name, "") for name in ("time", "person", "approvals", "evidence")))]
    else:
        return [state.submit(row["id"], Transfer.from_row(row))]
    return []
