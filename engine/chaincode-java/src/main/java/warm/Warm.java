package warm;

import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.contract.ContractInterface;
import org.hyperledger.fabric.contract.annotation.Contract;
import org.hyperledger.fabric.contract.annotation.Transaction;

/** Has the compiler and its parts fetched. */
@Contract
public final class Warm implements ContractInterface {
    @Transaction
    public String read(final Context ctx, final String key) {
        return ctx.getStub().getStringState(key);
    }
}
