package rows

import (
	"maps"
	"sync"
)

type rowKey struct {
	tenant, collection int32
	digest             digest
}

// known is the set of rows that are surely in the dictionary, so that they need not be sent to it again: two maps, the
// older dropped when the younger is full. Safe for concurrent use.
type known struct {
	mu         sync.Mutex
	limit      int
	young, old map[rowKey]struct{}
	generation map[int32]int64 // by tenant: changes when its dictionary is swept
}

func newKnown(limit int) *known {
	return &known{limit: max(limit, 2), young: map[rowKey]struct{}{}, generation: map[int32]int64{}}
}

// missing gives the keys that are not known, in their order, while the tenants' generations are those given. A tenant
// that was swept since has its rows forgotten first.
func (k *known) missing(generations map[int32]int64, keys []rowKey) []rowKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	for tenant, generation := range generations {
		if k.generation[tenant] != generation {
			forget := func(r rowKey, _ struct{}) bool { return r.tenant == tenant }
			maps.DeleteFunc(k.young, forget)
			maps.DeleteFunc(k.old, forget)
			k.generation[tenant] = generation
		}
	}
	var out []rowKey
	for _, key := range keys {
		_, young := k.young[key]
		_, old := k.old[key]
		if old && !young {
			k.put(key)
		}
		if !young && !old {
			out = append(out, key)
		}
	}
	return out
}

// learn adds rows whose insertion is committed. Rows of a tenant that was swept since may be gone again and are left out.
func (k *known) learn(generations map[int32]int64, keys []rowKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range keys {
		if k.generation[key.tenant] == generations[key.tenant] {
			k.put(key)
		}
	}
}

func (k *known) put(key rowKey) {
	if len(k.young) >= k.limit/2 {
		k.old, k.young = k.young, make(map[rowKey]struct{})
	}
	k.young[key] = struct{}{}
}
