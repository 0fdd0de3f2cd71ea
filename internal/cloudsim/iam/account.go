package iam

import (
	"net/url"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func accountOps() map[string]op {
	return map[string]op{"ListAccountAliases": listAliases}
}

// listAliases is empty: no operation of the drill cloud makes an alias.
func listAliases(_ *account, _ *sim.Call, in url.Values) (any, error) {
	none, info, err := page(in, nil, func(s string) string { return s })
	return struct {
		AccountAliases list[string]
		pageInfo
	}{none, info}, err
}
