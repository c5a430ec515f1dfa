"""Hansa's own API as one object: each operation of the model ``hansafabric``, by its name."""

from __future__ import annotations

from hansa.awsapi.hansafabric import HansaFabricOperations
from hansa.fabric.ledgers import Ledgers
from hansa.operations.channels import Channels
from hansa.operations.context import OperationContext
from hansa.operations.long_operations import LongOperations


class HansaFabric:
    """Which noun answers which operation."""

    def __init__(self, context: OperationContext, ledgers: Ledgers) -> None:
        channels, operations = Channels(context, ledgers), LongOperations(context)
        self.cancel_operation = operations.cancel
        self.create_channel = channels.create
        self.get_channel = channels.get
        self.get_operation = operations.get
        self.join_channel = channels.join
        self.list_channels = channels.list
        self.list_operations = operations.list
        self.update_channel = channels.update


def hansa_fabric(context: OperationContext, ledgers: Ledgers) -> HansaFabricOperations:
    """The operations, checked by the type checker against the service model."""
    return HansaFabric(context, ledgers)
