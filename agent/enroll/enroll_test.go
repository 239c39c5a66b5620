package enroll_test

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newDir(t *testing.T) state.Dir {
	t.Helper()
	dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEnrolledIdentityIsKept(t *testing.T) {
	t.Parallel()
	fleet, dir := fakefleet.New(t, fakefleet.Options{}), newDir(t)
	made := fleet.Enroll(t, dir)
	kept, err := enroll.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if kept.AgentID != fleet.AgentID || kept.TenantID != fleet.TenantID || !kept.Key().Equal(made.Key()) {
		t.Errorf("kept %+v", kept)
	}
	info, err := os.Stat(filepath.Join(dir.Path(), "identity.json"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the identity has mode %#o", mode)
	}
	_, err = enroll.Enroll(t.Context(), dir, enroll.Request{Server: fleet.URL(), Secret: fleet.Secret.String()})
	if err == nil || !strings.Contains(err.Error(), "--replace") {
		t.Errorf("a second enrolment gives %v", err)
	}
}

// TestFirstContactTrustsOnlyTheFleetOfTheSecret is S31 for enrolment.
func TestFirstContactTrustsOnlyTheFleetOfTheSecret(t *testing.T) {
	t.Parallel()
	other := fakefleet.New(t, fakefleet.Options{})
	for name, c := range map[string]struct {
		options fakefleet.Options
		want    string
	}{
		"authority of another fleet": {fakefleet.Options{FleetsCA: other}, "another fingerprint"},
		"authority not shown":        {fakefleet.Options{OmitCA: true}, "another fingerprint"},
		"right authority wrong name": {fakefleet.Options{Name: "fleet.example"}, "127.0.0.1"},
		"expired":                    {fakefleet.Options{Expired: true}, "expired"},
		"TLS 1.2":                    {fakefleet.Options{TLSMax: tls.VersionTLS12}, "protocol version"},
		"plain HTTP":                 {fakefleet.Options{PlainHTTP: true}, "HTTP response to HTTPS"},
		"another root key":           {fakefleet.Options{WrongRoot: true}, "another root key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleet, dir := fakefleet.New(t, c.options), newDir(t)
			_, err := enroll.Enroll(t.Context(), dir, enroll.Request{Server: fleet.URL(), Secret: fleet.Secret.String()})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(dir.Path(), "identity.json")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an identity was kept: %v", err)
			}
		})
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	fleet := fakefleet.New(t, fakefleet.Options{})
	good := fleet.Secret.String()
	foreign := protocol.NewEnrollSecret(fleet.Secret.CA, fleet.Secret.Root).String()
	for name, c := range map[string]struct {
		server, secret string
		refused        *protocol.Error
		want           string
	}{
		"no secret":       {secret: "", want: "copy it whole"},
		"mistyped":        {secret: good[:20] + string(good[20]^1) + good[21:], want: "copy it whole"},
		"cut":             {secret: good[:40], want: "copy it whole"},
		"a mebibyte":      {secret: strings.Repeat("tne_", 1<<18), want: "copy it whole"},
		"with NUL":        {secret: good + "\x00", want: "copy it whole"},
		"wrong":           {secret: foreign, want: "ask for a new one"},
		"plain http":      {server: "http://127.0.0.1:1", secret: good, want: "https://host:port"},
		"with a path":     {server: "https://127.0.0.1:1/fleet", secret: good, want: "https://host:port"},
		"nobody there":    {server: "https://127.0.0.1:1", secret: good, want: "reach the fleet"},
		"clock":           {secret: good, refused: &protocol.Error{Code: protocol.CodeClockSkew, Message: "skew"}, want: "clock"},
		"busy":            {secret: good, refused: &protocol.Error{Code: protocol.CodeBusy, Message: "busy"}, want: "try again"},
		"white space":     {secret: " " + good + "\n", refused: &protocol.Error{Code: "special", Message: "was read"}, want: "was read (special)"},
		"nothing but 403": {secret: good, refused: &protocol.Error{}, want: "Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			fleet.Behave(fakefleet.Behaviour{Enroll: c.refused})
			server := c.server
			if server == "" {
				server = fleet.URL()
			}
			_, err := enroll.Enroll(t.Context(), newDir(t), enroll.Request{Server: server, Secret: c.secret})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if err != nil && c.secret != "" && strings.Contains(err.Error(), strings.TrimSpace(good)) {
				t.Error("the error holds the secret")
			}
		})
	}
}

func TestSpoiltIdentitySaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", `{"server":"https://a:1","agent_id":"a"}`, "\x00"} {
		dir := newDir(t)
		if err := dir.WriteFile("identity.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := enroll.Load(dir); err == nil || !strings.Contains(err.Error(), "--replace") {
			t.Errorf("%q gives %v", text, err)
		}
	}
	if _, err := enroll.Load(newDir(t)); !errors.Is(err, enroll.ErrNotEnrolled) {
		t.Errorf("an empty directory gives %v", err)
	}
}

func FuzzReadError(f *testing.F) {
	f.Add(403, []byte(`{"code":"busy","message":"m","retry_ms":5}`))
	f.Add(404, []byte(`{"title":"Not Found","detail":"gone","status":404}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if e := enroll.ReadError(status, body); e == nil || e.Code == "" {
			t.Errorf("no code: %+v", e)
		}
	})
}
