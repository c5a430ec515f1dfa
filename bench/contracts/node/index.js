'use strict';

const { Contract } = require('fabric-contract-api');

/** Replaces values, and tells the ones before. */
class Exchange extends Contract {
    async Exchange(ctx, key, value) {
        const before = await ctx.stub.getState(key);
        await ctx.stub.putState(key, Buffer.from(value));
        return Buffer.from(before).toString('utf8');
    }
}

module.exports.contracts = [Exchange];
