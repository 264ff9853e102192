"""Set-up and daily commands, with nothing but Python and pip: see `python3 dev.py --help`.

Each command first makes the virtual environment .venv and installs what constraints.txt pins; when nothing of that
has changed since the last time, it starts at once.
"""

from __future__ import annotations  # so that a Python that is too old gets as far as being told

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
STAMP = ENVIRONMENT / "installed.sha256"
REQUIREMENTS = ROOT / "requirements.txt"
CONSTRAINTS = ROOT / "constraints.txt"
BENCHMARKS = ROOT / "benchmarks"
BENCHMARKS_STAMP = ENVIRONMENT / "benchmarks.sha256"
OLDEST_PYTHON = (3, 11)
COVERAGE = 95


def distributions() -> list[Path]:
    """Return the folders of all distributions: core, the domain plugins and the examples."""
    patterns = ("core/pyproject.toml", "plugins/*/pyproject.toml", "examples/*/pyproject.toml")
    return [file.parent for pattern in patterns for file in sorted(ROOT.glob(pattern))]


def run(*command: str | Path) -> None:
    """Run a command in the project's folder; its failure is ours."""
    # Without cached bytecode each of the many processes that tests start would compile all that it imports.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    result = subprocess.run([str(word) for word in command], cwd=ROOT, env=environ, check=False)
    if result.returncode:
        sys.exit(result.returncode)


def succeeds(*command: str | Path, **environ: str) -> bool:
    """Tell whether a command ends well; what it prints is shown only if it doesn't."""
    words = [str(word) for word in command]
    try:
        result = subprocess.run(
            words, cwd=ROOT, env={**os.environ, **environ}, check=False, capture_output=True, text=True
        )
    except OSError as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return False
    if result.returncode:
        print(f"{' '.join(words)}\n{result.stdout}{result.stderr}", file=sys.stderr)
    return result.returncode == 0


def fingerprint(*more: Path) -> str:
    """Return what the environment depends on as one number: the pins, the distributions, Python, and this place."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for file in (REQUIREMENTS, CONSTRAINTS, *(folder / "pyproject.toml" for folder in distributions()), *more):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def prepare() -> None:
    """Make the environment and install everything, unless that has been done."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("setting up .venv …", file=sys.stderr)
    STAMP.unlink(missing_ok=True)
    BENCHMARKS_STAMP.unlink(missing_ok=True)
    if not PYTHON.exists():
        make_environment()
    install()
    STAMP.write_text(wanted)


def make_environment() -> None:
    """Make the virtual environment; where Python came without ensurepip, its pip is the system's."""
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except subprocess.CalledProcessError:
        venv.create(ENVIRONMENT, with_pip=False, clear=True)


def pip_command() -> tuple[str | Path, ...]:
    """Return the words that run the environment's pip, or the system's for it."""
    if (BIN / "pip").exists():
        return (PYTHON, "-m", "pip")
    return (sys.executable, "-m", "pip", "--python", PYTHON)


def install() -> None:
    """Install with uv where it can be had, else with pip, which takes several times longer."""
    pip = pip_command()
    what = ("-r", REQUIREMENTS, "-c", CONSTRAINTS)
    if succeeds(*pip, "install", "--quiet", "-c", CONSTRAINTS, "uv") and succeeds(
        BIN / "uv", "pip", "install", "--quiet", "--python", PYTHON, *what, **pip_index(pip)
    ):
        return
    run(*pip, "install", "--quiet", *what)


def install_for_benchmarks() -> None:
    """Install what only the benchmarks need, unless that has been done; without it they leave something out."""
    requirements, constraints = BENCHMARKS / "requirements.txt", BENCHMARKS / "constraints.txt"
    wanted = fingerprint(requirements, constraints)
    if BENCHMARKS_STAMP.exists() and BENCHMARKS_STAMP.read_text() == wanted:
        return
    print("installing what the benchmarks need …", file=sys.stderr)
    pip = pip_command()
    if succeeds(*pip, "install", "--quiet", "-r", requirements, "-c", CONSTRAINTS, "-c", constraints):
        BENCHMARKS_STAMP.write_text(wanted)
    else:
        print("the benchmarks run without advanced-alchemy or plots, whichever is missing", file=sys.stderr)


def pip_index(pip: Sequence[str | Path]) -> dict[str, str]:
    """Tell uv, which doesn't read pip's configuration, which package index this machine uses."""
    words = [*map(str, pip), "config", "get", "global.index-url"]
    index = subprocess.run(words, check=False, capture_output=True, text=True).stdout.strip()
    return {"UV_DEFAULT_INDEX": index} if index and "UV_DEFAULT_INDEX" not in os.environ else {}


def demo(arguments: Sequence[str]) -> None:
    """Run the demo program."""
    run(PYTHON, "examples/demo.py", *arguments)


def test(arguments: Sequence[str]) -> None:
    """Run the tests, without arguments all of them; in CI also dear ones on every lane, and coverage."""
    everything = ["-n", "2", "--dist", "worksteal"]
    if os.environ.get("CI"):
        everything += ["--full", "--cov", f"--cov-fail-under={COVERAGE}", "--cov-report=term-missing"]
    run(PYTHON, "-m", "pytest", *(arguments or everything))


def lint(arguments: Sequence[str]) -> None:
    """Check style, formatting and types of everything; with --fix, mend what can be mended."""
    fix = "--fix" in arguments
    run(BIN / "ruff", "check", *(["--fix"] if fix else []), ".")
    run(BIN / "ruff", "format", *([] if fix else ["--check"]), ".")
    sources = [folder / "src" for folder in distributions()]
    run(BIN / "mypy", *sources, "tests", "benchmarks", "tools", "examples/demo.py", "dev.py")


def bench(arguments: Sequence[str]) -> None:
    """Measure what work costs, beside the raw driver and other ways: --quick, --json FILE, --write; see its --help."""
    install_for_benchmarks()
    run(PYTHON, "-m", "benchmarks", *arguments)


def docs(arguments: Sequence[str]) -> None:
    """Build the documentation into site/; `serve` shows it meanwhile, --write renews the reference pages first."""
    if "--write" in arguments:
        run(PYTHON, "-m", "tools.reference")
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # material's word on what comes after it, at each build
    run(BIN / "mkdocs", "serve" if "serve" in arguments else "build", "--strict")


def face(arguments: Sequence[str]) -> None:
    """Compare core's public face with its record, docs/reference/face.txt; --write records it anew."""
    run(PYTHON, "-m", "tools.face", *arguments)


def wheels(arguments: Sequence[str]) -> None:
    """Build the wheels of all distributions into dist/, or the folder given."""
    target = Path(arguments[0]).resolve() if arguments else ROOT / "dist"
    for folder in distributions():
        words = [str(PYTHON), "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
        result = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{folder.name}: {result.stdout}{result.stderr}")
    for wheel in sorted(target.glob("*.whl")):
        print(wheel.relative_to(ROOT) if wheel.is_relative_to(ROOT) else wheel)


def release(arguments: Sequence[str]) -> None:
    """Build, check and try what a release would be, from the last commit; a folder given keeps the files."""
    run(PYTHON, "-m", "tools.release", *arguments)


def pin(arguments: Sequence[str]) -> None:
    """Write constraints.txt anew with the latest versions that fit; arguments go to `uv pip compile`."""
    words = [str(BIN / "uv"), "pip", "compile", "--quiet", "--universal", "--upgrade", "--no-annotate", "--no-header"]
    output = subprocess.run(
        [*words, "--python-version", "3.11", *arguments, str(REQUIREMENTS)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pins = [line for line in output.splitlines() if "==" in line]
    CONSTRAINTS.write_text("\n".join(pins) + "\n")


def clean(_arguments: Sequence[str]) -> None:
    """Remove the environment and everything that was built."""
    for folder in (ENVIRONMENT, ROOT / "dist", ROOT / "site", *ROOT.glob(".*_cache")):
        shutil.rmtree(folder, ignore_errors=True)


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "docs": docs,
    "face": face,
    "wheels": wheels,
    "release": release,
    "pin": pin,
    "clean": clean,
}


def main() -> None:
    """Prepare the environment and run a command."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Storeroom needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer; this is {sys.version}")
    summary = "\n".join(f"  {name:8} {(command.__doc__ or '').rstrip('.')}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="dev.py", description=f"commands:\n{summary}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="go to the command")
    chosen = parser.parse_args()
    if chosen.command != "clean":
        prepare()
    COMMANDS[chosen.command](chosen.arguments)


if __name__ == "__main__":
    main()
