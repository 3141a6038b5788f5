// Reads a log that Surety wrote, and writes one for Surety to read, with Go's golang.org/x/mod/sumdb.
//
//	interop read FOLDER     check the log in FOLDER
//	interop write FOLDER    write a log into FOLDER, signed with FOLDER/log.skey
//
// Both folders look alike: see docs/interop.md.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	proofLine  = "c2sp.org/tlog-proof@v1\n"
	// The log that is written: two full bundles, and 88 entries more.
	entryCount = 600
	oldCount   = 300
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: interop read|write FOLDER"))
	}
	var err error
	switch folder := os.Args[2]; os.Args[1] {
	case "read":
		err = read(folder)
	case "write":
		err = write(folder)
	default:
		err = fmt.Errorf("unknown word %q: use read or write", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "go:", err)
	os.Exit(1)
}

// read checks everything in a folder, and that nothing changed would have passed.
func read(folder string) error {
	verifier, err := readVerifier(folder)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "log/checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(text, verifier)
	if err != nil {
		return err
	}
	changed := bytes.Replace(text, []byte(fmt.Sprintf("\n%d\n", tree.N)), []byte(fmt.Sprintf("\n%d\n", tree.N+1)), 1)
	if _, err := openCheckpoint(changed, verifier); err == nil {
		return errors.New("a checkpoint of another size passed")
	}

	tiles := &folderTiles{filepath.Join(folder, "log")}
	hashes := tlog.TileHashReader(tree, tiles)
	entries, err := tiles.entries(tree.N)
	if err != nil {
		return err
	}
	for index, entry := range entries {
		found, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		if err != nil {
			return err
		}
		if found[0] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d is not the one in the tree", index)
		}
	}
	proofs, err := readProofs(folder, verifier, entries, hashes)
	if err != nil {
		return err
	}
	old, err := readGrowth(folder, verifier, tree, hashes)
	if err != nil {
		return err
	}
	fmt.Printf("go: %d entries, %d proofs, growth from %d\n", len(entries), proofs, old)
	return nil
}

func readVerifier(folder string) (note.Verifier, error) {
	key, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(strings.TrimSpace(string(key)))
}

func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("%q is not a checkpoint of %s", opened.Text, verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// readProofs checks proof files, and that Go makes the same proofs from the tiles.
func readProofs(folder string, verifier note.Verifier, entries [][]byte, hashes tlog.HashReader) (int, error) {
	names, err := filepath.Glob(filepath.Join(folder, "proofs/*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	if len(names) == 0 {
		return 0, errors.New("there are no proofs")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		index, proof, tree, err := parseProof(text, verifier)
		if err != nil {
			return 0, fmt.Errorf("%s: %v", name, err)
		}
		leaf := tlog.RecordHash(entries[index])
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return 0, fmt.Errorf("%s: %v", name, err)
		}
		leaf[0] ^= 1
		if tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf) == nil {
			return 0, fmt.Errorf("%s: another entry passed", name)
		}
		made, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return 0, err
		}
		if fmt.Sprint(made) != fmt.Sprint(proof) {
			return 0, fmt.Errorf("%s: Go makes another proof", name)
		}
	}
	return len(names), nil
}

func parseProof(text []byte, verifier note.Verifier) (int64, tlog.RecordProof, tlog.Tree, error) {
	rest, isProof := strings.CutPrefix(string(text), proofLine)
	head, checkpoint, isWhole := strings.Cut(rest, "\n\n")
	lines := strings.Split(head, "\n")
	number, hasIndex := strings.CutPrefix(lines[0], "index ")
	if !isProof || !isWhole || !hasIndex {
		return 0, nil, tlog.Tree{}, errors.New("not a proof")
	}
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, nil, tlog.Tree{}, err
	}
	proof, err := parseHashes(lines[1:])
	if err != nil {
		return 0, nil, tlog.Tree{}, err
	}
	tree, err := openCheckpoint([]byte(checkpoint), verifier)
	return index, proof, tree, err
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// readGrowth checks that the log has grown from the old checkpoint.
func readGrowth(folder string, verifier note.Verifier, tree tlog.Tree, hashes tlog.HashReader) (int64, error) {
	text, err := os.ReadFile(filepath.Join(folder, "old.checkpoint"))
	if err != nil {
		return 0, err
	}
	old, err := openCheckpoint(text, verifier)
	if err != nil {
		return 0, err
	}
	lines, err := os.ReadFile(filepath.Join(folder, "growth"))
	if err != nil {
		return 0, err
	}
	proof, err := parseHashes(strings.Fields(string(lines)))
	if err != nil {
		return 0, err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return 0, fmt.Errorf("growth: %v", err)
	}
	if tlog.CheckTree(proof, tree.N, tree.Hash, old.N+1, old.Hash) == nil {
		return 0, errors.New("growth from another size passed")
	}
	made, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return 0, err
	}
	if fmt.Sprint(made) != fmt.Sprint(tlog.TreeProof(proof)) {
		return 0, errors.New("Go makes another proof of growth")
	}
	return old.N, nil
}

// folderTiles reads tiles from a folder. Go's tlog names tiles with their height; tlog-tiles does not.
type folderTiles struct{ root string }

func (f *folderTiles) Height() int { return tileHeight }

func (f *folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (f *folderTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(f.path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func (f *folderTiles) path(tile tlog.Tile) string {
	name := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if tile.L == -1 {
		name = strings.Replace(name, "data/", "entries/", 1)
	}
	return filepath.Join(f.root, "tile", name)
}

func (f *folderTiles) entries(size int64) ([][]byte, error) {
	var entries [][]byte
	for number := int64(0); number*tileWidth < size; number++ {
		width := min(size-number*tileWidth, tileWidth)
		bundle, err := os.ReadFile(f.path(tlog.Tile{H: tileHeight, L: -1, N: number, W: int(width)}))
		if err != nil {
			return nil, err
		}
		for range width {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("bundle %d is cut off", number)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			entries = append(entries, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("bundle %d has bytes after its entries", number)
		}
	}
	return entries, nil
}

// write makes a log and its proofs.
func write(folder string) error {
	secret, err := os.ReadFile(filepath.Join(folder, "log.skey"))
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return err
	}
	var stored storedHashes
	var bundles [][]byte
	for number := int64(0); number < entryCount; number++ {
		entry := []byte(fmt.Sprintf("entry %d of Go", number))
		hashes, err := tlog.StoredHashes(number, entry, &stored)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
		if number%tileWidth == 0 {
			bundles = append(bundles, nil)
		}
		last := &bundles[len(bundles)-1]
		*last = append(binary.BigEndian.AppendUint16(*last, uint16(len(entry))), entry...)
	}
	tiles := &folderTiles{filepath.Join(folder, "log")}
	for number, bundle := range bundles {
		width := min(entryCount-number*tileWidth, tileWidth)
		tile := tlog.Tile{H: tileHeight, L: -1, N: int64(number), W: width}
		if err := save(tiles.path(tile), bundle); err != nil {
			return err
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, entryCount) {
		data, err := tlog.ReadTileData(tile, &stored)
		if err != nil {
			return err
		}
		if err := save(tiles.path(tile), data); err != nil {
			return err
		}
	}
	return writeProofs(folder, signer, &stored)
}

func writeProofs(folder string, signer note.Signer, stored tlog.HashReader) error {
	checkpoint, err := signCheckpoint(signer, entryCount, stored)
	if err != nil {
		return err
	}
	if err := save(filepath.Join(folder, "log/checkpoint"), checkpoint); err != nil {
		return err
	}
	for _, index := range []int64{0, 255, 256, 299, entryCount - 1} {
		proof, err := tlog.ProveRecord(entryCount, index, stored)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%sindex %d\n%s\n%s", proofLine, index, formatHashes(proof), checkpoint)
		name := fmt.Sprintf("proofs/%d.tlog-proof", index)
		if err := save(filepath.Join(folder, name), []byte(text)); err != nil {
			return err
		}
	}
	old, err := signCheckpoint(signer, oldCount, stored)
	if err != nil {
		return err
	}
	if err := save(filepath.Join(folder, "old.checkpoint"), old); err != nil {
		return err
	}
	growth, err := tlog.ProveTree(entryCount, oldCount, stored)
	if err != nil {
		return err
	}
	return save(filepath.Join(folder, "growth"), []byte(formatHashes(growth)))
}

func signCheckpoint(signer note.Signer, size int64, stored tlog.HashReader) ([]byte, error) {
	root, err := tlog.TreeHash(size, stored)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	return note.Sign(&note.Note{Text: text}, signer)
}

func formatHashes(hashes []tlog.Hash) string {
	var text strings.Builder
	for _, hash := range hashes {
		fmt.Fprintln(&text, hash)
	}
	return text.String()
}

func save(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// storedHashes are all hashes of a tree in the order in which tlog stores them.
type storedHashes []tlog.Hash

func (s *storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, (*s)[index])
	}
	return found, nil
}
