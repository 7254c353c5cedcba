"""What only the whole corpus tells: pace, doubles, leaks between splits, and how clips are spread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from ..corpus.splits import SPLITS, sentence_keys
from .rows import Row
from .sound import Heard
from .symptoms import Symptom
from .writing import TAGS

FEWEST_CLIPS = 20  # of a split; with fewer a score is chance
FEWEST_FOR_PACE = 20  # clips of a language whose pace can be told
SPREADS = 4.0  # robust standard deviations from the middle that are still usual
LEAST_FACTOR = 1.5  # of the usual pace that is never strange
SAME_SECONDS, SAME_SOUND = 0.002, 0.003  # how far copies may be apart: rounding
LARGEST_SHARE = {2: 0.75}  # of the clips of train, by one of two speakers
LARGEST_SHARE_OF_MORE = 0.5  # by one of more
UNTOLD = {"missing_file", "unreadable", "empty_audio", "nan", "silent", "too_short", "too_long"}
UNTOLD |= {"empty_text", "too_many_tokens", "wrong_script"}  # another fault explains the pace of these
Faults = Sequence[dict[str, str]]


def mismatches(rows: Sequence[Row], heard: Sequence[Heard], faults: Faults) -> Iterator[Symptom]:
    """Clips whose characters a second are far from what the corpus has in that language.

    Parameters
    ----------
    rows, heard, faults
        An entry a clip; clips whose other faults explain their pace are left alone.

    Yields
    ------
    Symptom
        One for each clip beyond four robust standard deviations and a factor of 1.5.
    """
    paces: dict[str, dict[int, float]] = defaultdict(dict)
    for place, (row, sound, found) in enumerate(zip(rows, heard, faults, strict=True)):
        if not UNTOLD & found.keys():
            paces[row.language][place] = len("".join(TAGS.sub(" ", row.sentence).split())) / sound.seconds
    for told in paces.values():
        if len(told) >= FEWEST_FOR_PACE:
            yield from (_mismatch(rows, place, pace, usual) for place, pace, usual in _strange(told))


def _strange(paces: dict[int, float]) -> Iterator[tuple[int, float, float]]:
    logarithms = np.log(list(paces.values()))
    middle = float(np.median(logarithms))
    spread = 1.4826 * float(np.median(np.abs(logarithms - middle)))
    most = max(SPREADS * spread, np.log(LEAST_FACTOR))
    for place, value in zip(paces, logarithms, strict=True):
        if abs(value - middle) > most:
            yield place, paces[place], float(np.exp(middle))


def _mismatch(rows: Sequence[Row], place: int, pace: float, usual: float) -> Symptom:
    detail = f"{pace:.1f} characters a second; usual here are {usual:.1f}"
    return Symptom(rows[place].clip, "text_audio_mismatch", detail, place)


def doubles(rows: Sequence[Row], heard: Sequence[Heard]) -> list[Symptom]:
    """Clips with the sound or text of another one; of a pair the test clip is named, else the later one.

    Parameters
    ----------
    rows, heard
        An entry a clip.

    Returns
    -------
    list of Symptom
        ``duplicate_audio`` anywhere; ``duplicate_text`` inside a split, unless the sound is double as well;
        ``text_in_train_and_test`` for test clips.
    """
    order = sorted(range(len(rows)), key=lambda place: (SPLITS.index(rows[place].split), place))
    keys = [(row.language, key) for row, key in zip(rows, _keys(rows), strict=True)]
    rank = {place: number for number, place in enumerate(order)}
    twins = _twins(heard, rank)
    found, texts, trained = [], {}, {}
    for place in order:
        row, twin = rows[place], twins.get(place, place)
        if twin != place:
            found.append(Symptom(row.clip, "duplicate_audio", f"same sound as {rows[twin].clip}", place))
        if not keys[place][1]:
            continue
        first = texts.setdefault((row.split, keys[place]), place)
        copied = twin != place and keys[twin] == keys[place] and rows[twin].split == row.split
        if first != place and not copied:
            found.append(Symptom(row.clip, "duplicate_text", f"same text as {rows[first].clip}", place))
        if row.split == "train":
            trained.setdefault(keys[place], place)
        elif row.split == "test" and keys[place] in trained:
            other = rows[trained[keys[place]]].clip
            found.append(Symptom(row.clip, "text_in_train_and_test", f"same text as {other} in train", place))
    return found


def _twins(heard: Sequence[Heard], rank: dict[int, int]) -> dict[int, int]:
    """For each clip that sounds the same as one of lower rank, that one."""
    places = sorted((place for place in rank if heard[place].sketch is not None), key=lambda at: heard[at].seconds)
    seconds = np.array([heard[place].seconds for place in places])
    if not places:
        return {}
    sketches = np.stack([heard[place].sketch for place in places])
    ends = np.searchsorted(seconds, seconds + SAME_SECONDS, side="right")
    twins: dict[int, int] = {}
    for here, end in enumerate(ends):
        apart = np.abs(sketches[here + 1 : end] - sketches[here]).sum(axis=2)
        same = (apart <= SAME_SOUND * sketches[here].sum(axis=1)).all(axis=1)
        for other in np.flatnonzero(same) + here + 1:
            first, second = sorted((places[here], places[other]), key=rank.__getitem__)
            twins[second] = min(first, twins.get(second, first), key=rank.__getitem__)
    return twins


def _keys(rows: Sequence[Row]) -> list[str]:
    return sentence_keys([row.sentence for row in rows], [row.language for row in rows])


def spread(rows: Sequence[Row]) -> list[Symptom]:
    """How clips are spread over splits and speakers.

    A corpus of one speaker cannot be split by speaker, so nothing is found there.

    Parameters
    ----------
    rows
        All rows.

    Returns
    -------
    list of Symptom
        ``tiny_split``, ``unbalanced_speaker`` and ``speaker_in_train_and_test``.
    """
    sizes = Counter(row.split for row in rows)
    found = [
        Symptom(None, "tiny_split", f"{split} has {sizes[split]} clips; {FEWEST_CLIPS} are few")
        for split in SPLITS
        if 0 < sizes[split] < FEWEST_CLIPS
    ]
    trained = Counter(row.speaker for row in rows if row.split == "train" and row.speaker)
    if len({row.speaker for row in rows if row.speaker}) < 2:
        return found
    for speaker, clips in trained.most_common(1):
        share = clips / trained.total()
        if len(trained) > 1 and share > LARGEST_SHARE.get(len(trained), LARGEST_SHARE_OF_MORE):
            detail = f"{speaker} speaks {share:.0%} of train; {len(trained) - 1} others share the rest"
            found.append(Symptom(None, "unbalanced_speaker", detail))
    return found + [
        Symptom(row.clip, "speaker_in_train_and_test", f"{row.speaker} speaks in train too", place)
        for place, row in enumerate(rows)
        if row.split == "test" and row.speaker in trained
    ]
