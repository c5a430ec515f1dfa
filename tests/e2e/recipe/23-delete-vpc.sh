#!/bin/bash
INSTANCE_ID=$(aws ec2 describe-instances \
    --filters "Name=tag:Name,Values=blockchain-client-${RANDOM_SUFFIX}" \
    --query 'Reservations[0].Instances[0].InstanceId' \
    --output text)

if [ "$INSTANCE_ID" != "None" ] && [ "$INSTANCE_ID" != "null" ]; then
    aws ec2 terminate-instances --instance-ids ${INSTANCE_ID}
    aws ec2 wait instance-terminated --instance-ids ${INSTANCE_ID}
fi

aws ec2 disassociate-route-table \
    --association-id $(aws ec2 describe-route-tables \
        --route-table-ids ${RT_ID} \
        --query 'RouteTables[0].Associations[0].RouteTableAssociationId' \
        --output text) 2>/dev/null || true

aws ec2 delete-route-table --route-table-id ${RT_ID}

aws ec2 detach-internet-gateway \
    --internet-gateway-id ${IGW_ID} \
    --vpc-id ${VPC_ID}

aws ec2 delete-internet-gateway --internet-gateway-id ${IGW_ID}

aws ec2 delete-security-group --group-id ${SG_ID}

aws ec2 delete-subnet --subnet-id ${SUBNET_ID}

aws ec2 delete-vpc --vpc-id ${VPC_ID}
