package identity

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// authorizedKey is one public key that lets in as a user.
type authorizedKey struct {
	UID       int64  `col:"uid" opt:"additional" doc:"User that the key lets in as."`
	Algorithm string `col:"algorithm" doc:"Type of the key: ssh-ed25519, ssh-rsa."`
	Key       string `col:"key" doc:"Public key in base64."`
	Options   string `col:"options" doc:"Restrictions of the key, joined by commas."`
	Comment   string `col:"comment" class:"personal" doc:"Comment, mostly the owner's name and machine."`
	KeyFile   string `col:"key_file" doc:"File that lists the key."`
	container.Process
}

// AuthorizedKeys has a row for each key in users' files.
// Source: .ssh/authorized_keys and authorized_keys2 in homes; sshd(8).
var AuthorizedKeys = tables.DefineByPlatform(tables.Spec{
	Name: "authorized_keys", Doc: "Public keys that let in over SSH, by user.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, k.algorithm, k.comment, k.key_file FROM users u JOIN authorized_keys k USING (uid)"},
}, tables.Generators[authorizedKey]{Linux: generateAuthorizedKeys, Darwin: generateAuthorizedKeys})

// parseAuthorizedKeys reads the format of sshd(8): options, type, key, comment. Lines without a key are passed over, so
// that a file which is something else shows nothing of itself.
func parseAuthorizedKeys(data []byte) []authorizedKey {
	var keys []authorizedKey
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var k authorizedKey
		first, rest := cutField(line)
		if !isKeyType(first) {
			k.Options, rest = cutOptions(line)
			first, rest = cutField(rest)
		}
		k.Algorithm = first
		k.Key, k.Comment = cutField(rest)
		if isKeyType(k.Algorithm) && strings.HasPrefix(k.Key, "AAAA") { // the base64 of a length below 2^8
			keys = append(keys, k)
		}
	}
	return keys
}

// isKeyType tells the name of a public key's or certificate's type.
func isKeyType(name string) bool {
	switch name {
	case "ssh-rsa", "ssh-dss", "ssh-ed25519", "ssh-ed448", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com":
		return true
	}
	return strings.HasSuffix(name, "-cert-v01@openssh.com")
}

// cutField cuts at the first blanks.
func cutField(text string) (field, rest string) {
	i := strings.IndexAny(text, " \t")
	if i < 0 {
		return text, ""
	}
	return text[:i], strings.TrimLeft(text[i:], " \t")
}

// cutOptions cuts at the first blanks that are not between double quotes.
func cutOptions(text string) (options, rest string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quoted:
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && (text[i] == ' ' || text[i] == '\t'):
			return text[:i], strings.TrimLeft(text[i:], " \t")
		}
	}
	return text, ""
}
