package server

import "github.com/tenantra/tenantra/fleet/pki"

// SealedColumns are all columns in which features keep sealed secrets, so that a change of keys finds every one of them.
func SealedColumns() []pki.Column {
	return []pki.Column{
		{Table: "config_keys", Column: "private_key",
			List: `
SELECT key_id::text, private_key FROM config_keys
 WHERE tenant_id = $1 AND split_part(private_key, '.', 2) <> $2 ORDER BY key_id LIMIT $3`,
			Swap: `UPDATE config_keys SET private_key = $4 WHERE tenant_id = $1 AND key_id = $2::uuid AND private_key = $3`},
		{Table: "totp_factors", Column: "secret",
			List: `
SELECT user_id::text, secret FROM totp_factors
 WHERE tenant_id = $1 AND split_part(secret, '.', 2) <> $2 ORDER BY user_id LIMIT $3`,
			Swap: `UPDATE totp_factors SET secret = $4 WHERE tenant_id = $1 AND user_id = $2::int AND secret = $3`},
		{Table: "mail_settings", Column: "password",
			List: `
SELECT 'smtp', password FROM mail_settings
 WHERE tenant_id = $1 AND password <> '' AND split_part(password, '.', 2) <> $2 LIMIT $3`,
			Swap: `UPDATE mail_settings SET password = $4 WHERE tenant_id = $1 AND $2::text = 'smtp' AND password = $3`},
		{Table: "replays", Column: "answer",
			List: `
SELECT encode(key_hash, 'hex'), answer FROM replays
 WHERE tenant_id = $1 AND answer IS NOT NULL AND split_part(answer, '.', 2) <> $2 ORDER BY key_hash LIMIT $3`,
			Swap: `UPDATE replays SET answer = $4 WHERE tenant_id = $1 AND key_hash = decode($2, 'hex') AND answer = $3`},
		{Table: "channels", Column: "secret",
			List: `
SELECT id::text, secret FROM channels
 WHERE tenant_id = $1 AND secret <> '' AND split_part(secret, '.', 2) <> $2 ORDER BY id LIMIT $3`,
			Swap: `UPDATE channels SET secret = $4 WHERE tenant_id = $1 AND id = $2::uuid AND secret = $3`},
		{Table: "channels", Column: "old_secret",
			List: `
SELECT id::text, old_secret FROM channels
 WHERE tenant_id = $1 AND old_secret <> '' AND split_part(old_secret, '.', 2) <> $2 ORDER BY id LIMIT $3`,
			Swap: `UPDATE channels SET old_secret = $4 WHERE tenant_id = $1 AND id = $2::uuid AND old_secret = $3`},
	}
}
