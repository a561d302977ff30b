# SPDX-License-Identifier: Apache-2.0
"""The structs and functions of ringfence_c.h as ctypes sees them, and the library that has them. Nothing is decided here."""
import ctypes
import os

NONE = 0xFFFFFFFF
KEYS_MAX, SLOTS_MAX = 4, 64
OK, BAD_ARGUMENT, BAD_STRUCT, BAD_TABLE, OTHER_TABLE, NO_MEMORY, REFUSED = range(7)
ASSET, ROLE, PURPOSE, EVIDENCE, ENTITY, ACCOUNT, BUCKET, FACT, MACHINE = range(9)

u8, u32, u64, i64 = ctypes.c_uint8, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int64
Keys = u32 * KEYS_MAX


class Sized(ctypes.Structure):
    """A struct that says its size first; made with it set and the rest zero."""

    def __init__(self, *args, **fields):
        super().__init__(*args, **fields)
        self.size = ctypes.sizeof(self)


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("bytes", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.bytes).decode() if self.bytes else ""


class Number(ctypes.Structure):
    _fields_ = [("low", u64), ("high", i64)]

    @classmethod
    def of(cls, value):
        if not -(1 << 127) <= value < 1 << 127:
            raise OverflowError(f"{value} does not fit into 128 bits")
        return cls(value & 0xFFFFFFFFFFFFFFFF, value >> 64)

    def __int__(self):
        return self.low + (self.high << 64)


class Error(Sized):
    _fields_ = [("size", u32), ("reserved", u32), ("offset", u64), ("message", ctypes.c_char * 240)]


class Asset(Sized):
    _fields_ = [("size", u32), ("decimals", u32)]


class Bucket(Sized):
    _fields_ = [("size", u32), ("owner", u32), ("account", u32), ("external", u32), ("may_overdraw", u32), ("key_count", u32), ("keys", Keys)]


class Account(Sized):
    _fields_ = [("size", u32), ("owner", u32), ("key_count", u32), ("keys", Keys), ("reserved", u32)]


class Fact(Sized):
    _fields_ = [("size", u32), ("type", u32), ("subject_kind", u32), ("subject", u32), ("asset", u32), ("key_count", u32), ("keys", Keys),
                ("fresh_within_ms", i64), ("min", Number), ("max", Number)]


class Machine(Sized):
    _fields_ = [("size", u32), ("subject_kind", u32), ("subject", u32), ("mode_count", u32), ("key_count", u32), ("keys", Keys), ("reserved", u32)]


class Limit(Sized):
    _fields_ = [("size", u32), ("statement", u32), ("asset", u32), ("key_count", u32), ("keys", Keys), ("window_ms", i64)]


class Statement(Sized):
    _fields_ = [("size", u32), ("kind", u32), ("line", u32), ("reserved", u32), ("text", Text), ("cite", Text), ("because", Text), ("notify", u64)]


class Instance(ctypes.Structure):
    _fields_ = [("target", u32), ("id_count", u32), ("ids", u64 * KEYS_MAX)]


class Approval(Sized):
    _fields_ = [("size", u32), ("reserved", u32), ("person", u64), ("roles", u64)]


class Transfer(Sized):
    _fields_ = [("size", u32), ("purpose", u32), ("source", Instance), ("destination", Instance), ("amount", Number), ("asset", u32), ("role", u32),
                ("person", u64), ("evidence", u64), ("time_ms", i64), ("approvals", ctypes.POINTER(Approval)), ("approval_count", u32), ("reserved", u32)]


class ModeChange(Sized):
    _fields_ = [("size", u32), ("to_mode", u32), ("subject", Instance), ("reserved", u32), ("role", u32), ("person", u64), ("evidence", u64),
                ("time_ms", i64), ("approvals", ctypes.POINTER(Approval)), ("approval_count", u32), ("reserved2", u32)]


class Slot(Sized):
    _fields_ = [("size", u32), ("kind", u32), ("target", u32), ("asset", u32), ("supplied", u32), ("id_count", u32), ("summed", u32), ("reserved", u32),
                ("ids", u64 * KEYS_MAX)]


class Needs(Sized):
    _fields_ = [("size", u32), ("reason", u32), ("row", u32), ("slot_count", u32), ("table", u64)]


class Value(Sized):
    _fields_ = [("size", u32), ("present", u32), ("number", Number), ("observed_ms", i64)]


class Decision(Sized):
    _fields_ = [("size", u32), ("allowed", u32), ("reason", u32), ("statement", u32), ("clause", u32), ("slot", u32), ("row", u32), ("reserved", u32)]


_pointer, _size, _status = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
_at = ctypes.POINTER

#: name: (result, arguments)
_FUNCTIONS = {
    "ringfence_table_load": (_status, [ctypes.c_char_p, _size, _at(_pointer), _at(Error)]),
    "ringfence_table_free": (None, [_pointer]),
    "ringfence_policy_name": (Text, [_pointer]),
    "ringfence_source_digest": (Text, [_pointer]),
    "ringfence_proof_digest": (ctypes.c_int, [_pointer, u8 * 32]),
    "ringfence_count": (u32, [_pointer, u32]),
    "ringfence_find": (u32, [_pointer, u32, ctypes.c_char_p]),
    "ringfence_name": (Text, [_pointer, u32, u32]),
    "ringfence_find_mode": (u32, [_pointer, u32, ctypes.c_char_p]),
    "ringfence_mode_name": (Text, [_pointer, u32, u32]),
    "ringfence_get_asset": (_status, [_pointer, u32, _at(Asset)]),
    "ringfence_get_bucket": (_status, [_pointer, u32, _at(Bucket)]),
    "ringfence_get_account": (_status, [_pointer, u32, _at(Account)]),
    "ringfence_get_fact": (_status, [_pointer, u32, _at(Fact)]),
    "ringfence_get_machine": (_status, [_pointer, u32, _at(Machine)]),
    "ringfence_get_limit": (_status, [_pointer, u32, _at(Limit)]),
    "ringfence_get_statement": (_status, [_pointer, u32, _at(Statement)]),
    "ringfence_get_needs": (_status, [_pointer, _at(Transfer), _at(Needs), _at(Slot), _size]),
    "ringfence_decide": (_status, [_pointer, _at(Transfer), _at(Needs), _at(Value), _size, u32, _at(Decision)]),
    "ringfence_reason_word": (ctypes.c_char_p, [u32]),
    "ringfence_reason_sentence": (ctypes.c_char_p, [u32]),
    "ringfence_clause_text": (Text, [_pointer, _at(Decision)]),
    "ringfence_gate_create": (_status, [_pointer, _at(_pointer)]),
    "ringfence_gate_free": (None, [_pointer]),
    "ringfence_gate_open_balance": (_status, [_pointer, _at(Instance), u32, Number]),
    "ringfence_gate_open_mode": (_status, [_pointer, _at(Instance), u32]),
    "ringfence_gate_open_mode_since": (_status, [_pointer, _at(Instance), u32, i64]),
    "ringfence_gate_set_fact": (_status, [_pointer, _at(Instance), Number, i64]),
    "ringfence_gate_submit": (_status, [_pointer, ctypes.c_char_p, _at(Transfer), _at(u32), _at(Decision)]),
    "ringfence_gate_submit_change": (_status, [_pointer, ctypes.c_char_p, _at(ModeChange), _at(u32), _at(Decision)]),
    "ringfence_gate_submit_batch": (_status, [_pointer, ctypes.c_char_p, _at(ctypes.c_char_p), _at(Transfer), _size, _at(u32), _at(Decision)]),
    "ringfence_gate_balance": (_status, [_pointer, _at(Instance), u32, _at(Number)]),
    "ringfence_gate_mode": (_status, [_pointer, _at(Instance), _at(u32)]),
    "ringfence_gate_mode_at": (_status, [_pointer, _at(Instance), i64, _at(u32)]),
}


def _open():
    """The shared library: that of RINGFENCE_LIBRARY, or else whichever the system finds."""
    library = ctypes.CDLL(os.environ.get("RINGFENCE_LIBRARY", "libringfence.so.1"))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


lib = _open()
