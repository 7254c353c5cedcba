"""Oracles: subtitles written by hand, a small parser, transformers' long-form loop, where clips were put."""

from __future__ import annotations

import difflib
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from conftest import write_tone
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.audio import SAMPLE_RATE, read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.errors import BadInput
from whisper_helpers.transcript import FORMATS, Segment, Transcript, render, transcribe_files
from whisper_helpers.transcript.formats import timestamp
from whisper_helpers.transcript.recording import WINDOW_POSITIONS, split_at_timestamps, transcribe_recording

HEARD = (
    Segment(0.0, 59.9996, "नमस्ते दुनिया"),
    Segment(3599.5, 3661.2344, "क्या 2 < 3 & 4 > 3 --> हाँ?"),
)
NO_MODEL = "no/such-model"  # opening it would be another error: what is checked comes first


def transcript(*segments: Segment) -> Transcript:
    """Transcript of a two-hour Hindi recording."""
    return Transcript("किताब.wav", "hi", "transcribe", "openai/whisper-base", 7200.0, segments)


EXPECTED = {
    "txt": """\
नमस्ते दुनिया
क्या 2 < 3 & 4 > 3 --> हाँ?
""",
    "srt": """\
1
00:00:00,000 --> 00:01:00,000
नमस्ते दुनिया

2
00:59:59,500 --> 01:01:01,234
क्या 2 < 3 & 4 > 3 --> हाँ?
""",
    "vtt": """\
WEBVTT

00:00:00.000 --> 00:01:00.000
नमस्ते दुनिया

00:59:59.500 --> 01:01:01.234
क्या 2 &lt; 3 &amp; 4 &gt; 3 --&gt; हाँ?
""",
}


@pytest.mark.parametrize("form", EXPECTED)
def test_text_and_subtitles_are_as_written_by_hand(form: str) -> None:
    assert render(transcript(*HEARD), form) == EXPECTED[form]


def test_json_holds_everything_in_readable_letters() -> None:
    content = render(transcript(*HEARD), "json")
    assert "नमस्ते" in content
    assert json.loads(content) == {
        "file": "किताब.wav",
        "language": "hi",
        "task": "transcribe",
        "model": "openai/whisper-base",
        "duration": 7200.0,
        "text": "नमस्ते दुनिया क्या 2 < 3 & 4 > 3 --> हाँ?",
        "segments": [{"start": each.start, "end": each.end, "text": each.text} for each in HEARD],
    }


def test_nothing_said_is_an_empty_transcript_with_its_header() -> None:
    assert [render(transcript(), form) for form in ("txt", "srt", "vtt")] == ["", "", "WEBVTT\n"]
    assert json.loads(render(transcript(), "json"))["segments"] == []


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "00:00:00.000"),
        (0.0004, "00:00:00.000"),
        (1.234, "00:00:01.234"),
        (59.9996, "00:01:00.000"),
        (3599.9996, "01:00:00.000"),
        (359_999.9, "99:59:59.900"),
        (360_000, "100:00:00.000"),
    ],
)
def test_times_carry_into_minutes_and_hours(seconds: float, expected: str) -> None:
    assert timestamp(seconds) == expected
    assert timestamp(seconds, ",") == expected.replace(".", ",")


ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
ENTITY = re.compile("|".join(ENTITIES))
TIMES = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3})")


def parsed(cue: str) -> tuple[float, float, str]:
    """Read one cue back, without the number that it may begin with."""
    times, text = cue.rstrip("\n").split("\n")
    hours, minutes, seconds, thousandths, *end = map(int, TIMES.fullmatch(times).groups())
    start = 3600 * hours + 60 * minutes + seconds + thousandths / 1000
    return start, 3600 * end[0] + 60 * end[1] + end[2] + end[3] / 1000, text


def segments_of_any_kind() -> st.SearchStrategy[list[Segment]]:
    """Draw segments with any text, line breaks and arrows among it, that is not blank on any line."""
    letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
    line = st.text(letters, min_size=1, max_size=20).map(str.strip).filter(bool)
    texts = st.lists(line | st.just("a --> b"), min_size=1, max_size=3).map("\n".join)
    time = st.floats(0, 400_000)
    return st.lists(st.builds(Segment, time, time, texts), max_size=4)


@settings(deadline=None)
@given(segments=segments_of_any_kind())
def test_subtitles_are_read_back_as_they_were(segments: list[Segment]) -> None:
    srt, vtt = (render(transcript(*segments), form) for form in ("srt", "vtt"))
    numbered = [cue.split("\n", 1) for cue in srt.split("\n\n") if cue]
    assert [number for number, _ in numbered] == [str(1 + index) for index in range(len(segments))]
    header, *cues = vtt.split("\n\n")
    assert header.rstrip("\n") == "WEBVTT"
    for read in ([parsed(cue) for _, cue in numbered], [parsed(cue) for cue in cues]):
        assert [time for cue in read for time in cue[:2]] == pytest.approx(
            [time for each in segments for time in (each.start, each.end)], abs=0.000501
        )
    whole = [each.text.replace("\n", " ") for each in segments]
    assert [parsed(cue)[2] for _, cue in numbered] == whole
    unescaped = [ENTITY.sub(lambda found: ENTITIES[found[0]], parsed(cue)[2]) for cue in cues]
    assert unescaped == whole
    assert not any("-->" in parsed(cue)[2] for cue in cues)


@given(
    times=st.lists(st.integers(0, 1500), min_size=2, max_size=10, unique=True).map(sorted),
    tail=st.sampled_from(["silence", "more", "unfinished"]),
    words=st.integers(1, 4),
)
def test_a_window_is_cut_at_its_timestamps(times: list[int], tail: str, words: int) -> None:
    """Tokens are written as Whisper writes them; 1000 stands for ``<|0.00|>``."""
    text = [7] * words
    spans = [(start, end, text) for start, end in zip(times[:-1:2], times[1::2], strict=False)]
    tokens = [token for start, end, _ in spans for token in (1000 + start, *text, 1000 + end)]
    last = spans[-1][1]
    tokens += {"silence": [], "more": [1000 + last], "unfinished": [1000 + last, 8, 9]}[tail]
    assert split_at_timestamps(tokens, 1000) == (spans, WINDOW_POSITIONS if tail == "silence" else last)


@pytest.mark.parametrize("tokens", [[], [1000], [1000, 1500], [1003]])
def test_a_window_without_words_is_passed_by(tokens: list[int]) -> None:
    assert split_at_timestamps(tokens, 1000) == ([], WINDOW_POSITIONS)


@given(tokens=st.lists(st.integers(990, 2500), max_size=30))
def test_any_tokens_bring_the_next_window_nearer(tokens: list[int]) -> None:
    spans, step = split_at_timestamps(tokens, 1000)
    assert step >= 1
    assert all(text for _, _, text in spans)


@pytest.fixture(scope="module")
def base(whisper_base: Path):
    """Real whisper-base, set to Hindi, and its processor."""
    return open_checkpoint(str(whisper_base), "hi", announce=lambda line: None)


@pytest.fixture(scope="module")
def tiny(tiny_whisper: Path):
    """Whisper with random weights, set to Hindi, and its processor."""
    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)


@pytest.fixture(scope="module")
def long_recording(hindi_clips: list[Path]) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Bundled clips with a second of silence after each, over 40 s, and where each begins and ends."""
    parts, places, length = [], [], 0
    for clip in hindi_clips:
        samples = read_clip(clip)
        places.append((length / SAMPLE_RATE, (length + len(samples)) / SAMPLE_RATE))
        parts += [samples, np.zeros(SAMPLE_RATE, np.float32)]
        length += len(samples) + SAMPLE_RATE
        if length > 40 * SAMPLE_RATE:
            break
    return np.concatenate(parts), places


@pytest.fixture(scope="module")
def heard(base, long_recording) -> list[Segment]:
    """Segments that whisper-base hears in the long recording."""
    return transcribe_recording(*base, long_recording[0])[0]


def test_a_long_recording_is_heard_in_order_to_its_end(heard: list[Segment], long_recording) -> None:
    samples, places = long_recording
    assert len(heard) >= len(places) - 2
    assert all(0 <= each.start < each.end <= len(samples) / SAMPLE_RATE for each in heard)
    assert all(one.end <= two.start + 1e-9 for one, two in itertools.pairwise(heard))
    assert all(each.text == each.text.strip() != "" for each in heard)
    missed = [begin for begin, _ in places if min(abs(begin - each.start) for each in heard) > 1.5]
    assert len(missed) <= 2, (missed, heard)


def test_the_last_words_of_a_long_recording_are_there(base, heard: list[Segment], long_recording) -> None:
    samples, places = long_recording
    begin, end = (round(time * SAMPLE_RATE) for time in places[-1])
    alone = " ".join(each.text for each in transcribe_recording(*base, samples[begin:end])[0])
    there = " ".join(each.text for each in heard if each.end > places[-1][0] + 1)
    assert difflib.SequenceMatcher(None, alone, there).ratio() > 0.5, (alone, there)


def test_long_recordings_are_cut_as_transformers_does(base, heard: list[Segment], long_recording) -> None:
    """The last window's padding differs: silence here, zeros there."""
    model, processor = base
    whole = {"truncation": False, "padding": "longest", "return_attention_mask": True}
    options = {"sampling_rate": SAMPLE_RATE, "return_tensors": "pt", **whole}
    features = processor.feature_extractor(long_recording[0], **options)
    with torch.inference_mode():
        theirs = model.generate(**features, return_timestamps=True, return_segments=True)["segments"][0]
    expected = [
        (
            each["start"].item(),
            each["end"].item(),
            processor.tokenizer.decode(each["tokens"], skip_special_tokens=True).strip(),
        )
        for each in theirs
    ]
    first_window = [each for each in expected if each[1] <= 30]
    assert len(first_window) >= 4
    ours = [(each.start, each.end, each.text) for each in heard]
    assert ours[: len(first_window)] == first_window
    assert [start for start, _, _ in ours] == pytest.approx([start for start, _, _ in expected], abs=0.5)
    texts = [" ".join(text for _, _, text in each) for each in (ours, expected)]
    assert difflib.SequenceMatcher(None, *texts).ratio() > 0.9


def test_without_timestamps_one_segment_covers_the_clip(base, hindi_clips: list[Path]) -> None:
    model, processor = base
    generation, samples = model.generation_config, read_clip(hindi_clips[0])
    first = generation.no_timestamps_token_id + 1
    before = generation.suppress_tokens
    generation.suppress_tokens = [*before, *range(first + 1, first + 1501)]
    try:
        segments, _ = transcribe_recording(model, processor, samples)
    finally:
        generation.suppress_tokens = before
    assert [(each.start, each.end) for each in segments] == [(0, len(samples) / SAMPLE_RATE)]
    assert len(segments[0].text.split()) >= 3


def test_hiss_is_no_speech(base) -> None:
    hiss = np.random.default_rng(0).normal(0, 0.001, 3 * SAMPLE_RATE).astype(np.float32)
    assert transcribe_recording(*base, hiss) == ([], "hi")


@pytest.mark.parametrize("samples", [0, 1, 500, 3 * SAMPLE_RATE, 70 * SAMPLE_RATE])
def test_silence_of_any_length_is_empty(tiny, samples: int) -> None:
    assert transcribe_recording(*tiny, np.zeros(samples, np.float32)) == ([], "hi")


def test_equal_sound_gives_equal_words_and_leaves_random_numbers_alone(tiny, tmp_path: Path) -> None:
    samples = read_clip(write_tone(tmp_path / "a.wav", 2.0))
    outcomes = []
    for seed in (1, 2):
        before = torch.manual_seed(seed).get_state()
        outcomes.append(transcribe_recording(*tiny, samples))
        assert torch.equal(torch.get_rng_state(), before)
    assert outcomes[0] == outcomes[1] != ([], "hi")


def test_progress_adds_up_to_the_recording(tiny, tmp_path: Path) -> None:
    steps: list[float] = []
    samples = read_clip(write_tone(tmp_path / "a.wav", 33.0))
    samples = np.concatenate([np.zeros(480_000, np.float32), samples])
    transcribe_recording(*tiny, samples, progress=steps.append)
    assert min(steps) > 0
    assert sum(steps) == pytest.approx(63, abs=0.1)


def test_an_english_only_whisper_is_given_no_language(tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), announce=lambda line: None)
    model.generation_config.is_multilingual = False
    samples = read_clip(write_tone(tmp_path / "a.wav", 2.0))
    segments, language = transcribe_recording(model, processor, samples)
    assert language == "en"
    assert all(each.end <= 2.0 for each in segments)


def test_a_recording_is_written_down_and_shown(
    whisper_base: Path, hindi_clips: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    lines: list[str] = []
    folder = tmp_path / "नया" / "folder"
    written = transcribe_files(
        str(whisper_base), hindi_clips[:1], formats=FORMATS, output=folder, announce=lines.append
    )
    stem = hindi_clips[0].stem
    assert written == [folder / f"{stem}.{form}" for form in FORMATS]
    assert sorted(folder.iterdir()) == sorted(written)
    text = written[0].read_text(encoding="utf-8")
    assert len(text.split()) >= 3
    assert text.rstrip("\n") in lines
    assert all(any(str(path) in line for line in lines) for path in written)
    content = json.loads(written[3].read_text(encoding="utf-8"))
    assert content["language"] in ("hi", "ur")
    assert any("sounds like" in line for line in lines)
    assert content["duration"] == pytest.approx(len(read_clip(hindi_clips[0])) / SAMPLE_RATE)
    assert [each["text"] for each in content["segments"]] == text.splitlines()
    assert "transcribing" in capsys.readouterr().err


def test_recordings_of_any_kind_are_written_beside_themselves(tiny_whisper: Path, tmp_path: Path) -> None:
    speech = write_tone(tmp_path / "one" / "a.b.wav", 1.0, rate=44_100, channels=2)
    silent, empty = tmp_path / "one" / "silent.flac", tmp_path / "two" / "a.b.wav"
    empty.parent.mkdir()
    soundfile.write(silent, np.zeros(8000), 8000)
    soundfile.write(empty, np.zeros(0), 16_000)
    lines: list[str] = []
    files = [speech, silent, empty]
    written = transcribe_files(
        str(tiny_whisper), files, language="Hindi", formats=["vtt", "txt"], announce=lines.append
    )
    assert written == [file.with_suffix(end) for file in files for end in (".vtt", ".txt")]
    assert [path.read_text(encoding="utf-8") for path in written[2:]] == ["WEBVTT\n", ""] * 2
    assert [line for line in lines if "No speech" in line and "silent" in line]
    assert sorted(path for path in tmp_path.glob("*/*") if path not in files) == sorted(written)


def test_empty_recordings_alone_are_written_too(tiny_whisper: Path, tmp_path: Path) -> None:
    empty = tmp_path / "a.wav"
    soundfile.write(empty, np.zeros(0), 16_000)
    (written,) = transcribe_files(str(tiny_whisper), [empty], formats=["json"], announce=lambda line: None)
    content = json.loads(written.read_text(encoding="utf-8"))
    assert (content["language"], content["duration"], content["segments"]) == (None, 0.0, [])


def refusal(files: list[Path], **options) -> str:
    """Message of the refusal to transcribe, before any model is opened."""
    with pytest.raises(BadInput) as error:
        transcribe_files(NO_MODEL, files, announce=lambda line: None, **options)
    assert NO_MODEL not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"formats": ["docx", "txt"]}, "'docx'"),
        ({"formats": []}, "txt, srt, vtt, json"),
        ({"task": "summarise"}, "summarise"),
        ({"language": "hindy"}, "hindi"),
    ],
)
def test_unknown_choices_are_refused_first(tmp_path: Path, options: dict, told: str) -> None:
    assert told in refusal([write_tone(tmp_path / "a.wav", 0.2)], **options)


def test_no_recording_is_refused() -> None:
    assert "No recording" in refusal([])


def test_every_unreadable_recording_is_named(tmp_path: Path) -> None:
    good = write_tone(tmp_path / "good.wav", 0.2)
    text, folder = tmp_path / "text.wav", tmp_path / "folder.wav"
    text.write_text("no sound", encoding="utf-8")
    folder.mkdir()
    broken = tmp_path / "nan.wav"
    soundfile.write(broken, np.array([0.1, np.nan]), 16_000, subtype="FLOAT")
    missing = [tmp_path / "gone.wav", tmp_path / ("long" * 100 + ".wav")]
    message = refusal([good, text, folder, broken, *missing], output=tmp_path / "new")
    assert all(name in message for name in ("text.wav", "folder.wav", "nan.wav", "gone.wav", "longlong"))
    assert "good.wav" not in message
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("one", "two"), [("a.wav", "a.flac"), ("a.wav", "A.flac"), ("a.wav", "a.wav")])
def test_two_recordings_never_share_a_transcript(tmp_path: Path, one: str, two: str) -> None:
    files = [write_tone(tmp_path / name, 0.2) for name in (one, two)]
    message = refusal(files, overwrite=True)
    assert all(str(file) in message for file in files)


def test_equal_names_from_two_folders_clash_in_one_output_only(tiny_whisper: Path, tmp_path: Path) -> None:
    files = [write_tone(tmp_path / name / "a.wav", 0.2) for name in ("one", "two")]
    message = refusal(files, output=tmp_path / "all")
    assert all(str(file) in message for file in files)
    assert len(transcribe_files(str(tiny_whisper), files, language="hi", announce=lambda line: None)) == 2


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    recording = write_tone(tmp_path / "a.wav", 0.2).rename(tmp_path / "a.json")
    content = recording.read_bytes()
    assert "a.json" in refusal([recording], formats=["json"], overwrite=True)
    assert recording.read_bytes() == content


def test_transcripts_are_replaced_only_if_told(tiny_whisper: Path, tmp_path: Path) -> None:
    recording, there = write_tone(tmp_path / "a.wav", 0.2), tmp_path / "a.srt"
    there.write_text("mine", encoding="utf-8")
    assert str(there) in refusal([recording], formats=["txt", "srt"])
    assert there.read_text(encoding="utf-8") == "mine"
    options = {"language": "hi", "formats": ["srt"], "overwrite": True, "announce": lambda line: None}
    assert transcribe_files(str(tiny_whisper), [recording], **options) == [there]
    assert there.read_text(encoding="utf-8") != "mine"


def test_a_folder_in_the_place_of_a_transcript_stays(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    assert "a.txt" in refusal([write_tone(tmp_path / "a.wav", 0.2)], overwrite=True)


@pytest.mark.parametrize("inside", ["", "below"])
def test_an_output_that_is_a_file_is_refused(tmp_path: Path, inside: str) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    assert "out" in refusal([write_tone(tmp_path / "a.wav", 0.2)], output=tmp_path / "out" / inside)


def test_an_unknown_model_leaves_no_new_folder(tmp_path: Path) -> None:
    recording = write_tone(tmp_path / "a.wav", 0.2)
    with pytest.raises(BadInput, match=NO_MODEL):
        transcribe_files(NO_MODEL, [recording], output=tmp_path / "new" / "one", announce=lambda line: None)
    assert not (tmp_path / "new").exists()


def test_a_folder_is_told_to_be_one(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder" in refusal([tmp_path], output=tmp_path)


def test_an_unknown_model_is_told_and_leaves_no_transcript(tmp_path: Path) -> None:
    recording = write_tone(tmp_path / "a.wav", 0.2)
    with pytest.raises(BadInput, match=NO_MODEL):
        transcribe_files(NO_MODEL, [recording], announce=lambda line: None)
    assert list(tmp_path.iterdir()) == [recording]
