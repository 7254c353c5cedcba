"""The page's parts: what is heard, when, how it is shown, kept, and what is refused."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from conftest import write_tone

from whisper_helpers.audio import read_clip
from whisper_helpers.cli import main
from whisper_helpers.corpus import open_corpus
from whisper_helpers.demo import Heard, Listener, build_page, keep_pair, open_listeners
from whisper_helpers.demo.listener import Cancelled
from whisper_helpers.demo.live import Live
from whisper_helpers.demo.page import PAGE_SETTINGS, WAITING
from whisper_helpers.demo.serving import check_auth
from whisper_helpers.demo.showing import differing, errors, page_of
from whisper_helpers.demo.working import Work
from whisper_helpers.errors import BadInput
from whisper_helpers.transcript import Segment, Transcript

VISITORS = 50


@pytest.fixture(scope="module")
def listener(tiny_whisper: Path) -> Listener:
    (opened,) = open_listeners([str(tiny_whisper)], announce=lambda line: None)
    return opened


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "tone <b>.wav", 1.5, rate=48_000)


def heard(text: str, model: str = "m") -> Heard:
    return Heard(Transcript("a.wav", "hi", "transcribe", model, 2.0, (Segment(0.5, 2.0, text),)))


def test_the_language_is_guessed_with_its_probability(listener: Listener, tone: Path) -> None:
    import torch

    samples = read_clip(tone)
    answer = listener.hear(samples)
    features = listener.processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    ids, odds = list(listener.model.generation_config.lang_to_id.values()), None
    with torch.inference_mode():
        logits = listener.model(input_features=features, decoder_input_ids=torch.tensor([[50258]])).logits[0, -1]
    odds = logits[ids].softmax(-1)
    assert (
        answer.transcript.language == listener.processor.tokenizer.convert_ids_to_tokens(ids[int(odds.argmax())])[2:-2]
    )
    assert answer.probability == pytest.approx(float(odds.max()), rel=1e-3)
    assert listener.hear(samples, "Hindi").probability is None


def test_a_guess_and_the_text_share_a_pass_of_the_encoder(listener: Listener, tone: Path) -> None:
    passes: list[object] = []
    hook = listener.model.get_encoder().register_forward_hook(lambda *each: passes.append(each))
    listener.hear(read_clip(tone))
    hook.remove()
    assert len(passes) == 1


def test_a_model_knows_its_own_language(listener: Listener) -> None:
    generation = copy.deepcopy(listener.model.generation_config)
    model = SimpleNamespace(generation_config=generation)
    own = Listener("own", model, listener.processor)
    assert own.language is None
    generation.language = "<|ml|>"
    assert own.language == "ml"
    generation.is_multilingual = False
    assert own.language == "en"


def test_asking_leaves_the_model_as_it_was(listener: Listener, tone: Path) -> None:
    before = listener.model.generation_config.to_json_string()
    assert listener.hear(read_clip(tone), "ml", "translate").transcript.task == "translate"
    assert listener.model.generation_config.to_json_string() == before


def test_words_stay_inside_their_segments(listener: Listener, tone: Path) -> None:
    samples = read_clip(tone)
    answer = listener.times(samples, listener.hear(samples, "hi"))
    assert answer.words
    for segment, words in zip(answer.transcript.segments, answer.words, strict=True):
        assert all(segment.start - 0.01 <= word.start <= word.end <= segment.end + 0.01 for word in words)
        assert "".join("".join(word.text.split()) for word in words) == "".join(segment.text.split())


def test_silence_gives_no_speech_and_no_text(listener: Listener) -> None:
    answer = listener.hear(np.zeros(32_000, np.float32))
    assert answer.transcript.segments == ()
    assert "No speech was heard." in page_of([answer])


def test_work_can_be_stopped(listener: Listener) -> None:
    stop = threading.Event()
    stop.set()
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    work = Work(lambda step: listener.hear(noise, "hi", progress=step), stop)
    assert list(work.seconds()) == []
    with pytest.raises(Cancelled):
        work.result()


class Reader(HTMLParser):
    """Collect tags, marked text and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.marked: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Collect the tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.texts.append(data)
        if self.tags[-1:] == ["mark"]:
            self.marked.append(data)
            self.tags.append("seen")


def test_differences_are_marked_in_both(tmp_path: Path) -> None:
    assert Reader(page_of([heard("एक दो तीन", "a"), heard("एक तो तीन", "b")])).marked == ["दो", "तो"]


def test_what_a_model_writes_is_text_and_never_a_tag() -> None:
    hostile = '<script>alert(1)</script> "><img src=x onerror=alert(1)>'
    page = page_of([heard(hostile, hostile), heard("x")], 'a" onload="alert(1)', hostile)
    assert not {"script", "img"} & set(Reader(page).tags)
    assert "onload" not in [name for tag in Reader(page).tags for name in tag.split()]


def test_words_that_differ_are_found() -> None:
    assert differing(["a", "b", "c"], ["a", "x", "c"]) == [False, True, False]


def test_error_rates_are_those_of_the_package() -> None:
    from whisper_helpers.metrics import score

    wanted = score(["किताब कहाँ है"], ["कुताब कहाँ"], "hi")
    shown = errors("किताब कहाँ है", "कुताब कहाँ", "hi")
    assert f"WER {wanted.wer:.1f} %, CER {wanted.cer:.1f} %" in shown
    assert Reader(shown).marked == ["किताब", "है", "कुताब", "–"]
    assert "no word" in errors("…", "x", "hi")
    assert '<table dir="ltr">' in shown
    assert '<table dir="rtl">' in errors("كتاب جديد", "كتاب", "ar")


def test_kept_pairs_are_a_corpus(tmp_path: Path) -> None:
    clip = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
    for number in range(12):
        keep_pair(tmp_path / "kept", clip, f'वाक्य "{number}", दो', "hi")
    corpus = open_corpus(str(tmp_path / "kept"), announce=lambda line: None)
    sentences = {row for split in corpus.values() for row in split["sentence"]}
    assert sentences == {f'वाक्य "{number}", दो' for number in range(12)}
    np.testing.assert_allclose(read_clip(corpus["train"][0]["audio"]), clip, atol=1e-4)
    with pytest.raises(BadInput, match="no corrected text"):
        keep_pair(tmp_path / "kept", clip, "  ", "hi")
    (tmp_path / "metadata.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(BadInput, match="has the columns a, b"):
        keep_pair(tmp_path, clip, "x", "hi")


def test_speaking_on_hears_all_that_is_not_settled(listener: Listener) -> None:
    lengths: list[int] = []

    class Counting:
        def hear(self, samples: np.ndarray, language: str | None, task: str) -> Heard:
            lengths.append(len(samples))
            return heard(f"t{len(lengths)}")

    live, state = Live(Counting()), None
    for _ in range(4):
        text, state = live.listen((48_000, np.zeros((48_000 * 8, 2), np.int16)), state, "hi", "transcribe")
    assert lengths == [128_000, 256_000, 384_000, 128_000]
    assert text == "t3 t4"
    assert live.listen(None, state, "hi", "transcribe")[0] == "t3"


def test_sharing_needs_a_password(capsys: pytest.CaptureFixture[str], tiny_whisper: Path) -> None:
    assert main(["demo", str(tiny_whisper), "--share"]) == 2
    assert "Add --auth USER:PASSWORD" in capsys.readouterr().err
    for wrong in ("asha", ":x", "asha:"):
        with pytest.raises(BadInput, match="no user or no password"):
            check_auth(wrong, share=False)


def test_what_does_not_apply_to_a_space_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    space = ("demo", "asha/whisper-hi", "--space", str(tmp_path / "space"))
    assert main([*space, "--share", "--keep", str(tmp_path / "kept")]) == 2
    assert "--keep and --share with --space" in capsys.readouterr().err
    assert not (tmp_path / "space").exists()


def test_a_missing_model_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", str(tmp_path / "nothing")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_page_is_private_and_bounded(listener: Listener) -> None:
    page = build_page([listener])
    assert (PAGE_SETTINGS["share"], PAGE_SETTINGS["server_name"]) == (False, "127.0.0.1")
    assert PAGE_SETTINGS["max_file_size"]
    assert not page.analytics_enabled
    assert page._queue.max_size == WAITING
    sounds = [each["props"] for each in page.config["components"] if each["type"] == "audio"]
    assert [each["buttons"] for each in sounds] == [[], []]
    assert not [each for each in page.config["components"] if "keep" in str(each["props"].get("value", "")).lower()]


class Busy(Listener):
    """Hears the same in everything, takes a moment for it, and notes how many ask at once."""

    asking, most = 0, 0

    def hear(self, samples: np.ndarray, *args: object, **kwargs: object) -> Heard:
        """Hear one word, in its own time."""
        self.asking += 1
        self.most = max(self.most, self.asking)
        time.sleep(0.05)
        self.asking -= 1
        return heard("हाँ")

    def times(self, samples: np.ndarray, answer: Heard) -> Heard:
        """Know no times."""
        return answer


@contextmanager
def served(listener: Listener) -> Iterator[str]:
    """Address of a page with a listener."""
    page = build_page([listener], longest_seconds=60)
    _, local, _ = page.launch(**PAGE_SETTINGS, prevent_thread_lock=True, inline=False, quiet=True)
    yield local
    page.close(verbose=False)


@pytest.fixture(scope="module")
def address(listener: Listener) -> Iterator[str]:
    with served(listener) as local:
        yield local


def ask_page(address: str, *recordings: Path) -> list[tuple]:
    """Ask about all recordings at once."""
    from gradio_client import Client, handle_file

    settings = {"max_workers": len(recordings), "httpx_kwargs": {"timeout": None}}
    client = Client(address, verbose=False, analytics_enabled=False, **settings)
    rest = ("hi", "transcribe", "")
    jobs = [client.submit(handle_file(str(each)), *rest, api_name="/transcribe") for each in recordings]
    return [job.result() for job in jobs]


def test_fifty_visitors_at_once_are_all_answered_one_after_the_other(listener: Listener, tone: Path) -> None:
    busy = Busy("busy", listener.model, listener.processor)
    with served(busy) as local:
        answers = ask_page(local, *[tone] * VISITORS)
    assert busy.most == 1
    assert len(answers) == VISITORS
    assert all("हाँ" in answer[0] for answer in answers)


def test_a_visitor_takes_the_transcript_away(address: str, tone: Path) -> None:
    ((page, _, *files),) = ask_page(address, tone)
    transcript = json.loads(Path(files[-1]).read_text(encoding="utf-8"))
    assert transcript["segments"]
    assert transcript["segments"][0]["text"].split()[0] in page


def test_bad_uploads_are_answered_in_words(address: str, tmp_path: Path) -> None:
    from gradio_client.exceptions import AppError

    broken, long, wide = tmp_path / "broken.wav", tmp_path / "long.flac", tmp_path / "empty.wav"
    broken.write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(40))
    soundfile.write(long, np.zeros(16_000 * 61, np.float32), 16_000)
    soundfile.write(wide, np.zeros(0, np.float32), 16_000)
    for recording, words in ((broken, "cannot be read"), (long, "lasts 61 s"), (wide, "holds no samples")):
        with pytest.raises(AppError, match=words):
            ask_page(address, recording)


def test_files_outside_the_uploads_cannot_be_reached(address: str) -> None:
    import httpx

    for path in (Path(__file__), "../../etc/passwd", "/etc/passwd"):
        assert httpx.get(f"{address}gradio_api/file={path}").status_code in (403, 404)
