"""Who listens to statements: told of each after it ran, with its time, and never of its values."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

logger = logging.getLogger("storeroom.engine")

# So much of a slow statement's text is logged.
_LONGEST = 1000


class StatementRun(NamedTuple):
    """One statement that ran: its text, how many parameters it was given, how many rows it read or wrote, and its time.

    `rows` is None where that can't be told, as of a statement that failed. Of a stream it is how many were read, and
    `seconds` the time that reading them took.
    """

    text: str
    parameters: int
    rows: int | None
    seconds: float


Listener: TypeAlias = Callable[[StatementRun], object]


class Watch:
    """The listeners of one database. While there is none, a statement costs the look at `listeners`, and no more."""

    def __init__(self, slow_statement: float) -> None:
        self.listeners: tuple[Listener, ...] = ()
        self._lock = Lock()
        self._slow = slow_statement
        if slow_statement:
            self.listeners = (self._log_slow,)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Tell a listener of each statement that runs inside the block, in whichever thread."""
        with self._lock:
            self.listeners = (*self.listeners, listener)
        try:
            yield
        finally:
            with self._lock:
                remaining = list(self.listeners)
                remaining.remove(listener)
                self.listeners = tuple(remaining)

    def tell(self, run: StatementRun) -> None:
        """Tell all listeners; the error of one is logged, and reaches nobody."""
        for listener in self.listeners:
            try:
                listener(run)
            except Exception:
                logger.exception("a listener to statements failed")

    def _log_slow(self, run: StatementRun) -> None:
        if run.seconds >= self._slow:
            logger.warning(
                "a statement took %.3f seconds (%s rows, %d parameters): %s",
                run.seconds,
                "?" if run.rows is None else run.rows,
                run.parameters,
                " ".join(run.text.split())[:_LONGEST],
            )


class Clock:
    """Adds up the time that a statement takes, and tells of it in the end, if it was sent."""

    def __init__(self, watch: Watch, parameters: int) -> None:
        self._watch = watch
        self._began = 0.0
        self.text: str | None = None
        self.parameters = parameters
        self.rows: int | None = None
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *_error: object) -> None:
        self.seconds += perf_counter() - self._began

    def tell(self) -> None:
        """Tell the listeners."""
        if self.text is not None:
            self._watch.tell(StatementRun(self.text, self.parameters, self.rows, self.seconds))


class ToldCursor:
    """A cursor of the driver's whose statement is noted by a clock."""

    def __init__(self, cursor: Any, clock: Clock) -> None:
        self._cursor = cursor
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, text: Any, *arguments: Any, **options: Any) -> Any:
        """Run a statement."""
        self._note(text, arguments)
        return self._cursor.execute(text, *arguments, **options)

    def copy(self, text: Any, *arguments: Any, **options: Any) -> Any:
        """Begin to copy rows."""
        self._note(text, arguments)
        return self._cursor.copy(text, *arguments, **options)

    def note_rows(self) -> None:
        """Note how many rows the driver says that there were."""
        self._clock.rows = self._cursor.rowcount if self._cursor.rowcount >= 0 else None

    def _note(self, text: Any, arguments: tuple[Any, ...]) -> None:
        self._clock.text = str(text)
        self._clock.parameters = len(arguments[0]) if arguments and arguments[0] is not None else 0
