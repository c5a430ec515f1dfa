// Command orderer is Hyperledger Fabric's orderer with small raft segments.
//
// etcd's write-ahead log allocates its segments in full: two of 64 MiB for every channel, so a
// network of one channel takes 257 MB of disk before its first transaction. Segments of 2 MiB hold
// many of Fabric's blocks each, are rolled and recovered in the same way, and let an idle channel
// take 4 MiB.
package main

import (
	"github.com/hyperledger/fabric/orderer/common/server"
	"go.etcd.io/etcd/server/v3/wal"
)

const segmentSizeBytes = 2 << 20

func main() {
	wal.SegmentSizeBytes = segmentSizeBytes
	server.Main()
}
