"""Whether a take is fit to train on, told while the speaker still sits there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..audio import AudioSource, open_sound
from ..doctor.sound import listen
from ..doctor.symptoms import REASONS

QUIET_DECIBELS = -38.0  # of full scale, RMS of the loudest 32 ms
FRAME = 0.032  # seconds
USELESS = frozenset({"unreadable", "empty_audio", "nan", "silent", "too_short", "too_long"})
SAID = {
    "unreadable": "The recording cannot be read. Record it again.",
    "empty_audio": "Nothing was recorded. Check the microphone, then record again.",
    "nan": "The recording is damaged. Record it again.",
    "silent": "Nothing is heard. Is the microphone on, and the right one chosen? Record again.",
    "too_short": "Too short to hold the sentence. Stop after you have finished speaking.",
    "too_long": "Longer than the 30 s that Whisper hears. Record it faster, or take a shorter sentence.",
    "clipped": "Too loud: the tops are cut off. Move away from the microphone or lower its level, and record again.",
    "low_rate": "It sounds like a telephone: is this a Bluetooth headset? Another microphone is better.",
    "quiet": "Quiet. Move closer to the microphone or raise its level.",
}


@dataclass(frozen=True)
class Verdict:
    """What a take is worth.

    Parameters
    ----------
    seconds
        Its length.
    decibels
        Loudest moment, RMS of 32 ms against full scale; minus infinity for silence.
    faults
        Keys of `SAID`.
    """

    seconds: float
    decibels: float
    faults: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether a training can use it, be it perfect or not."""
        return not USELESS & set(self.faults)

    def __str__(self) -> str:
        """Tell the speaker."""
        heard = f"{self.seconds:.1f} s, loudest moment {self.decibels:.0f} dB." if self.usable else ""
        return " ".join([*(SAID[fault] for fault in self.faults), heard] if self.faults else ["Good:", heard]).strip()


def judge(audio: AudioSource) -> Verdict:
    """Check level, clipping, silence and length of a take.

    Parameters
    ----------
    audio
        A path, or as :func:`whisper_helpers.audio.open_sound` takes it.

    Examples
    --------
    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(16_000), 16_000, format="WAV")
    >>> judge({"path": None, "bytes": file.getvalue()}).faults
    ('silent',)
    """
    heard = listen(audio)
    faults = [fault for fault in REASONS if fault in heard.faults]
    level = -np.inf if USELESS & set(faults) else _level(audio)
    if not USELESS & set(faults) and level < QUIET_DECIBELS:
        faults.append("quiet")
    return Verdict(heard.seconds, level, tuple(faults))


def _level(audio: AudioSource) -> float:
    with open_sound(audio) as sound:
        size = max(1, round(FRAME * sound.samplerate))
        powers = [
            np.mean(np.square(piece), axis=0).max() for piece in sound.blocks(size, dtype="float32", always_2d=True)
        ]
    return float(10 * np.log10(max(powers) + 1e-12))
