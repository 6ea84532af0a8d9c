//go:build !race

package proof_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"syscall"

	"balancelink/handlers/sitetest"
)

// fail lets system calls of the running program on its database fail until
// release is called. A disk cannot be made read-only under a program that has
// files open for writing (the kernel says EBUSY); this is what the program
// sees when the kernel does so itself after an error.
func (p *program) fail(calls, errno string) (release func()) {
	p.t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		sitetest.LeaveOut(p.t, "strace", "install Debian's package strace")
	}
	cmd := exec.Command("strace", "-f", "-p", fmt.Sprint(p.cmd.Process.Pid), "-P", p.Database, "-P", p.Database+"-wal",
		"-o", "/dev/null", "-e", "trace="+calls, "-e", "inject="+calls+":error="+errno)
	says, err := cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(says)
	for lines.Scan() && !strings.Contains(lines.Text(), "attached") {
		if strings.Contains(lines.Text(), "not permitted") {
			cmd.Wait()
			sitetest.LeaveOut(p.t, "the right to trace a process ("+lines.Text()+")", "run as root")
		}
	}
	go func() { // so that it can go on talking
		for lines.Scan() {
		}
	}()
	return func() {
		p.t.Helper()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			p.t.Fatal(err)
		}
		cmd.Wait() // its status is the signal
	}
}
