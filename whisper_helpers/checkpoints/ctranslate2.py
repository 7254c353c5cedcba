"""Whisper as CTranslate2 stores it, read as raw tensors and written as a Hugging Face checkpoint."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BadInput
from .opening import ENGLISH_VOCABULARY, complete_generation_config
from .saving import save_checkpoint

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperTokenizer

Tensors = dict[str, np.ndarray]

FORMAT_VERSION = 6
DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)  # by the number that the file gives
HEAD_SIZE = 64  # numbers in an attention head of every Whisper
END = "<|endoftext|>"  # ends a text, and pads


def write_checkpoint(files: dict[str, bytes], folder: Path) -> None:
    """Write a CTranslate2 Whisper as a checkpoint that `from_pretrained` opens.

    Parameters
    ----------
    files
        Content of ``model.bin``, ``config.json`` and ``tokenizer.json``.
    folder
        Where to; it is made.
    """
    from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperProcessor

    tensors, notes = read_tensors(files["model.bin"]), json.loads(files["config.json"])
    tokenizer = _tokenizer(files["tokenizer.json"], folder)
    model = WhisperForConditionalGeneration(_config(tensors))
    model.load_state_dict(_state_dict(tensors))
    model.generation_config = _generation_config(model.config, notes, tokenizer)
    extractor = WhisperFeatureExtractor(feature_size=model.config.num_mel_bins)
    save_checkpoint(model.half(), WhisperProcessor(extractor, tokenizer), folder)


def read_tensors(content: bytes) -> Tensors:
    """Read the tensors of a CTranslate2 ``model.bin``.

    The layout is that of CTranslate2's own `ModelSpec`: version, names of the specification, then per tensor its name,
    rank, shape, dtype, size and bytes, then aliases; little-endian.

    Parameters
    ----------
    content
        The file.

    Returns
    -------
    dict
        Name to array; aliases share their array.

    Raises
    ------
    BadInput
        If the file has another version.
    """
    file = io.BytesIO(content)
    version, _, _ = _number(file, "I"), _string(file), _number(file, "I")
    if version != FORMAT_VERSION:
        raise BadInput(f"The CTranslate2 model has format {version}", f"Only {FORMAT_VERSION} is read")
    tensors = dict(_tensor(file) for _ in range(_number(file, "I")))
    for _ in range(_number(file, "I")):
        alias, original = _string(file), _string(file)
        tensors[alias] = tensors[original]
    return tensors


def _number(file: io.BytesIO, kind: str) -> int:
    return struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]


def _string(file: io.BytesIO) -> str:
    return file.read(_number(file, "H")).rstrip(b"\0").decode()


def _tensor(file: io.BytesIO) -> tuple[str, np.ndarray]:
    name, rank = _string(file), _number(file, "B")
    shape = [_number(file, "I") for _ in range(rank)]
    dtype, size = DTYPES[_number(file, "B")], _number(file, "I")
    return name, np.frombuffer(file.read(size), dtype).reshape(shape)


def _config(tensors: Tensors) -> WhisperConfig:
    from transformers import WhisperConfig

    vocabulary, width = tensors["decoder/embeddings/weight"].shape
    end = 50_257 if vocabulary > ENGLISH_VOCABULARY else 50_256
    layers = {side: _layers(tensors, side) for side in ("encoder", "decoder")}
    return WhisperConfig(
        vocab_size=vocabulary,
        num_mel_bins=tensors["encoder/conv1/weight"].shape[1],
        d_model=width,
        **{f"{side}_layers": number for side, number in layers.items()},
        **{f"{side}_attention_heads": width // HEAD_SIZE for side in layers},
        **{f"{side}_ffn_dim": 4 * width for side in layers},
        **_special_ids(end),
    )


def _layers(tensors: Tensors, side: str) -> int:
    return len({name.split("/")[1] for name in tensors if name.startswith(f"{side}/layer_") and "/ffn/" in name})


def _special_ids(end: int) -> dict[str, int]:
    return {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end, "decoder_start_token_id": end + 1}


def _state_dict(tensors: Tensors) -> dict[str, torch.Tensor]:
    import torch

    renamed: Tensors = {}
    for name, array in tensors.items():
        renamed |= _renamed(name, array)
    renamed["proj_out.weight"] = renamed["model.decoder.embed_tokens.weight"]
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in renamed.items()}


PARTS = {
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attention/linear_1": ("self_attn.out_proj",),
    "self_attention/layer_norm": ("self_attn_layer_norm",),
    "attention/linear_0": ("encoder_attn.q_proj",),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "attention/linear_2": ("encoder_attn.out_proj",),
    "attention/layer_norm": ("encoder_attn_layer_norm",),
    "ffn/linear_0": ("fc1",),
    "ffn/linear_1": ("fc2",),
    "ffn/layer_norm": ("final_layer_norm",),
    "position_encodings/encodings": ("embed_positions.weight",),
    "embeddings": ("embed_tokens",),
}
KINDS = {"weight": ".weight", "bias": ".bias", "gamma": ".weight", "beta": ".bias", "encodings": ""}


def _renamed(name: str, array: np.ndarray) -> Tensors:
    side, _, rest = name.partition("/")
    if side not in ("encoder", "decoder") or rest.startswith(("projection", "scale", "num_heads")):
        return {}
    layer = ""
    if rest.startswith("layer_") and rest[6].isdigit():
        number, _, rest = rest.removeprefix("layer_").partition("/")
        layer = f"layers.{number}."
    module, _, kind = rest.rpartition("/")
    if kind not in KINDS:
        return {}
    parts = PARTS.get(rest) or PARTS.get(module) or (module,)
    new = [f"model.{side}.{layer}{part}{KINDS[kind]}" for part in parts]
    pieces = dict(zip(new, np.split(array, len(parts)), strict=True))
    return {key: piece for key, piece in pieces.items() if not key.endswith("k_proj.bias")}  # Whisper's keys have none


def _tokenizer(content: bytes, folder: Path) -> WhisperTokenizer:
    from transformers import WhisperTokenizer

    folder.mkdir(parents=True)
    path = folder / "tokenizer.json"
    path.write_bytes(content)
    special = [token["content"] for token in json.loads(content)["added_tokens"] if token["special"]]
    return WhisperTokenizer(tokenizer_file=str(path), extra_special_tokens=special, pad_token=END)


def _generation_config(config: WhisperConfig, notes: dict[str, Any], tokenizer: WhisperTokenizer) -> GenerationConfig:
    from transformers import GenerationConfig

    generation = GenerationConfig(
        max_length=config.max_target_positions,
        suppress_tokens=notes["suppress_ids"],
        begin_suppress_tokens=notes["suppress_ids_begin"],
        **_special_ids(config.eos_token_id),
    )
    generation.alignment_heads = notes["alignment_heads"]
    complete_generation_config(generation, config, tokenizer)
    return generation
