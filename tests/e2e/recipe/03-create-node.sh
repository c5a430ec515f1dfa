#!/bin/bash
MEMBER_ID=$(aws managedblockchain list-members \
    --network-id ${NETWORK_ID} \
    --query "Members[?Name=='${MEMBER_NAME}'].Id" \
    --output text)

export MEMBER_ID

aws managedblockchain create-node \
    --network-id ${NETWORK_ID} \
    --member-id ${MEMBER_ID} \
    --node-configuration '{
        "InstanceType": "bc.t3.small",
        "AvailabilityZone": "'${AWS_REGION}a'"
    }'
