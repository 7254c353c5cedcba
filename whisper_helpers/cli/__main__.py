"""Lets ``python -m whisper_helpers.cli`` do what ``whisper-helpers`` does."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
