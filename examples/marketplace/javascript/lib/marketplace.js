'use strict';

const { Contract } = require('fabric-contract-api');
const data = require('./data');

const { ASK, BID, DETAILS } = data;

/**
 * A marketplace: members sell assets to each other, at prices that nobody else sees.
 *
 * What everybody may know of an asset is in the channel's state. Its details, what its owner asks
 * and what a buyer bids are private data, each in the collection that every member has for itself;
 * the others know hashes only. Asking price and bid are the same text with the same salt, which the
 * two agree on outside the ledger, so that equal hashes prove an equal price.
 *
 * An asset's key has an endorsement policy of its own: its owner must endorse each change. A
 * transfer writes into the buyer's collection as well, so it needs the endorsement of both.
 */
class Marketplace extends Contract {
    constructor() {
        super('Marketplace');
    }

    /** Makes an asset of the caller's member; its details come in the transient map. */
    async createAsset(ctx, id, description) {
        if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
            throw new Error("an asset's ID has 1 to 64 letters, digits, dots, dashes and underscores");
        }
        if ((await ctx.stub.getState(id)).length > 0) {
            throw new Error(`the asset ${id} exists already`);
        }
        const owner = ctx.clientIdentity.getMSPID();
        await data.putPrivate(ctx, owner, DETAILS, id, data.sentDetails(ctx));
        return data.put(ctx, { description, for_sale: false, id, owner }, 'AssetCreated');
    }

    /** For the owner. */
    async changeDescription(ctx, id, description) {
        return data.put(ctx, { ...(await data.own(ctx, id)), description }, 'AssetChanged');
    }

    /** The owner sells for the price in the transient map. */
    async offer(ctx, id) {
        const asset = await data.own(ctx, id);
        await data.putPrivate(ctx, asset.owner, ASK, id, data.sentPrice(ctx, id));
        return data.put(ctx, { ...asset, for_sale: true }, 'AssetOffered');
    }

    /** Another member would buy for the price in the transient map. */
    async bid(ctx, id) {
        const asset = await data.get(ctx, id);
        const buyer = ctx.clientIdentity.getMSPID();
        if (buyer === asset.owner) {
            throw new Error(`${buyer} owns the asset ${id}, and cannot bid for it`);
        }
        if (!asset.for_sale) {
            throw new Error(`the asset ${id} is not for sale`);
        }
        await data.putPrivate(ctx, buyer, BID, id, data.sentPrice(ctx, id));
        ctx.stub.setEvent('AssetBid', Buffer.from(JSON.stringify({ asset: id, buyer })));
    }

    /** The bid is purged: nobody can read it any more, in old blocks neither. */
    async withdrawBid(ctx, id) {
        const buyer = ctx.clientIdentity.getMSPID();
        if (!(await data.hash(ctx, buyer, BID, id))) {
            throw new Error(`${buyer} has no bid for the asset ${id}`);
        }
        await ctx.stub.purgePrivateData(data.collection(buyer), data.key(ctx, BID, id));
    }

    /**
     * The owner sells to a member whose bid is what is asked; the details go along.
     *
     * The transient map has the details. Peers of both members must endorse.
     */
    async transfer(ctx, id, buyer) {
        const asset = await data.own(ctx, id);
        const asked = await data.hash(ctx, asset.owner, ASK, id);
        if (!asset.for_sale || !asked) {
            throw new Error(`the asset ${id} is not for sale`);
        }
        if ((await data.hash(ctx, buyer, BID, id)) !== asked) {
            throw new Error(`${buyer} has not bid what is asked for the asset ${id}`);
        }
        const details = data.sentDetails(ctx);
        if (!(await data.areDetailsOf(ctx, asset, details))) {
            throw new Error(`these are not the details of the asset ${id}`);
        }
        await data.putPrivate(ctx, buyer, DETAILS, id, details);
        for (const [member, kind] of [[asset.owner, DETAILS], [asset.owner, ASK], [buyer, BID]]) {
            await ctx.stub.deletePrivateData(data.collection(member), data.key(ctx, kind, id));
        }
        return data.put(ctx, { ...asset, for_sale: false, owner: buyer }, 'AssetSold');
    }

    async readAsset(ctx, id) {
        return data.get(ctx, id);
    }

    async getAllAssets(ctx) {
        const assets = [];
        for await (const { value } of ctx.stub.getStateByRange('', '')) {
            assets.push(data.parse(value));
        }
        return assets;
    }

    /** The newest first. */
    async history(ctx, id) {
        const changes = [];
        for await (const { isDelete, txId, value } of ctx.stub.getHistoryForKey(id)) {
            changes.push({ asset: isDelete ? null : data.parse(value), tx_id: txId });
        }
        return changes;
    }

    /** For the owner, on a peer of its own. */
    async readDetails(ctx, id) {
        const { owner } = await data.own(ctx, id);
        return data.getPrivate(ctx, owner, DETAILS, id);
    }

    /** The caller's own, or nothing. */
    async readBid(ctx, id) {
        return data.getPrivate(ctx, ctx.clientIdentity.getMSPID(), BID, id);
    }

    /** SHA-256 of the details, in hexadecimal, for everybody. */
    async detailsHash(ctx, id) {
        const { owner } = await data.get(ctx, id);
        return data.hash(ctx, owner, DETAILS, id);
    }

    /** Whether the details in the transient map are the asset's: for buyers, before a bid. */
    async verifyDetails(ctx, id) {
        return data.areDetailsOf(ctx, await data.get(ctx, id), data.sentDetails(ctx));
    }
}

module.exports = Marketplace;
