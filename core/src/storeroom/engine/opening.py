"""Why a database can't be opened, as far as it can be seen from here, and what to do about it."""

import getpass
import os
import re
import sys
from pathlib import Path

from sqlalchemy import URL

from storeroom.engine.url import sqlite_file

if sys.platform != "win32":
    from pwd import getpwuid

# What libpq says of a connection that was never made has no code. Where its words are others, as in another language,
# the general advice is given.
_SERVER_CURES = (
    (r"resolve|translate host name|Name or service", "correct the host's name in the URL"),
    (r"refused|No such file|Is the server running", "start the server, or correct the host and port in the URL"),
    (r"password|role .* does not exist|not permitted to log in", "correct the user and password in the URL"),
    (r"database .* does not exist", "create it with createdb, or correct the database's name in the URL"),
    (r"pg_hba", "let the server's pg_hba.conf admit this user from here, or connect as one that it admits"),
    (r"too many|connection slots", "close other connections, or lower STOREROOM_POOL_SIZE and STOREROOM_POOL_OVERFLOW"),
    (
        r"timeout|timed out|route|unreachable",
        "see that the server is on, and that this machine reaches its host and port",
    ),
    (r"connection option|invalid", "correct what the URL says after its '?'"),
)
_GENERAL = "check the URL, and that the server runs and lets this user in"


def opening_cure(url: URL, cause: BaseException) -> str:
    """Say what to do when a database can't be opened: what is wrong with the file, or what the server refuses."""
    if url.get_backend_name() != "sqlite":
        return next((cure for pattern, cure in _SERVER_CURES if re.search(pattern, str(cause))), _GENERAL)
    file = sqlite_file(url)
    if file is None:
        return "check the URL"
    return _of_the_file(file) or _of_the_content(file, getattr(cause, "sqlite_errorname", None) or "")


def missing_folder(file: Path) -> str:
    """Tell that a database file's folder doesn't exist, and what to do: a slash may be missing, or `~` be meant."""
    folder = file.parent
    cure = "create it first"
    if folder.parts[0] == "~":
        cure = f"write {str(Path.home())!r} instead of '~', which a URL doesn't know"
    elif not folder.is_absolute() and (Path("/") / folder).is_dir():
        cure = f"create it, or write sqlite:////{file} with one slash more, for the path from the root"
    return f"the folder {str(folder)!r} of the database file {file.name!r} doesn't exist; {cure}"


def _of_the_file(file: Path) -> str | None:
    """Tell what this user may not do with a file or its folder, if it is that."""
    user = f"user {_user()!r}"
    try:
        if file.is_dir():
            return f"{str(file)!r} is a directory; name a file in it, such as {str(file / 'app.db')!r}"
        exists = file.exists()
    except PermissionError:
        return f"{user} may not enter the folder {str(file.parent)!r}; give it that right, or run as another"
    if exists and not os.access(file, os.R_OK):
        return f"{user} may not read {str(file)!r}; give it that right, or run as another"
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return (
            f"{user} may not write to the folder {str(file.parent)!r}, where SQLite keeps its log, also to read; give "
            "it that right, or run as another"
        )
    if exists and not os.access(file, os.W_OK):
        return f"{user} may not write to {str(file)!r}; give it that right, or run as another"
    return None


def _of_the_content(file: Path, code: str) -> str:
    if code == "SQLITE_NOTADB":
        return f"{str(file)!r} is another kind of file, or is encrypted; correct the path"
    if code.startswith("SQLITE_CORRUPT"):
        return "bring back a copy with 'storeroom restore'"
    if code == "SQLITE_FULL":
        return "make room on the disk"
    return "check the path, and that the disk is well"


def _user() -> str:
    if sys.platform == "win32":
        return getpass.getuser()
    try:
        return getpwuid(os.geteuid()).pw_name
    except KeyError:  # as in containers
        return str(os.geteuid())
