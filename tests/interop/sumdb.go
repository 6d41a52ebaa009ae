// Asks golang.org/x/mod/sumdb, the code from which signed notes and checkpoints were specified,
// about one log: one JSON object in, one JSON object out. Nothing here decides anything.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	VerifierKey string `json:"vkey"`
	Checkpoint  []byte `json:"checkpoint"`
	// One entry and the way from it to the root.
	Entry  []byte   `json:"entry"`
	Index  int64    `json:"index"`
	Hashes [][]byte `json:"hashes"`
	// An older head of the same log, and the proof that it only grew.
	Older       []byte   `json:"older"`
	Consistency [][]byte `json:"consistency"`
	// The folder of the log: then every hash is taken from its tiles, and both proofs must be
	// those that are made from them.
	Folder string `json:"folder"`
}

// A folder of tiles as C2SP tlog-tiles lays them out: of height 8, which the path does not say.
type folder string

func (at folder) Height() int { return 8 }

func (at folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (at folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, one := range tiles {
		path := strings.Replace(one.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(at), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

type answer struct {
	Accepted bool   `json:"accepted"`
	Why      string `json:"why"`
}

func main() {
	var asked []question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	var answers []answer
	for _, one := range asked {
		if err := check(one); err != nil {
			answers = append(answers, answer{Why: err.Error()})
		} else {
			answers = append(answers, answer{Accepted: true})
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func check(asked question) error {
	tree, err := open(asked.Checkpoint, asked.VerifierKey)
	if err != nil {
		return err
	}
	way, err := hashes(asked.Hashes)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(asked.Entry)
	if err := tlog.CheckRecord(way, tree.N, tree.Hash, asked.Index, leaf); err != nil {
		return err
	}
	if asked.Folder != "" {
		made, err := tlog.ProveRecord(tree.N, asked.Index, tiles(asked, tree))
		if err != nil || !same(made, way) {
			return fmt.Errorf("the tiles prove another way: %v", err)
		}
	}
	if asked.Older == nil {
		return nil
	}
	older, err := open(asked.Older, asked.VerifierKey)
	if err != nil {
		return err
	}
	grown, err := hashes(asked.Consistency)
	if err != nil {
		return err
	}
	if asked.Folder != "" {
		made, err := tlog.ProveTree(tree.N, older.N, tiles(asked, tree))
		if err != nil || !same(made, grown) {
			return fmt.Errorf("the tiles prove another growth: %v", err)
		}
	}
	return tlog.CheckTree(grown, tree.N, tree.Hash, older.N, older.Hash)
}

func tiles(asked question, tree tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(tree, folder(asked.Folder))
}

func same(one, other []tlog.Hash) bool {
	if len(one) != len(other) {
		return false
	}
	for place := range one {
		if one[place] != other[place] {
			return false
		}
	}
	return true
}

func open(checkpoint []byte, key string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("no checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func hashes(given [][]byte) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, one := range given {
		if len(one) != tlog.HashSize {
			return nil, fmt.Errorf("a hash of %d bytes", len(one))
		}
		found = append(found, tlog.Hash(*(*[tlog.HashSize]byte)(one)))
	}
	return found, nil
}
