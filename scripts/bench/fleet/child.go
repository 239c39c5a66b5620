//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/tenantra/tenantra/fleet/server"
)

// The child's environment: an argument would show the database's password to everybody on the machine.
const (
	listenVariable   = "TENANTRA_BENCH_LISTEN"
	databaseVariable = "TENANTRA_BENCH_DATABASE"
)

// serveChild is the server's process. It obeys orders on standard input, one a line, and answers each with a line.
func serveChild(ctx context.Context, dir string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	s, err := server.Start(ctx, server.Config{DataDir: dir, Listen: os.Getenv(listenVariable), DatabaseURL: os.Getenv(databaseVariable), Version: "bench", Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("ready", s.FirstPassword)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel() // the generator is gone
		orders := bufio.NewScanner(os.Stdin)
		for orders.Scan() {
			if err := obey(orders.Text()); err != nil {
				fmt.Println("failed", err)
				continue
			}
			fmt.Println("done")
		}
	}()
	return s.Run(ctx)
}

// obey does what an order says: "free" gives memory back that nothing holds, "profile FILE" begins a CPU profile, "profiled"
// ends it.
func obey(order string) error {
	verb, argument, _ := strings.Cut(order, " ")
	switch verb {
	case "free":
		debug.FreeOSMemory()
		debug.FreeOSMemory() // the second lets go what pools held
		return nil
	case "profile":
		file, err := os.OpenFile(argument, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		return pprof.StartCPUProfile(file)
	case "profiled":
		pprof.StopCPUProfile()
		return nil
	default:
		return fmt.Errorf("unknown order %q", verb)
	}
}

// child is the server's process as the generator sees it.
type child struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Scanner
}

// startChild runs the server and gives the first administrator's one-time password.
func startChild(dir, listen, database string) (c *child, password string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	c = &child{cmd: exec.Command(self, "-serve", dir)} // #nosec G204 -- this program itself
	c.cmd.Env = append(os.Environ(), listenVariable+"="+listen, databaseVariable+"="+database)
	c.cmd.Stderr = os.Stderr
	if c.orders, err = c.cmd.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	c.answers = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		return nil, "", err
	}
	if !c.answers.Scan() {
		return nil, "", errors.Join(errors.New("the server did not start"), c.cmd.Wait())
	}
	password, ok := strings.CutPrefix(c.answers.Text(), "ready ")
	if !ok {
		c.stop()
		return nil, "", fmt.Errorf("the server said %q", c.answers.Text())
	}
	return c, password, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// order has the child do something and waits until it is done.
func (c *child) order(text string) error {
	if _, err := io.WriteString(c.orders, text+"\n"); err != nil {
		return fmt.Errorf("the server takes no orders: %w", err)
	}
	if !c.answers.Scan() {
		return errors.New("the server has ended")
	}
	if answer := c.answers.Text(); answer != "done" {
		return fmt.Errorf("the server %s", answer)
	}
	return nil
}

// stop asks the server to end, and makes it where it does not.
func (c *child) stop() {
	c.orders.Close()
	c.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is what is wanted
	kill := time.AfterFunc(30*time.Second, func() { c.cmd.Process.Kill() })
	defer kill.Stop()
	c.cmd.Wait() // its status says nothing more
}
