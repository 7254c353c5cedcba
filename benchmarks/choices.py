"""What else can change a training step: each choice against the recipe as it is, one row of a table.

    python benchmarks/choices.py ROW... [--words] [--steps 80] [--repetitions 3] [--json FILE]

Each run is a process of its own with the clips, checkpoint and seed of `against_tutorial.py`. Seconds and memory are
medians of short runs of the row and of the recipe in turn, a step being as many clips as the recipe takes. With
`--words` both also train for all steps and are scored at 30 s on the same clips, with the paired interval of the
difference.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from against_tutorial import hear, paired, pools, run
from datasets import DatasetDict

from whisper_helpers.audio import WINDOW_SECONDS
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.metrics import score
from whisper_helpers.plan import PeakMemory
from whisper_helpers.recipe import Recipe
from whisper_helpers.screen import quieten
from whisper_helpers.tokens import IGNORED
from whisper_helpers.training import make_trainer, precision_sentence, training_arguments

SHORT_STEPS, SHORT_CLIPS = 9, 32  # eight timed steps hold one at 30 s
LABEL_STEP = 16  # tokens


@dataclass(frozen=True)
class Row:
    """What differs from the recipe: its fields, the trainer's arguments, or the trainer itself."""

    recipe: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    change: Callable[[Any], None] | None = None


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


def eager_attention(trainer: Any) -> None:
    """Attention written out instead of PyTorch's fused one."""
    trainer.model.set_attn_implementation("eager")


def static_cache(trainer: Any) -> None:
    """Generate with a cache of fixed size."""
    trainer.model.generation_config.cache_implementation = "static"


ROWS = {
    "recipe": Row(),
    "two-data-workers": Row(arguments={"dataloader_num_workers": 2}),
    "labels-in-steps": Row(change=labels_in_steps),
    "unfused-adamw": Row(arguments={"optim": "adamw_torch"}),
    "gradient-checkpointing": Row({"gradient_checkpointing": True}),
    "frozen-encoder": Row({"freeze_encoder": True}),
    "frozen-lower-layers": Row(change=lower_layers_frozen),
    "compiled": Row(arguments={"torch_compile": True}),
    "eager-attention": Row(change=eager_attention),
    "static-cache": Row(change=static_cache),
    "batch-of-8": Row({"batch_size": 8}),
    "batch-of-16": Row({"batch_size": 16}),
    "bfloat16": Row(arguments={"bf16": True}),
    "lora-16": Row({"lora": 16, "learning_rate": 5e-4}),
    "lora-16-frozen-encoder": Row({"lora": 16, "learning_rate": 5e-4, "freeze_encoder": True}),
    "never-30-s": Row({"full_window_every": 0}),
    "every-4th-at-30-s": Row({"full_window_every": 4}),
    "always-30-s": Row({"window": WINDOW_SECONDS, "full_window_every": 0}),
}


def main() -> None:
    """Run the rows, or, called by itself, one run of one."""
    options = parse()
    if options.one:
        print(json.dumps(one(options)))
        return
    print(f"{options.model}, {options.batch_size} clips a step, {precision_sentence()}", flush=True)
    plain = child(options, "recipe", words=True) if options.words else {}
    rows = [measured(options, name, plain) for name in options.rows]
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--model", default="openai/whisper-base", help="checkpoint (default: %(default)s)")
    parser.add_argument("--corpus", default="bundled", help="corpus (default: %(default)s)")
    parser.add_argument("--language", help="language of the corpus, if it does not tell")
    parser.add_argument("--words", action="store_true", help="train for all steps, too, and score")
    parser.add_argument("--steps", type=int, default=80, help="steps of 4 clips for the words (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=4, help="clips of the recipe (default: %(default)s)")
    parser.add_argument("--eval-clips", type=int, default=200, help="clips to score on (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=3, help="short runs of each (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--limit-train", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one", choices=ROWS, help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(options: argparse.Namespace, name: str, plain: dict[str, Any]) -> dict[str, Any]:
    """A row: its seconds and memory over the recipe's, and what it costs in words."""
    pairs = [(child(options, name), child(options, "recipe")) for _ in range(options.repetitions)]
    keys = ("step_seconds", "evaluation_seconds", "peak_bytes")
    row: dict[str, Any] = {"row": name, "machine": precision_sentence()}
    row |= {key: [statistics.median(each[key] for each in side) for side in zip(*pairs, strict=True)] for key in keys}
    row["step_ratios"] = [theirs["step_seconds"] / ours["step_seconds"] for theirs, ours in pairs]
    if plain:
        row["wer"] = compared(child(options, name, words=True), plain)
    print(sentence(row), flush=True)
    return row


def sentence(row: dict[str, Any]) -> str:
    """A row of the table, in Markdown."""
    seconds, evaluation, memory = (row[key] for key in ("step_seconds", "evaluation_seconds", "peak_bytes"))
    words = row.get("wer", "")
    told = (
        "" if not words else f"{words['row']:.1f} ({words['recipe']:.1f}; {words['low']:+.1f} to {words['high']:+.1f})"
    )
    ratios = " ".join(f"{ratio:.2f}" for ratio in row["step_ratios"])
    return (
        f"| {row['row']} | {seconds[0]:.2f} ({seconds[1]:.2f}) | {ratios} | {evaluation[0]:.1f} ({evaluation[1]:.1f}) "
        f"| {memory[0] / 1e9:.2f} ({memory[1] / 1e9:.2f}) | {told} |"
    )


def child(options: argparse.Namespace, name: str, *, words: bool = False) -> dict[str, Any]:
    """Run a row in a process of its own."""
    keep = ("model", "corpus", "language", "steps", "batch_size", "eval_clips")
    flags = [f"--{key.replace('_', '-')}={getattr(options, key)}" for key in keep if getattr(options, key) is not None]
    command = [sys.executable, __file__, f"--one={name}", *flags, *(["--words"] if words else [])]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def one(options: argparse.Namespace) -> dict[str, Any]:
    """Train by a row's recipe and transcribe."""
    quieten()
    row = ROWS[options.one]
    corpus = open_corpus(options.corpus, options.language, announce=_quiet)
    model, processor = open_checkpoint(options.model, corpus["train"][0]["language"], "transcribe", announce=_quiet)
    corpus = pools(usable_clips(corpus, processor.tokenizer, progress=False, announce=_quiet)[0], options)
    times: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as peak:
        trainer = trainer_of(row, options, model, processor, corpus, Path(folder))
        seconds = run(trainer)
        trained = peak.bytes
        test = corpus["test"] if options.words else corpus["test"].select(range(SHORT_CLIPS))
        task = argparse.Namespace(options=argparse.Namespace(recipe="ours"), model=model, processor=processor)
        task.corpus = {"test": test}
        heard = hear(task, WINDOW_SECONDS if options.words else None, times, "evaluation_seconds")
    share = options.batch_size / trainer.args.per_device_train_batch_size
    scores = score(list(test["sentence"]), heard, test[0]["language"]).as_dict()
    return {
        **times,
        "training_seconds": seconds,
        "step_seconds": statistics.mean(each for _, each in trainer.own_seconds) * share,
        "peak_bytes": trained,
        "hypotheses": heard,
        "references": list(test["sentence"]),
        "language": test[0]["language"],
        "wer": scores["wer"],
    }


def trainer_of(row: Row, options: argparse.Namespace, model: Any, processor: Any, corpus: Any, folder: Path) -> Any:
    """The recipe's trainer with the row's changes; the number of clips seen stays."""
    given = {"batch_size": options.batch_size} | row.recipe
    whole = options.steps * options.batch_size // given["batch_size"]
    recipe = Recipe(**(given | {"steps": whole if options.words else SHORT_STEPS}))
    quiet = {"eval_strategy": "no", "save_strategy": "no", "load_best_model_at_end": False, "disable_tqdm": True}
    arguments = training_arguments(recipe, folder, len(corpus["train"]), **(quiet | row.arguments))
    splits = DatasetDict(train=corpus["train"], validation=corpus["test"].select(range(1)))
    trainer = make_trainer(recipe, model, processor, splits, arguments)
    kept = [each for each in trainer.callback_handler.callbacks if "EarlyStopping" not in type(each).__name__]
    trainer.callback_handler.callbacks = kept
    if row.change:
        row.change(trainer)
    return trainer


def compared(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, float]:
    """WER of a row and of the recipe, and the paired interval of the difference, in points."""
    low, high = paired(ours["references"], theirs["hypotheses"], ours["hypotheses"], ours["language"])
    return {"row": theirs["wer"], "recipe": ours["wer"], "low": low, "high": high}


def _quiet(line: str) -> None:
    """Say nothing."""


if __name__ == "__main__":
    main()
