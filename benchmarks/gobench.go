package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// results are the metrics of Go benchmarks: by name without the number of cores, by unit, one value a run.
type results map[string]map[string][]float64

// goBench runs benchmarks of one package, count times.
func (b *bench) goBench(ctx context.Context, pkg, pattern, benchtime string, count int) (results, string, error) {
	argv := []string{"go", "test", "-run=^$", "-bench=" + pattern, "-benchtime=" + benchtime, "-count=" + strconv.Itoa(count), pkg}
	how := "`" + strings.ReplaceAll(strings.Join(argv, " "), "-run=^$", "-run='^$'") + "`"
	c, out, err := b.command(ctx, b.root, b.env, argv...)
	if err != nil {
		return nil, how, err
	}
	defer out.Close() //nolint:errcheck // read only from here
	if err := c.Run(); err != nil {
		return nil, how, fmt.Errorf("%s: %w: %s", how, err, tail(out.Name()))
	}
	text, err := os.ReadFile(out.Name())
	return parseBench(string(text)), how, err
}

// parseBench reads what `go test -bench` prints: "BenchmarkName-2   10   123 ns/op   4.5 ms/step".
func parseBench(text string) results {
	r := results{}
	cores := regexp.MustCompile(`-\d+$`)
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		f := strings.Fields(s.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := cores.ReplaceAllString(strings.TrimPrefix(f[0], "Benchmark"), "")
		if r[name] == nil {
			r[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				r[name][f[i+1]] = append(r[name][f[i+1]], v)
			}
		}
	}
	return r
}

// metric fills a figure with one metric. Factor turns the metric's unit into the figure's.
func (r results) metric(f figure, name, unit string, factor float64) figure {
	for _, v := range r[name][unit] {
		f.add(v * factor)
	}
	if len(f.values) == 0 {
		f.skip = "the benchmark did not report it"
	}
	return f
}

// difference fills a figure with what one benchmark takes more than another, run by run.
func (r results) difference(f figure, name, than, unit string, factor float64) figure {
	for i, v := range r[name][unit] {
		if i < len(r[than][unit]) {
			f.add((v - r[than][unit][i]) * factor)
		}
	}
	if len(f.values) == 0 {
		f.skip = "the benchmark did not report it"
	}
	return f
}

func engineFigures(ctx context.Context, b *bench) ([]figure, error) {
	r, how, err := b.goBench(ctx, "./internal/engine/local", ".", "3x", 5)
	if err != nil {
		return nil, err
	}
	load, howLoad, err := b.goBench(ctx, "./internal/planfile", "BenchmarkLoad", "50x", 3)
	if err != nil {
		return nil, err
	}
	return []figure{
		r.metric(figure{name: "a chain of 1,000 no-op steps with a durable journal, for each step", most: 1, unit: "ms", how: how}, "Chain", "ms/step", 1),
		r.metric(figure{name: "10,000 steps, 50 wide, with a durable journal", most: 5, unit: "s", how: "same"}, "Wide", "s/run", 1),
		r.metric(figure{name: "memory that the process then has from the system", most: 100, unit: "MB", how: "same"}, "Wide", "MB-from-system", 1),
		r.metric(figure{name: "from nothing to the first of 100 steps at work", most: 30, unit: "ms", how: "same"}, "FirstStep", "ms-to-first", 1),
		r.metric(figure{name: "a seeded graph of 500 steps of 20 ms, against its critical path", most: 1.05, unit: "x", how: "same"}, "Makespan", "x-critical-path", 1),
		load.metric(figure{name: "reading and checking the plan of the language's reference", most: 5, unit: "ms", how: howLoad}, "Load", "ns/op", 1e-6),
	}, nil
}

func imageFigures(ctx context.Context, b *bench) ([]figure, error) {
	r, how, err := b.goBench(ctx, "./internal/steps/image", "BenchmarkCopy", "10x", 3)
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, x := range []struct{ name, title string }{{"image", "one image, 8 layers of 8 MB"}, {"index", "an index of 8 small images"}} {
		name := "Copy/" + x.name
		out = append(out,
			r.metric(figure{name: x.title + ": `crane copy`", unit: "ms", how: how}, name, "crane-ms", 1),
			r.metric(figure{name: x.title + ": Lifeboat, in the same run", unit: "ms", how: "same"}, name, "lifeboat-ms", 1),
			r.metric(figure{name: x.title + ": Lifeboat against crane", most: 1, unit: "x", how: "same"}, name, "ratio", 1),
		)
	}
	return out, nil
}
