"""The programs of the how-to pages, and real servers that run them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
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


class Program:
    """A command of the page's, started as it is found beside this Python; what it prints goes into a file."""

    def __init__(self, words: Sequence[str], folder: Path, environ: dict[str, str]) -> None:
        command = [str(BIN / words[0]), *words[1:]]
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".log", delete=False) as log:
            self._log = Path(log.name)
            self._process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT)

    @property
    def printed(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def await_true(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so; fail when the program ends before, or it takes too long."""
        until = time.monotonic() + PATIENCE
        while not condition():
            assert self._process.poll() is None, f"it ended: {self.printed}"
            assert time.monotonic() < until, self.printed
            time.sleep(0.02)

    def await_prints(self, text: str) -> None:
        """Wait until it has printed a text."""
        self.await_true(lambda: text in self.printed)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop, and return how it ended; one that doesn't stop is killed, and fails the test."""
        self._process.send_signal(number)
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it had to be killed: {self.printed}") from None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


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
    program = Program([*serve, "--port", str(port)], folder, environ)
    client = Client(port)
    try:
        program.await_true(client.is_heard)
        yield client
    finally:
        program.stop()
    assert "Traceback" not in program.printed
