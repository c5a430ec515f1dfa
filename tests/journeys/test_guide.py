"""Steps 1 to 7 of the AMB guide of 2019, its Fabric tools local instead of in a container.

Commands are the guide's, without ``docker exec`` and ``cli``: what it gives by ``-e`` is given by
the environment. Its home directory is the user's; inside the container that is ``/opt/home``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import User

pytestmark = [pytest.mark.fabric, pytest.mark.clients]

EXAMPLES = Path(__file__).parents[2] / "examples"

CONFIGTX = """\
Organizations:
    - &Org1
        Name: MemberID
        ID: MemberID
        MSPDir: /opt/home/admin-msp
        AnchorPeers:
            - Host:
              Port:
Application: &ApplicationDefaults
    Organizations:
Profiles:
    OneOrgChannel:
        Consortium: AWSSystemConsortium
        Application:
            <<: *ApplicationDefaults
            Organizations:
                - *Org1
"""

CREATE = """
aws managedblockchain create-network --name MyTestNetwork --description MyNetDescription \
    --framework HYPERLEDGER_FABRIC --framework-version 1.2 \
    --framework-configuration '{"Fabric": {"Edition": "STARTER"}}' \
    --voting-policy '{"ApprovalThresholdPolicy": {"ThresholdPercentage": 50,
        "ProposalDurationInHours": 24, "ThresholdComparator": "GREATER_THAN"}}' \
    --member-configuration '{"Name":"org1","Description":"Org1 first member of network",
        "FrameworkConfiguration":{"Fabric":
        {"AdminUsername":"AdminUser","AdminPassword":"Password123"}}}' > created.json
NETWORK=$(aws managedblockchain list-networks --query 'Networks[0].Id' --output text)
MEMBER=$(aws managedblockchain list-members --network-id $NETWORK --query 'Members[0].Id' \
    --output text)
aws managedblockchain wait member-available --network-id $NETWORK --member-id $MEMBER
"""

ENROLL = """
aws s3 cp s3://us-east-1.managedblockchain/etc/managedblockchain-tls-chain.pem \
    $HOME/managedblockchain-tls-chain.pem
openssl x509 -noout -text -in $HOME/managedblockchain-tls-chain.pem
CAEndpoint=$(aws managedblockchain get-member --network-id $NETWORK --member-id $MEMBER \
    --query Member.FrameworkAttributes.Fabric.CaEndpoint --output text)
curl https://$CAEndpoint/cainfo -k
eval "$(hansa client env --home $HOME)"
fabric-ca-client enroll -u https://AdminUser:Password123@$CAEndpoint \
    --tls.certfiles $HOME/managedblockchain-tls-chain.pem -M $HOME/admin-msp
cp -r admin-msp/signcerts admin-msp/admincerts
aws managedblockchain create-node \
    --node-configuration '{"InstanceType":"bc.t3.small","AvailabilityZone":"us-east-1a"}' \
    --network-id $NETWORK --member-id $MEMBER
NODE=$(aws managedblockchain list-nodes --network-id $NETWORK --member-id $MEMBER \
    --query 'Nodes[0].Id' --output text)
aws managedblockchain wait node-available --network-id $NETWORK --member-id $MEMBER --node-id $NODE
"""

CHANNEL = """
sed -i "s/MemberID/$MEMBER/" configtx.yaml
configtxgen -outputCreateChannelTx /opt/home/mychannel.pb -profile OneOrgChannel \
    -channelID mychannel --configPath /opt/home/
export MSP_PATH=/opt/home/admin-msp
export MSP=$MEMBER
export ORDERER=$(aws managedblockchain get-network --network-id $NETWORK \
    --query Network.FrameworkAttributes.Fabric.OrderingServiceEndpoint --output text)
export PEER=$(aws managedblockchain get-node --network-id $NETWORK --member-id $MEMBER \
    --node-id $NODE --query Node.FrameworkAttributes.Fabric.PeerEndpoint --output text)
export CORE_PEER_TLS_ENABLED=true
export CORE_PEER_TLS_ROOTCERT_FILE=/opt/home/managedblockchain-tls-chain.pem
export CORE_PEER_ADDRESS=$PEER
export CORE_PEER_LOCALMSPID=$MSP
export CORE_PEER_MSPCONFIGPATH=$MSP_PATH
peer channel create -c mychannel -f /opt/home/mychannel.pb -o $ORDERER \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls
peer channel join -b mychannel.block \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls
"""

CHAINCODE = """
peer chaincode install -n mycc -v v0 -p github.com/chaincode_example02/go
peer chaincode instantiate -o $ORDERER -C mychannel -n mycc -v v0 \
    -c '{"Args":["init","a","100","b","200"]}' \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls
for second in $(seq 30); do
    peer chaincode query -C mychannel -n mycc -c '{"Args":["query","a"]}' >before && break
    sleep 1
done
peer chaincode list --instantiated -o $ORDERER -C mychannel \
    --cafile /opt/home/managedblockchain-tls-chain.pem --tls >instantiated
peer chaincode invoke -C mychannel -n mycc -c '{"Args":["invoke","a","b","10"]}' \
    -o $ORDERER --cafile /opt/home/managedblockchain-tls-chain.pem --tls --waitForEvent
peer chaincode query -C mychannel -n mycc -c '{"Args":["query","a"]}' >after
"""


def test_steps_1_to_7(user: User, aws_directory: str) -> None:
    user.hansa("up")
    home = user.home
    (home / "configtx.yaml").write_text(CONFIGTX)
    shutil.copytree(
        EXAMPLES / "chaincode_example02",
        home / "go" / "src" / "github.com" / "chaincode_example02",
    )
    user.shell(CREATE + ENROLL + CHANNEL + CHAINCODE, path_first=aws_directory)
    assert (home / "before").read_text() == "100\n"
    assert (home / "after").read_text() == "90\n"
    assert (
        "Name: mycc, Version: v0, Path: github.com/chaincode_example02/go"
        in (home / "instantiated").read_text()
    )
    assert (home / "configtx.yaml").read_text().count("Policies") == 0
