"""Oracles: one large batch against accumulated small ones, the untouched model, and what a run must leave behind."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from datasets import DatasetDict
from safetensors.torch import load_file

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.errors import BadInput
from whisper_helpers.precision import precision_sentence
from whisper_helpers.recipe import Recipe
from whisper_helpers.screen import command_line, quieten
from whisper_helpers.training import finetune, finetuning, make_trainer, token_mean_loss, training_arguments
from whisper_helpers.training.guards import clear_failures
from whisper_helpers.training.report import summary
from whisper_helpers.training.run_folder import RunFolder, choose_folder, start
from whisper_helpers.window import FullWindowSteps


def silent(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="module")
def corpus(small_corpus: Path, tiny_whisper: Path) -> DatasetDict:
    """The small corpus, looked through."""
    tokenizer = open_checkpoint(str(tiny_whisper), "hi", announce=silent)[1].tokenizer
    return usable_clips(open_corpus(str(small_corpus), "hi", announce=silent), tokenizer, announce=silent)[0]


def tiny_recipe(tiny_whisper: Path, small_corpus: Path, output: Path, **changes) -> Recipe:
    """Six steps of the tiny model on the small corpus."""
    quick = Recipe(steps=6, save_steps=3, learning_rate=1e-3, full_window_every=3, batch_size=4)
    names = {"model": str(tiny_whisper), "corpus": str(small_corpus), "language": "hi", "output": str(output)}
    return replace(quick, **(names | changes))


def trained(tiny_whisper: Path, corpus: DatasetDict, output: Path, recipe: Recipe, **changes) -> tuple:
    """Train the tiny model by the visible parts, on a CPU in float32; return model and trainer."""
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    options = {
        "eval_strategy": "no",
        "save_strategy": "no",
        "load_best_model_at_end": False,
        "logging_steps": 1,
        "use_cpu": True,
    }
    recipe = replace(recipe, mixed_precision=False)
    arguments = training_arguments(recipe, output, len(corpus["train"]), disable_tqdm=True, **(options | changes))
    trainer = make_trainer(recipe, model, processor, corpus, arguments)
    for callback in [each for each in trainer.callback_handler.callbacks if "EarlyStopping" in type(each).__name__]:
        trainer.remove_callback(callback)
    trainer.train()
    return model, trainer


@pytest.mark.parametrize(("batch_size", "accumulation"), [(4, 2), (2, 4), (1, 8)])
def test_accumulation_changes_neither_loss_nor_gradients(
    batch_size: int, accumulation: int, tiny_whisper: Path, corpus: DatasetDict, tmp_path: Path
) -> None:
    whole, split = (
        Recipe(steps=1, batch_size=clips, gradient_accumulation=batches, window=8.0, full_window_every=0)
        for clips, batches in ((8, 1), (batch_size, accumulation))
    )
    plain = {
        "optim": "sgd",
        "learning_rate": 1.0,
        "max_grad_norm": 0.0,
        "warmup_steps": 0,
    }  # weights move by the gradient
    model, trainer = trained(tiny_whisper, corpus, tmp_path, whole, **plain)
    other, other_trainer = trained(tiny_whisper, corpus, tmp_path, split, **plain)
    losses = [each.state.log_history[0]["loss"] for each in (trainer, other_trainer)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    before = open_checkpoint(str(tiny_whisper), announce=silent)[0].state_dict()
    moved = 0.0
    for name, weights in model.state_dict().items():
        assert (weights - other.state_dict()[name]).abs().max() < 1e-4, name
        moved = max(moved, (weights - before[name]).abs().max().item())
    assert moved > 1e-2


def test_the_loss_of_one_batch_is_whispers_own() -> None:
    logits, labels = torch.randn(2, 5, 11), torch.tensor([[1, 2, 3, 4, 5], [6, 7, -100, -100, -100]])
    own = torch.nn.functional.cross_entropy(logits.reshape(-1, 11), labels.reshape(-1))
    outputs = type("Outputs", (), {"logits": logits})
    assert token_mean_loss(outputs, labels).item() == pytest.approx(own.item(), abs=1e-6)
    assert token_mean_loss(outputs, labels, num_items_in_batch=14).item() == pytest.approx(own.item() / 2, abs=1e-6)


def test_training_moves_weights_but_not_positions(tiny_whisper: Path, corpus: DatasetDict, tmp_path: Path) -> None:
    before = open_checkpoint(str(tiny_whisper), announce=silent)[0].state_dict()
    model, _ = trained(tiny_whisper, corpus, tmp_path, Recipe(steps=3, learning_rate=1e-3, full_window_every=2))
    after = model.state_dict()
    assert torch.equal(after["model.encoder.embed_positions.weight"], before["model.encoder.embed_positions.weight"])
    assert not torch.equal(after["model.encoder.layers.0.fc1.weight"], before["model.encoder.layers.0.fc1.weight"])
    assert model.config.max_source_positions == 1500


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU sums in any order")
def test_a_training_on_a_cpu_sums_gradients_up_in_one_order(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        finetune(tiny_recipe(tiny_whisper, small_corpus, tmp_path / "run", steps=1, limit_test=1), announce=silent)
        positions, rows = torch.randn(448, 512, requires_grad=True), torch.arange(31).expand(4, 31)
        weights = torch.randn(4, 31, 512)
        gradients = [torch.autograd.grad((positions[rows] * weights).sum(), positions)[0] for _ in range(200)]
        assert all(torch.equal(each, gradients[0]) for each in gradients)
    finally:
        torch.set_num_threads(threads)


def test_data_workers_change_nothing(tiny_whisper: Path, corpus: DatasetDict, tmp_path: Path) -> None:
    recipe = Recipe(steps=6, learning_rate=1e-3, full_window_every=3)  # an epoch and a half
    alone, helped = (
        trained(tiny_whisper, corpus, tmp_path, recipe, dataloader_num_workers=workers)[0].state_dict()
        for workers in (0, 2)
    )
    assert all(torch.equal(helped[name], weights) for name, weights in alone.items())


def test_each_nth_step_sees_30_seconds(
    tiny_whisper: Path, corpus: DatasetDict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = []
    original = FullWindowSteps._widen

    def note(self: FullWindowSteps, encoder: torch.nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        args, kwargs = original(self, encoder, args, kwargs)
        if encoder.training:
            frames.append(args[0].shape[-1])
        return args, kwargs

    monkeypatch.setattr(FullWindowSteps, "_widen", note)
    trained(tiny_whisper, corpus, tmp_path, Recipe(steps=7, full_window_every=3))
    assert [number for number, seen in enumerate(frames, 1) if seen == 3000] == [3, 6]
    assert max(frames[:2]) <= 600


@pytest.mark.parametrize(("batch_size", "accumulation"), [(4, 1), (2, 2), (3, 1)])
def test_clips_go_on_in_every_second_step_at_30_s(
    tiny_whisper: Path,
    corpus: DatasetDict,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    batch_size: int,
    accumulation: int,
) -> None:
    seen: dict[int, set[tuple[bool, bool]]] = {}
    widen, begin = FullWindowSteps._widen, FullWindowSteps.on_step_begin

    def note(self: FullWindowSteps, encoder: torch.nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if encoder.training:
            seen.setdefault(self.step, set()).add((args[0].shape[-1] == 3000, self.full))
        return widen(self, encoder, args, kwargs)

    def count(self: FullWindowSteps, args: object, state: object, control: object, **kwargs: object) -> None:
        self.step = state.global_step
        begin(self, args, state, control, **kwargs)

    monkeypatch.setattr(FullWindowSteps, "_widen", note)
    monkeypatch.setattr(FullWindowSteps, "on_step_begin", count)
    recipe = Recipe(steps=13, batch_size=batch_size, gradient_accumulation=accumulation, full_window_every=2)
    assert len(corpus["train"]) < 6 * recipe.clips_per_step()  # the steps go over epochs
    trained(tiny_whisper, corpus, tmp_path, recipe)
    assert seen == {step: {(step % 4 == 3, step % 2 == 1)} for step in range(13)}


def test_the_trainer_validates_on_validation_and_never_has_the_test_split(
    tiny_whisper: Path, corpus: DatasetDict, tmp_path: Path
) -> None:
    without_test = DatasetDict(train=corpus["train"], validation=corpus["validation"])
    recipe = Recipe(steps=2, learning_rate=1e-3, full_window_every=0)
    every = {"eval_strategy": "steps", "eval_steps": 1}
    _, trainer = trained(tiny_whisper, without_test, tmp_path, recipe, **every)
    assert trainer.eval_dataset is corpus["validation"] or len(trainer.eval_dataset) == len(corpus["validation"])
    assert [row["step"] for row in trainer.state.log_history if "eval_wer" in row] == [1, 2]


RESULTS = {
    "model", "checkpoint_source", "corpus", "language", "hours", "clips", "window_seconds", "steps", "seed",
    "precision", "train_seconds", "run_seconds", "seconds_per_step", "before", "after", "after_30s", "versions",
}  # fmt: skip
SCORES = {"wer", "cer", "wer_raw", "cer_raw", "wer_interval"}


@pytest.fixture(scope="module")
def run(tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A finished run: its folder, and the lines that its user saw."""
    lines: list[str] = []
    output = tmp_path_factory.mktemp("runs") / "tiny"
    finetune(tiny_recipe(tiny_whisper, small_corpus, output), announce=lines.append)
    return output, lines


def test_a_run_leaves_what_the_contract_says(run: tuple[Path, list[str]]) -> None:
    folder, _ = run
    names = {path.name for path in folder.iterdir()}
    assert {
        "results.json",
        "predictions.csv",
        "model",
        "training.png",
        "README.md",
        "checkpoints",
        "logs",
    } <= names
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results.keys() >= RESULTS
    assert all(results[stage].keys() >= SCORES for stage in ("before", "after", "after_30s"))
    assert results["clips"] == {"train": 16, "validation": 4, "test": 4}
    assert results["steps"] == 6
    (log,) = (folder / "logs").glob("events.*")
    assert b"eval/wer" in log.read_bytes()
    assert str(folder).encode() not in log.read_bytes()
    assert (folder / "training.png").read_bytes().startswith(b"\x89PNG")


def test_predictions_name_each_test_clip(run: tuple[Path, list[str]]) -> None:
    with (run[0] / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["clip"]).name for row in rows] == ["20.wav", "21.wav", "22.wav", "23.wav"]
    assert rows[0].keys() == {"clip", "reference", "before", "after", "after_30s"}


def test_the_user_reads_a_table_and_what_to_do_next(run: tuple[Path, list[str]]) -> None:
    folder, lines = run
    text = "\n".join(lines)
    for words in (
        "WER %",
        "95 % interval",
        "before, at 30 s",
        "after, at 30 s",
        "said",
        str(folder),
        "whisper-helpers transcribe",
    ):
        assert words in text
    assert precision_sentence() in text


def test_the_best_checkpoint_on_validation_is_the_model(run: tuple[Path, list[str]]) -> None:
    folder, _ = run
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    best = load_file(folder / "checkpoints" / f"checkpoint-{results['best_step']}" / "model.safetensors")
    saved = load_file(folder / "model" / "model.safetensors")
    assert all(torch.equal(saved[name], weights) for name, weights in best.items())
    scores = {row["step"]: row["eval_wer"] for row in results["training_log"] if "eval_wer" in row}
    assert scores[results["best_step"]] == min(scores.values())


def logits_of_silence(model: torch.nn.Module) -> torch.Tensor:
    """Scores of a first token, heard in nothing."""
    start = torch.zeros(1, 1, dtype=torch.long, device=model.device)
    with torch.inference_mode():
        return model.eval()(torch.zeros(1, 80, 3000, device=model.device), decoder_input_ids=start).logits


def test_16_bits_learn_what_32_learn_and_the_model_computes_in_32_afterwards(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whisper_helpers.training.parts.fast_dtype", lambda: torch.bfloat16)
    logits, losses, transcribe = [], [], finetuning.transcribe

    def noted(model: torch.nn.Module, *args, **kwargs) -> list[str]:
        logits.append(logits_of_silence(model))
        return transcribe(model, *args, **kwargs)

    monkeypatch.setattr(finetuning, "transcribe", noted)
    for name, mixed in (("exact", False), ("mixed", True)):
        recipe = tiny_recipe(tiny_whisper, small_corpus, tmp_path / name, mixed_precision=mixed, limit_test=2)
        folder = finetune(recipe, announce=silent)
        losses.append([row["loss"] for row in folder.read_results()["training_log"] if "loss" in row])
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    saved = open_checkpoint(str(folder.model), announce=silent)[0].to(logits[-1].device)
    assert {weights.dtype for weights in saved.state_dict().values()} == {torch.float32}
    assert torch.equal(logits[-1], logits_of_silence(saved))


def test_the_training_shows_a_bar(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(tiny_whisper, small_corpus, tmp_path)
    quieten()
    assert training_arguments(recipe, tmp_path, clips=16).disable_tqdm is False


def test_a_training_that_diverges_stops(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(tiny_whisper, small_corpus, tmp_path / "run", limit_test=1, learning_rate=1e30)
    with pytest.raises(BadInput, match=r"diverged.*1e\+30.*--learning-rate"):
        finetune(recipe, announce=silent)


def test_the_next_command_names_a_file_that_is_there(run: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder = shutil.copytree(run[0], tmp_path / "my run")
    text = (folder / "predictions.csv").read_text(encoding="utf-8")
    (folder / "predictions.csv").write_text(text.replace("20.wav", "gone.wav"), encoding="utf-8")
    told = summary(RunFolder(folder), RunFolder(folder).read_results())
    assert command_line("whisper-helpers", "transcribe", folder, "RECORDING.wav") in told


@pytest.mark.parametrize("lost", [-0.5, 0.0, 3.25])
def test_a_model_that_hears_worse_than_before_is_told_of(run: tuple[Path, list[str]], lost: float) -> None:
    results = RunFolder(run[0]).read_results()
    results["after_30s"]["wer"] = results["before"]["wer"] + lost
    told = summary(RunFolder(run[0]), results)
    assert ("It hears worse than before, by 3.2 points" in told) == (lost > 0)
    assert ("lower --learning-rate (it was 0.001)" in told) == (lost > 0)


def test_of_two_runs_that_start_at_once_one_has_the_folder(tmp_path: Path) -> None:
    recipe = Recipe(output=str(tmp_path / "run"))
    first, second = (choose_folder(recipe, "") for _ in range(2))
    start(first, recipe)
    (first.path / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="another run"):
        start(second, recipe)
    assert (first.path / "results.json").is_file()


def test_overwriting_keeps_the_folder_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = Recipe(output=".")
    start(choose_folder(recipe, ""), recipe)
    (tmp_path / "model").mkdir()
    start(choose_folder(recipe, "", overwrite=True), recipe, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.json"]


def test_home_is_understood_in_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert choose_folder(Recipe(output="~/run"), "").path == tmp_path / "run"


def test_an_existing_run_is_not_overwritten(
    run: tuple[Path, list[str]], tiny_whisper: Path, small_corpus: Path
) -> None:
    folder, _ = run
    before = (folder / "results.json").read_bytes()
    with pytest.raises(BadInput, match="--overwrite"):
        finetune(tiny_recipe(tiny_whisper, small_corpus, folder), announce=silent)
    assert (folder / "results.json").read_bytes() == before


def test_a_folder_that_is_no_run_is_not_even_overwritten(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match="not a run"):
        finetune(tiny_recipe(tiny_whisper, small_corpus, tmp_path), overwrite=True, announce=silent)
    assert (tmp_path / "thesis.txt").exists()


def test_a_finished_run_is_only_shown_again(
    run: tuple[Path, list[str]], tiny_whisper: Path, small_corpus: Path
) -> None:
    folder, _ = run
    before, lines = (folder / "results.json").read_bytes(), []
    finetune(tiny_recipe(tiny_whisper, small_corpus, folder), resume=True, announce=lines.append)
    assert "WER %" in lines[-1]
    assert (folder / "results.json").read_bytes() == before


def test_another_recipe_does_not_go_on_with_a_run(
    run: tuple[Path, list[str]], tiny_whisper: Path, small_corpus: Path
) -> None:
    with pytest.raises(BadInput, match="learning_rate"):
        finetune(tiny_recipe(tiny_whisper, small_corpus, run[0], learning_rate=1e-5), resume=True, announce=silent)


def test_runs_without_a_name_are_numbered(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = replace(
        tiny_recipe(tiny_whisper, small_corpus, tmp_path, steps=1, save_steps=1, limit_test=1), output=None
    )
    folders = [finetune(recipe, announce=silent).path for _ in range(2)]
    assert [folder.name for folder in folders] == ["whisper-tiny-random-hi-1", "whisper-tiny-random-hi-2"]


def test_translation_trains_with_the_spoken_language(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(
        tiny_whisper, small_corpus, tmp_path / "run", task="translate", steps=1, save_steps=1, limit_test=1
    )
    folder = finetune(recipe, announce=silent)
    generation = json.loads((folder.model / "generation_config.json").read_text(encoding="utf-8"))
    assert (generation["language"], generation["task"]) == ("hi", "translate")
    assert folder.read_results()["task"] == "translate"


def test_a_mixed_corpus_leaves_a_model_of_its_main_language_and_says_so(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    header, *rows = (small_corpus / "metadata.tsv").read_text(encoding="utf-8").splitlines()
    told = [f"{row}\t{'ml' if number % 4 == 0 else 'hi'}" for number, row in enumerate(rows)]
    table = shutil.copytree(small_corpus, tmp_path / "mixed") / "metadata.tsv"
    table.write_text("\n".join([f"{header}\tlanguage", *told]) + "\n", encoding="utf-8")
    lines: list[str] = []
    recipe = tiny_recipe(tiny_whisper, table, tmp_path / "run", language=None, steps=1, save_steps=1)
    assert finetune(recipe, announce=lines.append).read_results()["language"] == "hi"
    assert [line for line in lines if "saved model is set to Hindi" in line]


def test_a_fixed_window_is_kept(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(tiny_whisper, small_corpus, tmp_path / "run", window=6.0, steps=1, save_steps=1, limit_test=1)
    assert finetune(recipe, announce=silent).read_results()["window_seconds"] == 6.0
    with pytest.raises(BadInput, match="window takes 3 s"):
        finetune(replace(recipe, window=3.0, output=str(tmp_path / "other")), announce=silent)
    assert not (tmp_path / "other").exists()


def test_memory_that_runs_out_names_the_two_settings(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*args: object, **kwargs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    monkeypatch.setattr("whisper_helpers.training.parts.token_mean_loss", exhausted)
    with pytest.raises(BadInput, match=r"--batch-size.*--gradient-accumulation"):
        finetune(tiny_recipe(tiny_whisper, small_corpus, tmp_path / "run", limit_test=1), announce=silent)


def small_torch_save(path: str) -> None:
    """Write as the trainer writes the state of the random numbers."""
    torch.save({"state": torch.zeros(99)}, path)


def large_torch_save(path: str) -> None:
    """Write as the trainer writes the optimiser."""
    torch.save({"moments": torch.zeros(10_000)}, path)


def python_write(path: str) -> None:
    """Write as the results are written."""
    Path(path).write_text("{}", encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("write", [small_torch_save, large_torch_save, python_write])
def test_a_disk_that_fills_up_is_told(write: Callable[[str], None], tmp_path: Path) -> None:
    told = re.escape(command_line("--resume", "--output", tmp_path / "my run"))
    with pytest.raises(BadInput, match=told), clear_failures(tmp_path / "my run"):
        write("/dev/full")
