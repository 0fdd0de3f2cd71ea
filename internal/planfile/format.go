package planfile

import (
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Format lays out a plan's text in the one usual form, as `terraform fmt` does. It changes white space only. A text with wrong syntax
// is not changed; name is how diagnostics call it.
func Format(src []byte, name string) ([]byte, diag.List) {
	if _, diags := parseFile(src, name); diags.HasErrors() {
		return src, diags
	}
	return hclwrite.Format(src), nil
}
