"""Write the reference pages anew: `python -m tools.reference`."""

from tools.reference.pages import ROOT, changed


def main() -> None:
    """Write each page that isn't as the code has it, and name it."""
    for path, text in changed().items():
        file = ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
