// Package services answers what the machine runs by itself: services, sockets and timers of the init system, cron jobs,
// and what starts with the system or a session.
package services
