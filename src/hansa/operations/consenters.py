"""Which orderers a channel can be ordered by. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from hansa.awsapi import hansafabric as api
from hansa.domain.endpoints import Endpoints
from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.domain.quorum import Quorum, lost_on_the_way
from hansa.fabric.base import NetworkFacts
from hansa.fabric.ledgers import Channel, port_of
from hansa.operations.facts import orderer_endpoints


def chosen_consenters(
    endpoints: Endpoints, network: NetworkFacts, asked: Sequence[str]
) -> list[str]:
    """The endpoints of the orderers in ``asked``, in the network's order.

    Raises :class:`InvalidRequestError`, and :class:`IllegalActionError` where there is no choice.
    """
    known = orderer_endpoints(endpoints, network)
    if len(known) == 1:
        raise IllegalActionError(
            f"Network {network.network_id} has one orderer, which orders all its channels; "
            "networks of edition STANDARD have three to choose from"
        )
    if not asked:
        raise _invalid("'consenters' is empty; without orderers a channel takes no transaction")
    # Both spellings are the same orderer.
    ordinals = {
        endpoint: ordinal
        for named in (True, False)
        for ordinal, endpoint in enumerate(
            orderer_endpoints(replace(endpoints, named=named), network)
        )
    }
    for endpoint in asked:
        if endpoint not in ordinals:
            raise _invalid(
                f"'consenters' has {endpoint}, which is no orderer of network "
                f"{network.network_id}; its orderers are {', '.join(known)}"
            )
    chosen = [ordinals[endpoint] for endpoint in asked]
    for ordinal in chosen:
        if chosen.count(ordinal) > 1:
            raise _invalid(f"'consenters' has orderer {known[ordinal]} twice")
    return [known[ordinal] for ordinal in sorted(chosen)]


def quorum_after(
    channel: Channel, consenters: Sequence[str], running: AbstractSet[int]
) -> api.ChannelQuorum:
    """What the orderers ``consenters`` take to order the channel.

    ``running`` are the ports of the orderers that run now.
    """
    before, after = ({*map(port_of, each)} for each in (channel.consenters, consenters))
    quorum = Quorum(frozenset(after), frozenset(running))
    lost = lost_on_the_way(before, after, running)
    refusal = (
        ""
        if lost is None
        else f"on the way {lost.needed} of {len(lost.consenters)} orderers would have to run, and "
        f"{lost.present} of them run now; see that they run, or choose others"
    )
    return {
        "Consenters": len(after),
        "Needed": quorum.needed,
        "Running": quorum.present,
        "ToleratesLoss": quorum.tolerates_loss,
        "Refusal": refusal,
    }


def check_quorum(channel: Channel, quorum: api.ChannelQuorum) -> None:
    """Raises :class:`IllegalActionError`."""
    if quorum["Refusal"]:
        raise IllegalActionError(
            f"Channel {channel.name} would lose its quorum: {quorum['Refusal']}. DryRun shows more"
        )


def _invalid(what: str) -> InvalidRequestError:
    return InvalidRequestError(f"The request is not valid: {what}")
