// Calls the API through one of the AWS SDKs and prints what came back as JSON.
// Usage: node exercise.js v2|v3 ENDPOINT SECRET      The access key's id is in AWS_ACCESS_KEY_ID.
'use strict';

const [version, endpoint, secretAccessKey] = process.argv.slice(2);
const arn = 'arn:aws:managedblockchain:us-east-1:111122223333:members/m-' + version.toUpperCase();
const options = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey },
};
const network = {
  Name: 'from-' + version,
  Framework: 'HYPERLEDGER_FABRIC',
  FrameworkVersion: '2.2',
  FrameworkConfiguration: { Fabric: { Edition: 'STARTER' } },
  VotingPolicy: { ApprovalThresholdPolicy: { ThresholdPercentage: 50 } },
  MemberConfiguration: {
    Name: 'member',
    FrameworkConfiguration: {
      Fabric: { AdminUsername: 'admin', AdminPassword: 'TempPassword123' },
    },
  },
};

// A function (operation name, input) => output, the same for both SDKs.
function caller() {
  if (version === 'v2') {
    const { ManagedBlockchain } = require('aws-sdk');
    const client = new ManagedBlockchain(options);
    return (name, input) => client[name[0].toLowerCase() + name.slice(1)](input).promise();
  }
  const sdk = require('@aws-sdk/client-managedblockchain');
  const client = new sdk.ManagedBlockchainClient(options);
  return (name, input) => client.send(new sdk[name + 'Command'](input));
}

async function main() {
  const call = caller();
  const { NetworkId } = await call('CreateNetwork', network);
  const { Networks } = await call('ListNetworks', {});
  await call('TagResource', { ResourceArn: arn, Tags: { 'a b/c': 'ü+%' } });
  const { Tags } = await call('ListTagsForResource', { ResourceArn: arn });
  const missing = await call('GetNetwork', { NetworkId: 'n-ABSENT' }).catch((error) => error);
  return {
    created: Networks.find((each) => each.Id === NetworkId),
    tags: Tags,
    missing: missing.name,
    resource: missing.ResourceName,
  };
}

main()
  .catch((error) => ({ error: error.name, message: error.message }))
  .then((result) => console.log(JSON.stringify(result)));
