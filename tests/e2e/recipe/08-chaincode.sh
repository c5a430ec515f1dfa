#!/bin/bash
mkdir -p ~/fabric-client-app/chaincode

cat > ~/fabric-client-app/chaincode/asset-contract.js << 'END'
'use strict';

const { Contract } = require('fabric-contract-api');

class AssetContract extends Contract {

    async initLedger(ctx) {
        await this.createAsset(ctx, 'asset1', 'Alice', '100');
    }

    async createAsset(ctx, id, owner, value) {
        const asset = { ID: id, Owner: owner, Value: parseInt(value), Timestamp: new Date().toISOString() };
        await ctx.stub.putState(id, Buffer.from(JSON.stringify(asset)));
        return JSON.stringify(asset);
    }

    async readAsset(ctx, id) {
        const assetJSON = await ctx.stub.getState(id);
        if (!assetJSON || assetJSON.length === 0) {
            throw new Error(`Asset ${id} does not exist`);
        }
        return assetJSON.toString();
    }

    async getAllAssets(ctx) {
        const allResults = [];
        const iterator = await ctx.stub.getStateByRange('', '');
        let result = await iterator.next();
        while (!result.done) {
            const record = JSON.parse(Buffer.from(result.value.value).toString('utf8'));
            allResults.push({ Key: result.value.key, Record: record });
            result = await iterator.next();
        }
        return JSON.stringify(allResults);
    }
}

module.exports = AssetContract;
END
