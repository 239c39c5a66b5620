package rows

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/tenantra/tenantra/queries/diff"
)

// digest names a row in its tenant and collection. id is the key in the database; check tells two rows with one id apart.
type digest struct{ id, check int64 }

// digester derives digests from row hashes. A removed row arrives as its hash alone, so nothing else goes in: the hash
// covers the names of the columns, which makes a row of another shape another row. Not safe for concurrent use.
type digester struct {
	mac    hash.Hash
	prefix [4]byte
}

// newDigester keys the digests with the tenant's secret, so that no agent can make up rows whose ids collide.
func newDigester(secret []byte, collection int32) *digester {
	d := &digester{mac: hmac.New(sha256.New, secret)}
	binary.BigEndian.PutUint32(d.prefix[:], uint32(collection))
	return d
}

func (d *digester) of(row diff.Hash) digest {
	d.mac.Reset()
	d.mac.Write(d.prefix[:])
	d.mac.Write(row[:])
	var sum [sha256.Size]byte
	d.mac.Sum(sum[:0])
	return digest{int64(binary.BigEndian.Uint64(sum[:])), int64(binary.BigEndian.Uint64(sum[8:]))}
}
