package main

import (
	"context"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
	"github.com/lifeboat-dr/lifeboat/internal/data/history"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// past reaches a table at its site.
func (m *machine) past(ctx context.Context, x cli.Past, look *beside.Config) (*awscloud.Clients, error) {
	c, err := aws(m.Process, cli.World{Plan: x.Plan}).At(ctx, x.Home)
	if err != nil {
		return nil, err
	}
	name, err := x.Table.Table.Resolve(plan.Scope{Site: x.Home})
	if err != nil {
		return nil, err
	}
	look.Site, look.Table, look.API = x.Home, name.String(), c.DynamoDB
	return c, nil
}

// findGood prepares a search.
func (m *machine) findGood(ctx context.Context, x cli.Past, cfg findgood.Config) (*findgood.Search, error) {
	c, err := m.past(ctx, x, &cfg.Config)
	if err != nil {
		return nil, err
	}
	cfg.API = c.DynamoDB
	return findgood.Prepare(ctx, cfg)
}

// history prepares an item's history.
func (m *machine) history(ctx context.Context, x cli.Past, cfg history.Config) (*history.History, error) {
	c, err := m.past(ctx, x, &cfg.Config)
	if err != nil {
		return nil, err
	}
	cfg.API, cfg.Streams = c.DynamoDB, c.Streams
	if x.Plan.Vault != nil {
		vault, err := aws(m.Process, cli.World{Plan: x.Plan}).At(ctx, x.Plan.Site(x.Plan.Vault.Site))
		if err != nil {
			return nil, err
		}
		cfg.Vault = export.Bucket{Store: vault.S3, Name: x.Plan.Vault.Bucket}
		cfg.Place = export.Place(x.Plan.Application.Name, x.Home.Name, x.Table.Name)
	}
	return history.Prepare(ctx, cfg)
}
