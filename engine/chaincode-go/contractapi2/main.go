// Command contractapi is compiled once, so that chaincode on the contract API compiles quickly
// afterwards.
package main

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

type warm struct{ contractapi.Contract }

func (*warm) Read(context contractapi.TransactionContextInterface, key string) (string, error) {
	value, err := context.GetStub().GetState(key)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	text, err := json.Marshal(value)
	return string(text), err
}

func main() {
	chaincode, err := contractapi.NewChaincode(&warm{})
	if err != nil {
		log.Fatal(err)
	}
	if err := chaincode.Start(); err != nil {
		log.Fatal(err)
	}
}
