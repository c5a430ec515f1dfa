#!/bin/bash
peer chaincode install \
    -n mycc -v v0 -p github.com/chaincode_example02/go

peer chaincode instantiate \
    -o $ORDERER -C mychannel -n mycc -v v0 \
    -c '{"Args":["init","a","100","b","200"]}' \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls

# "A minute or two", says the guide.
for attempt in $(seq 40); do
    peer chaincode query -C mychannel -n mycc -c '{"Args":["query","a"]}' > /dev/null && break
    sleep 10
done
