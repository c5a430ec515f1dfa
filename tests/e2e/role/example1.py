import boto3

# Assume a role with sufficient AMB permissions
sts_client = boto3.client('sts')
assumed_role_object = sts_client.assume_role(
    RoleArn='arn:aws:iam::<account_id>:role/<role_name>',
    RoleSessionName='MySession'
)

credentials = assumed_role_object['Credentials']
client = boto3.client(
    'managedblockchain',
    aws_access_key_id=credentials['AccessKeyId'],
    aws_secret_access_key=credentials['SecretAccessKey'],
    aws_session_token=credentials['SessionToken']
)

# Interact with AMB using the 'client' object
# ... further AMB API calls
