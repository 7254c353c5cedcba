"""A stand-in of Mozilla Data Collective: a local server with the routes that finding and downloading a data set take.

Its answers have the fields that the client `datacollective` reads.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class CollectiveStandIn:
    """The service with a catalogue; enter it as a context to serve.

    Parameters
    ----------
    key
        The only key that it accepts.
    archives
        Content by id of a data set.
    catalogue
        Data sets as the service lists them.
    refusals
        Status to answer with, by a pattern of method and path.
    cut_short
        Bytes after which the next download breaks off; None for whole downloads.
    """

    key: str
    archives: dict[str, bytes]
    catalogue: list[dict[str, Any]]
    refusals: dict[str, int] = field(default_factory=dict)
    cut_short: int | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> CollectiveStandIn:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def details(self, item: dict[str, Any]) -> dict[str, Any]:
        """One data set with what depends on its archive."""
        content = self.archives.get(item["id"], b"")
        page = f"https://mozilladatacollective.com/datasets/{item['id']}"
        return {
            **item,
            "sizeBytes": len(content),
            "checksum": hashlib.sha256(content).hexdigest(),
            "datasetUrl": page,
            "organization": {"name": "Common Voice", "slug": "common-voice"},
        }

    def listing(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """A page of the catalogue, the newest upload last."""
        words = set(query.get("q", [""])[0].lower().split())
        found = [each for each in self.catalogue if words <= set(each["name"].lower().split())]
        found = [each for each in found if each["locale"] in query.get("locale", [each["locale"]])]
        size, page = int(query.get("limit", ["24"])[0]), int(query.get("page", ["1"])[0])
        part = found[size * (page - 1) : size * page]
        return {"items": [self.details(each) for each in part], "total": len(found)}


class _Handler(BaseHTTPRequestHandler):
    service: CollectiveStandIn

    def _serve(self) -> None:
        url = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.service.requests.append((f"{self.command} {self.path}", dict(self.headers)))
        for pattern, status in self.service.refusals.items():
            if re.search(pattern, f"{self.command} {url.path}"):
                return self._answer(status, {"message": f"refused to {self.headers.get('Authorization')}"})
        if url.path == "/api/datasets":
            return self._answer(200, self.service.listing(parse_qs(url.query)))
        if match := re.fullmatch(r"/files/(\w+)", url.path):
            return self._file(self.service.archives[match[1]])
        match = re.fullmatch(r"/api/datasets/(\w+)(/download)?", url.path)
        items = [each for each in self.service.catalogue if match and each["id"] == match[1]]
        if not items:
            return self._answer(404, {"message": "no such data set"})
        if not match[2]:
            return self._answer(200, self.service.details(items[0]))
        if self.headers.get("Authorization") != f"Bearer {self.service.key}":
            return self._answer(401, {"message": "wrong key"})
        plan = {"downloadUrl": f"{self.service.address}/files/{match[1]}"}
        details = self.service.details(items[0])
        return self._answer(200, plan | {name: details[name] for name in ("sizeBytes", "checksum", "filename")})

    do_GET = do_POST = _serve  # noqa: N815

    def _file(self, content: bytes) -> None:
        begin = int(re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))[1])
        cut, self.service.cut_short = self.service.cut_short, None
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        self.wfile.write(content[begin:cut])
        self.close_connection = True

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""
