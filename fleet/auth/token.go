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
}

func (s *Service) issuer() string { return "tenantra:" + s.db.Installation().String() }

// mint signs an access token. It never outlives the session.
func (s *Service) mint(session session, now time.Time) (token string, life time.Duration, err error) {
	life = min(accessLife, session.expires.Sub(now))
	key := s.keyring().signer()
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.issuer(), Audience: jwt.ClaimStrings{audience}, Subject: session.userPublicID.String(),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Session: session.id, Tenant: session.tenantPublicID,
	})
	unsigned.Header["typ"] = accessType
	unsigned.Header["kid"] = key.ID
	if token, err = unsigned.SignedString(key.Private); err != nil {
		return "", 0, fmt.Errorf("sign access token: %w", err)
	}
	return token, life, nil
}

// parse gives the claims of a token that we signed, for us, and that holds now. Whatever is wrong with another, the
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
	person, err := uuid.Parse(c.Subject)
	if err != nil {
		return claims{}, uuid.Nil, fmt.Errorf("read access token: %w", err)
	}
	return c, person, nil
}
