#!/bin/bash
# Not in the guide: one endorsement is not enough.
peer chaincode invoke \
    -C ourchannel -n mycc -c '{"Args":["invoke","a","b","10"]}' \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls \
    --waitForEvent 2>&1 || true
peer chaincode query -C ourchannel -n mycc -c '{"Args":["query","a"]}'
