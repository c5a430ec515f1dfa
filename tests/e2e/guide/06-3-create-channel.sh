#!/bin/bash
peer channel create -c mychannel \
    -f /opt/home/mychannel.pb -o $ORDERER \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls

peer channel join -b mychannel.block \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls
