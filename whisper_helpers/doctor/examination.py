"""The whole examination of a corpus: every clip decoded once, every sentence read, then all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..checkpoints import find_checkpoint
from ..corpus import BUNDLED
from ..tokens import MAX_LABELS, encode_labels
from .parallel import listen_to_all
from .rows import Row, Rows, read_rows
from .scripts import scripts_by_language
from .sound import Heard
from .summary import summarise, told
from .symptoms import REASONS, Symptom
from .whole import doubles, mismatches, spread
from .writing import faults_of

if TYPE_CHECKING:
    from transformers import WhisperTokenizer

PREFIX_TOKENS = 4  # language, task, timestamps or none, and the end


@dataclass(frozen=True)
class Examination:
    """What the doctor found in a corpus.

    Parameters
    ----------
    name
        The corpus as it was opened.
    corpus
        Its rows.
    heard
        What was heard in each.
    findings
        In the order of `REASONS`, then of the rows.
    """

    name: str
    corpus: Rows
    heard: Sequence[Heard]
    findings: Sequence[Symptom]

    @property
    def ruins(self) -> bool:
        """Whether something was found that ruins a training or its score."""
        return any(REASONS[each.reason].ruins for each in self.findings)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Whether to train on this and what to do first, in words; hours, speakers, durations and characters."""
        return summarise(self.name, self.corpus.rows, self.heard, self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return ``findings``, each with ``clip``, ``reason`` and ``detail``, and ``summary``, ready for JSON."""
        listed = [{"clip": each.clip, "reason": each.reason, "detail": each.detail} for each in self.findings]
        return {"findings": listed, "summary": self.summary}

    def __str__(self) -> str:
        """Summarise in plain words."""
        return told(self.summary)

    def _repr_html_(self) -> str:
        """Show the page in a notebook."""
        from .page import fragment

        return fragment(self)


def examine(
    name: str = BUNDLED,
    language: str | None = None,
    *,
    model: str = "openai/whisper-base",
    processes: int | None = None,
    progress: bool = True,
    **columns: str | None,
) -> Examination:
    """Examine a corpus; nothing is changed.

    Parameters
    ----------
    name
        As :func:`whisper_helpers.corpus.open_corpus` takes it. All its rows are read, also those left out there.
    language
        Language of all clips; by default the corpus tells it. It may be one that Whisper does not know.
    model
        Checkpoint whose tokenizer counts; opened only for a text that could be too long.
    processes
        How many decode at once; by default one a core.
    progress
        Show a progress bar.
    **columns
        ``audio_column``, ``sentence_column``, ``split_column``, ``speaker_column``, ``language_column``, where a
        table's names are not the usual ones.

    Raises
    ------
    BadInput
        If the corpus cannot be read.
    """
    from tqdm.auto import tqdm

    named = {kind.removesuffix("_column"): column for kind, column in columns.items()}
    corpus = read_rows(name, language, named, print if progress else lambda line: None)
    rows = corpus.rows
    listening = listen_to_all(rows, processes)
    heard = list(tqdm(listening, "Listening", len(rows), unit="clip", disable=not progress))
    faults = [sound.faults | text for sound, text in zip(heard, _texts(rows, model), strict=True)]
    found = [Symptom(rows[i].clip, reason, said, i) for i, each in enumerate(faults) for reason, said in each.items()]
    found += [*mismatches(rows, heard, faults), *doubles(rows, heard), *spread(rows)]
    order = list(REASONS)
    return Examination(name, corpus, heard, sorted(found, key=lambda each: (order.index(each.reason), each.row)))


def _texts(rows: Sequence[Row], model: str) -> Iterator[dict[str, str]]:
    scripts = scripts_by_language([row.sentence for row in rows], [row.language for row in rows])
    tokenizer = None
    for row in rows:
        faults = faults_of(row.sentence, row.language, scripts[row.language])
        if len(row.sentence.encode()) + PREFIX_TOKENS > MAX_LABELS:  # a token is a byte at least
            tokenizer = tokenizer or _tokenizer(model)
            labels = len(encode_labels(row.sentence, tokenizer))
            if labels > MAX_LABELS:
                faults["too_many_tokens"] = f"needs {labels} tokens, {MAX_LABELS} at most"
        yield faults


def _tokenizer(model: str) -> WhisperTokenizer:
    from transformers import WhisperTokenizer

    folder = find_checkpoint(model, announce=lambda line: None).folder
    tokenizer = WhisperTokenizer.from_pretrained(folder)
    tokenizer.set_prefix_tokens(language="en", task="transcribe")
    return tokenizer
