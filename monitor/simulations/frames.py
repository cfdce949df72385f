"""Messages between the core and a worker over pipes: a head in JSON, and a body of bytes that nobody need read."""

from __future__ import annotations

import json
import os
import select
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_LENGTHS: Final = struct.Struct(">II")
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Frame:
    """
    A message.

    Args:
        head: What it says.
        body: What comes with it.
    """

    head: Mapping[str, Any]
    body: bytes = b""


class ClosedError(Exception):
    """The other end has gone."""


class FrameReader:
    """
    Reads messages from a pipe.

    Args:
        pipe: Its file descriptor.
    """

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._buffer = bytearray()

    def next(self, timeout_s: float | None = None) -> Frame | None:
        """
        Return the next message; None when none was complete in time.

        Args:
            timeout_s: How long to wait for something to come [s]; without it, for ever.

        Raises:
            ClosedError: The pipe has ended.
        """
        while (frame := self._taken()) is None:
            if timeout_s is not None and not select.select([self._pipe], [], [], timeout_s)[0]:
                return None
            piece = os.read(self._pipe, _PIECE)
            if not piece:
                raise ClosedError
            self._buffer += piece
        return frame

    def _taken(self) -> Frame | None:
        start = _LENGTHS.size
        if len(self._buffer) < start:
            return None
        n_head, n_body = _LENGTHS.unpack_from(self._buffer)
        if len(self._buffer) < start + n_head + n_body:
            return None
        head = json.loads(bytes(self._buffer[start : start + n_head]))
        body = bytes(self._buffer[start + n_head : start + n_head + n_body])
        del self._buffer[: start + n_head + n_body]
        return Frame(head, body)


def send(pipe: int, frame: Frame) -> None:
    """
    Write a message to a pipe.

    Raises:
        ClosedError: Nobody reads it.
    """
    head = json.dumps(frame.head, ensure_ascii=False, allow_nan=False).encode()
    content = memoryview(_LENGTHS.pack(len(head), len(frame.body)) + head + frame.body)
    try:
        while content:
            content = content[os.write(pipe, content) :]
    except OSError:
        raise ClosedError from None
