"""Static files: scripts, styles and fonts, under an address that changes when any of them does."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from babel.messages.extract import extract
from starlette.requests import Request
from starlette.responses import Response

from gatewatch import monitor
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Serving

DASHBOARDS: Final = (
    Path(monitor.__path__[0]).parent / "dashboards"
)  # the room beside ours, in the tree and in the wheel
FOLDERS: Final = ("charts", "elements", "pages", "shared", "vendor")
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".LICENSE": "text/plain; charset=utf-8",
}
# Styles that every page, or every page with charts, needs before it can be painted: one request each and not five.
TOGETHER: Final = {
    "shared/all.css": ("shared/tokens.css", "shared/base.css", "shared/head.css"),
    "charts/all.css": ("vendor/uPlot.min.css", "charts/chart.css"),
}
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_SMALL: Final = 500  # bytes that are not worth packing

router = new_router("pages")


@dataclass(frozen=True)
class Asset:
    """
    One file as it is sent.

    Args:
        content: Its bytes.
        kind: Its media type.
    """

    content: bytes
    kind: str

    @cached_property
    def packed(self) -> bytes | None:
        """The same in gzip; None where that saves nothing."""
        if self.kind == KINDS[".woff2"] or len(self.content) < _SMALL:
            return None
        return gzip.compress(self.content, 9, mtime=0)


@dataclass(frozen=True)
class Assets:
    """
    The files of a folder that browsers may have.

    Args:
        folder: The room of the screens.
    """

    folder: Path = DASHBOARDS
    _texts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, Asset]:
        """Each file by its path under the folder, and those that are sent together."""
        found = {}
        for name in FOLDERS:
            for path in sorted((self.folder / name).rglob("*")):
                kind = KINDS.get(path.suffix)
                if kind is not None and path.is_file():
                    found[path.relative_to(self.folder).as_posix()] = Asset(path.read_bytes(), kind)
        for whole, parts in TOGETHER.items():
            if found.keys() >= set(parts):
                found[whole] = Asset(b"\n".join(found[part].content for part in parts), KINDS[".css"])
        return found

    @cached_property
    def version(self) -> str:
        """A digest of all files: modules name each other by relative paths and so stay within one version."""
        digest = hashlib.sha256()
        for path, asset in self.files.items():
            digest.update(f"{path}\0{len(asset.content)}\0".encode() + asset.content)
        return digest.hexdigest()[:12]

    def url(self, path: str) -> str:
        """Return the address of a file; raises KeyError where there is none."""
        if path not in self.files:
            raise KeyError(f"{path} is no file of the screens")
        return f"/static/{self.version}/{path}"

    def texts(self, scripts: Sequence[str]) -> list[str]:
        """Return the texts that scripts say, with those that they import."""
        found: dict[str, None] = {}
        for path in self.imported(scripts):
            found.update(dict.fromkeys(self.texts_of(path)))
        return sorted(found)

    def texts_of(self, path: str) -> tuple[str, ...]:
        """Return the texts that one script hands to `_(…)`."""
        known = self._texts.get(path)
        if known is None:
            source = BytesIO(self.files[path].content)
            messages = extract("javascript", source, keywords={"_": None}, options={"parse_template_string": True})
            known = self._texts[path] = tuple(str(message[1]) for message in messages)
        return known

    def imported(self, scripts: Sequence[str]) -> list[str]:
        """Return scripts and all that they import, in the order in which they are found."""
        found: dict[str, None] = {}
        waiting = list(scripts)
        while waiting:
            path = waiting.pop(0)
            if path not in found:
                found[path] = None
                waiting += self._imports(path)
        return list(found)

    def _imports(self, path: str) -> Iterator[str]:
        for line in self.files[path].content.decode().splitlines():
            head, found, rest = line.partition(' from "')
            if found and head.startswith(("import ", "export ", "}")):
                yield _joined(PurePosixPath(path).parent, rest.partition('"')[0])


def _joined(folder: PurePosixPath, relative: str) -> str:
    parts = list(folder.parts)
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def packed_response(request: Request, content: bytes, packed: bytes | None, kind: str) -> Response:
    """Return content, in gzip where that is at hand and the browser takes it."""
    response = Response(content, media_type=None, headers={"content-type": kind, "vary": "accept-encoding"})
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        response.body = packed
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(packed))
    return response


@router.get("/static/{version}/{path:path}", response_class=Response, include_in_schema=False)
async def get_static(request: Request, services: Serving, version: str, path: str) -> Response:
    """Return a file of the screens; under the present version browsers keep it for a year."""
    assets = services.screens.assets
    asset = assets.files.get(path)
    if asset is None:
        raise ProblemError(404, f"there is no file {path[:200]} among those of the screens; load the page anew.")
    response = packed_response(request, asset.content, asset.packed, asset.kind)
    response.headers["cache-control"] = _FOR_A_YEAR if version == assets.version else _ASK_AGAIN
    if PurePosixPath(path).name.endswith("_service.js"):
        response.headers["service-worker-allowed"] = "/"
    return response
