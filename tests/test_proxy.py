"""Known languages stand in for unknown ones: ranked by what was measured, refused where nothing was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import write_tone
from huggingface_hub import ModelCard

from whisper_helpers.cli import main
from whisper_helpers.errors import BadInput
from whisper_helpers.proxy import Proxy, Ranking, _candidates, rank_proxies, spoken_language
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import finetune


def test_the_ranking_is_by_character_error_rate(small_corpus: Path, tiny_whisper: Path) -> None:
    lines: list[str] = []
    choices = {"model": str(tiny_whisper), "candidates": ["hi", "Nepali", "hi"], "clips": 3}
    ranking = rank_proxies(str(small_corpus), **choices, announce=lines.append)
    assert {each.code for each in ranking.proxies} == {"hi", "ne"}
    assert ranking.clips == 3
    rates = [each.cer for each in ranking.proxies]
    assert rates == sorted(rates)
    assert all(0 <= each.heard <= 1 for each in ranking.proxies)
    assert f"--proxy {ranking.proxies[0].code}" in str(ranking)
    assert ranking.tokens_per_word > 1


def test_candidates_are_what_is_heard_most_in_the_script_and_in_any() -> None:
    heard = {"en": 0.4, "ur": 0.2, "ru": 0.15, "hi": 0.1, "ta": 0.08, "ne": 0.04, "mr": 0.02, "sa": 0.01}
    assert _candidates(heard, ["नमस्ते"]) == ["hi", "ne", "mr", "sa", "en", "ur", "ru"]


@pytest.mark.parametrize(
    ("choices", "said"),
    [({"candidates": ["xx"]}, "xx"), ({"clips": 0}, "0 clips"), ({"model": "nowhere/x"}, "nowhere")],
)
def test_bad_choices_are_refused(small_corpus: Path, choices: dict, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rank_proxies(str(small_corpus), announce=lambda line: None, **choices)


def test_a_language_that_whisper_does_not_know_stops_and_is_explained(
    small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run"
    assert main(["finetune", "--corpus", str(small_corpus), "--language", "xx", "--output", str(output)]) == 2
    said = capsys.readouterr().err
    assert "proxy-language" in said
    assert "--proxy CODE" in said
    assert not output.exists()


@pytest.mark.parametrize(("rates", "good"), [((40.0, 120.0), True), ((100.0, 130.0), False)])
def test_a_best_token_is_called_good_only_if_it_beats_silence(rates: tuple[float, float], good: bool) -> None:
    proxies = (Proxy("tt", "Tatar", rates[0], 4.0, 0.2), Proxy("ba", "Bashkir", rates[1], 3.0, 0.1))
    said = str(Ranking(proxies, 5.0, 20))
    assert ("Best is Tatar." in said) == good
    assert ("No token is good" in said) == (not good)
    assert "--proxy tt" in said


def test_a_table_that_names_an_unknown_language_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{write_tone(tmp_path / f'{n}.wav', 1).name},сӑмах {n},cv\n" for n in range(9))
    (tmp_path / "metadata.csv").write_text("file_name,sentence,locale\n" + rows, encoding="utf-8")
    assert main(["finetune", "--corpus", str(tmp_path), "--output", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert "metadata.csv names a language. Whisper does not know the language 'cv'" in said
    assert "proxy-language" in said
    assert "--proxy CODE" in said


def test_an_unknown_proxy_is_refused() -> None:
    with pytest.raises(BadInput, match="yy"):
        spoken_language("xx", "yy")


def test_a_language_is_trained_under_its_proxy(small_corpus: Path, tiny_whisper: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    choices = {"steps": 2, "limit_train": 8, "limit_test": 2, "batch_size": 4, "augment_speed": 0.1}
    recipe = Recipe(model=str(tiny_whisper), corpus=str(small_corpus), language="xx", proxy="Nepali", **choices)
    folder = finetune(Recipe(**(vars(recipe) | {"output": str(tmp_path / "run")})), announce=lines.append)
    results = folder.read_results()
    assert (results["language"], results["proxy"], results["spoken"]) == ("ne", "ne", "xx")
    assert "It writes down spoken xx (as Nepali)" in folder.card.read_text(encoding="utf-8")
    assert ModelCard.load(folder.card).data.language == "xx"
    assert lines[-1].startswith("xx (as Nepali): 2 test clips")
    assert any("xx is trained as Nepali" in line for line in lines)
