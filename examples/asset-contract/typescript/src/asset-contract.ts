import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';

interface Asset {
    ID: string;
    Owner: string;
    Value: number;
    Timestamp: string;
}

/**
 * Assets with an owner and a whole-number value, one state entry each, keyed by their ID.
 *
 * Every endorser has to compute the same result, so times come from the transaction and not from
 * the endorser's clock.
 */
@Info({ title: 'AssetContract', description: 'Assets with an owner and a value' })
export class AssetContract extends Contract {
    constructor() {
        super('AssetContract');
    }

    /** Puts the first asset on a new ledger. */
    @Transaction()
    async initLedger(ctx: Context): Promise<void> {
        await put(ctx, 'asset1', 'Alice', 100);
    }

    /** Creates an asset, or replaces the one of this ID; returns it. */
    @Transaction()
    @Returns('string')
    async createAsset(ctx: Context, id: string, owner: string, value: string): Promise<string> {
        const amount = Number.parseInt(value, 10);
        if (!id || !owner || Number.isNaN(amount)) {
            throw new Error('createAsset takes an ID, an owner and a whole number as value');
        }
        return put(ctx, id, owner, amount);
    }

    /** Returns the asset of this ID. */
    @Transaction(false)
    @Returns('string')
    async readAsset(ctx: Context, id: string): Promise<string> {
        const state = await ctx.stub.getState(id);
        if (state.length === 0) {
            throw new Error(`Asset ${id} does not exist`);
        }
        return Buffer.from(state).toString('utf8');
    }

    /** Returns every asset, as a list of {Key, Record}. */
    @Transaction(false)
    @Returns('string')
    async getAllAssets(ctx: Context): Promise<string> {
        const assets: { Key: string; Record: Asset }[] = [];
        for await (const { key, value } of ctx.stub.getStateByRange('', '')) {
            assets.push({ Key: key, Record: JSON.parse(Buffer.from(value).toString('utf8')) as Asset });
        }
        return JSON.stringify(assets);
    }
}

async function put(ctx: Context, id: string, owner: string, value: number): Promise<string> {
    const asset: Asset = { ID: id, Owner: owner, Value: value, Timestamp: timestamp(ctx) };
    const text = JSON.stringify(asset);
    await ctx.stub.putState(id, Buffer.from(text));
    return text;
}

/** When the client made the transaction: the same on every endorser. */
function timestamp(ctx: Context): string {
    const { seconds, nanos } = ctx.stub.getTxTimestamp();
    return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6)).toISOString();
}
