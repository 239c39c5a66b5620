package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// LinkKind tells invitations from resets.
type LinkKind string

// The kinds of links.
const (
	Invite LinkKind = "invite"
	Reset  LinkKind = "reset"
)

const (
	invitePrefix = "tni_"
	resetPrefix  = "tnp_"
	inviteLife   = 7 * 24 * time.Hour
	resetLife    = 30 * time.Minute
	resetsMost   = 3 // an hour and person, by mail
	resetsQueued = 256
	mailTime     = time.Minute
)

// Link lets a person set a password, once.
type Link struct {
	Token     string
	URL       string // of the console's page; the token is behind the #, where no server and no log sees it
	ExpiresAt time.Time
}

const sqlVoidLinks = `UPDATE account_links SET ended_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL`

const sqlSweepLinks = `DELETE FROM account_links WHERE tenant_id = $1 AND user_id = $2 AND expires_at < $3`

const sqlStoreLink = `
INSERT INTO account_links (tenant_id, public_id, user_id, kind, hash, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// NewLink makes a link for a person of the transaction's tenant. Those before it are void.
func (s *Service) NewLink(ctx context.Context, tx *postgres.Tx, kind LinkKind, user int32) (Link, error) {
	prefix, life := invitePrefix, inviteLife
	if kind == Reset {
		prefix, life = resetPrefix, resetLife
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Link{}, err
	}
	secret := make([]byte, protocol.SecretSize)
	rand.Read(secret)
	sum := sha256.Sum256(secret)
	now, tenant := s.now(), tx.Scope.Tenant
	made := Link{Token: protocol.FormatToken(prefix, secret), ExpiresAt: now.Add(life)}
	made.URL = s.publicURL + "/" + string(kind) + "#" + made.Token
	var batch pgx.Batch
	batch.Queue(sqlVoidLinks, tenant, user, now)
	batch.Queue(sqlSweepLinks, tenant, user, now.Add(-endedKept))
	batch.Queue(sqlStoreLink, tenant, id, user, string(kind), sum[:], tx.Scope.Actor.String(), now, made.ExpiresAt)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return Link{}, fmt.Errorf("store link: %w", err)
	}
	return made, nil
}

func deadLink() error {
	return fault.Field(fault.Invalid, "body.token", "does not hold any more: it was used, has expired or was replaced. Ask for a new one")
}

// linkTarget is whom a link is for.
type linkTarget struct {
	id     uuid.UUID
	tenant int32
	user   int32
	person uuid.UUID
	kind   LinkKind
	email  string
	name   string
	at     string // name of the person's tenant
}

const sqlLink = `
SELECT l.public_id, l.tenant_id, l.user_id, u.public_id, l.kind, u.email, u.name, t.name
  FROM account_links l
  JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
  JOIN tenants t ON t.id = l.tenant_id
 WHERE l.tenant_id = $1 AND l.public_id = $2 AND l.ended_at IS NULL AND l.expires_at > $3
   AND u.status = 'active' AND keeper.standing(t.path) = 'active'`

const sqlLockLink = `SELECT FROM account_links WHERE tenant_id = $1 AND public_id = $2 FOR UPDATE`

// readLink gives whom a link is for, and keeps others from using it until the transaction ends.
func readLink(ctx context.Context, tx *postgres.Tx, id uuid.UUID, now time.Time) (linkTarget, error) {
	var l linkTarget
	if _, err := tx.Exec(ctx, sqlLockLink, tx.Scope.Tenant, id); err != nil {
		return linkTarget{}, fmt.Errorf("lock link: %w", err)
	}
	err := tx.QueryRow(ctx, sqlLink, tx.Scope.Tenant, id, now).Scan(&l.id, &l.tenant, &l.user, &l.person, &l.kind, &l.email, &l.name, &l.at)
	if errors.Is(err, pgx.ErrNoRows) {
		return linkTarget{}, deadLink()
	}
	if err != nil {
		return linkTarget{}, fmt.Errorf("read link: %w", err)
	}
	return l, nil
}

// findLink gives whom a token is for. A token of which nothing is known and one that has ended are the same.
func (s *Service) findLink(ctx context.Context, token string) (linkTarget, error) {
	secret, err := protocol.ParseToken(invitePrefix, token)
	if err != nil {
		secret, err = protocol.ParseToken(resetPrefix, token)
	}
	if err != nil || len(secret) != protocol.SecretSize {
		return linkTarget{}, deadLink()
	}
	sum := sha256.Sum256(secret)
	var tenant int32
	var id uuid.UUID
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT tenant_id, public_id FROM keeper.find_link($1)`, sum[:]).Scan(&tenant, &id)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return linkTarget{}, deadLink()
	}
	if err != nil {
		return linkTarget{}, fmt.Errorf("find link: %w", err)
	}
	var found linkTarget
	err = s.db.InScope(ctx, access.System(tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		found, err = readLink(ctx, tx, id, s.now())
		return err
	})
	return found, err
}

// UseLink sets the password of the link's person and ends their sessions. Whoever was invited is signed in; whoever reset
// a password signs in with it, and with the second factor, which no link replaces.
func (s *Service) UseLink(ctx context.Context, token, password string, from Origin) (kind LinkKind, tokens Tokens, err error) {
	target, err := s.findLink(ctx, token)
	if err != nil {
		return "", Tokens{}, err
	}
	if err := checkPassword("body.password", password, target.email); err != nil {
		return "", Tokens{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", Tokens{}, err
	}
	scope := s.systemFrom(target.tenant, from)
	scope.Actor = access.Actor{Kind: access.KindUser, ID: target.person, Name: target.email, Address: from.Address}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		// Locked and read again: of two uses at once the second finds it ended.
		if _, err := readLink(ctx, tx, target.id, s.now()); err != nil {
			return err
		}
		if err := s.setPassword(ctx, tx, target.tenant, target.user, hash); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth." + string(target.kind) + "_used", Object: "user:" + target.person.String()})
	})
	if err != nil {
		return "", Tokens{}, err
	}
	if err := s.forgive(ctx, s.bucketKeys(target.email, from.Address)); err != nil {
		return "", Tokens{}, err
	}
	if target.kind == Reset {
		return Reset, Tokens{}, nil
	}
	account := account{tenant: target.tenant, user: target.user, publicID: target.person, active: true}
	tokens, err = s.begin(ctx, account, target.email, from, "auth.login")
	return Invite, tokens, err
}

// setPassword stores a password that its person chose. All their sessions end and all their links are void.
func (s *Service) setPassword(ctx context.Context, tx *postgres.Tx, tenant, user int32, hash string) error {
	if err := storeCredential(ctx, tx, tenant, user, hash, false, nil); err != nil {
		return err
	}
	if err := s.VoidLinks(ctx, tx, tenant, user); err != nil {
		return err
	}
	return s.EndSessions(ctx, tx, tenant, user, "password changed")
}

// resetRequest is somebody's wish for a link.
type resetRequest struct {
	email string
	from  Origin
}

// RequestReset has a link mailed to a person who forgot their password. It answers before anything is looked up, so that
// nothing tells whether there is such a person.
func (s *Service) RequestReset(ctx context.Context, email string, from Origin) {
	select {
	case s.resets <- resetRequest{normalise(email), from}:
	default:
		s.log.WarnContext(ctx, "a wish for a password link was dropped: too many at once", "address", from.Address)
	}
}

// Run mails links until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case request := <-s.resets:
			err := s.mailReset(ctx, request)
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "a password link was not mailed", "err", err)
			}
		}
	}
}

const sqlRecentResets = `SELECT count(*) FROM account_links WHERE tenant_id = $1 AND user_id = $2 AND kind = 'reset' AND created_at > $3`

func (s *Service) mailReset(ctx context.Context, request resetRequest) error {
	if s.mailer == nil || request.email == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	var found *account
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		found, err = findLogin(ctx, tx, request.email)
		return err
	})
	if err != nil || found == nil || !found.active || !found.serves {
		return err
	}
	var link Link
	err = s.db.InScope(ctx, s.systemFrom(found.tenant, request.from), func(ctx context.Context, tx *postgres.Tx) error {
		link = Link{}
		var recent int
		if err := tx.QueryRow(ctx, sqlRecentResets, found.tenant, found.user, s.now().Add(-time.Hour)).Scan(&recent); err != nil {
			return fmt.Errorf("count links: %w", err)
		}
		if recent >= resetsMost {
			return nil
		}
		var err error
		if link, err = s.NewLink(ctx, tx, Reset, found.user); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.reset_request", Object: "user:" + found.publicID.String()})
	})
	if err != nil || link.Token == "" {
		return err
	}
	return s.mailer.Send(ctx, mail.Message{To: request.email, Subject: "Set a new Tenantra password", Text: resetText(link.URL, request.from.Address)})
}

func resetText(url, address string) string {
	return "Somebody at " + address + " asked for a new password for your Tenantra account.\n\n" +
		"To set one, open this link within 30 minutes:\n\n" + url + "\n\n" +
		"If it was not you, do nothing: your password stays as it is.\n"
}

// MailLink sends a link that somebody made for a person, and tells whether it went; if not, whoever made it hands it over.
func (s *Service) MailLink(ctx context.Context, kind LinkKind, to, inviter, tenant string, link Link) (sent bool) {
	if s.mailer == nil {
		return false
	}
	message := mail.Message{To: to, Subject: "You are invited to " + tenant + " on Tenantra", Text: inviter + " invites you to " + tenant + " on Tenantra.\n\n" +
		"To set your password, open this link within 7 days:\n\n" + link.URL + "\n"}
	if kind == Reset {
		message.Subject = "Set a new Tenantra password"
		message.Text = inviter + " made a link for you to set a new password for your Tenantra account.\n\nOpen it within 30 minutes:\n\n" + link.URL + "\n"
	}
	err := s.mailer.Send(ctx, message)
	if err != nil && !errors.Is(err, mail.ErrNotConfigured) {
		s.log.WarnContext(ctx, "a link was not mailed", "err", err)
	}
	return err == nil
}

// VoidLinks ends all links of a person, because something that they sign in with has changed.
func (s *Service) VoidLinks(ctx context.Context, tx *postgres.Tx, tenant, user int32) error {
	if _, err := tx.Exec(ctx, sqlVoidLinks, tenant, user, s.now()); err != nil {
		return fmt.Errorf("void links: %w", err)
	}
	return nil
}
