package policy_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

type account struct {
	UID     int64  `col:"uid" doc:"Number."`
	Name    string `col:"name" doc:"Name." class:"personal"`
	History string `col:"history" doc:"Commands." class:"content"`
	Hash    string `col:"hash" doc:"Password hash." class:"secret"`
}

func table(network bool) *tables.Table {
	return tables.Define[account](tables.Spec{Name: "accounts", Aliases: []string{"logins"}, Doc: "Accounts.", Category: tables.Identity, Platforms: tables.AllPlatforms, Network: network},
		func(context.Context, tables.Host, *tables.Query, func(*account) error) error { return nil })
}

func TestTheTighterOfFleetAndFileCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		local   policy.Local
		fleet   protocol.Config
		column  string
		network bool
		refused string
	}{
		"inventory without configuration":       {column: "uid"},
		"personal without configuration":        {column: "name", refused: "class personal"},
		"personal allowed":                      {fleet: protocol.Config{AllowedClass: "personal"}, column: "name"},
		"content beyond personal":               {fleet: protocol.Config{AllowedClass: "personal"}, column: "history", refused: "class content"},
		"the file's floor below the fleet's":    {local: policy.Local{AllowedClass: "inventory"}, fleet: protocol.Config{AllowedClass: "content"}, column: "name", refused: "only inventory"},
		"the fleet's below the file's":          {local: policy.Local{AllowedClass: "content"}, column: "name", refused: "only inventory"},
		"secret never leaves":                   {local: policy.Local{AllowedClass: "secret"}, fleet: protocol.Config{AllowedClass: "secret"}, column: "hash", refused: "class secret"},
		"a class from the future":               {fleet: protocol.Config{AllowedClass: "everything"}, column: "name", refused: "only inventory"},
		"switched off by the fleet":             {fleet: protocol.Config{DisabledTables: []string{"accounts"}}, column: "uid", refused: "switched off"},
		"switched off by the file, by alias":    {local: policy.Local{DisabledTables: []string{"Logins"}}, column: "uid", refused: "switched off"},
		"network table":                         {column: "uid", network: true, refused: "network"},
		"network table that the file allows":    {local: policy.Local{NetworkTables: true}, column: "uid", network: true},
		"count(*) of a table with secret cells": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := engine.TableRef{Table: table(c.network)}
			if c.column != "" {
				ref.Columns = []string{c.column}
			}
			err := policy.New(c.local, c.fleet).Allow(ref)
			if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("got %v, want %q", err, c.refused)
			}
		})
	}
}

func TestPolicyFileIsReadStrictly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"good":          {`{"allowed_class":"personal","network_tables":true}`, 0o644, ""},
		"unknown key":   {`{"allowed_clas":"personal"}`, 0o644, "allowed_clas"},
		"unknown class": {`{"allowed_class":"most"}`, 0o644, "inventory, personal"},
		"targets":       {`{"prometheus_targets":["http://127.0.0.1:9100/metrics","https://db.example/metrics"]}`, 0o644, ""},
		"a file":        {`{"prometheus_targets":["file:///etc/shadow"]}`, 0o644, "no address of http"},
		"a password":    {`{"prometheus_targets":["http://user:word@127.0.0.1/"]}`, 0o644, "without user and password"},
		"many targets":  {`{"prometheus_targets":["` + strings.Repeat(`http://127.0.0.1/","`, 33) + `"]}`, 0o644, "more than 32"},
		"not JSON":      {`allowed_class: personal`, 0o644, "decode"},
		"empty":         {``, 0o644, "decode"},
		"too large":     {strings.Repeat(" ", 70<<10) + "{}", 0o644, "64 KiB"},
		"writable":      {`{}`, 0o666, "writable by others"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && c.mode != 0o644 {
				t.Skip("Windows has no such modes")
			}
			path := filepath.Join(t.TempDir(), "policy.json")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := policy.Load(path)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if local, err := policy.Load(filepath.Join(t.TempDir(), "none")); err != nil || local.NetworkTables {
		t.Errorf("no file gives %+v, %v", local, err)
	}
}
