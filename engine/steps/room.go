package steps

import (
	"strconv"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// participant changes a leg's presence in its room.
type participant struct {
	Leg    string
	Kick   bool
	Music  *engine.Prompt
	Coach  string
	Params []flag
	pos    diag.Pos
}

// flag is a switch of a participant, by the name of the REST parameter.
type flag struct {
	Name string
	On   *expr.Template
}

func participantStep() *spec.StepKind {
	return spec.Action[participant](&spec.Object[participant]{
		Name: "participant", Doc: "Changes a leg's presence in its room.", Example: "participant: {leg: caller, hold: true, music: {play: \"https://example.com/hold.mp3\"}}",
		Fields: []spec.Field[participant]{
			spec.Leg("leg", "the leg", false, func(p *participant) *string { return &p.Leg }).Must(),
			participantFlag("muted", "Muted", "whether the others hear it"),
			participantFlag("hold", "Hold", "whether it hears music instead of the others"),
			spec.Prompt("music", "heard on hold, repeated", func(p *participant) **engine.Prompt { return &p.Music }).Or("defaults.music, else Twilio's own"),
			spec.Leg("coach", "leg that alone hears this one", false, func(p *participant) *string { return &p.Coach }),
			participantFlag("end_on_exit", "EndConferenceOnExit", "whether the room ends when it leaves"),
			participantFlag("beep_on_exit", "BeepOnExit", "whether a beep is heard when it leaves"),
			spec.Bool("kick", "puts it out of the room", func(p *participant) *bool { return &p.Kick }),
		},
		Check: func(d *spec.Decoder, n *spec.Node, p *participant) {
			p.pos = n.Pos
			if p.Kick && len(n.Entries) > 2 {
				d.Diags.Errorf(n.Pos, "participant", "kick goes with nothing else")
			}
			if len(n.Entries) < 2 {
				d.Diags.Errorf(n.Pos, "participant", "this step changes nothing").WithHint("set muted, hold, coach, end_on_exit, beep_on_exit or kick")
			}
		},
	}, spec.StepKind{Becomes: "POST Participants/SID"})
}

func participantFlag(name, twilio, doc string) spec.Field[participant] {
	return spec.Custom(name, "true or false", doc, spec.Schema{"type": []any{"boolean", "string"}}, func(d *spec.Decoder, n *spec.Node, p *participant) {
		slot := new(*expr.Template)
		d.Template(n, expr.WantBool, expr.None, slot)
		d.WhenCompiled(func() { p.Params = append(p.Params, flag{twilio, *slot}) })
	})
}

// Run changes the participant, if the leg is in a room.
func (p *participant) Run(x *engine.Exec) (engine.Control, error) {
	l := x.LegNamed(p.Leg)
	if l == nil || !l.InRoom(l.Room) {
		x.Skip(p.pos, "participant", p.Leg+" is in no room")
		return engine.Control{}, nil
	}
	room := x.RoomAtTwilio(l.Room)
	if p.Kick {
		x.Kicked(l)
		x.Emit(engine.Effect{Kind: engine.KickParticipant, Leg: l.Number, Room: room})
		return engine.Control{}, nil
	}
	params, verify := map[string]string{}, []string{}
	for _, f := range p.Params {
		on, err := f.On.Bool(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		params[f.Name] = strconv.FormatBool(on)
		if f.Name == "EndConferenceOnExit" {
			verify = append(verify, f.Name)
		}
		if f.Name == "Hold" {
			x.Held(l, on)
		}
		if f.Name == "Hold" && on {
			set, err := x.SetHoldMusic(l, p.Music)
			if err != nil {
				return engine.Control{}, err
			}
			if set {
				params["HoldUrl"], params["HoldMethod"] = engine.Path(x.Session().ID, l.Number, l.Turn, engine.URLHold), "POST"
			}
		}
	}
	if p.Coach != "" {
		coached := x.LegNamed(p.Coach)
		if coached == nil || !coached.InRoom(l.Room) {
			x.Skip(p.pos, "participant", p.Coach+" is not in that room")
			return engine.Control{}, nil
		}
		params["Coaching"], params["CallSidToCoach"] = "true", coached.SID
	}
	x.Emit(engine.Effect{Kind: engine.UpdateParticipant, Leg: l.Number, Room: room, Params: params, Verify: verify})
	return engine.Control{}, nil
}

// announce lets a room, or a leg in one, hear a prompt.
type announce struct {
	Room   string
	Leg    string
	Prompt *engine.Prompt
	pos    diag.Pos
}

func announceStep() *spec.StepKind {
	return spec.Action[announce](&spec.Object[announce]{
		Name: "announce", Doc: "Lets everybody in a room, or one leg in a room, hear a prompt.", Example: "announce: {room: line, prompt: One minute left.}",
		Fields: []spec.Field[announce]{
			spec.Room("room", "the room", false, func(a *announce) *string { return &a.Room }),
			spec.Leg("leg", "a leg in a room, instead of the room", false, func(a *announce) *string { return &a.Leg }),
			spec.Prompt("prompt", "what is heard", func(a *announce) **engine.Prompt { return &a.Prompt }).Must(),
		},
		Check: func(d *spec.Decoder, n *spec.Node, a *announce) {
			a.pos = n.Pos
			if (n.Get("room") == nil) == (n.Get("leg") == nil) {
				d.Diags.Errorf(n.Pos, "announce", "announce goes either to a room or to a leg")
			}
		},
	}, spec.StepKind{Becomes: "POST Conferences/SID or Participants/SID"})
}

// Run lets the prompt be heard.
func (a *announce) Run(x *engine.Exec) (engine.Control, error) {
	l := x.LegNamed(a.Leg)
	room := a.Room
	if a.Leg != "" {
		if l == nil || !l.InRoom(l.Room) {
			x.Skip(a.pos, "announce", a.Leg+" is in no room")
			return engine.Control{}, nil
		}
		room = l.Room
	}
	if x.Session().Room(room) == nil {
		x.Skip(a.pos, "announce", "nobody is in the room "+room)
		return engine.Control{}, nil
	}
	path, err := x.AddSay(a.Prompt, l)
	if err != nil {
		return engine.Control{}, err
	}
	e := engine.Effect{Kind: engine.Announce, Lane: "room-" + room, Room: x.RoomAtTwilio(room), Params: map[string]string{"AnnounceUrl": path, "AnnounceMethod": "POST"}}
	if l != nil {
		e.Leg, e.Lane = l.Number, ""
	}
	x.Emit(e)
	return engine.Control{}, nil
}

// endRoom ends a room for everybody.
type endRoom struct {
	Room string
	pos  diag.Pos
}

func endRoomStep() *spec.StepKind {
	return spec.Action[endRoom](&spec.Object[endRoom]{
		Name: "end_room", Doc: "Ends a room: everybody's verb ends with left.", Example: "end_room: line", Short: "room",
		Fields: []spec.Field[endRoom]{
			spec.Room("room", "the room", false, func(e *endRoom) *string { return &e.Room }).Must(),
		},
		Check: func(_ *spec.Decoder, n *spec.Node, e *endRoom) { e.pos = n.Pos },
	}, spec.StepKind{Becomes: "Status=completed of the conference"})
}

// Run ends the room.
func (e *endRoom) Run(x *engine.Exec) (engine.Control, error) {
	if x.Session().Room(e.Room) == nil {
		x.Skip(e.pos, "end_room", "nobody is in the room "+e.Room)
		return engine.Control{}, nil
	}
	x.Emit(engine.Effect{Kind: engine.EndRoom, Lane: "room-" + e.Room, Room: x.RoomAtTwilio(e.Room), Params: map[string]string{"Status": "completed"}})
	return engine.Control{}, nil
}
