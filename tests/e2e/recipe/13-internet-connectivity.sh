#!/bin/bash
aws ec2 describe-internet-gateways \
    --internet-gateway-ids ${IGW_ID} \
    --query 'InternetGateways[0].State'
