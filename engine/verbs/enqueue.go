package verbs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// enqueue puts the caller into a queue, or has TaskRouter find a worker.
type enqueue struct {
	Queue    *expr.Template
	Workflow *expr.Template
	Task     *spec.Tree
	Priority *expr.Template
	Timeout  time.Duration
	Music    *engine.Prompt
	WaitURL  *expr.Template
	Choices  map[string]*engine.Target
	Attrs    engine.Attrs
}

// maxTaskTime is the longest that a task may wait.
// https://www.twilio.com/docs/voice/twiml/enqueue
const maxTaskTime = 14 * 24 * time.Hour

func enqueueVerb() *spec.VerbKind {
	fields := []spec.Field[enqueue]{
		spec.Template("queue", "name of the queue, 1 to 64 characters; it is made when it is missing", expr.WantText, expr.None, func(q *enqueue) **expr.Template { return &q.Queue }),
		spec.Template("workflow", "TaskRouter workflow (WW...) that finds a worker", expr.WantText, expr.None, func(q *enqueue) **expr.Template { return &q.Workflow }),
		spec.TreeField("task", "attributes of the task; values keep their types", func(q *enqueue) **spec.Tree { return &q.Task }),
		spec.Template("priority", "of the task; higher ones come first", expr.WantNumber, expr.None, func(q *enqueue) **expr.Template { return &q.Priority }).Or("0"),
		spec.Duration("task_timeout", "how long the task may wait for a worker", time.Second, maxTaskTime, func(q *enqueue) *time.Duration { return &q.Timeout }).Or("24h"),
		spec.Prompt("music", "heard while waiting, repeated; may read queue.position, size, waited and average", func(q *enqueue) **engine.Prompt { return &q.Music }).
			InQueue().Or("defaults.music, else Twilio's own"),
		spec.Template("wait_url", "address of TwiML instead of music", expr.WantText, expr.URL, func(q *enqueue) **expr.Template { return &q.WaitURL }),
		spec.Custom("choices", "keys -> target", "what a key leads to while waiting", spec.Schema{"type": "object", "additionalProperties": spec.Schema{"$ref": "#/$defs/target"}},
			func(d *spec.Decoder, n *spec.Node, q *enqueue) {
				g := &gather{}
				decodeChoices(d, n, g)
				q.Choices = g.Choices
			}),
	}
	fields = append(fields, spec.Attributes("Enqueue", func(q *enqueue) *engine.Attrs { return &q.Attrs }, "waitUrl", "waitUrlMethod", "workflowSid")...)
	return spec.Verb[enqueue](&spec.Object[enqueue]{
		Name: "enqueue", Doc: "Puts the caller into a queue, or has a TaskRouter workflow find a worker, until somebody takes the call or something leads elsewhere.",
		Example: "enqueue: {queue: support, music: [\"You are number ${queue.position}.\", {play: \"https://example.com/wait.mp3\"}], choices: {1: mailbox}}",
		Fields:  fields,
		Check:   checkEnqueue,
	}, spec.VerbKind{
		Becomes: "<Enqueue>; choices: <Gather>, <Leave> in the wait document",
		Ending:  []string{"completed", "full", "failed"},
		Other:   []string{"answered", "assigned"},
		Waits:   true,
		Never: func(n *spec.Node) map[string]string {
			if n.Get("workflow") != nil {
				return nil
			}
			return map[string]string{"assigned": "only TaskRouter chooses a worker: write workflow instead of queue"}
		},
	})
}

func checkEnqueue(d *spec.Decoder, n *spec.Node, _ *enqueue) {
	queue, workflow := n.Get("queue"), n.Get("workflow")
	if (queue == nil) == (workflow == nil) {
		d.Diags.Errorf(n.Pos, "enqueue", "enqueue has either queue or workflow")
	}
	for _, key := range []string{"task", "priority", "task_timeout"} {
		if of := n.Get(key); of != nil && workflow == nil {
			d.Diags.Errorf(of.Pos, "enqueue", "%s belongs to the task of a workflow", key).WithHint("write workflow instead of queue, or leave it out")
		}
	}
	if workflow != nil && !strings.Contains(workflow.Text, "${") {
		checkWorkflow(d, workflow)
	}
	if task := n.Get("task"); task != nil && task.Kind != spec.Mapping {
		d.Diags.Errorf(task.Pos, "enqueue", "the attributes of a task are a mapping").WithHint("write task: {type: support}")
	}
	for _, key := range []string{"music", "choices"} {
		if n.Get("wait_url") != nil && n.Get(key) != nil {
			d.Diags.Errorf(n.Get(key).Pos, "wait-url", "%s is never heard: what wait_url gives is", key).WithHint("leave one of them out")
		}
	}
}

// checkWorkflow checks a workflow that is written out.
func checkWorkflow(d *spec.Decoder, n *spec.Node) {
	el, _ := twiml.Lookup("Enqueue")
	for i := range el.Attrs {
		if a := &el.Attrs[i]; a.Name == "workflowSid" {
			if err := a.Check(n.Text); err != nil {
				d.Diags.Errorf(n.Pos, "attribute", "workflow: %v", err).WithHint("%s", a.Doc)
			}
		}
	}
}

// ActsAtHangup says that Twilio may request the action when the caller hangs up.
func (q *enqueue) ActsAtHangup() bool { return true }

// Render appends the Enqueue.
func (q *enqueue) Render(t *engine.Turn) error {
	el := twiml.El("Enqueue").Set("action", t.URL(engine.URLAct))
	if err := q.wait(t, el); err != nil {
		return err
	}
	if err := q.Attrs.Apply(t.Exec, el); err != nil {
		return err
	}
	if q.Workflow != nil {
		return q.forTask(t, el)
	}
	name, err := q.Queue.Text(t.Env())
	if err != nil {
		return err
	}
	if n := len([]rune(name)); n < 1 || n > maxQueueName {
		return fmt.Errorf("the name of a queue has 1 to %d characters, not %d", maxQueueName, n)
	}
	t.Append(el.Append(twiml.Text(name)))
	return nil
}

// forTask adds the task that TaskRouter finds a worker for.
func (q *enqueue) forTask(t *engine.Turn, el *twiml.Element) error {
	workflow, err := q.Workflow.Text(t.Env())
	if err != nil {
		return err
	}
	var own []byte
	if q.Task != nil {
		v, err := q.Task.Value(t.Env())
		if err != nil {
			return err
		}
		if own, err = json.Marshal(v); err != nil {
			return err
		}
	}
	attributes, err := t.TaskAttributes(own)
	if err != nil {
		return err
	}
	task := twiml.El("Task", twiml.Text(attributes))
	if q.Priority != nil {
		n, err := q.Priority.Number(t.Env())
		if err != nil {
			return err
		}
		task.SetInt("priority", int(n))
	}
	if q.Timeout > 0 {
		task.SetSeconds("timeout", q.Timeout)
	}
	t.Append(el.Set("workflowSid", workflow).Append(task))
	return nil
}

// wait sets what is heard while waiting. Keys are asked for there, so that choices need
// a document also in silence.
func (q *enqueue) wait(t *engine.Turn, el *twiml.Element) error {
	if q.WaitURL != nil {
		url, err := q.WaitURL.Text(t.Env())
		el.Set("waitUrl", url)
		return err
	}
	music, set := t.Music(q.Music)
	switch {
	case len(q.Choices) > 0:
		el.Set("waitUrl", t.URL(engine.URLWait))
	case !set:
	case music.Silence:
		el.Set("waitUrl", "")
	default:
		el.Set("waitUrl", t.URL(engine.URLWait))
	}
	return nil
}

// Loop gives the next round of the wait. Twilio asks for another one when it is over.
func (q *enqueue) Loop(t *engine.Turn) error {
	music, _ := t.Music(q.Music)
	nodes, err := t.RenderPrompt(music)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		nodes = []twiml.Node{twiml.El("Pause").Set("length", "10")}
	}
	if len(q.Choices) == 0 {
		t.Append(nodes...)
		return nil
	}
	before, nested := splitPrompt(nodes)
	t.Append(before...)
	t.Append(askKeys(q.Choices, t.KeyURL()).Append(nested...))
	return nil
}

// askKeys is a Gather for the keys of choices. It waits for a second after what is heard,
// longer where there may be more keys to come.
func askKeys(choices map[string]*engine.Target, action string) *twiml.Element {
	g := &gather{Choices: choices}
	g.measure()
	el := twiml.El("Gather").Set("action", action)
	if g.length == 1 {
		el.Set("timeout", "1")
	} else {
		el.Set("timeout", "3")
	}
	if g.length > 0 {
		el.Set("numDigits", strconv.Itoa(g.length))
	}
	if g.hash {
		el.Set("finishOnKey", "")
	}
	return el
}

// Key takes keys that were pressed while waiting; what is no choice changes nothing.
func (q *enqueue) Key(t *engine.Turn) error {
	keys := t.Fields["Digits"]
	target := q.Choices[keys]
	if target == nil {
		return nil
	}
	return t.Press(target, engine.Values{"digits": keys})
}

// Act reads how the waiting, or the talk behind it, ended.
// https://www.twilio.com/docs/voice/twiml/enqueue
func (q *enqueue) Act(t *engine.Turn) error {
	waited, _ := strconv.Atoi(t.Fields["QueueTime"])
	switch t.Fields["QueueResult"] {
	case "bridged", "bridging-in-process", "redirected-from-bridged":
		return t.End("completed", engine.Values{"duration": float64(int(t.Talked() / time.Second)), "waited": float64(waited)})
	case "hangup":
		return nil // the caller gave up: hung-up tells
	case "queue-full":
		return t.End("full", engine.Values{"code": float64(codeQueueFull)})
	}
	// error, system-error; leave and redirected, where the flow did neither: the task
	// found nobody in time, or somebody else took the call out.
	if t.HungUp() {
		return nil
	}
	return t.End("failed", engine.Values{"to": "", "code": code(t.Fields)})
}

// codeQueueFull is Twilio's warning about a queue that is full.
// https://www.twilio.com/docs/api/errors/14207
const codeQueueFull = 14207
