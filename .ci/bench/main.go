// Command bench measures balancelink beside its peers in one run and prints
// what came out next to what it should be. It asserts nothing: the machine is
// shared, so only the ratios within a round mean much.
//
// Servers and clients share this process and its processors. CPU times are
// therefore those of both.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options are the flags.
type options struct {
	rounds    int
	round     time.Duration
	clients   []int
	peers     []string
	customers int
	events    int
	stored    int
	away      time.Duration
	profile   string
	made      string
	soakFor   time.Duration
	files     []string
	jobs      bool
	copied    bool
}

// bench is one run: its options, and a folder for its databases.
type bench struct {
	options
	ctx context.Context
	dir string
	dbs int
}

// parts are what can be measured, by name.
var parts = []struct {
	name string
	run  func(*bench) error
}{
	{"receipt", (*bench).receipt},
	{"apply", (*bench).apply},
	{"full", (*bench).full},
	{"storm", (*bench).storm},
	{"postgres", (*bench).postgres},
	{"pages", (*bench).pages},
	{"soak", (*bench).soak},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	b := &bench{ctx: context.Background()}
	only := flag.String("parts", "receipt,apply,full,storm", "what to measure")
	clients := flag.String("clients", "1,64,256", "numbers of clients of the receipt part")
	peers := flag.String("peers", "ours,alone,log,insert,pocketbase", "whom the receipt part compares")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds that count, after one that does not")
	flag.DurationVar(&b.round, "round", 700*time.Millisecond, "length of a round")
	flag.IntVar(&b.customers, "customers", 10_000, "customers with a linked account, of the apply, storm and postgres parts")
	flag.IntVar(&b.events, "events", 6_000, "deliveries in a round of the apply part")
	flag.IntVar(&b.stored, "stored", 100_000, "events that are there already, of the full part")
	flag.DurationVar(&b.away, "away", time.Millisecond, "how far away PostgreSQL is, there and back, in the postgres part")
	files := flag.String("files", "", "databases that -make made, of the pages part, the smallest first")
	flag.BoolVar(&b.copied, "copied", false, "have PostgreSQL hold copies of -files, which is then measured")
	flag.BoolVar(&b.jobs, "jobs", true, "measure in the pages part what reads much, too, which takes long")
	flag.StringVar(&b.made, "make", "", "file to put a database of that many customers into, and measure nothing")
	flag.DurationVar(&b.soakFor, "soak", time.Hour, "length of the soak part")
	flag.StringVar(&b.profile, "profile", "", "file to write a CPU profile to")
	flag.Parse()
	b.peers, b.files = strings.Split(*peers, ","), strings.Split(*files, ",")
	for _, n := range strings.Split(*clients, ",") {
		number, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		b.clients = append(b.clients, number)
	}
	if b.dir, err = os.MkdirTemp("", "balancelink-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.profile != "" {
		f, err := os.Create(b.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if b.made != "" {
		return b.makeFile(b.made)
	}
	fmt.Printf("%s, %d processors, GOGC %s\n", runtime.Version(), runtime.GOMAXPROCS(0), cmp.Or(os.Getenv("GOGC"), "100"))
	for _, p := range parts {
		if slices.Contains(strings.Split(*only, ","), p.name) {
			if err := p.run(b); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return nil
}

// file is a path that nothing was stored at yet.
func (b *bench) file(name string) string {
	b.dbs++
	return filepath.Join(b.dir, fmt.Sprintf("%d-%s", b.dbs, name))
}

// section prints a table's title.
func section(title, heading string) { fmt.Fprintf(os.Stdout, "\n%s\n\n%s\n", title, heading) }

// verdict is an aim and whether it is met.
func verdict(reached bool, aim string) string {
	if reached {
		return "aim " + aim + ": reached"
	}
	return "aim " + aim + ": missed"
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
