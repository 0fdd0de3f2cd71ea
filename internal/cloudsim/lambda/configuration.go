package lambda

// configuration is a version of a function as answers show it (FunctionConfiguration).
type configuration struct {
	settings
	FunctionName        string          `json:"FunctionName"`
	FunctionArn         string          `json:"FunctionArn"`
	Version             string          `json:"Version"`
	PackageType         string          `json:"PackageType"`
	CodeSHA256          string          `json:"CodeSha256"`
	CodeSize            int             `json:"CodeSize"`
	Architectures       []string        `json:"Architectures"`
	LastModified        string          `json:"LastModified"`
	RevisionID          string          `json:"RevisionId"`
	State               string          `json:"State"`
	StateReason         string          `json:"StateReason,omitempty"`
	StateReasonCode     string          `json:"StateReasonCode,omitempty"`
	LastUpdateStatus    string          `json:"LastUpdateStatus,omitempty"`
	UpdateReason        string          `json:"LastUpdateStatusReason,omitempty"`
	UpdateReasonCode    string          `json:"LastUpdateStatusReasonCode,omitempty"`
	ImageConfig         *struct{}       `json:"ImageConfig,omitempty"` // hides the setting of that name
	ImageConfigResponse *imageAnswer    `json:"ImageConfigResponse,omitempty"`
	Layers              []layer         `json:"Layers,omitempty"`
	RuntimeVersion      *runtimeVersion `json:"RuntimeVersionConfig,omitempty"`
}

type imageAnswer struct {
	ImageConfig *imageConfig `json:"ImageConfig"`
}

type layer struct {
	Arn string `json:"Arn"`
}

type runtimeVersion struct {
	RuntimeVersionArn string `json:"RuntimeVersionArn"`
}

// describe shows a version; its ARN names the version when qualified.
func (s *Service) describe(q *request, f *function, v *revision, qualified bool) configuration {
	if qualified {
		return s.describeAs(q, f, v, v.Version)
	}
	return s.describeAs(q, f, v, "")
}

// describeAs shows a version under the qualifier that the caller used.
func (s *Service) describeAs(q *request, f *function, v *revision, qualifier string) configuration {
	out := configuration{
		settings: v.settings, FunctionName: f.Name, FunctionArn: f.arn(q, qualifier), Version: v.Version,
		PackageType: v.Code.Package, CodeSHA256: v.Code.SHA256, CodeSize: v.Code.Size, Architectures: v.Architectures,
		LastModified: v.Modified.UTC().Format("2006-01-02T15:04:05.000-0700"), RevisionID: v.ID, State: "Active", LastUpdateStatus: "Successful",
	}
	switch now := s.world.Now(); {
	case now.Sub(f.Created) < creating:
		out.State, out.StateReason, out.StateReasonCode = "Pending", "The function is being created.", "Creating"
		out.LastUpdateStatus = "" // "first set to Successful after function creation completes" (GetFunctionConfiguration)
	case v.Version == latest && now.Sub(f.Updated) < updating:
		out.LastUpdateStatus, out.UpdateReason, out.UpdateReasonCode = "InProgress", "The function is being created.", "Creating" // AWS says created here too
	}
	if v.ImageConfig != nil {
		out.ImageConfigResponse = &imageAnswer{v.ImageConfig}
	}
	for _, arn := range v.Layers {
		out.Layers = append(out.Layers, layer{arn})
	}
	if v.Runtime != "" {
		out.RuntimeVersion = &runtimeVersion{"arn:aws:lambda:" + q.Region + "::runtime:" + hexSum([]byte(v.Runtime))}
	}
	return out
}

func (s *Service) updateConfiguration(r *region, q *request) (any, error) {
	f, err := s.changeable(r, q)
	if err != nil {
		return nil, err
	}
	next, err := f.Latest.changed(q)
	if err != nil {
		return nil, err
	}
	next.fill(f.Name)
	if err := s.check(q.Call, &next); err != nil {
		return nil, err
	}
	f.Latest.settings = next
	return s.touched(q, f), nil
}

func (s *Service) updateCode(r *region, q *request) (any, error) {
	f, err := s.changeable(r, q)
	if err != nil {
		return nil, err
	}
	var in struct {
		codeInput
		Publish, DryRun bool
		Architectures   []string
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	code, err := s.resolve(q.Call, f.Latest.Code.Package, in.codeInput)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		preview := f.Latest
		preview.Code = code
		return s.describe(q, f, &preview, false), nil
	}
	f.Latest.Code = code
	if len(in.Architectures) > 0 {
		f.Latest.Architectures = in.Architectures
	}
	out := s.touched(q, f)
	if in.Publish {
		return s.describe(q, f, s.publish(f, ""), true), nil
	}
	return out, nil
}

// changeable gives the function of a request that changes $LATEST and may say which revision it has seen.
func (s *Service) changeable(r *region, q *request) (*function, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	var in struct {
		RevisionID string `json:"RevisionId"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.RevisionID != "" && in.RevisionID != f.Latest.ID {
		return nil, stale()
	}
	return f, s.busy(q, f)
}

// touched marks a change of $LATEST and shows it.
func (s *Service) touched(q *request, f *function) configuration {
	f.Updated = s.world.Now()
	f.Latest.Modified, f.Latest.ID = f.Updated, s.world.UUID()
	return s.describe(q, f, &f.Latest, false)
}
