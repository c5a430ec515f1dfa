'use strict';

const { Contract } = require('fabric-contract-api');

/**
 * Assets with an owner and a whole-number value, one state entry each, keyed by their ID.
 *
 * Every endorser has to compute the same result, so times come from the transaction and not from
 * the endorser's clock.
 */
class AssetContract extends Contract {
    constructor() {
        super('AssetContract');
    }

    /** Puts the first asset on a new ledger. */
    async initLedger(ctx) {
        await this.#put(ctx, 'asset1', 'Alice', 100);
    }

    /** Creates an asset, or replaces the one of this ID; returns it. */
    async createAsset(ctx, id, owner, value) {
        const amount = Number.parseInt(value, 10);
        if (!id || !owner || Number.isNaN(amount)) {
            throw new Error('createAsset takes an ID, an owner and a whole number as value');
        }
        return this.#put(ctx, id, owner, amount);
    }

    /** Returns the asset of this ID. */
    async readAsset(ctx, id) {
        const state = await ctx.stub.getState(id);
        if (state.length === 0) {
            throw new Error(`Asset ${id} does not exist`);
        }
        return Buffer.from(state).toString('utf8');
    }

    /** Returns every asset, as a list of {Key, Record}. */
    async getAllAssets(ctx) {
        const assets = [];
        for await (const { key, value } of ctx.stub.getStateByRange('', '')) {
            assets.push({ Key: key, Record: JSON.parse(Buffer.from(value).toString('utf8')) });
        }
        return JSON.stringify(assets);
    }

    async #put(ctx, id, owner, value) {
        const asset = { ID: id, Owner: owner, Value: value, Timestamp: timestamp(ctx) };
        const text = JSON.stringify(asset);
        await ctx.stub.putState(id, Buffer.from(text));
        return text;
    }
}

/** When the client made the transaction: the same on every endorser. */
function timestamp(ctx) {
    const { seconds, nanos } = ctx.stub.getTxTimestamp();
    return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6)).toISOString();
}

module.exports = AssetContract;
