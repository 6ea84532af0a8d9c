package command_test

import (
	"path/filepath"
	"strings"
	"testing"

	"balancelink/handlers/command"
	"balancelink/store/storetest"
)

func TestWhoAsksACommandWhatItDoesIsTold(t *testing.T) {
	t.Parallel()
	for name := range command.Names() {
		status, out, errs := run(t, filepath.Join(t.TempDir(), "x.db"), name, "--help")
		if status != 0 || !strings.Contains(out, "balancelink "+name) || errs != "" {
			t.Errorf("%s: status %d, said %q, %q", name, status, out, errs)
		}
	}
}

func TestEveryCommandEndsWithTheStatusOfASettingThatIsWrong(t *testing.T) {
	t.Parallel()
	path := storeOf(t)
	for _, args := range append(commands(storetest.Folder(t)), []string{"restore", path}) {
		for _, wrong := range []string{"--nonsense", "--data-key=short", "--database-url=mysql:x"} {
			status, out, errs := run(t, path, append([]string{args[0], wrong}, args[1:]...)...)
			if status != 78 || out != "" || strings.Count(errs, "\n") != 1 {
				t.Errorf("%v %s: status %d, said %q, %q", args, wrong, status, out, errs)
			}
		}
	}
}
