package verbs

import (
	"errors"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

// maxQueueName is the most characters of a queue's name.
// https://www.twilio.com/docs/voice/twiml/enqueue
const maxQueueName = 64

func isQueue(address string) bool { return strings.HasPrefix(address, "queue:") }

// queueNoun takes the first who waits in a queue. That call is no leg of this one: it has
// its own session, and Twilio tells that one of the connection, too.
func (v *dial) queueNoun(t *engine.Turn, to *target, name string) (*twiml.Element, error) {
	if v.Order == together && len(v.To) > 1 || v.Screen != "" {
		return nil, errors.New("queue:" + name + " is dialled alone and is not asked")
	}
	noun := twiml.El("Queue").Set("url", t.URL(engine.URLQueue))
	if err := to.attrs("Queue").Apply(t.Exec, noun); err != nil {
		return nil, err
	}
	return noun.Append(twiml.Text(name)), nil
}
