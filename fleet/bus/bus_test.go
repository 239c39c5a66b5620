package bus

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Bus {
	t.Helper()
	b, err := Open(Config{Installation: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func receive(t *testing.T, messages <-chan Message) Message {
	t.Helper()
	select {
	case message := <-messages:
		return message
	case <-time.After(10 * time.Second):
		t.Fatal("no message came")
		return Message{}
	}
}

func TestSubscribersGetTheirTenantsMessages(t *testing.T) {
	b := open(t)
	alpha, beta := uuid.New(), uuid.New()
	one, all := make(chan Message, 8), make(chan Message, 8)
	stop, err := b.Subscribe(alpha.String(), "query", "*", func(m Message) { one <- m })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Subscribe("*", "query", "*", func(m Message) { all <- m }); err != nil {
		t.Fatal(err)
	}
	publish := func(tenant uuid.UUID, kind, id string) {
		t.Helper()
		if err := b.Publish(t.Context(), tenant, kind, id, []byte(id)); err != nil {
			t.Fatal(err)
		}
	}
	publish(beta, "query", "b1")
	publish(alpha, "event", "e1")
	publish(alpha, "query", "a1")
	if m := receive(t, one); m.Tenant != alpha || m.ID != "a1" || string(m.Body) != "a1" || m.Kind != "query" {
		t.Errorf("got %+v", m)
	}
	if first, second := receive(t, all), receive(t, all); first.Tenant != beta || second.ID != "a1" {
		t.Errorf("everybody's subscriber got %+v, %+v", first, second)
	}
	stop()
	publish(alpha, "query", "a2")
	receive(t, all) // so a2 went through the bus
	if len(one) > 0 {
		t.Error("a message came after unsubscribing")
	}
}

func TestSubjectsTakeWordsOnly(t *testing.T) {
	b := open(t)
	tenant := uuid.New()
	for _, test := range []struct{ kind, id string }{
		{"", "x"}, {"a.b", "x"}, {"query", "x.y"}, {"query", ">"}, {"query", ""}, {"*", "x"}, {"query", "a b"}, {"query", "*"},
		{"query", strings.Repeat("x", 200)},
	} {
		if err := b.Publish(t.Context(), tenant, test.kind, test.id, nil); err == nil {
			t.Errorf("published to kind %q id %q", test.kind, test.id)
		}
	}
	for _, tenant := range []string{"", ">", "alpha", "*.>", tenant.String() + ".query"} {
		if _, err := b.Subscribe(tenant, "query", "*", func(Message) {}); err == nil {
			t.Errorf("subscribed to tenant %q", tenant)
		}
	}
}

func TestForgedEnvelopeIsDropped(t *testing.T) {
	b := open(t)
	victim, other := uuid.New(), uuid.New()
	messages := make(chan Message, 2)
	if _, err := b.Subscribe(victim.String(), "answer", "*", func(m Message) { messages <- m }); err != nil {
		t.Fatal(err)
	}
	subject := b.prefix + victim.String() + ".answer.q1"
	for _, forged := range [][]byte{nil, []byte("short"), append(other[:], "rows"...)} {
		if err := b.conn.Publish(subject, forged); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Publish(t.Context(), victim, "answer", "q2", []byte("true")); err != nil {
		t.Fatal(err)
	}
	if m := receive(t, messages); m.ID != "q2" {
		t.Errorf("the first message through is %+v", m)
	}
}

func TestEmbeddedBusDoesNotListen(t *testing.T) {
	b := open(t)
	if addr := b.embedded.Addr(); addr != nil {
		t.Errorf("it listens on %s", addr)
	}
	if addr := b.embedded.MonitorAddr(); addr != nil {
		t.Errorf("it has a monitoring port on %s", addr)
	}
	if b.embedded.JetStreamEnabled() {
		t.Error("it stores streams")
	}
}
