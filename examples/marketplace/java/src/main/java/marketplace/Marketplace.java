package marketplace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.contract.ContractInterface;
import org.hyperledger.fabric.contract.annotation.Contract;
import org.hyperledger.fabric.contract.annotation.Default;
import org.hyperledger.fabric.contract.annotation.Transaction;
import org.hyperledger.fabric.shim.ChaincodeException;
import org.hyperledger.fabric.shim.ext.sbe.StateBasedEndorsement;
import org.hyperledger.fabric.shim.ext.sbe.impl.StateBasedEndorsementFactory;
import org.hyperledger.fabric.shim.ledger.KeyModification;
import org.hyperledger.fabric.shim.ledger.KeyValue;
import org.hyperledger.fabric.shim.ledger.QueryResultsIterator;
import org.json.JSONArray;
import org.json.JSONObject;
import org.json.JSONStringer;

/**
 * A marketplace: members sell assets to each other, at prices that nobody else sees.
 *
 * <p>What everybody may know of an asset is in the channel's state. Its details, what its owner asks
 * and what a buyer bids are private data, each in the collection that every member has for itself;
 * the others know hashes only. Asking price and bid are the same text with the same salt, which the
 * two agree on outside the ledger, so that equal hashes prove an equal price.
 *
 * <p>An asset's key has an endorsement policy of its own: its owner must endorse each change. A
 * transfer writes into the buyer's collection as well, so it needs the endorsement of both.
 */
@Contract(name = "Marketplace")
@Default
public final class Marketplace implements ContractInterface {
    private static final String DETAILS = "details";
    private static final String ASK = "ask";
    private static final String BID = "bid";

    /** Makes an asset of the caller's member; its details come in the transient map. */
    @Transaction
    public String createAsset(final Context ctx, final String id, final String description) {
        if (!id.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new ChaincodeException(
                    "an asset's ID has 1 to 64 letters, digits, dots, dashes and underscores");
        }
        if (ctx.getStub().getState(id).length > 0) {
            throw new ChaincodeException("the asset " + id + " exists already");
        }
        final String owner = ctx.getClientIdentity().getMSPID();
        putPrivate(ctx, owner, DETAILS, id, Sent.details(ctx));
        return put(ctx, new Asset(id, description, owner, false), "AssetCreated");
    }

    /** For the owner. */
    @Transaction
    public String changeDescription(final Context ctx, final String id, final String description) {
        final Asset asset = own(ctx, id);
        return put(ctx, new Asset(id, description, asset.owner, asset.forSale), "AssetChanged");
    }

    /** The owner sells for the price in the transient map. */
    @Transaction
    public String offer(final Context ctx, final String id) {
        final Asset asset = own(ctx, id);
        putPrivate(ctx, asset.owner, ASK, id, Sent.price(ctx, id));
        return put(ctx, new Asset(id, asset.description, asset.owner, true), "AssetOffered");
    }

    /** Another member would buy for the price in the transient map. */
    @Transaction
    public void bid(final Context ctx, final String id) {
        final Asset asset = get(ctx, id);
        final String buyer = ctx.getClientIdentity().getMSPID();
        if (buyer.equals(asset.owner)) {
            throw new ChaincodeException(
                    buyer + " owns the asset " + id + ", and cannot bid for it");
        }
        if (!asset.forSale) {
            throw new ChaincodeException("the asset " + id + " is not for sale");
        }
        putPrivate(ctx, buyer, BID, id, Sent.price(ctx, id));
        final String event =
                new JSONStringer()
                        .object()
                        .key("asset").value(id)
                        .key("buyer").value(buyer)
                        .endObject()
                        .toString();
        ctx.getStub().setEvent("AssetBid", event.getBytes(StandardCharsets.UTF_8));
    }

    /** The bid is purged: nobody can read it any more, in old blocks neither. */
    @Transaction
    public void withdrawBid(final Context ctx, final String id) {
        final String buyer = ctx.getClientIdentity().getMSPID();
        if (hash(ctx, buyer, BID, id).isEmpty()) {
            throw new ChaincodeException(buyer + " has no bid for the asset " + id);
        }
        ctx.getStub().purgePrivateData(collection(buyer), key(ctx, BID, id));
    }

    /**
     * The owner sells to a member whose bid is what is asked; the details go along.
     *
     * <p>The transient map has the details. Peers of both members must endorse.
     */
    @Transaction
    public String transfer(final Context ctx, final String id, final String buyer) {
        final Asset asset = own(ctx, id);
        final String asked = hash(ctx, asset.owner, ASK, id);
        if (!asset.forSale || asked.isEmpty()) {
            throw new ChaincodeException("the asset " + id + " is not for sale");
        }
        if (!hash(ctx, buyer, BID, id).equals(asked)) {
            throw new ChaincodeException(buyer + " has not bid what is asked for the asset " + id);
        }
        final String details = Sent.details(ctx);
        if (!areDetailsOf(ctx, asset, details)) {
            throw new ChaincodeException("these are not the details of the asset " + id);
        }
        putPrivate(ctx, buyer, DETAILS, id, details);
        deletePrivate(ctx, asset.owner, DETAILS, id);
        deletePrivate(ctx, asset.owner, ASK, id);
        deletePrivate(ctx, buyer, BID, id);
        return put(ctx, new Asset(id, asset.description, buyer, false), "AssetSold");
    }

    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String readAsset(final Context ctx, final String id) {
        return get(ctx, id).toJson();
    }

    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String getAllAssets(final Context ctx) throws Exception {
        final JSONArray assets = new JSONArray();
        try (QueryResultsIterator<KeyValue> states = ctx.getStub().getStateByRange("", "")) {
            for (final KeyValue state : states) {
                assets.put(new JSONObject(state.getStringValue()));
            }
        }
        return assets.toString();
    }

    /** The newest first. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String history(final Context ctx, final String id) throws Exception {
        final JSONArray changes = new JSONArray();
        try (QueryResultsIterator<KeyModification> states = ctx.getStub().getHistoryForKey(id)) {
            for (final KeyModification state : states) {
                changes.put(new JSONObject()
                        .put("asset", state.isDeleted()
                                ? JSONObject.NULL : new JSONObject(state.getStringValue()))
                        .put("tx_id", state.getTxId()));
            }
        }
        return changes.toString();
    }

    /** For the owner, on a peer of its own. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String readDetails(final Context ctx, final String id) {
        return getPrivate(ctx, own(ctx, id).owner, DETAILS, id);
    }

    /** The caller's own, or nothing. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String readBid(final Context ctx, final String id) {
        return getPrivate(ctx, ctx.getClientIdentity().getMSPID(), BID, id);
    }

    /** SHA-256 of the details, in hexadecimal, for everybody. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String detailsHash(final Context ctx, final String id) {
        return hash(ctx, get(ctx, id).owner, DETAILS, id);
    }

    /** Whether the details in the transient map are the asset's: for buyers, before a bid. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public boolean verifyDetails(final Context ctx, final String id) {
        return areDetailsOf(ctx, get(ctx, id), Sent.details(ctx));
    }

    private static Asset get(final Context ctx, final String id) {
        final byte[] found = ctx.getStub().getState(id);
        if (found.length == 0) {
            throw new ChaincodeException("the asset " + id + " does not exist");
        }
        return Asset.parse(new String(found, StandardCharsets.UTF_8));
    }

    private static Asset own(final Context ctx, final String id) {
        final Asset asset = get(ctx, id);
        if (!asset.owner.equals(ctx.getClientIdentity().getMSPID())) {
            throw new ChaincodeException("the asset " + id + " belongs to " + asset.owner);
        }
        return asset;
    }

    /** Writes it, with its owner as the endorser of what comes next, and tells of it. */
    private static String put(final Context ctx, final Asset asset, final String event) {
        final String text = asset.toJson();
        ctx.getStub().putStringState(asset.id, text);
        final StateBasedEndorsement endorsers =
                StateBasedEndorsementFactory.getInstance().newStateBasedEndorsement(null);
        endorsers.addOrgs(StateBasedEndorsement.RoleType.RoleTypeMember, asset.owner);
        ctx.getStub().setStateValidationParameter(asset.id, endorsers.policy());
        ctx.getStub().setEvent(event, text.getBytes(StandardCharsets.UTF_8));
        return text;
    }

    private static void putPrivate(
            final Context ctx,
            final String member,
            final String kind,
            final String id,
            final String text) {
        final byte[] content = text.getBytes(StandardCharsets.UTF_8);
        ctx.getStub().putPrivateData(collection(member), key(ctx, kind, id), content);
    }

    /** Empty where there is none. */
    private static String getPrivate(
            final Context ctx, final String member, final String kind, final String id) {
        return ctx.getStub().getPrivateDataUTF8(collection(member), key(ctx, kind, id));
    }

    private static void deletePrivate(
            final Context ctx, final String member, final String kind, final String id) {
        ctx.getStub().delPrivateData(collection(member), key(ctx, kind, id));
    }

    /** In hexadecimal; empty where there is no such private data. */
    private static String hash(
            final Context ctx, final String member, final String kind, final String id) {
        return hex(ctx.getStub().getPrivateDataHash(collection(member), key(ctx, kind, id)));
    }

    private static boolean areDetailsOf(
            final Context ctx, final Asset asset, final String details) {
        try {
            final byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(details.getBytes(StandardCharsets.UTF_8));
            return hash(ctx, asset.owner, DETAILS, asset.id).equals(hex(digest));
        } catch (NoSuchAlgorithmException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static String hex(final byte[] content) {
        final StringBuilder text = new StringBuilder();
        for (final byte each : content) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }

    private static String key(final Context ctx, final String kind, final String id) {
        return ctx.getStub().createCompositeKey(kind, id).toString();
    }

    /** Every member has it, without a definition: only its peers hold the data. */
    private static String collection(final String member) {
        return "_implicit_org_" + member;
    }
}
