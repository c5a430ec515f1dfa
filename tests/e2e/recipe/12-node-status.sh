#!/bin/bash
aws managedblockchain get-node \
    --network-id ${NETWORK_ID} \
    --member-id ${MEMBER_ID} \
    --node-id ${NODE_ID} \
    --query 'Node.[Status,FrameworkAttributes.Fabric.PeerEndpoint]'
