#!/bin/bash
peer chaincode install -n mycc -v v0 \
    -p github.com/chaincode_example02/go
