// Package link is the agent's one connection to its fleet: a websocket over TLS 1.3 with the pinned authority, or HTTPS
// long-polling where websockets are blocked.
//
// It sends what the spool and the outbox hold, ends a batch's life when the fleet acknowledges it, and takes the fleet's
// orders, none of which counts unless its signatures lead to the pinned root key: see Trust.
package link
