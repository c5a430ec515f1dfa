#!/bin/bash
aws ec2 create-security-group \
    --group-name blockchain-client-sg-${RANDOM_SUFFIX} \
    --description "Security group for blockchain client instance" \
    --vpc-id ${VPC_ID}

SG_ID=$(aws ec2 describe-security-groups \
    --filters "Name=group-name,Values=blockchain-client-sg-${RANDOM_SUFFIX}" \
    --query 'SecurityGroups[0].GroupId' \
    --output text)

aws ec2 authorize-security-group-ingress \
    --group-id ${SG_ID} \
    --protocol tcp \
    --port 443 \
    --cidr 10.0.0.0/16

LATEST_AMI=$(aws ssm get-parameters \
    --names "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64" \
    --query 'Parameters[0].Value' --output text)

aws ec2 run-instances \
    --image-id ${LATEST_AMI} \
    --count 1 \
    --instance-type t3.medium \
    --security-group-ids ${SG_ID} \
    --subnet-id ${SUBNET_ID} \
    --tag-specifications "ResourceType=instance,Tags=[{Key=Name,Value=blockchain-client-${RANDOM_SUFFIX}}]" \
    --user-data '#!/bin/bash
    dnf update -y
    curl -o- https://raw.githubusercontent.com/nvm-sh/nvm/v0.39.0/install.sh | bash
    export NVM_DIR="$HOME/.nvm"
    [ -s "$NVM_DIR/nvm.sh" ] && \. "$NVM_DIR/nvm.sh"
    nvm install 18
    nvm use 18
    npm install -g yarn'
