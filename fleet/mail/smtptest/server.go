// Package smtptest is an SMTP server for tests: it listens on loopback, takes every mail and gives it to the test.
package smtptest

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mail is a mail that was taken.
type Mail struct {
	From, To string // of the envelope
	Header   mail.Header
	Text     string // decoded
	User     string // who signed in, "" for nobody
}

// Server takes mails until the test ends.
type Server struct {
	Host string
	Port int

	listener net.Listener
	mails    chan Mail
	mu       sync.Mutex
	refuse   string // answer to RCPT, "" takes it
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{Host: "127.0.0.1", Port: address.Port, listener: listener, mails: make(chan Mail, 100)}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(time.Minute))
				if err := s.serve(conn); err != nil {
					t.Logf("smtptest: %v", err)
				}
			})
		}
	})
	t.Cleanup(func() { listener.Close(); running.Wait() })
	return s
}

// Refuse has the server answer recipients so, such as "550 no such person"; "" takes them again.
func (s *Server) Refuse(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = answer
}

// Next gives the next mail, and fails the test when none comes.
func (s *Server) Next(t testing.TB) Mail {
	t.Helper()
	select {
	case m := <-s.mails:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
		return Mail{}
	}
}

// None fails the test when a mail has come.
func (s *Server) None(t testing.TB) {
	t.Helper()
	select {
	case m := <-s.mails:
		t.Errorf("a mail came to %s: %s", m.To, m.Header.Get("Subject"))
	default:
	}
}

func (s *Server) serve(conn net.Conn) error {
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 smtptest")
	var m Mail
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-smtptest")
			say("250 AUTH PLAIN")
		case "HELO", "NOOP", "RSET":
			say("250 ok")
		case "AUTH":
			_, sent, _ := strings.Cut(rest, " ")
			plain, err := base64.StdEncoding.DecodeString(sent)
			if err != nil {
				return err
			}
			m.User = strings.ReplaceAll(string(plain), "\x00", "|")
			say("235 ok")
		case "MAIL":
			m.From = angle(rest)
			say("250 ok")
		case "RCPT":
			s.mu.Lock()
			refuse := s.refuse
			s.mu.Unlock()
			if refuse != "" {
				say(refuse)
				continue
			}
			m.To = angle(rest)
			say("250 ok")
		case "DATA":
			say("354 go on")
			if err := m.read(in); err != nil {
				return err
			}
			s.mails <- m
			m = Mail{User: m.User}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return nil
		default:
			say("502 not here")
		}
	}
}

func angle(text string) string {
	_, after, _ := strings.Cut(text, "<")
	address, _, _ := strings.Cut(after, ">")
	return address
}

// read takes a message up to the line with a dot.
func (m *Mail) read(in *bufio.Reader) error {
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimRight(line, "\r\n") == "." {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	message, err := mail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		return err
	}
	body := message.Body
	if strings.EqualFold(message.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	m.Header, m.Text = message.Header, string(content)
	return err
}
