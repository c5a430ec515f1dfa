#!/bin/bash
peer channel create -c ourchannel \
    -f /opt/home/ourchannel.pb -o $ORDERER \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls
