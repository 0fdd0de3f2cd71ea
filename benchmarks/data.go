package main

import "context"

// dataFigures are those of the data of tables. The stub server is in the process that is measured, so that the figures are lower bounds.
func dataFigures(ctx context.Context, b *bench) ([]figure, error) {
	load, how, err := b.goBench(ctx, "./internal/data/load", "BenchmarkLoad$", "2x", 3)
	if err != nil {
		return nil, err
	}
	figures := []figure{
		load.metric(figure{name: "items a second of prepared batches, 16 at once, with the SDK alone against a stub server: the ceiling", how: how}, "Load", "ceiling/s", 1),
		load.metric(figure{name: "items of 450 B a second that a load writes from an export, against the same server in turn", how: "same"}, "Load", "items/s", 1),
		load.metric(figure{name: "load against the ceiling", unit: "%", most: 80, least: true, how: "same"}, "Load", "%ceiling", 1),
		load.metric(figure{name: "the same by the CPU time that an item takes", unit: "%", how: "same"}, "Load", "%ceiling-cpu", 1),
	}
	memory, how, err := b.goBench(ctx, "./internal/data/load", "BenchmarkLoadMemory", "1x", 1)
	if err != nil {
		return figures, err
	}
	figures = append(figures, memory.metric(figure{name: "largest resident size while 1,000,000 items are checked and loaded, stub server included", unit: "MB", most: 120, how: how}, "LoadMemory", "MB", 1))
	digest, how, err := b.goBench(ctx, "./internal/data/item", "BenchmarkDigest", "1s", 3)
	if err != nil {
		return figures, err
	}
	figures = append(figures, digest.metric(figure{name: "items of 450 B a second into a digest, one core", most: 300_000, least: true, how: how}, "Digest", "items/s", 1))
	rewind, how, err := b.goBench(ctx, "./internal/data/rewind", "BenchmarkRewind/1M", "1x", 1)
	if err != nil {
		return figures, err
	}
	return append(figures,
		rewind.metric(figure{name: "items a second that the SDK alone reads of two tables, 8 segments at once, from a stub server: the ceiling", how: how}, "Rewind/1M", "ceiling-reads/s", 1),
		rewind.metric(figure{name: "items a second that a rewind of 1% of 1,000,000 reads, from its first read to its last write", how: "same"}, "Rewind/1M", "reads/s", 1),
		rewind.metric(figure{name: "its reads against the ceiling", unit: "%", most: 70, least: true, how: "same"}, "Rewind/1M", "%ceiling", 1),
		rewind.metric(figure{name: "the same by the CPU time that a read takes", unit: "%", how: "same"}, "Rewind/1M", "%ceiling-cpu", 1),
		rewind.metric(figure{name: "its writes, of the table's items", unit: "%", most: 1, how: "same"}, "Rewind/1M", "%written", 1),
	), nil
}
