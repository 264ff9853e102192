"""The column types that are this plugin's own: each refuses what means nothing, by whichever verb it comes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect

from storeroom.sql import JSONDocument, PlainText, refused

# A row of PostgreSQL's indexes has room for 2,704 bytes: for a path with its language.
LONGEST_PATH = 2000


class FilePath(PlainText):
    """The path of a media file: text that isn't empty, and fits into an index of both databases."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the path as it is stored."""
        if value == "":
            raise refused(value, "isn't a path; give the media file's")
        path = super().process_bind_param(value, dialect)
        if path is not None and len(path.encode()) > LONGEST_PATH:
            raise refused(value, f"has {len(path.encode()):,} bytes in UTF-8; at most {LONGEST_PATH:,} are allowed")
        return path


class Languages(JSONDocument):
    """Codes of languages, as a JSON array."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Return the function that makes JSON of a list or tuple of codes, and refuses anything else."""
        to_json = super().bind_processor(dialect)

        def process(value: Any) -> str | None:
            is_list = isinstance(value, list | tuple) and all(isinstance(each, str) and each for each in value)
            if value is not None and not is_list:
                raise refused(value, "isn't a list of languages; give one, as ['de', 'fr']")
            return to_json(value)

        return process
