#!/bin/bash
aws s3 cp s3://us-east-1.managedblockchain/etc/managedblockchain-tls-chain.pem $HOME/managedblockchain-tls-chain.pem

openssl x509 -noout -text -in $HOME/managedblockchain-tls-chain.pem

# Instead of the guide's container: its tools.
eval "$(hansa client env --network $NETWORK_ID --member $MEMBER_ID --home $HOME)"

fabric-ca-client enroll \
    -u https://$ADMIN_USER:Password123@$CAENDPOINT \
    --tls.certfiles $HOME/managedblockchain-tls-chain.pem -M $HOME/admin-msp

cp -r admin-msp/signcerts admin-msp/admincerts
