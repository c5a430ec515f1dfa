package marketplace;

import org.json.JSONObject;
import org.json.JSONStringer;

/** What everybody may know of an asset; the owner is the MSP ID of a member. */
final class Asset {
    final String id;
    final String description;
    final String owner;
    final boolean forSale;

    Asset(final String id, final String description, final String owner, final boolean forSale) {
        this.id = id;
        this.description = description;
        this.owner = owner;
        this.forSale = forSale;
    }

    static Asset parse(final String text) {
        final JSONObject found = new JSONObject(text);
        return new Asset(
                found.getString("id"),
                found.getString("description"),
                found.getString("owner"),
                found.getBoolean("for_sale"));
    }

    String toJson() {
        return new JSONStringer()
                .object()
                .key("description").value(description)
                .key("for_sale").value(forSale)
                .key("id").value(id)
                .key("owner").value(owner)
                .endObject()
                .toString();
    }
}
