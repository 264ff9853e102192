"""SQL for writes that depend on a row's present value, and for orders that both databases agree on.

Each is an expression of one statement, so that no other transaction can come between reading and writing.
"""

from typing import Any, Self

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Select,
    UnaryExpression,
    case,
    cast,
    func,
    literal_column,
    or_,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType, asc_op, desc_op
from sqlalchemy.types import NullType, TypeEngine

from storeroom.types import JSONCounters, Real, UTCDateTime

# Constants in statements are literal columns: bound parameters would match no expression of an index.
_ZERO: ColumnElement[Any] = literal_column("0")
_ZERO_REAL: ColumnElement[Any] = literal_column("0.0", Real())
_ONE_REAL: ColumnElement[Any] = literal_column("1.0", Real())
_ONE: ColumnElement[Any] = literal_column("1")

# Seconds: more would leave the years that both databases can tell.
_CENTURY = 3_155_760_000


class Now(FunctionElement[Any]):
    """The database's own time, at which the statement began: see `now`."""

    name = "now"
    type = UTCDateTime()
    inherit_cache = True


class FromNow(FunctionElement[Any]):
    """The database's own time and so many seconds: see `from_now`."""

    name = "from_now"
    type = UTCDateTime()
    inherit_cache = True


class MergedCounters(FunctionElement[Any]):
    """Two JSON objects of counters, added up: see `merged_counters`."""

    name = "merged_counters"
    type = JSONCounters()
    inherit_cache = True


class Among(FunctionElement[bool]):
    """Whether a value is among the rows of a query: see `among`."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Stay as it is: SQLAlchemy would compare a function with 1, which no index serves."""
        return self


class Ordered(UnaryExpression[Any]):
    """A nullable column in an order in which NULL is smallest: see `ascending` and `descending`."""

    inherit_cache = True


def now() -> ColumnElement[Any]:
    """Return the database's own time, at which the statement began, for UTCDateTime columns.

    All machines that share a database agree on it; it is the same in the whole statement, so that an index serves a
    comparison with it. SQLite's has milliseconds.

        SQLite:      strftime('%Y-%m-%d %H:%M:%f000', 'now')
        PostgreSQL:  statement_timestamp()
    """
    return Now()


def from_now(seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the database's own time and so many seconds, usually a bound parameter: `from_now(bindparam("lease"))`.

    A negative number is a time past, NULL gives NULL. More than a hundred years count as a hundred years, so that a
    pause which doubles each time has an end that both databases can tell.

        SQLite:      strftime('%Y-%m-%d %H:%M:%f000', 'now',
                     max(-3155760000, min(3155760000, round(:lease, 3))) || ' seconds')
        PostgreSQL:  statement_timestamp() + make_interval(secs =>
                     CASE WHEN abs(:lease) < 3155760000 THEN :lease ELSE sign(:lease) * 3155760000 END)
    """
    return FromNow(_typed(seconds, Real()))


def expired(column: ColumnElement[Any], at: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Tell whether the time in a column has come: `column <= at`, by default now. NULL never comes.

    On both databases:  column <= statement_timestamp()    (SQLite: strftime(…))
    """
    return column <= (Now() if at is None else at)


def unexpired(column: ColumnElement[Any], at: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Tell whether the time in a column is still to come: the opposite of `expired`, true for NULL.

    On both databases:  column IS NULL OR column > statement_timestamp()    (SQLite: strftime(…))
    Where the column can't be NULL, it isn't asked for. It is for conditions: in a RETURNING, SQLite 3.40 may call NULL
    something else than NULL (of a table with a NOT NULL text key); say `coalesce(column > now(), true)` there.
    """
    later = column > (Now() if at is None else at)
    return or_(column.is_(None), later) if getattr(column, "nullable", True) else later


def merged_counters(counters: ColumnElement[Any], more: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a JSON object of counters with those of another added, key by key; NULL counts as no counters.

    For JSONCounters columns. Any text without NUL is a key. A sum beyond 64 bits is an error on both databases.

        SQLite:      (SELECT json_group_object(key, total) FROM (SELECT key, sum(value) AS total FROM (
                     SELECT key, value FROM json_each(coalesce(:counters, '{}')) UNION ALL
                     SELECT key, value FROM json_each(coalesce(:more, '{}'))) GROUP BY key ORDER BY key))
        PostgreSQL:  (SELECT coalesce(jsonb_object_agg(key, total), '{}') FROM (
                     SELECT key, CAST(sum(CAST(value AS bigint)) AS bigint) AS total FROM (
                     SELECT key, value FROM jsonb_each_text(coalesce(:counters, '{}')) UNION ALL
                     SELECT key, value FROM jsonb_each_text(coalesce(:more, '{}'))) AS counts GROUP BY key) AS totals)
    """
    return MergedCounters(_typed(counters, JSONCounters()), _typed(more, JSONCounters()))


def running_mean(mean: ColumnElement[Any], count: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the mean of `count` values and one more; it is unchanged where the value is NULL.

    `count` is how many values the present mean has; raise it in the same statement, with `running_count`. Values up
    to 1e300. The update is Welford's, which loses less to rounding than (mean * count + value) / (count + 1):
    B. P. Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4 (1962).

    On both databases, with a cast around a parameter and the divisor:
        CASE WHEN value IS NULL THEN mean
        ELSE coalesce(mean, 0.0) + (value - coalesce(mean, 0.0)) / (1.0 + count) END
    """
    value = _typed(value, Real())
    present = func.coalesce(mean, _ZERO_REAL, type_=Real())
    return case((value.is_(None), mean), else_=present + (value - present) / (_ONE_REAL + count))


def running_count(count: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return how many values a running mean has after one more: NULL isn't counted.

    On both databases:  count + CASE WHEN value IS NULL THEN 0 ELSE 1 END
    """
    return count + case((_typed(value, Real()).is_(None), _ZERO), else_=_ONE)


def among(column: Column[Any], query: Select[Any]) -> ColumnElement[bool]:
    """Tell whether a column has one of the values that a query returns: for a write to so many rows.

    The query runs once, so that it may choose rows by an order and a limit and lock them, past those that others hold:
    `among(t.c.id, select(t.c.id).order_by(t.c.at).limit(10).with_for_update(skip_locked=True))`. The rows are found by
    an index over the column, also where PostgreSQL would rather read the whole table for an IN or a join.

        SQLite:      column IN (SELECT …)               without FOR UPDATE: the writer has the whole database
        PostgreSQL:  column = ANY (ARRAY(SELECT …))
    """
    return Among(column, query.scalar_subquery())


def ascending(column: Column[Any]) -> ColumnElement[Any]:
    """Order by a column, the smallest first, with NULL as the smallest on both databases; also for an Index.

    SQLite:      column ASC
    PostgreSQL:  column ASC NULLS FIRST     (column ASC where it can't be NULL)
    """
    return Ordered(column, modifier=asc_op) if column.nullable else column.asc()


def descending(column: Column[Any]) -> ColumnElement[Any]:
    """Order by a column, the largest first, with NULL as the smallest on both databases; also for an Index.

    SQLite:      column DESC
    PostgreSQL:  column DESC NULLS LAST     (column DESC where it can't be NULL)
    """
    return Ordered(column, modifier=desc_op) if column.nullable else column.desc()


def _typed(element: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Give a bound parameter without a type this one, so that its values are converted, and refused, by it."""
    if not isinstance(element, BindParameter):
        return element
    typed = type_coerce(element, kind) if isinstance(element.type, NullType) else element
    # psycopg doesn't tell PostgreSQL the type of a number, which it can't see where that is None.
    return cast(typed, kind) if isinstance(typed.type, Real) else typed


@compiles(Now, "sqlite")
def _now_on_sqlite(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(Now, "postgresql")
def _now_on_postgresql(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "statement_timestamp()"


@compiles(FromNow, "sqlite")
def _from_now_on_sqlite(element: FromNow, compiler: SQLCompiler, **options: Any) -> str:
    (seconds,) = _compiled(element, compiler, options)
    bounded = f"max(-{_CENTURY}, min({_CENTURY}, round({seconds}, 3)))"
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {bounded} || ' seconds')"


@compiles(FromNow, "postgresql")
def _from_now_on_postgresql(element: FromNow, compiler: SQLCompiler, **options: Any) -> str:
    (seconds,) = _compiled(element, compiler, options)
    bounded = f"CASE WHEN abs({seconds}) < {_CENTURY} THEN {seconds} ELSE sign({seconds}) * {_CENTURY} END"
    return f"(statement_timestamp() + make_interval(secs => {bounded}))"


@compiles(MergedCounters, "sqlite")
def _merged_on_sqlite(element: MergedCounters, compiler: SQLCompiler, **options: Any) -> str:
    counters, more = _compiled(element, compiler, options)
    return (
        "(SELECT json_group_object(key, total) FROM (SELECT key, sum(value) AS total FROM ("
        f"SELECT key, value FROM json_each(coalesce({counters}, '{{}}')) UNION ALL "
        f"SELECT key, value FROM json_each(coalesce({more}, '{{}}'))"
        ") GROUP BY key ORDER BY key))"
    )


@compiles(MergedCounters, "postgresql")
def _merged_on_postgresql(element: MergedCounters, compiler: SQLCompiler, **options: Any) -> str:
    counters, more = _compiled(element, compiler, options)
    return (
        "(SELECT coalesce(jsonb_object_agg(key, total), '{}') FROM ("
        "SELECT key, CAST(sum(CAST(value AS bigint)) AS bigint) AS total FROM ("
        f"SELECT key, value FROM jsonb_each_text(coalesce({counters}, '{{}}')) UNION ALL "
        f"SELECT key, value FROM jsonb_each_text(coalesce({more}, '{{}}'))"
        ") AS counts GROUP BY key) AS totals)"
    )


@compiles(Among, "sqlite")
def _among_on_sqlite(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, query = _compiled(element, compiler, options)
    return f"{column} IN {query}"


@compiles(Among, "postgresql")
def _among_on_postgresql(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, query = _compiled(element, compiler, options)
    return f"{column} = ANY (ARRAY{query})"


@compiles(Ordered)
def _ordered(element: Ordered, compiler: SQLCompiler, **options: Any) -> str:
    return _unary(element, compiler, options)


@compiles(Ordered, "postgresql")
def _ordered_on_postgresql(element: Ordered, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite takes NULL for the smallest by itself, and refuses these words in an index.
    nulls = "FIRST" if element.modifier is asc_op else "LAST"
    return f"{_unary(element, compiler, options)} NULLS {nulls}"


def _unary(element: Ordered, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    text: str = compiler.visit_unary(element, **options)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return text


def _compiled(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    arguments: list[ClauseElement] = list(element.clauses)
    return [compiler.process(each, **options) for each in arguments]
