#!/bin/bash
peer chaincode invoke \
    -C ourchannel -n mycc -c '{"Args":["invoke","a","b","10"]}' \
    --peerAddresses $PEER \
    --tlsRootCertFiles /opt/home/managedblockchain-tls-chain.pem \
    --peerAddresses $ORG2_PEER \
    --tlsRootCertFiles /opt/home/managedblockchain-tls-chain.pem \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls

# The guide's command returns before the transaction is committed.
for attempt in $(seq 40); do
    test "$(peer chaincode query -C ourchannel -n mycc -c '{"Args":["query","a"]}')" = 100 || break
    sleep 10
done
