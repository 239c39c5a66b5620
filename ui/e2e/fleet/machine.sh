#!/bin/sh
# One machine of the pictures: this system with files of its own, in namespaces of its own, and an agent in it that is enrolled
# and runs. Each line of standard input is the name of a change that somebody makes there; at its end the machine is gone.
#
# Usage (as root): unshare --mount --pid --uts --fork --kill-child machine.sh NAME KIND AGENT SERVER < changes
# The enrol secret comes as the first line of standard input.
set -eu
name=$1 kind=$2 agent=$3 server=$4
read -r secret

hostname "$name"
mount --make-rprivate /
layer=$(mktemp -d)
mount -t tmpfs -o size=512m,mode=0755 machine "$layer"
mkdir "$layer/changed" "$layer/work" "$layer/root"
mount -t overlay -o "lowerdir=/,upperdir=$layer/changed,workdir=$layer/work" machine "$layer/root"
root=$layer/root
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"

echo "$name" >"$root/etc/hostname"
printf '%s' "$name" | sha256sum | cut -c1-32 >"$root/etc/machine-id"

system() { # NAME VERSION ID PRETTY
  rm -f "$root/etc/os-release"
  printf 'PRETTY_NAME="%s"\nNAME="%s"\nVERSION_ID="%s"\nID=%s\n' "$4" "$1" "$2" "$3" >"$root/etc/os-release"
}
account() { # NAME UID SHELL
  echo "$1:x:$2:$2:$1:/home/$1:$3" >>"$root/etc/passwd"
  echo "$1:x:$2:" >>"$root/etc/group"
  echo "$1:!:20000:0:99999:7:::" >>"$root/etc/shadow"
  mkdir -p "$root/home/$1"
  chmod 0750 "$root/home/$1"
}
sshd() { # LINE…
  mkdir -p "$root/etc/ssh"
  printf '%s\n' "$@" >"$root/etc/ssh/sshd_config"
}

account mara 2001 /bin/bash
case $kind in
  web)
    system "Debian GNU/Linux" 12 debian "Debian GNU/Linux 12 (bookworm)"
    account deploy 2010 /bin/bash
    sshd "PermitRootLogin no" "PasswordAuthentication no" "MaxAuthTries 4" "X11Forwarding no"
    ;;
  build)
    system "Ubuntu" 24.04 ubuntu "Ubuntu 24.04.3 LTS"
    account jenkins 2020 /bin/bash
    sshd "PermitRootLogin yes" "PasswordAuthentication yes" "X11Forwarding yes"
    chmod 0666 "$root/etc/crontab" 2>/dev/null || true
    ;;
  database)
    system "Rocky Linux" 9.4 rocky "Rocky Linux 9.4 (Blue Onyx)"
    account postgres-backup 2030 /bin/sh
    sshd "PermitRootLogin prohibit-password" "PasswordAuthentication no"
    ;;
  kiosk)
    system "Debian GNU/Linux" 11 debian "Debian GNU/Linux 11 (bullseye)"
    account kiosk 2040 /bin/bash
    sshd "PermitRootLogin yes" "PermitEmptyPasswords yes" "PasswordAuthentication yes"
    ;;
  *)
    echo "machine.sh: no kind $kind" >&2
    exit 2
    ;;
esac

state=/var/lib/tenantra-agent
printf '%s\n' "$secret" | chroot "$root" "$agent" enroll --server "$server" --state "$state"
chroot "$root" "$agent" --log-level error run --trust-install-dir --state "$state" </dev/null &
running=$!

while read -r change; do
  case $change in
    user)
      account tmp_sup 0 /bin/bash
      ;;
    ssh)
      sshd "PermitRootLogin yes" "PasswordAuthentication yes" "MaxAuthTries 10"
      ;;
    cron)
      mkdir -p "$root/etc/cron.d"
      echo '*/5 * * * * root /opt/.cache/sync >/dev/null 2>&1' >"$root/etc/cron.d/sync"
      ;;
    off)
      kill -TERM "$running"
      wait "$running" || true
      ;;
  esac
done
kill -TERM "$running" 2>/dev/null || true
wait "$running" || true
