"""What stays off the screen, and only as long as asked for."""

from __future__ import annotations

import pytest
from datasets.utils import are_progress_bars_disabled, enable_progress_bars
from transformers.utils import logging

from whisper_helpers.screen import quieten, without_bars


def test_bars_are_off_inside_and_as_before_after() -> None:
    enable_progress_bars()
    with without_bars():
        assert are_progress_bars_disabled()
    assert not are_progress_bars_disabled()


def test_bars_come_back_after_an_error() -> None:
    enable_progress_bars()
    with pytest.raises(ZeroDivisionError), without_bars():
        raise ZeroDivisionError
    assert not are_progress_bars_disabled()


def test_quiet_libraries_still_tell_errors() -> None:
    level = logging.get_verbosity()
    try:
        quieten()
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    finally:
        logging.set_verbosity(level)
        logging.enable_progress_bar()
