"""Settings: every field from the environment; what can't be used names variable and value, but never a password."""

import json
import traceback

import pytest
from pydantic import SecretStr, ValidationError

from storeroom.errors import ConfigurationError
from storeroom.settings import Settings, load_settings

URL = "postgresql://me:s3cret@host/db"

FIELDS: dict[str, tuple[str, object]] = {
    "url": (URL, SecretStr(URL)),
    "migration_url": (URL, SecretStr(URL)),
    "allow": ("notes, tags", ("notes", "tags")),
    "deny": (" notes ,,tags,", ("notes", "tags")),
    "strict": ("true", True),
    "pool_size": ("7", 7),
    "pool_overflow": ("0", 0),
    "pool_timeout": ("2.5", 2.5),
    "idle_check": ("0", 0),
    "prepared_statements": ("off", False),
    "busy_timeout": ("0.25", 0.25),
    "lock_timeout": ("1", 1),
    "statement_timeout": ("0", 0),
    "slow_statement": ("0.5", 0.5),
    "synchronous": ("FULL", "FULL"),
    "attempts": ("1", 1),
    "migration_lock_timeout": ("3600", 3600),
    "backups": ("7", 7),
}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_field_is_read_from_the_environment(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, expected = FIELDS[field]
    assert getattr(load_settings(), field) != expected
    monkeypatch.setenv(f"STOREROOM_{field.upper()}", text)
    assert getattr(load_settings(), field) == expected


def test_every_field_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("strict", "perhaps", "valid boolean"),
        ("pool_size", "0", "greater than or equal to 1"),
        ("pool_size", "five", "valid integer"),
        ("pool_overflow", "-1", "greater than or equal to 0"),
        ("pool_timeout", "soon", "valid number"),
        ("busy_timeout", "-0.1", "greater than or equal to 0"),
        ("statement_timeout", "inf", "finite number"),
        ("lock_timeout", "nan", "finite number"),
        ("synchronous", "full", "'NORMAL' or 'FULL'"),
        ("attempts", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_value_names_the_variable_the_value_and_the_rule(
    field: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"STOREROOM_{field.upper()}", value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert f"STOREROOM_{field.upper()} is {value!r}: input should be" in str(caught.value)
    assert rule in str(caught.value)
    assert "set it to something else or leave it out" in str(caught.value)


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_POOL_SIZE", "none")
    monkeypatch.setenv("STOREROOM_ATTEMPTS", "some")
    with pytest.raises(ConfigurationError, match=r"STOREROOM_POOL_SIZE is 'none'.*STOREROOM_ATTEMPTS is 'some'"):
        load_settings()


def test_an_argument_overrides_the_environment_unless_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ATTEMPTS", "9")
    assert load_settings(attempts=2).attempts == 2
    assert load_settings(attempts=None).attempts == 9


def test_settings_that_are_given_take_the_place_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Settings(attempts=3, url=SecretStr(URL))
    monkeypatch.setenv("STOREROOM_ATTEMPTS", "9")
    monkeypatch.setenv("STOREROOM_POOL_SIZE", "9")
    assert load_settings(base) == base
    assert load_settings(base, attempts=2) == base.model_copy(update={"attempts": 2})


@pytest.mark.parametrize("names", [["notes", "tags"], {"notes": 1, "tags": 2}.keys(), "notes, tags"])
def test_names_are_kept_as_names_however_they_are_given(names: object) -> None:
    assert load_settings(Settings(), deny=names).deny == ("notes", "tags")


def test_a_wrong_argument_is_named_as_an_argument() -> None:
    with pytest.raises(ConfigurationError, match=r"^attempts is 0: input should be"):
        load_settings(attempts=0)


def test_a_setting_that_isnt_one_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^atempts: extra inputs are not permitted"):
        load_settings(atempts=2)


def test_a_variable_of_another_case_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("storeroom_attempts", "9")
    assert load_settings().attempts == 9


def test_an_empty_allow_list_isnt_the_same_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().allow is None
    monkeypatch.setenv("STOREROOM_ALLOW", "")
    assert load_settings().allow == ()


def test_settings_cant_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().attempts = 2


def test_passwords_are_never_shown() -> None:
    settings = load_settings(url=URL, migration_url=URL)
    shown = [repr(settings), str(settings), f"{settings.url}", settings.model_dump_json(), str(settings.model_dump())]
    assert not [text for text in shown if "s3cret" in text]
    assert json.loads(settings.model_dump_json())["url"] != URL


@pytest.mark.parametrize("wrong", [{"url": [URL]}, {"migration_url": {"a": URL}}, {"uri": URL}, {"password": "s3cret"}])
@pytest.mark.parametrize("make", [load_settings, Settings])
def test_passwords_are_not_in_errors_either(wrong: dict[str, object], make: type[Settings]) -> None:
    with pytest.raises((ConfigurationError, ValidationError)) as caught:
        make(**wrong)  # type: ignore[arg-type]  # that is the point
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert next(iter(wrong)) in str(caught.value)
