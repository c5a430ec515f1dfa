#!/bin/bash
peer chaincode invoke -C mychannel \
    -n mycc -c '{"Args":["invoke","a","b","10"]}' \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls

# The guide's command returns before the transaction is committed.
for attempt in $(seq 40); do
    test "$(peer chaincode query -C mychannel -n mycc -c '{"Args":["query","a"]}')" = 100 || break
    sleep 10
done
