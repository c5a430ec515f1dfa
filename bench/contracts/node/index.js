'use strict';

const { Contract } = require('fabric-contract-api');

const version = "1";

/** Keeps values by key. */
class Exchange extends Contract {
    /** Puts the value of a key, and returns the one before. */
    async Exchange(ctx, key, value) {
        const before = await ctx.stub.getState(key);
        await ctx.stub.putState(key, Buffer.from(value));
        return Buffer.from(before).toString('utf8');
    }

    /** Puts the value of a key, and reads nothing. */
    async Put(ctx, key, value) {
        await ctx.stub.putState(key, Buffer.from(value));
    }

    /** Returns the value of a key. */
    async Get(ctx, key) {
        return Buffer.from(await ctx.stub.getState(key)).toString('utf8');
    }

    /** Tells one source from another. */
    async Version(_ctx) {
        return version;
    }
}

module.exports.contracts = [Exchange];
