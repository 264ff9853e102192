"""What `python3 dev.py docs` needs: the generated reference pages, and the site."""
