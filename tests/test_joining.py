"""Oracles: the clips' own samples, the tokenizer's own timestamps, and the steps that see 30 s."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from whisper_helpers.audio import SAMPLE_RATE, log_mel, read_clip
from whisper_helpers.checkpoints import find_checkpoint, open_checkpoint
from whisper_helpers.collate import DataCollatorSpeechSeq2SeqWithPadding
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.joining import PAUSE, Followers, Joined, join_pieces, joined_labels
from whisper_helpers.sampling import SimilarLengths
from whisper_helpers.tokens import MAX_LABELS, encode_labels, start_token_id


def silent(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="module")
def opened(tiny_whisper: Path, small_corpus: Path) -> tuple:
    """Processor and training clips, which ask for timestamps nowhere."""
    _, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    corpus = usable_clips(open_corpus(str(small_corpus), "hi", announce=silent), processor.tokenizer, announce=silent)
    train = corpus[0]["train"]
    return processor, train.add_column("timed", [False] * len(train))


def several(*sentences: str, seconds: float = 1.0) -> Joined:
    """Silence in which sentences are said."""
    return join_pieces([(np.zeros(round(seconds * SAMPLE_RATE), np.float32), sentence) for sentence in sentences])


def test_a_step_of_every_n_goes_on_and_the_others_are_as_they_were(opened: tuple) -> None:
    _, train = opened
    plain, joined = SimilarLengths(train, 4, seed=1), SimilarLengths(train, 4, seed=1, joined_every=3)
    steps_of_an_epoch = -(-len(train) // 4)
    for epoch in range(3):
        plain.set_epoch(epoch)
        joined.set_epoch(epoch)
        for index in range(len(train)):
            goes_on = (epoch * steps_of_an_epoch + index // 4) % 3 == 2
            assert bool(joined[index].get("then")) == goes_on
            assert joined[index]["sentence"] == plain[index]["sentence"]
            assert goes_on or joined[index] == plain[index]
            assert joined[index]["step_seconds"] == (30.0 if goes_on else plain[index]["step_seconds"])
            assert goes_on or not joined[index]["timed"]


@pytest.mark.parametrize("clips_per_step", [1, 2, 3, 8])
@pytest.mark.parametrize("timed", [False, True])
def test_half_of_what_goes_on_is_timed_and_what_was_drawn_stays(clips_per_step: int, timed: bool) -> None:
    numbers = {"seconds": [2.0] * 64, "language": ["hi"] * 64, "timed": [timed] * 64}
    clips = SimilarLengths(Dataset.from_dict({**numbers, "sentence": ["a"] * 64}), clips_per_step, joined_every=4)
    seen = []
    for epoch in range(10):
        clips.set_epoch(epoch)
        seen += [clip for index in range(64) if (clip := clips[index]).get("then")]
    share = np.mean([clip["timed"] for clip in seen])
    assert share == 1 if timed else abs(share - 0.5) < 4 * 0.5 / len(seen) ** 0.5
    draws = [clip["draw"] for clip in seen] + [each["draw"] for clip in seen for each in clip["then"]]
    states = {tuple(np.random.SeedSequence(draw).generate_state(4)) for draw in draws}
    assert len(states) == len(draws)


def test_what_goes_on_is_spoken_in_the_same_language_and_fits() -> None:
    seconds, languages = np.random.default_rng(0).uniform(1, 9, 40), ["hi", "ur"] * 20
    sentences = ["a", "a", "", ""] * 10
    split = Dataset.from_dict({"seconds": seconds, "language": languages, "sentence": sentences})
    followers = Followers(split)
    drawn = []
    for place in range(40):
        after = followers.after(place, np.random.default_rng((0, place)))
        assert bool(after) == bool(sentences[place])
        assert {languages[each] for each in after} <= {languages[place]}
        assert all(sentences[each] for each in after)
        assert len({place, *after}) == len(after) + 1
        assert seconds[place] + sum(PAUSE + seconds[each] for each in after) <= 28
        assert after == followers.after(place, np.random.default_rng((0, place)))
        drawn.append(after)
    assert followers.after(0, np.random.default_rng(1)) != drawn[0]


def test_long_clips_go_on_where_another_fits() -> None:
    seconds = [13.0] * 10 + [20.0] * 90
    split = Dataset.from_dict({"seconds": seconds, "language": ["hi"] * 100, "sentence": ["a"] * 100})
    followers = Followers(split)
    assert all(len(followers.after(place, np.random.default_rng(place))) == 1 for place in range(10))
    assert not any(followers.after(place, np.random.default_rng(place)) for place in range(10, 100))
    alone = Dataset.from_dict({"seconds": [2.0], "language": ["hi"], "sentence": ["a"]})
    assert Followers(alone).after(0, np.random.default_rng(0)) == []


def test_the_sound_is_that_of_each_clip_and_the_timestamps_say_where(opened: tuple) -> None:
    processor, train = opened
    said = {clip["sentence"]: read_clip(clip["audio"]) for clip in train}
    rows = [SimilarLengths(train, 4, seed=1, joined_every=1)[index] for index in range(4)]
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor)(rows)
    assert batch["input_features"].shape[-1] == 3000
    for row, features, labels in zip(rows, batch["input_features"], batch["labels"], strict=True):
        sentences = [row["sentence"], *(each["sentence"] for each in row["then"])]
        joined = join_pieces([(said[sentence], sentence) for sentence in sentences])
        assert np.allclose(features, log_mel(joined.samples, processor.feature_extractor, 30), atol=1e-5)
        decoded = processor.tokenizer.decode(
            [each for each in labels.tolist() if each >= 0], decode_with_timestamps=True
        )
        spoken = re.findall(r"<\|([\d.]+)\|>([^<]+)<\|([\d.]+)\|>", decoded)
        if not row["timed"]:
            assert f"<|notimestamps|>{' '.join(sentences)}<|endoftext|>" in decoded
            continue
        assert [text.strip() for _, text, _ in spoken] == sentences
        for (start, text, end), (begins, ends) in zip(spoken, joined.bounds, strict=True):
            assert (float(start), float(end)) == pytest.approx((begins, ends), abs=0.0101)
            assert ends - begins == pytest.approx(len(said[text.strip()]) / SAMPLE_RATE)


def test_each_piece_is_cut_at_what_the_decoder_holds(opened: tuple) -> None:
    processor, train = opened
    row = SimilarLengths(train, 4, joined_every=1)[0]
    wordy = row | {"then": [each | {"sentence": each["sentence"] * 12} for each in row["then"]]}
    plain, cut = (DataCollatorSpeechSeq2SeqWithPadding(processor)([each]) for each in (row, wordy))
    assert plain["labels"].shape[1] < cut["labels"].shape[1] <= MAX_LABELS


@pytest.mark.parametrize("tokens", [MAX_LABELS - 1, MAX_LABELS])
def test_a_sentence_that_fills_the_decoder_has_timestamps_only_where_there_is_room(opened: tuple, tokens: int) -> None:
    processor, train = opened
    sentence = "a" + " a" * (tokens - 5)
    assert len(encode_labels(sentence, processor.tokenizer)) == tokens
    row = train[0] | {"sentence": sentence, "timed": True, "then": [train[1]]}
    (labels,) = DataCollatorSpeechSeq2SeqWithPadding(processor)([row])["labels"].tolist()
    assert len(labels) == MAX_LABELS
    without = processor.tokenizer.convert_tokens_to_ids("<|notimestamps|>")
    assert (without in labels) == (tokens == MAX_LABELS)


def test_an_english_only_whisper_learns_timestamps_that_its_vocabulary_does_not_spell() -> None:
    found = find_checkpoint("openai/whisper-tiny.en", announce=silent)
    tokenizer = open_checkpoint(found, announce=silent)[1].tokenizer
    without = tokenizer.convert_tokens_to_ids("<|notimestamps|>")
    one, two = (tokenizer(text, add_special_tokens=False).input_ids for text in ("One.", " Two."))
    stamps = [without + 1 + step for step in (0, 50, 75, 125)]
    labels = joined_labels(several("One.", "Two."), tokenizer, "en", timestamps=True)
    assert labels == [stamps[0], *one, stamps[1], stamps[2], *two, stamps[3], tokenizer.eos_token_id]
    assert joined_labels(several("One.", "Two."), tokenizer, "en") == encode_labels("One. Two.", tokenizer)


@pytest.mark.parametrize(
    ("language", "sentences", "text"),
    [
        ("hi", ("एक दो।", "तीन"), "एक दो। तीन"),
        ("ja", ("はい。", "いいえ。"), "はい。いいえ。"),
        ("ja", ("I am here.", "Thanks."), "I am here. Thanks."),  # a translation
        ("th", ("ขอบคุณ", "สวัสดี"), "ขอบคุณ สวัสดี"),
        (None, ("one", "two"), "one two"),
    ],
)
def test_sentences_are_parted_as_their_writing_does(
    opened: tuple, language: str | None, sentences: tuple, text: str
) -> None:
    tokenizer = opened[0].tokenizer
    assert tokenizer.decode(joined_labels(several(*sentences), tokenizer, language), skip_special_tokens=True) == text


def test_one_clip_has_the_labels_that_it_always_had(opened: tuple) -> None:
    tokenizer = opened[0].tokenizer
    assert joined_labels(several("एक दो"), tokenizer, "ml") == encode_labels("एक दो", tokenizer, "ml")
    labels = joined_labels(several("एक दो", seconds=1.5), tokenizer, timestamps=True)
    stamped = tokenizer.decode([start_token_id(tokenizer), *labels], decode_with_timestamps=True)
    assert stamped == "<|startoftranscript|><|hi|><|transcribe|><|0.00|>एक दो<|1.50|><|endoftext|>"
