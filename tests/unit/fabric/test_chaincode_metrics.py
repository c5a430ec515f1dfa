"""A peer's metrics, read for one chaincode among others."""

from __future__ import annotations

from hansa.fabric.chaincode_metrics import ChaincodeMetrics, read_chaincode_metrics

TEXT = """\
# TYPE endorser_proposal_duration histogram
endorser_proposal_duration_bucket{chaincode="asset",channel="trade",success="true",le="0.005"} 5
endorser_proposal_duration_bucket{chaincode="asset",channel="trade",success="true",le="+Inf"} 6
endorser_proposal_duration_sum{chaincode="asset",channel="trade",success="true"} 0.5
endorser_proposal_duration_count{chaincode="asset",channel="trade",success="true"} 6
endorser_proposal_duration_sum{chaincode="asset",channel="trade",success="false"} 0.25
endorser_proposal_duration_count{chaincode="asset",channel="trade",success="false"} 2
endorser_proposal_duration_sum{chaincode="asset",channel="other",success="true"} 9
endorser_proposal_duration_count{chaincode="asset",channel="other",success="true"} 9
endorser_proposal_duration_count{chaincode="asset2",channel="trade",success="true"} 9
# TYPE chaincode_shim_requests_received counter
chaincode_shim_requests_received{chaincode="asset_1:aa",channel="trade",type="GET_STATE"} 7
chaincode_shim_requests_received{chaincode="asset_1:aa",channel="trade",type="PUT_STATE"} 4
chaincode_shim_requests_received{chaincode="asset_1:aa",channel="other",type="PUT_STATE"} 90
chaincode_shim_requests_received{chaincode="asset_2:bb",channel="trade",type="PUT_STATE"} 90
# TYPE chaincode_launch_duration histogram
chaincode_launch_duration_count{chaincode="asset_1:aa",success="true"} 2
chaincode_launch_duration_count{chaincode="asset_1:aa",success="false"} 1
# TYPE chaincode_launch_failures counter
chaincode_launch_failures{chaincode="asset_1:aa"} 1
# TYPE chaincode_execute_timeouts counter
chaincode_execute_timeouts{chaincode="asset_1:aa"} 3
# TYPE ledger_transaction_count counter
ledger_transaction_count{chaincode="asset:1",channel="trade",transaction_type="ENDORSER_TRANSACTION",validation_code="VALID"} 4
ledger_transaction_count{chaincode="asset:2",channel="trade",transaction_type="ENDORSER_TRANSACTION",validation_code="VALID"} 3
ledger_transaction_count{chaincode="asset:2",channel="trade",transaction_type="ENDORSER_TRANSACTION",validation_code="MVCC_READ_CONFLICT"} 1
ledger_transaction_count{chaincode="asset:2",channel="other",transaction_type="ENDORSER_TRANSACTION",validation_code="VALID"} 9
ledger_transaction_count{chaincode="_lifecycle:syscc",channel="trade",transaction_type="ENDORSER_TRANSACTION",validation_code="VALID"} 9
"""  # noqa: E501


def test_one_chaincode_of_one_channel_is_counted() -> None:
    assert read_chaincode_metrics(TEXT, "trade", "asset", "asset_1:aa") == ChaincodeMetrics(
        calls=8,
        failed_calls=2,
        call_seconds=0.75,
        state_requests=11,
        starts=3,
        failed_starts=1,
        timeouts=3,
        transactions={"VALID": 7, "MVCC_READ_CONFLICT": 1},
    )


def test_what_was_never_called_has_nothing_counted() -> None:
    assert read_chaincode_metrics(TEXT, "trade", "none", "none:cc") == ChaincodeMetrics()
    assert read_chaincode_metrics("", "trade", "asset", "asset_1:aa") == ChaincodeMetrics()
