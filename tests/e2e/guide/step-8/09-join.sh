#!/bin/bash
peer channel join -b /opt/home/ourchannel.block \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls
