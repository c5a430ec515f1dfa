#!/bin/bash
configtxgen \
    -outputCreateChannelTx /opt/home/mychannel.pb \
    -profile OneOrgChannel -channelID mychannel \
    --configPath /opt/home/
