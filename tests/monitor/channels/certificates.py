"""Certificates of an office of our own, made by Debian's openssl: the other engine that our TLS is held against."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Certificate(NamedTuple):
    """A certificate that vouches for itself, and its key."""

    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """Return what a server needs to speak under it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path, name: str, *, days: int = 2) -> Certificate:
    """Return a new certificate for an address or a host; without openssl the test is skipped here and fails in CI."""
    if shutil.which("openssl") is None:
        missing = "openssl is not installed; on Debian: sudo apt-get install openssl"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(made.key), "-out", str(made.certificate), "-days", str(days), "-subj", "/CN=office",
         "-addext", f"subjectAltName={kind}:{name}", "-addext", "basicConstraints=critical,CA:TRUE"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made
