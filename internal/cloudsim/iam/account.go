package iam

import (
	"net/url"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func accountOps() map[string]op {
	return map[string]op{"GetUser": getUser, "ListAccountAliases": listAliases}
}

// getUser knows the root user only: the drill cloud keeps no IAM users.
func getUser(_ *account, c *sim.Call, in url.Values) (any, error) {
	type user struct {
		UserId, Arn string
	}
	name := in.Get("UserName")
	switch {
	case name != "":
		return nil, missing("The user with name %s cannot be found.", name)
	case !strings.HasSuffix(c.CallerARN, ":root"):
		return nil, invalid("Must specify userName when calling with non-User credentials")
	}
	return struct{ User user }{user{c.Account, c.CallerARN}}, nil
}

// listAliases is empty: no operation of the drill cloud makes an alias.
func listAliases(_ *account, _ *sim.Call, in url.Values) (any, error) {
	none, info, err := page(in, nil, func(s string) string { return s })
	return struct {
		AccountAliases list[string]
		pageInfo
	}{none, info}, err
}
