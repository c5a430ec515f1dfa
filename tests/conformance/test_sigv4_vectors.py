"""AWS's published test suite of Signature Version 4, request by request."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hansa.domain.errors import AuthenticationError
from hansa.iam.credentials import Credential
from hansa.wire.http import Head, read_head
from hansa.wire.sigv4 import canonical_request, string_to_sign, verify
from hansa.wire.sigv4_claim import read_claim

SUITE = json.loads((Path(__file__).parent / "data/sigv4_vectors.json").read_text())
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
MINUTES = timedelta(minutes=5)


def head_of(vector: dict[str, Any]) -> Head:
    path, _, query = vector["target"].encode().partition(b"?")
    # A server takes the white space around a value away.
    headers = [(k.lower().encode(), v.strip().encode()) for k, v in vector["headers"]]
    scope = {
        "method": vector["method"],
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": headers,
    }
    return read_head(scope)


def keys_of(vector: dict[str, Any], secret: str = SUITE["secret_access_key"]) -> Any:
    token = head_of(vector).headers.get("x-amz-security-token")
    credential = Credential(SUITE["access_key_id"], secret, "1" * 12, "arn", session_token=token)

    class Keys:
        def find(self, access_key_id: str) -> Credential | None:
            return credential if access_key_id == credential.access_key_id else None

    return Keys()


def digest(vector: dict[str, Any]) -> str:
    return hashlib.sha256(vector["body"].encode()).hexdigest()


def canonical(vector: dict[str, Any]) -> str:
    return vector["canonical_request"].encode().decode("latin-1")


@pytest.mark.parametrize("vector", SUITE["vectors"], ids=lambda vector: vector["name"])
class TestVectors:
    def test_canonical_request_and_string_to_sign_are_the_published_ones(self, vector: Any) -> None:
        head = head_of(vector)
        claim = read_claim(head)
        assert canonical_request(head, claim, digest(vector)) == canonical(vector)
        assert string_to_sign(claim, canonical(vector)) == vector["string_to_sign"]

    def test_the_published_signature_is_right(self, vector: Any) -> None:
        head = head_of(vector)
        signature = verify(head, read_claim(head), digest(vector), keys_of(vector), NOW, MINUTES)
        assert signature.caller.access_key_id == SUITE["access_key_id"]
        assert signature.caller.region == SUITE["region"]
        assert signature.claim.service == SUITE["service"]

    @pytest.mark.parametrize("change", ["secret", "body", "method", "path", "query"])
    def test_any_change_makes_it_wrong(self, vector: Any, change: str) -> None:
        head, body, keys = head_of(vector), digest(vector), keys_of(vector)
        if change == "secret":
            keys = keys_of(vector, secret="another")
        elif change == "body":
            body = hashlib.sha256(b"other").hexdigest()
        else:
            parts = {
                "method": {"method": "DELETE"},
                "path": {"path": head.path + "x"},
                "query": {"query": head.query + "&x=y"},
            }[change]
            head = Head(
                **{"method": head.method, "path": head.path, "query": head.query} | parts,
                headers=head.headers,
            )
        with pytest.raises(AuthenticationError, match="does not match") as caught:
            verify(head, read_claim(head), body, keys, NOW, MINUTES)
        assert caught.value.code == "InvalidSignatureException"
