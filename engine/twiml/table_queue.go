package twiml

// queueElements are Enqueue and the Queue noun of Dial.
func queueElements() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Enqueue", Kind: Verb, Source: "/docs/voice/twiml/enqueue", Doc: "Puts the caller into a queue.",
			After: Action, NoAction: NextVerb, HangupAction: true, Children: []string{"Task"}, Max: 1,
			Text: TextRule{Use: MayText, Min: 1, Max: 64, Code: 14205, CodeShort: 14204, Doc: "Name of the queue, made when missing; with workflowSid a Task stands instead."},
			Attrs: []AttrSpec{
				action(14203, "Requested when the caller leaves the queue; the next verb if absent."),
				method("method", 14201),
				{Name: "waitUrl", Type: URL, Code: 14202, Doc: "Document heard while waiting, again and again; empty is silence; Twilio's music if absent."},
				{Name: "waitUrlMethod", Type: Enum, Values: []string{"GET", "POST"}, Default: "POST", Code: 14206, Doc: "HTTP method of waitUrl."},
				{Name: "workflowSid", Type: SID, Values: []string{"WW"}, Code: 14220, Doc: "TaskRouter workflow that gets the task."},
				{Name: "maxQueueSize", Type: Int, Min: 1, Max: 5000, Doc: "Most callers. Only in Twilio's libraries."},
			},
		},
		{
			Name: "Task", Kind: Child, Source: "/docs/voice/twiml/enqueue", Doc: "The task of a TaskRouter workflow.",
			Text: TextRule{Use: MustText, Code: 14221, Doc: "Attributes as a JSON object."},
			Attrs: []AttrSpec{
				{Name: "priority", Type: Int, Doc: "Higher ones first."},
				{Name: "timeout", Type: Seconds, Min: 1, Max: 1209600, Default: "86400", Doc: "How long the task may wait."},
			},
		},
		{
			Name: "Queue", Kind: Noun, Source: "/docs/voice/twiml/queue", Doc: "The first waiting caller of a queue.",
			Text: TextRule{Use: MayText, Min: 1, Max: 64, Code: 14213, CodeShort: 14212, Doc: "Name of the queue; empty with reservationSid."},
			Attrs: []AttrSpec{
				callback("url", 14211, "Document for the waiting caller before the connection."),
				method("method", 14210),
				{Name: "reservationSid", Type: SID, Values: []string{"WR"}, Code: 14215, Doc: "TaskRouter reservation to accept and connect."},
				{Name: "postWorkActivitySid", Type: SID, Values: []string{"WA"}, Code: 14218, Doc: "The worker's activity after the talk."},
			},
		},
	}
}
