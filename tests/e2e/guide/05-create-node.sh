#!/bin/bash
aws managedblockchain create-node \
    --node-configuration '{"InstanceType":"bc.t3.small","AvailabilityZone":"us-east-1a"}' \
    --network-id $NETWORK_ID \
    --member-id $MEMBER_ID > node.json

NODE_ID=$(sed -n 's/.*"NodeId": "\([^"]*\)".*/\1/p' node.json)
aws managedblockchain wait node-available \
    --network-id $NETWORK_ID --member-id $MEMBER_ID --node-id $NODE_ID
