"""The listening lab: its tokens, probabilities and attention are the model's own, and its controls do what they say."""

from __future__ import annotations

import logging
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import transformers

from whisper_helpers.audio import read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.errors import BadInput
from whisper_helpers.explore import decoding_lab
from whisper_helpers.explore.attention import alignment_heads, eager
from whisper_helpers.explore.decoding import DecodingLab
from whisper_helpers.explore.steps import Choice, Ear
from whisper_helpers.explore.views import decoding_view, steps_table

PREFIX = [50258, 50276, 50359, 50363]


@pytest.fixture(scope="module")
def opened(tiny_whisper: Path):
    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)


@pytest.fixture(scope="module")
def samples(hindi_clips: list[Path]) -> np.ndarray:
    return read_clip(hindi_clips[0])


@pytest.fixture(scope="module")
def ear(opened, samples: np.ndarray) -> Ear:
    return Ear("tiny", *opened, samples, "hi")


def asked(opened, samples: np.ndarray, **how):
    """What Transformers itself gives, from the sound on."""
    model, processor = opened
    features = processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    shared = {"language": "hi", "task": "transcribe", "return_dict_in_generate": True, "output_scores": True}
    return model.generate(features, **shared, force_unique_generate_call=True, **how)


@pytest.mark.parametrize("how", [{}, {"num_beams": 3}, {"suppress_tokens": [*range(20_000, 50_257)]}])
def test_tokens_and_probabilities_are_those_of_generate(opened, samples: np.ndarray, ear: Ear, how: dict) -> None:
    own, more = opened[0].generation_config.suppress_tokens, how.get("suppress_tokens", [])
    wanted = asked(opened, samples, do_sample=False, **{**how, "suppress_tokens": [*own, *more]})
    choice = Choice(beams=how.get("num_beams", 1), forbidden=tuple(more))
    decoding = ear.decode(choice)
    ids = [step.token.id for step in decoding.steps]
    assert [*PREFIX, *ids] == wanted.sequences[0, : 4 + len(ids)].tolist()
    again = forced(opened, samples, ids, [*own, *more])
    for step, scores, odds in zip(decoding.steps, wanted.scores, again, strict=False):
        best = scores[0].softmax(-1).topk(5)
        assert [token.id for token, _ in step.likeliest] == best.indices.tolist()
        np.testing.assert_allclose([value for _, value in step.likeliest], best.values, rtol=1e-3)
        assert step.probability == pytest.approx(float(odds[step.token.id]), rel=1e-3)


def forced(opened, samples: np.ndarray, ids: list[int], suppressed: list[int]) -> torch.Tensor:
    """Probabilities a second way: one pass over the finished text, and what is forbidden taken out by hand."""
    model, processor = opened
    features = processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    with torch.no_grad():
        logits = model(input_features=features, decoder_input_ids=torch.tensor([[*PREFIX, *ids]])).logits[0, 3:]
    logits[:, suppressed] = -torch.inf
    logits[0, model.generation_config.begin_suppress_tokens] = -torch.inf
    return logits.softmax(-1)


def test_temperature_flattens_and_the_same_draw_draws_the_same(ear: Ear) -> None:
    def drawn(number: int) -> list[int]:
        return [step.token.id for step in ear.decode(Choice(temperature=1.0, draw=number)).steps]

    cold, warm = ear.decode().steps[0], ear.decode(Choice(temperature=0.5)).steps[0]
    odds = {token.id: value for token, value in cold.likeliest}
    squared = {token.id: value for token, value in warm.likeliest}
    first, second = list(odds)[:2]
    assert squared[first] / squared[second] == pytest.approx((odds[first] / odds[second]) ** 2, rel=1e-3)
    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(number)) for number in range(4)}) > 1


def test_attention_is_the_models_own(opened, samples: np.ndarray, ear: Ear) -> None:
    with eager(opened[0]):
        wanted = asked(opened, samples, do_sample=False, output_attentions=True)
    for number, step in enumerate(ear.decode().steps):
        layers = wanted.cross_attentions[number]
        rows = [layers[layer][0, head, -1] for layer, head in alignment_heads(opened[0])]
        row = torch.stack(rows).mean(0).numpy()
        np.testing.assert_allclose(step.attention, row[: ear.positions], atol=1e-5)
        assert step.beyond == pytest.approx(row[ear.positions :].sum(), abs=1e-4)


def test_a_prompt_is_given_as_whispers_own(opened, ear: Ear) -> None:
    wanted = opened[1].get_prompt_ids("मेरी दादी").tolist()
    assert [token.id for token in ear.decode(Choice(prompt="मेरी दादी")).prefix] == [*wanted, *PREFIX]


def test_beams_leave_the_encoded_sound_as_it_was(ear: Ear) -> None:
    before = ear.decode()
    ear.decode(Choice(beams=4))
    assert ear.window.encoded.last_hidden_state.shape[0] == 1
    np.testing.assert_array_equal(before.steps[0].attention, ear.decode().steps[0].attention)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice(temperature=0.2, beams=2), "2 beams at temperature 0.2"),
        (Choice(prompt="क" * 500), "The prompt has"),
        (Choice(forbidden=(99_999,)), "There is no token 99999"),
    ],
)
def test_what_cannot_be_decoded_is_told(ear: Ear, choice: Choice, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        ear.decode(choice)


@pytest.mark.parametrize("length", [0, 16_000 * 31])
def test_a_clip_fits_into_the_window(opened, length: int) -> None:
    with pytest.raises(BadInput, match="The clip lasts"):
        decoding_lab(opened, np.zeros(length, np.float32))


def test_of_a_recording_of_hours_nothing_is_decoded(opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "hours.flac", np.zeros(8000 * 7200, np.int16), 8000)
    monkeypatch.setattr("whisper_helpers.explore.decoding.read_clip", pytest.fail)
    with pytest.raises(BadInput, match=r"The clip lasts 7200\.00 s"):
        decoding_lab(opened, tmp_path / "hours.flac")


def test_base_hears_words_where_they_are_spoken(whisper_base: Path, samples: np.ndarray) -> None:
    model, processor = open_checkpoint(str(whisper_base), "hi", announce=lambda line: None)
    decoding = Ear("base", model, processor, samples, "hi").decode()
    starts = [word.start for word in decoding.words]
    assert starts == sorted(starts)
    assert (
        " ".join(word.text for word in decoding.words)
        == "".join(step.token.bytes.decode("utf-8", "replace") for step in decoding.steps).strip()
    )
    assert any(1.5 < start < 2.3 for start in starts), "the second of three stretches of speech begins there"


@pytest.fixture
def lab(opened, samples: np.ndarray, ear: Ear) -> DecodingLab:
    return DecodingLab([ear, Ear("<script>other", *opened, samples, "ml")], np.zeros((80, 3000), np.float32))


def test_each_step_shows_its_five_likeliest(lab: DecodingLab) -> None:
    for number in (0, 5):
        lab.step.value = number
        for decoding in lab.decodings:
            for _, odds in decoding.steps[number].likeliest:
                assert f"{odds:.1%}" in lab.view.value
        assert lab.time.value == pytest.approx(lab.decodings[0].steps[number].attention.argmax() / 50 + 0.01, abs=0.02)


def test_controls_decode_anew_and_what_was_decoded_is_kept(lab: DecodingLab) -> None:
    first = lab.decodings
    lab.forbid.click()
    assert lab.forbidden.value == str(first[0].steps[lab.step.value].token.id)
    assert lab.decodings[0].steps[0].token.id != first[0].steps[0].token.id
    lab.forbidden.value = ""
    assert lab.decodings[0] is first[0]
    lab.temperature.value = 0.4
    assert (lab.beams.disabled, lab.draw_number.disabled) == (True, False)
    lab.forbidden.value = "none"
    assert "is no id" in lab.told.value
    lab.forbidden.value = ""
    assert "alert" not in lab.told.value


def test_an_interrupt_is_told_and_leaves_a_lab_that_works(lab: DecodingLab, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(choice: Choice) -> None:
        raise KeyboardInterrupt

    first, shown = lab.decodings, lab.view.value
    with monkeypatch.context() as patch:
        patch.setattr(lab, "decode", [interrupted, interrupted])
        with pytest.raises(KeyboardInterrupt):
            lab.beams.value = 2
    assert "Stopped; below stands an earlier choice" in lab.told.value
    assert lab.view.value == shown
    lab.beams.value = 1
    assert lab.told.value == ""
    assert lab.decodings[0] is first[0]


class Tags(HTMLParser):
    """Collect tags, and controls without a name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.unnamed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Look at a tag."""
        self.tags.add(tag)
        named = {"aria-label", "alt"} & {name for name, _ in attrs}
        if tag in {"meter", "img", "button"} and not named:
            self.unnamed.append(tag)


def test_without_a_kernel_every_step_can_be_read(lab: DecodingLab) -> None:
    page = lab.still()[0]["text/html"]
    assert "script" not in Tags(page).tags
    assert not Tags(page).unnamed
    assert page.count("<details>") == 2
    rows = len(re.findall("<tr><th scope='row'>", page))
    assert rows == sum(len(decoding.steps) for decoding in lab.decodings)
    assert len(page) < 250_000


def test_labs_on_one_page_play_their_own_sound(opened, samples: np.ndarray) -> None:
    one, other = (decoding_lab(opened, samples) for _ in range(2))
    ids = [re.search(r'<audio id="([\w-]+)"', lab.children[4].value)[1] for lab in (one, other)]
    assert len(set(ids)) == 2
    assert ids[0] in one.children[-2].value


def test_a_model_that_writes_nothing_is_shown(ear: Ear) -> None:
    from dataclasses import replace

    empty = replace(ear.decode(), steps=(), words=())
    assert "Nothing was written" in decoding_view([empty], 0, "data:,", 1.0)
    assert "<table>" in steps_table(empty)


def test_the_libraries_notes_do_not_fill_the_output(
    opened, samples: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transformers' own logger hands nothing on, at whichever level it was."""
    logger, noted = transformers.utils.logging.get_logger("transformers"), []
    monkeypatch.setattr(logger, "level", logger.level)
    logger.setLevel("WARNING")
    monkeypatch.setattr(logger, "handlers", [handler := logging.Handler()])
    monkeypatch.setattr(handler, "emit", noted.append)
    decoding_lab(opened, samples)
    assert not noted
