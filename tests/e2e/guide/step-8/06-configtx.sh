#!/bin/bash
configtxgen \
    -outputCreateChannelTx /opt/home/ourchannel.pb \
    -profile TwoOrgChannel -channelID ourchannel \
    --configPath /opt/home/
