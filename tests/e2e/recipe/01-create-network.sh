#!/bin/bash
aws managedblockchain create-network \
    --name ${NETWORK_NAME} \
    --description "Enterprise blockchain network for secure transactions" \
    --framework HYPERLEDGER_FABRIC \
    --framework-version 2.2 \
    --framework-configuration '{
        "NetworkFabricConfiguration": {
            "Edition": "STARTER"
        }
    }' \
    --voting-policy '{
        "ApprovalThresholdPolicy": {
            "ThresholdPercentage": 50,
            "ProposalDurationInHours": 24,
            "ThresholdComparator": "GREATER_THAN"
        }
    }' \
    --member-configuration '{
        "Name": "'${MEMBER_NAME}'",
        "Description": "Founding member organization",
        "MemberFrameworkConfiguration": {
            "MemberFabricConfiguration": {
                "AdminUsername": "admin",
                "AdminPassword": "TempPassword123!"
            }
        }
    }'
