package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// LoginWithCode signs in with e-mail, password and a code of the second factor.
func (c *Client) LoginWithCode(ctx context.Context, email, password, code string) (*Tokens, error) {
	return c.authenticate(ctx, "/auth/login", map[string]string{"email": email, "password": password, "code": code})
}

// Download writes what an operation answers that is no JSON, such as an export, to w.
func (c *Client) Download(ctx context.Context, path string, query url.Values, w io.Writer) error {
	response, err := c.signed(ctx, http.MethodGet, base+path, query, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return decode(response, nil)
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}
