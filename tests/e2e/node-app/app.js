'use strict';

// Enrolls at the CA, connects to the peer with discovery, and works with assets. What it needs comes
// from the environment, under the names that `hansa client env` gives; it prints one line of JSON.

const fs = require('node:fs');
const FabricCAServices = require('fabric-ca-client');
const { Gateway, Wallets } = require('fabric-network');

const { CA, CHAINCODE, CHANNEL, MEMBER_ID, PEER, TLS_CHAIN } = process.env;
const chain = fs.readFileSync(TLS_CHAIN, 'utf8');

function identityOf(enrollment) {
    return {
        credentials: {
            certificate: enrollment.certificate,
            privateKey: enrollment.key.toBytes(),
        },
        mspId: MEMBER_ID,
        type: 'X.509',
    };
}

// The administrator enrolls, and registers and enrolls an ordinary user.
async function enroll(wallet) {
    const ca = new FabricCAServices(`https://${CA}`, { trustedRoots: [chain], verify: true }, MEMBER_ID);
    const enrollment = await ca.enroll({
        enrollmentID: process.env.ADMIN_USER,
        enrollmentSecret: process.env.ADMIN_PASSWORD,
    });
    const administrator = identityOf(enrollment);
    const provider = wallet.getProviderRegistry().getProvider(administrator.type);
    const registrar = await provider.getUserContext(administrator, 'admin');
    const user = `appUser${process.pid}`;
    const secret = await ca.register(
        { enrollmentID: user, role: 'client', affiliation: MEMBER_ID },
        registrar,
    );
    const enrolled = await ca.enroll({ enrollmentID: user, enrollmentSecret: secret });
    await wallet.put('appUser', identityOf(enrolled));
}

function profile() {
    return {
        name: 'network',
        version: '1.0.0',
        client: { organization: 'org1' },
        organizations: { org1: { mspid: MEMBER_ID, peers: ['peer'], certificateAuthorities: ['ca'] } },
        peers: { peer: { url: `grpcs://${PEER}`, tlsCACerts: { pem: chain } } },
        certificateAuthorities: {
            ca: { url: `https://${CA}`, caName: MEMBER_ID, tlsCACerts: { pem: [chain] } },
        },
    };
}

async function main() {
    const wallet = await Wallets.newInMemoryWallet();
    await enroll(wallet);
    const gateway = new Gateway();
    await gateway.connect(profile(), {
        wallet,
        identity: 'appUser',
        discovery: { enabled: true, asLocalhost: false },
    });
    try {
        const network = await gateway.getNetwork(CHANNEL);
        const contract = network.getContract(CHAINCODE);
        await contract.submitTransaction('initLedger');
        const created = await contract.submitTransaction('createAsset', 'asset2', 'Bob', '250');
        const read = await contract.evaluateTransaction('readAsset', 'asset2');
        const all = await contract.evaluateTransaction('getAllAssets');
        const missing = await contract.evaluateTransaction('readAsset', 'nothing').then(
            () => 'found',
            (fault) => fault.message,
        );
        const endorsers = network.getChannel().getEndorsers().map((each) => each.endpoint.url);
        console.log(JSON.stringify({
            created: JSON.parse(created),
            read: JSON.parse(read),
            all: JSON.parse(all),
            missing,
            endorsers,
        }));
    } finally {
        gateway.disconnect();
    }
}

main().catch((fault) => {
    console.error(fault);
    process.exit(1);
});
