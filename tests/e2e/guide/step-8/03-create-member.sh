#!/bin/bash
aws managedblockchain list-invitations > invitations.json
INVITATION_ID=$(sed -n 's/.*"InvitationId": "\([^"]*\)".*/\1/p' invitations.json)

aws managedblockchain create-member \
    --network-id $NETWORK_ID \
    --invitation-id $INVITATION_ID \
    --member-configuration 'Name=org2,Description=MyMemberDesc,FrameworkConfiguration={Fabric={AdminUsername=MyAdminUsername,AdminPassword=Password123}}' \
    > member.json

export ADMIN_USER=MyAdminUsername
export MEMBER_ID=$(sed -n 's/.*"MemberId": "\([^"]*\)".*/\1/p' member.json)
aws managedblockchain wait member-available --network-id $NETWORK_ID --member-id $MEMBER_ID
aws managedblockchain list-invitations
