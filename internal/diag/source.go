package diag

// Sources holds the text of the files that diagnostics point into, by Range.File. A file that is not there is shown by its name only: files that
// may hold secrets are left out on purpose.
type Sources map[string][]byte

// line gives the line that a range starts on, without its line end, and the range's first and last byte within it. A range over several
// lines ends with its first.
func (s Sources) line(r Range) (text []byte, from, to int, ok bool) {
	src, ok := s[r.File]
	if !ok || r.File == "" || r.Start.Byte < 0 || r.Start.Byte > len(src) {
		return nil, 0, 0, false
	}
	begin := r.Start.Byte
	for begin > 0 && src[begin-1] != '\n' {
		begin--
	}
	end := r.Start.Byte
	for end < len(src) && src[end] != '\n' {
		end++
	}
	text = src[begin:end]
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	from = min(r.Start.Byte-begin, len(text))
	to = min(max(r.End.Byte-begin, from), len(text))
	return text, from, to, true
}
