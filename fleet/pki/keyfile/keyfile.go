// Package keyfile keeps the server's own secrets (peppers, database passwords, signing keys) in files that nobody else
// can read. A file is made once, by whichever process comes first, and never overwritten.
package keyfile

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const maxBytes = 64 << 10

// Dir makes a directory for secrets with mode 0700 and repairs a wider mode.
func Dir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make key directory: %w", err)
	}
	if err := os.Chmod(path, 0o700); err != nil { // #nosec G302 -- a directory
		return fmt.Errorf("close key directory: %w", err)
	}
	return nil
}

// Secret gives the random secret of size bytes kept in path, made on first use. It is stored as base64url text.
func Secret(path string, size int) ([]byte, error) {
	text, err := LoadOrCreate(path, func() ([]byte, error) {
		secret := make([]byte, size)
		rand.Read(secret)
		return []byte(base64.RawURLEncoding.EncodeToString(secret) + "\n"), nil
	})
	if err != nil {
		return nil, err
	}
	secret, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != size {
		return nil, fmt.Errorf("read key %s: want %d bytes as base64url; restore the file from a backup", path, size)
	}
	return secret, nil
}

// LoadOrCreate gives the contents of path; when there is no such file it stores what create returns. Of two processes
// that create at once, both get the contents of the first.
func LoadOrCreate(path string, create func() ([]byte, error)) ([]byte, error) {
	data, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if data, err = create(); err != nil {
		return nil, err
	}
	if err := store(path, data); errors.Is(err, fs.ErrExist) {
		return Load(path)
	} else if err != nil {
		return nil, err
	}
	return data, nil
}

// Load reads a secret file. A file that others can read is refused, for its secret may be known already.
func Load(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxBytes {
		return nil, fmt.Errorf("read key %s: not a regular file of at most %d bytes", path, maxBytes)
	}
	// Windows keeps no such mode; there the directory's access list protects the file.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read key %s: mode %04o lets others read it; replace the key, or run chmod 600 when nobody did", path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return data, nil
}

// Replace stores data in path in place of what is there, atomically.
func Replace(path string, data []byte) error {
	temp, err := write(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return fmt.Errorf("replace key: %w", err)
	}
	return nil
}

// store writes a new file. The content is complete before the name exists: a link, unlike a rename, fails when another
// process was first.
func store(path string, data []byte) error {
	temp, err := write(path, data)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil {
		return fmt.Errorf("store key: %w", err)
	}
	return nil
}

func write(path string, data []byte) (temp string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("store key: %w", err)
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		os.Remove(file.Name())
		return "", fmt.Errorf("store key: %w", err)
	}
	return file.Name(), nil
}
