package draft

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/derive"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// application is a stack block that was written.
type application struct {
	stack     *survey.Stack
	name      string
	instance  *survey.Instance
	optional  bool
	workspace string
	overlay   []string
	own       values
}

// readings are the ways in which a stack's code is read for its tables.
type readings struct {
	told      survey.Application // with what is known for certain
	asked     survey.Application // and with what stands where the user must fill in
	primary   survey.Application // likewise, at one site
	elsewhere survey.Application
}

func (r readings) all() []survey.Application {
	return []survey.Application{r.told, r.asked, r.primary, r.elsewhere}
}

// readings are those of a stack.
func (d *drafter) readings(a application) readings {
	base := survey.Application{Dir: a.stack.Dir, Overlays: a.overlay, Account: survey.NotKnown(derive.SiteAccount), Region: survey.NotKnown(derive.SiteRegion), Values: map[string]*survey.Value{}}
	if a.instance != nil {
		base.VarFiles = a.instance.VarFiles
	}
	if a.workspace != "" {
		base.Workspace = survey.Of(a.workspace)
	}
	told := base
	if a.own.asked[workspaceOf] {
		told.Workspace = survey.NotKnown(workspaceOf)
	}
	told.Values = map[string]*survey.Value{}
	at := func(p place) survey.Application {
		x := base
		x.Account, x.Region, x.Values = survey.Of(p.account), survey.Of(p.region), map[string]*survey.Value{}
		return x
	}
	primary, standby := d.places()
	r := readings{told: told, asked: base, primary: at(primary), elsewhere: at(standby)}
	for _, v := range []values{d.common, a.own} {
		for name, text := range v.text {
			x := survey.Expression(text)
			told.Values[name], base.Values[name] = x, x
			if v.asked[name] {
				told.Values[name] = survey.NotKnown("var." + name)
			}
			for _, at := range []survey.Application{r.primary, r.elsewhere} {
				switch text {
				case derive.SiteRegion:
					x = at.Region
				case derive.SiteAccount:
					x = at.Account
				}
				at.Values[name] = x
			}
		}
	}
	return r
}

// tables drafts the DynamoDB tables whose data is recovered, and the vault that keeps copies of it.
func (d *drafter) tables() {
	n := 0
	for _, a := range d.stacks {
		if len(a.stack.Of(survey.Managed, "aws_dynamodb_table")) == 0 {
			continue
		}
		r, read := d.readings(a), d.read(a)
		if read.err != nil {
			d.guesses++
			d.comment("guess: stack %s makes tables, whose names cannot be read: %v. Name each in a table block.", a.name, read.err)
			continue
		}
		found := make([][]derive.Table, len(read.stacks))
		for i, st := range read.stacks {
			found[i] = derive.Tables(st, r.all()[i].Region)
		}
		for _, t := range found[1] {
			same := func(o derive.Table) bool { return o.Address == t.Address }
			forms := [4]*derive.Table{}
			for i := range forms {
				if at := slices.IndexFunc(found[i], same); at >= 0 {
					forms[i] = &found[i][at]
				}
			}
			n += d.table(a, forms)
		}
	}
	if n > 0 && d.vault {
		d.exports()
	}
}

// table drafts one table, of which each reading gave a form, or none; it gives how many blocks it wrote.
func (d *drafter) table(a application, forms [4]*derive.Table) int {
	t := forms[1]
	if p := forms[2]; p != nil && p.Away != "" {
		d.comment("%s makes the table %s elsewhere: %s.", t.Resource.At, t.Address, p.Away)
		d.line("")
		return 0
	}
	if strings.Contains(t.Address, "[*]") {
		d.guesses++
		d.comment("guess: %s makes tables under %s: %s. Name each in a table block.", t.Resource.At, t.Address, t.Wrong)
		d.line("")
		return 0
	}
	name := t.Block(a.name, func(name string) bool { return d.taken["table."+name] })
	d.taken["table."+name] = true
	d.comment("Made at %s.", t.Resource.At)
	d.line("table %s {\nin = stack.%s\naddress = %s", quote(name), a.name, quote(t.Address))
	known := func(i int) bool { return forms[i] != nil && forms[i].Wrong == "" }
	template := known(2) && known(3) && d.agree(t.Name, forms[2].Name, forms[3].Name)
	given := d.Values["table."+name]
	switch {
	case given != "":
		d.line("name = %s", quote(given))
	case known(0) && template:
		d.line("name = %s", expression(forms[0].Name))
	case known(1) && template:
		why := "what stands above"
		if forms[0] != nil {
			why = strings.Join(forms[0].Name.Refs(), ", ")
		}
		d.line("name = %s # fill in: it follows from %s", expression(t.Name), oneLine(why))
	case known(2) && known(3):
		d.guess("name = site.name == \"primary\" ? "+expression(forms[2].Name)+" : "+expression(forms[3].Name), "the code computes it from the site")
	default:
		d.fill(`name = "CHANGE-ME"`, Open{"the name of the table " + t.Address + " of stack " + a.name + ": " + t.Wrong, "--value table." + name + "=", "CHANGE-ME"})
	}
	d.guess(`point = "latest"`, "after a mistake or an intruder it is \"before-disaster\"")
	if a.optional {
		d.line("optional = true")
	}
	d.line("}\n")
	return 1
}

// agree tells whether a name that waits for the site becomes, at both sites, what the code gives there: a function may have passed it over.
func (d *drafter) agree(name, primary, standby *survey.Value) bool {
	at := func(account, region string) string {
		return strings.NewReplacer("${"+derive.SiteAccount+"}", account, "${"+derive.SiteRegion+"}", region).Replace(name.Show())
	}
	here, there := d.places()
	return at(here.account, here.region) == primary.Show() && at(there.account, there.region) == standby.Show()
}

// place is an account and a region.
type place struct{ account, region string }

// places are where the application lives, and where it is recovered.
func (d *drafter) places() (primary, standby place) {
	return place{orElse(d.Account, noAccount), d.region()}, place{orElse(d.StandbyAccount, noStandbyAccount), d.standbyRegion()}
}

// expression is a name as a plan writes it, with the site's region and account where it waits for them.
func expression(v *survey.Value) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range v.Parts {
		if p.Hole() {
			b.WriteString("${" + p.Ref + "}")
		} else {
			text := quote(p.Text)
			b.WriteString(text[1 : len(text)-1])
		}
	}
	return b.String() + `"`
}

// exports drafts the bucket that keeps those of the tables.
func (d *drafter) exports() {
	d.comment("Keeps exports of the tables, which `lifeboat protect` makes: run it every hour.")
	d.line("vault {\nsite = site.vault")
	if d.VaultBucket != "" {
		d.line("bucket = %s", quote(d.VaultBucket))
	} else {
		d.guess(`bucket = "`+bucketName(d.Name, "-vault", "-${site.vault.account}")+`"`, "a bucket there that the application's account may write to")
	}
	d.line("}\n")
}
