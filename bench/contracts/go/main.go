// Replaces values, and tells the ones before.
package main

import (
	"log"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

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

func main() {
	chaincode, err := contractapi.NewChaincode(&Exchange{})
	if err != nil {
		log.Fatal(err)
	}
	if err := chaincode.Start(); err != nil {
		log.Fatal(err)
	}
}
