package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/outbound"
)

// curlResult is the answer to one request.
type curlResult struct {
	URL           string             `col:"url" opt:"required,index" doc:"Address that was asked, http or https."`
	Method        string             `col:"method" doc:"Method of the request: GET."`
	UserAgent     string             `col:"user_agent" opt:"additional" doc:"What the request names as its program."`
	ResponseCode  tables.Null[int64] `col:"response_code" type:"INTEGER" doc:"Status of the answer; NULL where none came."`
	RoundTripTime int64              `col:"round_trip_time" doc:"Microseconds until the answer was there."`
	Bytes         int64              `col:"bytes" doc:"Bytes of the body that were read, at most 64 KiB."`
	Result        string             `col:"result" class:"content" doc:"Body, or why there was no answer."`
}

const (
	curlTime        = 10 * time.Second
	curlBodyMax     = 64 << 10
	curlHeaderMax   = 64 << 10
	curlUserAgent   = "tenantra"
	curlUserAgentMx = 256
)

// Curl asks the addresses that a statement names and has a row for each. It reaches public addresses only, follows no
// redirect and sends no credential. The fleet may use it only where the endpoint's own policy allows network tables.
var Curl = tables.Define[curlResult](tables.Spec{
	Name: "curl", Doc: "Answers of web servers on the public Internet to a request.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Portable: true, Network: true,
	Examples: []string{"SELECT response_code, round_trip_time FROM curl WHERE url = 'https://example.com/'"},
}, generateCurl)

func generateCurl(ctx context.Context, _ tables.Host, q *tables.Query, emit func(*curlResult) error) error {
	agent := curlUserAgent
	if agents := q.Equal("user_agent"); len(agents) == 1 && len(agents[0]) <= curlUserAgentMx {
		agent = agents[0]
	}
	client := curlClient(outbound.Public)
	defer client.CloseIdleConnections()
	for _, address := range q.Equal("url") {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := ask(ctx, client, address, agent)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func curlClient(dial outbound.Dial) *http.Client {
	return &http.Client{
		Timeout:       curlTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: curlHeaderMax, ForceAttemptHTTP2: true,
			// A proxy of the environment would reach what the dialler refuses.
			Proxy: nil,
		},
	}
}

var errNotHTTP = errors.New("the address must be http or https, without user and password")

// ask makes one request. What goes wrong is the row's result, so that one bad address does not hide the others.
func ask(ctx context.Context, client *http.Client, address, agent string) curlResult {
	row := curlResult{URL: address, Method: http.MethodGet, UserAgent: agent}
	started := time.Now()
	code, body, err := fetch(ctx, client, address, agent)
	row.RoundTripTime = time.Since(started).Microseconds()
	if code != 0 {
		row.ResponseCode = tables.Some(int64(code))
	}
	row.Bytes, row.Result = int64(len(body)), string(body)
	if err != nil {
		row.Result = err.Error()
	}
	return row
}

func fetch(ctx context.Context, client *http.Client, address, agent string) (code int, body []byte, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return 0, nil, errNotHTTP // the error would repeat the address
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.User != nil || parsed.Host == "" {
		return 0, nil, errNotHTTP
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("User-Agent", agent)
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, curlBodyMax))
	return response.StatusCode, body, err
}
