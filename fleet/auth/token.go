package auth

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	accessLife = 10 * time.Minute
	accessSkew = 30 * time.Second
	accessType = "at+jwt"
	audience   = "tenantra-api"
)

// claims of an access token.
type claims struct {
	jwt.RegisteredClaims
	Session uuid.UUID `json:"sid"`
	Tenant  uuid.UUID `json:"tid"` // the person's home, acted in when a call names no tenant

	// Of a grant of access: which, and who really acts; the subject is the person acted for.
	Grant *uuid.UUID  `json:"grant,omitempty"`
	Actor *actorClaim `json:"act,omitempty"`
}

// actorClaim is RFC 8693's.
type actorClaim struct {
	Subject string `json:"sub"`
}

func (s *Service) issuer() string { return "tenantra:" + s.db.Installation().String() }

// mint signs the access token of a session. It never outlives it.
func (s *Service) mint(session session, now time.Time) (token string, life time.Duration, err error) {
	life = min(accessLife, session.expires.Sub(now))
	token, err = s.sign(claims{Session: session.id, Tenant: session.tenantPublicID}, session.userPublicID, now, life)
	return token, life, err
}

func (s *Service) sign(c claims, subject uuid.UUID, now time.Time, life time.Duration) (string, error) {
	key := s.keyring().signer()
	c.RegisteredClaims = jwt.RegisteredClaims{
		Issuer: s.issuer(), Audience: jwt.ClaimStrings{audience}, Subject: subject.String(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	unsigned.Header["typ"] = accessType
	unsigned.Header["kid"] = key.ID
	token, err := unsigned.SignedString(key.Private)
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return token, nil
}

// parse gives the claims of a token that we signed, for us, and that holds now, and who acts with it. Whatever is wrong with another, the
// caller learns only that it does not hold.
func (s *Service) parse(token string) (claims, uuid.UUID, error) {
	var c claims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(s.issuer()), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(accessSkew), jwt.WithTimeFunc(s.now))
	_, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != accessType {
			return nil, errors.New("another type of token")
		}
		id, _ := t.Header["kid"].(string)
		public, known := s.keyring().public(id)
		if !known {
			return nil, errors.New("signed by an unknown key")
		}
		return ed25519.PublicKey(public), nil
	})
	if err != nil {
		return claims{}, uuid.Nil, fmt.Errorf("read access token: %w", err)
	}
	acts := c.Subject
	if c.Actor != nil {
		acts = c.Actor.Subject
	}
	if (c.Actor == nil) != (c.Grant == nil) {
		return claims{}, uuid.Nil, errors.New("read access token: a grant and who acts with it belong together")
	}
	person, err := uuid.Parse(acts)
	if err != nil {
		return claims{}, uuid.Nil, fmt.Errorf("read access token: %w", err)
	}
	return c, person, nil
}
