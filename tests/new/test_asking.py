"""Questions on a real terminal: each has a default, and each answer is checked at once."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

SECONDS = 60.0
PATIENCE = 5.0

# The terminal is the one that controls the process, so that its keys are signals.
PROGRAM = """
import fcntl, termios
from storeroom.cli import main

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
main()
"""


class Terminal:
    """`storeroom new` on a terminal of its own."""

    def __init__(self, *words: str, cwd: Path) -> None:
        self.main, end = pty.openpty()
        command = [sys.executable, "-c", PROGRAM, "new", *words]
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "TERM": "dumb"},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)
        self.text = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.main)

    def answers(self, question: str, answer: str) -> None:
        """Await a question, and type."""
        while not (question in self.text and self.text.endswith(": ")):
            assert self._reads(), self.text
        self.text = ""
        os.write(self.main, answer.encode())

    def ends(self, pressing: str = "") -> tuple[int, str]:
        """Await the end; return the exit code and what was said since the last answer.

        A key is pressed again where nothing comes of it: Python may miss a signal just before it waits for a line.
        """
        while self._reads(pressing):
            pass
        return self.process.wait(SECONDS), self.text.replace("\r\n", "\n")

    def _reads(self, pressing: str = "") -> bool:
        ends_at = time.monotonic() + SECONDS
        while not select.select([self.main], [], [], PATIENCE)[0]:
            assert time.monotonic() < ends_at, f"nothing came any more after {self.text!r}"
            os.write(self.main, pressing.encode())
        try:
            data = os.read(self.main, 4096)
        except OSError:  # the other end is closed
            return False
        self.text += data.decode()
        return bool(data)


def test_every_question_has_a_default(tmp_path: Path) -> None:
    with Terminal(cwd=tmp_path) as terminal:
        terminal.answers("Name of the plugin [shelf]: ", "\n")
        terminal.answers("First model [Shelf]: ", "\n")
        terminal.answers("Fields [title:text! note:text?]: ", "\n")
        terminal.answers("Licence (MIT, Apache-2.0, BSD-3-Clause, proprietary) [MIT]: ", "\n")
        terminal.answers("Holder of the copyright [The storeroom-shelf authors]: ", "\n")
        code, said = terminal.ends()
    assert code == 0
    assert "wrote storeroom-shelf\n" in said
    assert "class Shelf(Versioned, Base):" in (tmp_path / "storeroom-shelf/src/storeroom_shelf/models.py").read_text()


def test_a_wrong_answer_is_told_at_once_and_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "storeroom-full").mkdir()
    (tmp_path / "storeroom-full" / "kept").touch()
    with Terminal("--holder=Ada", cwd=tmp_path) as terminal:
        terminal.answers("Name of the plugin", "notes\n")
        terminal.answers("Error: plugin name 'notes' is that of a plugin which is installed", "full\n")
        terminal.answers("Error: 'storeroom-full' is there already, and is left as it is", "books\n")
        terminal.answers("First model [Book]: ", "book\n")
        terminal.answers("Error: model 'book' isn't a class's name", "Novel\n")
        terminal.answers("types: text, integer, number, boolean, time, json.", "title:txt\n")
        terminal.answers("Error: field 'title' has no type 'txt'; did you mean 'text'?", "title:text, read:boolean?\n")
        terminal.answers("Licence", "GPL\n")
        terminal.answers("Error: licence 'GPL' isn't known here", "bsd-3-clause\n")
        code, _ = terminal.ends()
    assert code == 0
    models = (tmp_path / "storeroom-books/src/storeroom_books/models.py").read_text()
    assert "class Novel(Base):" in models
    assert "    read: Mapped[bool | None]\n" in models
    assert ", Ada\n" in (tmp_path / "storeroom-books/LICENSE").read_text()


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_who_breaks_off_leaves_nothing(tmp_path: Path, key: str) -> None:
    with Terminal("shelf", cwd=tmp_path) as terminal:
        terminal.answers("First model [Shelf]: ", key)
        code, said = terminal.ends(key)
    assert code == 1
    assert said.endswith("storeroom: ended before it was done\n")
    assert list(tmp_path.iterdir()) == []
