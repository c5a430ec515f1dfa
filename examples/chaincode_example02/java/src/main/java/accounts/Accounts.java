package accounts;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hyperledger.fabric.shim.ChaincodeBase;
import org.hyperledger.fabric.shim.ChaincodeException;
import org.hyperledger.fabric.shim.ChaincodeStub;

/**
 * A chaincode that holds two accounts and moves whole amounts between them, on the shim alone: init
 * A a B b, invoke A B x, query A, and delete A.
 *
 * <p>Its state is one balance per account name.
 */
public final class Accounts extends ChaincodeBase {
    /** Opens the accounts: a name and a balance, and again a name and a balance. */
    @Override
    public Response init(final ChaincodeStub stub) {
        final List<String> args = stub.getParameters();
        if (args.size() != 4) {
            return newErrorResponse("init takes two accounts and their balances: A a B b");
        }
        try {
            for (int i = 0; i < args.size(); i += 2) {
                final String account = args.get(i);
                put(stub, account, number(args.get(i + 1), "the balance of " + account));
            }
            return newSuccessResponse();
        } catch (ChaincodeException fault) {
            return newErrorResponse(fault.getMessage());
        }
    }

    /** Runs one of invoke, query and delete. */
    @Override
    public Response invoke(final ChaincodeStub stub) {
        final String function = stub.getFunction();
        final List<String> args = stub.getParameters();
        try {
            switch (function) {
                case "invoke":
                    return move(stub, args);
                case "query":
                    return query(stub, args);
                case "delete":
                    return delete(stub, args);
                default:
                    return newErrorResponse(
                            "unknown function \"" + function
                                    + "\": there are invoke, query and delete");
            }
        } catch (ChaincodeException fault) {
            return newErrorResponse(fault.getMessage());
        }
    }

    private static Response move(final ChaincodeStub stub, final List<String> args) {
        if (args.size() != 3) {
            return newErrorResponse("invoke takes two accounts and an amount: A B x");
        }
        final String from = args.get(0);
        final String to = args.get(1);
        final long amount = number(args.get(2), "the amount");
        final long source = get(stub, from);
        final long target = get(stub, to);
        if (!from.equals(to)) {
            put(stub, from, source - amount);
            put(stub, to, target + amount);
        }
        return newSuccessResponse();
    }

    private static Response query(final ChaincodeStub stub, final List<String> args) {
        if (args.size() != 1) {
            return newErrorResponse("query takes an account: A");
        }
        final String balance = Long.toString(get(stub, args.get(0)));
        return newSuccessResponse("", balance.getBytes(StandardCharsets.UTF_8));
    }

    private static Response delete(final ChaincodeStub stub, final List<String> args) {
        if (args.size() != 1) {
            return newErrorResponse("delete takes an account: A");
        }
        get(stub, args.get(0));
        stub.delState(args.get(0));
        return newSuccessResponse();
    }

    private static long get(final ChaincodeStub stub, final String account) {
        final String state = stub.getStringState(account);
        if (state.isEmpty()) {
            throw new ChaincodeException("there is no account " + account);
        }
        return Long.parseLong(state);
    }

    private static void put(final ChaincodeStub stub, final String account, final long balance) {
        stub.putStringState(account, Long.toString(balance));
    }

    private static long number(final String text, final String name) {
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new ChaincodeException(name + " is not a whole number: " + text);
        }
        return Long.parseLong(text);
    }

    public static void main(final String[] args) {
        new Accounts().start(args);
    }
}
