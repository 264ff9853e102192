"""The fast way of a statement: what SQLAlchemy made of it is kept, so that a run needs the driver only.

SQLAlchemy runs a statement the first times, which is the plain way. From the run's context come the text, how values
get ready for the driver, and how rows are made; a run on the driver's cursor with these sends the same, and gives the
same rows. What is unusual has no fast way: see `learn`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import BindParameter, CursorResult
from sqlalchemy.sql import schema
from sqlalchemy.sql.compiler import SQLCompiler

from storeroom.inlining import written
from storeroom.sql.values import refuse_unsendable
from storeroom.types import refuses_text

# What a parameter of SQLAlchemy's own types is looked at for: see refuse_unsendable.
_HOLDS_TEXT = (str, list, tuple, set, frozenset)

# Of a construct's execution options, those that change nothing on the way.
_HARMLESS = frozenset({"preserve_rowcount"})


class Compiled:
    """A statement for one dialect and one set of parameters, ready for the driver's cursor.

    `bind` makes what the cursor takes of the parameters, and raises for a value that can't be sent. `one_row` and
    `rows` make SQLAlchemy's rows of the cursor's.
    """

    __slots__ = ("_columns", "_readings", "bind", "one_row", "returns_rows", "rows", "text")

    def __init__(self, text: str, bind: Callable[[Mapping[str, Any]], Any], result: CursorResult[Any] | None) -> None:
        self.text = text
        self.bind = bind
        self.returns_rows = result is not None
        self.one_row: Callable[[Sequence[Any]], Any]
        self.rows: Callable[[Sequence[Any]], Sequence[Any]]
        made: Any = (_no_row, _no_row) if result is None else result._row_getter
        self.one_row, self.rows = made[:2]
        self._columns = None if result is None else _readers(result)
        self._readings: dict[Any, Callable[[Sequence[Any]], Sequence[Any]]] = {}

    def reading(self, reader: "RowReader") -> Callable[[Sequence[Any]], Sequence[Any]]:
        """Return the function by which this reader reads the driver's rows; it is written when first asked for."""
        found = self._readings.get(reader)
        if found is None:
            found = self._made(reader) if self._columns is None else reader.written(self._columns)
            self._readings[reader] = found
        return found

    def last_of(self, row: Sequence[Any]) -> Any:
        """Return the last column of one of the driver's rows."""
        if self._columns is None:
            return self.one_row(row)[-1]
        read = self._columns[-1]
        return row[-1] if read is None else read(row[-1])

    def _made(self, reader: "RowReader") -> Callable[[Sequence[Any]], Sequence[Any]]:
        return lambda rows: list(map(reader.read, self.rows(rows)))


class RowReader(Protocol):
    """Makes something of each row, by its first columns."""

    def read(self, row: Any, /) -> Any:
        """Read a row as SQLAlchemy gives it."""
        ...

    def written(self, columns: Sequence[Callable[[Any], Any] | None], /) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """Return the function that reads rows as the driver gives them, each column by its own function."""
        ...


def learn(result: CursorResult[Any], parameters: Mapping[str, Any]) -> Compiled | None:
    """Return the fast way of the statement that had this result; None where there is none.

    There is none for text and statements with columns of text, values that are written into the text at each run (as
    IN does), parameters that aren't used, defaults that ask for SQLAlchemy's context, and execution options. And none
    where what would be sent isn't what SQLAlchemy sent.
    """
    context: Any = result.context
    compiled = context.compiled
    if not isinstance(compiled, SQLCompiler) or _is_unusual(compiled, context):
        return None
    binder = _Binder(compiled, context, parameters)
    if not binder.fits:
        return None
    # SQLAlchemy itself takes the keys that it asks an insert to return.
    returns_rows = bool(result.returns_rows) and not compiled.implicit_returning
    return Compiled(context.statement, binder.bind, result if returns_rows else None)


def _readers(result: CursorResult[Any]) -> Sequence[Callable[[Any], Any] | None] | None:
    metadata: Any = result._metadata
    if metadata._tuplefilter is not None:
        return None
    readers: Sequence[Callable[[Any], Any] | None] = metadata._effective_processors or [None] * len(metadata._keys)
    return readers


def _is_unusual(compiled: SQLCompiler, context: Any) -> bool:
    return bool(
        compiled.isplaintext
        or compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or compiled._loose_column_name_matching
        or (compiled._result_columns and (not compiled._ordered_columns or compiled._textual_ordered_columns))
        or len(context.parameters) != 1
        or not set(context.invoked_statement.get_execution_options()) <= _HARMLESS
        # The construct may be another than that which SQLAlchemy compiled, with other values.
        or any(bind.callable is not None for bind in context.extracted_parameters or ())
        or not set(context.root_connection.get_execution_options()) <= _HARMLESS
    )


def _no_row(_row: Sequence[Any]) -> Any:
    raise AssertionError("the statement returns no rows")


class _Binder:
    """Writes the function that gets parameters ready, by the types of what they are bound to."""

    def __init__(self, compiled: SQLCompiler, context: Any, parameters: Mapping[str, Any]) -> None:
        self._dialect = context.dialect
        self._values: Mapping[str, Any] = context.compiled_parameters[0]
        self._parameters = parameters
        self._binds: Mapping[str, BindParameter[Any]] = {name: bind for bind, name in compiled.bind_names.items()}
        self._makers: dict[str, Callable[[Any], Any] | None] = {}
        self._note_makers(compiled)
        self._unused = set(parameters)
        self._scope: dict[str, Any] = {"checked": _checked}
        self.fits = True
        sent = context.parameters[0]
        names = list(compiled.positiontup or ()) if compiled.positional else list(sent)
        places = {name: f"v{number}" for number, name in enumerate(dict.fromkeys(names))}
        lines = [f" {line}" for name, place in places.items() for line in self._lines(name, place)]
        if compiled.positional:
            made = f"({''.join(f'{places[name]}, ' for name in names)})"
        else:
            made = f"{{{', '.join(f'{name!r}: {place}' for name, place in places.items())}}}"
        self.fits = self.fits and not self._unused
        if self.fits:
            source = "\n".join(["def bind(given):", *lines, f" return {made}"])
            exec(source, self._scope)  # noqa: S102  # of names and places only, each written by repr()
            self.bind: Callable[[Mapping[str, Any]], Any] = self._scope["bind"]
            self.fits = self._sends(sent, names)

    def _note_makers(self, compiled: SQLCompiler) -> None:
        """Find the defaults of Python's that are made anew for each row; the others are among the values."""
        columns = compiled.insert_prefetch or compiled.update_prefetch
        for column in columns:
            default = column.default if compiled.insert_prefetch else column.onupdate
            if isinstance(default, schema.CallableColumnDefault):
                # SQLAlchemy wraps a function that doesn't take its context.
                is_wrapped = getattr(default.arg, "__globals__", None) is vars(schema)
                self._makers[column.key] = default.arg if is_wrapped else None
            elif not isinstance(default, schema.ScalarElementColumnDefault):
                self._makers[column.key] = None

    def _lines(self, name: str, value: str) -> Sequence[str]:
        """Return the lines that make a bound value, and put into the scope what they need."""
        bind = self._binds[name]
        if bind.expanding or bind.callable is not None or bind.type._is_tuple_type or bind.isoutparam:
            self.fits = False
            return ()
        process = bind.type.dialect_impl(self._dialect).bind_processor(self._dialect)
        key = bind.key if bind.key in self._parameters else name
        if key in self._parameters:
            self._unused.discard(key)
            given = f"given[{key!r}]"
            if not refuses_text(bind.type):
                given = f"checked({given})"
        elif name in self._makers:
            self.fits = self.fits and self._makers[name] is not None
            self._scope[f"make_{value}"] = self._makers[name]
            given = f"make_{value}(None)"
        else:
            constant = self._values.get(name)
            self._scope[f"constant_{value}"] = constant if process is None else process(constant)
            return (f"{value} = constant_{value}",)
        return f"{value} = {given}", f"{value} = {written(process, value, self._scope)}"

    def _sends(self, sent: Any, names: Sequence[str]) -> bool:
        """Tell whether the function makes what SQLAlchemy has sent, but for what is made anew."""
        made = self.bind(self._parameters)
        if isinstance(made, tuple):
            made, sent = list(zip(names, made, strict=True)), list(zip(names, sent, strict=True))
        else:
            made, sent = list(made.items()), list(sent.items())
        return [each for each in made if each[0] not in self._makers] == [
            each for each in sent if each[0] not in self._makers
        ]


def _checked(value: Any) -> Any:
    if isinstance(value, _HOLDS_TEXT):
        refuse_unsendable({"value": value})
    return value
