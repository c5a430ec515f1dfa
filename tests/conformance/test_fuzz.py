"""Whatever arrives, the answer is never that the service failed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.shapes import MODEL, OPERATIONS
from tests.conformance.toy import Recorder, make_app
from tests.unit.wire.exchange import call, send

APP = make_app(Recorder())
MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
MEMBERS = sorted(
    {
        member.serialization.get("name", name)
        for shape in (MODEL.shape_for(found) for found in MODEL.shape_names)
        if shape.type_name == "structure"
        for name, member in shape.members.items()
    }
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["STARTER", "HYPERLEDGER_FABRIC", "t", "2.2"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(MEMBERS) | st.text(), inner),
)
URLS = sorted(
    {
        (operation.http["method"], operation.http["requestUri"])
        for operation in map(MODEL.operation_model, OPERATIONS)
    }
)
VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="#"))


def assert_answered(status: int) -> None:
    assert status == 200 or 400 <= status < 500


@MANY
@given(st.sampled_from(URLS), VISIBLE, VISIBLE, JSON | st.binary())
def test_signed_requests_with_any_body_and_query(
    target: tuple[str, str], label: str, query: str, content: Any
) -> None:
    method, path = target
    label, query = quote(label, safe="."), quote(query, safe="&=")
    for name in ("networkId", "memberId", "nodeId", "proposalId", "invitationId", "AccessorId"):
        path = path.replace(f"{{{name}}}", label or "x")
    path = path.replace("{resourceArn}", "arn:aws:a:b:c:" + label)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    assert_answered(call(APP, method, f"{path}?{query}", body).status)


@MANY
@given(
    st.sampled_from(["GET", "POST", "HEAD", "BREW"]),
    VISIBLE,
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "authorization",
                    "host",
                    "x-amz-date",
                    "x-amz-content-sha256",
                    "x-amz-security-token",
                    "content-length",
                    "date",
                ]
            ),
            st.text(st.characters(max_codepoint=255))
            | st.just("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host")
            | st.just("20150830T123600Z"),
        )
    ),
    st.binary(),
)
def test_unsigned_requests_with_any_head(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    status = send(APP, method, "/" + target, body, headers).status
    assert 400 <= status < 500


@MANY
@given(
    st.dictionaries(
        st.sampled_from(["Algorithm", "Credential", "Date", "Expires", "Signature"]), VISIBLE
    )
)
def test_presigned_requests_with_any_parts(parts: dict[str, str]) -> None:
    query = "&".join(f"X-Amz-{name}={value}" for name, value in parts.items())
    answer = send(APP, "GET", f"/networks?X-Amz-Signature=x&{query}", headers={"Host": "h"})
    assert answer.status == 403
