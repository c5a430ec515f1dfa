"""The other AWS services that scripts around a network call: STS, EC2, S3, SSM, Secrets Manager.

STS is answered here; the others by moto, in this process, behind the service's authentication.
"""
