"""A webhook's secret, and the token in its URL, are stored, and shown in no record's text, log or error."""

import json
import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import create_engine, insert, text

from storeroom import Settings, Statement, Storeroom
from storeroom.errors import StoreroomError, ValueRefused
from storeroom_hooks import HookRepository, Webhook, WebhookRecord, WebhookRepository, WebhookUrl
from tests.hooks.helpers import SECRET, TOKEN, URL, webhook
from tests.hooks.scanning import leaks

GOOD: dict[str, Any] = {"name": "chat", "event": "e", "url": URL, "secret": SECRET}


def test_the_scan_finds_what_is_shown() -> None:
    """Each way in which an error may tell a secret, as a check of the check."""
    shown = ValueRefused(f"secret: {SECRET!r} is bad", field="secret")
    held = ValueRefused("secret: it is bad", field="secret", value=SecretStr(SECRET))
    caused, late = ValueRefused("it is bad"), ValueRefused("it is bad")
    caused.__cause__ = shown
    late.__context__ = ValueError(URL)
    assert [bool(leaks(each)) for each in (shown, held, caused, late, {"url": URL}, URL)] == [True] * 6
    assert not leaks(ValueRefused("secret: it is bad", field="secret", value="**********"))


def test_a_record_tells_neither_but_to_who_asks(hooks: HookRepository) -> None:
    made = webhook(hooks)
    for told in (made, [made], made.model_dump(), made.secret, hooks.matching(made.event), made.model_copy()):
        assert leaks(told) == []
    assert made.secret is not None
    assert made.secret.get_secret_value() == SECRET
    assert SECRET not in made.model_dump_json()
    assert json.loads(made.model_dump_json())["secret"] == "**********"
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_url_is_text_whose_repr_shows_scheme_and_host(hooks: HookRepository) -> None:
    url = webhook(hooks).url
    assert isinstance(url, WebhookUrl)
    assert url == URL
    assert str(url) == f"{url}" == URL
    assert repr(url) == repr(url.masked) == "'https://hooks.example:8443/…'"
    assert type(pickle.loads(pickle.dumps(url))) is WebhookUrl


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("http://a.example", "http://a.example"),
        ("http://a.example/", "http://a.example/"),
        ("http://a.example/x", "http://a.example/…"),
        ("http://a.example?x", "http://a.example/…"),
        ("http://a.example#x", "http://a.example/…"),
        ("http://u@a.example", "http://a.example"),
        ("http://u:p@x@a.example:1/@y", "http://a.example:1/…"),
        ("https://[::1]:8/x", "https://[::1]:8/…"),
        ("a.example/x", "…"),
        ("", "…"),
    ],
)
def test_what_is_masked_of_a_url(url: str, masked: str) -> None:
    assert WebhookUrl(url).masked == masked


Attempt = Callable[[WebhookRepository, int], object]

BAD_SECRETS: dict[str, Any] = {
    "a NUL": f"{SECRET}\0",
    "half a surrogate pair": f"{SECRET}\ud800",
    "bytes": SECRET.encode(),
    "a list": [SECRET],
    "a number": 7,
    "a secret of bytes": SecretStr(SECRET.encode()),  # type: ignore[arg-type]  # refused
    "a secret with a NUL": SecretStr(f"{SECRET}\0"),
}
BAD_URLS: dict[str, Any] = {
    "no URL": TOKEN,
    "another scheme": URL.replace("https", "ftp"),
    "no host": f"https:///{TOKEN}",
    "a bad port": f"https://a.example:{TOKEN}",
    "a bad address": f"https://[{TOKEN}/",
    "a space": f"{URL} x",
    "a line": f"{URL}\n",
    "a NUL": f"{URL}\0",
    "bytes": URL.encode(),
    "an address of bytes": [URL],
    "nothing": None,
}
WAYS: dict[str, Callable[[WebhookRepository, int, dict[str, Any]], object]] = {
    "create": lambda webhooks, key, bad: webhooks.create(**{**GOOD, **bad}),
    "add": lambda webhooks, key, bad: webhooks.add(**{**GOOD, **bad}),
    "add_many": lambda webhooks, key, bad: webhooks.add_many([GOOD, {**GOOD, **bad}]),
    "update": lambda webhooks, key, bad: webhooks.update(key, **bad),
    "update of a version": lambda webhooks, key, bad: webhooks.update(key, version=1, **{**GOOD, **bad}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("field", "values"), [("secret", BAD_SECRETS), ("url", BAD_URLS)])
def test_a_refused_secret_or_url_isnt_shown(
    hooks: HookRepository, way: str, field: str, values: dict[str, Any]
) -> None:
    made = webhook(hooks)
    for what, value in values.items():
        with pytest.raises(ValueRefused) as refusal:
            WAYS[way](hooks.webhooks, made.id, {field: value})
        assert refusal.value.field == field, what
        assert leaks(refusal.value) == [], what
        assert f"{field}: **********" in str(refusal.value)
        assert refusal.value.position == (1 if way == "add_many" else None)
    assert hooks.webhooks.list() == [made]


OTHERS: dict[str, Attempt] = {
    "an empty name": lambda webhooks, key: webhooks.add(**{**GOOD, "name": ""}),
    "no name": lambda webhooks, key: webhooks.add(**{**GOOD, "name": None}),
    "a name that is too long": lambda webhooks, key: webhooks.add(**{**GOOD, "event": "x" * 201}),
    "no event at all": lambda webhooks, key: webhooks.add(name="chat", url=URL, secret=SECRET),
    "no URL at all": lambda webhooks, key: webhooks.add(name="chat", event="e", secret=SECRET),
    "neither enabled nor not": lambda webhooks, key: webhooks.add(**GOOD, enabled=None),
    "no retries": lambda webhooks, key: webhooks.add(**GOOD, retry_count=None),
    "retries below none": lambda webhooks, key: webhooks.add(**GOOD, retry_count=-1),
    "no time": lambda webhooks, key: webhooks.update(key, secret=SECRET, timeout_seconds=0),
    "a time without end": lambda webhooks, key: webhooks.update(key, secret=SECRET, timeout_seconds=1 << 31),
    "a field that isn't one": lambda webhooks, key: webhooks.add(**GOOD, sekret=SECRET),
    "a field that isn't a form's": lambda webhooks, key: webhooks.add(**GOOD, trigger_count=-1),
    "an update of it": lambda webhooks, key: webhooks.update(key, sekret=SECRET, secret=SECRET),
    "items that differ": lambda webhooks, key: webhooks.add_many([GOOD, {**GOOD, "enabled": True}]),
    "an item that lacks one": lambda webhooks, key: webhooks.add_many([{"name": "a", "secret": SECRET}]),
    "an upsert": lambda webhooks, key: webhooks.upsert(**GOOD),
    "many of them": lambda webhooks, key: webhooks.upsert_many([GOOD]),
    "a version that is gone": lambda webhooks, key: webhooks.update(key, version=9, **GOOD),
    "a webhook that is gone": lambda webhooks, key: webhooks.update(key + 1, **GOOD),
    "a filter by it": lambda webhooks, key: webhooks.list(secret=SECRET),
    "an order by it": lambda webhooks, key: webhooks.list(sort="secret"),
    "an error that isn't text": lambda webhooks, key: webhooks.record_trigger(
        key,
        success=False,
        error=ConnectionError(f"{URL} {SECRET}"),  # type: ignore[arg-type]  # refused
    ),
    "a trigger that isn't one": lambda webhooks, key: webhooks.record_trigger(key, success=True, status_code=1 << 31),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_refused_for_another_reason_doesnt_show_them_either(hooks: HookRepository, what: str) -> None:
    made = webhook(hooks)
    with pytest.raises((StoreroomError, TypeError)) as refusal:
        OTHERS[what](hooks.webhooks, made.id)
    assert leaks(refusal.value) == []
    assert hooks.webhooks.list() == [made]  # also: nothing was sent, or PostgreSQL would tell the row


def test_the_columns_types_show_nothing_to_who_goes_past_the_verbs(room: Storeroom) -> None:
    add = Statement(insert(Webhook))
    with room.write() as uow:
        for bad in (SecretStr(f"{SECRET}\0"), SECRET.encode()):
            with pytest.raises(ValueRefused) as refusal:
                add.affected(uow, **{**GOOD, "secret": bad})
            assert refusal.value.field == "secret"
            assert leaks(refusal.value) == []
        with pytest.raises(ValueRefused) as refusal:
            add.affected(uow, **{**GOOD, "url": TOKEN})
        assert refusal.value.field == "url"
        assert leaks(refusal.value) == []


def test_a_record_that_cant_be_made_doesnt_show_what_it_was_made_of() -> None:
    for bad in (GOOD, {"secret": [SECRET]}, {"url": [URL], "secret": SECRET}):
        with pytest.raises(ValidationError) as error:
            WebhookRecord.model_validate(bad)
        assert not any(each in told for told in (str(error.value), repr(error.value)) for each in (SECRET, TOKEN))


@contextmanager
def at_debug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let everything log all that it can, SQLAlchemy's parameters and rows too."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="sqlalchemy"):
        yield


def work(room: Storeroom) -> WebhookRecord:
    """Do with a webhook what a program does, log all of it, and return the webhook."""
    logger = logging.getLogger("program")
    with room.write() as uow:
        hooks = uow[HookRepository]
        made = webhook(hooks)
        hooks.webhooks.add_many([GOOD])
        Statement(insert(Webhook)).affected(uow, **GOOD)
        hooks.webhooks.update(made.id, secret=SECRET, url=URL)
        call = hooks.record_call(made.id, success=False, error=f"POST {URL} signed with {SECRET}")
        logger.debug("%s %r %s", made, call, hooks.log.list())
        for _ in range(3):
            hooks.webhooks.record_trigger(made.id, success=False, error=SECRET)
        for bad in (f"{SECRET}\0", [SECRET]):
            try:
                hooks.webhooks.update(made.id, secret=bad)
            except ValueRefused:
                logger.exception("refused")
        logger.debug("%s", list(hooks.webhooks.stream()))
        found = hooks.webhooks.get(made.id)
    logger.debug("%s", room.health())
    return found


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged, without what pytest adds of this file's source."""
    return [record.getMessage() for record in caplog.records] + [
        str(record.exc_info[1]) for record in caplog.records if record.exc_info
    ]


def test_no_log_has_them_at_its_most_talkative(
    room: Storeroom, hooks_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with at_debug(caplog), Storeroom.open(hooks_url, allow=["hooks"]) as talkative:
        found = work(talkative)
    logged = told(caplog)
    assert any("INSERT INTO hooks_webhooks" in line for line in logged)
    assert any(line.startswith("Row (") and "SecretStr" in line for line in logged)
    assert [line for line in logged if SECRET in line or TOKEN in line] == []
    assert found.secret is not None
    assert found.secret.get_secret_value() == SECRET


def test_nor_has_the_log_of_an_engine_that_shows_its_parameters(
    room: Storeroom, hooks_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(hooks_url, echo="debug", hide_parameters=False)
    try:
        with at_debug(caplog), Storeroom.open(engine=engine, allow=["hooks"], settings=Settings()) as talkative:
            work(talkative)
    finally:
        engine.dispose()
    logged = told(caplog)
    assert any("chat" in line and "**********" in line and "generated in" in line for line in logged)
    assert [line for line in logged if SECRET in line or TOKEN in line] == []


ERRORS: dict[str, tuple[str, str]] = {
    "the secret": (f"signed with {SECRET}, {SECRET}", "signed with **********, **********"),
    "the URL": (f"POST {URL} failed", "POST (webhook URL) failed"),
    "the way on the host": (
        f"retries exceeded with url: /api/{TOKEN}?key={TOKEN} (x)",
        "retries exceeded with url: /… (x)",
    ),
    "neither": ("a's %(b)s:c \\ é", "a's %(b)s:c \\ é"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("what", ERRORS)
def test_what_is_told_of_a_call_is_stored_without_them(room: Storeroom, what: str) -> None:
    given, stored = ERRORS[what]
    with room.write() as uow:
        hooks = uow[HookRepository]
        made = webhook(hooks)
        hook, entry = hooks.record_call(made.id, success=False, error=given)
        assert (hook.last_error or "", entry.error or "") == (stored, stored)
        assert hooks.log.add(webhook_id=made.id, success=False, error=given).error == entry.error
        rows = uow.connection.execute(text("SELECT error FROM hooks_log UNION SELECT last_error FROM hooks_webhooks"))
        assert rows.scalars().all() == [stored]


@pytest.mark.parametrize(
    ("url", "error", "stored"),
    [
        ("http://h", "http://h or h", "(webhook URL) or h"),
        ("http://h/", "no /h at http://h/x", "no /h at (webhook URL)x"),
        ("http://h/short", "no short /short", "no short /short"),
        ("http://h/longenough", "no /longenough", "no /…"),
        ("https://h?longenough", "no /?longenough", "no /?…"),
        ("HTTPS://Host.example/longenough", "no /longenough", "no /…"),
        ("https://host.example/a.(b)*/$1", "at /a.(b)*/$1", "at /…"),
    ],
)
def test_a_url_without_a_secret_is_taken_out_as_well(hooks: HookRepository, url: str, error: str, stored: str) -> None:
    made = hooks.webhooks.create("a", "e", url)
    assert hooks.webhooks.record_trigger(made.id, success=False, error=error).last_error == stored
