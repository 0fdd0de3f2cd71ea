package draft

import (
	"fmt"
	"slices"
	"strings"
)

// The places of accounts that nobody named. No AWS account has such a number.
const (
	noAccount        = "000000000001"
	noStandbyAccount = "000000000002"
	noVaultAccount   = "000000000003"
)

// NoVault is the answer that there is no account for a vault.
const NoVault = "none"

func (d *drafter) sites() {
	d.line("site \"primary\" {")
	d.account("account", d.Account, noAccount, "the account in which the application lives", "--account")
	switch {
	case d.Region != "":
		d.line("region = %s", quote(d.Region))
	case d.primary != "":
		d.guess("region = "+quote(d.primary), "the region that the code names most")
	default:
		d.fill("region = "+quote(d.region()), Open{"the region in which the application lives", "--region", d.region()})
	}
	d.line("}\n")
	d.line("site \"standby\" {")
	d.account("account", d.StandbyAccount, noStandbyAccount, "the account in which it is recovered; the same as the primary's, if only the region changes", "--standby-account")
	if d.StandbyRegion != "" {
		d.line("region = %s", quote(d.StandbyRegion))
	} else {
		other := otherRegion(d.region())
		d.fill("region = "+quote(other), Open{"the region in which it is recovered", "--standby-region", other})
	}
	d.line("}\n")
	if !d.vault {
		return
	}
	d.comment("Outside the blast radius of both: it holds the copies that a recovery needs.")
	d.line("site \"vault\" {")
	d.account("account", d.VaultAccount, noVaultAccount, "the account of the vault, which holds copies of images, secrets and data outside of both; `--vault-account none` drafts a plan without one", "--vault-account")
	if d.VaultRegion != "" {
		d.line("region = %s", quote(d.VaultRegion))
	} else {
		region := otherRegion(d.region(), d.standbyRegion())
		d.fill("region = "+quote(region), Open{"the region of the vault", "--vault-region", region})
	}
	d.line("}\n")
}

func (d *drafter) account(key, value, otherwise, what, flag string) {
	if value != "" {
		d.line("%s = %s", key, quote(value))
		return
	}
	d.fill(fmt.Sprintf("%s = %s", key, quote(otherwise)), Open{what, flag, otherwise})
}

func (d *drafter) region() string {
	switch {
	case d.Region != "":
		return d.Region
	case d.primary != "":
		return d.primary
	case d.StandbyRegion != "":
		return otherRegion(d.StandbyRegion)
	}
	return "eu-west-2"
}

func (d *drafter) standbyRegion() string {
	if d.StandbyRegion != "" {
		return d.StandbyRegion
	}
	return otherRegion(d.region())
}

// otherRegion is a region in the neighbourhood that is none of those, to stand there until the user says which.
func otherRegion(not ...string) string {
	near := []string{"eu-west-1", "eu-central-1", "eu-west-2"}
	switch r := not[0]; {
	case strings.HasPrefix(r, "us-gov-"):
		near = []string{"us-gov-west-1", "us-gov-east-1"}
	case strings.HasPrefix(r, "us-"):
		near = []string{"us-west-2", "us-east-2", "us-east-1"}
	case strings.HasPrefix(r, "ap-"):
		near = []string{"ap-southeast-2", "ap-southeast-1", "ap-northeast-1"}
	case strings.HasPrefix(r, "cn-"):
		near = []string{"cn-north-1", "cn-northwest-1"}
	}
	for _, r := range near {
		if !slices.Contains(not, r) {
			return r
		}
	}
	return near[0]
}
