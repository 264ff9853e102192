"""Disabling: at a threshold, until somebody enables a provider or for a cool-down, and who clears what is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom import Storeroom
from storeroom.errors import ValueRefused
from storeroom_providers import ProviderRepository
from storeroom_providers.disabling import END_COOLDOWN
from tests.providers.helpers import HOUR, end_cooldown, fail, run, stored


def test_failures_below_the_threshold_disable_nothing(providers: ProviderRepository) -> None:
    fail(providers, "a", 2)
    assert providers.disable_if_failing("a", threshold=3) is False
    assert providers.is_disabled("a") is False
    assert providers.disabled() == ()


def test_at_the_threshold_a_provider_is_disabled_until_somebody_enables_it(providers: ProviderRepository) -> None:
    fail(providers, "a", 3)
    assert providers.disable_if_failing("a", threshold=3) is True
    assert providers.is_disabled("a") is True
    found = providers.get("a")
    assert (found.disabled, found.disabled_until, found.consecutive_failures) == (True, None, 3)
    assert providers.disabled() == (found,)
    assert providers.disable_if_failing("a", threshold=3, cooldown=HOUR) is False
    assert providers.record_search("a", success=False).disabled is True
    assert providers.enable("a") is True
    after = providers.get("a")
    assert (after.disabled, after.disabled_until, after.consecutive_failures) == (False, None, 0)
    assert (after.searches, after.search_failures) == (4, 4)
    assert providers.is_disabled("a") is False
    assert providers.enable("a") is False


def test_failed_downloads_count_towards_the_threshold(providers: ProviderRepository) -> None:
    fail(providers, "a", 1)
    providers.record_failed_download("a")
    assert providers.disable_if_failing("a", threshold=2) is True


def test_a_cooldown_lasts_from_now_by_the_databases_clock(providers: ProviderRepository) -> None:
    fail(providers, "a", 1)
    assert providers.disable_if_failing("a", threshold=1, cooldown=HOUR) is True
    (found,) = providers.disabled()
    assert found.disabled_until is not None
    assert abs(found.disabled_until - found.updated_at - HOUR) < timedelta(milliseconds=2)
    assert abs(found.disabled_until - datetime.now(UTC) - HOUR) < timedelta(minutes=1)


def test_one_that_is_disabled_stays_as_it_is(providers: ProviderRepository) -> None:
    fail(providers, "a", 5)
    assert providers.disable_if_failing("a", threshold=5, cooldown=HOUR) is True
    before = providers.get("a")
    assert providers.disable_if_failing("a", threshold=5, cooldown=2 * HOUR) is False
    assert providers.disable_if_failing("a", threshold=5) is False
    assert providers.get("a") == before


def test_a_success_ends_no_cooldown(providers: ProviderRepository) -> None:
    fail(providers, "a", 1)
    providers.disable_if_failing("a", threshold=1, cooldown=HOUR)
    assert providers.record_search("a", success=True).disabled is True
    assert providers.record_download("a", score=1).consecutive_failures == 0
    assert providers.is_disabled("a") is True


def cooled_down(providers: ProviderRepository) -> None:
    fail(providers, "a", 3)
    assert providers.disable_if_failing("a", threshold=3, cooldown=HOUR) is True
    end_cooldown(providers, "a")


def test_after_a_cooldown_nothing_says_disabled_though_nobody_has_cleared_it(providers: ProviderRepository) -> None:
    cooled_down(providers)
    found = providers.get("a")
    assert (found.disabled, found.disabled_until, found.consecutive_failures) == (False, None, 3)
    assert providers.all() == (found,)
    assert providers.disabled() == ()
    assert providers.record_search("a", success=False).disabled is False
    assert stored(providers, "a") == (True, True)


def test_who_reads_is_told_enabled_and_clears_nothing(room: Storeroom) -> None:
    run(room, cooled_down)
    with room.read() as uow:
        providers = uow[ProviderRepository]
        before = providers.get("a")
        assert providers.is_disabled("a") is False
        assert providers.get("a") == before
        assert stored(providers, "a") == (True, True)


def test_who_writes_is_told_enabled_and_clears_it_but_not_the_failures(room: Storeroom) -> None:
    run(room, cooled_down)
    assert run(room, lambda providers: providers.is_disabled("a")) is False
    with room.read() as uow:
        providers = uow[ProviderRepository]
        assert stored(providers, "a") == (False, False)
        assert providers.get("a").consecutive_failures == 3
        assert providers.is_disabled("a") is False


def test_asking_clears_only_what_is_over(providers: ProviderRepository) -> None:
    providers.disable("a", cooldown=HOUR)
    providers.disable("b")
    before = providers.all()
    assert providers.is_disabled("a") is providers.is_disabled("b") is True
    assert providers.is_disabled("nobody") is False
    assert providers.all() == before


def test_one_that_was_disabled_anew_since_it_was_asked_for_isnt_cleared(providers: ProviderRepository) -> None:
    """What `is_disabled` runs second, when another process came in between."""
    cooled_down(providers)
    assert providers.disable_if_failing("a", threshold=3, cooldown=HOUR) is True
    assert END_COOLDOWN.affected(providers.uow, _provider="a") == 0
    providers.disable("a")
    assert END_COOLDOWN.affected(providers.uow, _provider="a") == 0
    assert providers.is_disabled("a") is True


@pytest.mark.parametrize("cleared", [True, False])
def test_the_failure_after_a_cooldown_disables_again_and_a_success_makes_it_an_ordinary_one(
    providers: ProviderRepository, cleared: bool
) -> None:
    cooled_down(providers)
    if cleared:
        providers.is_disabled("a")
    fail(providers, "a", 1)
    assert providers.disable_if_failing("a", threshold=3, cooldown=HOUR) is True
    assert providers.is_disabled("a") is True
    end_cooldown(providers, "a")
    if cleared:
        providers.is_disabled("a")
    providers.record_search("a", success=True)
    fail(providers, "a", 1)
    assert providers.disable_if_failing("a", threshold=3, cooldown=HOUR) is False


def test_a_provider_is_disabled_without_failures_or_statistics(providers: ProviderRepository) -> None:
    providers.disable("a", cooldown=HOUR)
    assert providers.get("a").searches == 0
    providers.disable("a")
    found = providers.get("a")
    assert (found.disabled, found.disabled_until) == (True, None)
    assert providers.record_search("a", success=True).disabled is True


def test_enabling_ends_a_row_of_failures_of_one_that_isnt_disabled(providers: ProviderRepository) -> None:
    fail(providers, "a", 2)
    assert providers.enable("a") is True
    assert providers.get("a").consecutive_failures == 0
    assert providers.enable("nobody") is False


def test_the_disabled_are_listed_by_name(providers: ProviderRepository) -> None:
    providers.record_search("ordinary", success=True)
    for name, cooldown in (("c", None), ("a", HOUR), ("b", HOUR)):
        providers.disable(name, cooldown=cooldown)
    end_cooldown(providers, "b")
    assert [each.provider for each in providers.disabled()] == ["a", "c"]


BAD: list[tuple[str, object, Callable[[ProviderRepository], object]]] = [
    ("threshold", 0, lambda each: each.disable_if_failing("a", threshold=0)),
    ("threshold", True, lambda each: each.disable_if_failing("a", threshold=True)),
    (
        "threshold",
        2.5,
        lambda each: each.disable_if_failing("a", threshold=2.5),  # type: ignore[arg-type]  # refused
    ),
    ("cooldown", timedelta(0), lambda each: each.disable_if_failing("a", threshold=1, cooldown=timedelta(0))),
    ("cooldown", timedelta.max, lambda each: each.disable("a", cooldown=timedelta.max)),
    ("cooldown", 30, lambda each: each.disable("a", cooldown=30)),  # type: ignore[arg-type]  # refused
    ("provider", "", lambda each: each.disable("")),
    ("provider", "a\0", lambda each: each.disable("a\0")),
    ("provider", "a\0", lambda each: each.enable("a\0")),
    ("provider", "a\0", lambda each: each.is_disabled("a\0")),
    ("provider", 7, lambda each: each.disable_if_failing(7, threshold=1)),  # type: ignore[arg-type]  # refused
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value_and_disables_nothing(
    providers: ProviderRepository, field: str, value: object, work: Callable[[ProviderRepository], object]
) -> None:
    fail(providers, "a", 3)
    before = providers.all()
    with pytest.raises(ValueRefused) as refusal:
        work(providers)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert providers.all() == before
