"""Disabling providers that fail: until somebody enables them, or for a cool-down."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Update, bindparam, false, literal_column, not_, null, or_, select, true, update

from storeroom import BaseRepository, Statement
from storeroom.checks import checked_number, checked_seconds
from storeroom.sql import BigInt, Real, expired, from_now, upsert
from storeroom_providers.checks import checked_name
from storeroom_providers.models import stats
from storeroom_providers.records import ProviderStats
from storeroom_providers.statistics import COLUMNS, IS_DISABLED, PROVIDER

MOST_FAILURES = 1_000_000

_NEXT_VERSION = stats.c.version + literal_column("1")
# Without a cool-down it is NULL, which never comes.
_UNTIL = from_now(bindparam("_cooldown", type_=Real()))
_THRESHOLD: ColumnElement[int] = bindparam("_threshold", type_=BigInt())


def _change() -> Update:
    return update(stats).where(stats.c.provider == PROVIDER).values(version=_NEXT_VERSION)


# Of those who ask at once, one disables it: the others find it disabled, also when they waited for that one's lock.
DISABLE_IF_FAILING = Statement(
    _change()
    .where(stats.c.consecutive_failures >= _THRESHOLD, not_(IS_DISABLED))
    .values(disabled=true(), disabled_until=_UNTIL)
)
DISABLE = Statement(
    upsert(stats, ["provider"], ["provider", "disabled", "disabled_until"])
    .values(disabled=true(), disabled_until=_UNTIL)
    .returning(stats.c.version)
)
ENABLE = Statement(
    _change()
    .where(or_(stats.c.disabled, stats.c.consecutive_failures > literal_column("0")))
    .values(disabled=false(), disabled_until=null(), consecutive_failures=literal_column("0"))
)
ASK = Statement(select(stats.c.disabled, IS_DISABLED.label("is_disabled")).where(stats.c.provider == PROVIDER))
# It looks at the time again, since the provider may have been disabled anew in between.
END_COOLDOWN = Statement(
    _change().where(stats.c.disabled, expired(stats.c.disabled_until)).values(disabled=false(), disabled_until=null())
)
DISABLED = Statement(select(*COLUMNS).where(IS_DISABLED).order_by(stats.c.provider))


class DisablingVerbs(BaseRepository):
    """The verbs of disabling. All times are the database's."""

    def disable_if_failing(self, provider: str, *, threshold: int, cooldown: timedelta | None = None) -> bool:
        """Disable a provider if it failed so many times in a row, and tell whether this call did; one statement.

        Call it after a failure. Without a cool-down it is disabled until somebody enables it. One that is disabled
        stays as it is. The end of a cool-down ends no row of failures: the next failure disables it again, the next
        success makes it an ordinary one.
        Raises ValueRefused for a threshold below 1, and a cool-down that isn't from 1 ms to ten years.
        """
        checked_number("threshold", threshold, most=MOST_FAILURES)
        until = None if cooldown is None else checked_seconds("cooldown", cooldown)
        given = {"_provider": provider, "_threshold": threshold, "_cooldown": until}
        return DISABLE_IF_FAILING.affected(self.uow, **given) > 0

    def disable(self, provider: str, *, cooldown: timedelta | None = None) -> None:
        """Disable a provider, failing or not, until somebody enables it or for a cool-down from now; one statement.

        Raises ValueRefused for a provider that is empty, and a cool-down that isn't from 1 ms to ten years.
        """
        checked_name("provider", provider)
        until = None if cooldown is None else checked_seconds("cooldown", cooldown)
        DISABLE.affected(self.uow, provider=provider, _cooldown=until)

    def is_disabled(self, provider: str) -> bool:
        """Tell whether a provider is disabled; one statement.

        From the end of its cool-down on it isn't: a unit of work that writes clears what is left of it, by a second
        statement. A provider of which nothing was recorded isn't disabled.
        """
        row = ASK.first(self.uow, _provider=provider)
        if row is None:
            return False
        if row.disabled and not row.is_disabled and self.uow.writes:
            END_COOLDOWN.affected(self.uow, _provider=provider)
        return bool(row.is_disabled)

    def enable(self, provider: str) -> bool:
        """Enable a provider, with no failures in a row; tell whether that changed anything; one statement."""
        return ENABLE.affected(self.uow, _provider=provider) > 0

    def disabled(self) -> Sequence[ProviderStats]:
        """Return the providers that are disabled now, in the order of their names; one statement."""
        return tuple(DISABLED.records(self.uow, ProviderStats))
