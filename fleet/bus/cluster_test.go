package bus_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/bus/bustest"
)

const patience = 30 * time.Second

// raw connects as an attacker would who has these credentials; what the cluster refuses later comes to the channel.
func raw(t *testing.T, c *bustest.Cluster, options ...nats.Option) (*nats.Conn, <-chan error) {
	t.Helper()
	refused := make(chan error, 16)
	conn, err := nats.Connect(c.URL, append(options, nats.Timeout(patience), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn, refused
}

func proven(t *testing.T, c bus.Credentials) []nats.Option {
	t.Helper()
	nkey, err := nats.NkeyOptionFromSeed(c.Nkey)
	if err != nil {
		t.Fatal(err)
	}
	return []nats.Option{nkey, nats.RootCAs(c.CA), nats.ClientCert(c.Cert, c.Key)}
}

func join(t *testing.T, c *bustest.Cluster, installation uuid.UUID, url string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(bus.Config{Installation: installation, URL: url, Credentials: c.Credentials})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for deadline := time.Now().Add(patience); !b.Connected(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the bus does not connect")
		}
	}
	return b
}

// TestClusterRefusesStrangers is S60: who lacks certificate or nkey gets no connection.
func TestClusterRefusesStrangers(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, uuid.New(), 1)
	own, other := c.Credentials, c.Server(t, "other")
	foreignCert, foreignKey := c.Foreign(t)
	nkey := func(file string) nats.Option { return proven(t, bus.Credentials{Nkey: file})[0] }
	for name, options := range map[string][]nats.Option{
		"nothing":                         {nats.RootCAs(own.CA)},
		"an nkey without a certificate":   {nats.RootCAs(own.CA), nkey(own.Nkey)},
		"a certificate without an nkey":   {nats.RootCAs(own.CA), nats.ClientCert(own.Cert, own.Key)},
		"another nkey":                    proven(t, other),
		"a certificate of somebody else":  {nats.RootCAs(own.CA), nats.ClientCert(foreignCert, foreignKey), nkey(own.Nkey)},
		"a password":                      {nats.RootCAs(own.CA), nats.ClientCert(own.Cert, own.Key), nats.UserInfo("tenantra", "tenantra")},
		"a cluster that it does not know": {nats.RootCAs(foreignCert), nats.ClientCert(own.Cert, own.Key), nkey(own.Nkey)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := nats.Connect(c.URL, append(options, nats.Timeout(patience))...)
			if err == nil {
				conn.Close()
				t.Error("the cluster takes it")
			}
		})
	}
}

// TestClusterHoldsItsServersToTheirSubjects is S60 for one that has a server's credentials: it reads and writes nothing beside its
// installation, and there are no streams and no monitoring port.
func TestClusterHoldsItsServersToTheirSubjects(t *testing.T) {
	t.Parallel()
	installation, foreign := uuid.New(), uuid.New()
	c := bustest.Start(t, installation, 1)
	conn, refused := raw(t, c, proven(t, c.Credentials)...)
	expect := func(what, subject string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if err := conn.FlushTimeout(patience); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), subject) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(patience):
			t.Errorf("%s is not refused", what)
		}
	}
	for what, subject := range map[string]string{
		"every subject": ">", "all installations": "tenantra.>", "another installation": "tenantra." + foreign.String() + ".>", "one word of all": "*", "the system's": "$SYS.>", "inboxes": "_INBOX.>",
	} {
		_, err := conn.Subscribe(subject, func(*nats.Msg) { t.Errorf("%s: a message came", what) })
		expect("to subscribe to "+what, subject, err)
	}
	for what, subject := range map[string]string{
		"another installation": "tenantra." + foreign.String() + ".t." + uuid.NewString() + ".agent." + uuid.NewString(), "JetStream's API": "$JS.API.INFO", "the system's": "$SYS.REQ.SERVER.PING",
	} {
		expect("to publish to "+what, subject, conn.Publish(subject, []byte("forged")))
	}
	for _, node := range c.Nodes {
		if node.JetStreamEnabled() || node.MonitorAddr() != nil {
			t.Errorf("node %s stores streams or has a monitoring port", node.Name())
		}
	}
}

// TestClusterDropsForgedMessages is S60 for one that has a server's credentials and names another tenant.
func TestClusterDropsForgedMessages(t *testing.T) {
	t.Parallel()
	installation := uuid.New()
	c := bustest.Start(t, installation, 2)
	urls := strings.Split(c.URL, ",")
	reader, writer := join(t, c, installation, urls[0]), join(t, c, installation, urls[1])
	victim, attacker := uuid.New(), uuid.New()
	got := make(chan bus.Message, 8)
	if _, err := reader.Subscribe(victim.String(), "livequery", "*", func(m bus.Message) { got <- m }); err != nil {
		t.Fatal(err)
	}
	conn, _ := raw(t, c, proven(t, c.Credentials)...)
	base := "tenantra." + installation.String() + ".t." + victim.String() + ".livequery."
	for _, forged := range [][]byte{nil, []byte("short"), append(attacker[:], `{"final":true}`...)} {
		if err := conn.Publish(base+"q1", forged); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.FlushTimeout(patience); err != nil {
		t.Fatal(err)
	}
	// Interest spreads between nodes by itself: the true message is sent until it comes.
	deadline := time.Now().Add(patience)
	for {
		if err := writer.Publish(t.Context(), victim, "livequery", "q2", []byte("true")); err != nil {
			t.Fatal(err)
		}
		select {
		case m := <-got:
			if m.ID != "q2" || string(m.Body) != "true" || m.Tenant != victim {
				t.Errorf("the first message through is %+v", m)
			}
			return
		case <-time.After(50 * time.Millisecond):
			if time.Now().After(deadline) {
				t.Fatal("the true message does not come")
			}
		}
	}
}

// TestBusOutlivesANode has the node end that a server is connected to.
func TestBusOutlivesANode(t *testing.T) {
	t.Parallel()
	installation, tenant := uuid.New(), uuid.New()
	c := bustest.Start(t, installation, 3)
	one, other := join(t, c, installation, c.URL), join(t, c, installation, c.URL)
	got := make(chan bus.Message, 1024)
	if _, err := one.Subscribe("*", "agent", "*", func(m bus.Message) { got <- m }); err != nil {
		t.Fatal(err)
	}
	flows := func(id string) {
		t.Helper()
		deadline := time.Now().Add(patience)
		for {
			if err := other.Publish(t.Context(), tenant, "agent", id, nil); err != nil {
				t.Fatal(err)
			}
			select {
			case m := <-got:
				if m.ID == id {
					return
				}
			case <-time.After(50 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				t.Fatalf("message %s does not come", id)
			}
		}
	}
	flows("before")
	c.Nodes[0].Shutdown()
	flows("after-one")
	c.Nodes[1].Shutdown()
	flows("after-two")
}

func TestCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	c := bustest.Start(t, uuid.New(), 1)
	good := c.Credentials
	open := c.Server(t, "open")
	if err := os.Chmod(open.Nkey, 0o644); err != nil {
		t.Fatal(err)
	}
	part := good
	part.Nkey = ""
	noSeed := c.Server(t, "seedless")
	if err := os.WriteFile(noSeed.Nkey, []byte("no seed"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, url   string
		credentials bus.Credentials
		want        string
	}{
		{"an open bus on another machine", "nats://192.0.2.1:4222", bus.Credentials{}, bus.ErrOpenCluster.Error()},
		{"one of several on another machine", "nats://127.0.0.1:4222, nats://nats.example:4222", bus.Credentials{}, bus.ErrOpenCluster.Error()},
		{"a password in the address", "nats://a:b@127.0.0.1:4222", bus.Credentials{}, "a name or a password"},
		{"no address", "127.0.0.1", good, "write nats://"},
		{"a part of the credentials", c.URL, part, "some are missing"},
		{"an nkey that others may read", c.URL, open, "may be read by others"},
		{"no seed", c.URL, noSeed, "nkey"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, err := bus.Open(bus.Config{Installation: uuid.New(), URL: test.url, Credentials: test.credentials})
			if err == nil {
				b.Close()
				t.Fatal("it is opened")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
