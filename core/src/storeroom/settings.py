"""Settings: what the environment says, in seconds and names, with defaults that suit a small server."""

import logging
import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from storeroom.errors import ConfigurationError
from storeroom.names import suggestion

logger = logging.getLogger("storeroom.settings")

ENV_PREFIX = "STOREROOM_"

# Read elsewhere: by the command line.
_NO_SETTINGS = {"DEBUG"}


def _split_names(value: object) -> object:
    """Read `a, b` as two names, as people write lists into an environment variable."""
    if isinstance(value, str):
        return tuple(name for name in (part.strip() for part in value.split(",")) if name)
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split_names)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Settings(BaseModel):
    """Everything that can be set; each field is read from `STOREROOM_<FIELD>` unless it is given.

    Durations are in seconds; 0 means no limit for `statement_timeout`, no log for `slow_statement`, and no waiting for
    the other timeouts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    url: SecretStr | None = Field(default=None, description="Database URL: sqlite:///file or postgresql://…")
    migration_url: SecretStr | None = Field(
        default=None,
        description="Database URL for migrations only, past a connection pooler; counts only when `url` comes from the "
        "settings as well",
    )
    allow: Names | None = Field(default=None, description="Plugins that may load, as `jobs,wanted`; unset allows all")
    deny: Names = Field(default=(), description="Plugins that must not load")
    strict: bool = Field(
        default=False, description="Raise every plugin problem at once, as PluginErrors, instead of quarantining"
    )

    pool_size: int = Field(
        default=5,
        ge=1,
        description="Connections that are kept open; with SQLite, as many again for reading where it is more than 1",
    )
    pool_overflow: int = Field(default=10, ge=0, description="Connections beyond that, closed after use")
    pool_timeout: Seconds = Field(default=10, description="Wait for a free connection")
    idle_check: Seconds = Field(
        default=30, description="Check a PostgreSQL connection that was idle for longer before its next use"
    )
    prepared_statements: bool = Field(default=True, description="Off behind PgBouncer in transaction mode (PostgreSQL)")
    busy_timeout: Seconds = Field(default=5, description="Wait for the write lock (SQLite)")
    lock_timeout: Seconds = Field(default=5, description="Wait for a lock (PostgreSQL)")
    statement_timeout: Seconds = Field(default=30, description="Longest that one statement may run; 0 is no limit")
    slow_statement: Seconds = Field(default=0, description="Log statements that take this long; 0 logs none")
    synchronous: Literal["NORMAL", "FULL"] = Field(
        default="NORMAL", description="FULL survives a loss of power, NORMAL a killed process (SQLite)"
    )
    attempts: int = Field(default=5, ge=1, description="How often `Storeroom.run` tries a transaction")
    migration_lock_timeout: Seconds = Field(default=60, description="Wait for another process's migration")
    backups: int = Field(
        default=3,
        ge=0,
        description="Back-ups kept beside a SQLite file, written before a schema is changed; 0 writes none, and "
        "deletes none",
    )

    # pydantic-settings would do this as well; importing it takes a quarter of the time that opening may take.
    @model_validator(mode="before")
    @classmethod
    def _read_environment(cls, given: dict[str, Any]) -> dict[str, Any]:
        variables = {name.upper(): value for name, value in os.environ.items()}
        names = ((name, f"{ENV_PREFIX}{name.upper()}") for name in cls.model_fields)
        return {name: variables[variable] for name, variable in names if variable in variables} | given


def load_settings(base: Settings | None = None, /, **overrides: Any) -> Settings:
    """Read the environment, or start from `base` instead; a keyword argument that isn't None overrides either.

    Raises ConfigurationError, which names the variable and the value, when one can't be used.
    """
    if base is None:
        for text in unknown_variables(os.environ):
            _warn_once(text)
    given = dict(base or ()) | {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_explain(error, overrides))) from None


def unknown_variables(environ: Iterable[str]) -> Sequence[str]:
    """Tell of each variable that is no setting but has nearly the name of one: misspelt, it would do nothing."""
    known = [f"{ENV_PREFIX}{name.upper()}" for name in (*Settings.model_fields, *_NO_SETTINGS)]
    ours = sorted(name for name in environ if name.upper().startswith(ENV_PREFIX) and name.upper() not in known)
    return [f"{name} is no setting{near}" for name in ours if (near := suggestion(name.upper(), known, cutoff=0.8))]


@cache
def _warn_once(text: str) -> None:
    logger.warning("%s", text)


def _explain(error: ValidationError, overrides: dict[str, Any]) -> list[str]:
    problems = []
    for detail in error.errors(include_url=False, include_context=False):
        name = str(detail["loc"][0])
        label = name if overrides.get(name) is not None else f"{ENV_PREFIX}{name.upper()}"
        # A URL may hold a password, and so may the value of a name that nobody knows.
        secret = name.endswith("url") or name not in Settings.model_fields
        shown = "" if secret else f" is {detail['input']!r}"
        expected = detail["msg"][:1].lower() + detail["msg"][1:]
        problems.append(f"{label}{shown}: {expected}; set it to something else or leave it out")
    return problems
