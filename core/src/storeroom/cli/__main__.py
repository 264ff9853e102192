"""`python -m storeroom.cli` is `storeroom`."""

from storeroom.cli import main

main()
