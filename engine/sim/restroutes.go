package sim

import (
	"slices"

	"github.com/ringdown/ringdown/engine/sim/rest"
	"github.com/ringdown/ringdown/engine/sim/taskrouter"
)

type (
	route   = rest.Route[*Sim]
	handler = rest.Handler[*Sim] // mu is held
)

// accountPath is where the resources of accountRoutes live.
const accountPath = "/" + apiVersion + "/Accounts/{AccountSid}/"

// routes is the whole REST API. TaskRouter has a host of its own at Twilio; its
// paths are served beside the others.
var routes = rest.Table(rootRoutes, rest.Under(accountPath, accountRoutes), rest.For(taskRouterOf, taskrouter.Routes()))

func taskRouterOf(s *Sim) *taskrouter.Router { return s.taskRouter }

// Resource is one path of the REST API that the simulator serves, as Twilio's
// OpenAPI documents write it, with the parameters that it knows.
type Resource struct {
	Path    string   // {NAME} stands for one part of it
	Methods []string // GET, POST, DELETE
	Filters []string // query parameters of GET, in order of their names
	Takes   []string // form parameters of POST, in order of their names
}

// Resources lists the REST API.
func Resources() []Resource {
	var all []Resource
	for _, r := range routes {
		all = append(all, Resource{Path: r.Path, Methods: r.Methods(), Filters: r.Filters.Names(), Takes: r.Takes.Names()})
	}
	return all
}

// rootRoutes are the resources above an account.
var rootRoutes = []route{
	{Path: "/" + apiVersion + "/Accounts", Get: (*Sim).listAccounts, Filters: rest.Filters("FriendlyName Status")},
	{Path: "/" + apiVersion + "/Accounts/{Sid}", Get: rest.On(accountAt, rest.Show), Post: rest.On(accountAt, account.update), Takes: rest.Plain("FriendlyName Status")},
}

// accountRoutes are the resources of the 2010 API, below an account.
var accountRoutes = slices.Concat(callRoutes, conferenceRoutes, recordingRoutes, messageRoutes, numberRoutes, keyRoutes)

var callRoutes = []route{
	{Path: "Calls", Get: (*Sim).listCalls, Filters: rest.Filters("To From ParentCallSid Status StartTime@ EndTime@"),
		Post: (*Sim).createCall, Takes: createCallParams},
	{Path: "Calls/{Sid}", Get: rest.On(callAt, rest.Show), Post: rest.On(callAt, (*Call).update), Takes: updateCallParams, Delete: rest.On(callAt, (*Call).remove)},
	{Path: "Calls/{CallSid}/Events", Get: rest.On(callAt, (*Call).listEvents), Filters: rest.Filters("")},
	{Path: "Calls/{CallSid}/Notifications", Get: rest.On(callAt, (*Call).listNotifications), Filters: rest.Filters("Log MessageDate@")},
	{Path: "Calls/{CallSid}/Notifications/{Sid}", Get: rest.On(notificationAt, rest.Show)},
	{Path: "Calls/{CallSid}/Recordings", Get: rest.On(callAt, (*Call).listRecordings), Filters: rest.Filters("DateCreated@"),
		Post: rest.On(callAt, (*Call).startRecording), Takes: startRecordingParams},
	{Path: "Calls/{CallSid}/Recordings/{Sid}", Get: rest.On(recordingKept, rest.Show), Filters: rest.Plain("IncludeSoftDeleted"),
		Post: rest.On(recordingAt, (*recording).update), Takes: updateRecordingParams, Delete: rest.On(recordingKept, (*recording).delete)},
	{Path: "Calls/{CallSid}/Streams", Post: rest.On(callAt, (*Call).createStream), Takes: createStreamParams},
	{Path: "Calls/{CallSid}/Streams/{Sid}", Post: rest.On(forkAt(streams), (*fork).update), Takes: stopParams},
	{Path: "Calls/{CallSid}/Siprec", Post: rest.On(callAt, (*Call).createSiprec), Takes: createSiprecParams},
	{Path: "Calls/{CallSid}/Siprec/{Sid}", Post: rest.On(forkAt(siprecs), (*fork).update), Takes: stopParams},
	{Path: "Calls/{CallSid}/Transcriptions", Post: rest.On(callAt, (*Call).createTranscription), Takes: createTranscriptionParams},
	{Path: "Calls/{CallSid}/Transcriptions/{Sid}", Post: rest.On(forkAt(transcriptions), (*fork).update), Takes: stopParams},
	{Path: "Calls/{CallSid}/Payments", Post: rest.On(callAt, (*Call).createPayment), Takes: createPaymentParams},
	{Path: "Calls/{CallSid}/Payments/{Sid}", Post: rest.On(paymentAt, (*payment).update), Takes: updatePaymentParams},
	{Path: "Calls/{CallSid}/UserDefinedMessages", Post: rest.On(callAt, (*Call).sendMessage), Takes: userMessageParams},
	{Path: "Calls/{CallSid}/UserDefinedMessageSubscriptions", Post: rest.On(callAt, (*Call).subscribeMessages), Takes: subscribeParams},
	{Path: "Calls/{CallSid}/UserDefinedMessageSubscriptions/{Sid}", Delete: rest.On(subscriberAt, (*subscriber).remove)},
	{Path: "Notifications", Get: (*Sim).listNotifications, Filters: rest.Filters("Log MessageDate@")},
	{Path: "Notifications/{Sid}", Get: rest.On(notificationAt, rest.Show)},
}

var conferenceRoutes = []route{
	{Path: "Conferences", Get: (*Sim).listConferences, Filters: rest.Filters("FriendlyName Status DateCreated@ DateUpdated@")},
	{Path: "Conferences/{Sid}", Get: rest.On(roomAt, rest.Show), Post: rest.On(roomAt, (*room).update), Takes: updateConferenceParams},
	{Path: "Conferences/{ConferenceSid}/Participants", Get: rest.On(roomAt, (*room).listParticipants), Filters: rest.Filters("Muted Hold Coaching"),
		Post: (*Sim).inviteParticipant, Takes: createParticipantParams},
	{Path: "Conferences/{ConferenceSid}/Participants/{CallSid}", Get: rest.On(participantAt, rest.Show),
		Post: rest.On(participantAt, participant.update), Takes: updateParticipantParams, Delete: rest.On(participantAt, participant.remove)},
	{Path: "Conferences/{ConferenceSid}/Recordings", Get: rest.On(roomAt, (*room).listRecordings), Filters: rest.Filters("DateCreated@")},
	{Path: "Conferences/{ConferenceSid}/Recordings/{Sid}", Get: rest.On(recordingKept, rest.Show),
		Post: rest.On(recordingAt, (*recording).update), Takes: updateRecordingParams, Delete: rest.On(recordingKept, (*recording).delete)},
	{Path: "Queues", Get: (*Sim).listQueues, Filters: rest.Filters(""), Post: (*Sim).createQueue, Takes: queueParams},
	{Path: "Queues/{Sid}", Get: rest.On(queueAt, rest.Show), Post: rest.On(queueAt, (*queue).update), Takes: queueParams, Delete: rest.On(queueAt, (*queue).remove)},
	{Path: "Queues/{QueueSid}/Members", Get: rest.On(queueAt, (*queue).listMembers), Filters: rest.Filters("")},
	{Path: "Queues/{QueueSid}/Members/{CallSid}", Get: rest.On(memberAt, rest.Show), Post: rest.On(memberAt, (*waiting).update), Takes: updateMemberParams},
}

var recordingRoutes = []route{
	{Path: "Recordings", Get: (*Sim).listRecordings, Filters: rest.Filters("CallSid ConferenceSid DateCreated@ IncludeSoftDeleted")},
	{Path: "Recordings/{Sid}", Get: (*Sim).fetchRecording, Filters: rest.Plain("IncludeSoftDeleted RequestedChannels"),
		Delete: rest.On(recordingKept, (*recording).delete)},
	{Path: "Recordings/{RecordingSid}/Transcriptions", Get: (*Sim).listTexts, Filters: rest.Filters("")},
	{Path: "Recordings/{RecordingSid}/Transcriptions/{Sid}", Get: rest.On(textAt, rest.Show), Delete: rest.On(textAt, (*recordingText).remove)},
	{Path: "Transcriptions", Get: (*Sim).listTexts, Filters: rest.Filters("")},
	{Path: "Transcriptions/{Sid}", Get: rest.On(textAt, rest.Show), Delete: rest.On(textAt, (*recordingText).remove)},
}

var messageRoutes = []route{
	{Path: "Messages", Get: (*Sim).listMessages, Filters: rest.Filters("To From DateSent@"), Post: (*Sim).createMessage, Takes: createMessageParams},
	{Path: "Messages/{Sid}", Get: rest.On(messageAt, rest.Show), Post: rest.On(messageAt, (*Message).update), Takes: updateMessageParams,
		Delete: rest.On(messageAt, (*Message).remove)},
	{Path: "Messages/{MessageSid}/Feedback", Post: rest.On(messageAt, (*Message).feedback), Takes: rest.Words(rest.CodeParameter, "confirmed unconfirmed", "Outcome")},
	{Path: "Messages/{MessageSid}/Media", Get: rest.On(messageAt, (*Message).listMedia), Filters: rest.Filters("DateCreated@")},
	{Path: "Messages/{MessageSid}/Media/{Sid}", Get: rest.On(mediaAt, rest.Show), Delete: rest.On(mediaAt, (*media).remove)},
}

var numberFilters = rest.Filters("Beta FriendlyName PhoneNumber Origin")

var numberRoutes = []route{
	{Path: "IncomingPhoneNumbers", Get: listNumbers(""), Filters: numberFilters, Post: (*Sim).createNumber, Takes: createNumberParams},
	{Path: "IncomingPhoneNumbers/Local", Get: listNumbers("local"), Filters: numberFilters, Post: (*Sim).createNumber, Takes: createNumberParams},
	{Path: "IncomingPhoneNumbers/Mobile", Get: listNumbers("mobile"), Filters: numberFilters, Post: (*Sim).createNumber, Takes: createNumberParams},
	{Path: "IncomingPhoneNumbers/TollFree", Get: listNumbers("toll-free"), Filters: numberFilters, Post: (*Sim).createNumber, Takes: createNumberParams},
	{Path: "IncomingPhoneNumbers/{Sid}", Get: rest.On(numberAt, rest.Show), Post: rest.On(numberAt, (*phoneNumber).update), Takes: updateNumberParams,
		Delete: rest.On(numberAt, (*phoneNumber).remove)},
	{Path: "AvailablePhoneNumbers", Get: (*Sim).listCountries, Filters: rest.Filters("")},
	{Path: "AvailablePhoneNumbers/{CountryCode}", Get: rest.On(countryAt, rest.Show)},
	{Path: "AvailablePhoneNumbers/{CountryCode}/Local", Get: listAvailable("Local"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/TollFree", Get: listAvailable("TollFree"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/Mobile", Get: listAvailable("Mobile"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/National", Get: listAvailable("National"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/SharedCost", Get: listAvailable("SharedCost"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/Voip", Get: listAvailable("Voip"), Filters: availableFilters},
	{Path: "AvailablePhoneNumbers/{CountryCode}/MachineToMachine", Get: listAvailable("MachineToMachine"), Filters: availableFilters},
	{Path: "OutgoingCallerIds", Get: (*Sim).listCallerIDs, Filters: rest.Filters("PhoneNumber FriendlyName"), Post: (*Sim).verifyCallerID, Takes: verifyParams},
	{Path: "OutgoingCallerIds/{Sid}", Get: rest.On(theCallerID, rest.Show), Post: rest.On(theCallerID, (*outgoingCallerID).update), Takes: rest.Plain("FriendlyName"),
		Delete: rest.On(theCallerID, (*outgoingCallerID).remove)},
	{Path: "Applications", Get: (*Sim).listApplications, Filters: rest.Filters("FriendlyName"), Post: (*Sim).createApplication, Takes: applicationParams},
	{Path: "Applications/{Sid}", Get: rest.On(theApplication, rest.Show), Post: rest.On(theApplication, (*application).update), Takes: applicationParams,
		Delete: rest.On(theApplication, (*application).remove)},
}

var keyRoutes = []route{
	{Path: "Balance", Get: (*Sim).showBalance},
	{Path: "Keys", Get: listKeys("keys"), Filters: rest.Filters(""), Post: (*Sim).createKey, Takes: rest.Short(20002, 64, "FriendlyName")},
	{Path: "Keys/{Sid}", Get: rest.On(theKey, rest.Show), Post: (*Sim).updateKey, Takes: rest.Short(20002, 64, "FriendlyName"), Delete: (*Sim).deleteKey},
	{Path: "SigningKeys", Get: listKeys("signing_keys"), Filters: rest.Filters(""), Post: (*Sim).createKey, Takes: rest.Short(20002, 64, "FriendlyName")},
	{Path: "SigningKeys/{Sid}", Get: rest.On(theKey, rest.Show), Post: (*Sim).updateKey, Takes: rest.Short(20002, 64, "FriendlyName"), Delete: (*Sim).deleteKey},
	{Path: "Tokens", Post: (*Sim).createToken, Takes: rest.Wholes(rest.CodeParameter, 1, 86400, "Ttl")},
}
