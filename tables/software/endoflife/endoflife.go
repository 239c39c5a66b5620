// Package endoflife answers until when a release of a product is maintained by those who make it.
//
// The data are the products of endoflife.date, github.com/endoflife-date/endoflife.date at commit a70eca337600 of 2026-08-22,
// in one file with the fields that are read, under the MIT licence: see LICENSE. A newer copy takes its place with a newer release of the agent.
package endoflife

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the data
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

//go:embed products.json.gz
var products []byte

// Catalogue finds products. It is safe for concurrent use.
type Catalogue struct {
	byID   map[string]*Product
	byPurl map[string]*Product // without version and qualifiers, in lower case
}

// Product is one product with its releases, newest first.
type Product struct {
	ID       string
	Title    string
	Releases []Release
}

// Release is one cycle of releases.
type Release struct {
	Cycle  string // what versions of it begin with: 3.11, 24.04
	Latest string
	EOL    Date
}

// Date is the end of a cycle: a day, or only whether it has ended.
type Date struct {
	Day   time.Time // zero where only Ended is known
	Ended bool
}

// UnmarshalJSON reads a day, true or false. Anything else is taken for a cycle that goes on.
func (d *Date) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			d.Day = day
		}
		return nil
	}
	d.Ended = string(data) == "true"
	return nil
}

// Over tells whether the cycle has ended at a time.
func (d Date) Over(now time.Time) bool {
	if d.Day.IsZero() {
		return d.Ended
	}
	return now.After(d.Day.AddDate(0, 0, 1)) // its last day counts
}

// Load reads the catalogue.
func Load() (*Catalogue, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(products))
	if err != nil {
		return nil, fmt.Errorf("unpack ends of life: %w", err)
	}
	var file struct {
		Products map[string]struct {
			Title       string
			Identifiers []struct{ Purl string }
			Releases    []struct {
				ReleaseCycle, Latest string
				EOL                  Date
			}
		}
	}
	if err := json.NewDecoder(unpacked).Decode(&file); err != nil {
		return nil, fmt.Errorf("read ends of life: %w", err)
	}
	c := &Catalogue{byID: make(map[string]*Product, len(file.Products)), byPurl: map[string]*Product{}}
	for id, p := range file.Products {
		product := &Product{ID: id, Title: p.Title}
		for _, r := range p.Releases {
			product.Releases = append(product.Releases, Release{Cycle: r.ReleaseCycle, Latest: r.Latest, EOL: r.EOL})
		}
		c.byID[id] = product
		for _, i := range p.Identifiers {
			if i.Purl != "" {
				c.byPurl[strings.ToLower(i.Purl)] = product
			}
		}
	}
	return c, nil
}

// Product gives a product by its identifier at endoflife.date: debian, nodejs.
func (c *Catalogue) Product(id string) (*Product, bool) {
	p, ok := c.byID[id]
	return p, ok
}

// OfPackage gives the product that a package URL names; version and qualifiers do not count.
func (c *Catalogue) OfPackage(purl string) (*Product, bool) {
	purl, _, _ = strings.Cut(purl, "?")
	if at := strings.LastIndexByte(purl, '@'); at > 0 {
		purl = purl[:at]
	}
	p, ok := c.byPurl[strings.ToLower(purl)]
	return p, ok
}

// ReleaseOf gives the cycle that a version belongs to: the longest one that it begins with, at a point or dash.
func (p *Product) ReleaseOf(version string) (Release, bool) {
	var found Release
	for _, r := range p.Releases {
		rest, begins := strings.CutPrefix(version, r.Cycle)
		if begins && (rest == "" || strings.ContainsAny(rest[:1], ".-+~_ ")) && len(r.Cycle) > len(found.Cycle) {
			found = r
		}
	}
	return found, found.Cycle != ""
}
