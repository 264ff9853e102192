"""Units of work and repositories that were used in a way that can't work."""

from storeroom.errors.base import StoreroomError


class UnitOfWorkError(StoreroomError):
    """A unit of work was used in a way that can't work."""


class UnitOfWorkNested(UnitOfWorkError):
    """A unit of work was opened inside a writing one that it would have to wait for."""


class UnitOfWorkClosed(UnitOfWorkError):
    """The unit of work is over, was not entered, or belongs to another process."""


class TransactionEnded(UnitOfWorkError):
    """The transaction of a unit of work was committed or rolled back by something else."""


class NotFound(StoreroomError, LookupError):
    """No row has the key that was asked for."""

    repository: str
    key: object


class StaleVersion(StoreroomError):
    """The row was changed since the version that the caller has read."""

    repository: str
    key: object
    expected: int
    found: int


class FieldUnknown(StoreroomError, ValueError):
    """A field, filter or sort was named that the repository doesn't have, or that this verb doesn't take."""

    repository: str
    field: str


class CursorInvalid(StoreroomError, ValueError):
    """A page was asked for with a cursor that isn't one, or that belongs to another list."""

    repository: str
    cursor: str


class ValueRefused(StoreroomError, ValueError):
    """A value that a column or the driver doesn't take, refused before it is sent to the database.

    `field` is the name it was given by; `position` counts from 0 where it was one of many items.
    """

    value: object = None
    field: str | None = None
    position: int | None = None
