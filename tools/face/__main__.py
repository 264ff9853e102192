"""Show how core's public face differs from its record: `python -m tools.face`; with --write, record it anew."""

import sys

from tools.face.record import COMMAND, FILE, ROOT, differences, write


def main() -> None:
    """Show the differences, and record them or end with 1."""
    changed = differences()
    for line in changed:
        print(line)
    if not changed:
        print(f"as {FILE.relative_to(ROOT)} has it")
    elif "--write" in sys.argv[1:]:
        write()
        print(f"wrote {FILE.relative_to(ROOT)}")
    else:
        sys.exit(f"not as {FILE.relative_to(ROOT)} has it; if docs/compatibility.md lets it change so, run: {COMMAND}")


if __name__ == "__main__":
    main()
