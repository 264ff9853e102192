"""The command: `python3 dev.py bench`, which installs what the contenders need and runs this."""

import sys

from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main())
