#!/bin/bash
while true; do
    NETWORK_STATUS=$(aws managedblockchain list-networks \
        --query "Networks[?Name=='${NETWORK_NAME}'].Status" \
        --output text)

    if [ "$NETWORK_STATUS" = "AVAILABLE" ]; then
        echo "available"
        break
    elif [ "$NETWORK_STATUS" = "CREATE_FAILED" ]; then
        echo "failed"
        exit 1
    else
        echo "Network status: ${NETWORK_STATUS}"
        sleep 60
    fi
done

NETWORK_ID=$(aws managedblockchain list-networks \
    --query "Networks[?Name=='${NETWORK_NAME}'].Id" \
    --output text)

export NETWORK_ID
