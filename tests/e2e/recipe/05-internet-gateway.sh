#!/bin/bash
aws ec2 create-internet-gateway \
    --tag-specifications "ResourceType=internet-gateway,Tags=[{Key=Name,Value=blockchain-igw-${RANDOM_SUFFIX}}]"

IGW_ID=$(aws ec2 describe-internet-gateways \
    --filters "Name=tag:Name,Values=blockchain-igw-${RANDOM_SUFFIX}" \
    --query 'InternetGateways[0].InternetGatewayId' --output text)

aws ec2 attach-internet-gateway \
    --internet-gateway-id ${IGW_ID} \
    --vpc-id ${VPC_ID}

aws ec2 create-route-table \
    --vpc-id ${VPC_ID} \
    --tag-specifications "ResourceType=route-table,Tags=[{Key=Name,Value=blockchain-rt-${RANDOM_SUFFIX}}]"

RT_ID=$(aws ec2 describe-route-tables \
    --filters "Name=tag:Name,Values=blockchain-rt-${RANDOM_SUFFIX}" \
    --query 'RouteTables[0].RouteTableId' --output text)

aws ec2 create-route \
    --route-table-id ${RT_ID} \
    --destination-cidr-block 0.0.0.0/0 \
    --gateway-id ${IGW_ID}

aws ec2 associate-route-table \
    --route-table-id ${RT_ID} \
    --subnet-id ${SUBNET_ID}

export IGW_ID RT_ID
