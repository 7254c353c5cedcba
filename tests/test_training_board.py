"""Oracles: TensorBoard's own reader, the clips as soundfile reads them, and their transcription at the same window."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from datasets import Dataset
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.evaluation import transcribe
from whisper_helpers.export import OTHERS
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import finetune
from whisper_helpers.training.board import ValidationClips
from whisper_helpers.training.run_folder import RunFolder


def quiet(line: str) -> None:
    """Say nothing."""


def texts(board: EventAccumulator, name: str) -> dict[int, str]:
    """Text of a tag, by step."""
    return {each.step: each.tensor_proto.string_val[0].decode() for each in board.Tensors(f"{name}/text_summary")}


def boards(folder: Path) -> list[EventAccumulator]:
    """Logs in a folder, the oldest first."""
    return [EventAccumulator(str(path)).Reload() for path in sorted(folder.glob("events.*"))]


@pytest.fixture(scope="module")
def run(tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Dataset]:
    """A run of four steps whose second half is repeated by a resumed one; and its validation clips."""
    recipe = Recipe(
        model=str(tiny_whisper),
        corpus=str(small_corpus),
        language="hi",
        steps=4,
        save_steps=2,
        learning_rate=1e-3,
        limit_test=4,
        replay="none",
        silence_share=0.0,
        output=str(tmp_path_factory.mktemp("board") / "run"),
    )
    folder = finetune(recipe, announce=quiet)
    shutil.rmtree(folder.model)
    shutil.rmtree(folder.checkpoints / "checkpoint-4")
    results = folder.read_results()
    folder.write_results({name: results[name] for name in results if name not in ("train_seconds", "run_seconds")})
    finetune(recipe, resume=True, announce=quiet)
    tokenizer = open_checkpoint(str(tiny_whisper), "hi", announce=quiet)[1].tokenizer
    corpus = open_corpus(str(small_corpus), "hi", announce=quiet)
    return folder, usable_clips(corpus, tokenizer, announce=quiet)[0]["validation"]


def test_the_sound_and_reference_of_validation_clips_are_logged_once_a_session(run: tuple[RunFolder, Dataset]) -> None:
    folder, clips = run
    for board, step in zip(boards(folder.clips), (2, 4), strict=True):
        for number, clip in enumerate(clips, 1):
            (sound,) = board.Audio(f"validation_{number}/audio")
            heard, rate = soundfile.read(io.BytesIO(sound.encoded_audio_string))
            said, _ = soundfile.read(clip["audio"]["path"])
            assert (rate, sound.step) == (16_000, step)
            assert np.abs(heard - said).max() < 1e-3
            assert texts(board, f"validation_{number}/reference") == {step: clip["sentence"]}


def test_the_transcripts_of_each_validation_are_logged_and_are_what_the_model_hears(
    run: tuple[RunFolder, Dataset],
) -> None:
    folder, clips = run
    first, resumed = boards(folder.clips)
    names = [f"validation_{number}/transcript" for number in range(1, 5)]
    assert [list(texts(first, name)) for name in names] == [[2, 4]] * 4
    assert [list(texts(resumed, name)) for name in names] == [[4]] * 4
    assert [texts(first, name)[4] for name in names] == [texts(resumed, name)[4] for name in names]
    model, processor = open_checkpoint(str(folder.model), "hi", announce=quiet)
    heard = transcribe(model, processor, clips, window=None)
    best = folder.read_results()["best_step"]
    assert [texts(first, name)[best] for name in names] == heard


def test_no_voice_is_in_what_is_published(run: tuple[RunFolder, Dataset]) -> None:
    folder, _ = run
    assert [board.Tags()["audio"] for board in boards(folder.logs)] == [[], []]
    assert folder.clips.name not in OTHERS
    assert all(str(folder.path).encode() not in path.read_bytes() for path in folder.clips.iterdir())


@pytest.mark.parametrize(("clips", "places"), [(10, [0, 3, 6, 9]), (2, [0, 1])])
def test_the_clips_are_spread_over_the_split(clips: int, places: list[int]) -> None:
    split = Dataset.from_dict({"sentence": [str(number) for number in range(clips)]})
    assert ValidationClips(None, split, None).clips["sentence"][:] == [str(place) for place in places]
