// Second-verifier checks an export of the ledger by docs/ledger-format.md alone, with the Merkle tree and the signed
// notes of Go's checksum database. It shares no code with the product.
//
// Usage: second-verifier EXPORT KEY [WITNESS-KEY]. Prints one JSON object for each tenant. Exit codes: 0 whole,
// 1 broken, 2 it cannot be checked.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type report struct {
	Tenant   string `json:"tenant"`
	Verdict  string `json:"verdict"`
	Entries  int64  `json:"entries"`
	Signed   int64  `json:"signedSize"`
	Cosigned int64  `json:"cosignedSize"`
	// The first entry that is wrong, 0 when it is not about one.
	Seq int64  `json:"seq"`
	Why string `json:"why"`
}

var fields = []string{"actor", "at", "data", "hash", "id", "prevHash", "runId", "seq", "tenant", "traceparent", "type"}

// hashes keeps what the tree of the checksum database stores.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = h[index]
	}
	return found, nil
}

func hexOfSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// checkEntry returns the entry's hash and id.
func checkEntry(line []byte, tenant string, seq int64, prevHash string) (string, string, error) {
	var entry map[string]any
	if !utf8.Valid(line) || json.Unmarshal(line, &entry) != nil {
		return "", "", errors.New("is no JSON object")
	}
	whole, err := canonical(entry)
	if err != nil || !bytes.Equal(whole, line) {
		return "", "", errors.New("is not canonical")
	}
	if len(entry) != len(fields) {
		return "", "", errors.New("has other fields")
	}
	for _, name := range fields {
		value, ok := entry[name]
		switch value.(type) {
		case string:
			ok = ok && name != "seq" && name != "data"
		case float64:
			ok = ok && name == "seq"
		case map[string]any:
			ok = ok && name == "data"
		default:
			ok = false
		}
		if !ok {
			return "", "", fmt.Errorf("has no proper %s", name)
		}
	}
	if entry["tenant"] != tenant {
		return "", "", errors.New("is of another tenant")
	}
	if entry["seq"] != float64(seq) {
		return "", "", errors.New("is out of place")
	}
	hash := entry["hash"].(string)
	delete(entry, "hash")
	unhashed, err := canonical(entry)
	if err != nil || hexOfSum(unhashed) != hash {
		return "", "", errors.New("does not have its hash")
	}
	if entry["prevHash"] != prevHash {
		return "", "", errors.New("does not follow the one before")
	}
	return hash, entry["id"].(string), nil
}

// witness verifies cosignature/v1 lines.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func newWitness(key string) (note.Verifier, error) {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("this is no key of a witness")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 4 {
		return nil, errors.New("this is no key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("the hash of the key is not its own")
	}
	return witness{parts[0], binary.BigEndian.Uint32(sum[:]), raw[1:]}, nil
}

type checkpoint struct {
	size     int64
	root     tlog.Hash
	cosigned bool
}

func readCheckpoint(path, tenant string, key, cosigner note.Verifier) (checkpoint, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	known := []note.Verifier{key}
	if cosigner != nil {
		known = append(known, cosigner)
	}
	opened, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return checkpoint{}, err
	}
	one := checkpoint{}
	signed := false
	for _, signature := range opened.Sigs {
		signed = signed || signature.Hash == key.KeyHash()
		one.cosigned = one.cosigned || (cosigner != nil && signature.Hash == cosigner.KeyHash())
	}
	lines := strings.Split(opened.Text, "\n")
	if !signed || len(lines) < 4 || lines[0] != key.Name()+"/"+tenant {
		return checkpoint{}, errors.New("is not of this ledger")
	}
	if one.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return checkpoint{}, err
	}
	if filepath.Base(path) != fmt.Sprintf("%012d.txt", one.size) {
		return checkpoint{}, errors.New("is of another size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, errors.New("has no root")
	}
	copy(one.root[:], root)
	return one, nil
}

func verify(folder, tenant string, key, cosigner note.Verifier) (report, error) {
	result := report{Tenant: tenant, Verdict: "whole"}
	broken := func(seq int64, why string) (report, error) {
		result.Verdict, result.Seq, result.Why = "broken", seq, why
		return result, nil
	}
	paths, err := filepath.Glob(filepath.Join(folder, tenant, "checkpoints", "*"))
	if err != nil {
		return result, err
	}
	signed := map[int64]checkpoint{}
	var largest int64
	badNote := ""
	for _, path := range paths {
		one, err := readCheckpoint(path, tenant, key, cosigner)
		if err != nil {
			badNote = filepath.Base(path) + ": " + err.Error()
			continue
		}
		signed[one.size] = one
		largest = max(largest, one.size)
		if one.cosigned {
			result.Cosigned = max(result.Cosigned, one.size)
		}
	}
	file, err := os.Open(filepath.Join(folder, tenant, "entries.jsonl"))
	if err != nil {
		return result, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<16), 1<<20+1)
	lines.Split(splitLines)
	var stored hashes
	ids := map[string]bool{}
	prevHash := strings.Repeat("0", 64)
	for lines.Scan() {
		line := lines.Bytes()
		seq := result.Entries + 1
		hash, id, err := checkEntry(line, tenant, seq, prevHash)
		if err != nil {
			return broken(seq, err.Error())
		}
		if ids[id] {
			return broken(seq, "has an id that stands before")
		}
		ids[id] = true
		prevHash = hash
		more, err := tlog.StoredHashes(result.Entries, line, stored)
		if err != nil {
			return result, err
		}
		stored = append(stored, more...)
		result.Entries = seq
		if one, ok := signed[seq]; ok {
			root, err := tlog.TreeHash(seq, stored)
			if err != nil {
				return result, err
			}
			if root != one.root {
				return broken(result.Signed+1, "is not what was signed, or one after it is not")
			}
			result.Signed = seq
		}
	}
	if err := lines.Err(); err != nil {
		return result, err
	}
	if largest > result.Entries {
		return broken(result.Entries+1, "is missing, with all that follow")
	}
	if badNote != "" {
		return broken(0, badNote)
	}
	if result.Signed == 0 {
		result.Verdict = "unsigned"
	}
	return result, nil
}

// splitLines ends lines at line feeds alone; bufio's own also takes a carriage return away.
func splitLines(data []byte, atEnd bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEnd && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func run(args []string) (int, error) {
	if len(args) < 2 {
		return 2, errors.New("usage: second-verifier EXPORT KEY [WITNESS-KEY]")
	}
	key, err := note.NewVerifier(args[1])
	if err != nil {
		return 2, err
	}
	var cosigner note.Verifier
	if len(args) > 2 {
		if cosigner, err = newWitness(args[2]); err != nil {
			return 2, err
		}
	}
	entries, err := os.ReadDir(args[0])
	if err != nil {
		return 2, err
	}
	tenants := []string{}
	for _, entry := range entries {
		if entry.IsDir() {
			tenants = append(tenants, entry.Name())
		}
	}
	sort.Strings(tenants)
	code := 0
	for _, tenant := range tenants {
		found, err := verify(args[0], tenant, key, cosigner)
		if err != nil {
			return 2, err
		}
		if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
			return 2, err
		}
		if found.Verdict == "broken" {
			code = 1
		} else if found.Verdict == "unsigned" && code == 0 {
			code = 2
		}
	}
	return code, nil
}

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
