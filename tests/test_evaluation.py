"""Oracles: the model's own ways to hear, numbers worked out by hand, and what a report must hold."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from conftest import write_tone

from whisper_helpers import cli
from whisper_helpers.audio import SAMPLE_RATE, log_mel, read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation import Choices, evaluate, told, transcribe
from whisper_helpers.evaluation.edits import confusions, edits, loop_in, script_of
from whisper_helpers.evaluation.findings import calibration, invented, outputs, thresholds, word_errors
from whisper_helpers.evaluation.joined import FALLBACK, WAYS, join, long_notes, score_long
from whisper_helpers.evaluation.languages import foreign_language, vocabularies
from whisper_helpers.evaluation.listening import listen, listen_to_batch
from whisper_helpers.evaluation.memo import Memo
from whisper_helpers.evaluation.no_speech import KINDS, clips_without_speech
from whisper_helpers.evaluation.page import marked
from whisper_helpers.evaluation.timestamps import score_timestamps
from whisper_helpers.joining import PAUSE, Joined
from whisper_helpers.transcript.hearing import TEMPERATURES

pytestmark = pytest.mark.usefixtures("heard_elsewhere")
SMALL = Choices(limit_test=5, limit_guard=2, silence=6, long_minutes=0.1, batch_size=4)


def silent(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A corpus in another language."""
    folder = tmp_path_factory.mktemp("guard")
    rows = ["file_name,sentence,split,language"]
    for number in range(6):
        write_tone(folder / f"{number}.wav", 1.0 + number / 4, hertz=300 + 40 * number)
        rows.append(f"{number}.wav,one two {number},{'train' if number < 4 else 'test'},en")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def run(tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder: the tiny model with other weights."""
    folder = tmp_path_factory.mktemp("runs") / "tiny-hi"
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    torch.manual_seed(1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.02 * torch.randn_like(weights))
    model.save_pretrained(folder / "model")
    processor.save_pretrained(folder / "model")
    recipe = {"sentence_column": "sentence", "seed": 0}
    results = {"model": str(tiny_whisper), "corpus": str(small_corpus), "language": "hi", "recipe": recipe}
    results["mixed_in"] = {"replayed": [{"corpus": "en", "clips": {"en": 7}}], "without_speech": 3}
    (folder / "results.json").write_text(json.dumps(results | {"chosen_on": "test"}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def hindi_corpus(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus with its language told, and five test clips, enough for an interval."""
    folder = tmp_path_factory.mktemp("hindi") / "corpus"
    shutil.copytree(small_corpus, folder)
    lines = (folder / "metadata.tsv").read_text(encoding="utf-8").replace("validation", "test", 1).splitlines()
    told_lines = [f"{line}\t{'language' if place == 0 else 'hi'}" for place, line in enumerate(lines)]
    (folder / "metadata.tsv").write_text("\n".join(told_lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def evaluated(run: Path, hindi_corpus: Path, guard: str, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """An evaluation of the run, with page and JSON."""
    folder = tmp_path_factory.mktemp("report")
    options = {"corpus": str(hindi_corpus), "guards": [guard], "choices": SMALL, "announce": silent}
    page, numbers = folder / "report.html", folder / "report.json"
    results = evaluate(str(run), **options, report=page, json_file=numbers)
    written = json.loads(numbers.read_text(encoding="utf-8"))
    return SimpleNamespace(results=results, page=page.read_text(encoding="utf-8"), json=written, options=options)


def test_the_json_holds_what_it_promises(evaluated: SimpleNamespace) -> None:
    found = evaluated.json
    assert found == json.loads(json.dumps(evaluated.results))
    low, high = found["difference"]["interval"]
    assert low <= found["difference"]["wer"] <= high
    scores = found["scores"]
    assert found["difference"]["wer"] == pytest.approx(scores["after"]["wer"] - scores["before"]["wer"], abs=0.02)
    assert set(found["guard"]) == {"en"}
    for stage in ("before", "after"):
        assert found["guard"]["en"][stage]["wer"] >= 0
        assert found["silence"][stage] == found["silence_details"][stage]["words_a_minute"]
        assert [row["name"] for row in scores[stage]["readings"]] == ["raw", "normalised", "paper", "language"]
    assert (found["clips"], found["split"], found["window_seconds"], found["synthetic"]) == (5, "test", 30, False)
    assert found["test_speakers_in_train"] > 0
    assert found["chosen_on"] == "test"
    assert found["guard_sets"]["en"] == {
        "corpora": evaluated.options["guards"],
        "synthetic": False,
        "clips": 2,
        "trained_on": {"before": None, "after": [{"corpus": "en", "clips": 7, "same_corpus": False}]},
    }
    assert len(found["transcripts"]) == 5
    assert set(found["transcripts"][0]) == {"clip", "said", "before", "after"}
    assert found["languages_known"] == ["en", "es"]
    assert set(found["speed"]["after"]) == {"real_time_factor", "peak_memory", "machine"}


class Page(HTMLParser):
    """Reads a page: what it refers to, and whether each element is closed."""

    VOID = ("meta", "circle", "path", "polyline")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.links, self.tags = [], [], []
        self.feed(html)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        """Note an element that closes itself."""
        assert tag in self.VOID

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Note what is opened."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Compare with what was opened last."""
        assert self.open.pop() == tag


def test_the_page_stands_alone(evaluated: SimpleNamespace) -> None:
    page = Page(evaluated.page)
    assert not page.open
    assert page.tags.count("audio") == 5
    assert all(link.startswith("data:audio/mpeg;base64,") for link in page.links)
    assert "http" not in evaluated.page
    assert "prefers-color-scheme:dark" in evaluated.page
    assert "width=device-width" in evaluated.page
    shown = (
        "chosen on the test split",
        "test speakers too, which flatters",
        "speaks for",
        "calibration error",
        "seams",
    )
    for words in (
        *shown,
        "timestamps valid %",
        "words of the test lost %",
        "real-time factor",
        "Confusions",
        "loudness",
    ):
        assert words in evaluated.page


def test_the_terminal_never_shows_a_difference_without_its_interval(evaluated: SimpleNamespace) -> None:
    for line in told(evaluated.results).splitlines():
        if re.search(r"difference is [+-]|errors (?:fewer|more)", line):
            assert "95 % interval" in line


def test_page_and_terminal_say_what_was_mixed_into_the_training(evaluated: SimpleNamespace) -> None:
    for text in (evaluated.page, told(evaluated.results)):
        assert "trained on 7 clips of English of en, another corpus" in text
        assert "trained on 3 clips without speech" in text


def test_a_second_evaluation_hears_nothing_again(
    run: Path, evaluated: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a model was asked again")

    monkeypatch.setattr("whisper_helpers.evaluation.listening.listen_to_batch", fail)
    for way in WAYS:
        monkeypatch.setitem(WAYS, way, fail)
    monkeypatch.setattr("whisper_helpers.evaluation.timestamps.encode", fail)
    lines: list[str] = []
    again = evaluate(str(run), **evaluated.options | {"announce": lines.append})
    assert again == evaluated.results
    assert [str(run / "evaluation" / "heard") in line for line in lines if "Known from before" in line] == [False, True]


def test_a_second_run_does_not_let_the_base_hear_again(
    run: Path, evaluated: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, asked = tmp_path / "second", []
    shutil.copytree(run, second)
    shutil.rmtree(second / "evaluation")
    hear = listen_to_batch
    monkeypatch.setattr(
        "whisper_helpers.evaluation.listening.listen_to_batch",
        lambda model, *rest, **options: asked.append(model.name_or_path) or hear(model, *rest, **options),
    )
    choices = dataclasses.replace(SMALL, limit_test=3, batch_size=3)
    again = evaluate(str(second), **evaluated.options | {"choices": choices})
    assert asked
    assert set(asked) == {str(second / "model")}
    heard = {row["clip"]: row["before"] for row in evaluated.results["transcripts"]}
    assert all(heard.get(row["clip"], row["before"]) == row["before"] for row in again["transcripts"])


def test_an_interrupted_evaluation_goes_on_where_it_was(tmp_path: Path, tiny_whisper: Path, small_corpus: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    corpus = open_corpus(str(small_corpus), "hi", announce=silent)
    clips = usable_clips({"test": corpus["test"]}, processor.tokenizer, announce=silent)[0]["test"]
    whole = listen(model, processor, clips, batch_size=2, memo=Memo(tmp_path / "heard"))
    kept = sorted((tmp_path / "heard").iterdir())
    assert len(kept) == len(clips) == 4
    contents = {path: path.read_bytes() for path in kept}
    for path in kept[:2]:
        path.unlink()
    again = listen(model, processor, clips, batch_size=2, memo=Memo(tmp_path / "heard"))
    assert [each["text"] for each in again] == [each["text"] for each in whole]
    assert sorted((tmp_path / "heard").iterdir()) == kept
    assert all(path.read_bytes() == contents[path] for path in kept[2:])


def test_both_ways_of_hearing_long_audio_are_greedy(tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    searched = []
    monkeypatch.setattr(type(model), "_beam_search", lambda *_, **__: searched.append(True))
    for hear in WAYS.values():
        hear(model, processor, np.zeros(32 * SAMPLE_RATE, np.float32))
    assert not searched


def test_what_is_heard_is_what_transcribe_hears(tiny_whisper: Path, small_corpus: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    corpus = open_corpus(str(small_corpus), "hi", announce=silent)
    clips = usable_clips({"test": corpus["test"]}, processor.tokenizer, announce=silent)[0]["test"]
    heard = listen(model, processor, clips, batch_size=4)
    assert [each["text"] for each in heard] == transcribe(model, processor, clips, batch_size=4)
    for each, sentence in zip(heard, clips["sentence"], strict=True):
        tokens = processor.tokenizer(sentence, add_special_tokens=False).input_ids
        assert len(each["sure"]) == len(each["right"]) == len(tokens) + 1  # and the end
        assert 0 <= each["no_speech"] <= 1


def test_language_and_silence_are_read_from_the_token_after_the_start(tiny_whisper: Path, small_corpus: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    clips = open_corpus(str(small_corpus), "hi", announce=silent)["test"]
    rows = [clips[0], clips[3]]
    features = torch.from_numpy(
        np.stack([log_mel(read_clip(row["audio"]), processor.feature_extractor) for row in rows])
    )
    start = torch.full((2, 1), model.config.decoder_start_token_id)
    with torch.inference_mode():
        logits = model(input_features=features, decoder_input_ids=start).logits[:, 0]
    ids = list(model.generation_config.lang_to_id.values())
    best = processor.tokenizer.convert_ids_to_tokens([ids[place] for place in logits[:, ids].argmax(-1).tolist()])
    chances = logits.softmax(-1)[:, model.generation_config.no_timestamps_token_id - 1].tolist()
    for sureness in (True, False):
        heard = listen_to_batch(model, processor, rows, sureness=sureness)
        assert [f"<|{each['language']}|>" for each in heard] == best
        assert [each["no_speech"] for each in heard] == pytest.approx(chances, abs=1e-4)
        assert all(bool(each["sure"]) == sureness for each in heard)


def test_the_encoder_works_once_a_window(
    tiny_whisper: Path, small_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    clips = open_corpus(str(small_corpus), "hi", announce=silent)["test"]
    encoder, seen = type(model.get_encoder()), []

    def counted(self: torch.nn.Module, input_features: torch.Tensor, *arguments: Any, **options: Any) -> Any:
        seen.append(input_features.sum().item())
        return work(self, input_features, *arguments, **options)

    work = encoder.forward
    monkeypatch.setattr(encoder, "forward", functools.wraps(work)(counted))
    listen_to_batch(model, processor, [clips[0], clips[1]])
    assert len(seen) == len(set(seen)) > 0
    once = len(seen)
    listen_to_batch(model, processor, [clips[0], clips[1]])
    assert len(seen) == 2 * once
    assert "forward" not in vars(model.get_encoder())


def test_edits_by_hand() -> None:
    assert edits("a b c", "a x c d") == [
        ("equal", "a", "a"),
        ("substitute", "b", "x"),
        ("equal", "c", "c"),
        ("insert", "", "d"),
    ]
    assert confusions(["किताब"], ["कुताब"], characters=True) == {("ि", "ु"): 1}


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("a b c", None),
        ("no no no", None),
        ("no no no no", ("no", 4)),
        ("well a b a b", None),
        ("well a b a b a b c", ("a b", 3)),
        ("", None),
        ("x y z x y z x y z x y z", ("x y z", 4)),
    ],
)
def test_a_loop_is_a_phrase_three_times_or_a_word_four_times(text: str, loop: tuple | None) -> None:
    assert loop_in(text) == loop


def test_wrong_outputs_are_counted() -> None:
    clips = {"sentence": ["नमस्ते दुनिया", "हाँ हाँ हाँ हाँ", "घर", "नाम"]}
    texts = [("hello world", "hi"), ("हाँ हाँ हाँ हाँ", "hi"), ("घर घर घर घर घर", "hi"), (" ", "ur")]
    heard = [{"text": text, "language": language} for text, language in texts]
    known = {"hi": frozenset(["हाँ", "घर"]), "en": frozenset(["world"]), "mr": frozenset(["घर"])}
    assert outputs(clips, heard, "hi", known) == {
        "loops": 1,
        "wrong_script": 1,
        "wrong_language": 1,
        "empty": 1,
        "taken_for_another_language": 1,
    }
    assert script_of("你好") == "CJK"


def test_where_no_space_parts_words_characters_count() -> None:
    clips, heard = {"sentence": ["你好，世界", "今天"]}, [{"text": "你好界"}, {"text": "明天。"}]
    errors, lengths = word_errors(clips, heard, "zh")
    assert (errors.tolist(), lengths.tolist()) == ([1, 1], [4, 2])
    assert word_errors(clips, heard, "en")[1].tolist() == [2, 1]
    assert marked("你好世界", "你好界", characters=True) == "你好<span class=d>世</span>界"


def test_where_no_space_parts_words_loops_seams_and_languages_count_characters() -> None:
    clips, heard = {"sentence": ["你好世界"]}, [{"text": "好好好好好", "language": "zh"}]
    known = vocabularies({"zh": ["你好世界", "今天好"]})
    assert outputs(clips, heard, "zh", known)["loops"] == 1
    assert foreign_language("好 ok the", "zh", known) is None
    assert foreign_language("the bakery 好", "zh", known) == "en"
    recording = Joined(np.zeros(0), ["你好世界", "今天"], [(0.0, 4.0), (5.0, 7.0)])
    found = score_long([recording], [("你好世今天", [3.5])], "zh")
    assert (found["words"], found["deletions"], found["wer"], found["seam_deletions"]) == (6, 1, 16.667, 1)
    silence = {"seconds": [60.0], "speaker": ["noise"]}
    assert invented(silence, [{"text": "你好 世界。"}], "zh")["words_a_minute"] == 4.0


def test_calibration_of_known_chances() -> None:
    random = np.random.default_rng(0)
    sure = random.uniform(0, 1, 20_000)
    honest = [{"sure": sure.tolist(), "right": (random.uniform(0, 1, 20_000) < sure).astype(int).tolist()}]
    assert calibration(honest)["error"] < 1.5
    proud = [{"sure": [0.95] * 100, "right": [1] * 60 + [0] * 40}]
    assert calibration(proud) == {"error": 35.0, "bins": [[95.0, 60.0, 100]]}


def test_invented_words_a_minute_and_what_a_threshold_costs() -> None:
    silence = {"seconds": [30.0, 30.0], "speaker": ["noise", "hum"]}
    unheard = [{"text": "thank you", "no_speech": 0.5}, {"text": "", "no_speech": 0.9}]
    found = invented(silence, unheard, "en")
    assert (found["words_a_minute"], found["clips_with_text"]) == (2.0, 50.0)
    assert found["by_kind"]["noise"] == {"words_a_minute": 4.0, "clips_with_text": 100.0}
    speech = {"sentence": ["one two three", "four"]}
    heard = [{"text": "one", "no_speech": 0.1}, {"text": "four", "no_speech": 0.7}]
    rows = thresholds(speech, heard, silence, unheard, "en")
    assert [(row["threshold"], row["invented"], row["deleted"]) for row in rows] == [
        (0.2, 0.0, 25.0),
        (0.4, 0.0, 25.0),
        (0.6, 2.0, 25.0),
        (0.8, 2.0, 0.0),
    ]


def test_joined_clips_have_known_bounds(small_corpus: Path) -> None:
    clips = open_corpus(str(small_corpus), "hi", announce=silent)["train"]
    recordings = join(clips, 6.0)
    assert sum(len(each.sentences) for each in recordings) == len(clips)
    for each in recordings:
        assert len(each.samples) / 16_000 <= 6.0
        assert each.bounds[-1][1] == pytest.approx(len(each.samples) / 16_000)
        for (_, end), (start, _) in zip(each.bounds, each.bounds[1:], strict=False):
            assert start - end == pytest.approx(PAUSE)
            assert not each.samples[int(end * 16_000) + 1 : int(start * 16_000) - 1].any()
    assert len(join(clips, 6.0, most=2)) == 2


def test_errors_at_the_seams_by_hand() -> None:
    recording = Joined(np.zeros(0), ["a b c d e f g h i j", "k l"], [(0.0, 10.0), (20.0, 22.0)])
    found = score_long([recording], [("a b c e e f f g h i j k", [5.0])], "en")
    assert (found["deletions"], found["seams"], found["seam_words"]) == (1, 1, 4)  # d, e, f, g at 3.5 to 6.5 s
    assert found["seam_repetitions"] == 1


def test_timestamps_by_hand() -> None:
    recording = Joined(np.zeros(0), ["a", "b"], [(0.0, 2.0), (2.5, 5.0)])
    good, none, open_end = [100, 7, 200, 225, 8, 340], [7, 8], [100, 7, 200, 225]
    assert score_timestamps([recording], [good], 100) == {"valid": 100.0, "found": 100.0, "drift": 0.1}
    assert score_timestamps([recording], [none], 100) == {"valid": 0.0, "found": 0.0, "drift": 30.0}
    assert score_timestamps([recording], [open_end], 100)["valid"] == 0.0
    assert score_timestamps([recording], [[100, 7, 200, 150]], 100)["valid"] == 0.0


def test_clips_without_speech_are_the_same_each_time_and_others_for_training() -> None:
    one, other = clips_without_speech(12), clips_without_speech(12)
    assert one[:]["audio"] == other[:]["audio"]
    assert set(one["speaker"]) == set(KINDS)
    training = clips_without_speech(12, seed=77, longest=4)
    assert max(training["seconds"]) <= 4
    assert not {each["bytes"] for each in training[1:]["audio"]} & {each["bytes"] for each in one[1:]["audio"]}


def table(folder: Path, rows: list[tuple[str, str]], language: str = "hi") -> str:
    """Write a corpus: split and sentence of each clip."""
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "sentence", "split", "language"])
        for number, (split, sentence) in enumerate(rows):
            write_tone(folder / f"{number}.wav", 1.0, hertz=200 + number)
            writer.writerow([f"{number}.wav", sentence, split, language])
    return str(folder)


LEAST = Choices(silence=0, long_minutes=0, batch_size=4)
TRAIN = [("train", f"शब्द {number}") for number in range(6)]


def test_references_without_a_word_are_scored_apart(tmp_path: Path, tiny_whisper: Path) -> None:
    corpus, page = table(tmp_path, [*TRAIN, ("test", "एक दो"), ("test", "।"), ("test", "")]), tmp_path / "a.html"
    results = evaluate(str(tiny_whisper), corpus=corpus, guards=[], choices=LEAST, report=page, announce=silent)
    assert (results["clips"], results["without_words"]) == (1, 2)
    words = results["without_words_heard"]["after"]
    assert words > 0
    for text in (told(results), page.read_text(encoding="utf-8")):
        assert f"2 clips without words to say: in no rate; heard in them: {words} words." in text
        assert "1 test clip of" in text
    assert (results["difference"], results["scores"]["after"]["wer_interval"]) == (None, None)
    assert "an interval takes 5 clips" in told(results)


def test_clips_of_other_languages_are_not_heard_and_told(tmp_path: Path, tiny_whisper: Path) -> None:
    corpus = Path(table(tmp_path, [*TRAIN, ("test", "एक दो"), ("test", "one two"), ("test", "तीन")]))
    lines = (corpus / "metadata.csv").read_text(encoding="utf-8")
    (corpus / "metadata.csv").write_text(lines.replace("one two,test,hi", "one two,test,en"), encoding="utf-8")
    results = evaluate(str(tiny_whisper), corpus=str(corpus), guards=[], choices=LEAST, announce=silent)
    assert (results["clips"], results["other_languages"]) == (2, 1)
    assert "1 clip of other languages: not heard." in told(results)


@pytest.mark.parametrize("number", [1, 4])
def test_few_clips_give_no_difference(tmp_path: Path, tiny_whisper: Path, number: int) -> None:
    corpus = table(tmp_path, [*TRAIN, *[("test", f"एक दो {each}") for each in range(number)]])
    both = str(tiny_whisper)
    results = evaluate(
        both,
        corpus=corpus,
        against=both,
        guards=[],
        choices=LEAST,
        report=tmp_path / "a.html",
        announce=silent,
    )
    assert (results["difference"]["wer"], results["difference"]["interval"]) == (None, None)
    assert "Not enough test data to tell" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "language", "options", "reason"),
    [
        ([*TRAIN, ("test", "one two")], "en", {}, "was tuned for Hindi, the test is English"),
        ([*TRAIN, ("test", "एक")], "hi", {"language": "ml"}, "is Hindi, not Malayalam"),
        ([*TRAIN, ("test", "।"), ("test", "")], "hi", {}, "None of the 2 test sentences"),
        ([*TRAIN, ("test", "एक")], "hi", {"report": Path("nowhere", "a.html")}, "There is no folder"),
        ([*TRAIN, ("test", "एक")], "hi", {"report": Path("a"), "json_file": Path("a")}, "named twice"),
        ([*TRAIN, ("test", "एक")], "hi", {"guards": ["german"]}, "no bundled guard set in German"),
        ([*TRAIN, ("test", "एक")], "hi", {"guards": ["corpus"]}, "is in Hindi, as the test is"),
    ],
)
def test_bad_input_is_refused(
    tmp_path: Path, run: Path, rows: list, language: str, options: dict, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    corpus = table(tmp_path / "corpus", rows, language)
    told_language = {"language": language} if language == "en" else {}
    with pytest.raises(BadInput, match=reason):
        evaluate(
            str(run),
            **({"corpus": corpus, "guards": [], "choices": LEAST, "announce": silent} | told_language | options),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


@pytest.mark.parametrize("name", ["limit_test", "limit_guard"])
def test_a_limit_of_no_clips_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(BadInput, match=f"{name.replace('_', ' ').capitalize()} is 0"):
        Choices(**{name: 0})


def test_much_that_is_left_out_of_long_recordings_is_told_in_words() -> None:
    few, many = {"words": 500, "deletions": 10}, {"words": 500, "deletions": 456}
    long = {"before": {"sequential": few, "chunked": few}, "after": {"sequential": few, "chunked": many}}
    assert long_notes({"long": long, "unit": "word"}) == [
        "Of long recordings, chunked, much is left out: of 500 words 10 before and 456 after."
    ]
    assert long_notes({"long": {"after": {}}, "unit": "word"}) == []


def test_the_command_refuses_with_exit_code_2(
    tmp_path: Path, tiny_whisper: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["evaluate", str(tiny_whisper), "--corpus", "nowhere"]) == 2
    assert "There is no corpus nowhere" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_interrupted_command_says_how_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("whisper_helpers.evaluation.evaluate", interrupted)
    assert cli.main(["evaluate", "anything"]) == 130
    assert "the same command goes on from here" in capsys.readouterr().err


def test_the_report_says_with_which_temperatures_long_audio_is_heard(evaluated: SimpleNamespace) -> None:
    first, *others = evaluated.json["long_audio"]["temperatures"]
    assert (first, TEMPERATURES[::2]) == (0.0, FALLBACK)
    assert f"temperature {', then '.join(map(str, others))}, where it is guessed or loops" in evaluated.page
    assert f"tries {', '.join(map(str, TEMPERATURES[1:-1]))} and {TEMPERATURES[-1]})" in evaluated.page
    assert evaluated.json["long_audio"]["minutes"] > 0
