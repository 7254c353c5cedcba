"""Takes on disk: each is there before anything else happens, none is ever overwritten."""

from __future__ import annotations

import csv
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from ..audio import open_sound
from ..errors import BadInput
from .check import Verdict, judge

TABLE, CLIPS = "metadata.csv", "clips"
COLUMNS = ("file_name", "sentence", "speaker", "language", "seconds")
LOSSLESS = {"PCM_U8": "PCM_S8", "PCM_S8": "PCM_S8", "PCM_16": "PCM_16", "PCM_24": "PCM_24"}  # FLAC's own kinds


@dataclass(frozen=True)
class Take:
    """A usable recording of a sentence.

    Parameters
    ----------
    file_name
        From the folder of the table.
    sentence, speaker, language
        What is said, by whom, and in what; the last two may be empty.
    seconds
        Length.
    """

    file_name: str
    sentence: str
    speaker: str
    language: str
    seconds: str


def read_sentences(path: Path) -> list[str]:
    """Read sentences to record, a line each; empty lines and repeated sentences are skipped.

    Parameters
    ----------
    path
        A text file in UTF-8.

    Raises
    ------
    BadInput
        If there is no such file, it is not UTF-8, or holds no sentence.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        do = "Save the sentences as plain text in UTF-8, a line each"
        raise BadInput(f"{path} cannot be read as sentences", "A text file in UTF-8 is needed", do) from error
    sentences = list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if not sentences:
        raise BadInput(f"{path} has no sentences", "One a line is needed", "Write some into it")
    return sentences


class Studio:
    """A folder that takes are recorded into; opening it again goes on where it was left.

    Every clip is written before the table, and carries its sentence and speaker inside, so that a table which was not
    written any more is completed when the folder is opened again.

    Parameters
    ----------
    sentences
        What is to be said.
    folder
        Where ``metadata.csv`` and ``clips`` are; made if missing.
    language
        Whisper's code of the language, or empty.

    Raises
    ------
    BadInput
        If the folder cannot be written, or holds a table of another kind.
    """

    def __init__(self, sentences: list[str], folder: Path, language: str = "") -> None:
        self.sentences, self.folder, self.language = sentences, Path(folder), language
        self._lock = threading.Lock()
        try:
            (self.folder / CLIPS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{folder} cannot be written ({error.strerror})", "", "Choose another folder") from error
        self.takes = _read_table(self.folder / TABLE)
        listed = {take.file_name for take in self.takes}
        if any(each.name not in listed for each in self._clips()):
            self._recover(listed)

    def save(self, recording: Path, sentence: str, speaker: str) -> Verdict:
        """Keep a take losslessly, judge it, and list it in the table if it is usable.

        An earlier take of the same sentence by the same speaker stays on the disk and leaves the table.

        Parameters
        ----------
        recording
            A file that soundfile reads; it is only read.
        sentence, speaker
            What was said and by whom.

        Raises
        ------
        BadInput
            If the recording is no audio.
        """
        with self._lock:
            verdict = judge(recording)
            name = self._write(recording, sentence, speaker.strip())
            if verdict.usable:
                self._list(Take(name, sentence, speaker.strip(), self.language, f"{verdict.seconds:.2f}"))
        return verdict

    def recorded(self, speaker: str) -> set[str]:
        """Sentences that a speaker has recorded."""
        return {take.sentence for take in self.takes if take.speaker == speaker.strip()}

    def next_sentence(self, speaker: str, after: int = -1) -> int:
        """Place of the next sentence that a speaker has not recorded, beginning again at the end.

        Parameters
        ----------
        speaker
            Name of the speaker.
        after
            Place of the sentence that was shown last.

        Returns
        -------
        int
            A place in `sentences`; the one after `after` when all are recorded.
        """
        count, done = len(self.sentences), self.recorded(speaker)
        order = [(after + step) % count for step in range(1, count + 1)]
        return next((place for place in order if self.sentences[place] not in done), order[0])

    def last_speaker(self) -> str:
        """Name of whoever recorded last; empty in a new folder."""
        return self.takes[-1].speaker if self.takes else ""

    def _write(self, recording: Path, sentence: str, speaker: str) -> str:
        import soundfile

        with open_sound(recording) as sound:
            rate, kind = sound.samplerate, sound.subtype
            samples = sound.read(dtype="int32" if kind in LOSSLESS else "float64", always_2d=True)
        name = self._free_name(sentence, speaker)
        partial = self.folder / f"{name}.partial"
        options = {"subtype": LOSSLESS.get(kind, "PCM_24"), "format": "FLAC"}
        with soundfile.SoundFile(partial, "w", rate, samples.shape[1], **options) as file:
            for tag, text in (("title", sentence), ("artist", speaker), ("comment", self.language)):
                if text:  # libsndfile refuses an empty tag
                    setattr(file, tag, text)
            file.write(samples)
        _sync(partial)
        partial.replace(self.folder / name)
        return name

    def _free_name(self, sentence: str, speaker: str) -> str:
        place = self.sentences.index(sentence) + 1 if sentence in self.sentences else 0
        stem = f"{CLIPS}/{re.sub(r'[^a-z0-9]+', '-', speaker.lower()).strip('-') or 'speaker'}-{place:04}"
        take = 1
        while (self.folder / f"{stem}-{take}.flac").exists():
            take += 1
        return f"{stem}-{take}.flac"

    def _list(self, take: Take) -> None:
        others = [each for each in self.takes if (each.sentence, each.speaker) != (take.sentence, take.speaker)]
        self.takes = [*others, take]
        partial = self.folder / f"{TABLE}.partial"
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([COLUMNS, *([getattr(each, name) for name in COLUMNS] for each in self.takes)])
        _sync(partial)
        partial.replace(self.folder / TABLE)

    def _clips(self) -> list[Path]:
        found = sorted((self.folder / CLIPS).glob("*.flac"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [path.relative_to(self.folder) for path in found]

    def _recover(self, listed: set[str]) -> None:
        """List takes that were written when the table was not: those newer than the one that stands there."""
        newest: dict[tuple[str, str], str] = {}
        tags = {}
        for clip in self._clips():
            with open_sound(self.folder / clip) as sound:
                tags[clip.as_posix()] = (sound.title, sound.artist, sound.comment)
            if judge(self.folder / clip).usable:
                newest[tags[clip.as_posix()][:2]] = clip.as_posix()
        for (sentence, speaker), name in newest.items():
            if sentence and name not in listed:
                seconds = f"{judge(self.folder / name).seconds:.2f}"
                self._list(Take(name, sentence, speaker, tags[name][2], seconds))


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _read_table(path: Path) -> list[Take]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            do = "Choose a new folder for the recordings"
            raise BadInput(f"{path} is another table", f"A recorder's has {', '.join(COLUMNS)}", do)
        return [Take(**row) for row in reader]
