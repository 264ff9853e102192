"""What all generated pages have in common."""

NOTE = "<!-- Written by `python3 dev.py docs --write` from the code; change it there. -->"


def document(title: str, *parts: str) -> str:
    """Return a page: its title, where it comes from, and its parts, with a blank line between them."""
    return "\n\n".join([f"# {title}", NOTE, *(part.strip("\n") for part in parts)]) + "\n"
