"""The labs where people open notebooks: sliders, sounds, tokens and keys in JupyterLab 4."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from browser.driving import Serve, Visit, barriers, photograph
from browser.notebooks import PATIENT, front_end, page_of, run, write_notebook
from playwright.sync_api import Locator, Page, expect

THEIRS = r"reading 'schema'|Failed to load resource.*40[34]|net::ERR_FAILED|themes/|jupyter.*news"
SPECTROGRAM = "from whisper_helpers.explore import spectrogram_lab\nspectrogram_lab({clip!r})"
TOKENS = "from whisper_helpers.explore import token_lab\ntoken_lab('का the', model={model!r})"
Open = Callable[..., Page]


@pytest.fixture
def notebook(serve: Serve, visit: Visit, tmp_path: Path) -> Open:
    """Write cells into a notebook, open it in a front end, and run them."""

    def open_notebook(name: str, *cells: str, dark: bool = False) -> Page:
        folder = tmp_path / "notebooks"
        folder.mkdir()
        write_notebook(folder / "labs.ipynb", *cells)
        command, private = front_end(name, folder, tmp_path / "settings", dark=dark)
        address = page_of(name, serve(*command, **private), "labs.ipynb")
        page = visit(address, height=1500, dark=dark, theirs=THEIRS)
        run(page, len(cells))
        return page

    return open_notebook


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


@pytest.mark.parametrize(("name", "dark"), [("jupyterlab", False)])
def test_sliders_move_picture_and_sound_and_everything_can_be_read(
    notebook: Open, hindi_clips: list[Path], tiny_whisper: Path, name: str, dark: bool
) -> None:
    cell = SPECTROGRAM.format(clip=str(hindi_clips[0]))
    page = notebook(name, cell, cell, TOKENS.format(model=str(tiny_whisper)), dark=dark)
    labs = page.locator(".wh-lab")
    expect(labs.nth(1).locator(".wh-map img").nth(2)).to_be_visible(timeout=PATIENT)
    expect(page.locator(".token-lab [role=note]").first).to_be_visible(timeout=PATIENT)
    lab, other = labs.nth(0), parts_of(labs.nth(1))
    untouched = sources(other)
    move_by_keys(page, lab)
    point_and_read(page, lab)
    assert sources(other) == untouched
    photograph(page, f"lab-{name}", whole=False)
    type_and_read_tokens(page)
    photograph(page, f"tokens-{name}", whole=False)
    page.wait_for_timeout(500)
    assert barriers(page, ".wh-lab") == []
    assert barriers(page, ".token-lab") == []


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


def type_and_read_tokens(page: Page) -> None:
    """Typing changes the tokens; a token tells of itself when pointed at or focused."""
    text = page.get_by_label("Text", exact=True)
    text.fill("نعم 🙂")
    last = page.locator(".token-lab [dir=rtl] [role=note]").last
    expect(last).to_be_visible(timeout=PATIENT)
    assert "bytes" in last.get_attribute("title")
    page.locator(".token-lab [role=note]").first.hover()
    page.get_by_role("checkbox", name="timestamps").focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.title")
    assert focused.startswith("id 50258; text '<|startoftranscript|>'")
    assert focused in page.evaluate("getComputedStyle(document.activeElement, '::after').content")
