package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// recorded reads what the vault knows of the table besides its items. Nil: there is no vault, or it was filled by a Lifeboat that did not record it.
func (u *turn) recorded(ctx context.Context) (*setting.Settings, error) {
	if u.cfg.Vault == nil {
		return nil, nil //nolint:nilnil // no settings is an answer
	}
	b, err := u.vault(ctx)
	if err != nil {
		return nil, err
	}
	s, err := setting.Open(ctx, b, u.place())
	if awscloud.Code(err) == "NoSuchBucket" {
		return nil, nil //nolint:nilnil // a vault that nobody made knows nothing
	}
	if err != nil {
		return nil, b.Explain(err, "the vault's settings of table "+u.cfg.Table.Name+" cannot be read", u.Plan.Site(u.cfg.Vault.Site))
	}
	return s, nil
}

func (u *turn) vault(ctx context.Context) (export.Bucket, error) {
	c, err := u.Sites.At(ctx, u.Plan.Site(u.cfg.Vault.Site))
	if err != nil {
		return export.Bucket{}, err
	}
	return export.Bucket{Store: c.S3, Name: u.cfg.Vault.Bucket}, nil
}

func (u *turn) place() string { return export.Place(u.cfg.App, u.cfg.Home.Name, u.cfg.Table.Name) }

// dress gives the table what it had besides its items, and says so in the outcome; what it cannot is a duty. Where Terraform made the table,
// its code has the word. A time to live comes only now: it deletes items.
func (u *turn) dress(ctx context.Context, was *setting.Settings, made bool, out *step.Outcome) error {
	if was == nil {
		if !made {
			out.Duties = append(out.Duties, step.Duty{Key: "settings", Text: fmt.Sprintf("look at the settings of table %s that its stack does not manage (time to live, tags, point-in-time recovery, stream, resource policy, auto scaling): nobody recorded them, and a restore drops them", u.name)})
		}
		return nil
	}
	live, err := u.settings(ctx, u.name)
	if err != nil {
		return err
	}
	return u.put(ctx, was, live, made, "it was recorded "+was.Taken.UTC().Format("2006-01-02 15:04 MST"), out)
}

// put gives a table the settings that it lacks. As names what they are of, for the duty.
func (u *turn) put(ctx context.Context, was *setting.Settings, live setting.Settings, made bool, as string, out *step.Outcome) error {
	name := live.Table
	got, err := was.Back(ctx, setting.Target{API: u.api, Live: live, Made: made, Ready: func(ctx context.Context) error {
		_, err := u.active(ctx, name)
		return err
	}})
	if err != nil {
		return awscloud.Explain(err, "the settings of table "+name+" cannot be put back", u.call.Site)
	}
	if len(got.Done) > 0 {
		out.Changed = true
		out.Summary += "; put back: " + strings.Join(got.Done, ", ")
	}
	if len(got.Left) > 0 {
		out.Summary += fmt.Sprintf("; %d of its settings are not back", len(got.Left))
		out.Duties = append(out.Duties, step.Duty{Key: "settings", Text: fmt.Sprintf("table %s is not as %s: %s", name, as, strings.Join(got.Left, "; "))})
	}
	return nil
}

// settings reads what a table is besides its items: all that the caller may read of it, or it is an error.
func (u *turn) settings(ctx context.Context, name string) (setting.Settings, error) {
	s, err := setting.Read(ctx, u.api, name, u.Clock.Now())
	if err == nil {
		err = s.Err()
	}
	if err != nil {
		return s, awscloud.Explain(err, "the settings of table "+name+" cannot be read", u.call.Site)
	}
	return s, nil
}

// carried reads what the damaged table is besides its items, and says what of it the table gets that takes its place.
func (u *turn) carried(ctx context.Context, beside string) (was, live setting.Settings, preview string, err error) {
	if was, err = u.settings(ctx, u.name); err != nil {
		return was, live, "", err
	}
	if live, err = u.settings(ctx, beside); err != nil {
		return was, live, "", err
	}
	got, err := was.Preview(ctx, live)
	if len(got.Done) > 0 {
		preview = "It gets what a restore drops: " + strings.Join(got.Done, ", ") + "\n"
	}
	if len(got.Left) > 0 {
		preview += "It does not get: " + strings.Join(got.Left, "; ") + "\n"
	}
	return was, live, preview, err
}
