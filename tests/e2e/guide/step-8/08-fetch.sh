#!/bin/bash
peer channel fetch oldest /opt/home/ourchannel.block \
    -c ourchannel -o $ORDERER \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls
