#!/bin/bash
peer chaincode instantiate -o $ORDERER \
    -C ourchannel -n mycc -v v0 \
    -c '{"Args":["init","a","100","b","200"]}' \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls \
    -P "AND ('$MEMBER_ID.member', '$ORG2_MEMBER_ID.member')"

# "A brief moment", says the guide.
for attempt in $(seq 40); do
    peer chaincode query -C ourchannel -n mycc -c '{"Args":["query","a"]}' > /dev/null && break
    sleep 10
done
