#!/bin/bash
aws managedblockchain get-member \
    --network-id $NETWORK_ID \
    --member-id $MEMBER_ID > member.json

export CAENDPOINT=$(sed -n 's/.*"CaEndpoint": "\([^"]*\)".*/\1/p' member.json)
curl https://$CAENDPOINT/cainfo -k
