"""The programs of the how-to pages, and real servers that run them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.docs.snippets import blocks

PATIENCE = 60.0
BIN = Path(sys.executable).parent


def write_programs(page: str, folder: Path) -> Sequence[str]:
    """Write the page's programs, each under the name that its first line tells, and return the names."""
    names = []
    for block in blocks(page, "python"):
        name = re.match(r"# (\w+\.py)\n", block)
        assert name is not None, f"{page}: {block[:40]!r} doesn't begin with the name of a file"
        (folder / name[1]).write_text(block, encoding="utf-8")
        names.append(name[1])
    return names


def commands(page: str) -> Sequence[Sequence[str]]:
    """The words of the page's only console block, without the line that sets STOREROOM_URL."""
    (session,) = blocks(page, "console")
    first, *rest = [line.removeprefix("$ ").split() for line in session.splitlines()]
    assert first[0] == "export"
    return rest


def environment(url: str, plugins: str) -> dict[str, str]:
    """What the programs see: the database, and the plugins that they use."""
    return {**os.environ, "STOREROOM_URL": url, "STOREROOM_ALLOW": plugins, "STOREROOM_BUSY_TIMEOUT": "30"}


def start(words: Sequence[str], folder: Path, environ: dict[str, str]) -> subprocess.Popen[str]:
    """Start a command of the page's, as it is found beside this Python."""
    program = str(BIN / words[0])
    return subprocess.Popen(
        [program, *words[1:]], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> str:
    """Tell a process to stop, and return what it printed; one that doesn't stop is killed, and fails the test."""
    process.send_signal(number)
    killer = threading.Timer(PATIENCE, process.kill)
    killer.start()
    out, _ = process.communicate()
    killer.cancel()
    assert process.returncode != -signal.SIGKILL, f"it had to be killed: {out}"
    return out


def await_true(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until something is so; fail when the process ends before, or it takes too long."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()[0]}")
        assert time.monotonic() < until
        time.sleep(0.02)


class Client:
    """Talks JSON to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Content-Type": "text/plain" if isinstance(body, bytes) else "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", data, kind, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def is_heard(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port)):
                return True
        except OSError:
            return False


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def served(page: str, folder: Path, environ: dict[str, str]) -> Iterator[Client]:
    """Do what the page's console block does, on a free port, and talk to the server that its last line starts."""
    *before, serve = commands(page)
    for words in before:
        subprocess.run([str(BIN / words[0]), *words[1:]], cwd=folder, env=environ, check=True, capture_output=True)
    port = free_port()
    process = start([*serve, "--port", str(port)], folder, environ)
    client = Client(port)
    try:
        await_true(client.is_heard, process)
        yield client
    finally:
        out = finish(process)
    assert "Traceback" not in out, out
