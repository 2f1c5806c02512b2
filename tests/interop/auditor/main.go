// SPDX-License-Identifier: Apache-2.0

// auditor LOG VKEYFILE [SAVED]: reads every entry of a tlog-tiles log through torchwood's client.
//
// LOG is a URL or a directory. SAVED is a checkpoint the auditor keeps from run to run: the log must
// extend it; it is replaced by the one that was accepted. Exit code 0: accepted, 1: refused, 2: bad use.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const leafBytes = 97

func fetcher(log string) (*torchwood.TileFetcher, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir("/")))
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	if !strings.HasPrefix(log, "http://") {
		path, err := filepath.Abs(log)
		if err != nil {
			return nil, err
		}
		log = "file://" + path
	}
	return torchwood.NewTileFetcher(log, torchwood.WithHTTPClient(client), torchwood.WithConcurrencyLimit(4))
}

// extends checks that the tree holds the saved checkpoint's tree.
func extends(ctx context.Context, tree tlog.Tree, saved torchwood.Checkpoint, reader torchwood.TileReader) error {
	if saved.N > tree.N {
		return fmt.Errorf("rolled back: %d entries, %d were there before", tree.N, saved.N)
	}
	if saved.N == 0 {
		return nil
	}
	root, err := tlog.TreeHash(saved.N, torchwood.TileHashReaderWithContext(ctx, tree, reader))
	if err != nil {
		return err
	}
	if root != saved.Hash {
		return errors.New("forked: the log does not extend the saved checkpoint")
	}
	return nil
}

func audit(log, keyFile, savedFile string) (int64, error) {
	ctx := context.Background()
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return 0, err
	}
	verifier, err := note.NewVerifier(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		return 0, err
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(verifier.Name()), torchwood.SingleVerifierPolicy(verifier))
	tiles, err := fetcher(log)
	if err != nil {
		return 0, err
	}
	signed, err := tiles.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return 0, err
	}
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return 0, err
	}
	if savedFile != "" {
		before, err := os.ReadFile(savedFile)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			saved, _, err := torchwood.VerifyCheckpoint(before, policy)
			if err != nil {
				return 0, fmt.Errorf("saved checkpoint: %w", err)
			}
			if err := extends(ctx, checkpoint.Tree, saved, tiles); err != nil {
				return 0, err
			}
		}
	}
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return 0, err
	}
	var count int64
	for index, entry := range client.AllEntries(ctx, checkpoint.Tree, 0) {
		if index != count || len(entry) != leafBytes || entry[0] != 1 {
			return 0, fmt.Errorf("entry %d is no leaf of daybook", index)
		}
		count++
	}
	if err := client.Err(); err != nil {
		return 0, err
	}
	if count != checkpoint.N {
		return 0, fmt.Errorf("%d entries of %d", count, checkpoint.N)
	}
	if savedFile != "" {
		return count, os.WriteFile(savedFile, signed, 0o600)
	}
	return count, nil
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: auditor LOG VKEYFILE [SAVED]")
		os.Exit(2)
	}
	saved := ""
	if len(os.Args) == 4 {
		saved = os.Args[3]
	}
	count, err := audit(os.Args[1], os.Args[2], saved)
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted:", count)
}
