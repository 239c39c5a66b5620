// Package shell answers SQL on a terminal or a pipe: the output modes of one statement, and the interactive shell around
// them. It needs neither a server nor the daemon.
//
// Rows hold what an endpoint's users and software chose to be called, so nothing of them reaches a terminal as a control
// sequence: see Escape.
package shell
