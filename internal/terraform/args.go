package terraform

import "strconv"

// The arguments of the commands. Nothing here is a value: variables and settings go through files and standard input.

func initArgs(backend bool) []string {
	args := []string{"init", "-json", "-input=false", "-no-color"}
	if !backend {
		args = append(args, "-backend=false")
	}
	return args
}

// planArgs reads the plan's variables last, from standard input, so that they win over the files.
func planArgs(out string, varFiles []string, parallel int, lockTimeout string) []string {
	args := []string{"plan", "-json", "-input=false", "-detailed-exitcode", "-out=" + out, "-lock-timeout=" + lockTimeout}
	for _, f := range varFiles {
		args = append(args, "-var-file="+f)
	}
	args = append(args, "-var-file=/dev/stdin")
	return parallelism(args, parallel)
}

func applyArgs(plan string, parallel int, lockTimeout string) []string {
	return append(parallelism([]string{"apply", "-json", "-input=false", "-lock-timeout=" + lockTimeout}, parallel), plan)
}

func parallelism(args []string, n int) []string {
	if n > 0 {
		args = append(args, "-parallelism="+strconv.Itoa(n))
	}
	return args
}

func outputArgs() []string { return []string{"output", "-json", "-no-color"} }

func showArgs(plan string) []string { return []string{"show", "-json", "-no-color", plan} }

func unlockArgs(id string) []string { return []string{"force-unlock", "-force", "-no-color", id} }

func rmArgs(addresses []string, lockTimeout string) []string {
	return append([]string{"state", "rm", "-lock-timeout=" + lockTimeout}, addresses...)
}

func pushArgs(file string) []string { return []string{"state", "push", file} }
