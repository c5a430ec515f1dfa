#!/bin/bash
peer chaincode list --instantiated \
    -o $ORDERER -C mychannel \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls
