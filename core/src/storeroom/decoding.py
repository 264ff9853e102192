"""How the column types read what a driver gives: functions that are written into those that make records of rows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from storeroom.inlining import inlined


# With the zone in its text, a time is parsed at once; to give it one afterwards takes eight times as long.
@inlined("None if {value} is None else {read}({value} + '+00:00')", gives=datetime, read=datetime.fromisoformat)
def read_time(text: str | None) -> datetime | None:
    """Read a time as SQLite has it: text, in UTC."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@inlined("{value} if {value} is None or {value}.tzinfo is {UTC} else {value}.astimezone({UTC})", UTC=UTC)
def read_instant(time: datetime | None) -> datetime | None:
    """Read a time as PostgreSQL's driver gives it: aware, in the zone of the session."""
    return time if time is None or time.tzinfo is UTC else time.astimezone(UTC)


@inlined("None if {value} is None else {value} != 0", gives=bool)
def read_flag(number: int | None) -> bool | None:
    """Read a flag as SQLite has it: 0 or 1."""
    return None if number is None else number != 0


@inlined("{value} or None")
def read_none(text: str | None) -> str | None:
    """Read text of which none is ''."""
    return text or None


_scan: Callable[[str, int], tuple[Any, int]] = vars(json.JSONDecoder())["scan_once"]


# What the decoder itself does, but that it looks for space before and after, of which canonical text has none.
@inlined(
    "None if {value} is None else {value}_read[0] if ({value}_read := {scan}({value}, 0))[1] == len({value}) "
    "else {itself}({value})",
    scan=_scan,
)
def read_json(text: Any) -> Any:
    """Read a document that is text."""
    return None if text is None else json.loads(text)


def read_document(sent: bytes | str) -> Any:
    """Read a document that PostgreSQL sends, as json.loads does, which first looks what encoding it is in."""
    text = sent if isinstance(sent, str) else sent.decode()
    try:
        document, end = _scan(text, 0)
    except StopIteration:  # of a column of type json, which keeps the space before a document
        return json.loads(text)
    return document if end == len(text) else json.loads(text)


def choice_reader(choices: type[StrEnum]) -> Callable[[Any], Any]:
    """Return the function that reads the value of an enumeration's member; it raises ValueError for any other."""
    members: dict[Any, StrEnum | None] = {None: None} | {each.value: each for each in choices}

    @inlined("{members}[{value}]", gives=choices, members=members)
    def read(value: Any) -> Any:
        return members[value] if value in members else choices(value)

    return read
