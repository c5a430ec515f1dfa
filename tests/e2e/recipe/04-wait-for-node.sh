#!/bin/bash
while true; do
    NODE_STATUS=$(aws managedblockchain list-nodes \
        --network-id ${NETWORK_ID} \
        --member-id ${MEMBER_ID} \
        --query "Nodes[0].Status" \
        --output text)

    if [ "$NODE_STATUS" = "AVAILABLE" ]; then
        echo "available"
        break
    elif [ "$NODE_STATUS" = "CREATE_FAILED" ]; then
        echo "failed"
        exit 1
    else
        echo "Node status: ${NODE_STATUS}"
        sleep 30
    fi
done

NODE_ID=$(aws managedblockchain list-nodes \
    --network-id ${NETWORK_ID} \
    --member-id ${MEMBER_ID} \
    --query "Nodes[0].Id" \
    --output text)

export NODE_ID
