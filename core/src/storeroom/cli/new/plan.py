"""What a new distribution is made of: what was asked for, and the names that follow from it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from storeroom.cli.new.fields import IN_PLACE, Field
from storeroom.errors import ConfigurationError
from storeroom.names import suggestion
from storeroom.repository.fitting import OPTIONS

PROPRIETARY = "proprietary"
LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", PROPRIETARY)

_LONGEST_REVISION = 32


@dataclass(frozen=True)
class Filter:
    """A filter of the repository: its name, the function that makes it, its field, and what it takes."""

    name: str
    function: str
    field: Field
    annotation: str

    @property
    def sample(self) -> str:
        """A value by which it tells the two sample rows apart."""
        return self.field.kind.samples[0 if self.function == "equals" else 1]

    @property
    def finds(self) -> str:
        """Which of the two that value finds."""
        return "newer" if self.function == "at_least" else "older"


@dataclass(frozen=True)
class Plan:
    """A distribution to be written; `license` is one of LICENSES, and `year` that of the copyright."""

    name: str
    model: str
    fields: Sequence[Field]
    license: str
    holder: str
    year: int

    @property
    def distribution(self) -> str:
        """What pip installs, and the folder's name."""
        return f"storeroom-{self.name}"

    @property
    def package(self) -> str:
        """What Python imports."""
        return f"storeroom_{self.name}"

    @property
    def repository(self) -> str:
        """The name of the repository's class."""
        return f"{self.model}Repository"

    @property
    def records(self) -> Sequence[str]:
        """The names that the module of records defines."""
        return [*([f"{self.model}Filters"] if self.filters else []), f"{self.model}Record"]

    @property
    def writing(self) -> str:
        """The verb that inserts: one that upserts where there is a key."""
        return "save" if self.key else "create"

    @property
    def words(self) -> str:
        """The model's name as words."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.model).lower()

    @property
    def is_proprietary(self) -> bool:
        """Whether nobody is given a licence."""
        return self.license == PROPRIETARY

    @property
    def license_expression(self) -> str:
        """The licence as an SPDX expression."""
        return "LicenseRef-Proprietary" if self.is_proprietary else self.license

    @property
    def revision(self) -> str:
        """The id of the first revision, as `storeroom revision` would make it where there is room."""
        whole = f"{self.name}_0001_create_{self.name}"
        return whole if len(whole) <= _LONGEST_REVISION else f"{self.name}_0001_create"

    @property
    def key(self) -> Sequence[Field]:
        """The fields that make two rows the same."""
        return [field for field in self.fields if field.is_key]

    @property
    def rest(self) -> Sequence[Field]:
        """The fields outside of the key, which may be changed."""
        return [field for field in self.fields if not field.is_key]

    @property
    def optional(self) -> Sequence[Field]:
        """The fields that may be empty."""
        return [field for field in self.fields if field.is_optional]

    @property
    def required(self) -> Sequence[Field]:
        """The fields that must be given."""
        return [field for field in self.fields if not field.is_optional]

    @property
    def kinds(self) -> Sequence[str]:
        """The types that occur."""
        return sorted({field.kind.name for field in self.fields})

    @property
    def filters(self) -> Sequence[Filter]:
        """The filters that the fields get, each under a name that no other and no option of a verb has."""
        found: dict[str, Filter] = {}
        for each in _filters_of(self.fields):
            found.setdefault(each.name, each)
        return list(found.values())

    def filter_of(self, field: Field) -> str:
        """Return the name of the filter that asks for a value of the field."""
        return _equal_name(field)


def checked_license(text: str) -> str:
    """Return one of LICENSES, in whatever case it was written, `none` for the last; raises ConfigurationError."""
    by_name: Mapping[str, str] = {"none": PROPRIETARY, **{each.lower(): each for each in LICENSES}}
    if text.lower() not in by_name:
        near = suggestion(text, LICENSES)
        raise ConfigurationError(f"licence {text!r} isn't known here{near}; choose one of {', '.join(LICENSES)}")
    return by_name[text.lower()]


def default_holder(name: str) -> str:
    """Return who holds the copyright where nobody is named."""
    return f"The storeroom-{name} authors"


def _equal_name(field: Field) -> str:
    return f"{field.name}{IN_PLACE}" if field.name in OPTIONS else field.name


def _filters_of(fields: Sequence[Field]) -> Iterator[Filter]:
    """Yield those that ask for a value first: a field's own name goes before what is made of another's."""
    for field in fields:
        if field.kind.is_equalled or field.is_key:
            yield Filter(_equal_name(field), "equals", field, f"AnyOf[{field.annotation}]")
    for field in fields:
        if field.kind.is_ranged:
            yield Filter(f"{field.name}_from", "at_least", field, field.kind.annotation)
            yield Filter(f"{field.name}_until", "below", field, field.kind.annotation)
