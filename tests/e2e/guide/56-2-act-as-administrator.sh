#!/bin/bash
export CORE_PEER_MSPCONFIGPATH=/opt/home/admin2-msp
peer channel list
peer chaincode install -n another -v v0 -p github.com/chaincode_example02/go
peer chaincode list --installed
