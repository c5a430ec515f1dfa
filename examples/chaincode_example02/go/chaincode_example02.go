// Package main is a chaincode that holds two accounts and moves whole amounts between them.
//
// It has the import paths of Hyperledger Fabric 1.x and the functions that the Amazon Managed
// Blockchain guide calls: init A a B b, invoke A B x, query A, and delete A.
package main

import (
	"fmt"
	"strconv"

	"github.com/hyperledger/fabric/core/chaincode/shim"
	pb "github.com/hyperledger/fabric/protos/peer"
)

// Accounts is the chaincode; its state is one balance per account name.
type Accounts struct{}

// Init opens the accounts: a name and a balance, and again a name and a balance.
func (Accounts) Init(stub shim.ChaincodeStubInterface) pb.Response {
	_, args := stub.GetFunctionAndParameters()
	if len(args) != 4 {
		return shim.Error("init takes two accounts and their balances: A a B b")
	}
	for i := 0; i < len(args); i += 2 {
		balance, err := strconv.Atoi(args[i+1])
		if err != nil {
			return shim.Error(fmt.Sprintf("the balance of %s is not a whole number: %s", args[i], args[i+1]))
		}
		if err := put(stub, args[i], balance); err != nil {
			return shim.Error(err.Error())
		}
	}
	return shim.Success(nil)
}

// Invoke runs one of invoke, query and delete.
func (Accounts) Invoke(stub shim.ChaincodeStubInterface) pb.Response {
	function, args := stub.GetFunctionAndParameters()
	var result []byte
	var err error
	switch function {
	case "invoke":
		err = move(stub, args)
	case "query":
		result, err = query(stub, args)
	case "delete":
		err = remove(stub, args)
	default:
		err = fmt.Errorf("unknown function %q: there are invoke, query and delete", function)
	}
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(result)
}

func move(stub shim.ChaincodeStubInterface, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("invoke takes two accounts and an amount: A B x")
	}
	from, to := args[0], args[1]
	amount, err := strconv.Atoi(args[2])
	if err != nil {
		return fmt.Errorf("the amount is not a whole number: %s", args[2])
	}
	source, err := get(stub, from)
	if err != nil {
		return err
	}
	target, err := get(stub, to)
	if err != nil {
		return err
	}
	if from == to {
		return nil
	}
	if err := put(stub, from, source-amount); err != nil {
		return err
	}
	return put(stub, to, target+amount)
}

func query(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("query takes an account: A")
	}
	balance, err := get(stub, args[0])
	if err != nil {
		return nil, err
	}
	return []byte(strconv.Itoa(balance)), nil
}

func remove(stub shim.ChaincodeStubInterface, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("delete takes an account: A")
	}
	if _, err := get(stub, args[0]); err != nil {
		return err
	}
	return stub.DelState(args[0])
}

func get(stub shim.ChaincodeStubInterface, account string) (int, error) {
	state, err := stub.GetState(account)
	if err != nil {
		return 0, fmt.Errorf("cannot read %s: %v", account, err)
	}
	if state == nil {
		return 0, fmt.Errorf("there is no account %s", account)
	}
	return strconv.Atoi(string(state))
}

func put(stub shim.ChaincodeStubInterface, account string, balance int) error {
	return stub.PutState(account, []byte(strconv.Itoa(balance)))
}

func main() {
	if err := shim.Start(new(Accounts)); err != nil {
		fmt.Printf("the chaincode cannot start: %v\n", err)
	}
}
