package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/outbound"
)

// Mailer sends mail by the installation's server. *mail.Service is one.
type Mailer interface {
	Send(ctx context.Context, message mail.Message) error
}

// result is what became of an attempt.
type result struct {
	status    int    // of the answer; 0 for none
	messageID string // that the receiver knows it by
	after     time.Duration
}

// permanentError is a failure that trying again does not mend.
type permanentError struct{ reason string }

func (e *permanentError) Error() string { return e.reason }

// delivery is one attempt to tell a channel.
type delivery struct {
	channel *Channel
	message *Message
	secrets []string // the channel's, the newest first
}

// The services' own addresses. Base of a sender replaces them for an installation that goes through a relay, and for tests.
var bases = map[Kind]string{
	Telegram: "https://api.telegram.org", PagerDuty: "https://events.pagerduty.com", Opsgenie: "https://api.opsgenie.com",
}

// Hosts that an address of a chat service must have: it is a secret, and goes to the service that made it and nowhere else.
var serviceHosts = map[Kind][]string{
	Slack: {"hooks.slack.com", "hooks.slack-gov.com"}, Discord: {"discord.com", "discordapp.com"},
	Teams: {".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com"},
}

type sender struct {
	guard *outbound.Guard
	mail  Mailer
	base  map[Kind]string
	now   func() time.Time
}

// send makes one attempt.
func (s *sender) send(ctx context.Context, d delivery) (result, error) {
	c, m := d.channel, d.message
	secret := ""
	if len(d.secrets) > 0 {
		secret = d.secrets[0]
	}
	if secret == "" && c.Kind != Email {
		return result{}, &permanentError{"the channel has no secret"}
	}
	switch c.Kind {
	case Email:
		return s.email(ctx, c, m)
	case Webhook:
		return s.webhook(ctx, c, m, d.secrets)
	case Slack:
		return s.post(ctx, c.Kind, s.relayed(c.Kind, secret), slackBody(m), nil)
	case Teams:
		return s.post(ctx, c.Kind, s.relayed(c.Kind, secret), teamsBody(m), nil)
	case Discord:
		return s.post(ctx, c.Kind, s.relayed(c.Kind, secret), discordBody(m), nil)
	case Telegram:
		return s.post(ctx, c.Kind, s.baseOf(c.Kind)+"/bot"+url.PathEscape(secret)+"/sendMessage", telegramBody(m, c.Config.ChatID), nil)
	case PagerDuty:
		return s.post(ctx, c.Kind, s.baseOf(c.Kind)+"/v2/enqueue", pagerDutyBody(m, secret), nil)
	case Opsgenie:
		return s.opsgenie(ctx, c, m, secret)
	case Jira:
		return s.jira(ctx, c, m, secret)
	}
	return result{}, &permanentError{fmt.Sprintf("there is no channel of kind %s", c.Kind)}
}

func (s *sender) baseOf(k Kind) string {
	if base := s.base[k]; base != "" {
		return base
	}
	return bases[k]
}

// relayed puts a relay in the place of the service in an address that is a secret.
func (s *sender) relayed(k Kind, address string) string {
	base := s.base[k]
	if base == "" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address // refused when it was stored
	}
	return base + u.RequestURI()
}

// post sends JSON, and judges the answer.
func (s *sender) post(ctx context.Context, k Kind, address string, body any, header http.Header) (result, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return result{}, fmt.Errorf("encode message: %w", err)
	}
	answer, err := s.call(ctx, http.MethodPost, address, text, header)
	if err != nil {
		return result{status: answer.Status, after: answer.RetryAfter}, err
	}
	return result{status: answer.Status, messageID: givenID(k, answer.Body)}, nil
}

func (s *sender) call(ctx context.Context, method, address string, body []byte, header http.Header) (outbound.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return outbound.Answer{}, &permanentError{"the channel's address cannot be read"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Tenantra")
	for name, values := range header {
		request.Header[name] = values
	}
	answer, err := s.guard.Do(request)
	var refused *outbound.RefusedError
	switch {
	case errors.As(err, &refused):
		return answer, &permanentError{refused.Reason}
	case err != nil:
		return answer, err
	case answer.Status/100 == 2:
		return answer, nil
	case answer.Status/100 == 5, answer.Status == http.StatusTooManyRequests, answer.Status == http.StatusRequestTimeout, answer.Status == http.StatusTooEarly:
		return answer, fmt.Errorf("the receiver answered %d", answer.Status)
	case answer.Status/100 == 3:
		return answer, &permanentError{fmt.Sprintf("the receiver answered %d: redirects are not followed", answer.Status)}
	default:
		return answer, &permanentError{fmt.Sprintf("the receiver answered %d: look at the channel's settings", answer.Status)}
	}
}

// givenID finds the id that a service gave a message.
func givenID(k Kind, answer []byte) string {
	var told struct {
		Result json.RawMessage `json:"result"`
		Key    string          `json:"dedup_key"`
		ID     string          `json:"requestId"`
	}
	if json.Unmarshal(answer, &told) != nil {
		return "" // not every service answers with JSON
	}
	switch k {
	case Telegram:
		var message struct {
			ID int64 `json:"message_id"`
		}
		if json.Unmarshal(told.Result, &message) == nil && message.ID != 0 {
			return strconv.FormatInt(message.ID, 10)
		}
	case PagerDuty:
		return cut(told.Key, 200)
	case Opsgenie:
		return cut(told.ID, 200)
	}
	return ""
}

// webhook signs by the scheme of Standard Webhooks: while a key is changed, by the new and the old one.
func (s *sender) webhook(ctx context.Context, c *Channel, m *Message, secrets []string) (result, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return result{}, fmt.Errorf("encode message: %w", err)
	}
	at := strconv.FormatInt(s.now().Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		signature, err := sign(secret, m.ID.String(), at, body)
		if err != nil {
			return result{}, err
		}
		signatures = append(signatures, signature)
	}
	answer, err := s.call(ctx, http.MethodPost, c.Config.URL, body, http.Header{
		"Webhook-Id": {m.ID.String()}, "Webhook-Timestamp": {at}, "Webhook-Signature": {strings.Join(signatures, " ")},
	})
	return result{status: answer.Status, messageID: m.ID.String(), after: answer.RetryAfter}, err
}

const keyPrefix = "whsec_"

// sign gives v1,<base64 of HMAC-SHA256 over id.timestamp.body>.
func sign(secret, id, at string, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, keyPrefix))
	if err != nil {
		return "", &permanentError{"the channel's signing key cannot be read"}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

func (s *sender) opsgenie(ctx context.Context, c *Channel, m *Message, secret string) (result, error) {
	base := s.baseOf(Opsgenie)
	if c.Config.Region == "eu" && s.base[Opsgenie] == "" {
		base = "https://api.eu.opsgenie.com"
	}
	path := "/v2/alerts"
	if m.over() {
		path += "/" + url.PathEscape(m.dedupKey()) + "/close?identifierType=alias"
	}
	return s.post(ctx, Opsgenie, base+path, opsgenieBody(m), http.Header{"Authorization": {"GenieKey " + secret}})
}

// jira makes one issue for each alert, found again by its label, and comments on it from then on.
func (s *sender) jira(ctx context.Context, c *Channel, m *Message, secret string) (result, error) {
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(c.Config.User+":"+secret))}, "Accept": {"application/json"}}
	base, err := url.Parse(c.Config.URL)
	if err != nil {
		return result{}, &permanentError{"the channel's address cannot be read"}
	}
	label := m.dedupKey()
	search := base.JoinPath("rest/api/3/search/jql")
	search.RawQuery = url.Values{"jql": {fmt.Sprintf("project = %q AND labels = %q", c.Config.Project, label)}, "fields": {"key"}, "maxResults": {"1"}}.Encode()
	answer, err := s.call(ctx, http.MethodGet, search.String(), nil, header)
	if err != nil {
		return result{status: answer.Status, after: answer.RetryAfter}, err
	}
	var found struct {
		Issues []struct {
			Key string `json:"key"`
		} `json:"issues"`
	}
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		return result{status: answer.Status}, &permanentError{"the receiver's answer is not Jira's"}
	}
	target, body, key := base.JoinPath("rest/api/3/issue"), any(nil), ""
	if len(found.Issues) > 0 {
		key = found.Issues[0].Key
		target = base.JoinPath("rest/api/3/issue", key, "comment") // #nosec G125 -- the guard checks where it leads
		body = map[string]any{"body": adf(m.Subject + "\n" + m.Body)}
	} else {
		body = map[string]any{"fields": map[string]any{
			"project": map[string]any{"key": c.Config.Project}, "issuetype": map[string]any{"name": c.Config.IssueType},
			"summary": cut(orDash(m.Subject), 250), "description": adf(m.Body), "labels": []string{label, "tenantra"},
		}}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return result{}, fmt.Errorf("encode issue: %w", err)
	}
	if answer, err = s.call(ctx, http.MethodPost, target.String(), text, header); err != nil {
		return result{status: answer.Status, after: answer.RetryAfter}, err
	}
	if key == "" {
		var made struct {
			Key string `json:"key"`
		}
		if json.Unmarshal(answer.Body, &made) == nil {
			key = cut(made.Key, 100)
		}
	}
	return result{status: answer.Status, messageID: key}, nil
}

// mailPage is the mail for clients that show HTML. The template escapes what is put into it.
var mailPage = template.Must(template.New("mail").Parse(`<!doctype html>
<html><body style="font-family:system-ui,sans-serif;color:#1a1a1a;margin:24px">
<p style="margin:0 0 4px;font-size:12px;color:#555">{{.Tenant}} · {{.Severity}} · {{.Rule}}</p>
<h1 style="font-size:18px;margin:0 0 12px">{{.Title}}</h1>
<pre style="font-family:inherit;white-space:pre-wrap;margin:0">{{.Body}}</pre>
</body></html>
`))

// email sends one mail to each address. A mail's id is that of the notice and the place of the address, so that a client
// shows one that comes twice once.
func (s *sender) email(ctx context.Context, c *Channel, m *Message) (result, error) {
	var page bytes.Buffer
	if err := mailPage.Execute(&page, m); err != nil {
		return result{}, fmt.Errorf("write mail: %w", err)
	}
	var failures []error
	for i, to := range c.Config.To {
		err := s.mail.Send(ctx, mail.Message{To: to, Subject: m.Subject, Text: m.Body, HTML: page.String(), ID: fmt.Sprintf("%s.%d@tenantra", m.ID, i)})
		if errors.Is(err, mail.ErrNotConfigured) {
			return result{}, &permanentError{"no mail server is set for this installation"}
		}
		if err != nil {
			failures = append(failures, err)
		}
	}
	if len(failures) > 0 {
		return result{}, fmt.Errorf("%d of %d mails were not taken: %w", len(failures), len(c.Config.To), failures[0])
	}
	return result{messageID: m.ID.String() + ".0@tenantra"}, nil
}
