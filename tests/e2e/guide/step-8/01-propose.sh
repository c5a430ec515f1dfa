#!/bin/bash
# The account is not known yet.
aws managedblockchain create-proposal \
    --actions Invitations=[{Principal=123456789012}] \
    --network-id $NETWORK_ID \
    --member-id $MEMBER_ID > proposal.json
