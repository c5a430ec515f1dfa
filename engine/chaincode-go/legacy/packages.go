// Package legacy names what chaincode in a GOPATH may import without bringing it along: the shim,
// its extensions, Fabric's messages, and the protobuf packages that these share with chaincode.
// `go mod vendor` in this directory collects them.
package legacy

import (
	_ "github.com/golang/protobuf/jsonpb"
	_ "github.com/golang/protobuf/proto"
	_ "github.com/golang/protobuf/ptypes"
	_ "github.com/golang/protobuf/ptypes/any"
	_ "github.com/golang/protobuf/ptypes/duration"
	_ "github.com/golang/protobuf/ptypes/empty"
	_ "github.com/golang/protobuf/ptypes/struct"
	_ "github.com/golang/protobuf/ptypes/timestamp"
	_ "github.com/golang/protobuf/ptypes/wrappers"
	_ "github.com/hyperledger/fabric-chaincode-go/pkg/attrmgr"
	_ "github.com/hyperledger/fabric-chaincode-go/pkg/cid"
	_ "github.com/hyperledger/fabric-chaincode-go/pkg/statebased"
	_ "github.com/hyperledger/fabric-chaincode-go/shim"
	_ "github.com/hyperledger/fabric-protos-go/common"
	_ "github.com/hyperledger/fabric-protos-go/ledger/queryresult"
	_ "github.com/hyperledger/fabric-protos-go/ledger/rwset"
	_ "github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	_ "github.com/hyperledger/fabric-protos-go/msp"
	_ "github.com/hyperledger/fabric-protos-go/peer"
)
