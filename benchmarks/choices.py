"""What else can change a training step: each choice against the recipe as it is, one row of a table.

    python benchmarks/choices.py ROW... [--words ROW...] [--steps 80] [--repetitions 3] [--json FILE]

Each run is a process of its own with the clips, checkpoint and seed of `against_tutorial.py`; none joins clips.
Seconds and memory are medians of short runs of the row and of the recipe in turn, a step being as many clips as the
recipe takes. With `--words` rows and the recipe also train for all steps and are scored at 30 s on the same clips,
with the paired interval of the difference.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from against_tutorial import SHORT_STEPS, WARM_UP, opened, our_trainer, paired, run
from datasets import Dataset
from keeping import keep

from whisper_helpers.audio import WINDOW_SECONDS
from whisper_helpers.evaluation import transcribe
from whisper_helpers.memory import PeakMemory
from whisper_helpers.metrics import score
from whisper_helpers.precision import precision_sentence
from whisper_helpers.recipe import Recipe
from whisper_helpers.screen import quieten
from whisper_helpers.tokens import IGNORED
from whisper_helpers.window import FullWindowSteps

SHORT_CLIPS = 16
LABEL_STEP = 16  # tokens
KEYS = ("step_seconds", "peak_bytes", "evaluation_seconds")


@dataclass(frozen=True)
class Row:
    """What differs from the recipe: its fields, the trainer's arguments, or the trainer itself."""

    recipe: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    change: Callable[[Any], None] | None = None
    hears: bool = False  # generation changes, too


def labels_in_steps(trainer: Any) -> None:
    """Pad labels to a multiple, so that compiled shapes are fewer."""
    collate = trainer.data_collator

    def padded(clips: list[dict]) -> dict[str, torch.Tensor]:
        batch = collate(clips)
        missing = -batch["labels"].shape[1] % LABEL_STEP
        fillers = {"labels": IGNORED, "decoder_input_ids": trainer.processing_class.tokenizer.eos_token_id}
        return batch | {
            name: torch.nn.functional.pad(batch[name], (0, missing), value=value) for name, value in fillers.items()
        }

    trainer.data_collator = padded


def lower_layers_frozen(trainer: Any) -> None:
    """Freeze the encoder's convolutions and the lower two thirds of its layers."""
    encoder = trainer.model.get_encoder()
    for part in (encoder.conv1, encoder.conv2, *encoder.layers[: 2 * len(encoder.layers) // 3]):
        part.requires_grad_(False)


def embeddings_frozen(trainer: Any) -> None:
    """Freeze the tokens' embeddings, which are the output's weights as well."""
    trainer.model.get_input_embeddings().requires_grad_(False)


class EncoderListens(FullWindowSteps):
    """No gradients in the encoder in steps at 30 s."""

    def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
        """Switch them on again behind the encoder."""
        super().on_train_begin(*args, **kwargs)
        kwargs["model"].get_encoder().register_forward_hook(self.switch_on, always_call=True)

    def _widen(self, encoder: torch.nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if encoder.training:
            torch.set_grad_enabled(not self.full)
        return super()._widen(encoder, args, kwargs)

    @staticmethod
    def switch_on(encoder: torch.nn.Module, *_: Any) -> None:
        """The decoder learns in every step."""
        if encoder.training:
            torch.set_grad_enabled(True)


class Late(FullWindowSteps):
    """Steps at 30 s from a share of the training on."""

    def __init__(self, every: int, begin: float) -> None:
        super().__init__(every)
        self.begin = begin

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Decide for this step."""
        super().on_step_begin(args, state, control, **kwargs)
        self.full = self.full and state.global_step >= self.begin * state.max_steps


def full_windows(steps: FullWindowSteps) -> Callable[[Any], None]:
    """Take the steps at 30 s by another rule."""

    def change(trainer: Any) -> None:
        trainer.remove_callback(FullWindowSteps)
        trainer.add_callback(steps)

    return change


def eager_attention(trainer: Any) -> None:
    """Attention written out instead of PyTorch's fused one."""
    trainer.model.set_attn_implementation("eager")


def static_cache(trainer: Any) -> None:
    """Generate with a cache of fixed size."""
    trainer.model.generation_config.cache_implementation = "static"


ROWS = {
    "recipe": Row(hears=True),
    "two-data-workers": Row(arguments={"dataloader_num_workers": 2}),
    "labels-in-steps": Row(change=labels_in_steps),
    "unfused-adamw": Row(arguments={"optim": "adamw_torch"}),
    "gradient-checkpointing": Row({"gradient_checkpointing": True}),
    "frozen-encoder": Row({"freeze_encoder": True}),
    "frozen-lower-layers": Row(change=lower_layers_frozen),
    "frozen-embeddings": Row(change=embeddings_frozen),
    "compiled": Row(arguments={"torch_compile": True}),
    "eager-attention": Row(change=eager_attention, hears=True),
    "static-cache": Row(change=static_cache, hears=True),
    "batch-of-8": Row({"batch_size": 8}),
    "batch-of-16": Row({"batch_size": 16}),
    "float32": Row({"mixed_precision": False}),
    "lora-16": Row({"lora": 16, "learning_rate": 5e-4}),
    "lora-16-frozen-encoder": Row({"lora": 16, "learning_rate": 5e-4, "freeze_encoder": True}),
    "encoder-listens-at-30-s": Row(change=full_windows(EncoderListens(Recipe().full_window_every))),
    "never-30-s": Row({"full_window_every": 0}),
    "every-4th-at-30-s": Row({"full_window_every": 4}),
    "every-16th-at-30-s": Row({"full_window_every": 16}),
    "every-8th-of-the-second-half-at-30-s": Row(change=full_windows(Late(8, 1 / 2))),
    "every-4th-of-the-last-quarter-at-30-s": Row(change=full_windows(Late(4, 3 / 4))),
    "always-30-s": Row({"window": WINDOW_SECONDS, "full_window_every": 0}),
}


def main() -> None:
    """Run the rows, or, called by itself, one run of one."""
    options = parse()
    if options.one:
        print(json.dumps(one(options)))
        return
    print(f"{options.model}, {options.batch_size} clips a step, {precision_sentence()}", flush=True)
    names = ("recipe", *options.rows)
    rounds = [{name: child(options, name) for name in names} for _ in range(options.repetitions)]
    scored = ("recipe", *options.words) if options.words else ()
    words = {name: child(options, name, words=True) for name in scored}
    rows = [row_of(name, rounds, words) for name in options.rows]
    keep(rows, options.json)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="+", choices=ROWS, metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--model", default="openai/whisper-base", help="checkpoint (default: %(default)s)")
    parser.add_argument("--corpus", default="bundled", help="corpus (default: %(default)s)")
    parser.add_argument("--language", help="language of the corpus, if it does not tell")
    parser.add_argument("--words", nargs="*", choices=ROWS, default=[], metavar="ROW", help="rows to score as well")
    parser.add_argument("--steps", type=int, default=80, help="steps of 4 clips for the words (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=4, help="clips of the recipe (default: %(default)s)")
    parser.add_argument("--eval-clips", type=int, default=200, help="clips to score on (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=3, help="short runs of each (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--limit-train", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--scored", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def row_of(name: str, rounds: list[dict[str, Any]], words: dict[str, Any]) -> dict[str, Any]:
    """Seconds and memory of a row and of the recipe, and what the row costs in words; prints it."""
    sides = ([each[side] for each in rounds] for side in (name, "recipe"))
    ours, recipe = ({key: [run.get(key) for run in side] for key in KEYS} for side in sides)
    row = {
        "row": name,
        "machine": precision_sentence(),
        "step_ratios": [a / b for a, b in zip(ours["step_seconds"], recipe["step_seconds"], strict=True)],
        **{key: [statistics.median(side[key]) for side in (ours, recipe)] for key in KEYS if None not in ours[key]},
        **({"wer": compared(words[name], words["recipe"])} if name in words else {}),
    }
    print(sentence(row), flush=True)
    return row


def sentence(row: dict[str, Any]) -> str:
    """A row of the table, in Markdown: the recipe's numbers are in brackets."""
    seconds, memory, heard = (row.get(key) for key in KEYS)
    words = "{row:.1f} ({recipe:.1f}; {low:+.1f} to {high:+.1f})".format(**row["wer"]) if "wer" in row else ""
    ratios = " ".join(f"{ratio:.2f}" for ratio in row["step_ratios"])
    hearing = f"{heard[0]:.1f} ({heard[1]:.1f})" if heard else ""
    memory = f"{memory[0] / 1e9:.2f} ({memory[1] / 1e9:.2f})"
    return f"| {row['row']} | {seconds[0]:.2f} ({seconds[1]:.2f}) | {ratios} | {memory} | {hearing} | {words} |"


def child(options: argparse.Namespace, name: str, *, words: bool = False) -> dict[str, Any]:
    """Run a row in a process of its own."""
    keep = ("model", "corpus", "language", "steps", "batch_size", "eval_clips")
    flags = [f"--{key.replace('_', '-')}={getattr(options, key)}" for key in keep if getattr(options, key) is not None]
    command = [sys.executable, __file__, name, "--one", *flags, *(["--scored"] if words else [])]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def one(options: argparse.Namespace) -> dict[str, Any]:
    """Train by a row's recipe and transcribe."""
    quieten()
    row = ROWS[options.rows[0]]
    model, processor, corpus = opened(options)
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as peak:
        trainer = trainer_of(row, options, model, processor, corpus, Path(folder))
        run(trainer, WARM_UP["ours"])
    share = options.batch_size / trainer.args.per_device_train_batch_size
    step_seconds = statistics.mean(each for _, each in trainer.own_seconds) * share
    result = {"step_seconds": step_seconds, "peak_bytes": peak.bytes}
    return result | (hearing(options, model, processor, corpus["test"]) if options.scored or row.hears else {})


def hearing(options: argparse.Namespace, model: Any, processor: Any, test: Dataset) -> dict[str, Any]:
    """What a trained model hears, at 30 s if it is scored, and how long that takes."""
    clips = test if options.scored else test.select(range(SHORT_CLIPS))
    window = WINDOW_SECONDS if options.scored else None
    references, language = list(clips["sentence"]), clips[0]["language"]
    began = time.perf_counter()
    heard = transcribe(model, processor, clips, window=window, label=options.rows[0])
    seconds = time.perf_counter() - began
    return {
        "evaluation_seconds": seconds,
        "hypotheses": heard,
        "references": references,
        "language": language,
        "wer": score(references, heard, language).wer,
    }


def trainer_of(row: Row, options: argparse.Namespace, model: Any, processor: Any, corpus: Any, folder: Path) -> Any:
    """The recipe's trainer with the row's changes; the number of clips seen stays."""
    given = {"batch_size": options.batch_size, "join_clips": False} | row.recipe
    whole = options.steps * options.batch_size // given["batch_size"]
    recipe = Recipe(**(given | {"steps": whole if options.scored else SHORT_STEPS["ours"]}))
    trainer = our_trainer(recipe, model, processor, corpus, folder, **row.arguments)
    if row.change:
        row.change(trainer)
    return trainer


def compared(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, float]:
    """WER of a row and of the recipe, and the paired interval of the difference, in points."""
    low, high = paired(ours["references"], theirs["hypotheses"], ours["hypotheses"], ours["language"])
    return {"row": theirs["wer"], "recipe": ours["wer"], "low": low, "high": high}


if __name__ == "__main__":
    main()
