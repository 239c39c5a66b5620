package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
)

func TestSystemOfAnImageIsToldByItsDirectories(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dirs []string
		want tables.Platforms
	}{
		{[]string{"Windows/System32", "Users"}, tables.Windows},
		{[]string{"System/Library/CoreServices", "etc", "usr"}, tables.Darwin},
		{[]string{"etc", "usr"}, tables.Linux},
		{nil, tables.BuildPlatform()},
	} {
		root := t.TempDir()
		for _, dir := range c.dirs {
			if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		h, err := host.New(root, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if h.Platform() != c.want || h.Live() {
			t.Errorf("an image with %v is %s, live %v; want %s", c.dirs, h.Platform(), h.Live(), c.want)
		}
	}
}

func TestTheRunningSystemIsNoImage(t *testing.T) {
	t.Parallel()
	if _, err := host.NewImage("/", tables.Windows, nil, nil); err == nil {
		t.Error("the running system was taken for an image of Windows")
	}
}
