// Package main is a contract of assets with an owner and a whole-number value, one state entry
// each, keyed by their ID.
//
// Every endorser has to compute the same result, so times come from the transaction and not from
// the endorser's clock.
package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Asset is one entry of the state.
type Asset struct {
	ID        string `json:"ID"`
	Owner     string `json:"Owner"`
	Value     int64  `json:"Value"`
	Timestamp string `json:"Timestamp"`
}

// Entry is an asset with the key that it is kept by.
type Entry struct {
	Key    string `json:"Key"`
	Record *Asset `json:"Record"`
}

// AssetContract has the functions of the contracts in other languages. Clients call them by the
// same names, such as createAsset: the contract API looks for CreateAsset then.
type AssetContract struct {
	contractapi.Contract
}

// InitLedger puts the first asset on a new ledger.
func (c *AssetContract) InitLedger(ctx contractapi.TransactionContextInterface) error {
	_, err := put(ctx, "asset1", "Alice", 100)
	return err
}

// CreateAsset creates an asset, or replaces the one of this ID; it returns it.
func (c *AssetContract) CreateAsset(ctx contractapi.TransactionContextInterface, id, owner, value string) (*Asset, error) {
	amount, err := strconv.ParseInt(value, 10, 64)
	if id == "" || owner == "" || err != nil {
		return nil, fmt.Errorf("createAsset takes an ID, an owner and a whole number as value")
	}
	return put(ctx, id, owner, amount)
}

// ReadAsset returns the asset of this ID.
func (c *AssetContract) ReadAsset(ctx contractapi.TransactionContextInterface, id string) (*Asset, error) {
	state, err := ctx.GetStub().GetState(id)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return nil, fmt.Errorf("Asset %s does not exist", id)
	}
	asset := new(Asset)
	return asset, json.Unmarshal(state, asset)
}

// GetAllAssets returns every asset with its key.
func (c *AssetContract) GetAllAssets(ctx contractapi.TransactionContextInterface) ([]Entry, error) {
	states, err := ctx.GetStub().GetStateByRange("", "")
	if err != nil {
		return nil, err
	}
	defer states.Close()
	entries := []Entry{}
	for states.HasNext() {
		state, err := states.Next()
		if err != nil {
			return nil, err
		}
		asset := new(Asset)
		if err := json.Unmarshal(state.GetValue(), asset); err != nil {
			return nil, err
		}
		entries = append(entries, Entry{state.GetKey(), asset})
	}
	return entries, nil
}

// GetEvaluateTransactions names the functions that clients need not submit.
func (c *AssetContract) GetEvaluateTransactions() []string {
	return []string{"ReadAsset", "GetAllAssets"}
}

func put(ctx contractapi.TransactionContextInterface, id, owner string, value int64) (*Asset, error) {
	time, err := ctx.GetStub().GetTxTimestamp()
	if err != nil {
		return nil, err
	}
	asset := &Asset{id, owner, value, time.AsTime().Format("2006-01-02T15:04:05.000Z")}
	text, err := json.Marshal(asset)
	if err != nil {
		return nil, err
	}
	return asset, ctx.GetStub().PutState(id, text)
}
