"""A folder of recordings, each beside a file of the same name: its words as ``.txt``, or subtitles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..media import name_excerpt
from .choices import Choices
from .clips import clips_of, leave_out
from .columns import languages_of
from .subtitles import SUBTITLES, Cue, read_subtitles
from .walking import SOUNDS, by_name, files_below, split_of_folders

if TYPE_CHECKING:
    from datasets import Dataset

WORDS = (".txt",)
LONGEST_TEXT = 100_000  # bytes of the words to one recording
Pair = tuple[Path, Path | None]  # a recording, and the file beside it


def find_pairs(place: Path) -> tuple[list[Pair], list[Path], list[Path]]:
    """Pair recordings with the words or subtitles of the same name in the same folder.

    Parameters
    ----------
    place
        A folder; those below it count as well.

    Returns
    -------
    list of (Path, Path), list of Path, list of Path
        Pairs, recordings without anything beside them, and texts without a recording. Where a recording has both
        subtitles and words, the subtitles count.

    Raises
    ------
    BadInput
        If two recordings or two texts of a folder differ in nothing but their ending.
    """
    files = list(files_below(place))
    sounds = by_name((path for path in files if path.suffix.lower() in SOUNDS), "recording")
    texts = by_name((path for path in files if path.suffix.lower() in WORDS), "text")
    texts |= by_name((path for path in files if path.suffix.lower() in SUBTITLES), "subtitles")
    pairs = [(sound, texts[key]) for key, sound in sounds.items() if key in texts]
    alone = [sound for key, sound in sounds.items() if key not in texts]
    return pairs, alone, [text for key, text in texts.items() if key not in sounds]


def open_pairs(place: Path, choices: Choices) -> dict[str, Dataset]:
    """Open a folder of pairs; a long recording with subtitles becomes an excerpt for each of them.

    Nothing is cut or decoded: an excerpt is a name such as ``talk.mp3#t=1.500,4.000``, which
    `whisper_helpers.audio.read_clip` reads. Speakers are those that subtitles name, else each recording with
    subtitles counts as one, so that a cut split does not share a recording with train.

    Parameters
    ----------
    place
        A folder for which `find_pairs` finds some.
    choices
        What the user asked for.

    Returns
    -------
    dict
        Splits by name: those of folders named train, dev and test, else all clips are ``train``.

    Raises
    ------
    BadInput
        If most recordings or texts stand alone, a text cannot be read, or the language is not given.
    """
    pairs, alone, unused = find_pairs(place)
    do = "Each recording needs a .txt, .srt or .vtt of the same name in its folder"
    names = [path.relative_to(place).as_posix() for path in (*alone, *unused)]
    sounds, texts = len(pairs) + len(alone), len(pairs) + len(unused)
    if choices.keep_missing:
        pairs += [*((sound, None) for sound in alone), *((text.with_suffix(""), text) for text in unused)]
    else:
        leave_out(names[: len(alone)], sounds, "recordings without a text of their name", do, choices.announce)
        leave_out(names[len(alone) :], texts, "texts without a recording of their name", do, choices.announce)
    splits: dict[str, list[Pair]] = {}
    for pair, split in zip(pairs, split_of_folders([sound for sound, _ in pairs], place), strict=True):
        splits.setdefault(split, []).append(pair)
    return {split: _clips(those, place, choices) for split, those in splits.items()}


def _clips(pairs: list[Pair], place: Path, choices: Choices) -> Dataset:
    rows: list[tuple[str, str, str]] = []
    unusable: list[str] = []
    for sound, text in pairs:
        if text is None or text.suffix.lower() in WORDS:
            rows.append((str(sound), _words(text) if text else "", ""))
        else:
            for cue in read_subtitles(text):
                (rows if cue.usable or choices.keep_missing else unusable).append(_excerpt(sound, cue, place))
    clips = len(rows) + len(unusable)
    left = [name for name, *_ in unusable]
    leave_out(left, clips, "subtitles without words or length", "Mend their times", choices.announce)
    audio, sentences, speakers = (list(column) for column in zip(*rows, strict=True))
    codes = languages_of([""] * len(rows), choices.language, str(place))
    return clips_of({"audio": audio, "sentence": sentences, "speaker": speakers, "language": codes})


def _excerpt(sound: Path, cue: Cue, place: Path) -> tuple[str, str, str]:
    recording = sound.relative_to(place).with_suffix("").as_posix()
    return name_excerpt(str(sound), cue.start, cue.end), cue.text, cue.speaker or recording


def _words(text: Path) -> str:
    if text.stat().st_size > LONGEST_TEXT:
        raise BadInput(
            f"{text} is too long for one clip", f"At most {LONGEST_TEXT:,} bytes", "Cut it, or use subtitles"
        )
    try:
        return " ".join(text.read_text(encoding="utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise BadInput(f"{text} is not UTF-8", "Texts must be UTF-8", "Save it again as UTF-8") from error
