"""The tutorial of 2022 with today's calls against ours: seconds, memory, disk and words, in one run.

    python benchmarks/against_tutorial.py [--steps 80] [--eval-clips 200] [--repetitions 3] [--corpus FOLDER] ...

Tutorial: features of 30 s computed beforehand and written to disk, its collator, gradient checkpointing, evaluation
at 30 s. Plain: the same without checkpointing. Ours: log-mel on the fly, the window of the clips and every eighth step
at 30 s; in 16 bits where the CPU has instructions for them, while the tutorial's float16 needs a GPU, and once more in
float32. Ours joins no clips, which would show it more speech than the tutorial sees. All: the same checkpoint, clips,
number of samples seen, batch size, learning rate and seed; no validation, and the last step's model is scored, in
float32. Each recipe runs in a process of its own. Times are medians over short repetitions, in turn; the words, the
whole, memory and disk come from one long run of each. Clips to evaluate on are the test split,
then the validation split, then the last of the shuffled training clips, which then nobody trains on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from datasets import Dataset, DatasetDict, concatenate_datasets
from keeping import keep
from stepping import finish, recipe_rate
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments, TrainerCallback

from whisper_helpers.audio import SAMPLE_RATE, WINDOW_SECONDS, read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.collate import pad_labels
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.evaluation import transcribe
from whisper_helpers.memory import PeakMemory
from whisper_helpers.metrics import error_counts, score
from whisper_helpers.plan import model_shapes, step_flops
from whisper_helpers.precision import precision_sentence
from whisper_helpers.recipe import Recipe
from whisper_helpers.screen import quieten
from whisper_helpers.text import normalise
from whisper_helpers.training import make_trainer, training_arguments

RECIPES = ("tutorial", "plain", "ours", "ours_float32")
OURS = ("ours", "ours_float32")
SHORT_STEPS = {"tutorial": 4, "plain": 4} | dict.fromkeys(OURS, 17)  # one of the eight that are timed is at 30 s
WARM_UP = {"tutorial": 1, "plain": 1} | dict.fromkeys(OURS, 9)  # steps not timed, in which each window takes its memory
POINTS = 3.0  # of WER that ours may be worse
DRAWS = 2000
UNTOLD = ("output", "recipe")  # options that are no condition; of folders the name is told


def main() -> None:
    """Run everything, or, called by itself, one recipe."""
    options = parse()
    if options.recipe:
        print(json.dumps(one(options)))
        return
    rounds = [
        {name: child(options, name, **short(options, name)) for name in RECIPES} for _ in range(options.repetitions)
    ]
    whole = {name: child(options, name) for name in ("tutorial", "ours")}
    result = summary(options, rounds, whole)
    keep(result, options.output)
    print(json.dumps({key: result[key] for key in result if key != "conditions"}, indent=2))


def parse() -> argparse.Namespace:
    """Read the command line."""
    results = Path(__file__).parent / "results" / "against_tutorial.json"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="openai/whisper-base", help="checkpoint (default: %(default)s)")
    parser.add_argument("--corpus", default="bundled", help="corpus (default: %(default)s)")
    parser.add_argument("--language", help="language of the corpus, if it does not tell")
    parser.add_argument("--steps", type=int, default=80, help="optimiser steps (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=4, help="clips (default: %(default)s)")
    parser.add_argument(
        "--learning-rate", type=float, default=Recipe().learning_rate, help="peak (default: %(default)s)"
    )
    parser.add_argument("--eval-clips", type=int, default=200, help="clips to evaluate on (default: %(default)s)")
    parser.add_argument("--limit-train", type=int, help="train on so many clips only")
    parser.add_argument("--repetitions", type=int, default=3, help="short runs of each (default: %(default)s)")
    parser.add_argument("--short-clips", type=int, default=4, help="clips they evaluate on (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=results, help="where to write the numbers")
    parser.add_argument("--recipe", choices=RECIPES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.steps <= WARM_UP["ours"] and not options.recipe:
        parser.error(f"--steps is {options.steps}: the first {WARM_UP['ours']} are not timed")
    return options


def child(options: argparse.Namespace, recipe: str, **changes: int) -> dict[str, Any]:
    """Run one recipe in a process of its own."""
    chosen = vars(options) | changes | {"recipe": recipe}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in chosen.items() if value is not None]
    done = subprocess.run([sys.executable, __file__, *flags], stdout=subprocess.PIPE, encoding="utf-8", check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    told = {name: value for name, value in result.items() if isinstance(value, int | float)}
    print(recipe, json.dumps(told), file=sys.stderr, flush=True)
    return result


def short(options: argparse.Namespace, recipe: str) -> dict[str, int]:
    """What a short run of a recipe does less of."""
    steps = SHORT_STEPS[recipe]
    return {"steps": steps, "eval_clips": options.short_clips, "limit_train": steps * options.batch_size}


class Task(NamedTuple):
    """What a recipe is given."""

    options: argparse.Namespace
    model: Any
    processor: Any
    corpus: DatasetDict
    folder: Path


def one(options: argparse.Namespace) -> dict[str, Any]:
    """Prepare, train and evaluate by one recipe."""
    quieten()
    model, processor, corpus = opened(options)
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as peak:
        task = Task(options, model, processor, corpus, Path(folder))
        times, trainer, window = (ours if options.recipe in OURS else tutorial)(task)
        full = options.eval_clips > options.short_clips
        at_30 = {"hypotheses_30s": hear(task, WINDOW_SECONDS, times, "evaluation_30s_seconds")} if full else {}
        at_window = {"hypotheses_window": hear(task, None, times, "evaluation_window_seconds")} if full else {}
        if not full:
            hear(task, window, times, "evaluation_seconds")
    times["evaluation_seconds"] = (
        times.get("evaluation_seconds")
        or times["evaluation_window_seconds" if options.recipe in OURS else "evaluation_30s_seconds"]
    )
    steps = trainer.own_seconds
    widths = [name for name, _ in steps]
    rate = recipe_rate(options.recipe)
    own = [seconds for width, seconds in steps if width < WINDOW_SECONDS or options.recipe not in OURS]
    return {
        **times,
        **at_30,
        **at_window,
        "step_seconds": statistics.mean(seconds for _, seconds in steps),
        "own_window_step_seconds": statistics.mean(own),
        "limit_share": step_share(task, steps, rate),
        "windows": sorted(set(widths)),
        "peak_bytes": peak.bytes,
        "references": list(corpus["test"]["sentence"]),
        "language": corpus["test"][0]["language"],
        "clips": {name: len(split) for name, split in corpus.items()},
        "matmul_rate": rate,
    }


def opened(options: argparse.Namespace) -> tuple[Any, Any, DatasetDict]:
    """The checkpoint, and the clips that all recipes are given."""
    corpus = open_corpus(options.corpus, options.language, announce=_quiet)
    model, processor = open_checkpoint(options.model, corpus["train"][0]["language"], "transcribe", announce=_quiet)
    return (
        model,
        processor,
        pools(usable_clips(corpus, processor.tokenizer, progress=False, announce=_quiet)[0], options),
    )


def pools(corpus: DatasetDict, options: argparse.Namespace) -> DatasetDict:
    """Training clips, and enough others to evaluate on."""
    extra = max(0, options.eval_clips - len(corpus["test"]) - len(corpus["validation"]))
    train = corpus["train"].shuffle(seed=1)
    kept = len(train) - extra
    held_out = [train.select(range(kept, len(train)))] if extra else []
    test = concatenate_datasets([corpus["test"], corpus["validation"], *held_out])
    train = train.select(range(min(kept, options.limit_train or kept)))
    return DatasetDict(train=train, test=test.select(range(min(options.eval_clips, len(test)))))


def tutorial(task: Task) -> tuple[dict[str, float], Any, float]:
    """The tutorial's steps: features on disk, its collator, its trainer."""
    began = time.perf_counter()
    cache = task.folder / "features"
    stored = {name: store(task, split, cache / f"{name}.arrow") for name, split in task.corpus.items()}
    preparation = time.perf_counter() - began
    arguments = Seq2SeqTrainingArguments(
        output_dir=str(task.folder / "run"),
        per_device_train_batch_size=task.options.batch_size,
        learning_rate=task.options.learning_rate,
        warmup_steps=task.options.steps // 10,
        max_steps=task.options.steps,
        gradient_checkpointing=task.options.recipe == "tutorial",
        predict_with_generate=True,
        save_strategy="no",
        seed=task.options.seed,
        disable_tqdm=True,
        fp16=torch.cuda.is_available(),
    )
    trainer = Seq2SeqTrainer(
        model=task.model,
        args=arguments,
        train_dataset=stored["train"],
        data_collator=lambda clips: padded(clips, task.processor),
        processing_class=task.processor,
    )
    written = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
    seconds = run(trainer, WARM_UP[task.options.recipe])
    return {"preparation_seconds": preparation, "disk_bytes": written, "training_seconds": seconds}, trainer, 30.0


def store(task: Task, split: Dataset, path: Path) -> Dataset:
    """Compute and write the features of a split, as the tutorial does."""

    def prepare(clip: dict[str, Any]) -> dict[str, Any]:
        extractor, tokenizer = task.processor.feature_extractor, task.processor.tokenizer
        features = extractor(read_clip(clip["audio"]), sampling_rate=SAMPLE_RATE).input_features[0]
        return {"input_features": features, "labels": tokenizer(clip["sentence"]).input_ids}

    path.parent.mkdir(parents=True, exist_ok=True)
    return split.map(prepare, remove_columns=split.column_names, cache_file_name=str(path))


def padded(clips: list[dict[str, Any]], processor: Any) -> dict[str, torch.Tensor]:
    """The tutorial's collator, with the start token that it means."""
    features = [{"input_features": clip["input_features"]} for clip in clips]
    batch = processor.feature_extractor.pad(features, return_tensors="pt")
    return {"input_features": batch["input_features"], "labels": pad_labels([clip["labels"][1:] for clip in clips])}


def ours(task: Task) -> tuple[dict[str, float], Any, None]:
    """Our steps: nothing is prepared."""
    began = time.perf_counter()
    recipe = Recipe(
        steps=task.options.steps,
        batch_size=task.options.batch_size,
        learning_rate=task.options.learning_rate,
        seed=task.options.seed,
        mixed_precision=task.options.recipe == "ours",
        join_clips=False,
    )
    trainer = our_trainer(recipe, task.model, task.processor, task.corpus, task.folder)
    preparation = time.perf_counter() - began
    seconds = run(trainer, WARM_UP["ours"])
    return {"preparation_seconds": preparation, "disk_bytes": 1, "training_seconds": seconds}, trainer, None


def our_trainer(
    recipe: Recipe, model: Any, processor: Any, corpus: DatasetDict, folder: Path, **changes: Any
) -> Seq2SeqTrainer:
    """Our trainer without validation and saving; `changes` are further arguments of it."""
    quiet = {"eval_strategy": "no", "save_strategy": "no", "load_best_model_at_end": False, "disable_tqdm": True}
    arguments = training_arguments(recipe, folder, len(corpus["train"]), **(quiet | changes))
    splits = DatasetDict(train=corpus["train"], validation=corpus["test"].select(range(1)))
    trainer = make_trainer(recipe, model, processor, splits, arguments)
    trainer.callback_handler.callbacks = [
        each for each in trainer.callback_handler.callbacks if "EarlyStopping" not in type(each).__name__
    ]
    return trainer


def run(trainer: Any, warm_up: int) -> float:
    """Train; keep the seconds and the window of each step after the first few."""
    stopwatch = Stopwatch()
    trainer.add_callback(stopwatch)
    hook = trainer.model.get_encoder().conv1.register_forward_pre_hook(stopwatch.see)
    began = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - began
    trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)  # float32 again, in place
    hook.remove()
    trainer.own_seconds = stopwatch.steps[warm_up:]
    return seconds


class Stopwatch(TrainerCallback):
    """Notes each step's window and its seconds from the end of the step before."""

    def __init__(self) -> None:
        self.last, self.window, self.steps = time.perf_counter(), 0.0, []

    def see(self, module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        """Note the window."""
        self.window = inputs[0].shape[-1] / 100

    def on_step_end(self, *_: Any, **kwargs: Any) -> None:
        """Note the seconds."""
        finish()
        now = time.perf_counter()
        self.steps.append((self.window, now - self.last))
        self.last = now


def step_share(task: Task, steps: list[tuple[float, float]], rate: float) -> float:
    """Share of the machine's matmul rate that the steps reached; recomputed layers count as work."""
    shapes = model_shapes(task.model.config)
    ids = task.processor.tokenizer(list(task.corpus["train"]["sentence"])).input_ids
    labels = round(statistics.mean(len(each) - 1 for each in ids))
    clips, recipe = task.options.batch_size, task.options.recipe
    work = sum(
        step_flops(
            shapes,
            window,
            labels,
            clips,
            checkpointing=recipe == "tutorial",
        )
        for window, _ in steps
    )
    return work / rate / sum(seconds for _, seconds in steps)


def hear(task: Task, window: float | None, times: dict[str, float], name: str) -> list[str]:
    """Transcribe the evaluation clips and note the seconds; both recipes are decoded greedily."""
    batch = 8 if task.options.recipe not in OURS else Recipe().eval_batch_size
    began = time.perf_counter()
    heard = transcribe(task.model, task.processor, task.corpus["test"], window=window, batch_size=batch, label=name)
    times[name] = time.perf_counter() - began
    return heard


def summary(options: argparse.Namespace, rounds: list[dict[str, Any]], whole: dict[str, Any]) -> dict[str, Any]:
    """Ratios and words of all runs."""

    def median(recipe: str, name: str) -> float:
        return statistics.median(each[recipe][name] for each in rounds)

    def total(recipe: str) -> float:
        return sum(whole[recipe][f"{part}_seconds"] for part in ("preparation", "training", "evaluation"))

    old, new = whole["tutorial"], whole["ours"]
    step = {name: median(name, "step_seconds") for name in RECIPES}
    own = {f"{name}_own_window": median(name, "own_window_step_seconds") for name in OURS}
    words = {each: compared(whole, f"hypotheses_{each}") for each in ("window", "30s")}
    keep = ("references", "hypotheses_30s", "hypotheses_window", "language")
    return {
        "ratio": {
            "preparation": old["preparation_seconds"] / max(new["preparation_seconds"], 1e-3),
            "training_step": step["tutorial"] / step["ours"],
            "training_step_own_window": step["tutorial"] / own["ours_own_window"],
            "training_step_over_plain": step["plain"] / step["ours"],
            "training_step_float32": step["tutorial"] / step["ours_float32"],
            "training": old["training_seconds"] / new["training_seconds"],
            "evaluation": median("tutorial", "evaluation_seconds") / median("ours", "evaluation_seconds"),
            "whole": total("tutorial") / total("ours"),
            "disk": old["disk_bytes"] / new["disk_bytes"],
            "memory": old["peak_bytes"] / new["peak_bytes"],
        },
        "step_seconds": step | own,
        "wer": words,
        "wer_not_worse": all(each["ours_minus_tutorial_interval"][1] <= POINTS for each in words.values()),
        "limit_share": {name: median(name, "limit_share") for name in RECIPES},
        "whole_seconds": {name: total(name) for name in whole},
        "conditions": {
            "options": {name: Path(str(value)).name for name, value in vars(options).items() if name not in UNTOLD},
            "machine": precision_sentence(),
            "tutorial_precision": "float16" if torch.cuda.is_available() else "float32",
            "evaluation_clips": len(old["references"]),
            "long_runs": {name: {key: run[key] for key in run if key not in keep} for name, run in whole.items()},
            "short_rounds": [
                {name: {key: run[key] for key in run if key not in keep} for name, run in each.items()}
                for each in rounds
            ],
        },
    }


def compared(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """WER and CER of both recipes with intervals, and the paired interval of ours minus the tutorial's."""
    references, language = whole["ours"]["references"], whole["ours"]["language"]
    both = {recipe: score(references, run[name], language).as_dict() for recipe, run in whole.items()}
    keep = ("wer", "wer_interval", "cer", "cer_interval")
    low, high = paired(references, whole["ours"][name], whole["tutorial"][name], language)
    result: dict[str, Any] = {recipe: {key: each[key] for key in keep} for recipe, each in both.items()}
    return result | {"ours_minus_tutorial_interval": [low, high]}


def paired(references: list[str], ours: list[str], theirs: list[str], language: str) -> tuple[float, float]:
    """95 % interval of the difference in WER, in points: utterances are drawn anew for both at once."""
    plain, *heard = ([normalise(text, language) for text in texts] for texts in (references, ours, theirs))
    counts = [error_counts(plain, each) for each in heard]
    errors, lengths = counts[0][1:].sum(axis=0) - counts[1][1:].sum(axis=0), counts[0][:3].sum(axis=0)
    drawn = np.random.default_rng(0).integers(0, len(plain), (DRAWS, len(plain)))
    low, high = np.percentile(100 * errors[drawn].sum(axis=1) / lengths[drawn].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _quiet(line: str) -> None:
    """Say nothing."""


if __name__ == "__main__":
    main()
