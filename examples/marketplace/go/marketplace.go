// Package main is a marketplace: members sell assets to each other, at prices that nobody else sees.
//
// What everybody may know of an asset is in the channel's state. Its details, what its owner asks
// and what a buyer bids are private data, each in the collection that every member has for itself;
// the others know hashes only. Asking price and bid are the same text with the same salt, which the
// two agree on outside the ledger, so that equal hashes prove an equal price.
//
// An asset's key has an endorsement policy of its own: its owner must endorse each change. A
// transfer writes into the buyer's collection as well, so it needs the endorsement of both.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Context is what every function is given.
type Context = contractapi.TransactionContextInterface

// Marketplace has the functions of the contracts in other languages. Clients call them by the same
// names, such as createAsset: the contract API looks for CreateAsset then.
type Marketplace struct {
	contractapi.Contract
}

// CreateAsset makes an asset of the caller's member; its details come in the transient map.
func (m *Marketplace) CreateAsset(ctx Context, id, description string) (*Asset, error) {
	if !assetID.MatchString(id) {
		return nil, fmt.Errorf("an asset's ID must match %s", assetID)
	}
	found, err := ctx.GetStub().GetState(id)
	if err != nil {
		return nil, err
	}
	if found != nil {
		return nil, fmt.Errorf("the asset %s exists already", id)
	}
	details, err := sentDetails(ctx)
	if err != nil {
		return nil, err
	}
	owner, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return nil, err
	}
	if err := putPrivate(ctx, owner, detailsKind, id, details); err != nil {
		return nil, err
	}
	return put(ctx, &Asset{ID: id, Description: description, Owner: owner}, "AssetCreated")
}

// ChangeDescription is for the owner.
func (m *Marketplace) ChangeDescription(ctx Context, id, description string) (*Asset, error) {
	asset, err := own(ctx, id)
	if err != nil {
		return nil, err
	}
	asset.Description = description
	return put(ctx, asset, "AssetChanged")
}

// Offer has the owner sell for the price in the transient map.
func (m *Marketplace) Offer(ctx Context, id string) (*Asset, error) {
	asset, err := own(ctx, id)
	if err != nil {
		return nil, err
	}
	price, err := sentPrice(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := putPrivate(ctx, asset.Owner, askKind, id, price); err != nil {
		return nil, err
	}
	asset.ForSale = true
	return put(ctx, asset, "AssetOffered")
}

// Bid says that another member would buy for the price in the transient map.
func (m *Marketplace) Bid(ctx Context, id string) error {
	asset, err := get(ctx, id)
	if err != nil {
		return err
	}
	buyer, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return err
	}
	if buyer == asset.Owner {
		return fmt.Errorf("%s owns the asset %s, and cannot bid for it", buyer, id)
	}
	if !asset.ForSale {
		return fmt.Errorf("the asset %s is not for sale", id)
	}
	price, err := sentPrice(ctx, id)
	if err != nil {
		return err
	}
	if err := putPrivate(ctx, buyer, bidKind, id, price); err != nil {
		return err
	}
	event, err := encode(map[string]string{"asset": id, "buyer": buyer})
	if err != nil {
		return err
	}
	return ctx.GetStub().SetEvent("AssetBid", event)
}

// WithdrawBid purges the bid: nobody can read it any more, in old blocks neither.
func (m *Marketplace) WithdrawBid(ctx Context, id string) error {
	buyer, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return err
	}
	hash, err := hashOf(ctx, buyer, bidKind, id)
	if err != nil {
		return err
	}
	if len(hash) == 0 {
		return fmt.Errorf("%s has no bid for the asset %s", buyer, id)
	}
	return ctx.GetStub().PurgePrivateData(collection(buyer), key(bidKind, id))
}

// Transfer sells to a member whose bid is what is asked; the details go along.
//
// The transient map has the details. Peers of both members must endorse.
func (m *Marketplace) Transfer(ctx Context, id, buyer string) (*Asset, error) {
	asset, err := own(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := checkBid(ctx, asset, buyer); err != nil {
		return nil, err
	}
	details, err := sentDetails(ctx)
	if err != nil {
		return nil, err
	}
	same, err := areDetailsOf(ctx, asset, details)
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, fmt.Errorf("these are not the details of the asset %s", id)
	}
	if err := putPrivate(ctx, buyer, detailsKind, id, details); err != nil {
		return nil, err
	}
	for _, done := range []struct{ member, kind string }{
		{asset.Owner, detailsKind}, {asset.Owner, askKind}, {buyer, bidKind},
	} {
		if err := ctx.GetStub().DelPrivateData(collection(done.member), key(done.kind, id)); err != nil {
			return nil, err
		}
	}
	asset.Owner, asset.ForSale = buyer, false
	return put(ctx, asset, "AssetSold")
}

// ReadAsset returns what everybody may know of an asset.
func (m *Marketplace) ReadAsset(ctx Context, id string) (*Asset, error) {
	return get(ctx, id)
}

// GetAllAssets returns all of them, by ID.
func (m *Marketplace) GetAllAssets(ctx Context) ([]*Asset, error) {
	states, err := ctx.GetStub().GetStateByRange("", "")
	if err != nil {
		return nil, err
	}
	defer states.Close()
	assets := []*Asset{}
	for states.HasNext() {
		state, err := states.Next()
		if err != nil {
			return nil, err
		}
		asset := new(Asset)
		if err := json.Unmarshal(state.GetValue(), asset); err != nil {
			return nil, err
		}
		assets = append(assets, asset)
	}
	return assets, nil
}

// History returns what an asset has been, the newest first.
func (m *Marketplace) History(ctx Context, id string) ([]*Change, error) {
	states, err := ctx.GetStub().GetHistoryForKey(id)
	if err != nil {
		return nil, err
	}
	defer states.Close()
	changes := []*Change{}
	for states.HasNext() {
		state, err := states.Next()
		if err != nil {
			return nil, err
		}
		change := &Change{TxID: state.GetTxId()}
		if !state.GetIsDelete() {
			change.Asset = new(Asset)
			if err := json.Unmarshal(state.GetValue(), change.Asset); err != nil {
				return nil, err
			}
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// ReadDetails is for the owner, on a peer of its own.
func (m *Marketplace) ReadDetails(ctx Context, id string) (*Details, error) {
	asset, err := own(ctx, id)
	if err != nil {
		return nil, err
	}
	details := new(Details)
	return details, readPrivate(ctx, asset.Owner, detailsKind, id, details)
}

// ReadBid returns the caller's own, or nothing.
func (m *Marketplace) ReadBid(ctx Context, id string) (*Price, error) {
	buyer, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return nil, err
	}
	hash, err := hashOf(ctx, buyer, bidKind, id)
	if err != nil || len(hash) == 0 {
		return nil, err
	}
	price := new(Price)
	return price, readPrivate(ctx, buyer, bidKind, id, price)
}

// DetailsHash is the SHA-256 of the details, in hexadecimal, for everybody.
func (m *Marketplace) DetailsHash(ctx Context, id string) (string, error) {
	asset, err := get(ctx, id)
	if err != nil {
		return "", err
	}
	hash, err := hashOf(ctx, asset.Owner, detailsKind, id)
	return hex.EncodeToString(hash), err
}

// VerifyDetails says whether the details in the transient map are the asset's: for buyers, before a
// bid.
func (m *Marketplace) VerifyDetails(ctx Context, id string) (bool, error) {
	asset, err := get(ctx, id)
	if err != nil {
		return false, err
	}
	details, err := sentDetails(ctx)
	if err != nil {
		return false, err
	}
	return areDetailsOf(ctx, asset, details)
}

// GetEvaluateTransactions names the functions that clients need not submit.
func (m *Marketplace) GetEvaluateTransactions() []string {
	return []string{
		"ReadAsset", "GetAllAssets", "History", "ReadDetails", "ReadBid", "DetailsHash", "VerifyDetails",
	}
}

// checkBid returns an error where the asset is not for sale to the buyer.
func checkBid(ctx Context, asset *Asset, buyer string) error {
	asked, err := hashOf(ctx, asset.Owner, askKind, asset.ID)
	if err != nil {
		return err
	}
	if !asset.ForSale || len(asked) == 0 {
		return fmt.Errorf("the asset %s is not for sale", asset.ID)
	}
	bid, err := hashOf(ctx, buyer, bidKind, asset.ID)
	if err != nil {
		return err
	}
	if !bytes.Equal(bid, asked) {
		return fmt.Errorf("%s has not bid what is asked for the asset %s", buyer, asset.ID)
	}
	return nil
}
