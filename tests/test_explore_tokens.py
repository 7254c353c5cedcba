"""The token lab: what it shows is what the tokenizer does, in any script, and it uses core widgets only."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.explore import token_lab, token_picture
from whisper_helpers.explore.tokens import merge_rank, variants, views

EXPLORE = Path(__file__).parent.parent / "whisper_helpers" / "explore"
CORE = {
    *("HTML", "Box", "HBox", "VBox", "Layout", "Output", "Button", "FileUpload", "Widget"),
    *("Text", "Textarea", "Dropdown", "ToggleButtons", "Checkbox", "FloatSlider", "IntSlider", "SelectionSlider"),
}  # in ipywidgets 7.7 and 8


@pytest.fixture(scope="module")
def tokenizer(tiny_whisper: Path):
    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)[1].tokenizer


class Chips(HTMLParser):
    """What chips tell when they are pointed at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Collect titles and tags."""
        self.tags.add(tag)
        self.titles += [value for name, value in attrs if name == "title"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back_and_is_never_a_tag(tokenizer, text: str) -> None:
    tokens = views(text, tokenizer)
    assert b"".join(token.bytes for token in tokens).decode() == text or any(token.special for token in tokens)
    page = Chips(token_picture(text, tokenizer))
    assert page.tags <= {"style", "div", "span", "p", "b", "table", "caption", "tr", "th", "td"}


def test_half_a_character_is_shown_as_such(tokenizer) -> None:
    assert b"".join(token.bytes for token in views("a\ud83d", tokenizer)).decode() == "a\ufffd"


def test_chips_tell_id_bytes_and_rank(tokenizer, whisper_base: Path) -> None:
    (token,) = views(" the", tokenizer)
    assert f"id {token.id}; bytes 20 74 68 65; text &#x27; the&#x27;" in token_picture(" the", tokenizer)
    merges = json.loads((whisper_base / "tokenizer.json").read_text(encoding="utf-8"))["model"]["merges"]
    pair = merges[merge_rank(token)]
    assert "".join(pair if isinstance(pair, list) else pair.split(" ")) == "Ġthe"


def test_bytes_of_a_cut_character_show_no_space(tokenizer) -> None:
    page = token_picture("ज़ a", tokenizer)
    assert ">E0 A4</span>" in page
    assert ">␣a</span>" in page


def test_the_prefix_follows_the_switches(tokenizer) -> None:
    page = token_picture("", tokenizer, language="ml", task="translate", timestamps=True)
    assert [title.split("'")[1] for title in Chips(page).titles[:3]] == [
        "<|startoftranscript|>",
        "<|ml|>",
        "<|translate|>",
    ]
    assert "notimestamps" not in page
    assert f"{4} of 448 places" in page
    assert "too long" in token_picture("क" * 500, tokenizer)


def test_text_from_right_to_left_stands_so_and_the_prefix_does_not(tokenizer) -> None:
    rows = re.findall(r'<div style="line-height:2.1" dir="(\w+)">', token_picture("كتاب", tokenizer))
    assert rows[:3] == ["ltr", "rtl", "ltr"]
    assert set(re.findall(r'dir="(\w+)"', token_picture("किताब", tokenizer))) == {"ltr"}


def test_without_a_kernel_the_tokens_stand_there(tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **kinds: shown.append(data))
    lab = token_lab("किताब", tokenizer)
    lab._ipython_display_()
    assert shown[0]["text/html"] == token_picture("किताब", tokenizer)
    assert shown[0]["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.model_id


def test_small_changes_are_those_that_change_something() -> None:
    assert "without nukta" in variants("बाज़ार")
    assert "without nukta" not in variants("किताब")
    assert all(other != "Ab c" for other in variants("Ab c").values())


def test_typing_redraws_and_the_tokenizer_stays_as_it_was(tokenizer) -> None:
    before = tokenizer.prefix_tokens
    lab = token_lab("किताब", tokenizer, sentences={"English": "a book", "Hindi": "किताब"})
    typed, (language, _, _), shown = lab.children[0], lab.children[1].children, lab.children[2]
    first = shown.value
    typed.value, language.value = "كتاب 🍅", "ar"
    assert shown.value != first
    assert "|ar|" in shown.value
    assert tokenizer.prefix_tokens == before


def test_labs_use_core_widgets_only() -> None:
    used = {
        node.attr
        for path in EXPLORE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "w"
    }
    assert used
    assert used <= CORE
    assert not re.search(
        r"require\(|@jupyter", "".join(path.read_text(encoding="utf-8") for path in EXPLORE.glob("*.py"))
    )
