// Package audit records what the kernel's audit tells: programs that start, connections, log-ins, and what AppArmor, SELinux and
// seccomp decide.
//
// The kernel tells one program in full, and others only what that one's rules bring about. Where nobody listens, the agent does:
// it adds rules of its own for what is asked, marked by a key, and takes them back. Where an audit daemon listens already, the
// agent stays out of its way and reads along.
package audit
