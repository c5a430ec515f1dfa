// Command alias writes Fabric 1.x's import paths as packages that re-export today's ones.
//
//	alias VENDOR EXTRA OUT
//
// VENDOR holds the real packages by import path, EXTRA holds further source files by the base name
// of a package's import path, OUT is a GOPATH's src directory.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	fabric    = "github.com/hyperledger/fabric/"
	chaincode = "github.com/hyperledger/fabric-chaincode-go/"
	protos    = "github.com/hyperledger/fabric-protos-go/"
)

// aliases maps an import path of Fabric 1.x to the one that the same package has today.
var aliases = map[string]string{
	fabric + "core/chaincode/shim":                chaincode + "shim",
	fabric + "core/chaincode/lib/cid":             chaincode + "pkg/cid",
	fabric + "core/chaincode/shim/ext/attrmgr":    chaincode + "pkg/attrmgr",
	fabric + "core/chaincode/shim/ext/cid":        chaincode + "pkg/cid",
	fabric + "core/chaincode/shim/ext/statebased": chaincode + "pkg/statebased",
	fabric + "protos/common":                      protos + "common",
	fabric + "protos/ledger/queryresult":          protos + "ledger/queryresult",
	fabric + "protos/ledger/rwset":                protos + "ledger/rwset",
	fabric + "protos/ledger/rwset/kvrwset":        protos + "ledger/rwset/kvrwset",
	fabric + "protos/msp":                         protos + "msp",
	fabric + "protos/peer":                        protos + "peer",
}

// exports are the exported identifiers of a package, by the declaration that re-exports them.
type exports struct {
	name                     string
	constants, values, types []string
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: alias VENDOR EXTRA OUT")
	}
	vendor, extra, out := os.Args[1], os.Args[2], os.Args[3]
	for old, current := range aliases {
		if err := write(filepath.Join(vendor, current), extra, filepath.Join(out, old), current); err != nil {
			log.Fatalf("alias %s: %v", old, err)
		}
	}
}

func write(source, extra, target, path string) error {
	found, err := read(source)
	if err != nil {
		return err
	}
	code, err := format.Source(found.render(path))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(target, "alias.go"), code, 0o644); err != nil {
		return err
	}
	additions, err := filepath.Glob(filepath.Join(extra, filepath.Base(target), "*.go"))
	if err != nil {
		return err
	}
	for _, file := range additions {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, filepath.Base(file)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func read(directory string) (*exports, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, err
	}
	found := &exports{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		found.name = parsed.Name.Name
		for _, declaration := range parsed.Decls {
			found.add(declaration)
		}
	}
	if found.name == "" {
		return nil, fmt.Errorf("no Go files in %s", directory)
	}
	return found, nil
}

func (e *exports) add(declaration ast.Decl) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			e.values = append(e.values, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			e.addSpec(d.Tok, spec)
		}
	}
}

func (e *exports) addSpec(kind token.Token, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			e.types = append(e.types, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			switch {
			case !name.IsExported():
			case kind == token.CONST:
				e.constants = append(e.constants, name.Name)
			default:
				e.values = append(e.values, name.Name)
			}
		}
	}
}

func (e *exports) render(path string) []byte {
	var code bytes.Buffer
	fmt.Fprintf(&code, "// Package %s is %s by its path in Fabric 1.x.\n", e.name, path)
	fmt.Fprintf(&code, "package %s\n\nimport current %q\n", e.name, path)
	for _, group := range []struct {
		keyword string
		names   []string
	}{{"const", e.constants}, {"var", e.values}, {"type", e.types}} {
		if len(group.names) == 0 {
			continue
		}
		slices.Sort(group.names)
		fmt.Fprintf(&code, "\n%s (\n", group.keyword)
		for _, name := range slices.Compact(group.names) {
			fmt.Fprintf(&code, "\t%s = current.%s\n", name, name)
		}
		fmt.Fprint(&code, ")\n")
	}
	return code.Bytes()
}
