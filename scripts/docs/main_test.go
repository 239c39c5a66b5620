package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", dir)
	want := pages()
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != string(text) {
			t.Errorf("%s is not what the schemas say (%v): run make docs", name, err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want[e.Name()] == nil {
			t.Errorf("%s is of no table: run make docs", e.Name())
		}
	}
}
