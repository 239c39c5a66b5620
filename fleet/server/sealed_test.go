package server

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// A place that SealedColumns does not name would be lost when its key goes.
func TestEverySealedPlaceIsNamed(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, column := range SealedColumns() {
		named[column.Table] = true
	}
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`Place\{Tenant: [^}]*Table: "(\w+)"`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range place.FindAllSubmatch(text, -1) {
			if found++; !named[string(match[1])] {
				t.Errorf("%s keeps sealed secrets in %s: name the column in SealedColumns", file, match[1])
			}
		}
	}
	if found < 3 {
		t.Errorf("%d places were found in the sources: is the pattern right?", found)
	}
}

// The statements fit their tables.
func TestSealedColumnsExist(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	tenant := pgtest.Tenant(t, db, "acme").Tenant
	kek, err := pki.OpenKEK(filepath.Join(t.TempDir(), "kek"))
	if err != nil {
		t.Fatal(err)
	}
	r := &pki.Rotator{Sealer: pki.NewSealer(db, kek, time.Now), Columns: SealedColumns(), Log: slog.New(slog.DiscardHandler),
		Tenants: func(context.Context) ([]int32, error) { return []int32{tenant}, nil }}
	if _, err := r.Reseal(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{"totp_factors": "1", "mail_settings": "smtp", "replays": "00ff"}
	for _, column := range SealedColumns() {
		text := strings.NewReplacer("UPDATE ", "UPDATE tenantra.").Replace(column.Swap)
		if _, err := admin.Exec(t.Context(), text, tenant, cmp.Or(rows[column.Table], "00000000-0000-7000-8000-000000000001"), "old", "new"); err != nil {
			t.Errorf("%s.%s: %v", column.Table, column.Column, err)
		}
	}
}
