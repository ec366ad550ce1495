package sim

import "slices"

// rootRoutes are the resources above an account.
var rootRoutes = []route{
	{path: "/" + apiVersion + "/Accounts", get: (*Sim).listAccounts, filters: filters("FriendlyName Status")},
	{path: "/" + apiVersion + "/Accounts/{Sid}", get: on(accountAt, show), post: on(accountAt, account.update), takes: plain("FriendlyName Status")},
}

// accountRoutes are the resources of the 2010 API, below an account.
var accountRoutes = slices.Concat(callRoutes, conferenceRoutes, recordingRoutes, messageRoutes, numberRoutes, keyRoutes)

var callRoutes = []route{
	{path: "Calls", get: (*Sim).listCalls, filters: filters("To From ParentCallSid Status StartTime@ EndTime@"),
		post: (*Sim).createCall, takes: createCallParams},
	{path: "Calls/{Sid}", get: on(callAt, show), post: on(callAt, (*Call).update), takes: updateCallParams, del: on(callAt, (*Call).remove)},
	{path: "Calls/{CallSid}/Events", get: on(callAt, (*Call).listEvents), filters: filters("")},
	{path: "Calls/{CallSid}/Notifications", get: on(callAt, (*Call).listNotifications), filters: filters("Log MessageDate@")},
	{path: "Calls/{CallSid}/Notifications/{Sid}", get: on(notificationAt, show)},
	{path: "Calls/{CallSid}/Recordings", get: on(callAt, (*Call).listRecordings), filters: filters("DateCreated@"),
		post: on(callAt, (*Call).startRecording), takes: startRecordingParams},
	{path: "Calls/{CallSid}/Recordings/{Sid}", get: on(recordingKept, show), filters: plain("IncludeSoftDeleted"),
		post: on(recordingAt, (*recording).update), takes: updateRecordingParams, del: on(recordingKept, (*recording).delete)},
	{path: "Calls/{CallSid}/Streams", post: on(callAt, (*Call).createStream), takes: createStreamParams},
	{path: "Calls/{CallSid}/Streams/{Sid}", post: on(forkAt(streams), (*fork).update), takes: stopParams},
	{path: "Calls/{CallSid}/Siprec", post: on(callAt, (*Call).createSiprec), takes: createSiprecParams},
	{path: "Calls/{CallSid}/Siprec/{Sid}", post: on(forkAt(siprecs), (*fork).update), takes: stopParams},
	{path: "Calls/{CallSid}/Transcriptions", post: on(callAt, (*Call).createTranscription), takes: createTranscriptionParams},
	{path: "Calls/{CallSid}/Transcriptions/{Sid}", post: on(forkAt(transcriptions), (*fork).update), takes: stopParams},
	{path: "Calls/{CallSid}/Payments", post: on(callAt, (*Call).createPayment), takes: createPaymentParams},
	{path: "Calls/{CallSid}/Payments/{Sid}", post: on(paymentAt, (*payment).update), takes: updatePaymentParams},
	{path: "Calls/{CallSid}/UserDefinedMessages", post: on(callAt, (*Call).sendMessage), takes: userMessageParams},
	{path: "Calls/{CallSid}/UserDefinedMessageSubscriptions", post: on(callAt, (*Call).subscribeMessages), takes: subscribeParams},
	{path: "Calls/{CallSid}/UserDefinedMessageSubscriptions/{Sid}", del: on(subscriberAt, (*subscriber).remove)},
	{path: "Notifications", get: (*Sim).listNotifications, filters: filters("Log MessageDate@")},
	{path: "Notifications/{Sid}", get: on(notificationAt, show)},
}

var conferenceRoutes = []route{
	{path: "Conferences", get: (*Sim).listConferences, filters: filters("FriendlyName Status DateCreated@ DateUpdated@")},
	{path: "Conferences/{Sid}", get: on(roomAt, show), post: on(roomAt, (*room).update), takes: updateConferenceParams},
	{path: "Conferences/{ConferenceSid}/Participants", get: on(roomAt, (*room).listParticipants), filters: filters("Muted Hold Coaching"),
		post: (*Sim).inviteParticipant, takes: createParticipantParams},
	{path: "Conferences/{ConferenceSid}/Participants/{CallSid}", get: on(participantAt, show),
		post: on(participantAt, participant.update), takes: updateParticipantParams, del: on(participantAt, participant.remove)},
	{path: "Conferences/{ConferenceSid}/Recordings", get: on(roomAt, (*room).listRecordings), filters: filters("DateCreated@")},
	{path: "Conferences/{ConferenceSid}/Recordings/{Sid}", get: on(recordingKept, show),
		post: on(recordingAt, (*recording).update), takes: updateRecordingParams, del: on(recordingKept, (*recording).delete)},
	{path: "Queues", get: (*Sim).listQueues, filters: filters(""), post: (*Sim).createQueue, takes: queueParams},
	{path: "Queues/{Sid}", get: on(queueAt, show), post: on(queueAt, (*queue).update), takes: queueParams, del: on(queueAt, (*queue).remove)},
	{path: "Queues/{QueueSid}/Members", get: on(queueAt, (*queue).listMembers), filters: filters("")},
	{path: "Queues/{QueueSid}/Members/{CallSid}", get: on(memberAt, show), post: on(memberAt, (*waiting).update), takes: updateMemberParams},
}

var recordingRoutes = []route{
	{path: "Recordings", get: (*Sim).listRecordings, filters: filters("CallSid ConferenceSid DateCreated@ IncludeSoftDeleted")},
	{path: "Recordings/{Sid}", get: (*Sim).fetchRecording, filters: plain("IncludeSoftDeleted RequestedChannels"),
		del: on(recordingKept, (*recording).delete)},
	{path: "Recordings/{RecordingSid}/Transcriptions", get: (*Sim).listTexts, filters: filters("")},
	{path: "Recordings/{RecordingSid}/Transcriptions/{Sid}", get: on(textAt, show), del: on(textAt, (*recordingText).remove)},
	{path: "Transcriptions", get: (*Sim).listTexts, filters: filters("")},
	{path: "Transcriptions/{Sid}", get: on(textAt, show), del: on(textAt, (*recordingText).remove)},
}

var messageRoutes = []route{
	{path: "Messages", get: (*Sim).listMessages, filters: filters("To From DateSent@"), post: (*Sim).createMessage, takes: createMessageParams},
	{path: "Messages/{Sid}", get: on(messageAt, show), post: on(messageAt, (*Message).update), takes: updateMessageParams,
		del: on(messageAt, (*Message).remove)},
	{path: "Messages/{MessageSid}/Feedback", post: on(messageAt, (*Message).feedback), takes: words(codeParameter, "confirmed unconfirmed", "Outcome")},
	{path: "Messages/{MessageSid}/Media", get: on(messageAt, (*Message).listMedia), filters: filters("DateCreated@")},
	{path: "Messages/{MessageSid}/Media/{Sid}", get: on(mediaAt, show), del: on(mediaAt, (*media).remove)},
}

var numberFilters = filters("Beta FriendlyName PhoneNumber Origin")

var numberRoutes = []route{
	{path: "IncomingPhoneNumbers", get: listNumbers(""), filters: numberFilters, post: (*Sim).createNumber, takes: createNumberParams},
	{path: "IncomingPhoneNumbers/Local", get: listNumbers("local"), filters: numberFilters, post: (*Sim).createNumber, takes: createNumberParams},
	{path: "IncomingPhoneNumbers/Mobile", get: listNumbers("mobile"), filters: numberFilters, post: (*Sim).createNumber, takes: createNumberParams},
	{path: "IncomingPhoneNumbers/TollFree", get: listNumbers("toll-free"), filters: numberFilters, post: (*Sim).createNumber, takes: createNumberParams},
	{path: "IncomingPhoneNumbers/{Sid}", get: on(numberAt, show), post: on(numberAt, (*phoneNumber).update), takes: updateNumberParams,
		del: on(numberAt, (*phoneNumber).remove)},
	{path: "AvailablePhoneNumbers", get: (*Sim).listCountries, filters: filters("")},
	{path: "AvailablePhoneNumbers/{CountryCode}", get: on(countryAt, show)},
	{path: "AvailablePhoneNumbers/{CountryCode}/Local", get: listAvailable("Local"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/TollFree", get: listAvailable("TollFree"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/Mobile", get: listAvailable("Mobile"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/National", get: listAvailable("National"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/SharedCost", get: listAvailable("SharedCost"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/Voip", get: listAvailable("Voip"), filters: availableFilters},
	{path: "AvailablePhoneNumbers/{CountryCode}/MachineToMachine", get: listAvailable("MachineToMachine"), filters: availableFilters},
	{path: "OutgoingCallerIds", get: (*Sim).listCallerIDs, filters: filters("PhoneNumber FriendlyName"), post: (*Sim).verifyCallerID, takes: verifyParams},
	{path: "OutgoingCallerIds/{Sid}", get: on(theCallerID, show), post: on(theCallerID, (*outgoingCallerID).update), takes: plain("FriendlyName"),
		del: on(theCallerID, (*outgoingCallerID).remove)},
	{path: "Applications", get: (*Sim).listApplications, filters: filters("FriendlyName"), post: (*Sim).createApplication, takes: applicationParams},
	{path: "Applications/{Sid}", get: on(theApplication, show), post: on(theApplication, (*application).update), takes: applicationParams,
		del: on(theApplication, (*application).remove)},
}

var keyRoutes = []route{
	{path: "Balance", get: (*Sim).showBalance},
	{path: "Keys", get: listKeys("keys"), filters: filters(""), post: (*Sim).createKey, takes: short(20002, 64, "FriendlyName")},
	{path: "Keys/{Sid}", get: on(theKey, show), post: (*Sim).updateKey, takes: short(20002, 64, "FriendlyName"), del: (*Sim).deleteKey},
	{path: "SigningKeys", get: listKeys("signing_keys"), filters: filters(""), post: (*Sim).createKey, takes: short(20002, 64, "FriendlyName")},
	{path: "SigningKeys/{Sid}", get: on(theKey, show), post: (*Sim).updateKey, takes: short(20002, 64, "FriendlyName"), del: (*Sim).deleteKey},
	{path: "Tokens", post: (*Sim).createToken, takes: wholes(codeParameter, 1, 86400, "Ttl")},
}
