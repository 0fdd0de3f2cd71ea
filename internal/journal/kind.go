package journal

// Kind names an event in the journal's text.
type Kind string

// The kinds of events.
const (
	KindRunStarted    Kind = "run_started"
	KindRunResumed    Kind = "run_resumed"
	KindPlanChanged   Kind = "plan_changed"
	KindMarked        Kind = "marked"
	KindStepProbed    Kind = "step_probed"
	KindStepStarted   Kind = "step_started"
	KindStepProgress  Kind = "step_progress"
	KindStepSucceeded Kind = "step_succeeded"
	KindDutyDone      Kind = "duty_done"
	KindStepSkipped   Kind = "step_skipped"
	KindStepFailed    Kind = "step_failed"
	KindGateOpened    Kind = "gate_opened"
	KindGateDecided   Kind = "gate_decided"
	KindStopRequested Kind = "stop_requested"
	KindRunFinished   Kind = "run_finished"
)

// Kind is run_started.
func (RunStarted) Kind() Kind { return KindRunStarted }

// Kind is run_resumed.
func (RunResumed) Kind() Kind { return KindRunResumed }

// Kind is plan_changed.
func (PlanChanged) Kind() Kind { return KindPlanChanged }

// Kind is marked.
func (Marked) Kind() Kind { return KindMarked }

// Kind is step_probed.
func (StepProbed) Kind() Kind { return KindStepProbed }

// Kind is step_started.
func (StepStarted) Kind() Kind { return KindStepStarted }

// Kind is step_progress.
func (StepProgress) Kind() Kind { return KindStepProgress }

// Kind is step_succeeded.
func (StepSucceeded) Kind() Kind { return KindStepSucceeded }

// Kind is duty_done.
func (DutyDone) Kind() Kind { return KindDutyDone }

// Kind is step_skipped.
func (StepSkipped) Kind() Kind { return KindStepSkipped }

// Kind is step_failed.
func (StepFailed) Kind() Kind { return KindStepFailed }

// Kind is gate_opened.
func (GateOpened) Kind() Kind { return KindGateOpened }

// Kind is gate_decided.
func (GateDecided) Kind() Kind { return KindGateDecided }

// Kind is stop_requested.
func (StopRequested) Kind() Kind { return KindStopRequested }

// Kind is run_finished.
func (RunFinished) Kind() Kind { return KindRunFinished }

func (RunStarted) sealed()    {}
func (RunResumed) sealed()    {}
func (PlanChanged) sealed()   {}
func (Marked) sealed()        {}
func (StepProbed) sealed()    {}
func (StepStarted) sealed()   {}
func (StepProgress) sealed()  {}
func (StepSucceeded) sealed() {}
func (DutyDone) sealed()      {}
func (StepSkipped) sealed()   {}
func (StepFailed) sealed()    {}
func (GateOpened) sealed()    {}
func (GateDecided) sealed()   {}
func (StopRequested) sealed() {}
func (RunFinished) sealed()   {}
