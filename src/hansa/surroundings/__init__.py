"""The other AWS services that scripts around a network call: EC2, S3, SSM, Secrets Manager.

They are answered by moto, in this process, behind the service's authentication.
"""
