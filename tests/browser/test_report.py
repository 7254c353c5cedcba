"""The report and the leaderboard as a reader sees them: in both colours, on a telephone, with players that play."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.driving import Visit, barriers

from whisper_helpers.evaluation import Choices, evaluate, leaderboard
from whisper_helpers.evaluation.leaderboard import as_html

pytestmark = pytest.mark.usefixtures("heard_elsewhere")
PLAY = """async audio => {
  audio.muted = true;
  await audio.play();
  await new Promise(done => setTimeout(done, 300));
  return [audio.duration, audio.currentTime];
}"""


def quiet(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="module")
def report(tiny_whisper: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a report on the bundled corpus."""
    folder, model = tmp_path_factory.mktemp("report"), str(tiny_whisper)
    choices = Choices(limit_test=6, limit_guard=3, silence=6, long_minutes=0.4, batch_size=6)
    options = {"language": "hi", "against": model, "choices": choices}
    evaluate(model, **options, report=folder / "report.html", announce=quiet)
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def board(tiny_whisper: Path, whisper_base: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a leaderboard."""
    path = tmp_path_factory.mktemp("board") / "board.html"
    ranks = leaderboard([str(tiny_whisper), str(whisper_base)], language="hi", limit_test=2, announce=quiet)
    path.write_text(as_html(ranks), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [("report", 1280, False), ("report", 390, True), ("board", 1280, True), ("board", 390, False)],
)
def test_it_fits_every_screen_and_everybody(
    name: str, width: int, dark: bool, request: pytest.FixtureRequest, visit: Visit
) -> None:
    page = visit(request.getfixturevalue(name), width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for details in page.locator("details").all():
        details.evaluate("each => each.open = true")
    assert barriers(page) == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (not dark)


def test_a_player_plays_and_text_runs_its_own_way(report: str, visit: Visit) -> None:
    page = visit(report)
    length, position = page.locator("audio").first.evaluate(PLAY)
    assert length > 1
    assert position > 0
    line = page.locator(".line [dir=auto]").first
    line.evaluate("each => each.textContent = 'میرا نام'")
    assert line.evaluate("each => getComputedStyle(each).direction") == "rtl"
