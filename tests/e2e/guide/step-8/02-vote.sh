#!/bin/bash
# From the guide's page 52, which forgets --proposal-id and has an older name of --voter-member-id.
PROPOSAL_ID=$(sed -n 's/.*"ProposalId": "\([^"]*\)".*/\1/p' proposal.json)
aws managedblockchain vote-on-proposal --network-id $NETWORK_ID --proposal-id $PROPOSAL_ID \
    --voter-member-id $MEMBER_ID --vote YES
aws managedblockchain get-proposal --network-id $NETWORK_ID --proposal-id $PROPOSAL_ID
