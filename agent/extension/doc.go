// Package extension speaks osquery's extension protocol, Thrift over a local socket, at both ends.
//
// Manager is what an extension written for osquery connects to: it registers its tables, which then stand in the agent's
// engine beside our own. Offer is the other end: our tables as an extension of a real osqueryd.
//
// An extension is a program of the machine's administrator, but what it says is outside text: names and numbers of tables and
// columns, the size of an answer and the time for it are bounded, and a wrong answer is the error of one statement. The
// generated code is osquery-go's; sockets and limits are ours, since Thrift's own servers and clients know neither modes and
// owners nor a bound of a whole message.
package extension
