"""``hansa chaincode invoke`` and ``query``: calls of contracts as a member."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TextIO

import click

from hansa.cli.commandline import Command
from hansa.cli.fabric import Calls, calls
from hansa.cli.options import channel_option, member_option, network_option
from hansa.client.installation import ClientError

_Callback = Callable[..., Any]


def _call_options(callback: _Callback) -> _Callback:
    """What both calls take."""
    decorators = (
        click.argument("name"),
        click.argument("function"),
        click.argument("arguments", nargs=-1),
        network_option,
        member_option,
        channel_option,
        click.option(
            "--transient",
            type=click.File(),
            help="A JSON file, - for stdin, of values by name that the ledger does not keep.",
        ),
        click.option(
            "--endorser",
            "endorsers",
            metavar="ID",
            multiple=True,
            help="A member whose peer is asked.  [default: those that the policies need]",
        ),
    )
    for decorator in reversed(decorators):
        callback = decorator(callback)
    return callback


@click.command(cls=Command)
@_call_options
@click.option("--init", is_flag=True, help="It is the initialization that was asked for.")
def invoke(name: str, function: str, init: bool, **given: Any) -> None:
    """Submit a transaction: call FUNCTION of chaincode NAME, and wait until it is committed.

    Where an argument begins with a dash, -- goes before NAME.
    """
    called = calls()
    request = _request(called, name, function, **given)
    if init:
        request["IsInit"] = True
    with called.session.screen.step("Transaction committed") as step:
        answer = called.fabric.invoke_chaincode(**request)
        step.detail = f"block {answer['BlockNumber']}, {answer['TransactionId']}"
    _show(called, answer)


@click.command(cls=Command)
@_call_options
def query(name: str, function: str, **given: Any) -> None:
    """Call FUNCTION of chaincode NAME on a peer; nothing that it writes is kept.

    Where an argument begins with a dash, -- goes before NAME.
    """
    called = calls()
    _show(called, called.fabric.query_chaincode(**_request(called, name, function, **given)))


def _request(
    called: Calls,
    name: str,
    function: str,
    *,
    arguments: tuple[str, ...],
    network: str | None,
    member: str | None,
    channel: str | None,
    transient: TextIO | None,
    endorsers: tuple[str, ...],
) -> dict[str, Any]:
    from hansa.client.api import find_members

    facts = called.member(network, member)
    request: dict[str, Any] = {
        "NetworkId": facts.network_id,
        "MemberId": facts.member_id,
        "ChannelName": called.channel(facts.network_id, channel),
        "ChaincodeName": name,
        "Function": function,
        "Arguments": list(arguments),
    }
    if transient:
        request["Transient"] = _read_transient(transient.read())
    if endorsers:
        request["EndorsingMembers"] = find_members(called.api, facts.network_id, endorsers)
    return request


def _read_transient(text: str) -> dict[str, bytes]:
    """Values by name; what is no string is sent as JSON."""
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise ClientError(f"the file of transient values is no JSON: {fault}.") from fault
    if not isinstance(found, dict):
        raise ClientError(
            'the file of transient values has to hold an object: {"NAME": "VALUE", …}.'
        )
    return {
        name: (value if isinstance(value, str) else json.dumps(value)).encode()
        for name, value in found.items()
    }


def _show(called: Calls, answer: dict[str, Any]) -> None:
    """The result as it is; in JSON, and where it is no text, in Base64."""
    encoded = base64.b64encode(answer.get("Result") or b"").decode()
    told = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    text = answer.get("ResultText")
    called.session.screen.result(
        told | {"Result": encoded}, *([text if text is not None else encoded] if encoded else [])
    )
