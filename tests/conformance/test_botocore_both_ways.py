"""botocore is the other end of the wire: it writes what we read, and reads what we write."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.shapes import MODEL, OPERATIONS, structures
from tests.conformance.toy import Recorder

from hansa.wire.http import Head
from hansa.wire.serialize import OutputSerializer
from hansa.wire.service import Mount, managedblockchain_service

SERVICE = managedblockchain_service(Recorder())
MOUNT = Mount(SERVICE)
SERIALIZERS = {
    name: OutputSerializer(SERVICE.model.operation_model(name), SERVICE.sparse)
    for name in SERVICE.model.operation_names
}
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def as_sent(operation: Any, request: dict[str, Any]) -> tuple[str, str, str, bytes]:
    """Method, path, query and body that botocore sends for a request."""
    serializer = create_serializer("rest-json", include_validation=True)
    sent = serializer.serialize_to_request(request, operation)
    prepare_request_dict(sent, "http://127.0.0.1:1")
    url = urlsplit(sent["url"])
    body = sent["body"]
    return sent["method"], url.path, url.query, body if isinstance(body, bytes) else body.encode()


@pytest.mark.parametrize("name", OPERATIONS)
@FEW
@given(data=st.data())
def test_what_botocore_writes_is_read_as_it_was(name: str, data: st.DataObject) -> None:
    operation = MODEL.operation_model(name)
    request = data.draw(structures(operation.input_shape))
    method, path, query, body = as_sent(operation, request)
    endpoint, read_input = MOUNT.find(Head(method, path, query, {}), body)
    assert endpoint.name == name
    expected = {key: value for key, value in request.items() if value != [] or key != "TagKeys"}
    if expected.keys() != request.keys():
        return  # an empty list has no form in a query
    assert read_input() == request


@pytest.mark.parametrize("name", OPERATIONS)
@FEW
@given(data=st.data())
def test_what_we_write_is_read_by_botocore_as_it_was(name: str, data: st.DataObject) -> None:
    operation = MODEL.operation_model(name)
    output = data.draw(structures(operation.output_shape))
    body = SERIALIZERS[name].serialize(output)
    parsed = create_parser("rest-json").parse(
        {"status_code": 200, "headers": {}, "body": body}, operation.output_shape
    )
    del parsed["ResponseMetadata"]
    assert parsed == output


@pytest.mark.parametrize("name", OPERATIONS)
@FEW
@given(data=st.data())
def test_every_member_is_written_and_null_where_it_has_no_value(
    name: str, data: st.DataObject
) -> None:
    operation = MODEL.operation_model(name)
    output = data.draw(structures(operation.output_shape))
    document = json.loads(SERIALIZERS[name].serialize(output))
    assert_complete(operation.output_shape, output, document)


def assert_complete(shape: Any, value: Any, document: Any) -> None:
    if value is None or shape.type_name not in ("structure", "list"):
        return
    if shape.type_name == "list":
        for item, written in zip(value, document, strict=True):
            assert_complete(shape.member, item, written)
        return
    expected = set(shape.members) - (SERVICE.sparse - set(value))
    assert set(document) == expected
    for name, member in shape.members.items():
        assert (document.get(name) is None) == (value.get(name) is None)
        assert_complete(member, value.get(name), document.get(name))


def test_an_output_that_the_model_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="GetNetworkOutput has no member"):
        SERIALIZERS["GetNetwork"].serialize({"network": {}})
