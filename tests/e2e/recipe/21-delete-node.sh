#!/bin/bash
aws managedblockchain delete-node \
    --network-id ${NETWORK_ID} \
    --member-id ${MEMBER_ID} \
    --node-id ${NODE_ID}

while true; do
    NODE_EXISTS=$(aws managedblockchain list-nodes \
        --network-id ${NETWORK_ID} \
        --member-id ${MEMBER_ID} \
        --query 'length(Nodes)' \
        --output text 2>/dev/null || echo "0")

    if [ "$NODE_EXISTS" = "0" ]; then
        echo "deleted"
        break
    else
        echo "waiting"
        sleep 30
    fi
done
