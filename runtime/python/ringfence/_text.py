# SPDX-License-Identifier: Apache-2.0
"""What people write, exactly as numbers: amounts, ratios, instants, instances. As in the transfer files of `ringfence gate` (command/README.md).

Every function raises Error for a text that is none, and TypeError for a float: 0.1 is no decimal number."""
import datetime
import re

_DECIMAL = re.compile(r"(-?)(\d+(?:_\d+)*)(?:\.(\d+))?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z", re.ASCII)
_DURATION = re.compile(r"(-?)(\d+(?:_\d+)*(?:\.\d+)?) *(ms|s|min|h|d)", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_\-.:@]{1,64}", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Error(ValueError):
    """What was asked can't be meant. The text says what; for a table, at which byte; for a row of transfers, which record it is."""


def no_float(value):
    """`value`, unless it is a float or something else that is neither text nor a whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"{value!r}: whole numbers of minor units, or decimal texts, and never floats")
    return value


def decimal(text, decimals):
    """'1.50' with 2 decimals is 150. Digits beyond the decimals must be zeros."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Error(f"{text!r} is no decimal number")
    sign, whole, fraction = match.groups(default="")
    if fraction[decimals:].strip("0"):
        raise Error(f"{text!r} has more than {decimals} decimals")
    value = int(whole.replace("_", "") + fraction[:decimals].ljust(decimals, "0"))
    return -value if sign else value


def instant(value):
    """Unix milliseconds of '2026-01-05T09:30:00.250Z'; a whole number already is that."""
    if isinstance(no_float(value), int):
        return value
    if _INSTANT.fullmatch(value) is None:
        raise Error(f"{value!r} is no instant, such as 2026-01-05T09:30:00Z")
    try:
        parsed = datetime.datetime.fromisoformat(value[:-1].ljust(23, "0") if "." in value else value[:-1]).replace(tzinfo=datetime.timezone.utc)
    except ValueError as error:
        raise Error(f"{value!r} is no instant: {error}") from error
    return (parsed - _EPOCH) // datetime.timedelta(milliseconds=1)


def duration(text):
    """Milliseconds of '30 d', in the units ms, s, min, h and d."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Error(f"{text!r} is no duration, such as 30 d")
    sign, number, unit = match.groups()
    length = decimal(number, 8) * {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]
    if length % 10**8:
        raise Error(f"{text!r} is no whole number of milliseconds")
    return (-1 if sign else 1) * length // 10**8


def instance(text):
    """'Client.margin of alice, p1' is ('Client.margin', ['alice', 'p1'])."""
    name, of, ids = text.partition(" of ")
    found = [part.strip() for part in ids.split(",")] if of else []
    for each in found:
        checked_id(each)
    return name.strip(), found


def checked_id(text):
    """`text`, if it can name one client, position or person."""
    if _ID.fullmatch(text) is None:
        raise Error(f"{text!r} is no id: letters, digits and _ - . : @, at most 64")
    return text


def approvals(value):
    """'bob:treasurer;eve:cfo+treasurer' is [('bob', ['treasurer']), ('eve', ['cfo', 'treasurer'])]; such a list already is that."""
    if not isinstance(value, str):
        return [(checked_id(person), list(roles)) for person, roles in value]
    found = []
    for part in filter(None, value.split(";")):
        person, colon, roles = part.partition(":")
        if not colon:
            raise Error(f"{part!r} is no approval, such as bob:treasurer")
        found.append((checked_id(person.strip()), [role.strip() for role in roles.split("+")]))
    return found


def words(value):
    """'a;b' is ['a', 'b']; a list already is that."""
    return [word.strip() for word in value.split(";") if word.strip()] if isinstance(value, str) else list(value)
