#!/bin/bash
peer chaincode query -C ourchannel \
    -n mycc -c '{"Args":["query","a"]}'
