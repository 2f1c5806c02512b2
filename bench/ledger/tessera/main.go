// SPDX-License-Identifier: Apache-2.0

// Tessera's POSIX storage as a peer: `tessera_peer one|many|batch DIR SECONDS < events` appends lines until the time
// is over and prints one JSON line, as ledger_peer does.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// How many add at the same time, and how Tessera gathers them: the best we found for each.
type mode struct {
	adders int
	batch  uint
	age    time.Duration
}

var modes = map[string]mode{
	"one":   {1, 1, time.Millisecond},
	"many":  {64, 64, 2 * time.Millisecond},
	"batch": {4096, 2048, 50 * time.Millisecond},
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tessera_peer:", err)
		os.Exit(1)
	}
}

func readLines() [][]byte {
	var lines [][]byte
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 1<<20), 1<<20)
	for scanner.Scan() {
		lines = append(lines, append([]byte(nil), scanner.Bytes()...))
	}
	must(scanner.Err())
	return lines
}

func main() {
	ctx := context.Background()
	how, known := modes[os.Args[1]]
	if !known {
		must(fmt.Errorf("mode is one, many or batch"))
	}
	limit, err := strconv.ParseFloat(os.Args[3], 64)
	must(err)
	lines := readLines()
	secret, _, err := note.GenerateKey(rand.Reader, "example.org/bench")
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	driver, err := posix.New(ctx, posix.Config{Path: os.Args[2]})
	must(err)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).WithBatching(how.batch, how.age).WithCheckpointInterval(100*time.Millisecond).WithPushback(16384))
	must(err)

	var next, done atomic.Int64
	var all sync.WaitGroup
	waits := make([][]float64, how.adders)
	start := time.Now()
	for n := 0; n < how.adders; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Since(start).Seconds() < limit {
				at := int(next.Add(1) - 1)
				if at >= len(lines) {
					return
				}
				sent := time.Now()
				_, err := appender.Add(ctx, tessera.NewEntry(lines[at]))()
				must(err)
				waits[n] = append(waits[n], time.Since(sent).Seconds())
				done.Add(1)
			}
		}()
	}
	all.Wait()
	took := time.Since(start).Seconds()
	must(shutdown(ctx))
	var sorted []float64
	for _, some := range waits {
		sorted = append(sorted, some...)
	}
	sort.Float64s(sorted)
	quantile := func(q float64) float64 { return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))] * 1e3 }
	fmt.Printf("{\"peer\":\"tessera\",\"mode\":%q,\"events\":%d,\"rate\":%.0f,\"p50ms\":%.3f,\"p99ms\":%.3f}\n",
		os.Args[1], done.Load(), float64(done.Load())/took, quantile(0.5), quantile(0.99))
}
