package providertest

import (
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestUpstream: firewalls, alarms, zones and certificates, which the cloud lacks, are applied by real terraform through the gateway and
// live in a moto server; in a disaster they are gone with their region or account, although moto goes on; and destroy takes them away.
func TestUpstream(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes two minutes, a provider of 700 MB, and moto")
	}
	b := setup(t, simtest.Home(), cloudsim.Config{Seed: 1, Upstream: simtest.Moto(t)})
	s := stack{name: "edge"}
	b.copied(t, s)
	if !b.live(t, s) {
		return
	}
	regional := []string{"with aws_cloudwatch_metric_alarm.full", "with aws_wafv2_web_acl.edge", "with aws_acm_certificate.api", "with aws_sqs_queue.changes"}
	for _, tc := range []struct {
		disaster sim.Disaster
		fail     []string // resources that cannot be read
		says     string   // how that looks to a client
	}{
		{sim.Disaster{Kind: sim.RegionLost, Region: b.home.Region}, regional, "request send failed"},
		{sim.Disaster{Kind: sim.CredentialsRevoked, Account: b.home.Account}, append(regional, "with aws_route53_zone.pharmacy"), "security token"},
	} {
		if err := b.world.Strike(tc.disaster); err != nil {
			t.Fatal(err)
		}
		said, err := b.terraform(t, s, "plan")
		if err == nil {
			t.Fatalf("%s: the plan succeeds: %s", tc.disaster.Kind, said)
		}
		for _, r := range append(tc.fail, tc.says) {
			if !strings.Contains(said, r) {
				t.Errorf("%s: terraform says nothing of %q", tc.disaster.Kind, r)
			}
		}
		if t.Failed() {
			t.Fatal(said)
		}
		if err := b.world.End(tc.disaster); err != nil {
			t.Fatal(err)
		}
	}
	b.die(t, s)
}
