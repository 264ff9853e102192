"""SQL for repositories: statements that are built once, building blocks for writes without races, column types."""

from storeroom.canonical import canonical_json
from storeroom.sql.conflicts import insert
from storeroom.sql.fetch import AnyRow
from storeroom.sql.functions import (
    among,
    ascending,
    descending,
    expired,
    from_now,
    merged_counters,
    now,
    running_count,
    running_mean,
    unexpired,
)
from storeroom.sql.indexes import partial_index
from storeroom.sql.statement import Executor, Statement
from storeroom.sql.upsert import Outcome, Outcomes, Rule, upsert
from storeroom.types import (
    BigInt,
    CalendarDate,
    Choice,
    Flag,
    Int,
    JSONCounters,
    JSONDocument,
    NoneAsEmpty,
    PlainText,
    Real,
    UTCDateTime,
    refused,
)

__all__ = [
    "AnyRow",
    "BigInt",
    "CalendarDate",
    "Choice",
    "Executor",
    "Flag",
    "Int",
    "JSONCounters",
    "JSONDocument",
    "NoneAsEmpty",
    "Outcome",
    "Outcomes",
    "PlainText",
    "Real",
    "Rule",
    "Statement",
    "UTCDateTime",
    "among",
    "ascending",
    "canonical_json",
    "descending",
    "expired",
    "from_now",
    "insert",
    "merged_counters",
    "now",
    "partial_index",
    "refused",
    "running_count",
    "running_mean",
    "unexpired",
    "upsert",
]
