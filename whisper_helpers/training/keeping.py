"""Keeping what the base can do: other languages again, clips without speech, timestamps, and an average of weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import WINDOW_SECONDS
from ..checkpoints import open_checkpoint
from ..corpus import open_corpus
from ..doctor import usable_clips
from ..errors import BadInput
from ..evaluation.guards import BUNDLED_GUARDS, place_of_guard
from ..evaluation.no_speech import SECONDS, TRAINING_SEED, clips_without_speech
from ..screen import counted

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperForConditionalGeneration, WhisperTokenizer

    from ..checkpoints import Checkpoint
    from ..recipe import Recipe

Announce = Callable[[str], None]
SILENCE_SHARE, TIMESTAMPS_SHARE = 0.1, 0.2  # unless the recipe has others
COLUMNS = ["audio", "sentence", "language", "speaker", "seconds"]


@dataclass(frozen=True)
class Addition:
    """Clips that are mixed in.

    Parameters
    ----------
    corpus
        Where they come from, as the recipe names it; None for clips without speech.
    clips
        With the columns of a corpus and ``seconds``.
    """

    corpus: str | None
    clips: Dataset


def additions(
    train: Dataset, recipe: Recipe, tokenizer: WhisperTokenizer, announce: Announce = print
) -> list[Addition]:
    """Choose the clips that a training mixes in, corpus by corpus, clips without speech last.

    Parameters
    ----------
    train
        Usable clips, with a column ``seconds``.
    recipe
        Its ``replay``, ``replay_share``, ``silence_share``, ``window`` and ``seed`` count.
    tokenizer
        Of the checkpoint, for the look at the replayed clips.
    announce
        Takes a line for each addition.

    Raises
    ------
    BadInput
        If a corpus to replay cannot be used.
    """
    return [*_replayed(train, recipe, tokenizer, announce), *_silent(train, recipe, announce)]


def with_additions(train: Dataset, added: Sequence[Addition], recipe: Recipe, announce: Announce = print) -> Dataset:
    """Put what is added after the training clips, and draw the labels that get timestamps.

    Parameters
    ----------
    train, announce
        As for :func:`additions`.
    added
        From :func:`additions`.
    recipe
        Its ``timestamps_share`` and ``seed`` count.

    Returns
    -------
    datasets.Dataset
        `train` itself if nothing is added. With timestamps it has a column ``timed``.
    """
    from datasets import concatenate_datasets

    spoken = len(train) + sum(len(each.clips) for each in added if each.corpus)
    share = TIMESTAMPS_SHARE if recipe.timestamps_share is None else recipe.timestamps_share
    timed = _drawn(spoken, share, recipe.seed)
    if added:
        train = concatenate_datasets([each.select_columns(COLUMNS) for each in (train, *(a.clips for a in added))])
    if not timed.any():
        return train
    announce(f"{timed.sum():,} of {len(train):,} labels have timestamps.")
    return train.add_column("timed", [*timed.tolist(), *[False] * (len(train) - spoken)])


def mixed_in(added: Sequence[Addition]) -> dict[str, Any]:
    """Say what was mixed in, for ``results.json``.

    Parameters
    ----------
    added
        From :func:`additions`.

    Returns
    -------
    dict
        ``replayed``, a list with ``corpus`` and ``clips``, their number by Whisper's code of the language; and
        ``without_speech``, the number of clips.
    """
    replayed = [(each.corpus, dict(Counter(each.clips["language"]))) for each in added if each.corpus]
    listed = [{"corpus": corpus, "clips": clips} for corpus, clips in replayed if clips]
    return {"replayed": listed, "without_speech": sum(len(each.clips) for each in added if not each.corpus)}


def corpora_to_replay(recipe: Recipe, languages: Collection[str], tokenizer: WhisperTokenizer) -> list[str]:
    """Corpora whose clips are mixed in: those that the recipe names, else bundled ones of other languages.

    Unasked, none is mixed into a stream; none into a translation, for it has no English text; and none into what an
    English-only Whisper hears.

    Parameters
    ----------
    recipe
        Choices of the run.
    languages
        Codes of those that are trained.
    tokenizer
        Of the checkpoint.
    """
    if recipe.replay is not None:
        return recipe.replayed()
    if recipe.stream or recipe.task == "translate" or not tokenizer.language:
        return []
    return [code for code in BUNDLED_GUARDS if code not in languages]


def _replayed(train: Dataset, recipe: Recipe, tokenizer: WhisperTokenizer, announce: Announce) -> list[Addition]:
    from datasets import DatasetDict

    names = corpora_to_replay(recipe, set(train["language"][:]), tokenizer)
    told = announce if recipe.replay else lambda line: None  # the bundled ones are known to be sound
    longest, parts = recipe.window or WINDOW_SECONDS, []
    for name in names:
        train_only = DatasetDict(train=open_corpus(place_of_guard(name), announce=told)["train"])
        clips = usable_clips(train_only, tokenizer, progress=bool(recipe.replay), announce=told)[0]["train"]
        fitting = clips.select(np.flatnonzero(np.array(clips["seconds"]) <= longest))
        if not len(fitting):
            raise BadInput(f"{name} has no clip of at most {longest:g} s", "The window must hold a replayed clip")
        wanted = round(recipe.replay_share * len(train) / len(names))
        chosen = np.random.default_rng(recipe.seed).permutation(len(fitting))[:wanted]
        announce(f"Replayed, to keep what it can: {len(chosen):,} of {len(fitting):,} training clips of {name}.")
        parts.append(Addition(name, fitting.select(np.sort(chosen))))
    return parts


def _silent(train: Dataset, recipe: Recipe, announce: Announce) -> list[Addition]:
    share = SILENCE_SHARE if recipe.silence_share is None else recipe.silence_share
    number = round(share * len(train))
    if not number:
        return []
    longest = max(SECONDS[0], min(SECONDS[1], max(train["seconds"])))
    announce(f"Added, to learn to write nothing: {counted(number, 'clip')} without speech.")
    language = train[0]["language"]
    return [Addition(None, clips_without_speech(number, TRAINING_SEED + recipe.seed, language, longest=longest))]


def _drawn(number: int, share: float, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 1]).random(number) < share


def let_write_nothing(model: WhisperForConditionalGeneration) -> None:
    """Let a model end before its first word, as its clips without speech teach it.

    The settings that Whisper is published with forbid that, so `generate` finds words in any silence.

    Parameters
    ----------
    model
        Its `generation_config` is changed: the end token leaves ``begin_suppress_tokens``, and is saved so.
    """
    generation = model.generation_config
    others = [token for token in generation.begin_suppress_tokens or [] if token != generation.eos_token_id]
    generation.begin_suppress_tokens = others or None


def blend(model: WhisperForConditionalGeneration, base: Checkpoint, share: float) -> None:
    """Average the weights of a tuned model with those that it started from.

    Parameters
    ----------
    model
        The tuned one; changed in place.
    base
        Where it started.
    share
        Of the base in the average: 0 changes nothing, 1 gives the base back.
    """
    import torch

    if not share:
        return
    weights = dict(open_checkpoint(base, announce=lambda line: None)[0].named_parameters())
    with torch.no_grad():
        for name, tensor in model.named_parameters():  # tied weights come once
            tensor.lerp_(weights[name].to(tensor.device, tensor.dtype), share)
