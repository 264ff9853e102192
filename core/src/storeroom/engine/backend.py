"""What differs between the databases, behind one interface."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import Any, ClassVar

from sqlalchemy import URL, Engine, Table

from storeroom.engine.watching import Watch
from storeroom.errors import DatabaseError
from storeroom.settings import Settings

AUTOCOMMIT_REFUSAL = (
    "the connection is in autocommit mode, so that there is no transaction to join; bind one that isn't"
)


class Mode(Enum):
    """What a transaction is for."""

    READ = "read"
    READER = "reader"
    """The same, on a connection of SQLite's that is for reading only."""

    WRITE = "write"
    MIGRATE = "migrate"


class Backend(ABC):
    """One kind of database. `driver` is always the driver's own connection, beneath SQLAlchemy's."""

    name: ClassVar[str]
    separates_readers: ClassVar[bool] = False
    """Whether reading is faster on connections that do nothing else."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.watch = Watch(settings.slow_statement)

    @abstractmethod
    def create_engine(self, url: URL) -> Engine:
        """Make an engine whose connections are ready for `begin`."""

    @property
    def idle_check(self) -> float | None:
        """After how many idle seconds a connection may be lost, so that the pool has to look; None for never."""
        return None

    def make_reader(self, driver: Any) -> None:  # noqa: B027  # nothing to do for most
        """Make a new connection one for reading only."""

    @abstractmethod
    def borrow(self, driver: Any) -> Callable[[], None]:
        """Make a connection of somebody else's engine ready for `begin`; returns what puts it back as it was."""

    @abstractmethod
    def begin(self, driver: Any, mode: Mode) -> None:
        """Begin a transaction at the driver, with the limits of its mode."""

    @abstractmethod
    def finish(self, driver: Any, mode: Mode) -> None:
        """Undo what `begin` set beyond the transaction, after it ended."""

    @abstractmethod
    def in_transaction(self, driver: Any) -> bool:
        """Tell whether the driver's connection is inside a transaction that can still be committed."""

    @abstractmethod
    def transaction_id(self, driver: Any) -> object:
        """Return what tells this transaction from any other of the connection, or None where that can't be asked."""

    @abstractmethod
    def join(self, driver: Any) -> Callable[[], object] | None:
        """See that somebody else's connection is in a real transaction, with the rules that repositories rely on.

        Returns what puts the connection back as it was once the transaction is over, if anything was changed.
        """

    @abstractmethod
    def classify(self, error: BaseException, table: Table | None = None) -> DatabaseError:
        """Turn a driver's error into ours. `table` is the one that the statement wrote to, if it did."""

    @abstractmethod
    def open_cursor(self, driver: Any, text: str, values: Any) -> Any:
        """Run a statement, and return a cursor that reads its rows as they are asked for."""

    @abstractmethod
    def make_recordable(self, engine: Engine) -> None:
        """Let connections that the engine makes from now on be recorded."""

    @abstractmethod
    def recording(self, driver: Any, note: Callable[[str], object]) -> AbstractContextManager[None]:
        """Call `note` before each statement that the driver's connection is sent inside a block, values written out."""

    @contextmanager
    def limit(self, driver: Any, seconds: float) -> Iterator[None]:
        """Bound the running time of the statements inside, where the database doesn't do so by itself."""
        yield

    def start_clock(self, driver: Any) -> None:  # noqa: B027  # nothing to do for most
        """Begin what `limit` does inside a block, with the usual limit; `stop_clock` ends it."""

    def stop_clock(self, driver: Any) -> None:  # noqa: B027  # nothing to do for most
        """End what `start_clock` began."""


@contextmanager
def closing_unless_ready(driver: Any) -> Iterator[None]:
    """Close a new connection that can't be made ready; the pool only forgets it."""
    try:
        yield
    except BaseException:
        driver.close()
        raise
