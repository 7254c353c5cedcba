"""Opening a checkpoint for a language and a task, ready to train."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..tokens import TASKS, language_code, language_name, task_name
from .finding import Checkpoint, find_checkpoint

if TYPE_CHECKING:
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

ENGLISH_VOCABULARY = 51_864  # tokens of an English-only Whisper; multilingual ones have more


def open_checkpoint(
    checkpoint: str | Checkpoint,
    language: str | None = None,
    task: str | None = None,
    *,
    announce: Callable[[str], None] = print,
) -> tuple[WhisperForConditionalGeneration, WhisperProcessor]:
    """Open a Whisper in float32, its language and task set wherever transformers looks for them.

    The encoder's positions are frozen: they are fixed sinusoids, and training must not move them. A tokenizer
    that names no padding gets OpenAI's own, the end token.

    Parameters
    ----------
    checkpoint
        From :func:`find_checkpoint`, or what that takes.
    language
        Spoken language, code or name; None keeps what the checkpoint has.
    task
        ``"transcribe"`` or ``"translate"`` (to English); None keeps what the checkpoint has, or transcribes.
    announce
        Takes a line for each step that the user may have to wait for.

    Returns
    -------
    model : transformers.WhisperForConditionalGeneration
        In float32 on the CPU.
    processor : transformers.WhisperProcessor
        Its tokenizer puts the prefix of the language and task before each sentence.

    Raises
    ------
    BadInput
        If there is no such checkpoint, it is no whole Whisper, or it cannot do the language or task.
    """
    if isinstance(checkpoint, str):
        checkpoint = find_checkpoint(checkpoint, announce=announce)
    model, processor = _load(checkpoint)
    model.model.encoder.embed_positions.requires_grad_(False)
    processor.tokenizer.pad_token = processor.tokenizer.pad_token or processor.tokenizer.eos_token
    complete_generation_config(model.generation_config, model.config, processor.tokenizer)
    _check_whole(checkpoint, model.config, processor)
    if model.generation_config.is_multilingual:
        _set_language(model.generation_config, processor.tokenizer, language, task)
    else:
        _check_english(checkpoint, language, task)
    return model, processor


def complete_generation_config(
    generation: GenerationConfig, config: WhisperConfig, tokenizer: WhisperTokenizer
) -> None:
    """Fill in the ids of languages, tasks and timestamps, which `generate` needs and older checkpoints lack.

    Parameters
    ----------
    generation
        Changed in place. A forced prefix is taken out: language and task make it.
    config
        The model's; a forced prefix is taken out too.
    tokenizer
        Knows the ids.
    """
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    def ids(names: list[str]) -> dict[str, int]:
        known = tokenizer.get_vocab()
        return {name: known[name] for name in names if name in known}

    generation.is_multilingual = config.vocab_size > ENGLISH_VOCABULARY
    generation.forced_decoder_ids = config.forced_decoder_ids = None
    special = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
    wanted = {
        **{name: getattr(config, name) for name in special},
        "max_length": config.max_target_positions,
        "no_timestamps_token_id": ids(["<|notimestamps|>"]).get("<|notimestamps|>"),
        "prev_sot_token_id": ids(["<|startofprev|>"]).get("<|startofprev|>"),
        "max_initial_timestamp_index": 50,
        "return_timestamps": False,
    }
    if generation.is_multilingual:
        wanted["lang_to_id"] = ids([f"<|{code}|>" for code in LANGUAGES])
        wanted["task_to_id"] = {task: tokenizer.get_vocab().get(f"<|{task}|>") for task in TASKS}
    for name, value in wanted.items():
        if getattr(generation, name, None) is None:
            setattr(generation, name, value)


def _load(checkpoint: Checkpoint) -> tuple[WhisperForConditionalGeneration, WhisperProcessor]:
    import torch
    from transformers import AutoConfig, WhisperForConditionalGeneration, WhisperProcessor

    try:
        kind = AutoConfig.from_pretrained(checkpoint.folder).model_type
        if kind != "whisper":
            raise BadInput(f"{checkpoint.name} is a {kind} model", "Only Whisper is fine-tuned here")
        model = WhisperForConditionalGeneration.from_pretrained(
            checkpoint.folder, dtype=torch.float32, use_safetensors=True
        )
        return model, WhisperProcessor.from_pretrained(checkpoint.folder)
    except BadInput:
        raise
    except Exception as error:  # whatever a broken file makes the libraries raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        given = f"The checkpoint in {checkpoint.folder} cannot be opened ({reason})"
        raise BadInput(given, _NEEDED, "Save it again, or delete the folder and let it be fetched again") from error


_NEEDED = "Needed are config.json, model.safetensors, the tokenizer's and the extractor's files"


def _check_whole(checkpoint: Checkpoint, config: WhisperConfig, processor: WhisperProcessor) -> None:
    known = processor.tokenizer.get_vocab()
    if known.get("<|startoftranscript|>") != config.decoder_start_token_id:
        given = f"{checkpoint.name} has a tokenizer of {len(known)} tokens that does not fit its model"
        do = "Copy the tokenizer's files of the model that it was tuned from into its folder"
        raise BadInput(given, f"The model has {config.vocab_size}", do)
    mels = processor.feature_extractor.feature_size
    if mels != config.num_mel_bins:
        given = f"{checkpoint.name} has an extractor of {mels} mel channels"
        raise BadInput(
            given, f"Its model takes {config.num_mel_bins}", "Copy preprocessor_config.json of its base model"
        )


def _set_language(
    generation: GenerationConfig, tokenizer: WhisperTokenizer, language: str | None, task: str | None
) -> None:
    code = language or getattr(generation, "language", None)
    generation.task = task_name(task or getattr(generation, "task", None) or "transcribe")
    generation.language = code and language_code(code)
    if code and f"<|{generation.language}|>" not in generation.lang_to_id:
        given = f"This checkpoint has no token for {language_name(code)}"
        raise BadInput(given, f"It knows {len(generation.lang_to_id)} languages", "Start from whisper-large-v3")
    tokenizer.set_prefix_tokens(language=generation.language, task=generation.task, predict_timestamps=False)


def check_language(checkpoint: Checkpoint, language: str | None, task: str | None) -> None:
    """Refuse an English-only checkpoint for another language, without opening its weights.

    Parameters
    ----------
    checkpoint
        From :func:`find_checkpoint`.
    language
        Spoken language, code or name.
    task
        ``"transcribe"`` or ``"translate"``.

    Raises
    ------
    BadInput
        If the checkpoint knows only English and something else is asked.
    """
    config = json.loads((checkpoint.folder / "config.json").read_text(encoding="utf-8"))
    if config.get("vocab_size") == ENGLISH_VOCABULARY:
        _check_english(checkpoint, language, task)


def _check_english(checkpoint: Checkpoint, language: str | None, task: str | None) -> None:
    if (language and language_code(language) != "en") or task == "translate":
        given = f"{checkpoint.name} is an English-only Whisper, asked for {language_name(language or 'en')}, {task}"
        raise BadInput(given, "It transcribes English", f"Take its multilingual twin: {_twin(checkpoint.name)}")


def _twin(name: str) -> str:
    return name.removesuffix(".en") if name.endswith(".en") else "openai/whisper-base"
