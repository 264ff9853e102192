"""How Sublarr's profiles and assignments become this plugin's."""

from collections.abc import Sequence
from typing import Any

from storeroom.adoption import Field, Mended, TableAdoption, choice, computed, moment, text, texts, whole
from storeroom_profiles.models import Default, MovieProfile, Profile, SeriesProfile
from storeroom_profiles.preferences import ForcedPreference

PROFILES = "language_profiles"

# What its columns have where nobody said otherwise.
LANGUAGE, BACKEND = "de", "ollama"
LANGUAGES = {"en": "English", LANGUAGE: "German"}

_read_texts = texts("").read


def _array(value: Any) -> tuple[Sequence[str], str | None]:
    """Return the texts of a JSON array, and what is wrong with it, if anything: it must have one at least."""
    try:
        found = _read_texts(value)
    except ValueError as error:
        return [], str(error)
    if isinstance(found, Mended):
        return found.value, found.cause
    return found, None if found else f"{value!r:.80} has no text"


def _mended(value: Sequence[str], flaw: str | None) -> Sequence[str] | Mended:
    return value if flaw is None else Mended(value, flaw)


def _languages(codes: Any) -> Any:
    good, flaw = ([], None) if codes is None else _array(codes)
    return _mended(good or [LANGUAGE], flaw)


def _names(codes: Any, names: Any) -> Any:
    """Read a name for each language: where they don't match, the codes stand in for names."""
    languages = _languages(codes)
    languages = languages.value if isinstance(languages, Mended) else languages
    good, flaw = ([], None) if names is None else _array(names)
    if flaw is None and len(good) == len(languages):
        return good
    if names is not None and flaw is None:
        flaw = f"{names!r:.80} isn't a name for each language"
    return _mended([LANGUAGES.get(code, code) for code in languages], flaw)


def _chain(backends: Any, backend: Any) -> Any:
    """Read the fall-back chain; without one it is the back end alone."""
    good, flaw = ([], None) if backends is None else _array(backends)
    return _mended(good or [str(backend or BACKEND)], flaw)


def _is_default(row: Any) -> bool:
    return str(row.get("is_default")).casefold() in ("1", "true")


def _profile_id(source: str) -> Field:
    return whole(source, required=True, relates_to=PROFILES)


SUBLARR = [
    TableAdoption(
        table=PROFILES,
        model=Profile,
        key=["id"],
        identity=["id", "created_at"],
        unique=["name"],
        prefer=lambda values: values["updated_at"],
        fields={
            "id": whole("id", required=True),
            "name": text("name", required=True),
            "source_language": text("source_language", default="en"),
            "source_language_name": text("source_language_name", default="English"),
            "target_languages": computed(_languages, "target_languages_json"),
            "target_language_names": computed(_names, "target_languages_json", "target_language_names_json"),
            "translation_backend": text("translation_backend", default=BACKEND),
            "fallback_chain": computed(_chain, "fallback_chain_json", "translation_backend"),
            "forced_preference": choice("forced_preference", ForcedPreference, default=ForcedPreference.DISABLED),
            "created_at": moment("created_at"),
            "updated_at": moment("updated_at"),
        },
        left=["is_default"],  # which the next one reads
    ),
    TableAdoption(
        table=PROFILES,
        model=Default,
        # Not the id alone, by which what has a profile is followed to that profile, and not to the pointer.
        key=["id", "name"],
        unique=["slot"],  # a default that is here stays
        only=_is_default,
        fields={"slot": computed(lambda _flag: 1, "is_default", default=1), "profile_id": _profile_id("id")},
        left=[
            "source_language",
            "source_language_name",
            "target_languages_json",
            "target_language_names_json",
            "translation_backend",
            "fallback_chain_json",
            "forced_preference",
            "created_at",
            "updated_at",
        ],
    ),
    TableAdoption(
        table="series_language_profiles",
        model=SeriesProfile,
        key=["sonarr_series_id"],
        unique=["series_id"],
        fields={"series_id": whole("sonarr_series_id", required=True), "profile_id": _profile_id("profile_id")},
    ),
    TableAdoption(
        table="movie_language_profiles",
        model=MovieProfile,
        key=["radarr_movie_id"],
        unique=["movie_id"],
        fields={"movie_id": whole("radarr_movie_id", required=True), "profile_id": _profile_id("profile_id")},
    ),
]
