// Keeps values by key.
package main

import (
	"log"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

const version = "1"

// Exchange is the contract.
type Exchange struct {
	contractapi.Contract
}

// Exchange puts the value of a key, and returns the one before.
func (*Exchange) Exchange(ctx contractapi.TransactionContextInterface, key string, value string) (string, error) {
	before, err := ctx.GetStub().GetState(key)
	if err != nil {
		return "", err
	}
	return string(before), ctx.GetStub().PutState(key, []byte(value))
}

// Put puts the value of a key, and reads nothing.
func (*Exchange) Put(ctx contractapi.TransactionContextInterface, key string, value string) error {
	return ctx.GetStub().PutState(key, []byte(value))
}

// Get returns the value of a key.
func (*Exchange) Get(ctx contractapi.TransactionContextInterface, key string) (string, error) {
	value, err := ctx.GetStub().GetState(key)
	return string(value), err
}

// Version tells one source from another.
func (*Exchange) Version(_ contractapi.TransactionContextInterface) string {
	return version
}

func main() {
	chaincode, err := contractapi.NewChaincode(&Exchange{})
	if err != nil {
		log.Fatal(err)
	}
	if err := chaincode.Start(); err != nil {
		log.Fatal(err)
	}
}
