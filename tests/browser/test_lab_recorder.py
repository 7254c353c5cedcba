"""Recording in a notebook: the recorder opens below its button, and what the microphone hears is in the lab."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import soundfile
from browser.driving import Open, photograph
from browser.notebooks import PATIENT
from playwright.sync_api import expect

CELL = "from whisper_helpers.explore import spectrogram_lab\nspectrogram_lab({clip!r})"


def test_a_take_is_recorded_below_the_button_and_looked_at(notebook: Open, hindi_clips: list[Path]) -> None:
    page = notebook("jupyterlab", CELL.format(clip=str(hindi_clips[1])))
    lab = page.locator(".wh-lab")
    shown = lab.locator(".wh-map img").first
    before = shown.get_attribute("src")
    lab.get_by_role("button", name="Record a clip").click()
    recorder = lab.frame_locator("iframe")
    recorder.get_by_role("button", name="Record", exact=True).first.click(timeout=PATIENT)
    page.wait_for_timeout(3000)
    recorder.get_by_role("button", name="Stop", exact=True).first.click()
    expect(recorder.get_by_text("recorded: look at it in the lab.")).to_be_visible(timeout=PATIENT)
    expect(lab.locator("select option:checked")).to_have_text("recorded", timeout=PATIENT)
    expect(shown).not_to_have_attribute("src", before, timeout=PATIENT)
    photograph(page, "lab-recorder", whole=False)
    samples, rate = heard(lab.locator("audio").first.get_attribute("src"))
    assert 2 < len(samples) / rate < 6
    assert np.abs(samples).max() > 0.05, "the microphone plays a bundled clip"
    lab.get_by_role("button", name="Record a clip").click()
    expect(lab.locator("iframe")).to_have_count(0, timeout=PATIENT)


def heard(address: str) -> tuple[np.ndarray, int]:
    """Samples of a `data:` address, and their rate."""
    return soundfile.read(io.BytesIO(base64.b64decode(address.partition(",")[2])))
