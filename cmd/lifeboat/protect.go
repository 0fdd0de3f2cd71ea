package main

import (
	"context"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
)

// protect copies a table to the vault.
func (m *machine) protect(ctx context.Context, x cli.Protection) (protect.Done, error) {
	cfg, err := protect.Of(ctx, aws(m.Process, cli.World{Plan: x.Plan}), x.Plan, x.Home, x.Table)
	if err != nil {
		return protect.Done{}, err
	}
	cfg.Full, cfg.Keep, cfg.Tell = x.Full, x.Keep, x.Tell
	done, err := protect.Run(ctx, cfg)
	if err != nil {
		return done, awscloud.Explain(err, "table "+cfg.Table+" cannot be protected", x.Home)
	}
	return done, nil
}
