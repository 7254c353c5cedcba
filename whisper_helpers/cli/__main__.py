"""Lets ``python -m whisper_helpers.cli`` do what ``whisper-helpers`` does."""

import sys

from . import main

sys.exit(main())
