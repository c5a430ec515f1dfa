package marketplace;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.shim.ChaincodeException;
import org.json.JSONException;
import org.json.JSONObject;
import org.json.JSONStringer;

/**
 * What comes in the transient map, checked, and written as it is kept.
 *
 * <p>Fields are in the alphabetical order of their names, as the contracts in other languages write
 * them: hashes are of the text.
 */
final class Sent {
    /** Nobody can guess as much: without a salt, a hash could be tried out. */
    private static final int SALT_CHARACTERS_MIN = 16;

    private Sent() { }

    /** What only the owner knows. */
    static String details(final Context ctx) {
        final JSONObject sent = object(ctx, "details");
        try {
            return new JSONStringer()
                    .object()
                    .key("salt").value(salt(sent, "details"))
                    .key("text").value(sent.getString("text"))
                    .endObject()
                    .toString();
        } catch (JSONException fault) {
            throw new ChaincodeException("details.text must be text");
        }
    }

    /** What is asked or bid, in the currency's smallest unit. */
    static String price(final Context ctx, final String id) {
        final JSONObject sent = object(ctx, "price");
        final Object amount = sent.opt("amount");
        if (!(amount instanceof Integer || amount instanceof Long)
                || ((Number) amount).longValue() <= 0) {
            throw new ChaincodeException("price.amount must be a whole number above 0");
        }
        final Object asset = sent.opt("asset");
        if (!Objects.equals(asset, id)) {
            throw new ChaincodeException("the price is for the asset " + asset + ", not " + id);
        }
        return new JSONStringer()
                .object()
                .key("amount").value(amount)
                .key("asset").value(id)
                .key("salt").value(salt(sent, "price"))
                .endObject()
                .toString();
    }

    private static String salt(final JSONObject sent, final String name) {
        final Object salt = sent.opt("salt");
        if (!(salt instanceof String)
                || ((String) salt).codePoints().count() < SALT_CHARACTERS_MIN) {
            throw new ChaincodeException(
                    name + ".salt must have at least " + SALT_CHARACTERS_MIN + " characters");
        }
        return (String) salt;
    }

    private static JSONObject object(final Context ctx, final String name) {
        final byte[] sent = ctx.getStub().getTransient().get(name);
        if (sent == null) {
            throw new ChaincodeException(
                    "the transient map must have '" + name + "', so that it stays private");
        }
        try {
            return new JSONObject(new String(sent, StandardCharsets.UTF_8));
        } catch (JSONException fault) {
            throw new ChaincodeException("'" + name + "' of the transient map must be an object");
        }
    }
}
