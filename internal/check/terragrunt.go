package check

import (
	"bytes"
	"path"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// hclBlock is a block or attribute of a Terragrunt file that begins at the left margin.
type hclBlock struct {
	file       *survey.File
	start, end int
	head       string
}

// terragruntBlocks gives the blocks of all Terragrunt files. They are read by their lines alone: what matters is where something is written.
func (t *tree) terragruntBlocks(f func(hclBlock)) {
	for _, file := range t.inv.Files {
		if path.Ext(file.Path) != ".hcl" || strings.HasSuffix(file.Path, ".terraform.lock.hcl") || path.Base(file.Path) == "lifeboat.hcl" {
			continue
		}
		b := t.blocks.of(file)
		for i, start := range b.starts {
			end := len(file.Src)
			if i+1 < len(b.starts) {
				end = b.starts[i+1]
			}
			f(hclBlock{file, start, end, b.heads[i]})
		}
	}
}

// lines gives the lines of a block that are no comments, with where each begins.
func (b hclBlock) lines(f func(line string, at int)) {
	at := b.start
	for line := range strings.Lines(string(b.file.Src[b.start:b.end])) {
		if !comment(line) {
			f(line, at)
		}
		at += len(line)
	}
}

// span is a piece of the file.
func (b hclBlock) span(start, end int) survey.Span {
	return survey.Span{File: b.file, Start: uint32(start), End: uint32(end)} //nolint:gosec // files are bounded
}

// terragrunt tells whether Terragrunt applies the stack: it then generates the backend.
func (t *tree) terragrunt(s *survey.Stack) bool {
	for _, i := range s.Instances {
		if i.Dir != "" {
			return true
		}
	}
	return false
}

const s3Backend = `backend "s3"`

// terragruntStates is LB201 for remote_state blocks, and for blocks that generate a backend.
func (t *tree) terragruntStates() {
	t.terragruntBlocks(func(b hclBlock) {
		at, address := b.span(b.start, b.start+len(b.head)), "remote_state"
		switch i := bytes.Index(b.file.Src[b.start:b.end], []byte(s3Backend)); {
		case i >= 0: // in the text of a generate block, which may begin at the left margin
			at, address = b.span(b.start+i, b.start+i+len(s3Backend)), "backend.s3"
		case !strings.HasPrefix(b.head, "remote_state"):
			return
		}
		constant := false
		b.lines(func(line string, _ int) {
			key, value, ok := strings.Cut(line, "=")
			key = strings.TrimSpace(key)
			constant = constant || ok && (key == "bucket" || key == "region") && strings.HasPrefix(strings.TrimSpace(value), `"`) && !strings.Contains(value, "${")
		})
		if constant {
			t.add(hit{at: at, address: address})
		}
	})
}

func (t *tree) mocks() {
	t.terragruntBlocks(func(b hclBlock) {
		if !strings.HasPrefix(b.head, "dependency ") {
			return
		}
		mocks, allowed := -1, false
		b.lines(func(line string, at int) {
			switch word := strings.TrimSpace(line); {
			case strings.HasPrefix(word, "mock_outputs_allowed_terraform_commands"):
				allowed = !strings.Contains(word, "apply")
			case strings.HasPrefix(word, "mock_outputs") && mocks < 0:
				mocks = at + strings.Index(line, "mock")
			}
		})
		if mocks >= 0 && !allowed {
			t.add(hit{at: b.span(mocks, mocks+len("mock_outputs")), address: strings.TrimSuffix(b.head, " {")})
		}
	})
}

// terragruntPlaces are the tokens of locals and inputs, which no stack's values lead to.
func (t *tree) terragruntPlaces() []placedToken {
	var out []placedToken
	t.terragruntBlocks(func(b hclBlock) {
		in := inCode
		switch {
		case strings.HasPrefix(b.head, "inputs"):
			in = inValues
		case !strings.HasPrefix(b.head, "locals"):
			return
		}
		b.lines(func(line string, at int) {
			for i, text := range strings.Split(line, `"`) {
				if i%2 == 1 {
					for _, k := range scan(strings.ReplaceAll(text, "${", hole)) {
						out = append(out, placedToken{token: k, where: in, at: b.span(at+k.start, at+k.end), address: strings.TrimSuffix(b.head, " {")})
					}
				}
				at += len(text) + 1
			}
		})
	})
	return out
}
