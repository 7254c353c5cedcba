"""Oracles: corpora written here, and the script that made the bundled voices."""

from __future__ import annotations

import ast
from pathlib import Path

from datasets import Dataset

from whisper_helpers.assets import assets_folder
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.evaluation.guards import SOURCE_VOICES, Guard, open_guards, place_of_guard, shared_with_train
from whisper_helpers.evaluation.subjects import Subject
from whisper_helpers.evaluation.trained_on import guard_notes, learned, sentence, silence_notes

REPLAYED = {"replayed": [{"corpus": "en", "clips": {"en": 24}}, {"corpus": "mine", "clips": {"es": 5, "de": 2}}]}
MIXED = {**REPLAYED, "without_speech": 26}


def split(rows: list[tuple[str, str, str]]) -> Dataset:
    """Make a split of speaker, language and sentence."""
    return Dataset.from_dict(dict(zip(("speaker", "language", "sentence"), zip(*rows, strict=True), strict=True)))


def source_voices(name: str) -> set[str]:
    """Names of the voices from which those of a split are blended, read from the script."""
    script = ast.parse((assets_folder() / "speech" / "guard" / "make_guard.py").read_text(encoding="utf-8"))
    assigned = [node for node in script.body if isinstance(node, ast.Assign)]
    (speakers,) = [node.value for node in assigned if node.targets[0].id == "SPEAKERS"]
    splits = {key.value: value for key, value in zip(speakers.keys, speakers.values, strict=True)}
    return {voice for call in splits[name].values for voice in ast.literal_eval(call.args[0])}


def test_the_source_voices_are_those_of_the_script() -> None:
    test, train = source_voices("test"), source_voices("train")
    assert (len(test & train), len(test)) == SOURCE_VOICES


def test_speakers_and_sentences_of_the_language_are_compared_as_a_score_does() -> None:
    train = split([("a", "en", "Hello there."), ("b", "en", "Bye"), ("c", "es", "adiós"), ("", "en", "Well")])
    clips = split([("b", "en", "hello THERE"), ("c", "en", "adiós"), ("", "en", "one")])
    assert shared_with_train("mine", train, clips, "en") == {"speakers": 1, "sentences": 1, "source_voices": None}
    nameless = split([("", "en", "Hello there.")])
    assert shared_with_train("mine", train, nameless, "en")["speakers"] is None
    assert shared_with_train("mine", train.select([2]), clips, "en")["speakers"] is None


def test_what_the_bundled_guards_share_with_what_is_replayed_is_told(tiny_whisper: Path) -> None:
    tokenizer = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)[1].tokenizer
    guards, _ = open_guards([place_of_guard("en"), "es"], "hi", None, tokenizer, lambda line: None)
    run = Subject("run", {"mixed_in": MIXED, "languages": ["hi"], "corpus": "bundled"})
    facts = {"speakers": 0, "sentences": 0, "source_voices": [4, 5]}
    assert learned(run, "en", guards["en"]) == [{"corpus": "en", "clips": 24, "same_corpus": True, **facts}]
    assert learned(run, "es", guards["es"]) == [{"corpus": "mine", "clips": 5, "same_corpus": False}]
    text = sentence("after", "en", learned(run, "en", guards["en"]))
    for words in ("trained on 24 clips of English", "0 speakers and 0 sentences", "4 of the 5 voices", "flatters"):
        assert words in text


def test_a_guard_in_a_language_of_the_runs_own_corpus_is_told() -> None:
    facts = {"speakers": None, "sentences": 2, "source_voices": None}
    other, same = (Guard(split([("", "ml", "x")]), [name], False, {name: facts}) for name in ("other", "malayalam"))
    both = Subject("run", {"mixed_in": MIXED, "languages": ["hi", "ml"], "corpus": "hindi=hi:1,malayalam=ml:2"})
    entry = {"corpus": "malayalam", "clips": None}
    assert learned(both, "ml", other) == [{**entry, "same_corpus": False}]
    assert learned(both, "ml", same) == [{**entry, "same_corpus": True, **facts}]
    assert learned(both, "ta", other) == []
    assert learned(Subject("checkpoint"), "ml", other) is None


def test_nothing_is_claimed_of_a_base_and_not_knowing_is_told_of_the_model() -> None:
    results = {
        "guard_sets": {"es": {"trained_on": {"before": None, "after": None}}, "de": {"trained_on": {"after": []}}},
        "mixed_in": {"before": None, "after": MIXED},
    }
    assert guard_notes(results, "es") == [
        "After: it is not recorded whether the model was trained on clips of Spanish."
    ]
    assert guard_notes(results, "de") == ["After: not trained on any clip of German."]
    assert [note[:39] for note in silence_notes(results)] == ["After: trained on 26 clips without spee"]
    assert silence_notes({"mixed_in": {"after": {"replayed": [], "without_speech": 0}}}) == []
