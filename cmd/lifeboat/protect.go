package main

import (
	"context"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
)

// protect copies a table to the vault, or reads what is there.
func (m *machine) protect(ctx context.Context, x cli.Protection) (out cli.Protected, err error) {
	cfg, err := protect.Of(ctx, aws(m.Process, cli.World{Plan: x.Plan}), x.Plan, x.Home, x.Table)
	if err != nil {
		return out, err
	}
	cfg.Full, cfg.Retain, cfg.Delete, cfg.Tell = x.Full, x.Retain, x.Delete, x.Tell
	if x.Verify {
		out.Verified, err = protect.Verify(ctx, cfg)
	} else {
		out.Done, err = protect.Run(ctx, cfg)
	}
	if err != nil {
		e := awscloud.Explain(err, "table "+cfg.Table+" cannot be protected", x.Home)
		e.Next = strings.ReplaceAll(e.Next, "lifeboat resume", "lifeboat protect") // there is no run to go on with
		return out, e
	}
	return out, nil
}
