package rows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// S59: one bit of the evidence is another, wherever it stands, and the row is not proved any more; nor is it by another
// agent's key or at another place.
func TestS59FlippedEvidence(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	scope := f.tenant("s59")
	e, other := f.enroll(scope), f.enroll(scope)
	e.put(e.Differential(ports, columns, rowstest.Text([]string{"a", "1"}, []string{"b", "2"}, []string{"c", "3"})), rows.Result{})
	page := f.read(scope, scope.Tenant, e.id, ports, time.Time{})
	var proof rows.Evidence
	f.inScope(scope, func(ctx context.Context, tx *postgres.Tx) error {
		c, err := rows.FindCollection(ctx, tx, scope.Tenant, e.id, ports)
		if err != nil {
			return err
		}
		proof, err = rows.Prove(ctx, tx, scope.Tenant, e.id, c.ID, page.Columns, page.Rows[0])
		return err
	})
	values := page.Rows[0].Values
	if err := proof.Verify(e.Public(), page.Columns, values); err != nil {
		t.Fatal(err)
	}
	if proof.Verify(other.Public(), page.Columns, values) == nil {
		t.Error("another agent's key proves the row")
	}
	flips := 0
	try := func(what string, spoilt rows.Evidence) {
		flips++
		if spoilt.Verify(e.Public(), page.Columns, values) == nil {
			t.Errorf("%s is not noticed", what)
		}
	}
	for i := range proof.Header {
		spoilt := proof
		spoilt.Header = slices.Clone(proof.Header)
		spoilt.Header[i] ^= 1
		try("a bit of the header", spoilt)
	}
	for i := range proof.Signature {
		spoilt := proof
		spoilt.Signature = slices.Clone(proof.Signature)
		spoilt.Signature[i] ^= 1
		try("a bit of the signature", spoilt)
	}
	for i := range proof.Path {
		for j := range proof.Path[i] {
			spoilt := proof
			spoilt.Path = slices.Clone(proof.Path)
			spoilt.Path[i][j] ^= 1
			try("a bit of the path", spoilt)
		}
	}
	moved := proof
	moved.Index = (proof.Index + 1) % proof.Leaves
	try("another place", moved)
	if flips < 200 {
		t.Errorf("only %d bits were tried", flips)
	}
}
