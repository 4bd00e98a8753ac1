#!/usr/bin/env python3
"""Start to first frame, and what the explorer does when there is nothing to do: benches/start.py [PROGRAM ARGS...]

Runs the program (target/release/tagalong by default) in a pseudo-terminal. Prints the median and the worst time from its
start to its first frame, then its memory and how often it was woken in five idle seconds (Linux: /proc).
Goals: first frame within 50 ms, 30 MiB, no wake-ups.
"""
import fcntl, os, pty, select, statistics, struct, sys, tempfile, termios, time

STARTS, IDLE = 20, 5


def start(command, home):
    began = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TAGALONG_HOME=home, TERM="xterm-256color")
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    while b"tagalong" not in seen:
        if not select.select([terminal], [], [], 10)[0]:
            sys.exit("no frame within ten seconds")
        seen += os.read(terminal, 65536)
    return child, terminal, time.monotonic() - began


def stop(child, terminal):
    os.kill(child, 15)
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    os.waitpid(child, 0)
    os.close(terminal)


def read_until_quiet(terminal, seconds):
    while select.select([terminal], [], [], seconds)[0]:
        os.read(terminal, 65536)


def wake_ups(child):
    total = 0
    for thread in os.listdir(f"/proc/{child}/task"):
        for line in open(f"/proc/{child}/task/{thread}/status"):
            if "ctxt_switches" in line:
                total += int(line.split()[1])
    return total


def main():
    command = sys.argv[1:] or ["target/release/tagalong"]
    with tempfile.TemporaryDirectory() as home:
        times = []
        for _ in range(STARTS):
            child, terminal, took = start(command, home)
            stop(child, terminal)
            times.append(took * 1000)
        print(f"first frame   median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms of {STARTS}")
        child, terminal, _ = start(command, home)
        read_until_quiet(terminal, 2)
        before = wake_ups(child)
        time.sleep(IDLE)
        woken = wake_ups(child) - before
        resident = next(int(l.split()[1]) for l in open(f"/proc/{child}/status") if l.startswith("VmRSS"))
        stop(child, terminal)
        print(f"idle          {woken} wake-ups in {IDLE} s, {resident / 1024:.1f} MiB resident")


main()
