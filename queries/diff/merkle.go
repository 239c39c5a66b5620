package diff

import (
	"crypto/sha256"
	"math/bits"
)

// Leaf is the hash of one change in a batch: a row added or removed.
func Leaf(added bool, row Hash) Hash {
	op := byte('-')
	if added {
		op = '+'
	}
	return sha256.Sum256(append([]byte{0, op}, row[:]...))
}

// Root is the root of a Merkle tree over leaves, shaped as in RFC 6962: leaves are hashed with a zero byte in front
// (Leaf does), inner nodes with a one. Without leaves it is the hash of nothing.
func Root(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := split(len(leaves))
	return node(Root(leaves[:k]), Root(leaves[k:]))
}

// Proof gives the hashes that lead from leaf i to the root, the leaf's sibling first.
func Proof(leaves []Hash, i int) []Hash {
	if len(leaves) < 2 {
		return nil
	}
	if k := split(len(leaves)); i < k {
		return append(Proof(leaves[:k], i), Root(leaves[k:]))
	} else {
		return append(Proof(leaves[k:], i-k), Root(leaves[:k]))
	}
}

// Proves tells whether leaf stands at position i of n leaves below root.
func Proves(root, leaf Hash, i, n int, proof []Hash) bool {
	if i < 0 || i >= n {
		return false
	}
	// From the root down: whether the path goes left at each level, in the order of the proof's end.
	var left []bool
	for n > 1 {
		k := split(n)
		if i < k {
			left, n = append(left, true), k
		} else {
			left, i, n = append(left, false), i-k, n-k
		}
	}
	if len(left) != len(proof) {
		return false
	}
	for j, sibling := range proof {
		if left[len(left)-1-j] {
			leaf = node(leaf, sibling)
		} else {
			leaf = node(sibling, leaf)
		}
	}
	return leaf == root
}

// split is the greatest power of two below n.
func split(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

func node(left, right Hash) Hash {
	b := make([]byte, 0, 1+2*len(left))
	b = append(b, 1)
	b = append(b, left[:]...)
	return sha256.Sum256(append(b, right[:]...))
}
