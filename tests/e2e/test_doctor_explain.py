"""Each refusal: AWS's code and message in both protocols, and the request id that explains it."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from tests.e2e.conftest import installation_in, stop
from tests.e2e.doctor import READ_ONLY, Key, World, bad, document, statement

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

FORM = "application/x-www-form-urlencoded; charset=utf-8"
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    installation = installation_in(tmp_path_factory.mktemp("doctor"), names="localhost")
    try:
        installation.up()
        yield World(installation, installation.home)
    finally:
        stop(installation)


@dataclass
class Sent:
    """A signed request, which a case may spoil before it goes out."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    status: int
    code: str
    message: str
    request_id: str


def exchange(
    world: World,
    protocol: str,
    key: Key,
    spoil: Callable[[Sent], None] = lambda _sent: None,
    *,
    ahead: timedelta = timedelta(),
    presigned: bool = False,
) -> Answered:
    """What the service says to a request of ``rest-json`` or ``query``."""
    rest = protocol == "rest-json"
    service = "managedblockchain" if rest else "sts"
    path, body = ("/networks", b"") if rest else ("/", IDENTITY)
    if presigned and not rest:
        path, body = f"/?{IDENTITY.decode()}", b""
    request = AWSRequest(
        "GET" if not body else "POST",
        world.installation.url + path,
        data=body,
        headers={} if rest or presigned else {"Content-Type": FORM},
    )
    credentials = Credentials(key.access_key_id, key.secret, key.token or None)
    signer = (auth.SigV4QueryAuth if presigned else auth.SigV4Auth)(
        credentials, service, "us-east-1", **({"expires": 60} if presigned else {})
    )
    moment = datetime.now(UTC) + ahead
    with mock.patch.object(auth, "get_current_datetime", return_value=moment):
        signer.add_auth(request)
    parts = urlsplit(request.url)
    sent = Sent(
        request.method, f"{parts.path}?{parts.query}" if parts.query else parts.path,
        dict(request.headers.items()), body,
    )  # fmt: skip
    spoil(sent)
    with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
        connection.request(sent.method, sent.path, sent.body, sent.headers)
        response = connection.getresponse()
        text = response.read().decode()
    request_id = response.headers["x-amzn-requestid"]
    if rest:
        error = response.headers.get("x-amzn-errortype", "")
        return Answered(response.status, error, json.loads(text).get("Message", ""), request_id)
    found = {
        name: (re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL) or ["", ""])[1]
        for name in ("Code", "Message", "RequestId")
    }
    assert found["RequestId"] == request_id
    return Answered(response.status, found["Code"], found["Message"], request_id)


@dataclass(frozen=True)
class Case:
    """``provoke`` has a request refused; the codes are those of ``rest-json`` and ``query``."""

    cause: str
    provoke: Callable[[World, str], Answered]
    status: int
    codes: tuple[str, str]
    message: str


def _sent_by(
    key: Callable[[World], Key], spoil: Callable[[Sent], None] = lambda _sent: None, **how: Any
) -> Callable[[World, str], Answered]:
    return lambda world, protocol: exchange(world, protocol, key(world), spoil, **how)


def _user(world: World) -> Key:
    return world.user(READ_ONLY)


def _with(**changes: Any) -> Callable[[World], Key]:
    def key(world: World) -> Key:
        return replace(_user(world), **changes)

    return key


def _inactive(world: World) -> Key:
    made = _user(world)
    world.iam.update_access_key(
        UserName=made.name, AccessKeyId=made.access_key_id, Status="Inactive"
    )
    return made


def _session(world: World, **changes: str) -> Key:
    return replace(world.session(world.role()), **changes)


def _expired(world: World) -> Key:
    made = world.session(world.role())
    world.expire(made)
    return made


def _unsigned(sent: Sent) -> None:
    sent.headers = {name: value for name, value in sent.headers.items() if name == "Content-Type"}


def _malformed(sent: Sent) -> None:
    signed = sent.headers["Authorization"]
    sent.headers["Authorization"] = signed.replace("Credential=", "Credential=x/")


def _other_body(sent: Sent) -> None:
    sent.headers["X-Amz-Content-SHA256"] = "0" * 64


def _other_path(sent: Sent) -> None:
    sent.path += "&a=b" if "?" in sent.path else "?a=b"


UNKNOWN = ("UnrecognizedClientException", "InvalidClientTokenId")
WRONG = ("InvalidSignatureException", "SignatureDoesNotMatch")
INVALID_TOKEN = "The security token included in the request is invalid."
MISMATCH = "The request signature we calculated does not match the signature you provided."

CASES = {
    "unknown-key": Case(
        "key-unknown", _sent_by(_with(access_key_id="AKIAABCDEFGHIJKLMNOP")), 403, UNKNOWN,
        INVALID_TOKEN,
    ),
    "inactive-key": Case("key-inactive", _sent_by(_inactive), 403, UNKNOWN, INVALID_TOKEN),
    "wrong-secret": Case("secret-wrong", _sent_by(_with(secret="x" * 40)), 403, WRONG, MISMATCH),
    "changed-on-its-way": Case("secret-wrong", _sent_by(_user, _other_path), 403, WRONG, MISMATCH),
    "changed-body": Case(
        "request-changed-on-its-way", _sent_by(_user, _other_body), 403, WRONG,
        "The header x-amz-content-sha256 is not the SHA-256",
    ),
    "slow-clock": Case(
        "clock-skewed", _sent_by(_user, ahead=timedelta(hours=-1)), 403, WRONG,
        "Signature expired: ",
    ),
    "fast-clock": Case(
        "clock-skewed", _sent_by(_user, ahead=timedelta(hours=1)), 403, WRONG,
        "Signature not yet current: ",
    ),
    "old-url": Case(
        "presigned-url-expired", _sent_by(_user, ahead=timedelta(minutes=-3), presigned=True), 400,
        ("RequestExpired", "RequestExpired"), "Request has expired",
    ),
    "unsigned": Case(
        "credentials-missing", _sent_by(_user, _unsigned), 403,
        ("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
        "The request is not signed (Missing Authentication Token)",
    ),
    "malformed": Case(
        "signature-malformed", _sent_by(_user, _malformed), 403,
        ("IncompleteSignatureException", "IncompleteSignature"), "Credential has to be",
    ),
    "token-missing": Case(
        "token-missing", _sent_by(lambda world: _session(world, token="")), 403, UNKNOWN,
        INVALID_TOKEN,
    ),
    "token-of-other": Case(
        "token-of-another-session", _sent_by(lambda world: _session(world, token="x" * 256)), 403,
        UNKNOWN, INVALID_TOKEN,
    ),
    "token-left-over": Case(
        "token-not-needed", _sent_by(_with(token="x" * 256)), 403, UNKNOWN, INVALID_TOKEN,
    ),
    "token-expired": Case(
        "token-expired", _sent_by(_expired), 403, ("ExpiredTokenException", "ExpiredToken"),
        "The security token included in the request is expired",
    ),
}  # fmt: skip


@pytest.mark.parametrize("protocol", ["rest-json", "query"])
@pytest.mark.parametrize("name", CASES)
def test_a_refused_signature_is_told_and_explained(name: str, protocol: str, world: World) -> None:
    case = CASES[name]

    answered = case.provoke(world, protocol)

    assert answered.status == case.status
    assert answered.code == case.codes[protocol == "query"]
    assert answered.message.startswith(case.message)
    call, why = world.doctor(world.administrator, "--explain", answered.request_id)
    assert why["cause"] == case.cause
    assert answered.request_id in call["evidence"]


def test_a_denial_names_the_statement_and_is_mended(world: World) -> None:
    guard = document({**statement("Deny", "managedblockchain:List*"), "Sid": "Freeze"})
    user = world.user(READ_ONLY, guard=guard)
    answered = exchange(world, "rest-json", user)
    assert answered.message == (
        f"User: {user.arn} is not authorized to perform: managedblockchain:ListNetworks on "
        "resource: * with an explicit deny in an identity-based policy"
    )
    call, why = world.doctor(world.administrator, "--explain", answered.request_id)
    assert user.arn in call["what"]
    assert user.access_key_id in call["what"]
    assert (why["cause"], why["grade"]) == ("denied-by-statement", "bad")
    assert f"statement Freeze of the inline policy guard of user {user.name}" in why["evidence"]
    world.mend(world.administrator, why["command"])
    assert exchange(world, "rest-json", user).status == 200
    _, why = world.doctor(world.administrator, "--explain", answered.request_id)
    assert why["what"].endswith("and is now")


def test_the_doctor_leads_to_the_explanation(world: World) -> None:
    """The newest refusal of the caller's key, and of anybody."""
    user = world.user(READ_ONLY)
    environment = world.shell(user)
    assert exchange(world, "query", user).status == 200
    answered = exchange(world, "rest-json", replace(user, token="x" * 256))
    (lately,) = [each for each in world.doctor(environment) if "--explain" in each["command"]]
    assert lately["command"].endswith(answered.request_id)
    _, why = world.doctor(environment, "--explain", "last")
    assert why["cause"] == "token-not-needed"


def test_a_role_that_does_not_trust(world: World) -> None:
    user, other = world.user(), world.user()
    role = world.role_arn(world.role(other.arn))
    sts = world.client("sts", user)
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn=role, RoleSessionName="session")
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    _, why = world.doctor(world.administrator, "--explain", request_id)
    assert why["cause"] == "role-not-trusting"
    world.mend(world.administrator, why["command"])
    assert sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]


def test_a_role_that_may_not_be_passed(world: World) -> None:
    user = world.user(own=document(statement("Allow", "ec2:*")))
    ec2 = world.client("ec2", user)
    with pytest.raises(ClientError) as refused:
        ec2.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "app"}
        )
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    _, why = world.doctor(world.administrator, "--explain", request_id)
    assert why["cause"] == "pass-role-missing"
    assert "iam:PassRole" in why["what"]
    assert "role/app" in why["what"]


def test_from_another_machine_cloudtrail_tells_it(world: World) -> None:
    user = world.user(own=document(statement("Allow", "cloudtrail:LookupEvents")))
    answered = exchange(world, "rest-json", user)
    far = world.shell(user, HANSA_DATA_DIR=str(world.home / "nowhere"))
    call, why = world.doctor(far, "--explain", answered.request_id)
    assert user.arn in call["what"]
    assert why["cause"] == "not-allowed"
    assert bad([why])


def test_what_is_not_recorded(world: World) -> None:
    done = world.installation.try_hansa("doctor", "auth", "--explain", "no-such-request")
    assert done.returncode == 1
    assert "no-such-request" in done.stderr
    assert "hansa audit list" in done.stderr
