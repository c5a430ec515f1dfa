#!/bin/bash
# The guide misspells --id.type and --id.attrs, which Fabric's client has had since its first release.
fabric-ca-client register --url https://AdminUser:Password123@$CAENDPOINT \
    --id.name AdminUser2 --id.secret Password456 \
    --id.type user --id.affiliation $MEMBER_ID \
    --id.attrs 'hf.Admin=true' --tls.certfiles $HOME/managedblockchain-tls-chain.pem \
    --mspdir $HOME/admin-msp

fabric-ca-client enroll \
    -u https://AdminUser2:Password456@$CAENDPOINT \
    --tls.certfiles $HOME/managedblockchain-tls-chain.pem \
    -M $HOME/admin2-msp

cp -r admin2-msp/signcerts admin2-msp/admincerts
openssl x509 -noout -subject -in $HOME/admin2-msp/signcerts/cert.pem
