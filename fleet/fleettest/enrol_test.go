package fleettest

import (
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// Many endpoints enrol at once while the server and PostgreSQL are killed among them. Who was told its id is that agent; no
// attempt became two agents; the secret counts each agent once, and the audit tells of each.
func TestKillsLoseAndDoubleNoEnrolment(t *testing.T) {
	t.Parallel()
	f := Start(t)
	admin := f.Tenant("acme")
	secret := f.secret(t, "acme", 10_000).Secret
	var mu sync.Mutex
	told := map[string]string{} // host name of each acknowledged attempt, by id
	acknowledged := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(told)
	}
	stop := make(chan struct{})
	var endpoints sync.WaitGroup
	for i := range 12 {
		web := f.web(t)
		endpoints.Go(func() {
			for attempt := 0; ; attempt++ {
				select {
				case <-stop:
					return
				default:
				}
				facts := plainFacts
				facts.Hostname = fmt.Sprintf("host-%d-%d", i, attempt)
				made, err := enrol(t, web, f.URL, enrolment(rowstest.NewAgent(uuid.Nil, uuid.Nil), secret, time.Now().UTC(), facts))
				var refused *protocol.Error
				switch {
				case err == nil:
					mu.Lock()
					told[made.AgentID] = facts.Hostname
					mu.Unlock()
				case errors.As(err, &refused) && refused.Code == protocol.CodeEnrollRefused:
					t.Errorf("%s: %v", facts.Hostname, err)
					return
				default: // killed, coming back, or busy
					select {
					case <-stop:
						return
					case <-time.After(50 * time.Millisecond):
					}
				}
			}
		})
	}
	for i := range 6 {
		before := acknowledged()
		Eventually(t, fmt.Sprintf("enrolments before kill %d", i), func() error {
			if n := acknowledged(); n < before+20 {
				return fmt.Errorf("%d more of 20", n-before)
			}
			return nil
		})
		if i%2 == 0 {
			f.Kill()
			f.Restart()
		} else {
			f.KillDatabase()
		}
	}
	before := acknowledged()
	Eventually(t, "enrolments after all kills", func() error {
		if acknowledged() < before+20 {
			return errors.New("none")
		}
		return nil
	})
	close(stop)
	endpoints.Wait()

	found, err := drain(client.List[client.Agent](t.Context(), admin, "/agents", url.Values{"limit": {"500"}}))
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]string{}
	for _, a := range found {
		if other, twice := hosts[a.Hostname]; twice {
			t.Errorf("%s became agents %s and %s", a.Hostname, other, a.ID)
		}
		hosts[a.Hostname] = a.ID
	}
	for id, host := range told {
		if hosts[host] != id {
			t.Errorf("%s was told to be agent %s and is %q", host, id, hosts[host])
		}
	}
	secrets, err := drain(client.List[struct{ Uses int }](t.Context(), admin, "/enroll-secrets", nil))
	if err != nil || len(secrets) != 1 || secrets[0].Uses != len(found) {
		t.Errorf("%d agents enrolled with %+v: %v", len(found), secrets, err)
	}
	entries, err := drain(client.List[struct{ Object string }](t.Context(), admin, "/audit", url.Values{"action": {"agents.enroll"}, "limit": {"500"}}))
	if err != nil || len(entries) != len(found) {
		t.Errorf("the audit tells of %d of %d enrolments: %v", len(entries), len(found), err)
	}
	if proof, err := client.Get[client.AuditProof](t.Context(), admin, "/audit/verify", nil); err != nil || !proof.OK {
		t.Errorf("the audit chain: %+v, %v", proof, err)
	}
}
