#!/bin/bash
aws managedblockchain delete-member \
    --network-id ${NETWORK_ID} \
    --member-id ${MEMBER_ID}

sleep 60

aws managedblockchain delete-network \
    --network-id ${NETWORK_ID}
