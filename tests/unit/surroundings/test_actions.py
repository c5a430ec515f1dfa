"""What a request would do, in the words of IAM's policies."""

from __future__ import annotations

from typing import Any

import pytest

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.surroundings.actions import permissions

CALLER = Caller("111122223333", "arn:aws:iam::111122223333:user/a", "AKIA", "eu-west-1")


def asked(
    service: str,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    bucket: str = "",
    **headers: str,
) -> list[tuple[str, str]]:
    scope: dict[str, Any] = {
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    needed = permissions(service, scope, body, CALLER, bucket)
    return [(permission.action, permission.resource_arn) for permission in needed]


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/", "", ("s3:ListAllMyBuckets", "*")),
        ("GET", "/b", "list-type=2", ("s3:ListBucket", "arn:aws:s3:::b")),
        ("PUT", "/b", "", ("s3:CreateBucket", "arn:aws:s3:::b")),
        ("DELETE", "/b/", "", ("s3:DeleteBucket", "arn:aws:s3:::b")),
        ("PUT", "/b", "policy", ("s3:PutBucketPolicy", "arn:aws:s3:::b")),
        ("POST", "/b", "delete", ("s3:DeleteObject", "arn:aws:s3:::b/*")),
        ("GET", "/b/k/l", "", ("s3:GetObject", "arn:aws:s3:::b/k/l")),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", ("s3:PutObject", "arn:aws:s3:::b/k")),
        ("GET", "/b/k", "tagging", ("s3:GetObjectTagging", "arn:aws:s3:::b/k")),
        ("PATCH", "/b/k", "", ("s3:UnknownObject", "arn:aws:s3:::b/k")),
    ],
)
def test_s3_by_method_path_and_query(
    method: str, path: str, query: str, expected: tuple[str, str]
) -> None:
    assert asked("s3", method, path, query) == [expected]


def test_a_copy_reads_its_source_too() -> None:
    needed = asked("s3", "PUT", "/b/k", x_amz_copy_source="/other/a%20b?versionId=1")
    assert needed == [
        ("s3:PutObject", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::other/a b"),
    ]


def test_a_bucket_in_the_host_is_the_bucket() -> None:
    assert asked("s3", "GET", "/k", bucket="b") == [("s3:GetObject", "arn:aws:s3:::b/k")]


def test_forms_and_targets_name_the_action() -> None:
    assert asked("ec2", body=b"Action=DescribeVpcs&Version=1") == [("ec2:DescribeVpcs", "*")]
    names = b'{"Names": ["/a/b", "c:2"]}'
    arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/"
    assert asked("ssm", body=names, x_amz_target="AmazonSSM.GetParameters") == [
        ("ssm:GetParameters", f"{arn}a/b"),
        ("ssm:GetParameters", f"{arn}c"),
    ]
    secret = asked("secretsmanager", body=b'{"SecretId":"s"}', x_amz_target="secretsmanager.X")
    assert secret == [
        ("secretsmanager:X", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s")
    ]
    assert asked("ssm", body=b"{", x_amz_target="AmazonSSM.GetParameter") == [
        ("ssm:GetParameter", "*")
    ]


def test_of_several_actions_every_one_is_needed() -> None:
    both = asked("ec2", query="Action=DescribeVpcs", body=b"Action=DeleteVpc&Action=CreateVpc")
    assert both == [("ec2:CreateVpc", "*"), ("ec2:DeleteVpc", "*"), ("ec2:DescribeVpcs", "*")]


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", {}), (b"Action=a*", {}), (b"Action=A", {"content_encoding": "gzip"})],
)
def test_what_cannot_be_told_is_refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(AccessDeniedError):
        asked("ec2", body=body, **headers)


def test_a_path_with_more_slashes_names_the_same_bucket() -> None:
    assert asked("s3", "GET", "//b/k") == [("s3:GetObject", "arn:aws:s3:::b/k")]
    assert asked("s3", "PUT", "/b", "accelerate") == [
        ("s3:PutBucketConfiguration", "arn:aws:s3:::b")
    ]
    assert asked("s3", "POST", "/b/k", "select&select-type=2") == [
        ("s3:GetObject", "arn:aws:s3:::b/k")
    ]
