package main

import (
	"context"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// protect copies a table to the vault.
func (m *machine) protect(ctx context.Context, x cli.Protection) (protect.Done, error) {
	sites := aws(m.Process, cli.World{Plan: x.Plan})
	site := x.Plan.Site(x.Plan.Vault.Site)
	from, err := sites.At(ctx, x.Home)
	if err != nil {
		return protect.Done{}, err
	}
	to, err := sites.At(ctx, site)
	if err != nil {
		return protect.Done{}, err
	}
	name, err := x.Table.Table.Resolve(plan.Scope{Site: x.Home})
	if err != nil {
		return protect.Done{}, err
	}
	done, err := protect.Run(ctx, protect.Config{
		API: from.DynamoDB, Table: name.String(), Vault: export.Bucket{Store: to.S3, Name: x.Plan.Vault.Bucket}, Writer: to.S3, Owner: site.Account,
		Place: export.Place(x.Plan.Application.Name, x.Home.Name, x.Table.Name), Full: x.Full, Keep: x.Keep, Tell: x.Tell, Clock: clock.System{},
	})
	if err != nil {
		return done, awscloud.Explain(err, "table "+name.String()+" cannot be protected", x.Home)
	}
	return done, nil
}
