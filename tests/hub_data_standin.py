"""A stand-in of the Hugging Face Hub for data sets: a local server with the routes that reading one needs."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pyarrow
import soundfile
from pyarrow.parquet import write_table

SENT: list[tuple[str, int]] = []  # path and bytes of each answer
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def wav(number: int) -> bytes:
    """Bytes of a short clip."""
    file = io.BytesIO()
    soundfile.write(file, np.full(160, number / 100), 16_000, format="WAV")
    return file.getvalue()


def shard(numbers: range, sentences: list[str], seconds: list[float], instead: dict[int, bytes]) -> bytes:
    """Parquet bytes with clips of tones, some are other bytes instead."""
    sounds = []
    for number, length in zip(numbers, seconds, strict=True):
        file = io.BytesIO()
        tone = 0.3 * np.sin(np.arange(int(16_000 * length)) * (0.05 + number / 500))
        soundfile.write(file, tone, 16_000, format="WAV")
        sounds.append({"bytes": instead.get(number, file.getvalue()), "path": f"{number}.wav"})
    file = io.BytesIO()
    write_table(pyarrow.table({"audio": sounds, "sentence": sentences}), file)
    return file.getvalue()


def parquet(numbers: range, features: bool = True, **columns: Any) -> bytes:
    """Bytes of a parquet file as the Hub makes them, with its description of the columns."""
    sounds = [{"bytes": wav(number), "path": f"{number}.wav"} for number in numbers]
    texts = {name: [value(number) for number in numbers] for name, value in columns.items()}
    table = pyarrow.table({"id": list(numbers), "audio": sounds, **texts})
    if features:
        kinds = {
            "id": {"dtype": "int64", "_type": "Value"},
            "audio": {"sampling_rate": 16000, "_type": "Audio"},
        }
        kinds |= {name: {"dtype": "string", "_type": "Value"} for name in texts}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": kinds}})})
    file = io.BytesIO()
    write_table(table, file)
    return file.getvalue()


def fleurs(numbers: range) -> bytes:
    """Parquet bytes with the columns of FLEURS."""
    return parquet(
        numbers,
        path=lambda number: f"/somewhere/else/{number}.wav",
        transcription=lambda number: f"वाक्य {number}",
        raw_transcription=lambda number: f"Raw {number}!",
        language=lambda number: "Hindi",
    )


def plain(numbers: range) -> bytes:
    """Parquet bytes without a language, and with numbers as speakers."""
    said, heard = (lambda number: f"ਵਾਕ {number}"), (lambda number: number % 7)
    return parquet(numbers, features=False, text=said, speaker_id=heard)


FILES = {
    "someone/fleurs": {
        "hi_in/train/0000.parquet": fleurs(range(6)),
        "hi_in/train/0001.parquet": fleurs(range(6, 9)),
        "hi_in/validation/0000.parquet": fleurs(range(20, 22)),
        "hi_in/test/0000.parquet": fleurs(range(30, 33)),
        "pa_in/partial-train/0000.parquet": plain(range(40)),
        "pa_in/invalidated/0000.parquet": plain(range(50, 52)),
        "pa_in/other/deeper/0000.parquet": b"",
    },
    "someone/long": {f"hi/train/{n:04}.parquet": fleurs(range(100 * n, 100 * n + 100)) for n in range(3)},
    "someone/broken": {"default/train/0000.parquet": b"PAR1 and no more"},
    "someone/plain": {"default/train/0000.parquet": plain(range(30))},
    "someone/textual": {"default/train/0000.parquet": parquet(range(9))},
}


class Hub(BaseHTTPRequestHandler):
    """The few routes of the Hub that a download takes."""

    def do_GET(self) -> None:
        """Answer with a listing or a file."""
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        if parts[:2] == ["api", "datasets"] and parts[4:5] == ["revision"]:
            known = "/".join(parts[2:4]) in FILES
            info = {"id": "/".join(parts[2:4]), "sha": COMMIT, "private": False, "siblings": [], "tags": []}
            self._json(info) if known else self._answer(404, error="RepoNotFound")
        elif parts[:2] == ["api", "datasets"]:
            self._tree("/".join(parts[2:4]), parts[5])
        elif parts[0] == "datasets":
            self._file("/".join(parts[1:3]), "/".join(parts[4:]))
        else:
            self._answer(404)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Answer with what is known of some paths, folders among them."""
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        wanted = json.loads(sent)["paths"] if sent.startswith("{") else parse_qs(sent)["paths"]
        self._json([each for each in self._entries("/".join(parts[2:4])) if each["path"] in wanted])

    def _json(self, answer: Any) -> None:
        self._answer(200, json.dumps(answer).encode(), "application/json")

    def _entries(self, repo: str) -> list[dict[str, Any]]:
        files = FILES.get(repo, {})
        listed = [{"type": "file", "path": path, "size": len(b), "oid": "1" * 40} for path, b in files.items()]
        folders = {path.rpartition("/")[0] for path in files} | {path.partition("/")[0] for path in files}
        return [*listed, *({"type": "directory", "path": folder, "oid": "2" * 40} for folder in sorted(folders))]

    def _tree(self, repo: str, revision: str) -> None:
        if repo == "someone/gated":
            return self._answer(403, error="GatedRepo")
        if repo == "someone/odd":
            return self._answer(400)
        if repo not in FILES or revision != "refs/convert/parquet":
            return self._answer(404, error="RevisionNotFound" if repo == "someone/bare" else "RepoNotFound")
        files = [{"type": "file", "path": ".gitattributes", "size": 1, "oid": "0" * 40}]
        files += [{"type": "file", "path": path, "size": len(b), "oid": "1" * 40} for path, b in FILES[repo].items()]
        return self._answer(200, json.dumps(files).encode(), "application/json")

    def _file(self, repo: str, place: str) -> None:
        content = FILES[repo].get(place.removeprefix("refs/convert/parquet/"))
        return self._answer(404, error="EntryNotFound") if content is None else self._answer(200, content)

    def _answer(
        self, status: int, content: bytes = b"", kind: str = "application/octet-stream", error: str = ""
    ) -> None:
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part and status == 200:
            begin, end = int(part[1]), min(int(part[2]) + 1, len(content))
            extent, content, status = f"bytes {begin}-{end - 1}/{len(content)}", content[begin:end], 206
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", extent)
        SENT.append((self.path, len(content)) if self.command == "GET" else (self.path, 0))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Stay quiet."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve the files; the context is the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
