#!/bin/bash
export MSP_PATH=/opt/home/admin-msp
export MSP=$MEMBER_ID
export ORDERER=$(aws managedblockchain get-network --network-id $NETWORK_ID \
    --query Network.FrameworkAttributes.Fabric.OrderingServiceEndpoint --output text)
export PEER=$(aws managedblockchain get-node --network-id $NETWORK_ID --member-id $MEMBER_ID \
    --node-id $NODE_ID --query Node.FrameworkAttributes.Fabric.PeerEndpoint --output text)

# What `docker exec -e` gave to each command.
export CORE_PEER_TLS_ENABLED=true
export CORE_PEER_TLS_ROOTCERT_FILE=/opt/home/managedblockchain-tls-chain.pem
export CORE_PEER_ADDRESS=$PEER
export CORE_PEER_LOCALMSPID=$MSP
export CORE_PEER_MSPCONFIGPATH=$MSP_PATH
