"""A stand-in of the Hugging Face Hub: a local server with the routes that publishing a model needs.

It speaks the Hub's plain LFS way, so clients set HF_HUB_DISABLE_XET=1; xet's servers are not imitated.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LFS_FROM = 10_000_000  # bytes; smaller files without zero bytes travel inside the commit


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HubStandIn:
    """Hub of one user; enter it as a context to serve.

    Parameters
    ----------
    token
        The only token that it accepts.
    user
        The user's name.
    role
        What the token may do.
    organisations
        Role by name of the organisations that the user belongs to.
    refusals
        Status to answer with, by a pattern of the path.
    models
        Files by path, by model.
    private
        Models that are private.
    """

    token: str
    user: str = "asha"
    role: str = "write"
    organisations: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    large: dict[str, bytes] = field(default_factory=dict)

    def __enter__(self) -> HubStandIn:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: Request) -> tuple[int, Any]:
        """Status and JSON for a request."""
        self.requests.append(request)
        path = request.path.partition("?")[0]
        for pattern, status in self.refusals.items():
            if re.search(pattern, path):
                return status, {"error": f"refused to {request.headers.get('authorization')}"}
        if request.method == "PUT" and (match := re.fullmatch(r"/lfs/(\w+)", path)):
            return self._store(match[1], request.body)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"error": "Invalid credentials in Authorization header"}
        for pattern, action in self._routes().items():
            if match := re.fullmatch(pattern, f"{request.method} {path}"):
                return action(request.body, *match.groups())
        return 404, {"error": f"no route for {request.method} {path}"}

    def _routes(self) -> dict[str, Any]:
        model = r"([\w.-]+/[\w.-]+)"
        return {
            "GET /api/whoami-v2": self._whoami,
            "POST /api/repos/create": self._create,
            "POST /api/validate-yaml": lambda body: (200, {"errors": [], "warnings": []}),
            f"GET /api/models/{model}": self._info,
            f"POST /api/models/{model}/preupload/main": self._preupload,
            rf"POST /{model}\.git/info/lfs/objects/batch": self._batch,
            "POST /lfs/verify": self._verify,
            f"POST /api/models/{model}/commit/main": self._commit,
        }

    def _whoami(self, body: bytes) -> tuple[int, Any]:
        orgs = [{"type": "org", "name": name, "roleInOrg": role} for name, role in self.organisations.items()]
        auth = {"type": "access_token", "accessToken": {"displayName": "test", "role": self.role}}
        return 200, {"type": "user", "name": self.user, "orgs": orgs, "auth": auth}

    def _create(self, body: bytes) -> tuple[int, Any]:
        wanted = json.loads(body)
        name = f"{wanted['organization']}/{wanted['name']}"
        status = 409 if name in self.models else 200
        if status == 200:
            self.models[name] = {}
            self.private |= {name} if wanted.get("visibility") == "private" else set()
        return status, {"url": f"{self.address}/{name}"}

    def _info(self, body: bytes, model: str) -> tuple[int, Any]:
        if model not in self.models:
            return 404, {"error": "Repository not found"}
        return 200, {"id": model, "private": model in self.private, "tags": [], "siblings": []}

    def _preupload(self, body: bytes, model: str) -> tuple[int, Any]:
        return 200, {"files": [_upload_mode(file) for file in json.loads(body)["files"]]}

    def _batch(self, body: bytes, model: str) -> tuple[int, Any]:
        objects = [{"oid": each["oid"], "size": each["size"]} for each in json.loads(body)["objects"]]
        verify = {"href": f"{self.address}/lfs/verify"}
        for each in objects:
            each["actions"] = {"upload": {"href": f"{self.address}/lfs/{each['oid']}"}, "verify": verify}
        return 200, {"transfer": "basic", "objects": objects}

    def _store(self, digest: str, body: bytes) -> tuple[int, Any]:
        self.large[digest] = body
        return (200, {}) if hashlib.sha256(body).hexdigest() == digest else (400, {"error": "damaged"})

    def _verify(self, body: bytes) -> tuple[int, Any]:
        wanted = json.loads(body)
        whole = len(self.large[wanted["oid"]]) == wanted["size"]
        return (200, {}) if whole else (400, {"error": "cut short"})

    def _commit(self, body: bytes, model: str) -> tuple[int, Any]:
        header, *operations = (json.loads(line) for line in body.splitlines())
        for operation in operations:
            kind, value = operation["key"], operation["value"]
            content = self.large[value["oid"]] if kind == "lfsFile" else base64.b64decode(value["content"])
            self.models[model][value["path"]] = content
        self.commits.append(header["value"]["summary"])
        return 200, {"commitUrl": f"{self.address}/{model}/commit/{40 * '0'}", "commitOid": 40 * "0"}


def _upload_mode(file: dict[str, Any]) -> dict[str, Any]:
    large = file["size"] >= LFS_FROM or b"\0" in base64.b64decode(file["sample"])
    return {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}


class _Handler(BaseHTTPRequestHandler):
    hub: HubStandIn
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._chunks() if "chunked" in headers.get("transfer-encoding", "") else self._whole(headers)
        status, answer = self.hub.answer(Request(self.command, self.path, headers, body))
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815

    def _whole(self, headers: dict[str, str]) -> bytes:
        return self.rfile.read(int(headers.get("content-length", 0)))

    def _chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""
