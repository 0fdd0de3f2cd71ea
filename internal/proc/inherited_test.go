package proc_test

import (
	"maps"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// A plan variable's value, which may be secret, is not inherited by the programs that we start; everything else is, and ours stays as it is.
func TestPlanVariablesAreNotInherited(t *testing.T) {
	t.Parallel()
	env := proc.Env{"PATH": "/bin", "LIFEBOAT_VAR_token": "t", "LIFEBOAT_PROVIDER_MIRROR": "/m"}
	if got := env.Inherited(); !maps.Equal(got, proc.Env{"PATH": "/bin", "LIFEBOAT_PROVIDER_MIRROR": "/m"}) || len(env) != 3 {
		t.Errorf("inherited %v of %v", got, env)
	}
}
