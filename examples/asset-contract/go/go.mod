module asset-contract

go 1.24

require github.com/hyperledger/fabric-contract-api-go/v2 v2.2.0
