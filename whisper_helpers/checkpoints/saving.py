"""Saving a checkpoint so that transformers, faster-whisper and whisper.cpp can open it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor, WhisperTokenizer


def save_checkpoint(model: WhisperForConditionalGeneration, processor: WhisperProcessor, folder: str | Path) -> Path:
    """Save model and processor as an ordinary 30 s Whisper; a folder appears whole or not at all.

    Beside transformers' own files it writes ``preprocessor_config.json``, which faster-whisper reads, and
    ``vocab.json`` and ``added_tokens.json``, which whisper.cpp's converter reads.

    Parameters
    ----------
    model
        Weights keep their dtype. Language and task travel in its generation config.
    processor
        Its processor.
    folder
        Where to; a checkpoint that is there is replaced.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    folder = Path(folder)
    partial = folder.with_name(f"{folder.name}.saving")
    shutil.rmtree(partial, ignore_errors=True)
    model.config.use_cache = True  # the trainer switches it off, which would make everybody's generation slow
    model.save_pretrained(partial)
    processor.save_pretrained(partial)
    processor.feature_extractor.save_pretrained(partial)
    _write_vocabulary(processor.tokenizer, partial)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    return folder


def _write_vocabulary(tokenizer: WhisperTokenizer, folder: Path) -> None:
    added = tokenizer.get_added_vocab()
    plain = {token: number for token, number in tokenizer.get_vocab().items() if token not in added}
    for name, tokens in (("vocab.json", plain), ("added_tokens.json", added)):
        by_id = dict(sorted(tokens.items(), key=lambda item: item[1]))
        (folder / name).write_text(json.dumps(by_id, ensure_ascii=False), encoding="utf-8")
