package exchange;

import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.contract.ContractInterface;
import org.hyperledger.fabric.contract.annotation.Contract;
import org.hyperledger.fabric.contract.annotation.Default;
import org.hyperledger.fabric.contract.annotation.Transaction;

/** Keeps values by key. */
@Contract(name = "Exchange")
@Default
public final class Exchange implements ContractInterface {
    private static final String VERSION = "1";

    /** Puts the value of a key, and returns the one before. */
    @Transaction(name = "Exchange")
    public String exchange(final Context ctx, final String key, final String value) {
        final String before = ctx.getStub().getStringState(key);
        ctx.getStub().putStringState(key, value);
        return before;
    }

    /** Puts the value of a key, and reads nothing. */
    @Transaction(name = "Put")
    public void put(final Context ctx, final String key, final String value) {
        ctx.getStub().putStringState(key, value);
    }

    /** Returns the value of a key. */
    @Transaction(name = "Get", intent = Transaction.TYPE.EVALUATE)
    public String get(final Context ctx, final String key) {
        return ctx.getStub().getStringState(key);
    }

    /** Tells one source from another. */
    @Transaction(name = "Version", intent = Transaction.TYPE.EVALUATE)
    public String version(final Context ctx) {
        return VERSION;
    }
}
