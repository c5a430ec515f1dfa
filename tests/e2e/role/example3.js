const AWS = require('aws-sdk');

// Configure AWS credentials (environment variables are preferred)
AWS.config.update({
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    region: 'YOUR_AWS_REGION'
});

const managedblockchain = new AWS.ManagedBlockchain();

//Interact with AMB
// ... further AMB API calls
