"""Units of work and repositories that were used in a way that can't work."""

from storeroom.errors.base import StoreroomError


class UnitOfWorkError(StoreroomError):
    """A unit of work was used in a way that can't work.

    Cure: use each unit of work in one `with` block, and let only it end its transaction.
    """


class UnitOfWorkNested(UnitOfWorkError):
    """A unit of work was opened inside a writing one that it would have to wait for.

    Cure: do the work in the unit of work that is open: pass it on instead of opening another.
    """


class UnitOfWorkClosed(UnitOfWorkError):
    """The unit of work is over, was not entered, or belongs to another process.

    Cure: do it inside the `with` block, in the process that opened it; return records, not repositories.
    """


class TransactionEnded(UnitOfWorkError):
    """The transaction of a unit of work was committed or rolled back by something else.

    Cure: leave commit and rollback to the unit of work, and send none as text; take a savepoint for what may fail.
    """


class NotFound(StoreroomError, LookupError):
    """No row has the key that was asked for.

    Cure: see whether the key is right; where a row may be missing, use the verb that returns None, such as
    `get_or_none`.
    """

    repository: str
    key: object


class StaleVersion(StoreroomError):
    """The row was changed since the version that the caller has read.

    Cure: read the row again, show or merge what changed, and update with the version that was found.
    """

    repository: str
    key: object
    expected: int
    found: int


class FieldUnknown(StoreroomError, ValueError):
    """A field, filter or sort was named that the repository doesn't have, or that this verb doesn't take.

    Cure: use a name that the text lists, or declare it in the repository: `filters`, `sorts`, `editable`.
    """

    repository: str
    field: str


class CursorInvalid(StoreroomError, ValueError):
    """A page was asked for with a cursor that isn't one, or that belongs to another list.

    Cure: begin with the first page; give the cursor to the list, with the same sort and filters, that it came from.
    """

    repository: str
    cursor: str


class ValueRefused(StoreroomError, ValueError):
    """A value that a column or the driver doesn't take, refused before it is sent to the database.

    `field` is the name it was given by; `position` counts from 0 where it was one of many items.

    Cure: give a value of the column's type, in its range: an aware time, text without NUL, a finite number.
    """

    value: object = None
    field: str | None = None
    position: int | None = None
