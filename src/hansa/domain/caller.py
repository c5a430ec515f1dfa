"""Who is calling: the outcome of authentication, the input of authorization."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Caller:
    """An authenticated principal and the region it addressed.

    ``principal_arn`` is an IAM ARN (``arn:aws:iam::123456789012:user/admin``), or STS's of an
    assumed role. ``source_ip`` is where the request came from, ``is_secure`` whether over TLS, and
    ``user_agent`` with which program: none of these is part of who calls.
    """

    account_id: str
    principal_arn: str
    access_key_id: str
    region: str
    source_ip: str = field(default="", compare=False)
    is_secure: bool = field(default=False, compare=False)
    user_agent: str = field(default="", compare=False)
