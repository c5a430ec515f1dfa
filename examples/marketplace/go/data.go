package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
)

// Names of what a member's collection holds for each asset.
const (
	detailsKind = "details"
	askKind     = "ask"
	bidKind     = "bid"
)

var assetID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// saltCharactersMin is what nobody can guess: without it, a hash could be tried out.
const saltCharactersMin = 16

// The fields below are in the alphabetical order of their names, as the contracts in other
// languages write them: hashes are of the text.

// Asset is what everybody may know; Owner is the MSP ID of a member.
type Asset struct {
	Description string `json:"description"`
	ForSale     bool   `json:"for_sale"`
	ID          string `json:"id"`
	Owner       string `json:"owner"`
}

// Details are what only the owner knows.
type Details struct {
	Salt string `json:"salt"`
	Text string `json:"text"`
}

// Price is what is asked or bid, in the currency's smallest unit.
type Price struct {
	Amount int64  `json:"amount"`
	Asset  string `json:"asset"`
	Salt   string `json:"salt"`
}

// Change is one entry of an asset's history; Asset is left out where it was deleted.
type Change struct {
	Asset *Asset `json:"asset,omitempty" metadata:",optional"`
	TxID  string `json:"tx_id"`
}

func get(ctx Context, id string) (*Asset, error) {
	found, err := ctx.GetStub().GetState(id)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("the asset %s does not exist", id)
	}
	asset := new(Asset)
	return asset, json.Unmarshal(found, asset)
}

// own gets an asset that has to belong to the caller's member.
func own(ctx Context, id string) (*Asset, error) {
	asset, err := get(ctx, id)
	if err != nil {
		return nil, err
	}
	caller, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return nil, err
	}
	if asset.Owner != caller {
		return nil, fmt.Errorf("the asset %s belongs to %s", id, asset.Owner)
	}
	return asset, nil
}

// put writes an asset, with its owner as the endorser of what comes next, and tells of it.
func put(ctx Context, asset *Asset, event string) (*Asset, error) {
	text, err := encode(asset)
	if err != nil {
		return nil, err
	}
	stub := ctx.GetStub()
	if err := stub.PutState(asset.ID, text); err != nil {
		return nil, err
	}
	endorsers, err := statebased.NewStateEP(nil)
	if err != nil {
		return nil, err
	}
	if err := endorsers.AddOrgs(statebased.RoleTypeMember, asset.Owner); err != nil {
		return nil, err
	}
	policy, err := endorsers.Policy()
	if err != nil {
		return nil, err
	}
	if err := stub.SetStateValidationParameter(asset.ID, policy); err != nil {
		return nil, err
	}
	return asset, stub.SetEvent(event, text)
}

func sentDetails(ctx Context) (*Details, error) {
	details := new(Details)
	if err := readTransient(ctx, "details", details); err != nil {
		return nil, err
	}
	return details, checkSalt("details", details.Salt)
}

func sentPrice(ctx Context, id string) (*Price, error) {
	price := new(Price)
	if err := readTransient(ctx, "price", price); err != nil {
		return nil, err
	}
	if price.Amount <= 0 {
		return nil, fmt.Errorf("price.amount must be above 0")
	}
	if price.Asset != id {
		return nil, fmt.Errorf("the price is for the asset %s, not %s", price.Asset, id)
	}
	return price, checkSalt("price", price.Salt)
}

func checkSalt(name, salt string) error {
	if utf8.RuneCountInString(salt) < saltCharactersMin {
		return fmt.Errorf("%s.salt must have at least %d characters", name, saltCharactersMin)
	}
	return nil
}

func readTransient(ctx Context, name string, value any) error {
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return err
	}
	sent, ok := transient[name]
	if !ok {
		return fmt.Errorf("the transient map must have '%s', so that it stays private", name)
	}
	if err := json.Unmarshal(sent, value); err != nil {
		return fmt.Errorf("'%s' of the transient map: %w", name, err)
	}
	return nil
}

func putPrivate(ctx Context, member, kind, id string, value any) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	return ctx.GetStub().PutPrivateData(collection(member), key(kind, id), text)
}

func readPrivate(ctx Context, member, kind, id string, value any) error {
	found, err := ctx.GetStub().GetPrivateData(collection(member), key(kind, id))
	if err != nil {
		return err
	}
	return json.Unmarshal(found, value)
}

// hashOf is empty where there is no such private data.
func hashOf(ctx Context, member, kind, id string) ([]byte, error) {
	return ctx.GetStub().GetPrivateDataHash(collection(member), key(kind, id))
}

func areDetailsOf(ctx Context, asset *Asset, details *Details) (bool, error) {
	known, err := hashOf(ctx, asset.Owner, detailsKind, asset.ID)
	if err != nil {
		return false, err
	}
	text, err := encode(details)
	if err != nil {
		return false, err
	}
	hash := sha256.Sum256(text)
	return bytes.Equal(known, hash[:]), nil
}

// encode writes JSON without the escapes that are for HTML only.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

func key(kind, id string) string {
	return kind + "/" + id
}

// collection names what every member has without a definition: only its peers hold the data.
func collection(member string) string {
	return "_implicit_org_" + member
}
