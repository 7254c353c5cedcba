"""The labs where people open notebooks: sliders, sounds, tokens and keys in JupyterLab 4 and Notebook 7."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from browser.driving import Open, barriers, photograph
from browser.notebooks import PATIENT
from playwright.sync_api import Locator, Page, expect

SPECTROGRAM = "from whisper_helpers.explore import spectrogram_lab\nspectrogram_lab({clip!r})"
LISTENING = "from whisper_helpers.explore import decoding_lab\ndecoding_lab({model!r}, {clip!r}, language='hi')"
TOKENS = "from whisper_helpers.explore import token_lab\ntoken_lab('का the', model={model!r})"


def changes(page: Page, parts: dict[str, Locator], act: Callable[[], object], watched: str) -> set[str]:
    """Which sources change when something is done; waits for the one that is watched."""
    before = sources(parts)
    act()
    for _ in range(PATIENT // 200):
        page.wait_for_timeout(200)
        if sources(parts)[watched] != before[watched]:
            page.wait_for_timeout(500)
            return {name for name, source in sources(parts).items() if source != before[name]}
    raise AssertionError(f"{watched} did not change")


def sources(parts: dict[str, Locator]) -> dict[str, str]:
    """What each part shows or plays."""
    return {name: part.get_attribute("src") for name, part in parts.items()}


def press(slider: Locator, key: str) -> None:
    """Press a key on a slider."""
    slider.focus()
    expect(slider).to_be_focused()
    slider.press(key)


def parts_of(lab: Locator) -> dict[str, Locator]:
    """Pictures and sounds of a spectrogram lab."""
    maps, sounds = lab.locator(".wh-map img"), lab.locator("audio")
    shown = {"chosen": maps.nth(0), "whisper": maps.nth(1), "difference": maps.nth(2)}
    return shown | {"original": sounds.nth(0), "changed": sounds.nth(1), "window": lab.locator(".wh-strip img")}


def test_sliders_move_picture_and_sound_and_everything_can_be_read(
    notebook: Open, hindi_clips: list[Path], tiny_whisper: Path
) -> None:
    cell = SPECTROGRAM.format(clip=str(hindi_clips[0]))
    page = notebook("jupyterlab", cell, cell, TOKENS.format(model=str(tiny_whisper)))
    labs = page.locator(".wh-lab")
    expect(labs.nth(1).locator(".wh-map img").nth(2)).to_be_visible(timeout=PATIENT)
    expect(page.locator(".token-lab [role=note]").first).to_be_visible(timeout=PATIENT)
    lab, other = labs.nth(0), parts_of(labs.nth(1))
    untouched = sources(other)
    move_by_keys(page, lab)
    point_and_read(page, lab)
    assert sources(other) == untouched
    photograph(page, "lab-jupyterlab", whole=False)
    type_and_read_tokens(page)
    photograph(page, "tokens-jupyterlab", whole=False)
    page.wait_for_timeout(500)
    assert barriers(page, ".wh-lab") == []


def test_in_notebook_7_keys_move_the_same_and_a_telephone_holds_every_lab(
    notebook: Open, hindi_clips: list[Path], tiny_whisper: Path
) -> None:
    clip, model = str(hindi_clips[0]), str(tiny_whisper)
    cells = [each.format(clip=clip, model=model) for each in (SPECTROGRAM, TOKENS, LISTENING)]
    page = notebook("notebook", *cells, dark=True)
    lab = page.locator(".wh-lab").first
    expect(page.locator(".wh-steps .place img")).to_be_visible(timeout=PATIENT)
    move_by_keys(page, lab)
    point_and_read(page, lab)
    type_and_read_tokens(page)
    page.wait_for_timeout(500)
    assert barriers(page, ".wh-lab") == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(1000)
    for number, each in enumerate(page.locator(".wh-lab").all()):
        each.scroll_into_view_if_needed()
        photograph(page, f"telephone-{number}", whole=False)
        assert each.evaluate(BEYOND) == []


BEYOND = """lab => {
  const room = lab.closest('.jp-OutputArea-output').getBoundingClientRect();
  const shown = [...lab.querySelectorAll('button, input, select, textarea, audio, figure, table, .widget-inline-hbox')];
  const wide = shown.filter(each => each.getBoundingClientRect().right > Math.min(room.right, innerWidth) + 1);
  return wide.map(each => each.outerHTML.slice(0, 200));
}"""


def move_by_keys(page: Page, lab: Locator) -> None:
    """Each slider changes what depends on it and nothing else."""
    parts = parts_of(lab)
    for name, key, expected in [
        ("Window (ms)", "ArrowRight", {"chosen", "difference", "window"}),
        ("Rate (Hz)", "ArrowLeft", {"chosen", "difference", "window", "changed"}),
        ("Padded to (s)", "ArrowLeft", {"window"}),
    ]:
        slider = lab.get_by_role("slider", name=name)
        done = changes(page, parts, partial(press, slider, key), min(expected - {"difference"}))
        assert done == expected, name
    lab.get_by_role("button", name="As Whisper does it").focus()
    assert "chosen" in changes(page, parts, lambda: page.keyboard.press("Enter"), "chosen")
    assert parts["changed"].evaluate("sound => sound.play().then(() => sound.duration)") > 1


def point_and_read(page: Page, lab: Locator) -> None:
    """Pointer, arrow keys and sliders read the same cell alike."""
    plot, told = lab.locator(".wh-plot").first, lab.locator("output")
    plot.locator(".wh-map img").hover(position={"x": 100, "y": 60})
    expect(told.first).to_contain_text("channel")
    page.mouse.move(0, 0)
    expect(told.first).to_contain_text("arrow keys")
    plot.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    expect(told.first).to_contain_text("0.03 s · channel 1 ·")
    lab.get_by_role("slider", name="Read at (s)").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    lab.get_by_role("slider", name="Read channel").focus()
    page.keyboard.press("ArrowRight")
    expect(told.last).to_contain_text("0.03 s · channel 1 ·", timeout=PATIENT)
    by_script, by_kernel = (numbers(text.inner_text()) for text in (told.first, told.last))
    assert by_script[:3] == by_kernel[:3]
    assert by_script[3] == pytest.approx(by_kernel[3], abs=0.021)


def numbers(told: str) -> list[float]:
    """Seconds, channel, Hz, level and dB of a reading."""
    return [float(each.replace("−", "-").replace(",", "")) for each in re.findall(r"[-−]?\d[\d,]*\.?\d*", told)]


RISING = """chip => {
  const places = [...chip.textContent].map((_, place) => {
    const letter = document.createRange();
    letter.setStart(chip.firstChild, place);
    letter.setEnd(chip.firstChild, place + 1);
    return letter.getBoundingClientRect().left;
  });
  return places.every((left, place) => place === 0 || left >= places[place - 1]);
}"""


def type_and_read_tokens(page: Page) -> None:
    """Typing changes the tokens; a token tells of itself when pointed at or focused."""
    text = page.get_by_label("Text", exact=True)
    text.fill("نعم 🙂")
    last = page.locator(".token-lab [dir=rtl] [role=note]").last
    expect(last).to_be_visible(timeout=PATIENT)
    assert "bytes" in last.get_attribute("title")
    assert page.locator(".token-lab [dir=rtl] [role=note]", has_text="20 F0 9F").first.evaluate(RISING)
    page.locator(".token-lab [role=note]").first.hover()
    page.get_by_role("checkbox", name="timestamps").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.title")
    assert focused.startswith("id 50258; text '<|startoftranscript|>'")
    assert focused in page.evaluate("getComputedStyle(document.activeElement, '::after').content")
