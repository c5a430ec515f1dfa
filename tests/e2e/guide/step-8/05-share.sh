#!/bin/bash
# What org2 hands over is in $HANDED_OVER.
mkdir $HOME/org2-msp
mkdir $HOME/org2-msp/admincerts
mkdir $HOME/org2-msp/cacerts

cp $HANDED_OVER/admincerts/* $HOME/org2-msp/admincerts
cp $HANDED_OVER/cacerts/* $HOME/org2-msp/cacerts

aws managedblockchain list-members \
    --network-id $NETWORK_ID
