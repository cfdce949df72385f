"""Messages between the core and a worker over pipes: a head in JSON, and a body of bytes that nobody need read."""

from __future__ import annotations

import json
import os
import select
import struct
from collections.abc import Mapping
from contextlib import suppress
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
            if timeout_s is not None and not _is_ready(self._pipe, select.POLLIN, timeout_s):
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


def send(pipe: int, frame: Frame, patience_s: float | None = None) -> None:
    """
    Write a message to a pipe.

    Args:
        pipe: Its file descriptor; one that does not block, where there is no patience without end.
        frame: The message.
        patience_s: How long the other end may take none of it [s].

    Raises:
        ClosedError: Nobody reads it.
    """
    head = json.dumps(frame.head, ensure_ascii=False, allow_nan=False).encode()
    content = memoryview(_LENGTHS.pack(len(head), len(frame.body)) + head + frame.body)
    try:
        while content:
            if patience_s is not None and not _is_ready(pipe, select.POLLOUT, patience_s):
                raise ClosedError
            with suppress(BlockingIOError):
                content = content[os.write(pipe, content) :]
    except OSError:
        raise ClosedError from None


def _is_ready(pipe: int, what: int, timeout_s: float) -> bool:
    """Wait until a pipe can be read or written, or has ended; unlike select, for any number of open files."""
    poll = select.poll()
    poll.register(pipe, what)
    return bool(poll.poll(1_000 * timeout_s))
