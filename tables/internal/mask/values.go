package mask

import "strings"

// hideFields hides the values of credentials within a word: a query string, a connection string, JSON.
func hideFields(word string) string {
	var out strings.Builder
	for {
		at := strings.IndexAny(word, "=:")
		if at < 0 || at+1 == len(word) {
			break
		}
		nameStart := at
		for nameStart > 0 && fieldNameByte(word[nameStart-1]) {
			nameStart--
		}
		out.WriteString(word[:at+1])
		name, rest := word[nameStart:at], word[at+1:]
		if sensitive(strings.Trim(name, `"'\`)) && !strings.HasPrefix(rest, "//") && !isPath(word[:at], word[at]) {
			end := fieldEnd(rest)
			if end > 0 {
				out.WriteString(Hidden)
			}
			rest = rest[end:]
		}
		word = rest
	}
	out.WriteString(word)
	return out.String()
}

func fieldNameByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || strings.IndexByte(`-_."'\`, c) >= 0
}

// fieldEnd is where a field's value ends: at the closing quote where it is quoted, else at what parts fields.
func fieldEnd(text string) int {
	if quote := text[0]; quote == '"' || quote == '\'' {
		if end := strings.IndexByte(text[1:], quote); end >= 0 {
			return end + 2
		}
		return len(text)
	}
	if end := strings.IndexAny(text, "&;,\"'})]"); end >= 0 {
		return end
	}
	return len(text)
}

// hideUserInfo hides the password in the URLs of a word, and for the web a user without password, which is a token there.
func hideUserInfo(word string) string {
	var out strings.Builder
	for {
		at := strings.Index(word, "://")
		if at < 0 {
			break
		}
		schemeText := word[:at]
		out.WriteString(word[:at+3])
		word = word[at+3:]
		end := strings.IndexAny(word, "/?#\"'")
		if end < 0 {
			end = len(word)
		}
		user, host, found := cutLast(word[:end], '@')
		if !found {
			continue
		}
		name, _, hasPassword := strings.Cut(user, ":")
		switch {
		case hasPassword:
			out.WriteString(name + ":" + Hidden)
		case strings.HasSuffix(strings.ToLower(schemeText), "http"), strings.HasSuffix(strings.ToLower(schemeText), "https"):
			out.WriteString(Hidden)
		default:
			out.WriteString(user)
		}
		out.WriteString("@" + host)
		word = word[end:]
	}
	out.WriteString(word)
	return out.String()
}

func cutLast(text string, separator byte) (before, after string, found bool) {
	at := strings.LastIndexByte(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}

// tokenPrefixes start the tokens of GitHub, GitLab, Slack, Stripe and npm, and those that are signed JSON.
var tokenPrefixes = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxs-",
	"sk_live_", "rk_live_", "npm_", "eyJ"}

// hideTokens hides tokens with a well-known form wherever they stand in a word.
func hideTokens(word string) string {
	var out strings.Builder
	kept := 0 // what of word is written already
	for at := 0; at < len(word); {
		if !tokenByte(word[at]) {
			at++
			continue
		}
		end := at
		for end < len(word) && tokenByte(word[end]) {
			end++
		}
		if knownToken(word[at:end]) {
			out.WriteString(word[kept:at] + Hidden)
			kept = end
		}
		at = end
	}
	out.WriteString(word[kept:])
	return out.String()
}

func knownToken(text string) bool {
	const shortest = 20
	if len(text) < shortest {
		return false
	}
	for _, prefix := range tokenPrefixes {
		if strings.HasPrefix(text, prefix) {
			return prefix != "eyJ" || strings.Count(text, ".") >= 2
		}
	}
	return false
}

func tokenByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

// hideKeyBlocks hides what stands between the first and last line of private keys in PEM form.
func hideKeyBlocks(text string) string {
	const begin, endLine, dashes = "-----BEGIN ", "-----END ", "-----"
	var out strings.Builder
	for {
		at := strings.Index(text, begin)
		if at < 0 {
			break
		}
		label, _, found := strings.Cut(text[at+len(begin):], dashes)
		if !found || !strings.Contains(label, "PRIVATE KEY") || len(label) > 64 {
			out.WriteString(text[:at+len(begin)])
			text = text[at+len(begin):]
			continue
		}
		bodyAt := at + len(begin) + len(label) + len(dashes)
		out.WriteString(text[:bodyAt] + Hidden)
		end := strings.Index(text[bodyAt:], endLine)
		if end < 0 {
			return out.String()
		}
		text = text[bodyAt+end:]
	}
	out.WriteString(text)
	return out.String()
}
