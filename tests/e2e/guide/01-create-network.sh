#!/bin/bash
# The guide's flags of 2018 were of a preview; no published client has them.
aws managedblockchain create-network \
    --name "$NAME" --description MyTaigaNetDescription \
    --framework HYPERLEDGER_FABRIC --framework-version 1.2 \
    --framework-configuration '{"Fabric": {"Edition": "STARTER"}}' \
    --voting-policy '{"ApprovalThresholdPolicy": {"ThresholdPercentage": 50,
        "ProposalDurationInHours": 24, "ThresholdComparator": "GREATER_THAN"}}' \
    --member-configuration '{"Name":"org1", "Description":"Org1 first member of network",
        "FrameworkConfiguration":{"Fabric":
        {"AdminUsername":"AdminUser","AdminPassword":"Password123"}}}' > created.json

export NETWORK_ID=$(sed -n 's/.*"NetworkId": "\([^"]*\)".*/\1/p' created.json)
export ADMIN_USER=AdminUser
export MEMBER_ID=$(sed -n 's/.*"MemberId": "\([^"]*\)".*/\1/p' created.json)
aws managedblockchain wait member-available --network-id $NETWORK_ID --member-id $MEMBER_ID
aws managedblockchain wait network-available --network-id $NETWORK_ID
aws managedblockchain list-networks
