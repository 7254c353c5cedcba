"""Everything that the doctor can find: its name, what it means, what to do, and whether it ruins a training."""

from __future__ import annotations

from dataclasses import dataclass

LEAVE_OUT, CLEAN, KEEP = "left out", "text cleaned", "kept"


@dataclass(frozen=True)
class Reason:
    """A kind of finding.

    Parameters
    ----------
    means
        What it is, to follow a number of clips.
    do
        What to do about it, a sentence.
    ruins
        Whether it ruins a training or makes its score worthless.
    fix
        What a cleaned table does with such a clip: `LEAVE_OUT`, `CLEAN` or `KEEP`.
    """

    means: str
    do: str
    ruins: bool
    fix: str


@dataclass(frozen=True)
class Symptom:
    """A finding.

    Parameters
    ----------
    clip
        The clip's path as the table gives it; None for a finding about the corpus.
    reason
        A key of `REASONS`.
    detail
        What exactly was seen.
    row
        The clip's place in the corpus; -1 for a finding about the corpus.
    """

    clip: str | None
    reason: str
    detail: str
    row: int = -1


REASONS = {
    "missing_file": Reason("name a file that is not there", "Correct the table's paths.", True, LEAVE_OUT),
    "unreadable": Reason("cannot be decoded", "Export or download them again.", True, LEAVE_OUT),
    "empty_audio": Reason("hold no samples", "Record them again.", True, LEAVE_OUT),
    "nan": Reason("hold NaN or infinity, which destroys the weights", "Export them again.", True, LEAVE_OUT),
    "silent": Reason("are silent, which teaches to invent text", "Record them again.", True, LEAVE_OUT),
    "empty_text": Reason("have no words in their text", "Write down what is said.", True, LEAVE_OUT),
    "too_long": Reason("last longer than the 30 s that Whisper hears", "Cut them at pauses.", True, LEAVE_OUT),
    "too_many_tokens": Reason("need more than 448 tokens for their text", "Cut them at pauses.", True, LEAVE_OUT),
    "wrong_script": Reason("are not written in the language's script", "Check language and text.", True, LEAVE_OUT),
    "text_in_train_and_test": Reason(
        "are test clips whose text is in train, so the score flatters",
        "Take them out of one of the two.",
        True,
        LEAVE_OUT,
    ),
    "text_audio_mismatch": Reason(
        "have far more or less text than sound", "Listen: the text may belong to another clip.", True, LEAVE_OUT
    ),
    "duplicate_audio": Reason("have the same sound as another clip", "Keep one of each.", False, LEAVE_OUT),
    "too_short": Reason("are shorter than 0.3 s", "Check whether a word is in them.", False, LEAVE_OUT),
    "clipped": Reason("are clipped: too loud for the recording", "Lower the gain and record again.", False, KEEP),
    "low_rate": Reason("have no sound above a telephone's band", "Look for the originals.", False, KEEP),
    "odd_characters": Reason("have odd characters in their text", "Remove what nobody speaks.", False, CLEAN),
    "tags": Reason("have tags or brackets in their text", "Remove what nobody speaks.", False, CLEAN),
    "digits": Reason("have digits in their text", "Write numbers as they are spoken.", False, KEEP),
    "duplicate_text": Reason(
        "have the same text as another clip of their split",
        "Several readers are fine; new sentences teach more.",
        False,
        KEEP,
    ),
    "speaker_in_train_and_test": Reason(
        "are test clips of a speaker who is in train", "Split by speaker, or expect less of strangers.", False, KEEP
    ),
    "tiny_split": Reason("of the splits are tiny, so a score means little", "Add clips to them.", False, KEEP),
    "unbalanced_speaker": Reason("of the speakers outweighs the others", "Add other voices.", False, KEEP),
}
