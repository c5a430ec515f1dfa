'use strict';

// A chaincode that holds two accounts and moves whole amounts between them, on the shim alone:
// init A a B b, invoke A B x, query A, and delete A.

const shim = require('fabric-shim');

const FUNCTIONS = { invoke: move, query, delete: remove };

/** Its state is one balance per account name. */
class Accounts {
    /** Opens the accounts: a name and a balance, and again a name and a balance. */
    async Init(stub) {
        return answer(async () => {
            const { params } = stub.getFunctionAndParameters();
            if (params.length !== 4) {
                throw new Error('init takes two accounts and their balances: A a B b');
            }
            for (const [account, balance] of [params.slice(0, 2), params.slice(2)]) {
                await put(stub, account, number(balance, `the balance of ${account}`));
            }
        });
    }

    /** Runs one of invoke, query and delete. */
    async Invoke(stub) {
        return answer(async () => {
            const { fcn, params } = stub.getFunctionAndParameters();
            if (!Object.hasOwn(FUNCTIONS, fcn)) {
                throw new Error(`unknown function "${fcn}": there are invoke, query and delete`);
            }
            return FUNCTIONS[fcn](stub, params);
        });
    }
}

/** What the work returns, or the error that it ends with, as the peer wants it. */
async function answer(work) {
    try {
        return shim.success(Buffer.from((await work()) ?? ''));
    } catch (fault) {
        return shim.error(fault.message);
    }
}

async function move(stub, params) {
    if (params.length !== 3) {
        throw new Error('invoke takes two accounts and an amount: A B x');
    }
    const [from, to, text] = params;
    const amount = number(text, 'the amount');
    const source = await get(stub, from);
    const target = await get(stub, to);
    if (from !== to) {
        await put(stub, from, source - amount);
        await put(stub, to, target + amount);
    }
}

async function query(stub, params) {
    if (params.length !== 1) {
        throw new Error('query takes an account: A');
    }
    return String(await get(stub, params[0]));
}

async function remove(stub, params) {
    if (params.length !== 1) {
        throw new Error('delete takes an account: A');
    }
    await get(stub, params[0]);
    await stub.deleteState(params[0]);
}

async function get(stub, account) {
    const state = await stub.getState(account);
    if (state.length === 0) {
        throw new Error(`there is no account ${account}`);
    }
    return BigInt(Buffer.from(state).toString('utf8'));
}

async function put(stub, account, balance) {
    await stub.putState(account, Buffer.from(String(balance)));
}

function number(text, name) {
    if (!/^-?[0-9]{1,18}$/.test(text)) {
        throw new Error(`${name} is not a whole number: ${text}`);
    }
    return BigInt(text);
}

shim.start(new Accounts());
