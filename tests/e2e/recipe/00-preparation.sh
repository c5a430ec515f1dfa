#!/bin/bash
export AWS_REGION=$(aws configure get region)
export AWS_ACCOUNT_ID=$(aws sts get-caller-identity \
    --query Account --output text)

RANDOM_SUFFIX=$(aws secretsmanager get-random-password \
    --exclude-punctuation --exclude-uppercase \
    --password-length 6 --require-each-included-type \
    --output text --query RandomPassword)

export NETWORK_NAME="fabric-network-${RANDOM_SUFFIX}"
export MEMBER_NAME="member-org-${RANDOM_SUFFIX}"
export VPC_ENDPOINT_NAME="blockchain-vpc-endpoint-${RANDOM_SUFFIX}"

aws ec2 create-vpc \
    --cidr-block 10.0.0.0/16 \
    --tag-specifications "ResourceType=vpc,Tags=[{Key=Name,Value=blockchain-vpc-${RANDOM_SUFFIX}}]"

VPC_ID=$(aws ec2 describe-vpcs \
    --filters "Name=tag:Name,Values=blockchain-vpc-${RANDOM_SUFFIX}" \
    --query 'Vpcs[0].VpcId' --output text)

export VPC_ID

aws ec2 create-subnet \
    --vpc-id ${VPC_ID} \
    --cidr-block 10.0.1.0/24 \
    --availability-zone ${AWS_REGION}a \
    --tag-specifications "ResourceType=subnet,Tags=[{Key=Name,Value=blockchain-subnet-${RANDOM_SUFFIX}}]"

SUBNET_ID=$(aws ec2 describe-subnets \
    --filters "Name=tag:Name,Values=blockchain-subnet-${RANDOM_SUFFIX}" \
    --query 'Subnets[0].SubnetId' --output text)

export SUBNET_ID
