package mask

import (
	"strings"
	"sync"
)

// secretParts are the parts of a name that make it that of a credential.
const secretParts = words("pass pwd passin passout keypass storepass userpass dbpass userpwd credential credentials creds")

// secretEndings do so also at the end of a part: PGPASSWORD, authtoken. "tokens" is none: it counts, as in max-tokens.
var secretEndings = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "authkey", "secretkey", "accesskey"}

// keyKinds make a following part "key" a credential. A private key is not among them: its value is nearly always a path,
// and the key itself is recognised.
const keyKinds = words("api access secret auth account shared encryption signing master storage subscription")

// harmlessEndings are last parts that make the name one of something about a credential.
const harmlessEndings = words(`file files path paths dir directory name names ttl expiry expires expiration lifetime length size
	limit count min max policy type url uri endpoint host port provider prompt stdin fd command cmd helper source store env
	var service issuer audience algorithm required enabled disabled interval timeout ref version mode format rotation reset`)

// negations are first parts that make it a switch.
const negations = words("no without disable ask prompt require skip")

// words is a set of words parted by blanks: searched when it is needed, made at no start of a program.
type words string

func (w words) has(word string) bool {
	for one := range strings.FieldsSeq(string(w)) {
		if one == word {
			return true
		}
	}
	return false
}

// sensitive tells whether a name is that of a credential: --db-password, PGPASSWORD, clientSecret, x-api-key.
func sensitive(name string) bool {
	if len(name) > 128 {
		return false
	}
	parts := nameParts(name)
	if len(parts) == 0 || harmlessEndings.has(parts[len(parts)-1]) || negations.has(parts[0]) {
		return false
	}
	for i, part := range parts {
		if secretParts.has(part) || part == "key" && i > 0 && keyKinds.has(parts[i-1]) {
			return true
		}
		for _, ending := range secretEndings {
			if strings.HasSuffix(part, ending) {
				return true
			}
		}
	}
	return false
}

// nameParts cuts a name at all that is no letter or digit, and before a capital after a small letter, in lower case.
func nameParts(name string) []string {
	var parts []string
	start := 0
	add := func(end int) {
		if end > start {
			parts = append(parts, strings.ToLower(name[start:end]))
		}
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case !letter(c) && (c < '0' || c > '9'):
			add(i)
			start = i + 1
		case c >= 'A' && c <= 'Z' && i > start && name[i-1] >= 'a' && name[i-1] <= 'z':
			add(i)
			start = i
		}
	}
	add(len(name))
	return parts
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// stems has, by its first byte in lower case, each piece of text without which nothing is ever hidden. Most command lines
// hold none of them, so that one pass over their bytes is all the work.
var stems = sync.OnceValue(func() *[256][]string {
	return stemsOf("pass", "pwd", "secret", "token", "key", "cred", "auth", "bearer", "://", "-----begin ",
		"mysql", "mariadb", "mongo", "redis-cli", "ldap", "zip", "7z", "curl", "smbclient", "rpcclient",
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk_live_", "rk_live_", "npm_", "eyj")
})

func stemsOf(words ...string) *[256][]string {
	var byFirst [256][]string
	for _, word := range words {
		byFirst[word[0]] = append(byFirst[word[0]], word)
	}
	return &byFirst
}

func suspicious[T string | []byte](text T) bool {
	byFirst := stems()
	for i := range len(text) {
		for _, stem := range byFirst[lower(text[i])] {
			if foldedPrefix(text, i, stem) {
				return true
			}
		}
	}
	return false
}

// foldedPrefix tells whether stem, in lower case, stands at text[at:] in any case.
func foldedPrefix[T string | []byte](text T, at int, stem string) bool {
	if len(text)-at < len(stem) {
		return false
	}
	for i := 1; i < len(stem); i++ {
		if lower(text[at+i]) != stem[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
