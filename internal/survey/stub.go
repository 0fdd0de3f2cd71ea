package survey

type unit struct {
	dir, source, stack string
	inputs             *Value
}

func (s *surveyor) readTerragrunt()              {}
func (s *surveyor) unitSources() map[string]bool { return nil }
func (s *surveyor) unitsOf(string) int           { return 0 }
func (s *surveyor) readHints()                   {}
func (s *surveyor) findInstances()               {}
func (s *surveyor) connect()                     {}
func images(*Stack) []*Image                     { return nil }
