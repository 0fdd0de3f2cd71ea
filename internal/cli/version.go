package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which lifeboat this is", Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			if p.format == "json" {
				return writeJSON(p.Stdout, map[string]string{"schema": "lifeboat.version/v1", "version": p.Version})
			}
			_, err := fmt.Fprintf(p.Stdout, "lifeboat version %s\n", p.Version)
			return err
		},
	}
}
