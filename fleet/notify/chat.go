package notify

import (
	"strings"
)

// How a message is written for the chat services. Its text holds names of hosts, files and accounts, which whoever made
// them may have chosen to look like a mention, a link or markup: each service gets it in a form in which it stays text.

func slackBody(m *Message) any {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	plain := func(text string, n int) map[string]any {
		return map[string]any{"type": "plain_text", "text": cut(text, n), "emoji": false}
	}
	return map[string]any{
		"text":   escape(cut(m.Subject, 3000)), // of notifications on a phone; mrkdwn is off below, entities count all the same
		"mrkdwn": false, "unfurl_links": false, "unfurl_media": false, "link_names": false, "parse": "none",
		"blocks": []any{
			map[string]any{"type": "header", "text": plain(orDash(m.Subject), 150)},
			map[string]any{"type": "section", "text": plain(orDash(m.Body), 3000)},
		},
	}
}

// teamsBody is an adaptive card. A text block would read Markdown; a run of rich text does not.
func teamsBody(m *Message) any {
	run := func(text, weight, size string) map[string]any {
		return map[string]any{"type": "RichTextBlock", "inlines": []any{map[string]any{"type": "TextRun", "text": text, "weight": weight, "size": size}}}
	}
	lines := []any{run(orDash(m.Subject), "Bolder", "Medium")}
	for line := range strings.Lines(cut(m.Body, 8000)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, run(line, "Default", "Default"))
		}
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content":     map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": lines},
	}}}
}

func discordBody(m *Message) any {
	return map[string]any{
		"content":          cut(discordEscape(m.Subject+"\n"+m.Body), 1900),
		"allowed_mentions": map[string]any{"parse": []string{}},
		"flags":            4, // no previews of links
	}
}

// discordEscape takes its meaning from every character that Discord reads as markup or mention. A zero-width space parts the
// two mentions that a backslash does not.
func discordEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\*_~`|>#-[]()<@", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer(`\@everyone`, "\\@\u200beveryone", `\@here`, "\\@\u200bhere").Replace(b.String())
}

func telegramBody(m *Message, chat string) any {
	return map[string]any{
		"chat_id": chat, "text": cut(m.Subject+"\n\n"+m.Body, 4000), // no parse_mode: it is text
		"link_preview_options": map[string]any{"is_disabled": true}, "protect_content": false,
	}
}

func pagerDutyBody(m *Message, key string) any {
	action := "trigger"
	if m.over() {
		action = "resolve"
	}
	severity := map[string]string{"low": "info", "medium": "warning", "high": "error", "critical": "critical"}[m.Severity]
	source := m.Tenant
	if len(m.Hostnames) > 0 {
		source = m.Hostnames[0]
	}
	return map[string]any{
		"routing_key": key, "event_action": action, "dedup_key": m.dedupKey(), "client": "Tenantra",
		"payload": map[string]any{
			"summary": cut(orDash(m.Subject), 1000), "source": orDash(source), "severity": severity, "timestamp": m.At, "group": m.Tenant, "class": m.Rule,
			"custom_details": map[string]any{"text": m.Body, "hosts": hostList(m.Hostnames), "link": m.Link},
		},
	}
}

func opsgenieBody(m *Message) any {
	if m.over() {
		return map[string]any{"source": "Tenantra", "note": cut(m.Body, 20_000)}
	}
	priority := map[string]string{"low": "P4", "medium": "P3", "high": "P2", "critical": "P1"}[m.Severity]
	return map[string]any{
		"message": cut(orDash(m.Subject), 130), "alias": m.dedupKey(), "description": cut(m.Body, 14_000), "priority": priority, "source": "Tenantra", "entity": cut(hostList(m.Hostnames), 500),
	}
}

// dedupKey is by what receivers know that notices are of one alert.
func (m *Message) dedupKey() string {
	if m.AlertID != nil {
		return "tenantra-" + m.AlertID.String()
	}
	return "tenantra-" + m.ID.String()
}

// adf is a document of Jira: text nodes only, which hold no markup.
func adf(text string) any {
	var paragraphs []any
	for line := range strings.Lines(cut(text, 30_000)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			paragraphs = append(paragraphs, map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": line}}})
		}
	}
	return map[string]any{"type": "doc", "version": 1, "content": append([]any{}, paragraphs...)}
}

// cut gives at most n characters.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}

// orDash stands for texts that a service wants not empty.
func orDash(text string) string {
	if strings.TrimSpace(text) == "" {
		return "-"
	}
	return text
}
