#!/bin/bash
aws managedblockchain get-network \
    --network-id ${NETWORK_ID} \
    --query 'Network.Status'
