"""A small release of Common Voice, written the way its bundler writes one."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import soundfile

HEADER = [
    *("client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes"),
    *("age", "gender", "accents", "variant", "locale", "segment"),
]
RELEASE = "cv-corpus-27.0-2026-09-11"
SPLITS = {"train": range(12), "dev": range(12, 16), "test": range(16, 20), "other": range(40, 44)}
SENTENCES = {3: 'वह "बोली', 5: '"', 7: "'नमस्ते\" कहा"}


def mp3(number: int) -> bytes:
    """A short tone as MP3, its pitch telling its number."""
    file = io.BytesIO()
    time = np.arange(8_000) / 32_000
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * (200 + 10 * number) * time), 32_000, format="MP3")
    return file.getvalue()


def row(number: int, locale: str = "hi") -> list[str]:
    """A row of a table; two clips a speaker, and votes that follow from the number."""
    sentence = SENTENCES.get(number, f"वाक्य {number}")
    votes = [str(2 + number % 4), str(number % 3)]
    name = f"common_voice_{locale}_{number}.mp3"
    return [f"{number // 2:064x}", name, f"{number:032x}", sentence, "", *votes, "twenties", "", "", "", locale, ""]


def files(locale: str = "hi", clips: range = range(44)) -> dict[str, bytes]:
    """Content by path, from the release's folder on."""
    tables = {**SPLITS, "validated": range(30), "invalidated": range(30, 40)}
    content = {
        f"{RELEASE}/{locale}/{name}.tsv": "".join(
            "\t".join(line) + "\n" for line in [HEADER, *(row(number, locale) for number in numbers)]
        ).encode()
        for name, numbers in tables.items()
    }
    return content | {f"{RELEASE}/{locale}/clips/{row(n, locale)[1]}": mp3(n) for n in clips}


def write(folder: Path, content: dict[str, bytes]) -> Path:
    """Write a release into a folder; its own folder comes back."""
    for name, each in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(each)
    return folder / RELEASE


def tar_gz(content: dict[str, bytes]) -> bytes:
    """Pack files as Mozilla delivers them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, each in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(each)
            archive.addfile(member, io.BytesIO(each))
    return packed.getvalue()
