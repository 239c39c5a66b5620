package network

import (
	"context"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	dnsapi               = windows.NewLazySystemDLL("dnsapi.dll")
	dnsGetCacheDataTable = dnsapi.NewProc("DnsGetCacheDataTable")
	dnsFree              = dnsapi.NewProc("DnsFree")
)

// dnsCacheNode is the resolver's own DNS_CACHE_ENTRY, which no document describes.
type dnsCacheNode struct {
	next  *dnsCacheNode
	name  *uint16
	kind  uint16
	size  uint16
	flags uint32
}

func generateDNSCache(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*dnsCacheEntry) error) error {
	if !host.Live() || dnsGetCacheDataTable.Find() != nil {
		return nil
	}
	var head dnsCacheNode // its next is the first entry
	if ok, _, _ := dnsGetCacheDataTable.Call(uintptr(unsafe.Pointer(&head))); ok == 0 {
		return nil // the resolver's service does not run
	}
	var err error
	for node, seen := head.next, 0; node != nil && seen < entriesMax; seen++ {
		next := node.next
		if err == nil {
			row := dnsCacheEntry{Name: windows.UTF16PtrToString(node.name), Type: dnsTypeName(node.kind), Flags: int32(node.flags)}
			if err = ctx.Err(); err == nil {
				err = emit(&row)
			}
		}
		const freeFlat = 0
		dnsFree.Call(uintptr(unsafe.Pointer(node.name)), freeFlat)
		dnsFree.Call(uintptr(unsafe.Pointer(node)), freeFlat)
		node = next
	}
	return err
}

func dnsTypeName(kind uint16) string {
	names := map[uint16]string{
		1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TEXT", 28: "AAAA", 33: "SRV", 35: "NAPTR", 39: "DNAME",
		43: "DS", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 52: "TLSA", 64: "SVCB", 65: "HTTPS", 255: "ANY",
	}
	if name, ok := names[kind]; ok {
		return name
	}
	return strconv.Itoa(int(kind))
}
