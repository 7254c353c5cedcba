"""The listening lab where a kernel runs: steps, choices, a word that plays, an interrupt, another lab beside it."""

from __future__ import annotations

import re
from pathlib import Path

from browser.driving import Open, barriers, photograph
from browser.notebooks import PATIENT
from playwright.sync_api import Locator, Page, expect

FIRST = """import time
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.explore import decoding_lab

model, processor = open_checkpoint({model!r}, "hi", announce=lambda line: None)
generate = model.generate


def patient(**how):
    time.sleep(600 if how["num_beams"] == 5 else 0)
    return generate(**how)


model.generate = patient
decoding_lab((model, processor), {clip!r}, (model, processor), language="hi")"""
SECOND = 'decoding_lab((model, processor), {clip!r}, language="ml")'


def test_it_is_stepped_through_beside_another_lab_and_survives_an_interrupt(
    notebook: Open, hindi_clips: list[Path], tiny_whisper: Path
) -> None:
    clip, model = str(hindi_clips[0]), str(tiny_whisper)
    page = notebook("jupyterlab", FIRST.format(clip=clip, model=model), SECOND.format(clip=clip), dark=True)
    lab, other = page.locator(".wh-lab").nth(0), page.locator(".wh-lab").nth(1)
    expect(other.locator(".place img")).to_be_visible(timeout=PATIENT)
    page.wait_for_timeout(1000)  # until every slider has its name
    untouched = other.inner_html()
    step_by_keys(lab)
    play_a_word(page, lab)
    choose_and_interrupt(page, lab)
    photograph(page, "listening-jupyterlab", whole=False)
    assert other.inner_html() == untouched
    assert barriers(page, ".wh-lab") == []


def step_by_keys(lab: Locator) -> None:
    """Each key shows the next token: its place in the text, its rivals, and where the decoder looked."""
    slider, seen = lab.get_by_role("slider", name="Token", exact=True), []
    for number in (1, 2, 3):
        chip = lab.locator("section").first.locator(f"[aria-label*='; token {number}, ']")
        expect(chip).to_have_attribute("style", re.compile("outline:3px solid"), timeout=PATIENT)
        probability = re.search(r"token \d+, ([\d.]+%)", chip.get_attribute("aria-label"))[1]
        expect(lab.locator(".written").first).to_contain_text(f"{probability} written")
        seen.append((lab.locator("table").first.inner_text(), lab.locator("svg path").last.get_attribute("d")))
        slider.press("ArrowRight")
    assert len({rivals for rivals, _ in seen}) == len({look for _, look in seen}) == 3


def play_a_word(page: Page, lab: Locator) -> None:
    """A word plays from its time to its end, and the cursor goes with it."""
    word, sound = lab.locator(".wh-steps button").last, lab.locator("audio")
    end = float(re.search(r"to ([\d.]+) seconds", word.get_attribute("aria-label"))[1]) - 0.05
    word.press("Enter")
    page.wait_for_function(
        "([sound, end]) => sound.paused && sound.currentTime >= end", arg=[sound.element_handle(), end]
    )
    left = lab.locator(".cursor").first.evaluate("each => parseFloat(each.style.left)")
    seconds = sound.evaluate("each => each.duration")
    assert left > 100 * (end - 0.3) / seconds


def choose_and_interrupt(page: Page, lab: Locator) -> None:
    """A choice decodes anew; one that takes too long is interrupted, told, and taken back."""
    steps, beams = lab.locator(".wh-steps"), lab.get_by_role("slider", name="Beams", exact=True)
    before = steps.inner_text()
    beams.press("ArrowRight")
    expect(beams).to_have_attribute("aria-valuetext", re.compile("^2"))
    expect(lab.get_by_text("listening …")).to_be_hidden(timeout=PATIENT)
    beams.press("End")
    expect(lab.get_by_text("listening …")).to_be_visible(timeout=PATIENT)
    page.locator("[data-jp-item-name=interrupt]").first.click()
    expect(lab.get_by_role("alert")).to_contain_text("Stopped; below stands an earlier choice", timeout=PATIENT)
    beams.press("Home")
    expect(lab.get_by_role("alert")).to_be_hidden(timeout=PATIENT)
    expect(steps).to_have_text(before, use_inner_text=True, timeout=PATIENT)
