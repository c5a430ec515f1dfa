"""Hansa's own API as one object: each operation of the model ``hansafabric``, by its name."""

from __future__ import annotations

from hansa.awsapi.hansafabric import HansaFabricOperations
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.identities import Identities
from hansa.fabric.ledgers import Ledgers
from hansa.fabric.transactions import Transactions
from hansa.operations.chaincode_logs import ChaincodeLogs
from hansa.operations.chaincode_metrics import ChaincodeMetricsRequests
from hansa.operations.chaincodes import ChaincodeRequests
from hansa.operations.channel_changes import ChannelChanges
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.channels import Channels
from hansa.operations.context import OperationContext
from hansa.operations.fabric_tags import FabricTags
from hansa.operations.identities import IdentityRequests
from hansa.operations.ledger import LedgerRequests
from hansa.operations.long_operations import LongOperations
from hansa.operations.packages import Packages
from hansa.operations.transactions import TransactionRequests


class HansaFabric:
    """Which noun answers which operation."""

    def __init__(
        self,
        context: OperationContext,
        ledgers: Ledgers,
        chaincodes: Chaincodes,
        transactions: Transactions,
        identities: Identities,
    ) -> None:
        channels, operations = Channels(context, ledgers), LongOperations(context)
        changes = ChannelChanges(context, ledgers, chaincodes)
        chaincode = ChaincodeRequests(context, ledgers, chaincodes)
        transaction = TransactionRequests(context, ledgers, chaincodes, transactions)
        ledger = LedgerRequests(context, ledgers, chaincodes, transactions)
        identity = IdentityRequests(context, ledgers, identities)
        tags = FabricTags(context, ChannelRequests(context, ledgers), chaincode.list)
        self._offer_chaincode(context, ledgers, chaincodes, chaincode)
        self.add_channel_member = changes.add_member
        self.cancel_operation = operations.cancel
        self.create_channel = channels.create
        self.get_block = ledger.block
        self.enroll_identity = identity.enroll
        self.get_channel = channels.get
        self.get_operation = operations.get
        self.get_transaction = ledger.transaction
        self.invoke_chaincode = transaction.invoke
        self.join_channel = channels.join
        self.leave_channel = channels.leave
        self.list_blocks = ledger.blocks
        self.list_channels = channels.list
        self.list_identities = identity.list
        self.list_operations = operations.list
        self.list_tags_for_resource = tags.list
        self.query_chaincode = transaction.query
        self.register_identity = identity.register
        self.remove_channel_member = changes.remove_member
        self.revoke_identity = identity.revoke
        self.tag_resource = tags.tag
        self.untag_resource = tags.untag
        self.set_anchor_peers = changes.set_anchor_peers
        self.set_consenters = changes.set_consenters
        self.update_channel = changes.update

    def _offer_chaincode(
        self,
        context: OperationContext,
        ledgers: Ledgers,
        chaincodes: Chaincodes,
        chaincode: ChaincodeRequests,
    ) -> None:
        """What is about packages, and about chaincode but calls of it."""
        metrics = ChaincodeMetricsRequests(context, ledgers, chaincodes)
        packages = Packages(context)
        self.approve_chaincode = chaincode.approve
        self.check_commit_readiness = chaincode.readiness
        self.commit_chaincode = chaincode.commit
        self.deploy_chaincode = chaincode.deploy
        self.get_chaincode_logs = ChaincodeLogs(context, ledgers, chaincodes).get
        self.get_chaincode_metrics = metrics.get
        self.get_package = packages.get
        self.install_chaincode = chaincode.install
        self.list_chaincodes = chaincode.list
        self.list_packages = packages.list
        self.package_chaincode = packages.package
        self.upgrade_chaincode = chaincode.upgrade


def hansa_fabric(
    context: OperationContext,
    ledgers: Ledgers,
    chaincodes: Chaincodes,
    transactions: Transactions,
    identities: Identities,
) -> HansaFabricOperations:
    """The operations, checked by the type checker against the service model."""
    return HansaFabric(context, ledgers, chaincodes, transactions, identities)
