package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/tenantra/tenantra/fleet/fault"
)

// Page is one page of a list. NextCursor is absent on the last.
type Page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Give it back as cursor to get the next page."`
}

// Paging is embedded in the input of lists.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Items a page."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before."`
}

// NewPage makes a page of at most limit items from a query that asked for limit+1; key gives the key of the last item
// shown. The items are never null.
func NewPage[T any](items []T, limit int, key func(last T) any) (Page[T], error) {
	if len(items) <= limit {
		if items == nil {
			items = []T{}
		}
		return Page[T]{Items: items}, nil
	}
	items = items[:limit]
	cursor, err := EncodeCursor(key(items[limit-1]))
	if err != nil {
		return Page[T]{}, err
	}
	return Page[T]{Items: items, NextCursor: cursor}, nil
}

// EncodeCursor packs the key of a page's last item. Callers of the API take it as opaque.
func EncodeCursor(key any) (string, error) {
	text, err := json.Marshal(key)
	if err != nil {
		return "", fmt.Errorf("encode cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// DecodeCursor unpacks a cursor into key, which stays as it is when the cursor is empty. A cursor holds nothing but a
// place in an order; what it may read is decided by the scope, so it needs no signature.
func DecodeCursor(cursor string, key any) error {
	if cursor == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, key)
	}
	if err != nil {
		return fault.Field(fault.Invalid, "query.cursor", "is not a cursor of this list: start again without it")
	}
	return nil
}
