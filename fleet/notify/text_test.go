package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// hostile is text that somebody chose for a host name or a file, to be more than text where it is shown.
const hostile = "<!channel> <@U1> @everyone @here [click](https://evil.example) <https://evil.example|bank> *b* `c` <script>alert(1)</script> {{ alert.link }}\r\nBcc: eve@x.example =cmd()"

func message() *Message {
	alert := uuid.MustParse("01990000-0000-7000-8000-000000000001")
	m := &Message{ID: uuid.MustParse("01990000-0000-7000-8000-000000000002"), Type: "alert.opened", At: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), AlertID: &alert, Rule: "telnet",
		Title: "T " + hostile, Text: hostile, Severity: "high", State: "open", Tenant: hostile, Hostnames: []string{hostile}, Members: 1, Labels: map[string]string{"port": hostile}}
	if err := render(m, "", ""); err != nil {
		panic(err)
	}
	return m
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// S54: what looks like a mention, a link or markup stays text in each service.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	m := message()
	slack := slackBody(m).(map[string]any)
	if text := slack["text"].(string); strings.ContainsAny(text, "<>") || slack["mrkdwn"] != false || slack["link_names"] != false {
		t.Errorf("slack: %s", text)
	}
	for _, block := range slack["blocks"].([]any) {
		if text := block.(map[string]any)["text"].(map[string]any); text["type"] != "plain_text" {
			t.Errorf("slack: a block is %v", text["type"])
		}
	}
	if teams := encoded(t, teamsBody(m)); strings.Contains(teams, `"TextBlock"`) || !strings.Contains(teams, `"TextRun"`) {
		t.Errorf("teams: %s", teams)
	}
	discord := discordBody(m).(map[string]any)
	text := discord["content"].(string)
	for _, markup := range []string{"@everyone", "@here", "[click](", "<@U1>", " *b*", "`c`"} {
		if i := strings.Index(text, markup); i >= 0 && (i == 0 || text[i-1] != '\\') {
			t.Errorf("discord: %q is markup in %s", markup, text)
		}
	}
	if parse := discord["allowed_mentions"].(map[string]any)["parse"].([]string); len(parse) != 0 {
		t.Errorf("discord: mentions %v", parse)
	}
	telegram := telegramBody(m, "1").(map[string]any)
	if _, ok := telegram["parse_mode"]; ok {
		t.Error("telegram: a parse mode")
	}
	jira := encoded(t, adf(m.Body))
	if strings.Contains(jira, `"marks"`) || strings.Contains(jira, `"link"`) || strings.Contains(jira, `"mention"`) {
		t.Errorf("jira: %s", jira)
	}
	var page bytes.Buffer
	if err := mailPage.Execute(&page, m); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "<!channel") {
		t.Errorf("mail: %s", page.String())
	}
	if strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject: %q", m.Subject)
	}
}

// S42: a template names values; what else looks like one is refused or text, and what comes out is not read again.
func TestTemplatesDoNotCompute(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"{{ .Title }}", "{{ alert }}", "{{ alert.title | upper }}", "{{ os.environ }}", "{{ labels. }}", "{{ labels.a-b }}", "{{ 1+1 }}", "{{ alert.title", "{{{{ alert.title }}}}", "{{ range . }}"} {
		if _, err := parseTemplate(c); err == nil {
			t.Errorf("%s was taken", c)
		}
	}
	m := &Message{Title: "{{ alert.rule }}", Rule: "r", Labels: map[string]string{"port": "80"}, Hostnames: []string{"a", "b", "c", "d", "e", "f", "g"}}
	if err := render(m, "{% x %} ${y} <%= z %> {{alert.title}}", "{{ labels.port }}{{ labels.none }} {{ alert.hosts }}"); err != nil {
		t.Fatal(err)
	}
	if m.Subject != "{% x %} ${y} <%= z %> {{ alert.rule }}" || m.Body != "80 a, b, c, d, e and 2 more" {
		t.Errorf("%q %q", m.Subject, m.Body)
	}
}

// The value is of the Standard Webhooks specification's own example.
func TestSignatureIsStandard(t *testing.T) {
	t.Parallel()
	got, err := sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestServicesKnowWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	m := message()
	pager := pagerDutyBody(m, "key").(map[string]any)
	if pager["event_action"] != "trigger" || pager["dedup_key"] != "tenantra-"+m.AlertID.String() {
		t.Errorf("pagerduty: %v", pager)
	}
	m.Type = "alert.resolved"
	if pager = pagerDutyBody(m, "key").(map[string]any); pager["event_action"] != "resolve" {
		t.Errorf("pagerduty: %v", pager["event_action"])
	}
}

func TestHintTellsLittle(t *testing.T) {
	t.Parallel()
	if hint("short") != "" || hint("a-long-enough-secret") != "cret" {
		t.Error(hint("short"), hint("a-long-enough-secret"))
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("{{ alert.title }}", "x")
	f.Add("{{", "{{ alert.title }}")
	f.Fuzz(func(t *testing.T, source, value string) {
		m := &Message{Title: value, Labels: map[string]string{"a": value}}
		if err := render(m, source, source); err != nil {
			return
		}
		if strings.ContainsAny(m.Subject, "\r\n\x00") || len([]rune(m.Subject)) > 200 {
			t.Errorf("subject %q", m.Subject)
		}
	})
}

func FuzzDiscordEscape(f *testing.F) {
	f.Add("@everyone <@1> [a](b)")
	f.Fuzz(func(t *testing.T, text string) {
		escaped := discordEscape(text)
		if strings.Contains(escaped, "@everyone") || strings.Contains(escaped, "@here") {
			t.Errorf("%q", escaped)
		}
		plain := strings.NewReplacer("\u200b", "").Replace(escaped)
		for i, r := range plain {
			if strings.ContainsRune("*_~`|>[<@", r) && (i == 0 || plain[i-1] != '\\') {
				t.Errorf("%q leaves %q", text, fmt.Sprintf("%c", r))
			}
		}
	})
}
