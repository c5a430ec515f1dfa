package asset;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.contract.ContractInterface;
import org.hyperledger.fabric.contract.annotation.Contract;
import org.hyperledger.fabric.contract.annotation.Default;
import org.hyperledger.fabric.contract.annotation.Transaction;
import org.hyperledger.fabric.shim.ChaincodeException;
import org.hyperledger.fabric.shim.ledger.KeyValue;
import org.hyperledger.fabric.shim.ledger.QueryResultsIterator;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * Assets with an owner and a whole-number value, one state entry each, keyed by their ID.
 *
 * <p>Every endorser has to compute the same result, so times come from the transaction and not from
 * the endorser's clock.
 */
@Contract(name = "AssetContract")
@Default
public final class AssetContract implements ContractInterface {
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Puts the first asset on a new ledger. */
    @Transaction
    public void initLedger(final Context ctx) {
        put(ctx, "asset1", "Alice", 100);
    }

    /** Creates an asset, or replaces the one of this ID; returns it. */
    @Transaction
    public String createAsset(
            final Context ctx, final String id, final String owner, final String value) {
        if (id.isEmpty() || owner.isEmpty() || !value.matches("-?\\d{1,15}")) {
            throw new ChaincodeException(
                    "createAsset takes an ID, an owner and a whole number as value");
        }
        return put(ctx, id, owner, Long.parseLong(value));
    }

    /** Returns the asset of this ID. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String readAsset(final Context ctx, final String id) {
        final String state = ctx.getStub().getStringState(id);
        if (state == null || state.isEmpty()) {
            throw new ChaincodeException("Asset " + id + " does not exist");
        }
        return state;
    }

    /** Returns every asset, as a list of {Key, Record}. */
    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String getAllAssets(final Context ctx) throws Exception {
        final JSONArray assets = new JSONArray();
        try (QueryResultsIterator<KeyValue> states = ctx.getStub().getStateByRange("", "")) {
            for (final KeyValue state : states) {
                assets.put(new JSONObject()
                        .put("Key", state.getKey())
                        .put("Record", new JSONObject(state.getStringValue())));
            }
        }
        return assets.toString();
    }

    private static String put(
            final Context ctx, final String id, final String owner, final long value) {
        // The same text on every endorser, and the same as of the contracts in other languages.
        final String text = String.format(
                "{\"ID\":%s,\"Owner\":%s,\"Value\":%d,\"Timestamp\":\"%s\"}",
                JSONObject.quote(id),
                JSONObject.quote(owner),
                value,
                TIMESTAMP.format(ctx.getStub().getTxTimestamp()));
        ctx.getStub().putStringState(id, text);
        return text;
    }
}
