'use strict';

// What is kept, and how. Fields are in the alphabetical order of their names, as the contracts in
// other languages write them: hashes are of the text.

const { createHash } = require('node:crypto');
const { KeyEndorsementPolicy } = require('fabric-shim');

// Names of what a member's collection holds for each asset.
const DETAILS = 'details';
const ASK = 'ask';
const BID = 'bid';

// Nobody can guess as much: without a salt, a hash could be tried out.
const SALT_CHARACTERS_MIN = 16;

async function get(ctx, id) {
    const found = await ctx.stub.getState(id);
    if (found.length === 0) {
        throw new Error(`the asset ${id} does not exist`);
    }
    return parse(found);
}

/** The asset, which has to belong to the caller's member. */
async function own(ctx, id) {
    const asset = await get(ctx, id);
    if (asset.owner !== ctx.clientIdentity.getMSPID()) {
        throw new Error(`the asset ${id} belongs to ${asset.owner}`);
    }
    return asset;
}

/** Writes it, with its owner as the endorser of what comes next, and tells of it. */
async function put(ctx, asset, event) {
    const content = Buffer.from(JSON.stringify(asset));
    await ctx.stub.putState(asset.id, content);
    const policy = new KeyEndorsementPolicy();
    policy.addOrgs('MEMBER', asset.owner);
    await ctx.stub.setStateValidationParameter(asset.id, policy.getPolicy());
    ctx.stub.setEvent(event, content);
    return asset;
}

/** What only the owner knows. */
function sentDetails(ctx) {
    const { salt, text } = transient(ctx, 'details');
    checkSalt('details', salt);
    if (typeof text !== 'string') {
        throw new Error('details.text must be text');
    }
    return { salt, text };
}

/** What is asked or bid, in the currency's smallest unit. */
function sentPrice(ctx, id) {
    const { amount, asset, salt } = transient(ctx, 'price');
    checkSalt('price', salt);
    if (!Number.isSafeInteger(amount) || amount <= 0) {
        throw new Error('price.amount must be a whole number above 0');
    }
    if (asset !== id) {
        throw new Error(`the price is for the asset ${asset}, not ${id}`);
    }
    return { amount, asset, salt };
}

function checkSalt(name, salt) {
    if (typeof salt !== 'string' || [...salt].length < SALT_CHARACTERS_MIN) {
        throw new Error(`${name}.salt must have at least ${SALT_CHARACTERS_MIN} characters`);
    }
}

function transient(ctx, name) {
    const sent = ctx.stub.getTransient().get(name);
    if (!sent) {
        throw new Error(`the transient map must have '${name}', so that it stays private`);
    }
    const value = parse(sent);
    if (value === null || typeof value !== 'object') {
        throw new Error(`'${name}' of the transient map must be an object`);
    }
    return value;
}

async function putPrivate(ctx, member, kind, id, value) {
    const content = Buffer.from(JSON.stringify(value));
    await ctx.stub.putPrivateData(collection(member), key(ctx, kind, id), content);
}

/** Undefined where there is none. */
async function getPrivate(ctx, member, kind, id) {
    const found = await ctx.stub.getPrivateData(collection(member), key(ctx, kind, id));
    return found.length > 0 ? parse(found) : undefined;
}

/** In hexadecimal; empty where there is no such private data. */
async function hash(ctx, member, kind, id) {
    const found = await ctx.stub.getPrivateDataHash(collection(member), key(ctx, kind, id));
    return Buffer.from(found).toString('hex');
}

async function areDetailsOf(ctx, asset, details) {
    const known = await hash(ctx, asset.owner, DETAILS, asset.id);
    return known === createHash('sha256').update(JSON.stringify(details)).digest('hex');
}

function parse(content) {
    return JSON.parse(Buffer.from(content).toString('utf8'));
}

function key(ctx, kind, id) {
    return ctx.stub.createCompositeKey(kind, [id]);
}

/** Every member has it, without a definition: only its peers hold the data. */
function collection(member) {
    return `_implicit_org_${member}`;
}

module.exports = {
    ASK, BID, DETAILS,
    areDetailsOf, collection, get, getPrivate, hash, key, own, parse, put, putPrivate, sentDetails,
    sentPrice,
};
