"""What needs attention: providers that are disabled, and those that fail often."""

from collections.abc import Sequence

from storeroom import Finding, Work
from storeroom_providers.records import ProviderStats
from storeroom_providers.repository import ProviderRepository

# From so many failures in a row on, or where more than half of so many failed.
IN_A_ROW = 5
ENOUGH = 20

# Of each kind.
MOST = 10


def health(uow: Work) -> Sequence[Finding]:
    """Return the findings, of each kind the first ten providers by name; one statement."""
    every = uow[ProviderRepository].all()
    disabled = [_disabled(each) for each in every if each.disabled]
    failing = [_failing(each, trouble) for each in every if not each.disabled and (trouble := _trouble(each))]
    return [*_first(disabled, "disabled"), *_first(failing, "failing")]


def _disabled(stats: ProviderStats) -> Finding:
    if stats.disabled_until is None:
        lasting, cure = "until somebody enables it", "enable it"
    else:
        lasting, cure = f"until {stats.disabled_until:%Y-%m-%d %H:%M} UTC", "wait, or enable it"
    since = f", with {stats.consecutive_failures} failures in a row" if stats.consecutive_failures else ""
    return Finding(
        f"provider {stats.provider!r} is disabled {lasting}{since}",
        f"see why it fails, then {cure}: uow[ProviderRepository].enable({stats.provider!r})",
    )


def _failing(stats: ProviderStats, trouble: str) -> Finding:
    last = "" if stats.last_failure_at is None else f", the last one at {stats.last_failure_at:%Y-%m-%d %H:%M} UTC"
    return Finding(
        f"provider {stats.provider!r} failed {trouble}{last}",
        f"see why it fails; once it works, begin anew: uow[ProviderRepository].clear({stats.provider!r})",
    )


def _trouble(stats: ProviderStats) -> str:
    """Say how a provider fails often; nothing where it doesn't."""
    downloads = stats.successful_downloads + stats.failed_downloads
    said = [
        f"{stats.consecutive_failures} times in a row" if stats.consecutive_failures >= IN_A_ROW else "",
        _share(stats.search_failures, stats.searches, "searches"),
        _share(stats.failed_downloads, downloads, "downloads"),
    ]
    return " and ".join(filter(None, said))


def _share(failed: int, total: int, what: str) -> str:
    return f"in {failed} of {total} {what}" if total >= ENOUGH and failed * 2 > total else ""


def _first(findings: Sequence[Finding], what: str) -> Sequence[Finding]:
    if len(findings) <= MOST:
        return findings
    rest = f"and {len(findings) - MOST} more providers are {what}"
    return [*findings[:MOST], Finding(rest, "see all of them: uow[ProviderRepository].all()")]
