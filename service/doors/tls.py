"""How a mail connection is protected, and whose certificates are believed."""

from __future__ import annotations

import ssl
from enum import StrEnum


class Security(StrEnum):
    """The three ways a mail server is spoken to."""

    SSL = "ssl"  # TLS from the first byte: ports 465, 993
    STARTTLS = "starttls"  # plain greeting, then TLS: ports 587, 143
    NONE = "none"  # loopback and closed networks only


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Verify the server's name and chain, also against `ca_file` where an office runs its own authority.

    Raises OSError when the file cannot be read as certificates.
    """
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
