"""Oracles: rates worked out by hand, a second edit distance, a plain bootstrap loop."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import EvalPrediction, PreTrainedTokenizerFast

from whisper_helpers import metrics
from whisper_helpers.errors import BadInput
from whisper_helpers.text import normalise

WORDS = ["<pad>", "<end>", "किताब", "कुताब", "कहाँ", "है", "।", "Hello", "hello"]
END, KITAB, KUTAB, KAHAN, HAI, DANDA = 1, 2, 3, 4, 5, 6


def edit_distance(one: list[str] | str, other: list[str] | str) -> int:
    """Levenshtein's distance by the textbook, one row at a time."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    model = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<pad>"))
    model.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=model, pad_token="<pad>", eos_token="<end>")


@pytest.mark.parametrize(
    ("language", "reference", "hypothesis", "kinds", "wer"),
    [  # kinds: hits, substitutions, deletions, insertions, counted by hand
        ("hi", "किताब कहाँ है?", "कुताब कहाँ है।", (2, 1, 0, 0), 100 / 3),
        ("hi", "मेरा नाम राम है", "मेरा राम है और", (3, 0, 1, 1), 50.0),
        ("ml", "എന്റെ ഭാഷ മലയാളം", "എന്റെ ഭാഷ", (2, 0, 1, 0), 100 / 3),
        ("ta", "தமிழ் மொழி", "தமிழ் இனிய மொழி.", (2, 0, 0, 1), 50.0),
        ("bn", "আমি বাংলায় কথা বলি", "আমি বাংলা কথা বলি।", (3, 1, 0, 0), 25.0),
        ("ar", "يا صديقي العزيز", "صديقي العزيز،", (2, 0, 1, 0), 100 / 3),
        ("he", "זה בית־ספר", "זה בית ספר", (3, 0, 0, 0), 0.0),
        ("dv", "ދިވެހި ބަސް", "ދިވެހި ބަހް", (1, 1, 0, 0), 50.0),
        ("th", "สวัสดีครับ", "สวัสดีคับ", (0, 1, 0, 0), 100.0),
        ("ru", "Ещё раз", "еще раз!", (2, 0, 0, 0), 0.0),
        ("tr", "ILIK su", "ılık su", (2, 0, 0, 0), 0.0),
        ("en", "one two", "", (0, 0, 2, 0), 100.0),
        ("en", "one", "two three four", (0, 1, 0, 2), 300.0),
    ],
)
def test_words_of_a_pair_counted_by_hand(
    language: str, reference: str, hypothesis: str, kinds: tuple[int, ...], wer: float
) -> None:
    result = metrics.score([reference], [hypothesis], language)
    assert (result.hits, result.substitutions, result.deletions, result.insertions) == kinds
    assert result.wer == pytest.approx(wer)
    assert result.wer_interval is None
    five_times = metrics.score([reference] * 5, [hypothesis] * 5, language)
    assert five_times.wer_interval == pytest.approx([wer, wer], abs=1e-3)


@pytest.mark.parametrize(
    ("language", "reference", "hypothesis", "cer"),
    [
        ("hi", "किताब", "कुताब", 20.0),  # क ि त ा ब: the vowel sign is one of five
        ("th", "สวัสดีครับ", "สวัสดีคับ", 10.0),  # one of ten
        ("zh", "你好，世界", "你好世间。", 25.0),  # one of four
        ("he", "בית־ספר", "ביתספר", 100 / 7),  # the space counts
        ("ja", "こんにちは", "こんばんは", 40.0),
    ],
)
def test_characters_of_a_pair_counted_by_hand(language: str, reference: str, hypothesis: str, cer: float) -> None:
    assert metrics.score([reference], [hypothesis], language).cer == pytest.approx(cer)


def test_raw_rates_count_case_and_punctuation() -> None:
    result = metrics.score(["Hello, world!"], ["hello world"])
    assert (result.wer, result.cer, result.wer_raw) == (0.0, 0.0, 100.0)
    assert result.cer_raw == pytest.approx(100 * 3 / 13)


def test_a_split_is_summed_over_its_utterances() -> None:
    references = ["एक दो तीन चार", "पाँच", "छह"]
    hypotheses = ["एक दो तीन चार", "सात आठ", "छह"]
    result = metrics.score(references, hypotheses, "hi")
    assert result.wer == pytest.approx(100 * 2 / 6)  # not the mean of 0, 200 and 0
    assert (result.utterances, result.reference_words) == (3, 6)


def test_words_heard_in_silence_are_insertions() -> None:
    result = metrics.score(["एक दो", "", "।"], ["एक दो", "तीन चार पाँच", ""])
    assert (result.insertions, result.reference_words, result.wer) == (3, 2, 150.0)


def test_empty_against_empty_is_no_error() -> None:
    result = metrics.score(["एक", "", "।"], ["एक", "", "?"])
    assert (result.wer, result.cer, result.insertions, result.utterances) == (0.0, 0.0, 0, 3)


TEXTS = st.lists(st.sampled_from(["एक", "दो", "किताब", "कुताब", "മ"]), max_size=8).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), characters=st.booleans())
def test_errors_are_a_second_implementations(pairs: list[tuple[str, str]], characters: bool) -> None:
    references, hypotheses = map(list, zip(*pairs, strict=True))
    counts = metrics.error_counts(references, hypotheses, characters=characters)
    units = list if characters else str.split
    distances = [edit_distance(units(one), units(other)) for one, other in pairs]
    assert counts[1:].sum(axis=0).tolist() == distances
    assert counts[:3].sum(axis=0).tolist() == [len(units(text)) for text in references]
    assert counts[[0, 1, 3]].sum(axis=0).tolist() == [len(units(text)) for text in hypotheses]


@settings(deadline=None, max_examples=100)
@given(pairs=st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=4))
def test_any_text_has_a_score_or_a_reason(pairs: list[tuple[str, str]]) -> None:
    references, hypotheses = map(list, zip(*pairs, strict=True))
    if not any(map(normalise, references)):
        with pytest.raises(BadInput, match="has a word"):
            metrics.score(references, hypotheses)
        return
    result = metrics.score(references, hypotheses)
    errors = result.substitutions + result.deletions + result.insertions
    assert result.wer == pytest.approx(100 * errors / result.reference_words)
    assert result.hits + result.substitutions + result.deletions == result.reference_words


@pytest.mark.parametrize(
    ("references", "hypotheses", "reason"),
    [
        (["एक"], [], "1 references and 0 hypotheses"),
        ([], [], "0 references and 0 hypotheses"),
        (["।", ""], ["एक", ""], "None of the 2 references has a word"),
        ("एक", "दो", "not a list of texts"),
        (["एक"], [None], "hypotheses are not a list"),
    ],
)
def test_what_cannot_be_scored_is_explained(references: list, hypotheses: list, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        metrics.score(references, hypotheses)


def test_a_score_is_ready_for_json() -> None:
    result = metrics.score(["एक दो तीन", "एक"] * 3, ["एक दो", "एक"] * 3, seed=3)
    written = json.loads(json.dumps(result.as_dict()))
    assert written == result.as_dict()
    assert (written["wer"], written["deletions"]) == (25.0, 3)
    assert written["cer"] == 36.36  # a space and three code points of eleven
    assert written["wer_interval"] == [round(bound, 2) for bound in result.wer_interval]


def clips(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Errors of utterances of 3 to 12 words, each word wrong with probability 0.3."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 13, size=count)
    return rng.binomial(lengths, 0.3), lengths


def test_the_interval_is_a_plain_loops() -> None:
    errors, lengths = clips(60)
    rng, rates = np.random.default_rng(99), []
    for _ in range(4000):
        picks = [int(rng.integers(60)) for _ in range(60)]
        rates.append(100 * sum(errors[picks]) / sum(lengths[picks]))
    rates.sort()
    interval = metrics.bootstrap_interval(errors, lengths, resamples=4000)
    assert interval == pytest.approx((rates[100], rates[3900]), abs=0.6)


def test_the_interval_of_many_one_word_clips_is_the_binomial_ones() -> None:
    errors = np.repeat([1, 0], [300, 700])
    half = 100 * 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    interval = metrics.bootstrap_interval(errors, np.ones(1000, int), resamples=4000)
    assert interval == pytest.approx((30 - half, 30 + half), abs=0.3)


@settings(deadline=None, max_examples=30)
@given(count=st.integers(10, 200), seed=st.integers(0, 999))
def test_the_interval_covers_the_rate_and_shrinks_with_more_clips(count: int, seed: int) -> None:
    errors, lengths = clips(count, seed)
    low, high = metrics.bootstrap_interval(errors, lengths, seed=seed)
    assert low <= 100 * errors.sum() / lengths.sum() <= high
    more = metrics.bootstrap_interval(np.tile(errors, 16), np.tile(lengths, 16), seed=seed)
    assert more[1] - more[0] == pytest.approx((high - low) / 4, rel=0.35)


def test_the_interval_follows_its_seed() -> None:
    errors, lengths = clips(40)
    first = metrics.bootstrap_interval(errors, lengths, seed=1)
    assert first == metrics.bootstrap_interval(errors, lengths, seed=1)
    assert first != metrics.bootstrap_interval(errors, lengths, seed=2)


def test_many_clips_are_drawn_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    errors, lengths = clips(50)
    whole = metrics.bootstrap_interval(errors, lengths, resamples=4000)
    monkeypatch.setattr(metrics.bootstrap, "DRAWS_AT_ONCE", 7 * 50)
    assert metrics.bootstrap_interval(errors, lengths, resamples=4000) == pytest.approx(whole, abs=0.6)


def test_draws_without_a_reference_word_are_left_out() -> None:
    low, high = metrics.bootstrap_interval(np.array([1, 2, 0]), np.array([4, 0, 0]))
    assert low == 25.0
    assert np.isfinite(high)


@pytest.mark.parametrize(
    ("errors", "lengths", "resamples"),
    [([1], [0], 10), ([], [], 10), ([1], [1], 0), ([1, 2], [3], 10), ([[1]], [[1]], 10), ([1], [1], -5)],
)
def test_an_interval_of_nothing_is_refused(errors: list, lengths: list, resamples: int) -> None:
    with pytest.raises(BadInput):
        metrics.bootstrap_interval(np.array(errors), np.array(lengths), resamples=resamples)


def test_compute_metrics_decodes_and_leaves_its_argument_alone(tokenizer: PreTrainedTokenizerFast) -> None:
    labels = np.array([[KITAB, KAHAN, HAI, DANDA, END], [HAI, END, -100, -100, -100]])
    predictions = np.array([[0, KUTAB, KAHAN, HAI, END], [HAI, END, -100, -100, 0]])
    prediction = EvalPrediction(predictions=predictions, label_ids=labels)
    before = predictions.copy(), labels.copy()
    result = metrics.make_compute_metrics(tokenizer, "hi")(prediction)
    # किताब कहाँ है । / है against कुताब कहाँ है / है: one of four words, one of 5 + 1 + 4 + 1 + 2 + 2 characters;
    # raw, the danda is a fifth word and it is missing
    assert result == pytest.approx({"wer": 25.0, "cer": 100 / 15, "wer_raw": 40.0})
    assert np.array_equal(predictions, before[0])
    assert np.array_equal(labels, before[1])


def test_compute_metrics_takes_read_only_arrays(tokenizer: PreTrainedTokenizerFast) -> None:
    ids = np.array([[KITAB, END, -100]])
    ids.setflags(write=False)
    result = metrics.make_compute_metrics(tokenizer)(EvalPrediction(predictions=ids, label_ids=ids))
    assert result == {"wer": 0.0, "cer": 0.0, "wer_raw": 0.0}


def test_the_evaluate_metric_gives_the_same_rates_and_leaves_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    metric = metrics.evaluate_metric("hi")
    references, predictions = ["किताब कहाँ है?", "हाँ।"], ["कुताब कहाँ है", "हाँ"]
    result = metric.compute(predictions=predictions, references=references)
    assert result == pytest.approx({"wer": 25.0, "cer": 100 / 16})
    metric.add(prediction="एक", reference="एक दो")
    metric.add_batch(predictions=["तीन"], references=["तीन"])
    assert metric.compute()["wer"] == pytest.approx(100 / 3)
    assert list(Path.cwd().iterdir()) == []


def test_importing_metrics_imports_no_heavy_library() -> None:
    heavy = ["evaluate", "datasets", "jiwer", "torch", "transformers"]
    code = f"import sys, whisper_helpers.metrics; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
